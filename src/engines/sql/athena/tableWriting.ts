/**
 * A query's rows on their way into a table's files: checked against the table's columns as Trino's INSERT does, put into
 * the form of the file (Parquet, JSON lines, delimited text), and written by one COPY into a staging folder.
 */
import { quoteName, quoteText } from '../cursor.ts'
import { notSupported } from '../sqlError.ts'
import { castSql, lambdaName } from '../trino/casts.ts'
import { isCoercible } from '../trino/coercion.ts'
import { toHive, toStored } from '../trino/hiveColumns.ts'
import { isText, type SqlType, typeName, varchar } from '../trino/sqlTypes.ts'
import type { CompiledStatement } from '../trino/statement.ts'
import { failSql, trinoError } from '../trino/trinoErrors.ts'
import { type Bucketing, bucketFolder, bucketText, checkBuckets } from './bucketing.ts'

/** ORC is written as Parquet first, Avro as JSON lines. */
export type WrittenFormat = 'PARQUET' | 'ORC' | 'AVRO' | 'JSON' | 'TEXTFILE' | 'CSV'

export interface WriteForm {
  format: WrittenFormat
  /** DuckDB's word for it. */
  compression: string
  partitionedBy: readonly string[]
  bucketedBy?: Bucketing
  /** The delimiters of a text table, by the SerDe's names. */
  serdeParameters: Readonly<Record<string, string>>
}

export interface WrittenColumn {
  name: string
  type: SqlType
  /** The value's text in terms of the query's columns: `w.c0`. */
  sql: string
}

const isParquet = (format: WrittenFormat) => format === 'PARQUET' || format === 'ORC'

export const writtenPartitionsMax = 100

/** A column's name that no table has. */
const lineName = '"the line"'
const start = { line: 1, column: 1 }
const extensions: Record<WrittenFormat, string> = {
  PARQUET: 'parquet',
  ORC: 'parquet',
  AVRO: 'json',
  JSON: 'json',
  TEXTFILE: 'txt',
  CSV: 'csv',
}

/** The query's own columns as a new table's. Errors: as Trino's CREATE TABLE AS. */
export function createdColumns(
  { columns }: CompiledStatement,
  { partitionedBy, bucketedBy }: Partial<Pick<WriteForm, 'partitionedBy' | 'bucketedBy'>> = {},
  checkType: (type: SqlType) => unknown = toHive,
): WrittenColumn[] {
  const seen = new Set<string>()
  const written = columns.map(({ name: given, type, isUnnamed }, i) => {
    const name = given.toLowerCase()
    if (isUnnamed) throw trinoError('MISSING_COLUMN_NAME', `Column name not specified at position ${i + 1}`, start)
    if (seen.has(name))
      throw trinoError('DUPLICATE_COLUMN_NAME', `Column name '${name}' specified more than once`, start)
    if (type.kind === 'unknown') throw trinoError('COLUMN_TYPE_UNKNOWN', `Column type is unknown: ${name}`, start)
    seen.add(name)
    checkType(type)
    return { name, type, sql: `w.c${i}` }
  })
  checkPartitioning(
    written.map(({ name }) => name),
    partitionedBy ?? [],
  )
  if (bucketedBy) checkBuckets(written, partitionedBy ?? [], bucketedBy)
  return written
}

function checkPartitioning(names: readonly string[], keys: readonly string[]): void {
  const absent = keys.filter((key) => !names.includes(key))
  if (absent.length > 0) {
    throw trinoError('INVALID_TABLE_PROPERTY', `Partition columns [${absent.join(', ')}] not present in schema`)
  }
  if (names.length > 0 && keys.length === names.length) {
    throw trinoError('INVALID_TABLE_PROPERTY', 'Table contains only partition columns')
  }
  if (names.slice(names.length - keys.length).join() !== keys.join()) {
    throw trinoError(
      'HIVE_COLUMN_ORDER_MISMATCH',
      `Partition keys must be the last columns in the table and in the same order as the table properties: [${keys.join(', ')}]`,
    )
  }
}

/** The query's columns as values for a table's: all of them in order, or those that the statement lists. */
export function insertedColumns(
  { columns }: CompiledStatement,
  table: readonly { name: string; type: SqlType }[],
  listed: readonly string[] | undefined,
): WrittenColumn[] {
  checkListed(table, listed ?? [])
  const wanted = (listed ?? table.map(({ name }) => name)).map(
    (name) => table.find((column) => column.name === name) as { name: string; type: SqlType },
  )
  const fits = wanted.length === columns.length && columns.every(({ type }, i) => mayInsert(type, wanted[i]?.type))
  if (!fits) {
    const shown = (list: readonly { type: SqlType }[]) => list.map(({ type }) => typeName(type)).join(', ')
    throw trinoError(
      'TYPE_MISMATCH',
      `Insert query has mismatched column types: Table: [${shown(wanted)}], Query: [${shown(columns)}]`,
      start,
    )
  }
  return table.map(({ name, type }) => {
    const place = wanted.findIndex((column) => column.name === name)
    const from = columns[place]?.type
    return {
      name,
      type,
      sql: from ? insertedValue(`w.c${place}`, from, type) : castSql({ sql: 'NULL', type: { kind: 'unknown' } }, type),
    }
  })
}

function checkListed(table: readonly { name: string }[], listed: readonly string[]): void {
  const absent = listed.find((name) => !table.some((column) => column.name === name))
  if (absent !== undefined) {
    throw trinoError('COLUMN_NOT_FOUND', `Insert column name does not exist in target table: ${absent}`, start)
  }
  const twice = listed.find((name, i) => listed.indexOf(name) !== i)
  if (twice !== undefined) {
    throw trinoError('DUPLICATE_COLUMN_NAME', `Insert column name is specified more than once: ${twice}`, start)
  }
}

function mayInsert(from: SqlType, to: SqlType | undefined): boolean {
  return to !== undefined && (isCoercible(from, to) || (isText(from) && isText(to)))
}

/** A text longer than its column is an error, unless only blanks are too many. */
function insertedValue(sql: string, from: SqlType, to: SqlType): string {
  const bounded = isText(from) && (to.kind === 'varchar' || to.kind === 'char') && to.length !== undefined
  if (!bounded) return castSql({ sql, type: from }, to)
  const cut = failSql(
    'INVALID_CAST_ARGUMENT',
    `Cannot truncate non-space characters when casting from ${typeName(from)} to ${typeName(to)} on INSERT`,
  )
  return `CASE WHEN length(rtrim(${sql}, ' ')) > ${to.length} THEN ${cut} ELSE ${castSql({ sql, type: from }, to)} END`
}

/** One COPY: its files lie in `folder`, below `key=value` folders where the table is partitioned. */
export function copyText(
  { sql }: CompiledStatement,
  columns: readonly WrittenColumn[],
  form: WriteForm,
  place: { folder: string; name: string },
): string {
  const keys = columns.filter(({ name }) => form.partitionedBy.includes(name))
  const values = columns.filter(({ name }) => !form.partitionedBy.includes(name))
  const bucket = form.bucketedBy ? [`${bucketText(columns, form.bucketedBy)} AS ${quoteName(bucketFolder)}`] : []
  const list = [...storedValues(values, form), ...keys.map(partitionText), ...bucket].join(', ')
  const file = `${place.name}_0.${extensions[form.format]}${isParquet(form.format) ? '' : compressedEnding(form)}`
  const folders = [...keys.map(({ name }) => name), ...(form.bucketedBy ? [bucketFolder] : [])]
  const target = folders.length > 0 ? place.folder : `${place.folder}/${file}`
  const partitioning =
    folders.length > 0
      ? [
          `PARTITION_BY (${folders.map(quoteName).join(', ')})`,
          `FILENAME_PATTERN '${place.name}_{i}'`,
          ...(isParquet(form.format) ? [] : [`FILE_EXTENSION '${extensions[form.format]}'`]),
        ]
      : []
  const compression = { ORC: 'snappy', AVRO: 'none' }[form.format as 'ORC'] ?? form.compression
  const options = [...formatOptions(form), `COMPRESSION ${compression}`, ...partitioning]
  return `COPY (SELECT ${list} FROM (${sql}) AS w) TO ${quoteText(target)} (${options.join(', ')})`
}

function compressedEnding({ format, compression }: WriteForm): string {
  if (format === 'AVRO') return ''
  return { gzip: '.gz', zstd: '.zst' }[compression] ?? ''
}

function formatOptions({ format }: WriteForm): string[] {
  if (isParquet(format)) return ['FORMAT parquet']
  // Whole lines, made here: nothing is to be quoted, and no text has this delimiter.
  return ['FORMAT csv', 'HEADER false', "QUOTE ''", "ESCAPE ''", "DELIMITER '\u001e'"]
}

function partitionText({ name, type, sql }: WrittenColumn): string {
  if (['array', 'map', 'row', 'varbinary'].includes(type.kind)) {
    throw trinoError('NOT_SUPPORTED', `Unsupported type [${typeName(type)}] for partition: ${name}`)
  }
  return `coalesce(${castSql({ sql, type }, varchar())}, '__HIVE_DEFAULT_PARTITION__') AS ${quoteName(name)}`
}

function storedValues(columns: readonly WrittenColumn[], { format, serdeParameters }: WriteForm): string[] {
  if (isParquet(format)) return columns.map(({ name, type, sql }) => `${toStored(sql, type)} AS ${quoteName(name)}`)
  if (format === 'JSON' || format === 'AVRO') {
    const stored = format === 'AVRO' ? avroStored : jsonStored
    const members = columns.map(({ name, type, sql }) => `${quoteName(name)} := ${stored(sql, type)}`)
    return [`CAST(to_json(struct_pack(${members.join(', ')})) AS VARCHAR) AS ${lineName}`]
  }
  const cells =
    format === 'CSV' ? columns.map(csvCell) : columns.map(({ sql, type }) => lazyCell(sql, type, serdeParameters))
  const delimiter = format === 'CSV' ? (serdeParameters['field.delim'] ?? ',') : delimiters(serdeParameters)[0]
  return [`${cells.join(` || ${quoteText(delimiter as string)} || `)} AS ${lineName}`]
}

/** JSON has no bytes: the SerDes keep them in base64. */
function jsonStored(sql: string, type: SqlType): string {
  if (type.kind === 'varbinary') return `to_base64(${sql})`
  if (typeName(type).includes('varbinary')) throw notSupported('varbinary within a nested column of a JSON table')
  return toStored(sql, type)
}

/** What a number of JSON could not hold goes as text; dates and moments as what Avro keeps of them. */
function avroStored(sql: string, type: SqlType): string {
  const within = (inner: SqlType) => {
    const item = lambdaName(sql)
    return `lambda ${item}: ${avroStored(item, inner)}`
  }
  switch (type.kind) {
    case 'bigint':
    case 'decimal':
    case 'real':
    case 'double':
      return `CAST(${sql} AS VARCHAR)`
    case 'date':
      return `CAST(${sql} - DATE '1970-01-01' AS BIGINT)`
    case 'timestamp':
      return `epoch_ms(${sql})`
    case 'varbinary':
      return `to_base64(${sql})`
    case 'array':
      return `list_transform(${sql}, ${within(type.element)})`
    case 'map':
      if (!isText(type.key)) throw notSupported(`A map with ${typeName(type.key)} keys in an Avro file`)
      return `map(map_keys(${sql}), list_transform(map_values(${sql}), ${within(type.value)}))`
    case 'row': {
      const fields = type.fields.map(
        (field, i) => `${quoteName(field.name ?? `field${i}`)} := ${avroStored(`(${sql}).f${i}`, field.type)}`,
      )
      return `CASE WHEN ${sql} IS NOT NULL THEN struct_pack(${fields.join(', ')}) END`
    }
    default:
      return toStored(sql, type)
  }
}

/** Every value quoted, quotation marks escaped by a backslash, NULL as nothing: as OpenCSVSerde writes. */
function csvCell({ name, sql, type }: WrittenColumn): string {
  if (['array', 'map', 'row'].includes(type.kind)) throw notSupported(`The ${type.kind} column ${name} in a CSV file`)
  const text = scalarText(sql, type)
  return `coalesce('"' || replace(replace(${text}, '\\', '\\\\'), '"', '\\"') || '"', '')`
}

const scalarText = (sql: string, type: SqlType) =>
  type.kind === 'varbinary' ? `to_base64(${sql})` : castSql({ sql, type }, varchar())

const nullText = (parameters: Readonly<Record<string, string>>) => parameters['serialization.null.format'] ?? '\\N'

function delimiters(parameters: Readonly<Record<string, string>>): string[] {
  const code = (text: string) =>
    /^\d{1,3}$/.test(text) ? String.fromCharCode(Number(text)) : text === '\\t' ? '\t' : text
  return [
    parameters['field.delim'] ?? parameters['serialization.format'] ?? '1',
    parameters['collection.delim'] ?? '2',
    parameters['mapkey.delim'] ?? '3',
  ].map(code)
}

function lazyCell(sql: string, type: SqlType, parameters: Readonly<Record<string, string>>): string {
  const escapeChar = parameters['escape.delim']
  const [field = ''] = delimiters(parameters)
  const text = lazyText(sql, type, parameters, 1)
  const escaped = escapeChar
    ? [escapeChar, field].reduce(
        (inner, char) => `replace(${inner}, ${quoteText(char)}, ${quoteText(escapeChar + char)})`,
        text,
      )
    : text
  return `coalesce(${escaped}, ${quoteText(nullText(parameters))})`
}

/** Each level of nesting has the next delimiter, as LazySimpleSerDe cuts them. */
function lazyText(sql: string, type: SqlType, parameters: Readonly<Record<string, string>>, depth: number): string {
  const delimiter = delimiters(parameters)[depth]
  if (!['array', 'map', 'row'].includes(type.kind)) return scalarText(sql, type)
  if (delimiter === undefined) throw notSupported('A column nested deeper than two levels in a text table')
  const within = (inner: string, of: SqlType, deeper = depth + 1) =>
    `coalesce(${lazyText(inner, of, parameters, deeper)}, ${quoteText(nullText(parameters))})`
  const item = lambdaName(sql)
  const joined = (list: string) => `array_to_string(${list}, ${quoteText(delimiter)})`
  if (type.kind === 'array') return joined(`list_transform(${sql}, lambda ${item}: ${within(item, type.element)})`)
  if (type.kind === 'row') {
    const parts = type.fields.map((field, i) => within(`(${sql}).f${i}`, field.type))
    return `CASE WHEN ${sql} IS NOT NULL THEN ${parts.join(` || ${quoteText(delimiter)} || `)} END`
  }
  if (type.kind !== 'map') return sql
  const between = quoteText(delimiters(parameters)[depth + 1] ?? '\u0003')
  const entry = `${within(`${item}.key`, type.key, depth + 2)} || ${between} || ${within(`${item}.value`, type.value, depth + 2)}`
  return joined(`list_transform(map_entries(${sql}), lambda ${item}: ${entry})`)
}
