/** A handler's answer, or its error, to the bytes that the client's protocol expects. */
import { encodeCbor } from './cbor.ts'
import type { AwsError } from './errors.ts'
import { encodeEvents } from './eventStream.ts'
import { loadModel, type Member, type Operation, type Protocol, type ServiceModel, type ServiceName } from './model.ts'
import type { WireResponse } from './request.ts'
import { lowerCase } from './rest.ts'
import { formatTimestamp } from './timestamps.ts'
import { cborCodec, jsonCodec, restJsonCodec } from './values.ts'
import { encodeMember, encodeText, encodeXml, namespaceAttribute } from './xml.ts'
import { escapeXml } from './xmlReader.ts'

type Output = Record<string, unknown>

const contentTypes: Record<Protocol, string> = {
  awsJson1_0: 'application/x-amz-json-1.0',
  awsJson1_1: 'application/x-amz-json-1.1',
  query: 'text/xml',
  restJson: 'application/json',
  restXml: 'application/xml',
  rpcv2Cbor: 'application/cbor',
}

const xmlHead = '<?xml version="1.0" encoding="UTF-8"?>\n'

export function encodeOutput(
  service: ServiceName,
  protocol: Protocol,
  operationName: string,
  output: object | undefined,
  requestId: string,
): WireResponse {
  const model = loadModel(service)
  const operation = model.operation(operationName)
  if (!operation) throw new Error(`${service} has no operation ${operationName}.`)
  const value = (output ?? {}) as Output
  const headers = baseHeaders(model, protocol, requestId)
  if (protocol === 'restJson' || protocol === 'restXml') return encodeRest(model, protocol, operation, value, headers)
  const events = operation.output?.members.find((member) => member.shape.raw.eventStream)
  if (events) return encodeRpcEvents(protocol, operation, events, value, headers)
  headers['content-type'] = contentTypes[protocol]
  return { status: 200, headers, body: encodeRpc(model, protocol, operation, value, requestId) }
}

function baseHeaders(model: ServiceModel, protocol: Protocol, requestId: string): Record<string, string> {
  if (model.service === 's3') {
    return { 'x-amz-request-id': objectRequestId(requestId), 'x-amz-id-2': objectHostId(requestId) }
  }
  const headers: Record<string, string> = { 'x-amzn-requestid': requestId }
  if (protocol === 'rpcv2Cbor') headers['smithy-protocol'] = 'rpc-v2-cbor'
  return headers
}

/** S3's request ids are 16 digits and capitals; its events repeat them. */
export function objectRequestId(requestId: string): string {
  return requestId.slice(0, 18).replaceAll('-', '').toUpperCase()
}

/** `igarape//`, in base64. */
const hostIdPrefix = 'aWdhcmFwZS8v'

/** S3 names the machine that answered, in base64; ours is always the same, so it is made from the request's own digits. */
export function objectHostId(requestId: string): string {
  return hostIdPrefix + requestId.replaceAll('-', '')
}

function encodeRpc(
  model: ServiceModel,
  protocol: Protocol,
  operation: Operation,
  value: Output,
  requestId: string,
): string | Uint8Array {
  const { output } = operation
  if (protocol === 'rpcv2Cbor') return encodeCbor(output ? cborCodec.encode(output, value) : {})
  if (protocol !== 'query') return output ? JSON.stringify(jsonCodec.encode(output, value)) : '{}'
  const inner = output ? encodeXml(`${operation.name}Result`, output, value) : ''
  const metadata = `<ResponseMetadata><RequestId>${escapeXml(requestId)}</RequestId></ResponseMetadata>`
  const name = `${operation.name}Response`
  return `${xmlHead}<${name}${namespaceAttribute(model.raw.xmlNamespace)}>${inner}${metadata}</${name}>`
}

/** In RPC protocols the members beside the events come first, as an event of their own. */
function encodeRpcEvents(
  protocol: Protocol,
  operation: Operation,
  events: Member,
  value: Output,
  headers: Record<string, string>,
): WireResponse {
  headers['content-type'] = 'application/vnd.amazon.eventstream'
  const { [events.name]: stream, ...rest } = value
  const initial = JSON.stringify(jsonCodec.encode(operation.output!, rest))
  const body = encodeEvents(events.shape, stream as AsyncIterable<Output>, { protocol, initial })
  return { status: 200, headers, body }
}

function encodeRest(
  model: ServiceModel,
  protocol: Protocol,
  operation: Operation,
  value: Output,
  headers: Record<string, string>,
): WireResponse {
  const response: WireResponse = { status: operation.http?.status ?? 200, headers }
  const { byName, hasDocument } = restPlanOf(operation)
  for (const name in value) {
    const entry = value[name]
    const member = entry === undefined ? undefined : byName.get(name)
    if (!member) continue
    const { traits } = member
    if (traits.responseCode) {
      if (typeof entry === 'number') response.status = entry
    } else if (traits.header !== undefined) setHeader(headers, member, entry)
    else if (traits.prefixHeaders !== undefined) setPrefixed(headers, traits.prefixHeaders, entry)
    else setPayload(response, model, protocol, member, entry)
  }
  if (hasDocument) setDocument(response, model, protocol, operation, value)
  else if (
    protocol === 'restJson' &&
    response.body === undefined &&
    response.status !== 204 &&
    !hasPayload(operation)
  ) {
    headers['content-type'] = contentTypes.restJson
    response.body = '{}'
  }
  if (operation.http?.method === 'HEAD') delete response.body
  // The model binds the range, and leaves the status that goes with it unsaid.
  if (headers['content-range'] !== undefined && response.status === 200) response.status = 206
  return response
}

interface RestPlan {
  /** The members that are not in a document. */
  byName: ReadonlyMap<string, Member>
  hasDocument: boolean
}

const restPlans = new WeakMap<Operation, RestPlan>()

function restPlanOf(operation: Operation): RestPlan {
  let plan = restPlans.get(operation)
  if (!plan) {
    const members = operation.output?.members ?? []
    const elsewhere = members.filter(isElsewhere)
    plan = {
      byName: new Map(elsewhere.map((member) => [member.name, member])),
      hasDocument: elsewhere.length < members.length,
    }
    restPlans.set(operation, plan)
  }
  return plan
}

function hasPayload(operation: Operation): boolean {
  return operation.output?.members.some((member) => member.traits.payload) ?? false
}

function setHeader(headers: Record<string, string>, member: Member, value: unknown): void {
  if (value === undefined || value === null) return
  const { shape } = member
  const name = lowerCase(member.traits.header!)
  if (shape.type === 'list') {
    headers[name] = (value as unknown[]).map((entry) => headerText(member.shape.member!, entry)).join(', ')
  } else headers[name] = headerText(member, value)
}

function headerText(member: Member, value: unknown): string {
  if (member.shape.type === 'timestamp') return String(formatTimestamp(value, member.shape.format ?? 'http-date'))
  return encodeText(member.shape, value, 'http-date')
}

function setPrefixed(headers: Record<string, string>, prefix: string, value: unknown): void {
  for (const [name, entry] of Object.entries((value as Record<string, string>) ?? {})) {
    headers[(prefix + name).toLowerCase()] = entry
  }
}

function setPayload(
  response: WireResponse,
  model: ServiceModel,
  protocol: Protocol,
  member: Member,
  value: unknown,
): void {
  if (value === undefined || value === null) return
  const { shape } = member
  const { headers } = response
  if (shape.raw.eventStream) {
    headers['content-type'] ??= 'application/vnd.amazon.eventstream'
    response.body = encodeEvents(shape, value as AsyncIterable<Output>, { protocol })
  } else if (shape.type === 'structure' || shape.type === 'union') {
    headers['content-type'] ??= contentTypes[protocol]
    const name = member.traits.xmlName ?? shape.raw.xmlName ?? shape.name
    const namespace = member.traits.namespace ?? model.raw.xmlNamespace
    response.body =
      protocol === 'restXml'
        ? xmlHead + encodeXml(name, shape, value, namespaceAttribute(namespace))
        : JSON.stringify(restJsonCodec.encode(shape, value))
  } else {
    const bytes = model.service === 's3' ? 'binary/octet-stream' : 'application/octet-stream'
    headers['content-type'] ??= shape.type === 'string' ? 'text/plain' : bytes
    response.body = shape.type === 'document' ? JSON.stringify(value) : (value as WireResponse['body'])
  }
}

function setDocument(
  response: WireResponse,
  model: ServiceModel,
  protocol: Protocol,
  operation: Operation,
  value: Output,
): void {
  const shape = operation.output!
  const inBody = shape.members.filter((member) => !isElsewhere(member))
  response.headers['content-type'] = contentTypes[protocol]
  // A few models answer 204, which has no body, and yet have members to answer.
  if (response.status === 204) response.status = 200
  if (protocol === 'restJson') {
    const document = Object.fromEntries(inBody.map((member) => [member.name, value[member.name]]))
    response.body = JSON.stringify(restJsonCodec.encode(shape, document))
    return
  }
  const namespace = namespaceAttribute(model.raw.xmlNamespace)
  // The one answer of S3 that is a bare value; an absent one means the first region of all.
  if (operation.name === 'GetBucketLocation') {
    response.body = `${xmlHead}<LocationConstraint${namespace}>${escapeXml(String(value.LocationConstraint ?? ''))}</LocationConstraint>`
    return
  }
  const name = shape.raw.xmlName ?? shape.name
  let inner = ''
  for (const member of inBody) {
    const entry = value[member.name]
    if (entry !== undefined && entry !== null) inner += encodeMember(member, entry)
  }
  response.body = `${xmlHead}<${name}${namespace}>${inner}</${name}>`
}

function isElsewhere({ traits }: Member): boolean {
  return Boolean(traits.header ?? traits.prefixHeaders ?? traits.responseCode ?? traits.payload)
}

export function encodeError(
  service: ServiceName,
  protocol: Protocol,
  error: AwsError,
  requestId: string,
): WireResponse {
  const model = loadModel(service)
  const headers = baseHeaders(model, protocol, requestId)
  const known = model.raw.shapes[error.code]?.error ? model.shape(error.code) : undefined
  const [, , queryCode = error.code, queryStatus] = known?.raw.error ?? []
  headers['content-type'] = contentTypes[protocol]
  if (protocol === 'query') {
    const isOurs = (queryStatus ?? error.status) >= 500
    const detail = known ? errorDetail(model, error) : ''
    const inner = `<Type>${isOurs ? 'Receiver' : 'Sender'}</Type><Code>${escapeXml(queryCode)}</Code><Message>${escapeXml(error.message)}</Message>${detail}`
    const body = `${xmlHead}<ErrorResponse${namespaceAttribute(model.raw.xmlNamespace)}><Error>${inner}</Error><RequestId>${escapeXml(requestId)}</RequestId></ErrorResponse>`
    return { status: queryStatus ?? error.status, headers, body }
  }
  if (protocol === 'restXml') return encodeObjectError(error, requestId, headers)
  if (model.raw.queryCompatible) {
    headers['x-amzn-query-error'] = `${queryCode};${error.status >= 500 ? 'Receiver' : 'Sender'}`
  }
  return encodeDocumentError(model, protocol, error, headers)
}

function encodeDocumentError(
  model: ServiceModel,
  protocol: Protocol,
  error: AwsError,
  headers: Record<string, string>,
): WireResponse {
  const known = model.raw.shapes[error.code]?.error ? model.shape(error.code) : undefined
  const messageName = known?.members.find((member) => member.name.toLowerCase() === 'message')?.name ?? 'message'
  const value = { ...error.fields, [messageName]: error.message }
  const codec = protocol === 'rpcv2Cbor' ? cborCodec : protocol === 'restJson' ? restJsonCodec : jsonCodec
  const members = known ? (codec.encode(known, value) as Output) : {}
  // Some shapes leave the message out, but every client shows it.
  const document = { ...members, [messageName]: error.message }
  if (protocol === 'restJson') {
    headers['x-amzn-errortype'] = error.code
    return { status: error.status, headers, body: JSON.stringify(document) }
  }
  const isNamespaced = protocol === 'rpcv2Cbor' || model.raw.queryCompatible || protocol === 'awsJson1_0'
  const typed = { __type: isNamespaced ? `${model.raw.namespace}#${error.code}` : error.code, ...document }
  const body = protocol === 'rpcv2Cbor' ? encodeCbor(typed) : JSON.stringify(typed)
  return { status: error.status, headers, body }
}

function errorDetail(model: ServiceModel, error: AwsError): string {
  const shape = model.shape(error.code)
  let detail = ''
  for (const member of shape.members) {
    const entry = error.fields[member.name]
    if (member.name.toLowerCase() === 'message' || entry === undefined || entry === null) continue
    detail += encodeMember(member, entry)
  }
  return detail
}

function encodeObjectError(error: AwsError, requestId: string, headers: Record<string, string>): WireResponse {
  const { status } = error
  if (status === 304 || status === 412) headers['content-type'] = 'application/xml'
  let inner = `<Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message>`
  const { headers: more, ...elements } = error.fields
  Object.assign(headers, more)
  for (const [name, value] of Object.entries(elements)) {
    if (value !== undefined && value !== null) inner += `<${name}>${escapeXml(String(value))}</${name}>`
  }
  const body = `${xmlHead}<Error>${inner}<RequestId>${objectRequestId(requestId)}</RequestId><HostId>${objectHostId(requestId)}</HostId></Error>`
  return status === 304 ? { status, headers } : { status, headers, body }
}
