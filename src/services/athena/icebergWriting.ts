/** CREATE TABLE, CREATE TABLE AS and INSERT INTO of Iceberg tables. */
import { join } from 'node:path'
import type { Context } from '../../delivery/context.ts'
import { lake } from '../../delivery/lake.ts'
import type { AthenaStatement } from '../../engines/sql/athena/athenaStatements.ts'
import { icebergProperties, partitionTransform } from '../../engines/sql/athena/icebergDdl.ts'
import {
  createdColumns,
  insertedColumns,
  type WrittenColumn,
  writtenPartitionsMax,
} from '../../engines/sql/athena/tableWriting.ts'
import { splitUri } from '../../engines/sql/catalogFiles.ts'
import type { IcebergDescription } from '../../engines/sql/iceberg/icebergLibrary.ts'
import { rowsCopyText } from '../../engines/sql/iceberg/icebergRows.ts'
import { SchemaMaker, trinoTypeOf } from '../../engines/sql/iceberg/icebergSchema.ts'
import { describeAt } from '../../engines/sql/iceberg/icebergTables.ts'
import { SqlError } from '../../engines/sql/sqlError.ts'
import { castSql } from '../../engines/sql/trino/casts.ts'
import { type SqlType, sameType } from '../../engines/sql/trino/sqlTypes.ts'
import type { CompiledStatement } from '../../engines/sql/trino/statement.ts'
import { trinoError } from '../../engines/sql/trino/trinoErrors.ts'
import { AwsError } from '../../wire/errors.ts'
import { databaseOf, type Lines, type StatementPlace } from './catalogStatements.ts'
import {
  type Change,
  changeTable,
  createTable,
  doneBefore,
  type IcebergTable,
  icebergTableOf,
  withChange,
} from './icebergCommits.ts'
import { type QueryText, withQuery } from './selecting.ts'

type Of<K extends AthenaStatement['kind']> = Extract<AthenaStatement, { kind: K }>

const nothing: Lines = { columns: [], rows: [] }

export async function createIcebergTable(
  { table, ifNotExists }: Of<'createIceberg'>,
  place: StatementPlace,
  ctx: Context,
): Promise<Lines> {
  const database = databaseOf(table.name, place)
  const { name } = table.name
  const request = {
    operation: 'create',
    schema: new SchemaMaker().struct(table.columns),
    partitioning: table.partitioning,
    location: table.location,
    properties: withDefaults(table.properties),
  }
  return withChange(ctx, place, async (change) => {
    if (await madeBefore(change, database, name)) return nothing
    try {
      const { comment } = table
      await createTable(change, { database, name, request, ...(comment !== undefined && { comment }) })
    } catch (error) {
      if (!(ifNotExists && error instanceof AwsError && error.code === 'AlreadyExistsException')) throw error
    }
    return nothing
  })
}

/** Athena's engine version 3 writes ZSTD where nothing is said. */
function withDefaults(properties: Record<string, string>): Record<string, string> {
  return { 'write.parquet.compression-codec': 'zstd', ...properties }
}

/** Whether an earlier, killed run of this very query made the table. */
async function madeBefore({ ctx, place }: Change, database: string, name: string): Promise<boolean> {
  if (!place.isAgain) return false
  try {
    return (await icebergTableOf(ctx, database, name))?.metadataLocation.includes(place.id) ?? false
  } catch (error) {
    if (error instanceof AwsError && error.code === 'EntityNotFoundException') return false
    throw error
  }
}

export async function createIcebergTableAs(
  statement: Of<'createTableAs'>,
  place: StatementPlace,
  ctx: Context,
): Promise<Lines> {
  const database = databaseOf(statement.name, place)
  const { name } = statement.name
  const { location, partitioning, properties } = creation(statement)
  return withChange(ctx, place, async (change) => {
    if (await madeBefore(change, database, name)) return { ...nothing, columns: ['rows'] }
    if (await isThere(ctx, database, name)) {
      if (statement.ifNotExists) return nothing
      const message = `Destination table 'awsdatacatalog.${database}.${name}' already exists`
      throw trinoError('TABLE_ALREADY_EXISTS', message, { line: 1, column: 1 })
    }
    await checkEmpty(change, location)
    let columns: WrittenColumn[] = []
    const rows = join(change.folder, 'rows.parquet')
    const written = await writeRows(
      change,
      { sql: statement.query, isEmpty: !statement.withData, path: rows },
      (compiled) => {
        columns = createdColumns(compiled, {}, keptType).map(asKept)
        return columns
      },
    )
    const schema = new SchemaMaker().struct(columns.map(({ name: column, type }) => ({ name: column, type })))
    const request = { operation: 'create', schema, partitioning, location, properties, rows: [rows] }
    const staged = await createTable(change, { database, name, request }, checkPartitions)
    return linesOf(staged, written)
  })
}

async function isThere(ctx: Context, database: string, name: string): Promise<boolean> {
  try {
    await ctx.call('glue').GetTable({ DatabaseName: database, Name: name })
    return true
  } catch (error) {
    if (error instanceof AwsError && error.code === 'EntityNotFoundException') return false
    throw error
  }
}

/** What an earlier, killed run of this very query left does not count. */
async function checkEmpty({ ctx, place }: Change, location: string): Promise<void> {
  const { bucket, prefix } = splitUri(location)
  const where = { scope: ctx, bucket, prefix: prefix.replace(/\/?$/, '/') }
  const found = await ctx.use(lake).list(where, ({ key }) => !key.includes(place.id))
  if (found.length === 0) return
  throw new SqlError(
    `Cannot create a table on a non-empty location: ${location}`,
    undefined,
    'ICEBERG_FILESYSTEM_ERROR',
  )
}

/** Iceberg has moments to the microsecond alone, and no bounded text. Errors: NOT_SUPPORTED. */
const keptType = (type: SqlType): SqlType => trinoTypeOf(new SchemaMaker().ofTrino(type))

function asKept({ name, type, sql }: WrittenColumn): WrittenColumn {
  const kept = keptType(type)
  return { name, type: kept, sql: sameType(type, kept) ? sql : castSql({ sql, type }, kept) }
}

function creation({ properties }: Of<'createTableAs'>) {
  const { table_type: _type, is_external: external, location, partitioning, ...others } = properties
  if (external === undefined || String(external).toLowerCase() !== 'false')
    throw trinoError('INVALID_TABLE_PROPERTY', 'The table property is_external must be false for an Iceberg table')
  if (typeof location !== 'string' || location === '')
    throw trinoError('INVALID_TABLE_PROPERTY', 'The table property location must be set for an Iceberg table')
  const texts = Object.fromEntries(Object.entries(others).map(([name, value]) => [name, String(value)]))
  return {
    location,
    partitioning: [partitioning ?? []].flat().map(partitionTransform),
    properties: withDefaults(icebergProperties(texts)),
  }
}

export async function insertIntoIceberg(
  statement: Of<'insert'>,
  target: IcebergTable,
  place: StatementPlace,
  ctx: Context,
): Promise<Lines> {
  return withChange(ctx, place, async (change) => {
    const done = await doneBefore(change, target)
    if (done) return { columns: ['rows'], rows: [] }
    const now = await describeAt(ctx, target.metadataLocation)
    const path = join(change.folder, 'rows.parquet')
    const written = await writeRows(change, { sql: statement.query, path }, (compiled) =>
      insertedColumns(compiled, tableColumns(now), statement.columns),
    )
    const request = { operation: 'append', rows: [path] }
    const staged = await changeTable(change, target, request, { mayRetry: true, check: checkPartitions })
    return linesOf(staged, written)
  })
}

export function tableColumns({ schema }: IcebergDescription): { name: string; type: SqlType }[] {
  return schema.fields.map(({ name, type }) => ({ name: name.toLowerCase(), type: trinoTypeOf(type) }))
}

export interface Written {
  rows: number
  bytesScanned: number
}

/** The query's rows as a file. */
export async function writeRows(
  { ctx, place, folder }: Change,
  query: { sql: string; path: string; isEmpty?: boolean; parameters?: string[] } & Pick<QueryText, 'target'>,
  columns: (compiled: CompiledStatement) => WrittenColumn[],
): Promise<Written> {
  const { sql, path, isEmpty, target, parameters = place.parameters ?? [] } = query
  return withQuery(
    { ...place, sql, parameters, ...(target && { target }) },
    ctx,
    async (running, bytesScanned) => {
      let rows = 0n
      for await (const batch of running.rows()) for (const row of batch) rows += BigInt(String(row[0] ?? 0))
      return { rows: Number(rows), bytesScanned }
    },
    {
      folder,
      copy: (compiled) => {
        const given = isEmpty ? { ...compiled, sql: `SELECT * FROM (${compiled.sql}) AS e LIMIT 0` } : compiled
        return rowsCopyText(given, columns(compiled), path)
      },
    },
  )
}

export function linesOf(
  staged: IcebergDescription & { data_files?: string[] },
  { rows, bytesScanned }: Written,
): Lines {
  const manifest = staged.files.map(({ location }) => location).filter((location) => !location.includes('/metadata/'))
  return { columns: ['rows'], rows: [], bytesScanned, updateCount: rows, manifest }
}

/** Errors: ICEBERG_TOO_MANY_OPEN_PARTITIONS, as Athena's limit is worded. */
export function checkPartitions({ files }: IcebergDescription): void {
  const folders = files.filter(({ location }) => location.includes('/data/')).map(({ location }) => folderOf(location))
  if (new Set(folders).size <= writtenPartitionsMax) return
  throw new SqlError(
    `Exceeded limit of ${writtenPartitionsMax} open writers for partitions`,
    undefined,
    'ICEBERG_TOO_MANY_OPEN_PARTITIONS',
  )
}

const folderOf = (location: string) => location.slice(0, location.lastIndexOf('/'))
