/** The inputs of REST operations: members out of labels, query, headers and the body. */
import { BodyStream, type ChunkVerifier } from './bodyStream.ts'
import type { Member, Protocol, ServiceModel, Shape } from './model.ts'
import { malformed, malformedValue } from './refusals.ts'
import { readBody, type WireRequest } from './request.ts'
import type { Match } from './routes.ts'
import { restJsonCodec } from './values.ts'
import { decodeText, decodeXml } from './xml.ts'
import { parseXml, XmlError } from './xmlReader.ts'

export interface RestRequest {
  model: ServiceModel
  protocol: Protocol
  request: WireRequest
  match: Match
  shape: Shape
  verifyChunk?: ChunkVerifier | undefined
}

/** How a shape's members are bound, worked out once: most members of an object's request are headers that are not there. */
interface Binding {
  headers: { member: Member; name: string }[]
  /** In labels, query or prefixed headers. */
  others: Member[]
  payload: Member | undefined
  /** Members that are bound to none of these are in a document. */
  hasDocument: boolean
}

const bindings = new WeakMap<Shape, Binding>()

function bindingOf(shape: Shape): Binding {
  let binding = bindings.get(shape)
  if (!binding) {
    const payload = shape.members.find((member) => member.traits.payload)
    const rest = shape.members.filter((member) => member !== payload)
    binding = {
      headers: rest.flatMap((member) => {
        const { header } = member.traits
        return header === undefined ? [] : [{ member, name: lowerCase(header) }]
      }),
      others: rest.filter((member) => member.traits.header === undefined && isBound(member)),
      payload,
      hasDocument: rest.some((member) => !isBound(member)),
    }
    bindings.set(shape, binding)
  }
  return binding
}

type Input = Record<string, unknown>

/** A promise where the body has to be read for it. */
export function decodeRest(rest: RestRequest): Input | Promise<Input> {
  const input: Input = {}
  const { headers, others, payload, hasDocument } = bindingOf(rest.shape)
  const given = rest.request.headers
  for (const { member, name } of headers) {
    if (given[name] !== undefined) keep(input, member, rest)
  }
  for (const member of others) keep(input, member, rest)
  if (payload?.shape.type === 'stream') input[payload.name] = bodyStream(rest)
  else if (payload) return withPayload(input, payload, rest)
  else if (hasDocument) return withDocument(input, rest)
  return input
}

async function withPayload(input: Input, payload: Member, rest: RestRequest): Promise<Input> {
  const value = await decodePayload(payload, rest)
  if (value !== undefined) input[payload.name] = value
  return input
}

async function withDocument(input: Input, rest: RestRequest): Promise<Input> {
  return Object.assign(input, await decodeDocument(rest.shape, rest))
}

function keep(input: Record<string, unknown>, member: Member, rest: RestRequest): void {
  const value = decodeBound(member, rest)
  if (value !== undefined) input[member.name] = value
}

const lowerCased = new Map<string, string>()

/** Of the models' header names, which are few and asked for at every request. */
export function lowerCase(header: string): string {
  let name = lowerCased.get(header)
  if (name === undefined) {
    name = header.toLowerCase()
    lowerCased.set(header, name)
  }
  return name
}

function isBound({ traits }: Member): boolean {
  return Boolean(traits.label ?? traits.query ?? traits.header ?? traits.prefixHeaders ?? traits.queryParams)
}

function decodeBound(member: Member, rest: RestRequest): unknown {
  try {
    const { label, query, header, prefixHeaders } = member.traits
    if (label) return decodeLabel(member, rest.match.labels)
    if (query !== undefined) return decodeQueryMember(member, rest.match.query.get(query))
    if (header !== undefined) return decodeHeader(member.shape, rest.request.headers[lowerCase(header)])
    if (prefixHeaders !== undefined) return decodePrefixed(lowerCase(prefixHeaders), rest.request.headers)
    return decodeQueryParams(member, rest)
  } catch (error) {
    if (!(error instanceof XmlError)) throw error
    throw malformedValue(rest.model.service, rest.protocol, member.name, error.message)
  }
}

function decodeLabel(member: Member, labels: Record<string, string>): unknown {
  const text = labels[member.name]
  return text === undefined ? undefined : decodeText(member.shape, text)
}

function decodeQueryMember(member: Member, values: string[] | undefined): unknown {
  if (values === undefined) return undefined
  const { shape } = member
  if (shape.type === 'list') return values.map((value) => decodeText(shape.member!.shape, value))
  return decodeText(shape, values[0]!)
}

function decodeQueryParams(member: Member, { shape, match }: RestRequest): Record<string, unknown> | undefined {
  const taken = new Set(shape.members.map((other) => other.traits.query))
  const isList = member.shape.value!.shape.type === 'list'
  const pairs = [...match.query].filter(([name]) => !taken.has(name))
  if (pairs.length === 0) return undefined
  return Object.fromEntries(pairs.map(([name, values]) => [name, isList ? values : values[0]]))
}

function decodeHeader(shape: Shape, text: string | undefined): unknown {
  if (text === undefined) return undefined
  if (shape.type !== 'list') return decodeText(shape, text)
  return text.split(',').map((part) => decodeText(shape.member!.shape, part.trim()))
}

function decodePrefixed(prefix: string, headers: Record<string, string>): Record<string, string> | undefined {
  let found: Record<string, string> | undefined
  for (const name in headers) {
    if (!name.startsWith(prefix)) continue
    found ??= {}
    found[name.slice(prefix.length)] = headers[name] as string
  }
  return found
}

async function decodePayload(member: Member, rest: RestRequest): Promise<unknown> {
  const { shape } = member
  if (shape.type === 'structure' || shape.type === 'union') return decodeDocument(shape, rest, member)
  const body = await readBody(rest.request)
  if (body.length === 0) return undefined
  if (shape.type === 'blob') return body
  const text = Buffer.from(body).toString('utf8')
  if (shape.type === 'document') return parseDocument(rest, text)
  return decodeText(shape, text)
}

/** The body as a structure; nothing where there is none and a member may therefore be missing. */
async function decodeDocument(shape: Shape, rest: RestRequest, member?: Member): Promise<object | undefined> {
  const body = await readPlain(rest)
  if (body.length === 0) return undefined
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')
  if (rest.protocol === 'restXml') {
    if (text.trim() === '') return undefined
    const root = parseXml(text)
    const expected = member?.traits.xmlName ?? shape.raw.xmlName ?? shape.name
    if (root.name !== expected) throw new XmlError(`The root element is ${root.name}, not ${expected}.`)
    return decodeXml(shape, root) as object
  }
  return restJsonCodec.decode(shape, parseDocument(rest, text)) as object
}

function parseDocument({ model, protocol }: RestRequest, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw malformed(model.service, protocol, 'The request body is not valid JSON.')
  }
}

/** Documents too may come in `aws-chunked` framing, where a client adds a checksum to them. */
async function readPlain(rest: RestRequest): Promise<Uint8Array> {
  if (!isChunked(rest.request.headers)) return readBody(rest.request)
  return readBody({ ...rest.request, body: bodyStream(rest) })
}

function bodyStream({ request, verifyChunk }: RestRequest): BodyStream {
  const { headers } = request
  const chunked = isChunked(headers)
  const length = Number(headers[chunked ? 'x-amz-decoded-content-length' : 'content-length'] ?? Number.NaN)
  const sha256 = headers['x-amz-content-sha256'] ?? ''
  return new BodyStream(request.body, {
    chunked,
    ...(Number.isSafeInteger(length) ? { length } : {}),
    ...(/^[0-9a-f]{64}$/.test(sha256) ? { sha256 } : {}),
    ...(verifyChunk ? { verifyChunk } : {}),
  })
}

function isChunked(headers: Record<string, string>): boolean {
  return (
    (headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-') ||
    /(?:^|[\s,])aws-chunked(?:$|[\s,])/.test(headers['content-encoding'] ?? '')
  )
}
