/**
 * A table's files as a DuckDB relation with the declared columns, as Hive's SerDes read them: text is cut by line and
 * field by rules of ours (DuckDB's CSV reader quotes, pads and fails where Hive does not), Parquet is matched by name.
 */
import { compileGrok, GrokError } from '../inference/grok.ts'
import type { CatalogTable, TableColumn } from './catalogTable.ts'
import { formatOf } from './catalogTable.ts'
import { quoteName, quoteText } from './cursor.ts'
import type { Connection } from './duckdb.ts'
import { duckTypeOf, type HiveType, parseHiveType } from './hiveTypes.ts'
import type { LinePack } from './linePack.ts'
import { notSupported, SqlError } from './sqlError.ts'
import { jsonColumn, lazyColumn, lineSource, openCsvFields } from './textColumns.ts'

export interface FileGroup {
  /** Links in a folder that the engine may read. */
  paths: string[]
  /** Where those of the paths are that have no file. */
  pack?: LinePack
  /** One per partition key; null is Hive's default partition. */
  partition: (string | null)[]
}

/** `$path` or `$bucket`: what it is for a row of the file `filename`. */
export interface HiddenColumn {
  name: string
  sql: string
}

/** `SELECT` text that yields the table's columns, then its partition columns, then (on request) hidden ones. */
export async function tableRelation(
  table: CatalogTable,
  groups: FileGroup[],
  use: { connection: Connection; hidden?: readonly HiddenColumn[] },
): Promise<string> {
  const branches: string[] = []
  const filled = groups.filter((group) => group.paths.length > 0)
  if (filled.length > branchesMax) return joinedRelation(table, filled, use)
  for (const group of filled) {
    const isAlike =
      group.paths.length > branchesMax && (await alikeFiles(table, group.paths, use.connection)).length === 1
    const columns = await fileColumns(table, { ...packed(group.paths, [group]), isAlike }, use.connection)
    const partition = table.partitionKeys.map(
      (key, i) => `${partitionValue(key, group.partition[i] ?? null)} AS ${quoteName(key.name)}`,
    )
    const hidden = (use.hidden ?? []).map(({ name, sql }) => `${sql} AS ${quoteName(name)}`)
    branches.push(`SELECT ${[...columns.list, ...partition, ...hidden].join(', ')} FROM ${columns.from}`)
  }
  return branches.length > 0 ? branches.join(' UNION ALL ') : emptyRelation(table, use.hidden ?? [])
}

/** A plan of a branch for each partition grows faster than their number: more are read at once, and joined with their values. */
const branchesMax = 16

async function joinedRelation(
  table: CatalogTable,
  groups: readonly FileGroup[],
  use: { connection: Connection; hidden?: readonly HiddenColumn[] },
): Promise<string> {
  const rows = new Map(
    groups.flatMap(({ paths, partition }) =>
      paths.map((path) => [
        path,
        `(${[path, ...partition].map((value) => (value === null ? 'NULL' : quoteText(value))).join(', ')})`,
      ]),
    ),
  )
  const keys = table.partitionKeys.map((key, i) => {
    return `CAST(p."the key ${i}" AS ${duckTypeOf(typeOf(key))}) AS ${quoteName(key.name)}`
  })
  const names = ['"the file"', ...table.partitionKeys.map((_, i) => `"the key ${i}"`)].join(', ')
  const hidden = (use.hidden ?? []).map(({ name, sql }) => `${sql} AS ${quoteName(name)}`)
  const branches: string[] = []
  for (const paths of await alikeFiles(table, [...rows.keys()], use.connection)) {
    const columns = await fileColumns(table, { ...packed(paths, groups), isAlike: true }, use.connection)
    const values = paths.map((one) => rows.get(one)).join(', ')
    branches.push(
      `SELECT ${[...columns.list, ...keys, ...hidden].join(', ')} FROM ${columns.from} JOIN (VALUES ${values}) AS p(${names}) ON filename = p."the file"`,
    )
  }
  return branches.join(' UNION ALL ')
}

/** Files of one schema may be read together: a column that is wrong in one must not spoil the others. */
async function alikeFiles(table: CatalogTable, paths: string[], connection: Connection): Promise<string[][]> {
  const format = formatOf(table)
  if (format !== 'parquet' && format !== 'orc') return [paths]
  const found = await connection.all(
    `SELECT file_name, string_agg(concat_ws(' ', name, "type", logical_type, repetition_type, num_children), ',') FROM parquet_schema([${paths.map(quoteText).join(', ')}]) GROUP BY ALL`,
  )
  const bySchema = new Map<string, string[]>()
  for (const [path, schema] of found)
    bySchema.set(String(schema), [...(bySchema.get(String(schema)) ?? []), String(path)])
  return [...bySchema.values()]
}

function emptyRelation(table: CatalogTable, hidden: readonly HiddenColumn[]): string {
  const all = [...table.columns, ...table.partitionKeys].map(
    (column) => `CAST(NULL AS ${duckTypeOf(typeOf(column))}) AS ${quoteName(column.name)}`,
  )
  const more = hidden.map(({ name }) => `NULL AS ${quoteName(name)}`)
  return `SELECT ${[...all, ...more].join(', ')} WHERE false`
}

function partitionValue(key: TableColumn, value: string | null): string {
  const type = duckTypeOf(typeOf(key))
  return value === null ? `CAST(NULL AS ${type})` : `CAST(${quoteText(value)} AS ${type})`
}

export function typeOf(column: TableColumn): HiveType {
  return parseHiveType(column.type)
}

interface ReadFiles {
  paths: string[]
  packs: LinePack[]
  /** All are of one schema, so that the first tells it. */
  isAlike: boolean
}

function packed(paths: string[], groups: readonly FileGroup[]): Omit<ReadFiles, 'isAlike'> {
  return { paths, packs: [...new Set(groups.flatMap(({ pack }) => (pack ? [pack] : [])))] }
}

/** How many lines at the top of each file are none of the table's. */
export function skippedLines(table: CatalogTable): number {
  return Number(table.parameters['skip.header.line.count'] ?? 0)
}

async function fileColumns(
  table: CatalogTable,
  { paths, packs, isAlike }: ReadFiles,
  connection: Connection,
): Promise<{ list: string[]; from: string }> {
  const format = formatOf(table)
  if (format === 'parquet' || format === 'orc') return parquetColumns(table, { paths, isAlike }, connection)
  if (Number(table.parameters['skip.footer.line.count'] ?? 0) > 0) throw notSupported('skip.footer.line.count')
  const lines = lineSource(paths, skippedLines(table), packs)
  const named = (column: TableColumn, sql: string) => `${sql} AS ${quoteName(column.name)}`
  if (format === 'json' || format === 'avro') {
    return {
      from: jsonLines(table, lines),
      list: table.columns.map((column) => named(column, jsonColumn(table, column.name, typeOf(column)))),
    }
  }
  if (format === 'regex') return regexColumns(table, lines)
  if (format === 'opencsv') {
    const fields = openCsvFields(table.serdeParameters)
    return {
      from: `(SELECT filename, ${fields} AS f FROM ${lines})`,
      list: table.columns.map((column, i) => named(column, openCsvValue(typeOf(column), `f[${i + 1}]`))),
    }
  }
  const lazy = lazyColumn(table.serdeParameters)
  return {
    from: `(SELECT filename, ${lazy.fields} AS f FROM ${lines})`,
    list: table.columns.map((column, i) => named(column, lazy.column(typeOf(column), `f[${i + 1}]`))),
  }
}

/** Athena's OpenCSVSerDe gives text as it is, and reads other types strictly; an empty field of theirs is NULL. */
function openCsvValue(type: HiveType, field: string): string {
  if (type.kind !== 'scalar') throw notSupported('A nested column in an OpenCSVSerde table')
  if (['string', 'varchar', 'char'].includes(type.name)) return field
  if (type.name === 'date')
    return `CASE WHEN ${field} = '' THEN NULL ELSE DATE '1970-01-01' + CAST(${field} AS INTEGER) END`
  if (type.name === 'timestamp')
    return `CASE WHEN ${field} = '' THEN NULL ELSE make_timestamp(CAST(${field} AS BIGINT) * 1000) END`
  return `CAST(nullif(trim(${field}), '') AS ${duckTypeOf(type)})`
}

/** Malformed lines fail the query, unless the SerDe is told to ignore them: then they are rows of NULLs. */
function jsonLines(table: CatalogTable, lines: string): string {
  const ignore = table.serdeParameters['ignore.malformed.json']?.toLowerCase() === 'true'
  const bad = ignore ? "'{}'" : `error('HIVE_CURSOR_ERROR: Row is not a valid JSON Object - ' || line)`
  return `(SELECT filename, CAST(CASE WHEN json_valid(line) THEN line ELSE ${bad} END AS JSON) AS j FROM ${lines} WHERE trim(line) <> '')`
}

function regexColumns(table: CatalogTable, lines: string): { list: string[]; from: string } {
  const pattern = /GrokSerDe$/i.test(table.serde) ? grokPattern(table) : table.serdeParameters['input.regex']
  if (!pattern)
    throw new SqlError("The RegexSerDe needs the property 'input.regex'.", undefined, 'HIVE_INVALID_METADATA')
  const whole = quoteText(`^(?:${pattern})$`)
  return {
    from: lines,
    list: table.columns.map((column, i) => {
      const group = `CASE WHEN regexp_matches(line, ${whole}) THEN regexp_extract(line, ${whole}, ${i + 1}) END`
      return `TRY_CAST(${group} AS ${duckTypeOf(typeOf(column))}) AS ${quoteName(column.name)}`
    }),
  }
}

/** A group for each field that the pattern names, in their order. */
function grokPattern({ serdeParameters }: CatalogTable): string {
  const format = serdeParameters['input.format']
  if (!format)
    throw new SqlError("The GrokSerDe needs the property 'input.format'.", undefined, 'HIVE_INVALID_METADATA')
  try {
    return compileGrok(format, serdeParameters['input.grokCustomPatterns']).regex
  } catch (error) {
    if (error instanceof GrokError) throw new SqlError(error.message, undefined, 'HIVE_INVALID_METADATA')
    throw error
  }
}

async function parquetColumns(
  table: CatalogTable,
  { paths, isAlike }: Pick<ReadFiles, 'paths' | 'isAlike'>,
  connection: Connection,
): Promise<{ list: string[]; from: string }> {
  const union = paths.length > 1 && !isAlike ? ' union_by_name=true,' : ''
  const from = `read_parquet([${paths.map(quoteText).join(', ')}],${union} hive_partitioning=false, filename=true)`
  const described = await connection.all(`DESCRIBE SELECT * FROM ${from}`)
  const present = new Map(
    described.map((row) => [String(row[0]).toLowerCase(), { name: String(row[0]), type: String(row[1]) }]),
  )
  const list = table.columns.map((column) => {
    const type = typeOf(column)
    const found = present.get(column.name.toLowerCase())
    const sql = found ? parquetValue(table, column, type, found) : `CAST(NULL AS ${duckTypeOf(type)})`
    return `${sql} AS ${quoteName(column.name)}`
  })
  return { list, from }
}

const widenings: Record<string, RegExp> = {
  tinyint: /^(TINYINT|SMALLINT|INTEGER)$/,
  smallint: /^(TINYINT|SMALLINT|INTEGER)$/,
  int: /^(TINYINT|SMALLINT|INTEGER|DATE|UTINYINT|USMALLINT)$/,
  bigint: /^(TINYINT|SMALLINT|INTEGER|BIGINT|UINTEGER)$/,
  float: /^FLOAT$/,
  double: /^(FLOAT|DOUBLE)$/,
  decimal: /^(DECIMAL.*|INTEGER|BIGINT)$/,
  string: /^(VARCHAR|JSON|BLOB|UUID|ENUM.*)$/,
  varchar: /^(VARCHAR|JSON|BLOB|UUID|ENUM.*)$/,
  char: /^(VARCHAR|JSON|BLOB|UUID|ENUM.*)$/,
  boolean: /^BOOLEAN$/,
  date: /^DATE$/,
  timestamp: /^TIMESTAMP/,
  binary: /^(BLOB|VARCHAR)$/,
}

function parquetValue(
  _table: CatalogTable,
  column: TableColumn,
  type: HiveType,
  found: { name: string; type: string },
): string {
  const name = quoteName(found.name)
  if (type.kind === 'scalar' && !widenings[type.name]?.test(found.type)) {
    // Only who reads the column is told.
    const message = `HIVE_BAD_DATA: Field ${column.name}'s type ${found.type} in parquet file is incompatible with type ${column.type} defined in table schema`
    return `CAST(CASE WHEN ${name} IS NOT NULL THEN error(${quoteText(message)}) END AS ${duckTypeOf(type)})`
  }
  if (type.kind === 'scalar' && type.name === 'char') return `rpad(CAST(${name} AS VARCHAR), ${type.args[0] ?? 1}, ' ')`
  if (type.kind === 'scalar' && type.name === 'timestamp')
    return `date_trunc('millisecond', CAST(${name} AS TIMESTAMP) + INTERVAL '500 microseconds')`
  return `CAST(${name} AS ${duckTypeOf(type)})`
}
