/** Where CREATE TABLE AS, INSERT INTO and UNLOAD put their rows, and in which form: from the statement, or the table. */
import type { TableInput } from '@aws-sdk/client-glue'
import type { Context } from '../../delivery/context.ts'
import type { AthenaStatement } from '../../engines/sql/athena/athenaStatements.ts'
import { bucketingOf } from '../../engines/sql/athena/bucketing.ts'
import { storageForms } from '../../engines/sql/athena/hiveDdl.ts'
import {
  createdColumns,
  insertedColumns,
  type WriteForm,
  type WrittenColumn,
  type WrittenFormat,
} from '../../engines/sql/athena/tableWriting.ts'
import { catalogTable } from '../../engines/sql/catalogFiles.ts'
import { type CatalogTable, formatOf } from '../../engines/sql/catalogTable.ts'
import { notSupported, SqlError } from '../../engines/sql/sqlError.ts'
import { fromHive, toHive } from '../../engines/sql/trino/hiveColumns.ts'
import type { CompiledStatement } from '../../engines/sql/trino/statement.ts'
import { trinoError } from '../../engines/sql/trino/trinoErrors.ts'
import { AwsError } from '../../wire/errors.ts'
import { databaseOf, type StatementPlace } from './catalogStatements.ts'

type Of<K extends AthenaStatement['kind']> = Extract<AthenaStatement, { kind: K }>
export type Writing = Of<'createTableAs' | 'insert' | 'unload'>
type Properties = Record<string, string | string[]>

export interface WriteTarget {
  database: string
  location: string
  form: WriteForm
  /** Errors: what the table, or Trino, does not take. */
  columns(statement: CompiledStatement): WrittenColumn[]
  /** INSERT adds to what is there. */
  isAdded: boolean
  /** Rows are left out: WITH NO DATA. */
  isEmpty?: boolean
  /** The table whose partitions the written folders are. */
  partitionsOf?: string
  /** CREATE TABLE AS: the new table. */
  created?: (columns: readonly WrittenColumn[]) => TableInput
}

/** Undefined where IF NOT EXISTS finds the table there. */
export async function writeTarget(
  statement: Writing,
  place: StatementPlace,
  ctx: Context,
): Promise<WriteTarget | undefined> {
  if (statement.kind === 'unload') return unloadTarget(statement, place)
  const database = databaseOf(statement.name, place)
  const existing = await tableIfThere(ctx, database, statement.name.name)
  const name = `'awsdatacatalog.${database}.${statement.name.name}'`
  if (statement.kind === 'insert') {
    if (!existing) throw trinoError('TABLE_NOT_FOUND', `Table ${name} does not exist`, { line: 1, column: 1 })
    return insertTarget(statement, existing)
  }
  if (!existing) return createTarget(statement, database, place)
  if (statement.ifNotExists) return undefined
  throw trinoError('TABLE_ALREADY_EXISTS', `Destination table ${name} already exists`, { line: 1, column: 1 })
}

async function tableIfThere(ctx: Context, database: string, table: string) {
  try {
    return await catalogTable(ctx, { database, table })
  } catch (error) {
    if (error instanceof AwsError && error.code === 'EntityNotFoundException') return undefined
    throw error
  }
}

function unloadTarget({ location, properties }: Of<'unload'>, place: StatementPlace): WriteTarget {
  checkProperties(properties, ['format', 'compression', 'compression_level', 'field_delimiter', 'partitioned_by'])
  const form = writeForm(properties, properties.compression, '\u0001')
  return {
    database: place.database,
    location,
    form,
    isAdded: false,
    columns: (statement) => createdColumns(statement, form),
  }
}

function createTarget(statement: Of<'createTableAs'>, database: string, place: StatementPlace): WriteTarget {
  const { properties } = statement
  checkProperties(properties, createProperties)
  const form = writeForm(
    properties,
    properties.write_compression ?? properties.parquet_compression ?? properties.orc_compression,
    '\u0001',
  )
  const { external_location: given } = properties
  const location = typeof given === 'string' ? given.replace(/\/?$/, '/') : `${place.results}tables/${place.id}/`
  return {
    database,
    location,
    form,
    isAdded: false,
    isEmpty: !statement.withData,
    partitionsOf: statement.name.name,
    columns: (compiled) => createdColumns(compiled, form),
    created: (columns) => newTable(statement.name.name, location, form, columns),
  }
}

const createProperties = [
  ...['format', 'external_location', 'partitioned_by', 'field_delimiter', 'is_external', 'table_type'],
  ...['write_compression', 'parquet_compression', 'orc_compression', 'compression_level'],
  ...['bucketed_by', 'bucket_count'],
]

function checkProperties(given: Properties, known: readonly string[]): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name))
  if (unknown) {
    throw trinoError('INVALID_TABLE_PROPERTY', `Catalog 'awsdatacatalog' table property '${unknown}' does not exist`)
  }
  if ('compression_level' in given) throw notSupported('The table property compression_level')
  if (given.table_type !== undefined && String(given.table_type).toUpperCase() !== 'HIVE') {
    throw notSupported(`The table type ${given.table_type}`)
  }
}

function writeForm(given: Properties, compression: string | string[] | undefined, delimiter: string): WriteForm {
  const format = String(given.format ?? 'PARQUET').toUpperCase()
  const name = format === 'TEXT' ? 'TEXTFILE' : format
  if (name === 'ION') throw notSupported(`Writing ${name}`)
  if (!['PARQUET', 'ORC', 'AVRO', 'JSON', 'TEXTFILE', 'CSV'].includes(name)) {
    throw trinoError('INVALID_TABLE_PROPERTY', `Unable to set table property 'format' to ['${format}']`)
  }
  const isText = name === 'TEXTFILE' || name === 'CSV'
  if (given.field_delimiter !== undefined && !isText) {
    throw trinoError(
      'INVALID_TABLE_PROPERTY',
      `Cannot specify field_delimiter table property for storage format: ${name}`,
    )
  }
  const bucketedBy = bucketingOf(given)
  const field = String(given.field_delimiter ?? (name === 'CSV' ? ',' : delimiter))
  return {
    format: name as WrittenFormat,
    compression: duckCompression(name as WrittenFormat, String(compression ?? (name === 'ORC' ? 'ZLIB' : 'GZIP'))),
    partitionedBy: [given.partitioned_by ?? []].flat().map((key) => key.toLowerCase()),
    ...(bucketedBy && { bucketedBy }),
    serdeParameters: isText ? { 'field.delim': field, 'serialization.format': field } : {},
  }
}

/** GZIP where nothing is said, as on Athena. */
function duckCompression(format: WrittenFormat, name: string): string {
  const wanted = name.toLowerCase()
  if (format === 'ORC') {
    if (!['zlib', 'snappy', 'zstd', 'lz4', 'none'].includes(wanted))
      throw notSupported(`The compression ${name} of ORC`)
    return wanted === 'none' ? 'uncompressed' : wanted
  }
  if (format === 'AVRO') {
    if (!['gzip', 'deflate', 'none'].includes(wanted)) throw notSupported(`The compression ${name} of AVRO`)
    return wanted === 'none' ? 'null' : 'deflate'
  }
  const known = format === 'PARQUET' ? ['gzip', 'snappy', 'zstd', 'lz4', 'none'] : ['gzip', 'zstd', 'none']
  if (!known.includes(wanted)) throw notSupported(`The compression ${name} of ${format}`)
  if (wanted === 'none') return format === 'PARQUET' ? 'uncompressed' : 'none'
  return wanted === 'lz4' ? 'lz4_raw' : wanted
}

function newTable(name: string, location: string, form: WriteForm, columns: readonly WrittenColumn[]): TableInput {
  const { serde, input, output } = storageForms[form.format] as { serde: string; input: string; output: string }
  const column = (one: WrittenColumn) => ({ Name: one.name, Type: toHive(one.type) })
  const isKey = (one: WrittenColumn) => form.partitionedBy.includes(one.name)
  const kinds: Record<WrittenFormat, string> = {
    PARQUET: 'parquet',
    ORC: 'orc',
    AVRO: 'avro',
    JSON: 'json',
    TEXTFILE: 'csv',
    CSV: 'csv',
  }
  return {
    Name: name,
    TableType: 'EXTERNAL_TABLE',
    Parameters: {
      EXTERNAL: 'TRUE',
      has_encrypted_data: 'false',
      classification: kinds[form.format],
      ...(form.format === 'PARQUET' && { 'parquet.compression': form.compression.toUpperCase() }),
    },
    PartitionKeys: columns.filter(isKey).map(column),
    StorageDescriptor: {
      Columns: columns.filter((one) => !isKey(one)).map(column),
      Location: location,
      InputFormat: input,
      OutputFormat: output,
      Compressed: false,
      ...(form.bucketedBy && { NumberOfBuckets: form.bucketedBy.count, BucketColumns: [...form.bucketedBy.columns] }),
      SerdeInfo: { SerializationLibrary: serde, Parameters: { ...form.serdeParameters } },
    },
  }
}

function insertTarget(statement: Of<'insert'>, table: CatalogTable & { view?: string }): WriteTarget {
  if (table.view !== undefined) throw trinoError('NOT_SUPPORTED', 'Inserting into views is not supported')
  const format = ({ parquet: 'PARQUET', orc: 'ORC', avro: 'AVRO', json: 'JSON', lazy: 'TEXTFILE' } as const)[
    formatOf(table) as 'json' | 'orc'
  ]
  if (!format) throw notSupported(`INSERT INTO a table of the SerDe ${table.serde}`)
  if ((table.bucketColumns ?? []).length > 0) throw notSupported('INSERT INTO a bucketed table')
  if (Number(table.parameters['skip.header.line.count'] ?? 0) > 0) {
    throw notSupported('INSERT INTO a table with skip.header.line.count')
  }
  const columns = [...table.columns, ...table.partitionKeys].map(({ name, type }) => ({ name, type: fromHive(type) }))
  const { parameters } = table
  const named = parameters['write.compression'] ?? parameters['parquet.compression'] ?? parameters['orc.compress']
  const compression = named ?? (format === 'ORC' ? 'ZLIB' : 'GZIP')
  const isProjected = parameters['projection.enabled']?.toLowerCase() === 'true'
  if (isProjected && parameters['storage.location.template']) {
    throw notSupported('INSERT INTO a table with storage.location.template')
  }
  return {
    database: table.database,
    location: table.location,
    isAdded: true,
    ...(!isProjected && { partitionsOf: table.name }),
    form: {
      format,
      compression: duckCompression(format, compression === 'UNCOMPRESSED' ? 'NONE' : compression),
      partitionedBy: table.partitionKeys.map((key) => key.name),
      serdeParameters: table.serdeParameters,
    },
    columns: (compiled) => insertedColumns(compiled, columns, statement.columns),
  }
}

/** Errors: HIVE_TOO_MANY_OPEN_PARTITIONS, as Athena's limit is worded. */
export function checkPartitionCount(count: number, most: number): void {
  if (count <= most) return
  throw new SqlError(
    `Exceeded limit of ${most} open writers for partitions/buckets`,
    undefined,
    'HIVE_TOO_MANY_OPEN_PARTITIONS',
  )
}
