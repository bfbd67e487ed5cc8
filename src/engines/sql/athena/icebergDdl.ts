/** CREATE TABLE of an Iceberg table, and what Athena lets its properties be. */
import type { TableColumn } from '../catalogTable.ts'
import type { Cursor } from '../cursor.ts'
import { notSupported, SqlError } from '../sqlError.ts'
import { trinoError } from '../trino/trinoErrors.ts'
import type { ObjectName } from './athenaStatements.ts'
import { columnList, properties } from './hiveDdl.ts'

export interface PartitionTransform {
  column: string
  /** As Iceberg writes it: `bucket[4]`. */
  transform: string
}

export interface NewIcebergTable {
  name: ObjectName
  columns: TableColumn[]
  partitioning: PartitionTransform[]
  location: string
  properties: Record<string, string>
  comment?: string
}

/** `CREATE TABLE name` was read. Errors: what Hive says of a table without EXTERNAL. */
export function createIcebergTable(c: Cursor, name: ObjectName): NewIcebergTable {
  const at = c.peek()
  const table: NewIcebergTable = { name, columns: columnList(c), partitioning: [], location: '', properties: {} }
  let given: Record<string, string> = {}
  while (!c.isDone && !c.is(';')) {
    if (c.accept('COMMENT')) table.comment = c.string()
    else if (c.accept('PARTITIONED', 'BY')) table.partitioning = transformList(c)
    else if (c.accept('LOCATION')) table.location = c.string()
    else if (c.accept('TBLPROPERTIES')) given = properties(c)
    else throw c.mismatch('PARTITIONED, LOCATION, TBLPROPERTIES')
  }
  const { table_type: type, ...others } = given
  if (type?.toUpperCase() !== 'ICEBERG')
    throw new SqlError("FAILED: ParseException line 1:7 missing EXTERNAL at 'TABLE'", at, 'SYNTAX_ERROR')
  if (table.location === '')
    throw new SqlError('FAILED: SemanticException: LOCATION is missing for the Iceberg table', at, 'SYNTAX_ERROR')
  return { ...table, properties: icebergProperties(others) }
}

function transformList(c: Cursor): PartitionTransform[] {
  c.expect('(')
  const list = c.list(() => {
    const start = c.peek().start
    let end = c.next().end
    if (c.is('(')) while (!c.isDone && c.peek(-1).key !== ')') end = c.next().end
    return partitionTransform(c.sql.slice(start, end))
  })
  c.expect(')')
  return list
}

/** `day(ts)`, `bucket(4, id)` as Hive's DDL has it, `bucket(id, 4)` as CREATE TABLE AS has it. Errors: INVALID_TABLE_PROPERTY. */
export function partitionTransform(text: string): PartitionTransform {
  const call = /^\s*(\w+)\s*\(([^()]*)\)\s*$/.exec(text)
  if (!call) return { column: bare(text), transform: 'identity' }
  const name = (call[1] as string).toLowerCase()
  const args = (call[2] as string).split(',').map(bare)
  if (['year', 'month', 'day', 'hour'].includes(name) && args.length === 1)
    return { column: args[0] as string, transform: name }
  const width = args.find((arg) => /^\d+$/.test(arg))
  const column = args.find((arg) => !/^\d+$/.test(arg))
  if (['bucket', 'truncate'].includes(name) && args.length === 2 && width && column)
    return { column, transform: `${name}[${width}]` }
  throw trinoError('INVALID_TABLE_PROPERTY', `Unable to parse partitioning value: ${text}`)
}

const bare = (text: string) =>
  text
    .trim()
    .replace(/^[`"](.*)[`"]$/, '$1')
    .toLowerCase()

/** Athena's properties as the table's metadata keeps them. Errors: for any other, since nothing would act on it. */
export function icebergProperties(given: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(given).flatMap(([name, value]) => icebergProperty(name, value)))
}

/** The names under which the metadata keeps a property of Athena's. */
export const icebergPropertyNames = (name: string): string[] => keptNames[name] ?? [name]

const keptNames: Record<string, string[]> = {
  format: ['write.format.default'],
  write_compression: ['write.parquet.compression-codec'],
  write_target_data_file_size_bytes: ['write.target-file-size-bytes'],
  // The library leaves out older files of the log by its own name for it.
  vacuum_max_metadata_files_to_keep: ['vacuum_max_metadata_files_to_keep', 'write.metadata.previous-versions-max'],
}

/** What of the metadata's properties Athena shows, under its own names. */
export function athenaProperties(kept: Readonly<Record<string, string>>): Record<string, string> {
  const names = ['format', 'write_compression', ...numbers]
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = kept[icebergPropertyNames(name)[0] as string]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

const numbers = [
  ...['optimize_rewrite_data_file_threshold', 'optimize_rewrite_delete_file_threshold'],
  ...['optimize_rewrite_min_data_file_size_bytes', 'optimize_rewrite_max_data_file_size_bytes'],
  ...['vacuum_max_snapshot_age_seconds', 'vacuum_min_snapshots_to_keep', 'vacuum_max_metadata_files_to_keep'],
  'write_target_data_file_size_bytes',
]

function icebergProperty(name: string, value: string): [string, string][] {
  const under = (kept: string): [string, string][] => icebergPropertyNames(name).map((one) => [one, kept])
  if (numbers.includes(name)) {
    if (!/^\d+$/.test(value))
      throw trinoError('INVALID_TABLE_PROPERTY', `Invalid value for table property ${name}: ${value}`)
    return under(value)
  }
  const word = value.toLowerCase()
  if (name === 'format') {
    if (word !== 'parquet') throw notSupported(`An Iceberg table of format ${value}`)
    return under(word)
  }
  if (name === 'write_compression') {
    const codec = { none: 'uncompressed' }[word] ?? word
    if (!['uncompressed', 'snappy', 'gzip', 'zstd', 'lz4'].includes(codec))
      throw notSupported(`The compression ${value} of an Iceberg table`)
    return under(codec)
  }
  throw trinoError('INVALID_TABLE_PROPERTY', `Unsupported table property key: ${name}`)
}
