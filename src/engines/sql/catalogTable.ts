/** A Data Catalog table as the engine needs it: where its files are, in which form, and what its columns are. */
import { SqlError } from './sqlError.ts'

export interface TableColumn {
  name: string
  /** As the Catalog writes it: `decimal(10,2)`. */
  type: string
  comment?: string
}

export type TableFormat = 'parquet' | 'lazy' | 'opencsv' | 'json' | 'regex' | 'orc' | 'avro'

export interface CatalogTable {
  database: string
  name: string
  columns: TableColumn[]
  partitionKeys: TableColumn[]
  location: string
  /** Of a table whose files are buckets: nothing is added to it. */
  bucketColumns?: string[]
  serde: string
  inputFormat?: string
  serdeParameters: Record<string, string>
  parameters: Record<string, string>
}

export interface CatalogPartition {
  values: string[]
  location: string
}

const serdes: [RegExp, TableFormat][] = [
  [/ParquetHiveSerDe$/i, 'parquet'],
  [/LazySimpleSerDe$/i, 'lazy'],
  [/OpenCSVSerde$/i, 'opencsv'],
  [/(openx.*|hcatalog\.data\.|serde2\.)JsonSerDe$/i, 'json'],
  [/RegexSerDe$/i, 'regex'],
  [/GrokSerDe$/i, 'regex'],
  [/OrcSerde$/i, 'orc'],
  [/AvroSerDe$/i, 'avro'],
]

export function formatOf(table: CatalogTable): TableFormat {
  const known = serdes.find(([pattern]) => pattern.test(table.serde))
  if (known) return known[1]
  if (!table.serde && /parquet/i.test(table.parameters.classification ?? table.inputFormat ?? '')) return 'parquet'
  throw new SqlError(
    `HIVE_UNSUPPORTED_FORMAT: the SerDe ${table.serde || '(none)'} of ${table.database}.${table.name} is not supported by the embedded SQL engine.`,
    undefined,
    'HIVE_UNSUPPORTED_FORMAT',
  )
}
