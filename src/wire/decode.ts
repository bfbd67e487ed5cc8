/**
 * A request's bytes to an operation and its checked input, in whatever protocol it came. What the model calls a stream
 * stays one: it is handed on as a BodyStream, unread.
 */
import type { ChunkVerifier } from './bodyStream.ts'
import { decodeCbor } from './cbor.ts'
import { problemsOf } from './checks.ts'
import { loadModel, type Operation, type Protocol, type ServiceModel, type ServiceName } from './model.ts'
import { decodeParameters, parameterTree } from './query.ts'
import { malformed, refuseInput, unknownOperation } from './refusals.ts'
import { parseQuery, readBody, splitUrl, type WireRequest } from './request.ts'
import { decodeRest } from './rest.ts'
import { matchRoute } from './routes.ts'
import { cborCodec, jsonCodec } from './values.ts'
import { XmlError } from './xmlReader.ts'

// biome-ignore lint/suspicious/noExplicitAny: the operation's name, known only at run time, decides the type
export type Input = any

export interface Decoded {
  operation: string
  /** A body that the operation takes as a stream is a BodyStream in it. */
  input: Input
}

export interface DecodeOptions {
  verifyChunk?: ChunkVerifier | undefined
}

export async function decode(
  service: ServiceName,
  protocol: Protocol,
  request: WireRequest,
  options: DecodeOptions = {},
): Promise<Decoded> {
  const decoded = await decodeUnchecked(service, protocol, request, options)
  checkInput(service, protocol, decoded)
  return decoded
}

/** Throws AWS's refusal where the input breaks what the model demands of it. */
export function checkInput(service: ServiceName, protocol: Protocol, { operation, input }: Decoded): void {
  const shape = loadModel(service).operation(operation)?.input
  const problems = shape ? problemsOf(shape, input) : []
  const refusal = problems.length > 0 ? refuseInput(service, protocol, problems) : undefined
  if (refusal) throw refusal
}

export async function decodeUnchecked(
  service: ServiceName,
  protocol: Protocol,
  request: WireRequest,
  options: DecodeOptions = {},
): Promise<Decoded> {
  try {
    return await decodeBy(loadModel(service), protocol, request, options)
  } catch (error) {
    if (error instanceof XmlError) throw malformed(service, protocol, error.message)
    throw error
  }
}

function decodeBy(
  model: ServiceModel,
  protocol: Protocol,
  request: WireRequest,
  options: DecodeOptions,
): Decoded | Promise<Decoded> {
  switch (protocol) {
    case 'awsJson1_0':
    case 'awsJson1_1':
      return decodeJson(model, protocol, request)
    case 'rpcv2Cbor':
      return decodeRpc(model, request)
    case 'query':
      return decodeForm(model, request)
    default:
      return decodeByRoute(model, protocol, request, options)
  }
}

async function decodeJson(model: ServiceModel, protocol: Protocol, request: WireRequest): Promise<Decoded> {
  const target = request.headers['x-amz-target'] ?? ''
  const operation = mustGetOperation(model, protocol, target.slice(target.lastIndexOf('.') + 1))
  const read = readBody(request)
  const body = read instanceof Uint8Array ? read : await read
  const document = body.length === 0 ? {} : parseJson(model.service, protocol, body)
  return { operation: operation.name, input: operation.input ? jsonCodec.decode(operation.input, document) : {} }
}

export function parseJson(service: ServiceName, protocol: Protocol, body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'))
  } catch {
    throw malformed(service, protocol, 'The request body is not valid JSON.')
  }
}

async function decodeRpc(model: ServiceModel, request: WireRequest): Promise<Decoded> {
  const { path } = splitUrl(request.url)
  const operation = mustGetOperation(model, 'rpcv2Cbor', path.slice(path.lastIndexOf('/') + 1))
  const body = await readBody(request)
  const document = body.length === 0 ? {} : decodeCbor(body)
  return { operation: operation.name, input: operation.input ? cborCodec.decode(operation.input, document) : {} }
}

async function decodeForm(model: ServiceModel, request: WireRequest): Promise<Decoded> {
  const { path, query } = splitUrl(request.url)
  const body = await readBody(request)
  const form = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')
  const parameters = parseQuery(query && form ? `${form}&${query}` : form || query)
  // The oldest SQS clients name the queue by the path they post to.
  if (model.service === 'sqs' && !parameters.has('QueueUrl') && /^\/[^/]+\/[^/]+/.test(path)) {
    parameters.set('QueueUrl', [`http://${request.headers.host ?? 'localhost'}${path}`])
  }
  const operation = mustGetOperation(model, 'query', parameters.get('Action')?.[0] ?? '')
  const tree = parameterTree(parameters)
  return { operation: operation.name, input: operation.input ? decodeParameters(operation.input, tree) : {} }
}

/** At once, where there is no document to be read: most requests of objects are a head and a stream. */
function decodeByRoute(
  model: ServiceModel,
  protocol: Protocol,
  request: WireRequest,
  options: DecodeOptions,
): Decoded | Promise<Decoded> {
  const match = matchRoute(model, request)
  if (!match) throw unknownOperation(model.service, protocol, '', model.raw.apiVersion)
  const { operation } = match
  if (!operation.input) return { operation: operation.name, input: {} }
  const { verifyChunk } = options
  const input = decodeRest({ model, protocol, request, match, shape: operation.input, verifyChunk })
  if (input instanceof Promise) return input.then((read) => ({ operation: operation.name, input: read }))
  return { operation: operation.name, input }
}

function mustGetOperation(model: ServiceModel, protocol: Protocol, name: string): Operation {
  const operation = model.operation(name)
  if (!operation) throw unknownOperation(model.service, protocol, name, model.raw.apiVersion)
  return operation
}
