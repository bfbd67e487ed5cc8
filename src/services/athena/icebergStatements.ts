/** ALTER TABLE, DROP TABLE, OPTIMIZE and VACUUM of Iceberg tables. */
import { join } from 'node:path'
import type { Context } from '../../delivery/context.ts'
import { lake } from '../../delivery/lake.ts'
import type { AthenaStatement, ObjectName } from '../../engines/sql/athena/athenaStatements.ts'
import type { TableAlteration } from '../../engines/sql/athena/hiveDdl.ts'
import { icebergProperties, icebergPropertyNames } from '../../engines/sql/athena/icebergDdl.ts'
import { insertedColumns } from '../../engines/sql/athena/tableWriting.ts'
import { splitUri } from '../../engines/sql/catalogFiles.ts'
import type { TableColumn } from '../../engines/sql/catalogTable.ts'
import { quoteName } from '../../engines/sql/cursor.ts'
import type { IcebergDescription } from '../../engines/sql/iceberg/icebergLibrary.ts'
import { SchemaMaker } from '../../engines/sql/iceberg/icebergSchema.ts'
import { askLibrary, describeAt, domainsOf } from '../../engines/sql/iceberg/icebergTables.ts'
import { notSupported, SqlError } from '../../engines/sql/sqlError.ts'
import { PartitionFilter } from '../../engines/sql/trino/pruning.ts'
import { tablesOfStatement } from '../../engines/sql/trino/statement.ts'
import { databaseOf, type Lines, type StatementPlace } from './catalogStatements.ts'
import {
  type Change,
  changeTable,
  deleteKeys,
  deleteObjects,
  doneBefore,
  type IcebergTable,
  icebergTableOf,
  withChange,
} from './icebergCommits.ts'
import { tableColumns, writeRows } from './icebergWriting.ts'
import { changedRowsName } from './queryTables.ts'

const nothing: Lines = { columns: [], rows: [] }

export async function alterIceberg(
  alteration: TableAlteration,
  target: IcebergTable,
  place: StatementPlace,
  ctx: Context,
): Promise<Lines> {
  if (alteration.kind === 'rename') return renameIceberg(alteration.to, target, place, ctx)
  const request = alterationRequest(alteration, target)
  return withChange(ctx, place, async (change) => {
    if (!(await doneBefore(change, target))) await changeTable(change, target, request)
    return nothing
  })
}

function alterationRequest(alteration: Exclude<TableAlteration, { kind: 'rename' }>, { table }: IcebergTable) {
  switch (alteration.kind) {
    case 'addColumns':
      return { operation: 'change_columns', steps: alteration.columns.map(addStep) }
    case 'replaceColumns': {
      const wanted = alteration.columns.map(({ name }) => name)
      const dropped = table.columns.filter(({ name }) => !wanted.includes(name))
      const known = table.columns.map(({ name }) => name)
      return {
        operation: 'change_columns',
        steps: [
          ...dropped.map(({ name }) => ({ kind: 'drop', column: name })),
          ...alteration.columns.map((column) =>
            known.includes(column.name) ? { ...changeStep(column.name, column), kind: 'change' } : addStep(column),
          ),
        ],
      }
    }
    case 'dropColumn':
      return { operation: 'change_columns', steps: [{ kind: 'drop', column: alteration.column }] }
    case 'changeColumn': {
      const { column, to, after, first } = alteration
      const place = { ...(after !== undefined && { after }), ...(first && { first }) }
      return { operation: 'change_columns', steps: [{ ...changeStep(column, to), ...place }] }
    }
    case 'setProperties':
      return { operation: 'set_properties', set: icebergProperties(alteration.properties), removed: [] }
    case 'unsetProperties':
      return { operation: 'set_properties', set: {}, removed: alteration.names.flatMap(icebergPropertyNames) }
    default:
      throw notSupported(`ALTER TABLE … of an Iceberg table: ${alteration.kind}`)
  }
}

const addStep = (column: TableColumn) => ({
  kind: 'add',
  column: column.name,
  schema: new SchemaMaker().struct([column]),
  ...(column.comment !== undefined && { comment: column.comment }),
})

const changeStep = (column: string, to: TableColumn) => ({
  kind: 'change',
  column,
  renamed: to.name,
  schema: new SchemaMaker().struct([to]),
  ...(to.comment !== undefined && { comment: to.comment }),
})

async function renameIceberg(
  to: ObjectName,
  { table, stored }: IcebergTable,
  place: StatementPlace,
  ctx: Context,
): Promise<Lines> {
  const glue = ctx.call('glue')
  const { TableType, Description, Parameters, StorageDescriptor } = stored
  const TableInput = { Name: to.name, TableType, Description, Parameters, StorageDescriptor }
  await glue.CreateTable({ DatabaseName: databaseOf(to, place), TableInput })
  await glue.DeleteTable({ DatabaseName: table.database, Name: table.name })
  return nothing
}

/** The Catalog's entry goes first: what is left of a drop that a kill cut is objects that nothing names. */
export async function dropIceberg({ table, metadataLocation }: IcebergTable, ctx: Context): Promise<Lines> {
  const { named } = await askLibrary<{ named: string[] }>(ctx, {
    operation: 'files',
    metadata_location: metadataLocation,
  })
  await ctx.call('glue').DeleteTable({ DatabaseName: table.database, Name: table.name })
  await deleteObjects(ctx, named)
  const { bucket, prefix } = splitUri(table.location)
  const folder = prefix.replace(/\/?$/, '/')
  const rest = await ctx.use(lake).list({ scope: ctx, bucket, prefix: folder })
  await deleteKeys(ctx, bucket, prefix === '' ? [] : rest.map(({ key }) => key))
  return nothing
}

async function mustGetIceberg(name: ObjectName, place: StatementPlace, ctx: Context, what: string) {
  const target = await icebergTableOf(ctx, databaseOf(name, place), name.name)
  if (!target) throw notSupported(`${what} of a table that is no Iceberg table`)
  return target
}

/** Small files become larger ones, and files with deletes are written without the deleted rows. */
export async function optimize(
  { name, where }: Extract<AthenaStatement, { kind: 'optimize' }>,
  place: StatementPlace,
  ctx: Context,
): Promise<Lines> {
  const target = await mustGetIceberg(name, place, ctx, 'OPTIMIZE')
  return withChange(ctx, place, async (change) => {
    if (await doneBefore(change, target)) return nothing
    const now = await describeAt(ctx, target.metadataLocation)
    const domains = where === undefined ? [] : partitionDomains(where, target, now)
    const { chosen } = await askLibrary<{ chosen: string[] }>(ctx, {
      operation: 'small_files',
      metadata_location: target.metadataLocation,
      domains,
    })
    if (chosen.length > 0) await rewrite(change, target, now, chosen)
    return nothing
  })
}

/** What a WHERE says of the identity partition columns; it may say nothing of others. */
function partitionDomains(where: string, { table }: IcebergTable, { partitioning }: IcebergDescription): object[] {
  const sql = `SELECT 1 FROM ${quoteName(table.name)} WHERE ${where.trim()}`
  const filter = new PartitionFilter(tablesOfStatement(sql, { database: table.database }).map(({ use }) => use))
  const keys = partitioning.filter(({ transform }) => transform === 'identity').map(({ column }) => column)
  const domains = domainsOf(table, filter) as { column: string; values?: unknown }[]
  if (domains.length === 0 || domains.some(({ column, values }) => !keys.includes(column) || !values)) {
    throw notSupported('OPTIMIZE with a WHERE that is more than = or IN of partition columns')
  }
  return domains
}

async function rewrite(
  change: Change,
  target: IcebergTable,
  now: IcebergDescription,
  chosen: readonly string[],
): Promise<void> {
  const { table, metadataLocation } = target
  const path = join(change.folder, 'rows.parquet')
  const columns = tableColumns(now)
  const sql = `SELECT * FROM ${quoteName(table.database)}.${quoteName(changedRowsName)}`
  const only = new Set(chosen)
  await writeRows(change, { sql, path, parameters: [], target: { table, metadataLocation, only } }, (compiled) =>
    insertedColumns(compiled, columns, undefined),
  )
  await changeTable(change, target, { operation: 'overwrite', replaced: chosen, rows: [path] })
}

interface Expired extends IcebergDescription {
  is_changed: boolean
  /** What the snapshots that went named alone. */
  unnamed: string[]
  named: string[]
  age_seconds: number
}

/** Old snapshots go, with the files that they alone named, and so do old objects that nothing names. */
export async function vacuum(
  { name }: Extract<AthenaStatement, { kind: 'vacuum' }>,
  place: StatementPlace,
  ctx: Context,
): Promise<Lines> {
  const target = await mustGetIceberg(name, place, ctx, 'VACUUM')
  return withChange(ctx, place, async (change) => {
    await doneBefore(change, target)
    const expired = await changeTable<Expired>(change, target, { operation: 'expire' })
    await deleteObjects(ctx, expired.unnamed)
    await removeOrphans(ctx, expired)
    return nothing
  })
}

/** Objects as old as snapshots may be: a statement that is under way has newer ones. */
async function removeOrphans(ctx: Context, { location, named, age_seconds: age }: Expired): Promise<void> {
  const { bucket, prefix } = splitUri(location)
  if (prefix === '') throw new SqlError('A table at the root of a bucket is not vacuumed.', undefined, 'NOT_SUPPORTED')
  const kept = new Set(named.map((one) => splitUri(one).prefix))
  const oldest = ctx.clock.now() - age * 1000
  const place = { scope: ctx, bucket, prefix: prefix.replace(/\/?$/, '/') }
  const orphans = await ctx.use(lake).list(place, ({ key, modifiedAt }) => !kept.has(key) && modifiedAt < oldest)
  await deleteKeys(
    ctx,
    bucket,
    orphans.map(({ key }) => key),
  )
}
