/** Data quality runs as they are kept: those that evaluate rulesets over a table, and those that recommend one. */
import { createHash } from 'node:crypto'
import type { DataQualityRulesetEvaluationRunFilter, DataSource, TaskStatusType } from '@aws-sdk/client-glue'
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { type Due, dueQueue } from '../../delivery/due.ts'
import type { ProcessIdentity } from '../../engines/jobs/orphans.ts'
import type { TraceRef } from '../../observe/traces.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { isSameSource } from './dataQualityResults.ts'
import { isWithin } from './dataQualityRulesets.ts'
import { jobEngine } from './engine.ts'
import { dateOf } from './names.ts'
import { mustGetTable } from './tables.ts'

const { ConflictException, EntityNotFoundException, InvalidInputException } = awsErrors('glue')

export interface EvaluationOrder {
  kind: 'evaluation'
  /** As they were when the run was started. */
  rulesets: { name: string; text: string }[]
  additionalSources: Record<string, DataSource>
  options: {
    CloudWatchMetricsEnabled?: boolean
    ResultsS3Prefix?: string
    CompositeRuleEvaluationMethod?: 'COLUMN' | 'ROW'
    CustomLogGroupPrefix?: string
  }
  resultIds: string[]
}

export interface RecommendationOrder {
  kind: 'recommendation'
  createdRulesetName?: string
  recommended?: string
  customLogGroupPrefix?: string
}

export interface QualityRun {
  id: string
  source: DataSource
  role: string
  workers: number
  timeoutMinutes: number
  status: TaskStatusType
  error?: string
  startedAt: Millis
  updatedAt: Millis
  completedAt?: Millis
  executionSeconds: number
  order: EvaluationOrder | RecommendationOrder
  /** Its process group, once there is one; `session` is the server's start that made it. */
  process?: ProcessIdentity & { session: string }
  trace: TraceRef
}

export const qualityRuns = collection<QualityRun>('glue/data-quality-runs', { version: 1, key: ({ id }) => [id] })

/** Newest last, each kind by itself. */
export const qualityRunOrder = collection<{ kind: string; startedAt: Millis; id: string }>(
  'glue/data-quality-run-order',
  { version: 1, key: ({ kind, startedAt, id }) => [kind, startedAt, id] },
)

/** Which run a client's token stands for, and what was asked with it. */
const clientTokens = collection<{ token: string; asked: string; runId: string }>('glue/data-quality-run-tokens', {
  version: 1,
  key: ({ token }) => [token],
})

export const dueQualityRuns = dueQueue<Due>('glue/data-quality-runs')

const workersDefault = 5
const timeoutMinutesDefault = 2880

export interface RunRequest {
  DataSource: DataSource
  Role: string
  NumberOfWorkers?: number | undefined
  Timeout?: number | undefined
  ClientToken?: string | undefined
}

/** Errors: ConflictException where a token stands for another request. */
export function startQualityRun(tx: Tx, request: RunRequest, order: QualityRun['order']): QualityRun {
  const asked = createHash('sha256')
    .update(JSON.stringify([request, order]))
    .digest('hex')
  const token = request.ClientToken && `${order.kind} ${request.ClientToken}`
  const known = token ? tx.in(clientTokens).get(token) : undefined
  const earlier = known && tx.in(qualityRuns).get(known.runId)
  if (known && known.asked !== asked)
    throw ConflictException(`ClientToken ${request.ClientToken} was given with another request.`)
  if (earlier) return earlier
  const run: QualityRun = {
    id: `${order.kind === 'evaluation' ? 'dqrun' : 'dqrrun'}-${tx.random.hex(40)}`,
    source: request.DataSource,
    role: request.Role,
    workers: request.NumberOfWorkers ?? workersDefault,
    timeoutMinutes: request.Timeout ?? timeoutMinutesDefault,
    status: 'STARTING',
    startedAt: tx.now,
    updatedAt: tx.now,
    executionSeconds: 0,
    order,
    trace: tx.trace,
  }
  tx.in(qualityRuns).put(run)
  tx.in(qualityRunOrder).put({ kind: order.kind, startedAt: run.startedAt, id: run.id })
  tx.due(dueQualityRuns).put({ id: run.id, dueAt: tx.now, trace: tx.trace })
  if (token) tx.in(clientTokens).put({ token, asked, runId: run.id })
  return run
}

export function putQualityRun(tx: Tx, run: QualityRun): QualityRun {
  const changed = { ...run, updatedAt: tx.now }
  tx.in(qualityRuns).put(changed)
  return changed
}

/** Errors: EntityNotFoundException. */
export function mustGetQualityRun(ctx: Pick<Context | Tx, 'in' | 'account'>, id: string, kind: string): QualityRun {
  const run = ctx.in(qualityRuns).get(id)
  if (run?.order.kind === kind) return run
  const what = kind === 'evaluation' ? 'Ruleset Evaluation Run' : 'Rule Recommendation Run'
  throw EntityNotFoundException(`Cannot find Data Quality ${what} in account ${ctx.account} with id ${id}`)
}

const stoppable: readonly TaskStatusType[] = ['STARTING', 'RUNNING']

/** The record says STOPPING before the process is told. Errors: EntityNotFoundException, InvalidInputException. */
export async function cancelQualityRun(ctx: Context, id: string, kind: string): Promise<void> {
  await ctx.commit((tx) => {
    const run = mustGetQualityRun(tx, id, kind)
    if (run.status === 'STOPPING') return
    if (!stoppable.includes(run.status))
      throw InvalidInputException(`Run ${id} is in state ${run.status} and cannot be cancelled.`)
    putQualityRun(tx, { ...run, status: 'STOPPING' })
  })
  ctx.use(jobEngine).stop(id)
}

/** Those that pass the filter, the newest first. */
export function newestRuns(
  ctx: Context,
  kind: string,
  { DataSource: source, StartedAfter, StartedBefore }: DataQualityRulesetEvaluationRunFilter | Record<string, never>,
): QualityRun[] {
  return [...ctx.in(qualityRunOrder).list({ prefix: [kind], reverse: true })].flatMap(({ id }) => {
    const run = ctx.in(qualityRuns).get(id)
    const isWanted =
      run &&
      (source === undefined || isSameSource(source, run.source)) &&
      isWithin(run.startedAt, StartedAfter, StartedBefore)
    return isWanted ? [run] : []
  })
}

/** Errors: InvalidInputException, EntityNotFoundException; NotImplemented for what a table's source may ask beside itself. */
export function checkSource(tx: Tx, { GlueTable, DataQualityGlueTable }: DataSource): void {
  const table = GlueTable ?? DataQualityGlueTable
  if (!table?.DatabaseName || !table.TableName) throw InvalidInputException('DataSource must have a GlueTable.')
  if (table.ConnectionName) throw NotImplemented('glue: a data quality run over a connection')
  if (DataQualityGlueTable?.PreProcessingQuery)
    throw NotImplemented('glue: a data quality run with a PreProcessingQuery')
  const unknown = Object.keys(table.AdditionalOptions ?? {}).find((name) => !tableOptions.includes(name))
  if (unknown) throw InvalidInputException(`The option ${unknown} of a table is not one of ${tableOptions.join(', ')}.`)
  mustGetTable(tx, table.DatabaseName, table.TableName)
}

const tableOptions = ['pushDownPredicate', 'catalogPartitionPredicate']

/** Options of AWS's that this server does not do, refused by name. */
export function refuseOptions(options: object | undefined, known: readonly string[]): void {
  const unknown = Object.entries(options ?? {}).find(([name, value]) => value !== undefined && !known.includes(name))
  if (unknown) throw NotImplemented(`glue: a data quality run with ${unknown[0]}`)
}

export function runOutput(run: QualityRun) {
  return {
    RunId: run.id,
    DataSource: run.source,
    Role: run.role,
    NumberOfWorkers: run.workers,
    Timeout: run.timeoutMinutes,
    Status: run.status,
    ...(run.error !== undefined && { ErrorString: run.error.slice(0, errorMax) }),
    StartedOn: dateOf(run.startedAt),
    LastModifiedOn: dateOf(run.updatedAt),
    ...(run.completedAt !== undefined && { CompletedOn: dateOf(run.completedAt) }),
    ExecutionTime: run.executionSeconds,
  }
}

const errorMax = 2048
