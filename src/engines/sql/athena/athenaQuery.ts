/**
 * Runs one Athena query over Catalog tables. The tables the query names become views over their linked files in a
 * DuckDB of the query's own, which may read those folders and nothing else.
 */
import { type CatalogTable, formatOf } from '../catalogTable.ts'
import { type ColumnType, columnType, hiveTypeText } from '../columnTypes.ts'
import { quoteName } from '../cursor.ts'
import type { TableName } from '../dialect.ts'
import { type Connection, Database, type ResultSet, type SqlLimits, type Value } from '../duckdb.ts'
import { translateQuery } from '../queries.ts'
import { SqlError } from '../sqlError.ts'
import { type FileGroup, tableRelation } from '../tableFiles.ts'
import { newTranslation } from '../translate.ts'
import { athenaDialect } from './athenaDialect.ts'
import { trinoMacros } from './athenaMacros.ts'

/** A table with its files, linked into a folder that the engine may read. */
export interface LinkedTable {
  table: CatalogTable
  groups: (FileGroup & { bytes: number })[]
  folders: string[]
  /** A view's own query, in its database; then there are no files. */
  view?: string
  /** From a link to the object's URI, for `"$path"`. */
  uris: Map<string, string>
}

export interface QuerySettings {
  database: string
  now: string
  limits: SqlLimits
  spillFolder?: string
  parameters?: string[]
  /** A statement around the query that writes its rows into the folder. */
  write?: { folder: string; copy: (select: string) => string }
}

export interface QueryColumn {
  name: string
  type: ColumnType
}

export interface RunningQuery {
  columns: QueryColumn[]
  rows(): AsyncIterable<Value[][]>
  /** The columns of a query whose rows were written, as the Catalog types them. */
  described?: { name: string; type: string }[]
  cancel(): void
  close(): void
}

/** The tables that a query names, each once; unqualified names are of the current database. */
export function tablesOf(
  sql: string,
  settings: Pick<QuerySettings, 'database' | 'now' | 'parameters'>,
): { database: string; table: string; at: TableName['at'] }[] {
  const found = new Map<string, { database: string; table: string; at: TableName['at'] }>()
  for (const name of translated(sql, settings, new Map()).tables) {
    const database = name.schema ?? settings.database
    checkCatalog(name)
    if (!found.has(`${database}.${name.table}`))
      found.set(`${database}.${name.table}`, { database, table: name.table, at: name.at })
  }
  return [...found.values()]
}

function checkCatalog(name: TableName): void {
  if (name.catalog === undefined || name.catalog === 'awsdatacatalog') return
  throw new SqlError(
    `line ${name.at.line}:${name.at.column}: Catalog '${name.catalog}' not found`,
    name.at,
    'CATALOG_NOT_FOUND',
  )
}

function translated(
  sql: string,
  settings: Pick<QuerySettings, 'database' | 'now' | 'parameters'>,
  types: Map<string, string>,
) {
  const given = [...(settings.parameters ?? [])]
  const t = newTranslation(sql, {
    dialect: athenaDialect,
    now: settings.now,
    tableSql: (name) => `${quoteName(name.schema ?? settings.database)}.${quoteName(name.table)}`,
    columnType: (path) => types.get(path[path.length - 1] as string),
    parameters: (token) => {
      const value = given.shift()
      if (value === undefined)
        throw new SqlError(
          `line ${token.line}:${token.column}: Incorrect number of parameters`,
          token,
          'INVALID_PARAMETER_USAGE',
        )
      return `(${translateScalar(value, settings.now)})`
    },
  })
  const query = translateQuery(t)
  t.cursor.expectEnd()
  return {
    query,
    tables: t.tables,
    usesPath: t.cursor.tokens.some((token) => token.kind === 'quoted' && token.text.toLowerCase() === '$path'),
  }
}

/** A parameter is a literal expression: `'2024-01-01'`, `5`, `DATE '2024-01-01'`. */
function translateScalar(text: string, now: string): string {
  const t = newTranslation(`SELECT ${text}`, { dialect: athenaDialect, now })
  const query = translateQuery(t)
  t.cursor.expectEnd()
  return query
}

export async function runQuery(sql: string, tables: LinkedTable[], settings: QuerySettings): Promise<RunningQuery> {
  const types = new Map(
    tables.flatMap(({ table }) =>
      [...table.columns, ...table.partitionKeys].map(
        (column) => [column.name.toLowerCase(), column.type.toLowerCase()] as const,
      ),
    ),
  )
  const { query, usesPath } = translated(sql, settings, types)
  const database = await Database.open({
    folders: [...tables.flatMap((table) => table.folders), ...(settings.write ? [settings.write.folder] : [])],
    limits: settings.limits,
    ...(settings.spillFolder ? { spillFolder: settings.spillFolder } : {}),
  })
  const connection = await database.connect()
  const close = () => {
    connection.close()
    database.close()
  }
  try {
    await connection.execute(trinoMacros.map((macro) => `CREATE MACRO ${macro};`).join('\n'))
    for (const linked of tables) {
      await connection.execute(`CREATE SCHEMA IF NOT EXISTS ${quoteName(linked.table.database)}`)
      if (linked.view !== undefined) {
        const inner = translated(linked.view, { ...settings, database: linked.table.database, parameters: [] }, types)
        await connection.execute(
          `CREATE VIEW ${quoteName(linked.table.database)}.${quoteName(linked.table.name)} AS ${inner.query}`,
        )
        continue
      }
      const relation = await tableRelation(linked.table, linked.groups, {
        connection,
        ...(usesPath ? { pathColumn: pathColumn(linked) } : {}),
      })
      await connection.execute(
        `CREATE VIEW ${quoteName(linked.table.database)}.${quoteName(linked.table.name)} AS ${relation}`,
      )
    }
    const described = settings.write ? await describedColumns(connection, query) : undefined
    const result = await connection.query(settings.write ? settings.write.copy(query) : query)
    return {
      ...(described && { described }),
      columns: namedColumns(result),
      rows: result.rows,
      cancel: () => connection.interrupt(),
      close,
    }
  } catch (error) {
    close()
    throw error
  }
}

async function describedColumns(connection: Connection, query: string): Promise<{ name: string; type: string }[]> {
  const { columns } = await connection.query(`SELECT * FROM (${query}) LIMIT 0`)
  return columns.map((column) => ({ name: column.name, type: hiveTypeText(columnType(column.type)) }))
}

function pathColumn(linked: LinkedTable): string {
  formatOf(linked.table)
  const entries = [...linked.uris].map(
    ([path, uri]) => `WHEN '${path.replaceAll("'", "''")}' THEN '${uri.replaceAll("'", "''")}'`,
  )
  return entries.length === 0 ? 'NULL' : `CASE filename ${entries.join(' ')} END`
}

/** Unnamed columns are `_col0`, `_col1` by their place among all. */
function namedColumns(result: ResultSet): QueryColumn[] {
  return result.columns.map((column, i) => ({
    name: /^_anon_\d+$/.test(column.name) ? `_col${i}` : column.name,
    type: columnType(column.type),
  }))
}
