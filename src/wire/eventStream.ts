/**
 * Answers that are a stream of events, framed as AWS frames them: lengths, a CRC-32 over those, headers, the payload,
 * and a CRC-32 over all. One frame an event, written as the events come.
 */
import { crc32 } from 'node:zlib'
import { AwsError } from './errors.ts'
import type { Protocol, Shape } from './model.ts'
import { bytesOf, jsonCodec, restJsonCodec } from './values.ts'
import { encodeText, encodeXml } from './xml.ts'

type Event = Record<string, unknown>

export interface EventOptions {
  protocol: Protocol
  /** What RPC protocols send before the first event. */
  initial?: string
}

/** Each event names one member of the union: `{ Records: { Payload } }`. */
export async function* encodeEvents(
  union: Shape,
  events: AsyncIterable<Event>,
  { protocol, initial }: EventOptions,
): AsyncGenerator<Uint8Array> {
  if (initial !== undefined) {
    const headers = { ':message-type': 'event', ':event-type': 'initial-response', ':content-type': 'application/json' }
    yield frame(headers, Buffer.from(initial))
  }
  try {
    for await (const event of events) yield encodeEvent(union, event, protocol)
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    yield encodeFailure(union, error)
  }
}

function encodeEvent(union: Shape, event: Event, protocol: Protocol): Uint8Array {
  const member = union.members.find((candidate) => event[candidate.name] !== undefined)
  if (!member) throw new Error(`${union.name} has none of the members ${Object.keys(event).join(', ')}.`)
  const value = event[member.name] as Event
  const headers: Record<string, string> = { ':message-type': 'event', ':event-type': member.name }
  for (const inner of member.shape.members) {
    const entry = value[inner.name]
    if (inner.traits.eventHeader && entry !== undefined)
      headers[inner.name] = encodeText(inner.shape, entry, 'date-time')
  }
  const payload = member.shape.members.find((inner) => inner.traits.eventPayload)
  const shape = payload?.shape ?? member.shape
  const content = payload ? value[payload.name] : value
  if (content === undefined) return frame(headers, Buffer.alloc(0))
  if (shape.type === 'blob' || shape.type === 'stream') {
    headers[':content-type'] = 'application/octet-stream'
    return frame(headers, bytesOf(content))
  }
  if (shape.type === 'string') {
    headers[':content-type'] = 'text/plain'
    return frame(headers, bytesOf(content))
  }
  if (protocol === 'restXml') {
    headers[':content-type'] = 'text/xml'
    const body = payload || shape.members.length > 0 ? encodeXml(shape.name, shape, content) : ''
    return frame(headers, Buffer.from(body))
  }
  headers[':content-type'] = 'application/json'
  const codec = protocol === 'restJson' ? restJsonCodec : jsonCodec
  return frame(headers, Buffer.from(JSON.stringify(codec.encode(shape, content))))
}

function encodeFailure(union: Shape, error: AwsError): Uint8Array {
  const member = union.members.find((candidate) => candidate.shape.name === error.code)
  if (member) {
    const headers = {
      ':message-type': 'exception',
      ':exception-type': member.name,
      ':content-type': 'application/json',
    }
    return frame(headers, Buffer.from(JSON.stringify({ ...error.fields, message: error.message })))
  }
  return frame(
    { ':message-type': 'error', ':error-code': error.code, ':error-message': error.message },
    Buffer.alloc(0),
  )
}

function frame(headers: Record<string, string>, payload: Uint8Array): Uint8Array {
  const head = Buffer.concat(Object.entries(headers).map(([name, value]) => encodeHeader(name, value)))
  const whole = Buffer.alloc(12 + head.length + payload.length + 4)
  whole.writeUInt32BE(whole.length, 0)
  whole.writeUInt32BE(head.length, 4)
  whole.writeUInt32BE(crc32(whole.subarray(0, 8)), 8)
  whole.set(head, 12)
  whole.set(payload, 12 + head.length)
  whole.writeUInt32BE(crc32(whole.subarray(0, whole.length - 4)), whole.length - 4)
  return whole
}

const stringHeader = 7

function encodeHeader(name: string, value: string): Buffer {
  const nameBytes = Buffer.from(name)
  const valueBytes = Buffer.from(value)
  const header = Buffer.alloc(4 + nameBytes.length + valueBytes.length)
  header[0] = nameBytes.length
  header.set(nameBytes, 1)
  header[1 + nameBytes.length] = stringHeader
  header.writeUInt16BE(valueBytes.length, 2 + nameBytes.length)
  header.set(valueBytes, 4 + nameBytes.length)
  return header
}
