/**
 * A request and a response as plain values: what the gateway hands in and what it sends. Header names are lower-case,
 * the URL is the raw path and query as received, since signatures and S3 keys need every byte of it.
 */
import { gunzipSync } from 'node:zlib'
import { type AwsError, awsError } from './errors.ts'

export interface WireRequest {
  method: string
  url: string
  headers: Record<string, string>
  body: Uint8Array | AsyncIterable<Uint8Array>
  /** How long a body may be that is not handed on as a stream, packed or unpacked. */
  bodyBytesMax?: number
}

export interface WireResponse {
  status: number
  headers: Record<string, string>
  body?: Uint8Array | string | AsyncIterable<Uint8Array>
}

export type RequestHead = Omit<WireRequest, 'body' | 'bodyBytesMax'>

/** Bodies that are not streamed to a handler are held in memory, so they have a limit, also where none is given. */
const bufferedBodyBytesMax = 96 * 1024 * 1024

export async function collectBody(body: WireRequest['body'], bytesMax = bufferedBodyBytesMax): Promise<Uint8Array> {
  if (body instanceof Uint8Array) {
    if (body.length > bytesMax) throw tooLong(bytesMax)
    return body
  }
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of body) {
    size += part.length
    if (size > bytesMax) throw tooLong(bytesMax)
    parts.push(part)
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts, size)
}

function tooLong(bytesMax: number): AwsError {
  return awsError('RequestEntityTooLarge', `The body is longer than ${bytesMax} bytes.`, 413)
}

/** The body, whole, and unpacked where the client packed it (SDKs gzip large CloudWatch requests). */
export function readBody(request: WireRequest): Uint8Array | Promise<Uint8Array> {
  const { body, headers, bodyBytesMax = bufferedBodyBytesMax } = request
  const encoding = headers['content-encoding']
  if (encoding !== undefined && /\bgzip\b/.test(encoding)) return unpackedBody(body, bodyBytesMax)
  return body instanceof Uint8Array && body.length <= bodyBytesMax ? body : collectBody(body, bodyBytesMax)
}

async function unpackedBody(packed: WireRequest['body'], bodyBytesMax: number): Promise<Uint8Array> {
  const body = await collectBody(packed, bodyBytesMax)
  if (body.length === 0) return body
  try {
    return gunzipSync(body, { maxOutputLength: bodyBytesMax })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLong(bodyBytesMax)
    throw awsError('SerializationException', 'The body is not valid gzip data.', 400)
  }
}

export function splitUrl(url: string): { path: string; query: string } {
  const mark = url.indexOf('?')
  return mark < 0 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark + 1) }
}

/** Keeps order and repeats, which `queryParams` members and presigned URLs need. */
export function parseQuery(query: string): Map<string, string[]> {
  const found = new Map<string, string[]>()
  if (query === '') return found
  for (const part of query.split('&')) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const name = decodeComponent(equals < 0 ? part : part.slice(0, equals))
    const value = equals < 0 ? '' : decodeComponent(part.slice(equals + 1))
    const values = found.get(name)
    if (values) values.push(value)
    else found.set(name, [value])
  }
  return found
}

function decodeComponent(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  return decodePercent(spaced)
}

/** Percent sequences that are no UTF-8 stay as they are: a key or name of such bytes is then refused by its own rules. */
export function decodePercent(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'))
  }
}
