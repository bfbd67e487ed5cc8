/**
 * Runs one Athena query over Catalog tables. The tables the query names become views over their linked files in a
 * DuckDB of the query's own, which may read those folders and nothing else.
 */
import type { CatalogPartition, CatalogTable } from '../catalogTable.ts'
import { quoteName, quoteText } from '../cursor.ts'
import type { Connection, Value } from '../duckdb.ts'
import { hiddenNames, type IcebergScan, icebergRelation } from '../iceberg/icebergRelation.ts'
import { trinoTypeOf } from '../iceberg/icebergSchema.ts'
import type { SpareDatabase } from '../spareDatabase.ts'
import { type FileGroup, type HiddenColumn, tableRelation } from '../tableFiles.ts'
import { castSql } from '../trino/casts.ts'
import type { TableReference, TableSource } from '../trino/compilation.ts'
import { fromHive, toCarrier } from '../trino/hiveColumns.ts'
import { parseQuery } from '../trino/parser.ts'
import { bigint, integer, type SqlType, varchar } from '../trino/sqlTypes.ts'
import {
  type CompiledStatement,
  compileStatement,
  prepareConnection,
  type TextSettings,
  tablesOfStatement,
} from '../trino/statement.ts'
import type { TableUse } from '../trino/tableNames.ts'
import { trinoError } from '../trino/trinoErrors.ts'
import { engineFailure } from './engineFailures.ts'

/** A table with its files, linked into a folder that the engine may read. */
export interface LinkedTable {
  table: CatalogTable
  groups: (FileGroup & { bytes: number })[]
  folders: string[]
  /** A view's own query, in its database; then there are no files. */
  view?: string
  /** `"table$partitions"`: the partitions' values are the rows. */
  partitions?: CatalogPartition[]
  /** Rows that come from no file: information_schema's. */
  rows?: readonly (readonly (string | number | null)[])[]
  /** From a link to the object's URI, for `"$path"`. */
  uris: Map<string, string>
  /** An Iceberg table's files, which its metadata names. */
  iceberg?: IcebergScan
  /** What stands after FOR VERSION or TIMESTAMP AS OF: another table than the one without. */
  version?: string
}

export interface QuerySettings {
  database: string
  now: string
  engines: SpareDatabase
  parameters?: string[]
  /** Told how the query is cut, before it begins: its first rows may be hours away. */
  begins?: (interrupt: () => void) => void
  /** A statement around the query that writes its rows into the folder. */
  write?: { folder?: string; copy: (statement: CompiledStatement) => string }
}

export interface QueryColumn {
  name: string
  type: SqlType
}

export interface RunningQuery {
  columns: QueryColumn[]
  rows(): AsyncIterable<Value[][]>
  close(): void
}

/** The tables that a query names, each with what its uses ask of it; unqualified names are of the current database. */
export function tablesOf(sql: string, settings: TextSettings): { reference: TableReference; uses: TableUse[] }[] {
  const found = new Map<string, { reference: TableReference; uses: TableUse[] }>()
  for (const { reference, use } of tablesOfStatement(sql, settings)) {
    checkCatalog(reference)
    const key = referenceKey(reference)
    const known = found.get(key) ?? { reference, uses: [] }
    known.uses.push(use)
    found.set(key, known)
  }
  return [...found.values()]
}

/** The same for all that stand for the same rows. */
export function referenceKey({ database, table, version }: TableReference): string {
  return JSON.stringify([database, table, version?.text])
}

function checkCatalog({ catalog, at }: TableReference): void {
  if (catalog === undefined || catalog === 'awsdatacatalog') return
  throw trinoError('CATALOG_NOT_FOUND', `Catalog '${catalog}' not found`, at)
}

/** The query as DuckDB's text, with its columns: nothing is run. */
export function compiledQuery(sql: string, tables: readonly LinkedTable[], settings: QuerySettings): CompiledStatement {
  return compiled(sql, tables, settings).statement
}

function compiled(
  sql: string,
  tables: readonly LinkedTable[],
  settings: QuerySettings,
): { statement: CompiledStatement; withPath: Set<LinkedTable> } {
  const withPath = new Set<LinkedTable>()
  const statement = compileStatement(sql, {
    database: settings.database,
    now: settings.now,
    parameters: settings.parameters ?? [],
    table: (reference) => sourceOf(tables, reference, (linked) => withPath.add(linked)),
  })
  return { statement, withPath }
}

function sourceOf(
  tables: readonly LinkedTable[],
  reference: TableReference,
  usePath: (linked: LinkedTable) => void,
): TableSource {
  checkCatalog(reference)
  const { database, table, version, at } = reference
  const linked = tables.find(
    (one) => one.table.database === database && one.table.name === table && one.version === version?.text,
  )
  if (!linked) throw trinoError('TABLE_NOT_FOUND', `Table 'awsdatacatalog.${database}.${table}' does not exist`, at)
  if (linked.view !== undefined) return { kind: 'view', query: parseQuery(linked.view), database }
  return {
    kind: 'relation',
    sql: viewName(linked),
    columns: columnsOf(linked),
    ...(isFiles(linked) && {
      hidden: hiddenColumns(linked).map(({ name, type }) => ({ name, type })),
      useHidden: () => usePath(linked),
    }),
  }
}

/** Our own prefix: DuckDB keeps some names, `information_schema`, for itself. */
const viewSchema = ({ table }: LinkedTable) => quoteName(`db ${table.database}`)
const viewName = (linked: LinkedTable) =>
  `${viewSchema(linked)}.${quoteName([linked.table.name, ...(linked.version === undefined ? [] : [linked.version])].join(' of '))}`
const isFiles = (linked: LinkedTable) =>
  linked.view === undefined && linked.partitions === undefined && linked.rows === undefined

const isConstant = (linked: LinkedTable) => linked.view === undefined && !isFiles(linked)

function columnsOf({ table, iceberg }: LinkedTable): QueryColumn[] {
  if (iceberg)
    return iceberg.schema.fields.map(({ name, type }) => ({ name: name.toLowerCase(), type: trinoTypeOf(type) }))
  return [...table.columns, ...table.partitionKeys].map((column) => ({
    name: column.name,
    type: fromHive(column.type),
  }))
}

export async function runQuery(sql: string, tables: LinkedTable[], settings: QuerySettings): Promise<RunningQuery> {
  const { statement, withPath } = compiled(sql, tables, settings)
  const { engines, write } = settings
  const isBare = tables.length === 0 && !write
  const folders = [...tables.flatMap((table) => table.folders), ...(write?.folder ? [write.folder] : [])]
  const database = await (isBare ? engines.openBare() : engines.open({ folders }))
  let isDone = false
  const connection = await database.connect()
  settings.begins?.(() => connection.interrupt())
  const close = () => {
    connection.close()
    if (isBare && isDone) engines.keepBare(database)
    else engines.discard(database)
  }
  try {
    const text = write ? write.copy(statement) : statement.sql
    const texts = [text, ...tables.filter(isConstant).map(constantRows)].join(' ')
    await prepareConnection(connection, texts, database.functions)
    for (const linked of tables) await createView(connection, linked, withPath.has(linked))
    const result = await connection.query(text)
    return {
      columns: statement.columns,
      rows: () =>
        withFailures(result.rows(), () => {
          isDone = true
        }),
      close,
    }
  } catch (error) {
    close()
    throw engineFailure(error)
  }
}

async function* withFailures(rows: AsyncIterable<Value[][]>, done: () => void): AsyncIterable<Value[][]> {
  try {
    yield* rows
    done()
  } catch (error) {
    throw engineFailure(error)
  }
}

async function createView(connection: Connection, linked: LinkedTable, withPath: boolean): Promise<void> {
  if (linked.view !== undefined) return
  await connection.execute(`CREATE SCHEMA IF NOT EXISTS ${viewSchema(linked)}`)
  const relation = isFiles(linked) ? await fileRows(connection, linked, withPath) : constantRows(linked)
  await connection.execute(`CREATE VIEW ${viewName(linked)} AS ${relation}`)
}

async function fileRows(connection: Connection, linked: LinkedTable, withPath: boolean): Promise<string> {
  if (linked.iceberg) return icebergRelation(linked.iceberg, { connection, withHidden: withPath })
  const relation = await tableRelation(linked.table, linked.groups, {
    connection,
    ...(withPath ? { hidden: hiddenColumns(linked) } : {}),
  })
  const columns = columnsOf(linked)
  const list = columns.map(({ name, type }) => {
    const column = `f.${quoteName(name)}`
    const carried = toCarrier(column, type)
    return carried === column ? column : `${carried} AS ${quoteName(name)}`
  })
  if (list.every((text) => text.startsWith('f.'))) return relation
  return `SELECT ${[...list, ...(withPath ? hiddenColumns(linked).map(({ name }) => `f.${quoteName(name)}`) : [])].join(', ')} FROM (${relation}) AS f`
}

function constantRows(linked: LinkedTable): string {
  return constantRelation(columnsOf(linked), linked.rows ?? (linked.partitions ?? []).map(({ values }) => values))
}

/** Rows of texts, cast to their columns' types, as a query. */
export function constantRelation(
  columns: readonly QueryColumn[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  const cell = (value: string | number | null, type: SqlType) =>
    value === null || value === '__HIVE_DEFAULT_PARTITION__'
      ? 'NULL'
      : castSql({ sql: quoteText(String(value)), type: varchar() }, type)
  const list = rows.map((row) => `(${row.map((value, i) => cell(value, (columns[i] as QueryColumn).type)).join(', ')})`)
  const names = columns.map(({ name }) => quoteName(name)).join(', ')
  const none = columns.map(() => 'NULL').join(', ')
  const values = list.length > 0 ? list.join(', ') : `(${none})`
  return `SELECT * FROM (VALUES ${values}) AS v(${names})${list.length > 0 ? '' : ' WHERE false'}`
}

/** `"$path"`; of a bucketed table `"$bucket"` too, the number in front of the file's name. */
function hiddenColumns(linked: LinkedTable): (HiddenColumn & { type: SqlType })[] {
  const { table, uris, iceberg } = linked
  if (iceberg) {
    return [
      { name: hiddenNames.path, type: varchar(), sql: '' },
      { name: hiddenNames.row, type: bigint, sql: '' },
    ]
  }
  const byFile = (value: (uri: string) => string) => {
    const entries = [...uris].map(([path, uri]) => `WHEN ${quoteText(path)} THEN ${value(uri)}`)
    return entries.length === 0 ? 'NULL' : `CASE filename ${entries.join(' ')} END`
  }
  const path = { name: '$path', type: varchar(), sql: byFile(quoteText) }
  if ((table.bucketColumns ?? []).length === 0) return [path]
  return [path, { name: '$bucket', type: integer, sql: `CAST(${byFile(bucketNumber)} AS INTEGER)` }]
}

function bucketNumber(uri: string): string {
  const digits = /\/0*(\d+)_[^/]*$/.exec(uri)?.[1]
  return digits ?? 'NULL'
}
