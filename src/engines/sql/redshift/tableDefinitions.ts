/** What the warehouse keeps beside the rows: columns as they were declared, external schemas, the ledger, load errors. */
import { columnType } from '../columnTypes.ts'
import { quoteName, quoteText } from '../cursor.ts'
import type { Connection } from '../duckdb.ts'
import { SqlError } from '../sqlError.ts'
import type { Place, TableColumnDefinition } from './redshiftStatements.ts'
import { redshiftTypeName } from './redshiftText.ts'

const userTables = `SELECT database_name, schema_name, table_name, 'BASE TABLE' AS kind FROM duckdb_tables() WHERE NOT temporary AND schema_name <> 'igarape'
  UNION ALL SELECT database_name, schema_name, view_name, 'VIEW' FROM duckdb_views() WHERE NOT internal AND NOT temporary AND schema_name <> 'igarape'`
const shownColumns = `SELECT c.schema_name, c.table_name, c.column_name, c.column_index, c.is_nullable, c.column_default,
    coalesce(d.type, lower(c.data_type)) AS type, d.length, d.precision, d.scale
  FROM duckdb_columns() c LEFT JOIN igarape.columns d ON d.schema = c.schema_name AND d."table" = c.table_name AND d."column" = c.column_name
  WHERE NOT c.internal AND c.schema_name <> 'igarape' AND c.database_name <> 'temp'`

export const schemaSql: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS igarape',
  'CREATE SCHEMA IF NOT EXISTS public',
  'CREATE TABLE IF NOT EXISTS igarape.ledger (id VARCHAR, outcome VARCHAR)',
  'CREATE TABLE IF NOT EXISTS igarape.external_schemas (name VARCHAR, database VARCHAR)',
  `CREATE TABLE IF NOT EXISTS igarape.columns (schema VARCHAR, "table" VARCHAR, "column" VARCHAR, position INTEGER, type VARCHAR, length INTEGER, precision INTEGER, scale INTEGER, nullable BOOLEAN, duck_type VARCHAR, default_sql VARCHAR)`,
  'CREATE TABLE IF NOT EXISTS igarape.stl_load_errors (starttime TIMESTAMP, query VARCHAR, filename VARCHAR, line_number BIGINT, colname VARCHAR, type VARCHAR, col_length VARCHAR, raw_line VARCHAR, raw_field_value VARCHAR, err_code INTEGER, err_reason VARCHAR)',
  `CREATE OR REPLACE VIEW igarape.svv_tables AS SELECT current_database() AS table_catalog, schema_name AS table_schema, table_name, kind AS table_type FROM (${userTables})`,
  `CREATE OR REPLACE VIEW igarape.information_schema_tables AS SELECT * FROM igarape.svv_tables`,
  `CREATE OR REPLACE VIEW igarape.svv_columns AS SELECT current_database() AS table_catalog, schema_name AS table_schema, table_name, column_name, column_index AS ordinal_position, column_default, CASE WHEN is_nullable THEN 'YES' ELSE 'NO' END AS is_nullable, type AS data_type, length AS character_maximum_length, precision AS numeric_precision, scale AS numeric_scale FROM (${shownColumns})`,
  `CREATE OR REPLACE VIEW igarape.information_schema_columns AS SELECT * FROM igarape.svv_columns`,
  `CREATE OR REPLACE VIEW igarape.information_schema_schemata AS SELECT current_database() AS catalog_name, schema_name, 'awsuser' AS schema_owner FROM duckdb_schemas() WHERE NOT internal AND schema_name <> 'igarape' AND schema_name <> 'main' UNION ALL SELECT current_database(), name, 'awsuser' FROM igarape.external_schemas`,
  `CREATE OR REPLACE VIEW igarape.svv_external_schemas AS SELECT name AS schemaname, database AS databasename FROM igarape.external_schemas`,
  `CREATE OR REPLACE VIEW igarape.pg_table_def AS SELECT schema_name AS schemaname, table_name AS tablename, column_name AS "column", type, NOT is_nullable AS "notnull" FROM (${shownColumns})`,
]

export const systemTables: ReadonlySet<string> = new Set([
  'svv_tables',
  'svv_columns',
  'svv_external_schemas',
  'pg_table_def',
  'stl_load_errors',
  'information_schema_tables',
  'information_schema_columns',
  'information_schema_schemata',
])

interface NewTable {
  place: Place
  temporary: boolean
  ifNotExists: boolean
  columns: TableColumnDefinition[]
  like?: Place
}

export async function createTable(
  connection: Connection,
  table: NewTable,
  tableSql: (place: Place) => string,
): Promise<void> {
  const { place, temporary } = table
  const schema = place.schema ?? 'public'
  if (table.ifNotExists && !temporary) {
    const [existing] = await connection.all(
      `SELECT 1 FROM duckdb_tables() WHERE schema_name = ${quoteText(schema)} AND table_name = ${quoteText(place.table)}`,
    )
    if (existing) return
  }
  const columns = table.like ? await columnsLike(connection, table.like) : table.columns
  const elements: string[] = []
  for (const column of columns) elements.push(await columnSql(connection, column, `${schema}.${place.table}`))
  await connection.execute(`CREATE ${temporary ? 'TEMP ' : ''}TABLE ${tableSql(place)} (${elements.join(', ')})`)
  if (temporary) return
  const rows = columns.map((column, i) => {
    const [first, second] = column.type.args
    const isText = column.type.base === 'varchar' || column.type.base === 'char'
    const numbers = [isText ? first : undefined, isText ? undefined : first, isText ? undefined : second].map(
      (n) => n ?? 'NULL',
    )
    return `(${[schema, place.table, column.name].map(quoteText).join(', ')}, ${i + 1}, ${quoteText(column.type.name)}, ${numbers.join(', ')}, ${column.nullable}, ${quoteText(column.type.sql)}, ${column.defaultSql ? quoteText(column.defaultSql) : 'NULL'})`
  })
  await connection.execute(`INSERT INTO igarape.columns VALUES ${rows.join(', ')}`)
}

/** Redshift counts the bytes of a text; DuckDB would take any length. */
async function columnSql(connection: Connection, column: TableColumnDefinition, table: string): Promise<string> {
  const name = quoteName(column.name)
  let sql = `${name} ${column.type.sql}`
  if (column.identity) {
    const sequence = `igarape.${quoteName(table)}`
    await connection.execute(
      `CREATE SEQUENCE ${sequence} START ${column.identity.seed} INCREMENT ${column.identity.step}`,
    )
    sql += ` DEFAULT nextval(${quoteText(sequence)})`
  } else if (column.defaultSql) sql += ` DEFAULT ${column.defaultSql}`
  if (!column.nullable) sql += ' NOT NULL'
  const length = column.type.args[0]
  const isText = column.type.base === 'varchar' || column.type.base === 'char'
  return isText && length ? `${sql} CHECK (strlen(${name}) <= ${length})` : sql
}

async function columnsLike(connection: Connection, like: Place): Promise<TableColumnDefinition[]> {
  const rows = await connection.all(
    `SELECT "column", type, length, precision, scale, nullable, duck_type FROM igarape.columns WHERE schema = ${quoteText(like.schema ?? 'public')} AND "table" = ${quoteText(like.table)} ORDER BY position`,
  )
  if (rows.length === 0) throw new SqlError(`ERROR: relation "${like.table}" does not exist`)
  return rows.map(([name, type, length, precision, scale, nullable, duckType]) => ({
    name: String(name),
    nullable: nullable === true,
    type: {
      sql: String(duckType),
      name: String(type),
      base: type === 'bpchar' ? 'char' : String(type),
      args: [length ?? precision, scale].filter((value) => value !== null).map(Number),
    },
  }))
}

/** A table made of a query has the query's types. */
export async function recordQueryColumns(connection: Connection, place: Place, name: string): Promise<void> {
  const { columns } = await connection.query(`SELECT * FROM ${name} LIMIT 0`)
  for (const [i, column] of columns.entries()) {
    const type = columnType(column.type)
    const values = [place.schema ?? 'public', place.table, column.name].map(quoteText).join(', ')
    const [precision, scale] = type.kind === 'decimal' ? [type.precision, type.scale] : ['NULL', 'NULL']
    await connection.execute(
      `INSERT INTO igarape.columns VALUES (${values}, ${i + 1}, ${quoteText(redshiftTypeName(type))}, ${redshiftTypeName(type) === 'varchar' ? 65535 : 'NULL'}, ${precision}, ${scale}, true, ${quoteText(String(column.type))}, NULL)`,
    )
  }
}
