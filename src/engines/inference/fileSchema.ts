/** What a file is found to be: its format, its columns, and how a table over such files must be read. */
import type { InferredColumn } from './inferredTypes.ts'

export type SerdeKind = 'lazy' | 'opencsv' | 'json' | 'parquet' | 'orc' | 'avro' | 'grok' | 'xml' | 'none'

export interface FileSchema {
  /** `csv`, `json`, `parquet` …, what a custom classifier says, or `UNKNOWN`. */
  classification: string
  /** `none`, `gzip`, `bzip2`, `zip`, `snappy`. */
  compression: string
  columns: InferredColumn[]
  serde: SerdeKind
  serdeParameters: Record<string, string>
  /** What the crawler writes into the table's parameters beside the counts. */
  parameters: Record<string, string>
  /** How long a record is on average, as far as it was read. */
  recordBytes: number
  /** Where the file itself tells how many there are. */
  records?: number
}

export function unknownSchema(compression: string): FileSchema {
  return {
    classification: 'UNKNOWN',
    compression,
    columns: [],
    serde: 'none',
    serdeParameters: {},
    parameters: {},
    recordBytes: 0,
  }
}

/** The beginning of a file, unpacked. */
export interface Sample {
  bytes: Buffer
  /** Nothing of the file is missing. */
  isWhole: boolean
}

/** The classifiers that users define, tried before the built-in ones in the order of the crawler. */
export type CustomClassifier =
  | { kind: 'csv'; csv: CsvSettings }
  | { kind: 'json'; jsonPath: string }
  | { kind: 'xml'; classification: string; rowTag: string }
  | { kind: 'grok'; classification: string; pattern: string; customPatterns?: string }

export interface CsvSettings {
  delimiter?: string
  quote?: string
  header: 'UNKNOWN' | 'PRESENT' | 'ABSENT'
  names?: readonly string[]
  keepsBlanks: boolean
  allowsOneColumn: boolean
  /** The types to choose from, by Glue's names. Absent: those of the built-in classifier. */
  datatypes?: readonly string[]
  serde?: 'lazy' | 'opencsv'
}
