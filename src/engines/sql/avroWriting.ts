/** JSON lines of a query's rows as Avro object container files, by the specification (avro.apache.org, 1.11). */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { deflateRawSync } from 'node:zlib'
import type { AvroSchemaObject } from './avroFiles.ts'
import { notSupported } from './sqlError.ts'
import { type SqlType, typeName } from './trino/sqlTypes.ts'

export interface AvroColumn {
  name: string
  type: SqlType
}

const blockBytesMin = 64 * 1024

/** Each line is an object by the columns' names, its values as `avroStored` gives them. */
export async function jsonLinesToAvro(
  from: string,
  to: string,
  settings: { columns: readonly AvroColumn[]; codec: 'deflate' | 'null' },
): Promise<void> {
  const { columns, codec } = settings
  const out = await open(to, 'w')
  try {
    const schema = JSON.stringify(recordSchema('row', columns))
    const sync = createHash('md5').update(to).digest()
    await out.write(header({ schema, codec, sync }))
    let parts: Buffer[] = []
    let [rows, bytes] = [0, 0]
    const flush = async () => {
      if (rows === 0) return
      const plain = Buffer.concat(parts)
      const packed = codec === 'deflate' ? deflateRawSync(plain) : plain
      await out.write(Buffer.concat([long(BigInt(rows)), long(BigInt(packed.length)), packed, sync]))
      parts = []
      ;[rows, bytes] = [0, 0]
    }
    for await (const line of createInterface({ input: createReadStream(from), crlfDelay: Number.POSITIVE_INFINITY })) {
      const part = record(JSON.parse(line) as Record<string, unknown>, columns)
      parts.push(part)
      rows += 1
      bytes += part.length
      if (bytes >= blockBytesMin) await flush()
    }
    await flush()
  } finally {
    await out.close()
  }
}

function header({ schema, codec, sync }: { schema: string; codec: string; sync: Buffer }): Buffer {
  const entries = Object.entries({ 'avro.schema': schema, 'avro.codec': codec })
  const metadata = entries.flatMap(([key, value]) => [text(key), text(value)])
  return Buffer.concat([Buffer.from('Obj\u0001'), long(BigInt(entries.length)), ...metadata, long(0n), sync])
}

type NamedSchema = AvroSchemaObject & { name: string }

function recordSchema(name: string, columns: readonly AvroColumn[]): NamedSchema {
  const fields = columns.map((column) => {
    if (!/^[A-Za-z_]\w*$/.test(column.name)) throw notSupported(`The name ${column.name} in an Avro file`)
    return { name: column.name, type: ['null', schemaOf(column.type, `${name}_${column.name}`)], default: null }
  }) as AvroSchemaObject['fields']
  return { type: 'record', name, ...(fields && { fields }) }
}

const plainSchemas: Partial<Record<SqlType['kind'], string>> = {
  boolean: 'boolean',
  tinyint: 'int',
  smallint: 'int',
  integer: 'int',
  bigint: 'long',
  real: 'float',
  double: 'double',
  varchar: 'string',
  char: 'string',
  varbinary: 'bytes',
}

function schemaOf(type: SqlType, name: string): string | AvroSchemaObject {
  const plain = plainSchemas[type.kind]
  if (plain) return plain
  switch (type.kind) {
    case 'date':
      return { type: 'int', logicalType: 'date' }
    case 'timestamp':
      return { type: 'long', logicalType: 'timestamp-millis' }
    case 'decimal':
      return { type: 'bytes', logicalType: 'decimal', precision: type.precision, scale: type.scale }
    case 'array':
      return { type: 'array', items: ['null', schemaOf(type.element, name)] }
    case 'map':
      return { type: 'map', values: ['null', schemaOf(type.value, name)] }
    case 'row':
      return recordSchema(name, fieldsOf(type))
    default:
      throw notSupported(`The type ${typeName(type)} in an Avro file`)
  }
}

function fieldsOf(type: Extract<SqlType, { kind: 'row' }>): AvroColumn[] {
  return type.fields.map((field, i) => ({ name: field.name ?? `field${i}`, type: field.type }))
}

function record(row: Record<string, unknown>, columns: readonly AvroColumn[]): Buffer {
  return Buffer.concat(columns.map(({ name, type }) => nullable(row[name], type)))
}

/** The union's branch, then the value. */
function nullable(value: unknown, type: SqlType): Buffer {
  return value === null || value === undefined ? long(0n) : Buffer.concat([long(1n), encoded(value, type)])
}

function encoded(value: unknown, type: SqlType): Buffer {
  switch (type.kind) {
    case 'boolean':
      return Buffer.from([value ? 1 : 0])
    case 'real':
    case 'double': {
      const bytes = Buffer.alloc(type.kind === 'real' ? 4 : 8)
      const number = Number(String(value).replace(/inf$/i, 'Infinity'))
      if (type.kind === 'real') bytes.writeFloatLE(number)
      else bytes.writeDoubleLE(number)
      return bytes
    }
    case 'varbinary':
      return sized(Buffer.from(String(value), 'base64'))
    case 'decimal':
      return sized(unscaledBytes(BigInt(String(value).replace('.', ''))))
    case 'array':
      return blocks((value as unknown[]).map((item) => nullable(item, type.element)))
    case 'map':
      return blocks(
        Object.entries(value as object).map(([key, item]) => Buffer.concat([text(key), nullable(item, type.value)])),
      )
    case 'row':
      return record(value as Record<string, unknown>, fieldsOf(type))
    case 'varchar':
    case 'char':
      return text(String(value))
    default:
      return long(BigInt(String(value)))
  }
}

const text = (value: string) => sized(Buffer.from(value))
const sized = (bytes: Buffer) => Buffer.concat([long(BigInt(bytes.length)), bytes])
const blocks = (items: Buffer[]) =>
  items.length === 0 ? long(0n) : Buffer.concat([long(BigInt(items.length)), ...items, long(0n)])

/** Two's complement, as few bytes as hold it. */
function unscaledBytes(value: bigint): Buffer {
  let length = 1
  while (BigInt.asIntN(length * 8, value) !== value) length += 1
  return Buffer.from(
    BigInt.asUintN(length * 8, value)
      .toString(16)
      .padStart(length * 2, '0'),
    'hex',
  )
}

/** Zigzag, seven bits a byte. */
function long(value: bigint): Buffer {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
  const bytes: number[] = []
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  bytes.push(Number(rest))
  return Buffer.from(bytes)
}
