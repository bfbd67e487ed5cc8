/** The items in a file that is imported: lines of DynamoDB's JSON, or CSV, compressed or not; read as a stream. */
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { awsError } from '../../wire/errors.ts'
import { attributesOf, type KeySchema } from './keys.ts'
import type { Item, Value } from './values.ts'

export interface FileFormat {
  kind: 'CSV' | 'DYNAMODB_JSON'
  compression: 'NONE' | 'GZIP'
  delimiter: string
  /** Absent: the first line of each file. */
  header?: readonly string[]
}

/** Undefined for what is no item. Errors: a file that is not compressed as it should be. */
export async function* itemsInFile(
  body: unknown,
  format: FileFormat,
  keys: KeySchema,
): AsyncGenerator<Item | undefined> {
  const bytes = typeof body === 'string' || body instanceof Uint8Array ? [Buffer.from(body)] : (body ?? [])
  const plain = Readable.from(bytes as AsyncIterable<Uint8Array>, { objectMode: false })
  const source = format.compression === 'GZIP' ? plain.pipe(createGunzip()) : plain
  try {
    if (format.kind === 'CSV') yield* rowsIn(source, format, keys)
    else for await (const line of linesIn(source, false)) if (line.trim() !== '') yield itemIn(line)
  } catch (error) {
    const isOfZlib = (error as { code?: string }).code?.startsWith('Z_')
    throw isOfZlib ? awsError('DecompressionFailed', (error as Error).message) : error
  }
}

/** A line ends outside of quotes, where there are any. */
async function* linesIn(source: AsyncIterable<unknown>, isQuoted: boolean): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let held = ''
  for await (const chunk of source) {
    held += decoder.decode(chunk as Uint8Array, { stream: true })
    let start = 0
    for (let at = held.indexOf('\n'); at >= 0; at = held.indexOf('\n', at + 1)) {
      const line = held.slice(start, at)
      if (isQuoted && (line.split('"').length - 1) % 2 === 1) continue
      yield line.replace(/\r$/, '')
      start = at + 1
    }
    held = held.slice(start)
  }
  if (held !== '') yield held.replace(/\r$/, '')
}

function itemIn(line: string): Item | undefined {
  try {
    const { Item: item } = JSON.parse(line) as { Item?: Record<string, unknown> }
    return item && (bytesRead({ M: item }).M as Item)
  } catch {
    return undefined
  }
}

/** Binary values are base64 in JSON. */
function bytesRead(value: Record<string, unknown>): Value {
  const { B, BS, L, M } = value
  if (typeof B === 'string') return { B: Buffer.from(B, 'base64') }
  if (Array.isArray(BS)) return { BS: BS.map((one) => Buffer.from(String(one), 'base64')) }
  if (Array.isArray(L)) return { L: L.map((one) => bytesRead(one as Record<string, unknown>)) }
  if (typeof M !== 'object' || M === null) return value as Value
  const members = Object.entries(M).map(([name, one]) => [name, bytesRead(one as Record<string, unknown>)])
  return { M: Object.fromEntries(members) }
}

/** All is text but the keys, which are what the table says; an empty field is no attribute. */
async function* rowsIn(source: AsyncIterable<unknown>, format: FileFormat, keys: KeySchema) {
  const types = new Map(attributesOf(keys).map(({ name, type }) => [name, type]))
  let header = format.header
  for await (const line of linesIn(source, true)) {
    if (line === '') continue
    const fields = fieldsIn(line, format.delimiter)
    if (!header) {
      header = fields
      continue
    }
    if (fields.length > header.length) {
      yield undefined
      continue
    }
    const item: Item = {}
    for (const [at, text] of fields.entries()) {
      const name = header[at] as string
      if (text === '') continue
      const type = types.get(name) ?? 'S'
      item[name] = type === 'B' ? { B: Buffer.from(text, 'base64') } : { [type]: text }
    }
    yield item
  }
}

function fieldsIn(line: string, delimiter: string): string[] {
  const fields: string[] = []
  let [field, isQuoted] = ['', false]
  for (let at = 0; at < line.length; at++) {
    const character = line[at] as string
    if (isQuoted && character === '"' && line[at + 1] === '"') {
      field += '"'
      at++
    } else if (character === '"') isQuoted = !isQuoted
    else if (character === delimiter && !isQuoted) {
      fields.push(field)
      field = ''
    } else field += character
  }
  return [...fields, field]
}
