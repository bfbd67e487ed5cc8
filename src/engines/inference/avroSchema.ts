/** Columns of an Avro file by the schema in its header; unions with null are the other branch. */
import { type AvroSchema, avroHeader } from '../sql/avroFiles.ts'
import type { FileSchema, Sample } from './fileSchema.ts'
import { type InferredType, mergedType, scalar, unknown } from './inferredTypes.ts'

/** Errors: SqlError where the header cannot be read. */
export function avroSchema(sample: Sample, compression: string): FileSchema {
  const { schema: text, records, recordBytes } = avroHeader(sample.bytes)
  const type = typeOf(JSON.parse(text) as AvroSchema, new Map())
  const literal = { 'avro.schema.literal': text }
  return {
    classification: 'avro',
    compression,
    columns: type.kind === 'struct' ? type.fields.map((field) => ({ ...field, name: field.name.toLowerCase() })) : [],
    serde: 'avro',
    serdeParameters: { ...literal, 'serialization.format': '1' },
    parameters: literal,
    recordBytes: records > 0 ? Math.max(1, Math.floor(recordBytes / records)) : 1,
    ...(sample.isWhole && { records }),
  }
}

function typeOf(schema: AvroSchema, named: Map<string, AvroSchema>): InferredType {
  if (Array.isArray(schema)) return schema.map((branch) => typeOf(branch, named)).reduce(mergedType, unknown)
  if (typeof schema === 'string') return plainType(schema, named)
  if (schema.name) {
    named.set(schema.name, schema)
    if (schema.namespace) named.set(`${schema.namespace}.${schema.name}`, schema)
  }
  if (schema.logicalType === 'decimal') return scalar(`decimal(${schema.precision ?? 38},${schema.scale ?? 0})`)
  if (schema.logicalType === 'date') return scalar('date')
  if (/timestamp-(millis|micros)$/.test(schema.logicalType ?? '')) return scalar('timestamp')
  if (typeof schema.type !== 'string') return typeOf(schema.type, named)
  switch (schema.type) {
    case 'record':
    case 'error':
      return {
        kind: 'struct',
        fields: (schema.fields ?? []).map(({ name, type }) => ({ name, type: typeOf(type, named) })),
      }
    case 'array':
      return { kind: 'array', element: typeOf(schema.items ?? 'null', named) }
    case 'map':
      return { kind: 'map', key: scalar('string'), value: typeOf(schema.values ?? 'null', named) }
    case 'fixed':
      return scalar('binary')
    case 'enum':
      return scalar('string')
    default:
      return plainType(schema.type, named)
  }
}

function plainType(name: string, named: Map<string, AvroSchema>): InferredType {
  const plain: Record<string, InferredType> = {
    null: unknown,
    boolean: scalar('boolean'),
    int: scalar('int'),
    long: scalar('bigint'),
    float: scalar('float'),
    double: scalar('double'),
    bytes: scalar('binary'),
    string: scalar('string'),
  }
  const known = named.get(name)
  // A record that holds itself has no type of finite depth.
  if (known === undefined || plain[name]) return plain[name] ?? scalar('string')
  return typeOf(known, new Map([...named].filter(([other]) => other !== name)))
}
