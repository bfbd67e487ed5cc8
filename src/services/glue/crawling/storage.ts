/** A found table as the crawler writes it into the Catalog: SerDe, formats, parameters, each partition's descriptor. */
import type { Column, PartitionInput, StorageDescriptor, TableInput } from '@aws-sdk/client-glue'
import type { FileSchema, SerdeKind } from '../../../engines/inference/fileSchema.ts'
import type { FoundPartition, FoundTable } from '../../../engines/inference/folders.ts'
import { hiveText, type InferredColumn } from '../../../engines/inference/inferredTypes.ts'

interface SerdeClasses {
  library?: string
  input: string
  output: string
}

const text = {
  input: 'org.apache.hadoop.mapred.TextInputFormat',
  output: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
}

const serdes: Record<SerdeKind, SerdeClasses> = {
  lazy: { library: 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe', ...text },
  opencsv: { library: 'org.apache.hadoop.hive.serde2.OpenCSVSerde', ...text },
  json: { library: 'org.openx.data.jsonserde.JsonSerDe', ...text },
  parquet: {
    library: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
    input: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
    output: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
  },
  orc: {
    library: 'org.apache.hadoop.hive.ql.io.orc.OrcSerde',
    input: 'org.apache.hadoop.hive.ql.io.orc.OrcInputFormat',
    output: 'org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat',
  },
  avro: {
    library: 'org.apache.hadoop.hive.serde2.avro.AvroSerDe',
    input: 'org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat',
    output: 'org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat',
  },
  grok: { library: 'com.amazonaws.glue.serde.GrokSerDe', ...text },
  xml: {
    library: 'com.amazonaws.glue.serde.xml.XmlSerDe',
    input: 'com.amazonaws.glue.serde.xml.XmlInputFormat',
    output: text.output,
  },
  none: text,
}

export interface Written {
  name: string
  bucket: string
  crawler: string
}

export function tableInput(found: FoundTable, written: Written): TableInput {
  const parameters = parametersOf(found, written)
  return {
    Name: written.name,
    Owner: 'owner',
    Retention: 0,
    TableType: 'EXTERNAL_TABLE',
    PartitionKeys: found.keys.map((Name) => ({ Name, Type: 'string' })),
    Parameters: parameters,
    StorageDescriptor: descriptor(found, written.bucket, parameters),
  }
}

/** A table that stands for one of a database: it has no files, and no formats. */
export function databaseTableInput(
  name: string,
  { columns, location, parameters }: { columns: Column[]; location: string; parameters: Record<string, string> },
): TableInput {
  const Parameters = {
    CrawlerSchemaDeserializerVersion: '1.0',
    CrawlerSchemaSerializerVersion: '1.0',
    typeOfData: 'table',
    ...parameters,
  }
  return {
    Name: name,
    Owner: 'owner',
    Retention: 0,
    TableType: 'EXTERNAL_TABLE',
    PartitionKeys: [],
    Parameters,
    StorageDescriptor: {
      Columns: columns,
      Location: location,
      Compressed: false,
      NumberOfBuckets: -1,
      SerdeInfo: { Parameters: {} },
      BucketColumns: [],
      SortColumns: [],
      Parameters,
      StoredAsSubDirectories: false,
    },
  }
}

export function partitionInput(found: FoundPartition, written: Written): PartitionInput {
  const parameters = parametersOf(found, written)
  return {
    Values: found.values,
    Parameters: parameters,
    StorageDescriptor: descriptor(found, written.bucket, parameters),
  }
}

type Measured = Pick<FoundTable, 'schema' | 'prefix' | 'bytes' | 'objects'>

function descriptor(
  { schema, prefix }: Measured,
  bucket: string,
  Parameters: Record<string, string>,
): StorageDescriptor {
  const { library, input, output } = serdes[schema.serde]
  return {
    Columns: columnsOf(schema.columns),
    Location: `s3://${bucket}/${prefix}`,
    InputFormat: input,
    OutputFormat: output,
    Compressed: schema.compression !== 'none',
    NumberOfBuckets: -1,
    SerdeInfo: {
      ...(library && { SerializationLibrary: library }),
      Parameters: schema.serdeParameters,
    },
    BucketColumns: [],
    SortColumns: [],
    Parameters,
    StoredAsSubDirectories: false,
  }
}

export function columnsOf(columns: readonly InferredColumn[]): Column[] {
  return columns.map(({ name, type }) => ({ Name: name, Type: hiveText(type) }))
}

function parametersOf(found: Measured, { crawler }: Written): Record<string, string> {
  const { schema, bytes, objects } = found
  return {
    ...schema.parameters,
    CrawlerSchemaDeserializerVersion: '1.0',
    CrawlerSchemaSerializerVersion: '1.0',
    UPDATED_BY_CRAWLER: crawler,
    averageRecordSize: String(schema.recordBytes),
    classification: schema.classification,
    compressionType: schema.compression,
    objectCount: String(objects),
    recordCount: String(recordsOf(schema, bytes)),
    sizeKey: String(bytes),
    typeOfData: 'file',
  }
}

/** Counted where the files tell; else as many records of average size as fill them. */
function recordsOf(schema: FileSchema, bytes: number): number {
  if (schema.records !== undefined) return schema.records
  return schema.recordBytes > 0 ? Math.max(1, Math.floor(bytes / schema.recordBytes)) : 0
}
