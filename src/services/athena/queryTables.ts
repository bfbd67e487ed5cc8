/** What a query's table names stand for: Catalog tables with their files, views, `table$partitions`, information_schema. */
import type { Context } from '../../delivery/context.ts'
import type { LakeView } from '../../delivery/lake.ts'
import { type LinkedTable, tablesOf } from '../../engines/sql/athena/athenaQuery.ts'
import { catalogTable, openTable, partitionsOf } from '../../engines/sql/catalogFiles.ts'
import { SqlError } from '../../engines/sql/sqlError.ts'
import type { TableReference } from '../../engines/sql/trino/compilation.ts'
import { trinoError } from '../../engines/sql/trino/trinoErrors.ts'
import { AwsError } from '../../wire/errors.ts'
import { informationSchema, schemaName } from './informationSchema.ts'

const viewDepthMax = 16
const partitionsSuffix = '$partitions'

/** The tables of a query and of the views that it reads, each once. `views` gathers the links to be closed. */
export async function linkTables(
  query: { sql: string; database: string; without?: string },
  ctx: Context,
  views: LakeView[],
): Promise<LinkedTable[]> {
  const linked = new Map<string, LinkedTable>()
  await gather(query, { ctx, views, linked, without: query.without }, 0)
  return [...linked.values()]
}

interface Gathering {
  ctx: Context
  views: LakeView[]
  linked: Map<string, LinkedTable>
  without: string | undefined
}

async function gather(query: { sql: string; database: string }, into: Gathering, depth: number): Promise<void> {
  if (depth > viewDepthMax) throw new SqlError('Views are nested too deeply.', undefined, 'VIEW_IS_STALE')
  for (const reference of tablesOf(query.sql, query)) {
    const key = `${reference.database}.${reference.table}`
    if (into.linked.has(key)) continue
    const table = await linkTable(reference, into)
    into.linked.set(key, table)
    if (table.view !== undefined) await gather({ sql: table.view, database: reference.database }, into, depth + 1)
  }
}

async function linkTable(reference: TableReference, { ctx, views, without }: Gathering): Promise<LinkedTable> {
  if (reference.database === schemaName) return informationSchema(reference, ctx)
  if (reference.table.endsWith(partitionsSuffix)) return partitionsTable(reference, ctx)
  const table = await mustGetTable(reference, ctx)
  if (table.view !== undefined) return { table, groups: [], folders: [], uris: new Map(), view: table.view }
  const opened = await openTable(ctx, table, without === undefined ? {} : { without })
  views.push(...opened.views)
  return opened.linked
}

/** Errors: TABLE_NOT_FOUND, at its place. */
async function mustGetTable(reference: TableReference, ctx: Context) {
  try {
    return await catalogTable(ctx, reference)
  } catch (error) {
    if (!(error instanceof AwsError && error.code === 'EntityNotFoundException')) throw error
    const { database, table, at } = reference
    throw trinoError('TABLE_NOT_FOUND', `Table 'awsdatacatalog.${database}.${table}' does not exist`, at)
  }
}

/** A row for each partition of the table, a column for each of its keys. */
async function partitionsTable(reference: TableReference, ctx: Context): Promise<LinkedTable> {
  const name = reference.table.slice(0, -partitionsSuffix.length)
  const table = await mustGetTable({ ...reference, table: name }, ctx)
  if (table.partitionKeys.length === 0) {
    const { database, table: whole, at } = reference
    throw trinoError('TABLE_NOT_FOUND', `Table 'awsdatacatalog.${database}.${whole}' does not exist`, at)
  }
  return {
    table: { ...table, name: reference.table, columns: table.partitionKeys, partitionKeys: [] },
    groups: [],
    folders: [],
    uris: new Map(),
    partitions: await partitionsOf(ctx, { database: reference.database, name }),
  }
}
