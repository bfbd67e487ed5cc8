/** What a query's table names stand for: Catalog tables with their files, views, `table$partitions`, information_schema. */
import type { Context } from '../../delivery/context.ts'
import type { LakeView } from '../../delivery/lake.ts'
import { type LinkedTable, referenceKey, tablesOf } from '../../engines/sql/athena/athenaQuery.ts'
import { constantValues, partitionsWhere } from '../../engines/sql/athena/computedConditions.ts'
import { catalogTable, type OpenSettings, openTable, partitionsOf } from '../../engines/sql/catalogFiles.ts'
import type { CatalogTable, TableColumn } from '../../engines/sql/catalogTable.ts'
import { metadataTableName } from '../../engines/sql/iceberg/icebergMetadataTables.ts'
import { isIceberg, openIceberg, openMetadataTable } from '../../engines/sql/iceberg/icebergTables.ts'
import { SqlError } from '../../engines/sql/sqlError.ts'
import type { TableReference } from '../../engines/sql/trino/compilation.ts'
import { constantsBeside, PartitionFilter } from '../../engines/sql/trino/pruning.ts'
import type { TextSettings } from '../../engines/sql/trino/statement.ts'
import type { TableUse } from '../../engines/sql/trino/tableNames.ts'
import { trinoError } from '../../engines/sql/trino/trinoErrors.ts'
import { AwsError } from '../../wire/errors.ts'
import { engineSettings } from './engineSettings.ts'
import { informationSchema, schemaName } from './informationSchema.ts'
import type { QueryText } from './selecting.ts'
import { snapshotChoice } from './tableVersions.ts'

const viewDepthMax = 16
/** The table that a statement changes, under names that no statement can mean otherwise: all of it, or the files that change. */
export const allRowsName = '$all rows'
export const changedRowsName = '$changed rows'
const ownNames = [allRowsName, changedRowsName]

type Named = Pick<QueryText, 'sql' | 'database' | 'without' | 'target'> & {
  parameters?: readonly string[]
  /** No rows are read: what the tables' columns are is enough. */
  isOnlyCompiled?: boolean
}

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
  uses: TableUse[]
  /** Undefined where it is none of the Catalog's. */
  table?: CatalogTable & { view?: string }
}

/** Every use of a table is known before its files are looked for: they are those that any use needs. */
async function gather(
  query: TextSettings & { sql: string },
  into: { ctx: Context; found: Map<string, Found> },
  depth: number,
): Promise<void> {
  if (depth > viewDepthMax) throw new SqlError('Views are nested too deeply.', undefined, 'VIEW_IS_STALE')
  for (const { reference, uses } of tablesOf(query.sql, query)) {
    const key = referenceKey(reference)
    const known = into.found.get(key)
    if (known) {
      known.uses.push(...uses)
      continue
    }
    const table = isOurs(reference) ? undefined : await mustGetTable(reference, into.ctx)
    into.found.set(key, { reference, uses, ...(table && { table }) })
    if (table?.view === undefined) continue
    await gather({ sql: table.view, database: reference.database, readBy: uses }, into, depth + 1)
  }
}

function isOurs({ database, table }: TableReference): boolean {
  return database === schemaName || ownNames.includes(table) || metadataTableName.test(table)
}

async function linkTable(
  found: Found,
  { without, target, isOnlyCompiled }: Named,
  ctx: Context,
  views: LakeView[],
): Promise<LinkedTable> {
  const { reference, table } = found
  if (reference.database === schemaName) return informationSchema(reference, ctx)
  if (target && ownNames.includes(reference.table)) return targetTable(found, target, ctx, views)
  if (!table) return metadataTable(reference, ctx, views)
  if (isIceberg(table)) {
    const filter = await partitionFilter(found.uses, table.columns, ctx)
    const snapshot = await snapshotChoice(reference, ctx)
    const linked = await openIceberg(ctx, table, { filter, ...(snapshot && { snapshot }) }, views)
    return reference.version ? { ...linked, version: reference.version.text } : linked
  }
  if (reference.version) throw notVersioned(reference)
  if (table.view !== undefined) return { ...withoutFiles(table), view: table.view }
  if (isOnlyCompiled) return withoutFiles(table)
  const filter = await partitionFilter(found.uses, table.partitionKeys, ctx)
  const where: OpenSettings['where'] = (...asked) => partitionsWhere(...asked, engineSettings(ctx))
  const opened = await openTable(ctx, table, { filter, where, ...(without !== undefined && { without }) })
  views.push(...opened.views)
  return opened.linked
}

async function partitionFilter(uses: readonly TableUse[], keys: readonly TableColumn[], ctx: Context) {
  const beside = constantsBeside(
    uses,
    keys.map(({ name }) => name),
  )
  return new PartitionFilter(uses, await constantValues(beside, engineSettings(ctx)))
}

const withoutFiles = (table: CatalogTable) => ({ table, groups: [], folders: [], uris: new Map() })

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

const notVersioned = ({ at }: TableReference) =>
  trinoError('NOT_SUPPORTED', 'This connector does not support versioned tables', at)

/** The files that a statement changes, at the moment when it began. */
async function targetTable(
  { reference, uses }: Found,
  target: NonNullable<Named['target']>,
  ctx: Context,
  views: LakeView[],
): Promise<LinkedTable> {
  const { table, only, metadataLocation } = target
  const isChanged = only && reference.table === changedRowsName
  const filter = await partitionFilter(uses, table.columns, ctx)
  const opening = { metadataLocation, filter, ...(isChanged && { only }) }
  const linked = await openIceberg(ctx, table, opening, views)
  return { ...linked, table: { ...linked.table, name: reference.table } }
}

/** `"table$partitions"`; of an Iceberg table also `"table$snapshots"` and others. */
async function metadataTable(reference: TableReference, ctx: Context, views: LakeView[]): Promise<LinkedTable> {
  const [, name = '', what = ''] = metadataTableName.exec(reference.table) ?? []
  const table = await mustGetTable({ ...reference, table: name }, ctx)
  if (isIceberg(table)) {
    const snapshot = await snapshotChoice(reference, ctx)
    const linked = await openMetadataTable(ctx, { table, what, ...(snapshot && { snapshot }) }, views)
    return reference.version ? { ...linked, version: reference.version.text } : linked
  }
  if (reference.version) throw notVersioned(reference)
  if (what !== 'partitions' || table.partitionKeys.length === 0) {
    const { database, table: whole, at } = reference
    throw trinoError('TABLE_NOT_FOUND', `Table 'awsdatacatalog.${database}.${whole}' does not exist`, at)
  }
  return partitionsTable(table, reference.table, ctx)
}

/** A row for each partition of the table, a column for each of its keys. */
async function partitionsTable(table: CatalogTable, name: string, ctx: Context): Promise<LinkedTable> {
  return {
    ...withoutFiles({ ...table, name, columns: table.partitionKeys, partitionKeys: [] }),
    partitions: await partitionsOf(ctx, table),
  }
}
