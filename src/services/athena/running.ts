/**
 * Carries out query executions. A result's object and the state SUCCEEDED are one commit: who sees the one sees the other. A query that a kill cut is run again from its start: what it writes has names made of
 * its id, so running twice writes the same objects once. Once they are committed, only their registration is done again.
 */
import { stopwatch } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { Interrupted, worker } from '../../delivery/due.ts'
import { lake, type StagedFile } from '../../delivery/lake.ts'
import { type AthenaStatement, parseAthena } from '../../engines/sql/athena/athenaStatements.ts'
import { splitUri } from '../../engines/sql/catalogFiles.ts'
import { spareDatabase } from '../../engines/sql/spareDatabase.ts'
import { notSupported, SqlError } from '../../engines/sql/sqlError.ts'
import { AwsError } from '../../wire/errors.ts'
import { runCatalogStatement } from './catalogStatements.ts'
import {
  type Execution,
  executions,
  isOver,
  manifestOf,
  moveTo,
  queryQueue,
  type ResultColumn,
  resultsFolder,
} from './executions.ts'
import { clusterOf, linesOnCluster, selectOnCluster } from './onCluster.ts'
import { preparedStatements } from './preparedStatements.ts'
import { measureQuery } from './queryMetrics.ts'
import { NewResult } from './resultFiles.ts'
import { keepForReuse, reusableResult } from './reusing.ts'
import { runningQueries } from './runningQueries.ts'
import { selectToCsv } from './selecting.ts'
import { getWorkGroup } from './workGroups.ts'

/** What a statement came to, beside its result. */
export interface Outcome {
  columns: ResultColumn[]
  bytesScanned: number
  hasHeader: boolean
  updateCount?: number
  /** The objects that the query wrote. */
  manifest?: string[]
}

export const queryWorker = worker('athena/queries', {
  queue: queryQueue,
  concurrency: 4,
  async run(item, ctx) {
    const started = begin(item.id, ctx)
    if (!started.execution) return void (await started.isOnDisk)
    try {
      const earlier = reusableResult(ctx, started.execution)
      if (earlier) await ctx.commit((tx) => end(tx, item.id, started.at, { state: 'SUCCEEDED', ...reused(earlier) }))
      else await runExecution(started.execution, started, ctx)
    } catch (error) {
      if (ctx.use(runningQueries).isInterrupted) throw new Interrupted()
      // A stop has the last word, and has said it.
      if (!(error instanceof Stopped)) {
        const changes = failure(error)
        await ctx.commit((tx) => end(tx, item.id, started.at, { state: 'FAILED', ...changes }))
      }
    }
    await started.isOnDisk
    ctx.use(spareDatabase).restock()
  },
})

interface Start {
  /** Undefined where there is nothing to run. */
  execution: Execution | undefined
  /** A kill cut an earlier run of it. */
  isAgain: boolean
  /** By the stopwatch. */
  at: number
  isOnDisk: Promise<void>
}

/** Nothing waits for the disk here: whatever the run commits comes after this in the log. */
function begin(id: string, ctx: Context): Start {
  const start: Start = { execution: undefined, isAgain: false, at: stopwatch.now(), isOnDisk: Promise.resolve() }
  start.isOnDisk = ctx.commit((tx) => {
    const execution = tx.in(executions).get(id)
    if (!execution || isOver(execution)) {
      tx.due(queryQueue).delete(id)
      return
    }
    start.isAgain = execution.state === 'RUNNING'
    if (!start.isAgain) moveTo(tx, { ...execution, startedAt: tx.now }, 'RUNNING')
    start.execution = tx.in(executions).get(id)
  })
  // Who awaits it is told; until then a disk that refuses must not end the process.
  start.isOnDisk.catch(() => undefined)
  return start
}

/** Somebody stopped the query while it ran: nothing of its end may stand. */
class Stopped extends Error {}

/** Whether there was something to end. */
function end(tx: Tx, id: string, startedAt: number, changes: Partial<Execution> & Pick<Execution, 'state'>): boolean {
  const latest = tx.in(executions).get(id)
  tx.due(queryQueue).delete(id)
  if (!latest || isOver(latest)) return false
  const { registration: _done, ...kept } = latest
  const ended = { ...kept, ...changes, endedAt: tx.now, engineMs: Math.round(stopwatch.now() - startedAt) }
  moveTo(tx, ended, changes.state)
  measureQuery(tx, ended)
  if (changes.state === 'SUCCEEDED') keepForReuse(tx, ended)
  return true
}

function reused({ columns = [], hasHeader = true, output }: Execution) {
  return { columns, hasHeader, output, bytesScanned: 0, isReused: true }
}

async function runExecution(execution: Execution, { at, isAgain }: Start, ctx: Context): Promise<void> {
  const result = new NewResult(ctx.use(lake))
  try {
    const { manifest, ...outcome } = await runStatement({ execution, isAgain, result }, ctx)
    const { bucket, prefix } = splitUri(execution.output)
    const contentType = outcome.hasHeader ? 'application/octet-stream' : 'text/plain'
    const files: StagedFile[] = [
      { ...(await result.finish()), key: prefix, contentType },
      textFile(`${prefix}.metadata`, JSON.stringify({ columns: outcome.columns }), 'binary/octet-stream'),
    ]
    if (manifest) {
      const text = manifest.map((uri) => `${uri}\n`).join('')
      files.push(textFile(splitUri(manifestOf(execution)).prefix, text, 'text/csv'))
    }
    const changes = { state: 'SUCCEEDED' as const, ...outcome, ...(manifest && { hasManifest: true }) }
    await ctx.use(lake).commit({
      scope: { account: ctx.account, region: ctx.region },
      bucket,
      files,
      trace: ctx.trace,
      also: (tx) => {
        if (!end(tx, execution.id, at, changes)) throw new Stopped()
      },
    })
  } finally {
    await result.close()
  }
}

function textFile(key: string, text: string, contentType: string): StagedFile {
  return { bytes: Buffer.from(text), key, contentType }
}

async function runStatement(
  run: { execution: Execution; isAgain: boolean; result: NewResult },
  ctx: Context,
): Promise<Outcome> {
  const { execution, isAgain, result } = run
  const statement = parseAthena(execution.query)
  const query = {
    id: execution.id,
    database: execution.database,
    parameters: execution.parameters,
    bytesMax: getWorkGroup(ctx, execution.workGroup)?.configuration.BytesScannedCutoffPerQuery,
  }
  const select = clusterOf(ctx) ? selectOnCluster : selectToCsv
  if (statement.kind === 'query') return select({ ...query, sql: statement.query }, ctx, result)
  if (statement.kind === 'execute') {
    const prepared = ctx.in(preparedStatements).get(execution.workGroup, statement.name)
    if (!prepared) throw new SqlError(`Prepared statement not found: ${statement.name}`, undefined, 'NOT_FOUND')
    const inner = parseAthena(prepared.query)
    if (inner.kind !== 'query')
      throw new SqlError(
        'EXECUTE of anything but a query is not supported by the embedded SQL engine.',
        undefined,
        'NOT_SUPPORTED',
      )
    const parameters = statement.parameters.length > 0 ? statement.parameters : execution.parameters
    return select({ ...query, sql: inner.query, parameters }, ctx, result)
  }
  const place = { ...query, workGroup: execution.workGroup, results: resultsFolder(execution), isAgain }
  const isOnCluster = clusterOf(ctx) !== undefined && clusterStatements.includes(statement.kind)
  if (clusterOf(ctx) && ['changeRows', 'optimize', 'vacuum'].includes(statement.kind))
    throw notSupported('Changing the rows of an Iceberg table on a Trino cluster')
  if (isOnCluster && statement.kind === 'unload') throw notSupported('UNLOAD on a Trino cluster')
  const lines = isOnCluster
    ? await linesOnCluster({ ...query, sql: execution.query.replace(/;\s*$/, '') }, ctx)
    : await runCatalogStatement(statement, place, ctx)
  await result.write(lines.rows.map((row) => `${row}\n`).join(''))
  const columns = lines.columns.map((name) => ({ name, type: lines.type ?? 'string', precision: 0, scale: 0 }))
  return {
    columns,
    bytesScanned: lines.bytesScanned ?? 0,
    hasHeader: false,
    ...(lines.updateCount !== undefined && { updateCount: lines.updateCount }),
    ...(lines.manifest && { manifest: lines.manifest }),
  }
}

/** What reads or writes rows; the Catalog's own statements stay here. */
const clusterStatements: readonly AthenaStatement['kind'][] = ['createTableAs', 'insert', 'unload', 'explain']

function failure(error: unknown): Pick<Execution, 'reason' | 'errorCode'> {
  if (error instanceof SqlError) {
    const engine = error.code.startsWith('ENGINE_') ? (engineCodes[error.code] ?? 'GENERIC_INTERNAL_ERROR') : error.code
    const coded = /^[A-Z][A-Z_]+: /.exec(error.message)
    return { reason: coded ? error.message : `${engine}: ${error.message}`, errorCode: engine }
  }
  if (error instanceof AwsError) {
    if (error.code === 'EntityNotFoundException')
      return { reason: `FAILED: SemanticException [Error 10001]: ${error.message}`, errorCode: 'TABLE_NOT_FOUND' }
    return { reason: `${error.code}: ${error.message}`, errorCode: error.code }
  }
  throw error
}

/** DuckDB's kinds of errors as Trino's names, where they mean one thing. */
const engineCodes: Record<string, string> = {
  ENGINE_BINDER: 'SYNTAX_ERROR',
  ENGINE_CATALOG: 'TABLE_NOT_FOUND',
  ENGINE_CONVERSION: 'INVALID_CAST_ARGUMENT',
  ENGINE_OUT_OF_RANGE: 'NUMERIC_VALUE_OUT_OF_RANGE',
  ENGINE_INVALID_INPUT: 'INVALID_FUNCTION_ARGUMENT',
  ENGINE_OUT_OF_MEMORY: 'EXCEEDED_LOCAL_MEMORY_LIMIT',
}
