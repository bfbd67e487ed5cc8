/** Statements that change or show the Data Catalog, by glue's own operations. Their result is lines of text. */
import type { TableInput } from '@aws-sdk/client-glue'
import type { Context } from '../../delivery/context.ts'
import { lake } from '../../delivery/lake.ts'
import type { AthenaStatement, ObjectName } from '../../engines/sql/athena/athenaStatements.ts'
import type { NewTable, PartitionSpec, TableAlteration } from '../../engines/sql/athena/hiveDdl.ts'
import { catalogTable, partitionsOf, splitUri } from '../../engines/sql/catalogFiles.ts'
import { isIceberg } from '../../engines/sql/iceberg/icebergTables.ts'
import { notSupported, SqlError } from '../../engines/sql/sqlError.ts'
import { AwsError } from '../../wire/errors.ts'
import { explain } from './explaining.ts'
import { icebergTableOf } from './icebergCommits.ts'
import { changeRows } from './icebergRowChanges.ts'
import { alterIceberg, dropIceberg, optimize, vacuum } from './icebergStatements.ts'
import { createIcebergTable, createIcebergTableAs, insertIntoIceberg } from './icebergWriting.ts'
import { preparedStatements } from './preparedStatements.ts'
import { showStatement } from './showing.ts'
import { viewText } from './views.ts'
import { tableAsQuery } from './writingTables.ts'

export interface Lines {
  columns: string[]
  rows: string[]
  bytesScanned?: number
  /** Where it is not text. */
  type?: string
  updateCount?: number
  /** The objects that a query wrote. */
  manifest?: string[]
}

export interface StatementPlace {
  id: string
  database: string
  workGroup: string
  bytesMax: number | undefined
  /** The folder of results, `s3://…/`. */
  results: string
  parameters?: string[]
  /** A kill cut an earlier run of it. */
  isAgain?: boolean
}

const nothing: Lines = { columns: [], rows: [] }
type Of<K extends AthenaStatement['kind']> = Extract<AthenaStatement, { kind: K }>

export async function runCatalogStatement(
  statement: AthenaStatement,
  place: StatementPlace,
  ctx: Context,
): Promise<Lines> {
  const glue = ctx.call('glue')
  switch (statement.kind) {
    case 'createTable':
      return createTable(statement, place, ctx)
    case 'createIceberg':
      return createIcebergTable(statement, place, ctx)
    case 'changeRows':
      return changeRows(statement, place, ctx)
    case 'optimize':
      return optimize(statement, place, ctx)
    case 'vacuum':
      return vacuum(statement, place, ctx)
    case 'createTableAs':
      return createTableAs(statement, place, ctx)
    case 'insert':
      return insert(statement, place, ctx)
    case 'unload':
      return tableAsQuery(statement, place, ctx)
    case 'createView':
      return createView(statement, place, ctx)
    case 'dropTable':
      await tolerate(dropTable(statement.name, place, ctx), statement.ifExists && 'EntityNotFoundException')
      return nothing
    case 'createDatabase':
      await tolerate(
        glue.CreateDatabase({
          DatabaseInput: {
            Name: statement.name,
            Description: statement.comment,
            LocationUri: statement.location,
            Parameters: statement.properties,
          },
        }),
        statement.ifNotExists && 'AlreadyExistsException',
      )
      return nothing
    case 'dropDatabase':
      return dropDatabase(statement, ctx)
    case 'repairTable':
      return repairTable(statement.name, place, ctx)
    case 'alterTable':
      return alterTable(statement.name, statement.change, place, ctx)
    case 'show':
    case 'describe':
      return showStatement(statement, place, ctx)
    case 'explain':
      return explain(statement, place, ctx)
    case 'prepare':
      await ctx.commit((tx) =>
        tx
          .in(preparedStatements)
          .put({ workGroup: place.workGroup, name: statement.name, query: statement.query, modifiedAt: tx.now }),
      )
      return nothing
    case 'deallocate':
      await ctx.commit((tx) => tx.in(preparedStatements).delete(place.workGroup, statement.name))
      return nothing
    default:
      throw notSupported(statement.kind)
  }
}

/** Errors: AlreadyExistsException. */
async function createTable({ table, ifNotExists }: Of<'createTable'>, place: StatementPlace, ctx: Context) {
  if (table.parameters.table_type?.toUpperCase() === 'ICEBERG') {
    throw new SqlError('External keyword not supported for table type ICEBERG', undefined, 'SYNTAX_ERROR')
  }
  const DatabaseName = table.name.database ?? place.database
  const made = ctx.call('glue').CreateTable({ DatabaseName, TableInput: tableInput(table) })
  await tolerate(made, ifNotExists && 'AlreadyExistsException')
  return nothing
}

function createTableAs(statement: Of<'createTableAs'>, place: StatementPlace, ctx: Context): Promise<Lines> {
  const isIceberg = String(statement.properties.table_type).toUpperCase() === 'ICEBERG'
  return isIceberg ? createIcebergTableAs(statement, place, ctx) : tableAsQuery(statement, place, ctx)
}

async function insert(statement: Of<'insert'>, place: StatementPlace, ctx: Context): Promise<Lines> {
  const { database, name } = { database: databaseOf(statement.name, place), name: statement.name.name }
  const target = await ifThere(icebergTableOf(ctx, database, name))
  return target ? insertIntoIceberg(statement, target, place, ctx) : tableAsQuery(statement, place, ctx)
}

/** Of an Iceberg table the data go too; of others, Athena leaves them where they lie. */
async function dropTable({ database, name }: ObjectName, place: StatementPlace, ctx: Context): Promise<void> {
  const at = database ?? place.database
  const target = await icebergTableOf(ctx, at, name)
  if (target) await dropIceberg(target, ctx)
  else await ctx.call('glue').DeleteTable({ DatabaseName: at, Name: name })
}

/** Undefined where there is no table of the name: who looks for it in other ways says so. */
async function ifThere<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (error instanceof AwsError && error.code === 'EntityNotFoundException') return undefined
    throw error
  }
}

export function databaseOf(name: ObjectName, place: { database: string }): string {
  return name.database ?? place.database
}

async function tolerate(work: Promise<unknown>, code: string | false): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!(code && error instanceof AwsError && error.code === code)) throw error
  }
}

export function tableInput(table: NewTable): TableInput {
  if (!table.location)
    throw new SqlError(
      'FAILED: SemanticException: LOCATION is missing for the external table',
      undefined,
      'SYNTAX_ERROR',
    )
  const column = (c: { name: string; type: string; comment?: string }) => ({
    Name: c.name,
    Type: c.type,
    ...(c.comment && { Comment: c.comment }),
  })
  return {
    Name: table.name.name,
    ...(table.comment && { Description: table.comment }),
    TableType: 'EXTERNAL_TABLE',
    Parameters: table.parameters,
    PartitionKeys: table.partitionKeys.map(column),
    StorageDescriptor: {
      Columns: table.columns.map(column),
      Location: table.location,
      InputFormat: table.inputFormat,
      OutputFormat: table.outputFormat,
      Compressed: false,
      NumberOfBuckets: table.buckets?.count ?? -1,
      ...(table.buckets && {
        BucketColumns: table.buckets.columns,
        SortColumns: table.buckets.sorted.map(({ name, descending }) => ({
          Column: name,
          SortOrder: descending ? 0 : 1,
        })),
      }),
      StoredAsSubDirectories: false,
      SerdeInfo: { SerializationLibrary: table.serde, Parameters: table.serdeParameters },
    },
  }
}

async function createView(statement: Of<'createView'>, place: StatementPlace, ctx: Context): Promise<Lines> {
  const DatabaseName = databaseOf(statement.name, place)
  const TableInput = await viewText(statement, place, ctx)
  try {
    await ctx.call('glue').CreateTable({ DatabaseName, TableInput })
  } catch (error) {
    if (!(error instanceof AwsError && error.code === 'AlreadyExistsException')) throw error
    if (!statement.orReplace)
      throw new SqlError(
        `line 1:1: View already exists: 'awsdatacatalog.${DatabaseName}.${statement.name.name}'`,
        undefined,
        'TABLE_ALREADY_EXISTS',
      )
    await ctx.call('glue').UpdateTable({ DatabaseName, TableInput })
  }
  return nothing
}

async function dropDatabase(statement: Of<'dropDatabase'>, ctx: Context): Promise<Lines> {
  if (!statement.cascade) {
    const tables = await ctx
      .call('glue')
      .GetTables({ DatabaseName: statement.name })
      .catch((error: unknown) => {
        if (statement.ifExists && error instanceof AwsError && error.code === 'EntityNotFoundException')
          return undefined
        throw error
      })
    if ((tables?.TableList ?? []).length > 0) {
      throw new SqlError(
        `FAILED: Execution Error: InvalidOperationException(message:Database ${statement.name} is not empty. One or more tables exist.)`,
        undefined,
        'HIVE_METASTORE_ERROR',
      )
    }
  }
  await tolerate(
    ctx.call('glue').DeleteDatabase({ Name: statement.name }),
    statement.ifExists && 'EntityNotFoundException',
  )
  return nothing
}

async function repairTable(name: ObjectName, place: StatementPlace, ctx: Context): Promise<Lines> {
  const database = databaseOf(name, place)
  const table = await catalogTable(ctx, { database, table: name.name })
  if (isIceberg(table)) throw notSupported('MSCK REPAIR TABLE of an Iceberg table')
  const { bucket, prefix } = splitUri(table.location)
  const folder = prefix === '' ? '' : prefix.replace(/\/?$/, '/')
  const objects = await ctx.use(lake).list({ scope: ctx, bucket, prefix: folder })
  const known = new Set((await partitionsOf(ctx, table)).map((partition) => JSON.stringify(partition.values)))
  const added: PartitionSpec[] = []
  for (const object of objects) {
    const segments = object.key.slice(folder.length).split('/').slice(0, table.partitionKeys.length)
    const pairs = segments.map((segment) => /^([^=]+)=(.*)$/.exec(segment))
    if (
      pairs.length < table.partitionKeys.length ||
      pairs.some((pair, i) => pair?.[1]?.toLowerCase() !== table.partitionKeys[i]?.name)
    )
      continue
    const values = pairs.map((pair) => decodeURIComponent(pair?.[2] ?? ''))
    if (known.has(JSON.stringify(values))) continue
    known.add(JSON.stringify(values))
    added.push({
      values: values.map((value, i) => ({ name: table.partitionKeys[i]?.name ?? '', value })),
      location: `s3://${bucket}/${folder}${segments.join('/')}/`,
    })
  }
  await addPartitions(ctx, { database, name: name.name, partitions: added, ifNotExists: true })
  const shown = added.map(
    (partition) => `${name.name}:${partition.values.map((pair) => `${pair.name}=${pair.value}`).join('/')}`,
  )
  return {
    columns: [],
    rows:
      shown.length === 0
        ? []
        : [
            `Partitions not in metastore:\t${shown.join('\t')}`,
            ...shown.map((one) => `Repair: Added partition to metastore ${one}`),
          ],
  }
}

/** As many as glue takes. */
const partitionsInBatch = 100
/** They wait for the disk together. */
const batchesAtOnce = 8

export async function addPartitions(
  ctx: Context,
  wanted: { database: string; name: string; partitions: PartitionSpec[]; ifNotExists: boolean },
): Promise<void> {
  const { Table } = await ctx.call('glue').GetTable({ DatabaseName: wanted.database, Name: wanted.name })
  const keys = (Table?.PartitionKeys ?? []).map((key) => key.Name ?? '')
  const inputs = wanted.partitions.map((partition) => {
    const Values = keys.map((key) => partition.values.find((pair) => pair.name === key)?.value ?? '')
    const path = keys.map((key, i) => `${key}=${encodeURIComponent(Values[i] as string)}`).join('/')
    const Location = partition.location ?? `${Table?.StorageDescriptor?.Location?.replace(/\/?$/, '/')}${path}/`
    return { Values, StorageDescriptor: { ...Table?.StorageDescriptor, Location } }
  })
  const add = (from: number) =>
    ctx.call('glue').BatchCreatePartition({
      DatabaseName: wanted.database,
      TableName: wanted.name,
      PartitionInputList: inputs.slice(from, from + partitionsInBatch),
    })
  for (let i = 0; i < inputs.length; i += partitionsInBatch * batchesAtOnce) {
    const starts = Array.from({ length: batchesAtOnce }, (_, n) => i + n * partitionsInBatch)
    const answers = await Promise.all(starts.filter((start) => start < inputs.length).map(add))
    const failed = answers
      .flatMap(({ Errors = [] }) => Errors)
      .find((error) => !(wanted.ifNotExists && error.ErrorDetail?.ErrorCode === 'AlreadyExistsException'))
    if (failed)
      throw new SqlError(
        `FAILED: Execution Error: ${failed.ErrorDetail?.ErrorCode}: ${failed.ErrorDetail?.ErrorMessage}`,
        undefined,
        'HIVE_METASTORE_ERROR',
      )
  }
}

const alterationNames: Partial<Record<TableAlteration['kind'], string>> = {
  dropColumn: 'ALTER TABLE ... DROP COLUMN',
  changeColumn: 'ALTER TABLE ... CHANGE COLUMN',
  unsetProperties: 'ALTER TABLE ... UNSET TBLPROPERTIES',
  rename: 'ALTER TABLE ... RENAME TO',
}

async function alterTable(
  name: ObjectName,
  change: TableAlteration,
  place: StatementPlace,
  ctx: Context,
): Promise<Lines> {
  const database = databaseOf(name, place)
  const glue = ctx.call('glue')
  const target = await icebergTableOf(ctx, database, name.name)
  if (target) return alterIceberg(change, target, place, ctx)
  if (['dropColumn', 'changeColumn', 'unsetProperties', 'rename'].includes(change.kind)) {
    throw notSupported(`${alterationNames[change.kind]} of a table that is no Iceberg table`)
  }
  if (change.kind === 'addPartitions') {
    await addPartitions(ctx, { database, name: name.name, ...change })
    return nothing
  }
  const { Table } = await glue.GetTable({ DatabaseName: database, Name: name.name })
  if (change.kind === 'dropPartitions') {
    const keys = (Table?.PartitionKeys ?? []).map((key) => key.Name ?? '')
    for (const partition of change.partitions) {
      const PartitionValues = keys.map((key) => partition.values.find((pair) => pair.name === key)?.value ?? '')
      await tolerate(
        glue.DeletePartition({ DatabaseName: database, TableName: name.name, PartitionValues }),
        change.ifExists && 'EntityNotFoundException',
      )
    }
    return nothing
  }
  const columns = (list: { name: string; type: string }[]) =>
    list.map((column) => ({ Name: column.name, Type: column.type }))
  const storage = { ...Table?.StorageDescriptor }
  if (change.kind === 'addColumns') storage.Columns = [...(storage.Columns ?? []), ...columns(change.columns)]
  if (change.kind === 'replaceColumns') storage.Columns = columns(change.columns)
  if (change.kind === 'setLocation') storage.Location = change.location
  const Parameters = { ...Table?.Parameters, ...(change.kind === 'setProperties' && change.properties) }
  await glue.UpdateTable({
    DatabaseName: database,
    TableInput: {
      Name: name.name,
      TableType: Table?.TableType,
      Description: Table?.Description,
      PartitionKeys: Table?.PartitionKeys,
      Parameters,
      StorageDescriptor: storage,
    },
  })
  return nothing
}
