/**
 * Avro object container files to JSON lines, by the specification (avro.apache.org, 1.11): each record an object by its
 * fields' names, whole numbers in full, bytes in base64, dates and timestamps as SQL writes them.
 */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { inflateRawSync } from 'node:zlib'
import { snappyUncompressed } from './snappy.ts'
import { SqlError } from './sqlError.ts'

/** A schema of Avro, as its files say it in JSON. */
export type AvroSchema = string | AvroSchema[] | AvroSchemaObject
export interface AvroSchemaObject {
  type: AvroSchema
  name?: string
  namespace?: string
  fields?: { name: string; type: AvroSchema }[]
  items?: AvroSchema
  values?: AvroSchema
  symbols?: string[]
  size?: number
  logicalType?: string
  precision?: number
  scale?: number
}

const bad = (message: string) => new SqlError(`Avro: ${message}`, undefined, 'HIVE_BAD_DATA')

export async function avroToJsonLines(from: string, to: string): Promise<void> {
  const bytes = await readFile(from)
  const reader = new Reader(bytes)
  if (bytes.toString('latin1', 0, 4) !== 'Obj\u0001') throw bad('the file is no object container file')
  reader.at = 4
  const header = reader.metadata()
  const schema = JSON.parse(header.get('avro.schema')?.toString('utf8') ?? 'null') as AvroSchema
  const codec = header.get('avro.codec')?.toString('utf8') ?? 'null'
  const names = new Map<string, AvroSchemaObject>()
  gatherNames(schema, undefined, names)
  reader.take(16)
  const out = createWriteStream(to)
  while (reader.at < bytes.length) {
    const count = Number(reader.long())
    const block = new Reader(unpacked(reader.take(Number(reader.long())), codec))
    reader.take(16)
    const lines: string[] = []
    for (let i = 0; i < count; i++) lines.push(`${jsonText(block, schema, names)}\n`)
    if (!out.write(lines.join(''))) await once(out, 'drain')
  }
  out.end()
  await once(out, 'finish')
}

/** What the beginning of a file tells: its schema, and the records of those blocks that are in it. */
export function avroHeader(bytes: Buffer): { schema: string; records: number; recordBytes: number } {
  const reader = new Reader(bytes)
  if (bytes.toString('latin1', 0, 4) !== 'Obj\u0001') throw bad('the file is no object container file')
  reader.at = 4
  const schema = reader.metadata().get('avro.schema')?.toString('utf8')
  if (schema === undefined) throw bad('the file has no schema')
  reader.take(16)
  const found = { schema, records: 0, recordBytes: 0 }
  try {
    while (reader.at < bytes.length) {
      const count = Number(reader.long())
      const { length } = reader.take(Number(reader.long()))
      reader.take(16)
      found.records += count
      found.recordBytes += length
    }
  } catch (error) {
    // The end of the sample is in the middle of a block.
    if (!(error instanceof SqlError)) throw error
  }
  return found
}

function unpacked(bytes: Buffer, codec: string): Buffer {
  if (codec === 'null') return bytes
  if (codec === 'deflate') return inflateRawSync(bytes)
  // Snappy's blocks end in a checksum of four bytes.
  if (codec === 'snappy') return snappyUncompressed(bytes.subarray(0, bytes.length - 4))
  throw new SqlError(`The Avro codec ${codec} is not supported by the embedded SQL engine.`, undefined, 'NOT_SUPPORTED')
}

function gatherNames(schema: AvroSchema, namespace: string | undefined, names: Map<string, AvroSchemaObject>): void {
  if (typeof schema === 'string') return
  if (Array.isArray(schema)) {
    for (const one of schema) gatherNames(one, namespace, names)
    return
  }
  const space = schema.namespace ?? namespace
  if (schema.name) {
    names.set(schema.name, schema)
    if (space) names.set(`${space}.${schema.name}`, schema)
  }
  for (const field of schema.fields ?? []) gatherNames(field.type, space, names)
  for (const inner of [schema.items, schema.values, typeof schema.type === 'object' ? schema.type : undefined]) {
    if (inner !== undefined) gatherNames(inner, space, names)
  }
}

const noneNamed: AvroSchemaObject = { type: 'null' }

function jsonText(reader: Reader, schema: AvroSchema, names: ReadonlyMap<string, AvroSchemaObject>): string {
  if (Array.isArray(schema)) {
    const chosen = schema[Number(reader.long())]
    if (chosen === undefined) throw bad('a union has no such branch')
    return jsonText(reader, chosen, names)
  }
  if (typeof schema === 'string') return plainText(reader, schema, noneNamed, names)
  if (typeof schema.type !== 'string') return jsonText(reader, schema.type, names)
  return plainText(reader, schema.type, schema, names)
}

function plainText(
  reader: Reader,
  type: string,
  schema: AvroSchemaObject,
  names: ReadonlyMap<string, AvroSchemaObject>,
): string {
  switch (type) {
    case 'null':
      return 'null'
    case 'boolean':
      return reader.take(1)[0] ? 'true' : 'false'
    case 'int':
    case 'long':
      return wholeText(reader.long(), schema.logicalType)
    case 'float':
      return floatText(reader.take(4).readFloatLE())
    case 'double':
      return floatText(reader.take(8).readDoubleLE())
    case 'bytes':
      return bytesText(reader.take(Number(reader.long())), schema)
    case 'fixed':
      return bytesText(reader.take(schema.size ?? 0), schema)
    case 'string':
      return JSON.stringify(reader.take(Number(reader.long())).toString('utf8'))
    case 'enum':
      return JSON.stringify(schema.symbols?.[Number(reader.long())] ?? '')
    case 'array':
      return `[${reader.blocks(() => jsonText(reader, schema.items as AvroSchema, names)).join(',')}]`
    case 'map':
      return `{${reader.blocks(() => `${plainText(reader, 'string', noneNamed, names)}:${jsonText(reader, schema.values as AvroSchema, names)}`).join(',')}}`
    case 'record':
    case 'error':
      return `{${(schema.fields ?? []).map((field) => `${JSON.stringify(field.name)}:${jsonText(reader, field.type, names)}`).join(',')}}`
    default: {
      const named = names.get(type)
      if (!named) throw bad(`the type ${type} is not known`)
      return jsonText(reader, named, names)
    }
  }
}

function wholeText(value: bigint, logical: string | undefined): string {
  const moment = (millis: bigint, rest: string) =>
    `"${new Date(Number(millis)).toISOString().replace('T', ' ').replace('Z', '')}${rest}"`
  switch (logical) {
    case 'date':
      return `"${new Date(Number(value) * 86_400_000).toISOString().slice(0, 10)}"`
    case 'timestamp-millis':
    case 'local-timestamp-millis':
      return moment(value, '')
    case 'timestamp-micros':
    case 'local-timestamp-micros': {
      const rest = ((value % 1000n) + 1000n) % 1000n
      return moment((value - rest) / 1000n, String(rest).padStart(3, '0'))
    }
    default:
      return String(value)
  }
}

/** JSON has no NaN: it goes as text, which the column's cast reads. */
function floatText(value: number): string {
  return Number.isFinite(value) ? (Object.is(value, -0) ? '-0.0' : String(value)) : `"${value}"`
}

function bytesText(bytes: Buffer, { logicalType, scale = 0 }: AvroSchemaObject): string {
  if (logicalType !== 'decimal') return `"${bytes.toString('base64')}"`
  const hex = bytes.toString('hex')
  const unscaled = bytes.length === 0 ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`))
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  const point = digits.length - scale
  return `"${unscaled < 0n ? '-' : ''}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ''}"`
}

class Reader {
  at = 0
  readonly #bytes: Buffer

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  take(length: number): Buffer {
    if (length < 0 || this.at + length > this.#bytes.length) throw bad('the file ends in the middle')
    this.at += length
    return this.#bytes.subarray(this.at - length, this.at)
  }

  /** Zigzag, seven bits a byte. */
  long(): bigint {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.take(1)[0] as number
      value |= BigInt(byte & 127) << shift
      if (byte < 128) break
    }
    return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n))
  }

  /** Items in blocks; a negative count is followed by the block's size. */
  blocks<T>(item: () => T): T[] {
    const items: T[] = []
    for (let count = Number(this.long()); count !== 0; count = Number(this.long())) {
      if (count < 0) this.long()
      for (let i = 0; i < Math.abs(count); i++) items.push(item())
    }
    return items
  }

  metadata(): Map<string, Buffer> {
    return new Map(this.blocks(() => [this.take(Number(this.long())).toString('utf8'), this.take(Number(this.long()))]))
  }
}
