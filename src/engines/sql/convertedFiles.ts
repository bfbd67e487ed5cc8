/**
 * ORC and Avro, which DuckDB's Node build does not read: a table's files become Parquet or JSON lines in a folder of the
 * query's own before it runs. ORC goes through the Python environment's pyarrow, Avro through a reader of ours.
 */
import { spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../../delivery/context.ts'
import { type LakeView, lake } from '../../delivery/lake.ts'
import { UserError } from '../../userError.ts'
import { packageFolder } from '../functions/packageFolder.ts'
import { pythonEnvironment } from '../python/environment.ts'
import type { LinkedTable } from './athena/athenaQuery.ts'
import { avroToJsonLines } from './avroFiles.ts'
import { formatOf } from './catalogTable.ts'
import { SqlError } from './sqlError.ts'

/** The table over its converted files, and the folder that they are in, to be closed after the query. */
export async function convertedTable(
  ctx: Context,
  linked: LinkedTable,
): Promise<{ linked: LinkedTable; view: LakeView } | undefined> {
  const format = formatOf(linked.table)
  if (format !== 'orc' && format !== 'avro') return undefined
  const folder = await ctx.use(lake).stagingFolder()
  const view = { folder, files: [], close: () => rm(folder, { recursive: true, force: true }) }
  try {
    const places = new Map(
      linked.groups
        .flatMap((group) => group.paths)
        .map((path, i) => [path, join(folder, `${i}.${format === 'orc' ? 'parquet' : 'json'}`)]),
    )
    if (format === 'avro') for (const [from, to] of places) await avroToJsonLines(from, to)
    else await orcToParquet(ctx, linked, places)
    return { linked: over(linked, places), view }
  } catch (error) {
    await view.close()
    throw error
  }
}

function over(linked: LinkedTable, places: ReadonlyMap<string, string>): LinkedTable {
  const place = (path: string) => places.get(path) as string
  return {
    ...linked,
    groups: linked.groups.map((group) => ({ ...group, paths: group.paths.map(place) })),
    uris: new Map([...linked.uris].map(([path, uri]) => [place(path), uri])),
  }
}

async function orcToParquet(ctx: Context, { table }: LinkedTable, places: ReadonlyMap<string, string>): Promise<void> {
  if (places.size === 0) return
  const byName = table.serdeParameters['orc.column.index.access']?.toLowerCase() === 'false'
  const columns = byName ? undefined : table.columns.map((column) => column.name)
  await convert(
    ctx,
    [...places].map(([from, to]) => ({ from, to, to_format: 'parquet', ...(columns && { columns }) })),
  )
}

/** Parquet files of a query's rows as ORC, beside them; the Parquet is gone afterwards. */
export async function parquetToOrc(ctx: Context, paths: readonly string[], compression: string): Promise<void> {
  const target = (path: string) => path.replace(/\.parquet$/, '.orc')
  await convert(
    ctx,
    paths.map((from) => ({ from, to: target(from), to_format: 'orc', compression })),
  )
  for (const path of paths) await rm(path)
}

interface Conversion {
  from: string
  to: string
  to_format: 'parquet' | 'orc'
  columns?: readonly string[]
  compression?: string
}

async function convert(ctx: Context, conversions: readonly Conversion[]): Promise<void> {
  const python = await pythonOf(ctx)
  const script = join(packageFolder(), 'runtimes/python/convert_orc.py')
  const child = spawn(python, ['-I', script], { env: {}, stdio: ['pipe', 'ignore', 'pipe'] })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-2000)
  })
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
  child.stdin.end(JSON.stringify({ conversions }))
  if ((await ended) !== 0) {
    const last = errors.trim().split('\n').at(-1) ?? ''
    throw new SqlError(`ORC: ${last}`, undefined, 'HIVE_BAD_DATA')
  }
}

/** Errors: NOT_SUPPORTED where there is no Python, with what to do. */
async function pythonOf(ctx: Context): Promise<string> {
  try {
    return (await ctx.use(pythonEnvironment).ready()).python
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    throw new SqlError(`ORC is read and written by Python. ${error.message} ${error.fix}`, undefined, 'NOT_SUPPORTED')
  }
}
