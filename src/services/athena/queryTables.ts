/** What a query's table names stand for: Catalog tables with their files, views, `table$partitions`, information_schema. */
import type { Context } from '../../delivery/context.ts'
import type { LakeView } from '../../delivery/lake.ts'
import { type LinkedTable, tablesOf } from '../../engines/sql/athena/athenaQuery.ts'
import { catalogTable, openTable, partitionsOf } from '../../engines/sql/catalogFiles.ts'
import type { CatalogTable } from '../../engines/sql/catalogTable.ts'
import { SqlError } from '../../engines/sql/sqlError.ts'
import type { TableReference } from '../../engines/sql/trino/compilation.ts'
import { PartitionFilter, type PartitionUse } from '../../engines/sql/trino/pruning.ts'
import { trinoError } from '../../engines/sql/trino/trinoErrors.ts'
import { AwsError } from '../../wire/errors.ts'
import { informationSchema, schemaName } from './informationSchema.ts'
import type { QueryText } from './selecting.ts'

const viewDepthMax = 16
const partitionsSuffix = '$partitions'

type Named = Pick<QueryText, 'sql' | 'database' | 'without'> & { parameters?: readonly string[] }

/** The tables of a query and of the views that it reads, each once. `views` gathers the links to be closed. */
export async function linkTables(query: Named, ctx: Context, views: LakeView[]): Promise<LinkedTable[]> {
  const found = new Map<string, Found>()
  await gather(query, { ctx, found }, 0)
  const linked: LinkedTable[] = []
  for (const one of found.values()) linked.push(await linkTable(one, query, ctx, views))
  return linked
}

interface Found {
  reference: TableReference
  uses: PartitionUse[]
  /** Undefined where it is none of the Catalog's. */
  table?: CatalogTable & { view?: string }
}

/** Every use of a table is known before its files are looked for: they are those that any use needs. */
async function gather(query: Named, into: { ctx: Context; found: Map<string, Found> }, depth: number): Promise<void> {
  if (depth > viewDepthMax) throw new SqlError('Views are nested too deeply.', undefined, 'VIEW_IS_STALE')
  for (const { reference, uses } of tablesOf(query.sql, query)) {
    const key = `${reference.database}.${reference.table}`
    const known = into.found.get(key)
    if (known) {
      known.uses.push(...uses)
      continue
    }
    const isOurs = reference.database === schemaName || reference.table.endsWith(partitionsSuffix)
    const table = isOurs ? undefined : await mustGetTable(reference, into.ctx)
    into.found.set(key, { reference, uses, ...(table && { table }) })
    if (table?.view !== undefined) await gather({ sql: table.view, database: reference.database }, into, depth + 1)
  }
}

async function linkTable(
  { reference, uses, table }: Found,
  { without }: Named,
  ctx: Context,
  views: LakeView[],
): Promise<LinkedTable> {
  if (reference.database === schemaName) return informationSchema(reference, ctx)
  if (!table) return partitionsTable(reference, ctx)
  if (table.view !== undefined) return { table, groups: [], folders: [], uris: new Map(), view: table.view }
  const filter = new PartitionFilter(uses)
  const opened = await openTable(ctx, table, { filter, ...(without !== undefined && { without }) })
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
