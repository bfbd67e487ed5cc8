/**
 * Carries out query executions. A query that a kill cut is run again from its start: what it writes has names made of
 * its id, so running twice writes the same objects once. Once they are committed, only their registration is done again.
 */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stopwatch } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import { worker } from '../../delivery/due.ts'
import { lake } from '../../delivery/lake.ts'
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
import { keepForReuse, reusableResult } from './reusing.ts'
import { selectToCsv } from './selecting.ts'
import { getWorkGroup } from './workGroups.ts'

/** What a statement came to: its result file is staged at `path`. */
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
    let isAgain = false
    const started = await ctx.commit((tx) => {
      const execution = tx.in(executions).get(item.id)
      if (!execution || isOver(execution)) {
        tx.due(queryQueue).delete(item.id)
        return undefined
      }
      isAgain = execution.state === 'RUNNING'
      if (isAgain) return execution
      moveTo(tx, { ...execution, startedAt: tx.now }, 'RUNNING')
      return tx.in(executions).get(item.id)
    })
    if (!started) return
    const watch = stopwatch.now()
    let changes: Partial<Execution>
    try {
      const earlier = reusableResult(ctx, started)
      const { manifest, ...outcome } = earlier ? reused(earlier) : await runExecution(started, isAgain, ctx)
      changes = { state: 'SUCCEEDED', ...outcome, ...(manifest && { hasManifest: true }) }
    } catch (error) {
      changes = { state: 'FAILED', ...failure(error) }
    }
    await ctx.commit((tx) => {
      const latest = tx.in(executions).get(item.id)
      tx.due(queryQueue).delete(item.id)
      // A stop that came meanwhile has the last word.
      if (!latest || isOver(latest)) return
      const { state = 'FAILED', ...rest } = changes
      const { registration: _done, ...kept } = latest
      const ended = { ...kept, ...rest, endedAt: tx.now, engineMs: Math.round(stopwatch.now() - watch) }
      moveTo(tx, ended, state)
      measureQuery(tx, { ...ended, state })
      if (state === 'SUCCEEDED') keepForReuse(tx, ended)
    })
    ctx.use(spareDatabase).restock()
  },
})

function reused({ columns = [], hasHeader = true, output }: Execution): Outcome & { output: string; isReused: true } {
  return { columns, hasHeader, output, bytesScanned: 0, isReused: true }
}

async function runExecution(execution: Execution, isAgain: boolean, ctx: Context): Promise<Outcome> {
  const staging = await ctx.use(lake).stagingFolder()
  try {
    const path = join(staging, 'result')
    const outcome = await runStatement({ execution, isAgain, path }, ctx)
    const { bucket, prefix } = splitUri(execution.output)
    await writeFile(`${path}.metadata`, JSON.stringify({ columns: outcome.columns }))
    const contentType = outcome.hasHeader ? 'application/octet-stream' : 'text/plain'
    const { manifest } = outcome
    if (manifest) await writeFile(`${path}.manifest`, manifest.map((uri) => `${uri}\n`).join(''))
    await ctx.use(lake).commit({
      scope: { account: ctx.account, region: ctx.region },
      bucket,
      files: [
        { path, key: prefix, contentType },
        { path: `${path}.metadata`, key: `${prefix}.metadata`, contentType: 'binary/octet-stream' },
        ...(manifest
          ? [{ path: `${path}.manifest`, key: splitUri(manifestOf(execution)).prefix, contentType: 'text/csv' }]
          : []),
      ],
    })
    return outcome
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

async function runStatement(
  run: { execution: Execution; isAgain: boolean; path: string },
  ctx: Context,
): Promise<Outcome> {
  const { execution, isAgain, path } = run
  const statement = parseAthena(execution.query)
  const query = {
    id: execution.id,
    database: execution.database,
    parameters: execution.parameters,
    bytesMax: getWorkGroup(ctx, execution.workGroup)?.configuration.BytesScannedCutoffPerQuery,
  }
  const select = clusterOf(ctx) ? selectOnCluster : selectToCsv
  if (statement.kind === 'query') return select({ ...query, sql: statement.query }, ctx, path)
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
    return select({ ...query, sql: inner.query, parameters }, ctx, path)
  }
  const place = { ...query, workGroup: execution.workGroup, results: resultsFolder(execution), isAgain }
  const isOnCluster = clusterOf(ctx) !== undefined && clusterStatements.includes(statement.kind)
  if (isOnCluster && statement.kind === 'unload') throw notSupported('UNLOAD on a Trino cluster')
  const lines = isOnCluster
    ? await linesOnCluster({ ...query, sql: execution.query.replace(/;\s*$/, '') }, ctx)
    : await runCatalogStatement(statement, place, ctx)
  await writeFile(path, lines.rows.map((row) => `${row}\n`).join(''))
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
