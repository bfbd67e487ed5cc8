/**
 * Task runs that compute a table's column statistics. A run is a due row; killed, it is computed again by the next
 * start. What it finds is in columnStatistics.ts.
 */
import type { ColumnStatisticsState, ColumnStatisticsTaskRun as TaskRunOutput } from '@aws-sdk/client-glue'
import { type Millis, stopwatch } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { computedStatistics } from '../../engines/inference/columnStatistics.ts'
import { SqlError } from '../../engines/sql/sqlError.ts'
import { collection } from '../../store/collection.ts'
import { AwsError, awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { putStatistics } from './columnStatistics.ts'
import { dateOf } from './names.ts'
import { pageOf } from './pages.ts'
import { mustGetTable, type Table } from './tables.ts'

const {
  ColumnStatisticsTaskNotRunningException,
  ColumnStatisticsTaskRunningException,
  EntityNotFoundException,
  InvalidInputException,
} = awsErrors('glue')

export interface StatisticsRun {
  id: string
  database: string
  table: string
  columns?: string[]
  role: string
  samplePercent?: number
  state: ColumnStatisticsState
  createdAt: Millis
  updatedAt: Millis
  endedAt?: Millis
  errorMessage?: string
  seconds?: number
}

export const statisticsRuns = collection<StatisticsRun>('glue/statistics-runs', { version: 1, key: ({ id }) => [id] })

export const dueStatistics = dueQueue<Due>('glue/statistics-runs')

export const statisticsTaskOperations = operations('glue', {
  async StartColumnStatisticsTaskRun(input, ctx) {
    const run = await ctx.commit((tx) => {
      const columns = input.ColumnNameList?.map((name) => name.toLowerCase())
      return startStatisticsRun(tx, mustGetTable(tx, input.DatabaseName, input.TableName), {
        ...(columns && { columns }),
        ...(input.SampleSize !== undefined && { samplePercent: input.SampleSize }),
        role: input.Role,
      })
    })
    return { ColumnStatisticsTaskRunId: run.id }
  },

  async StopColumnStatisticsTaskRun(input, ctx) {
    await ctx.commit((tx) => {
      const table = mustGetTable(tx, input.DatabaseName, input.TableName)
      const running = runsOf(tx, table).find(({ state }) => isOpen(state))
      if (!running) throw ColumnStatisticsTaskNotRunningException('No task run of the table is running.')
      tx.in(statisticsRuns).put({ ...running, state: 'STOPPED', updatedAt: tx.now, endedAt: tx.now })
    })
    return {}
  },

  async GetColumnStatisticsTaskRun(input, ctx) {
    const run = ctx.in(statisticsRuns).get(input.ColumnStatisticsTaskRunId)
    if (!run) throw EntityNotFoundException(`Task run ${input.ColumnStatisticsTaskRunId} not found.`)
    return { ColumnStatisticsTaskRun: runOutput(ctx, run) }
  },

  async GetColumnStatisticsTaskRuns(input, ctx) {
    const table = mustGetTable(ctx, input.DatabaseName, input.TableName)
    const { items, next } = pageOf(runsOf(ctx, table), input)
    return { ColumnStatisticsTaskRuns: items.map((run) => runOutput(ctx, run)), ...next }
  },

  async ListColumnStatisticsTaskRuns(input, ctx) {
    const { items, next } = pageOf(ctx.in(statisticsRuns).list(), input)
    return { ColumnStatisticsTaskRunIds: items.map(({ id }) => id), ...next }
  },
})

/** Errors: ColumnStatisticsTaskRunningException; InvalidInputException for columns that the table does not have. */
export function startStatisticsRun(
  tx: Tx,
  table: Table,
  wanted: Pick<StatisticsRun, 'columns' | 'samplePercent' | 'role'>,
): StatisticsRun {
  checkColumns(table, wanted.columns)
  const running = runsOf(tx, table).find(({ state }) => isOpen(state))
  if (running) throw ColumnStatisticsTaskRunningException(`Task run ${running.id} of the table is running.`)
  const run: StatisticsRun = {
    id: tx.random.uuid(),
    database: table.database,
    table: table.name,
    ...wanted,
    state: 'STARTING',
    createdAt: tx.now,
    updatedAt: tx.now,
  }
  tx.in(statisticsRuns).put(run)
  tx.due(dueStatistics).put({ id: run.id, dueAt: tx.now, trace: tx.trace })
  return run
}

export const statisticsWorker = worker<Due>('glue/statistics-runs', {
  queue: dueStatistics,
  concurrency: 2,
  async run({ id }, ctx) {
    const run = ctx.in(statisticsRuns).get(id)
    const began = stopwatch.now()
    const outcome = run && isOpen(run.state) ? await outcomeOf(ctx, run) : undefined
    const seconds = Math.round(stopwatch.now() - began) / 1000
    await ctx.commit((tx) => {
      tx.due(dueStatistics).delete(id)
      const there = tx.in(statisticsRuns).get(id)
      // A run that was stopped meanwhile leaves nothing behind.
      if (!outcome || !there || !isOpen(there.state)) return
      const ended = { updatedAt: tx.now, endedAt: tx.now, seconds }
      if ('errorMessage' in outcome) {
        tx.in(statisticsRuns).put({ ...there, ...ended, state: 'FAILED', errorMessage: outcome.errorMessage })
        return
      }
      putStatistics(tx, { database: there.database, table: there.table, partition: '' }, outcome.statistics)
      tx.in(statisticsRuns).put({ ...there, ...ended, state: 'SUCCEEDED' })
    })
  },
})

async function outcomeOf(ctx: Context, run: StatisticsRun) {
  try {
    const computed = await computedStatistics(ctx, run)
    const AnalyzedTime = dateOf(ctx.clock.now())
    return { statistics: computed.map((one) => ({ ...one, AnalyzedTime })) }
  } catch (error) {
    if (!(error instanceof SqlError || error instanceof AwsError)) throw error
    return { errorMessage: error.message }
  }
}

function checkColumns(table: Table, names: readonly string[] = []): void {
  const known = (table.input.StorageDescriptor?.Columns ?? []).map(({ Name }) => Name?.toLowerCase())
  const stranger = names.find((name) => !known.includes(name.toLowerCase()))
  if (stranger !== undefined) throw InvalidInputException(`Column ${stranger} is not a column of the table.`)
}

const isOpen = (state: ColumnStatisticsState) => state === 'STARTING' || state === 'RUNNING'

function runsOf(ctx: Pick<Context | Tx, 'in'>, { database, name }: Table): StatisticsRun[] {
  return [...ctx.in(statisticsRuns).list()].filter((run) => run.database === database && run.table === name)
}

function runOutput(ctx: Context, run: StatisticsRun): TaskRunOutput {
  return {
    CustomerId: ctx.account,
    ColumnStatisticsTaskRunId: run.id,
    DatabaseName: run.database,
    TableName: run.table,
    ...(run.columns && { ColumnNameList: run.columns }),
    CatalogID: ctx.account,
    Role: run.role,
    SampleSize: run.samplePercent ?? 100,
    ComputationType: 'FULL',
    Status: run.state,
    CreationTime: dateOf(run.createdAt),
    StartTime: dateOf(run.createdAt),
    LastUpdated: dateOf(run.updatedAt),
    ...(run.endedAt !== undefined && { EndTime: dateOf(run.endedAt) }),
    ...(run.errorMessage && { ErrorMessage: run.errorMessage }),
    ...(run.seconds !== undefined && { DPUSeconds: run.seconds }),
  }
}
