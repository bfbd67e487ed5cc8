/** A plain HTTP server in front of the wire: what arrives is decoded, what a test says is encoded. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { BodyStream } from '../../src/wire/bodyStream.ts'
import { type Decoded, decode, decodeUnchecked } from '../../src/wire/decode.ts'
import { encodeError, encodeOutput } from '../../src/wire/encode.ts'
import { AwsError } from '../../src/wire/errors.ts'
import { type Identified, identify, needsBodyToIdentify } from '../../src/wire/identify.ts'
import { collectBody, type WireRequest, type WireResponse } from '../../src/wire/request.ts'

export interface Call extends Decoded, Identified {}

export interface WireServer {
  url: string
  calls: Call[]
  /** What the next calls are answered with: an output, or an AwsError. */
  answer: (call: Call) => unknown
  /** Whether inputs are held against the model's limits. */
  checks: boolean
  close(): Promise<void>
}

export async function startWireServer(): Promise<WireServer> {
  const wire: WireServer = { url: '', calls: [], answer: () => ({}), checks: true, close: () => close(server) }
  const server = createServer((request, response) => {
    handle(wire, request, response).catch((error) => {
      response.statusCode = 599
      response.end(String(error?.stack))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  wire.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return wire
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}

async function handle(wire: WireServer, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const request: WireRequest = {
    method: incoming.method!,
    url: incoming.url!,
    headers: incoming.headers as Record<string, string>,
    body: incoming,
  }
  const form = needsBodyToIdentify(request) ? await collectBody(request.body) : undefined
  const identified = identify(request, form)
  if (!identified) throw new Error(`Nobody knows ${request.method} ${request.url}`)
  const { service, protocol } = identified
  let response: WireResponse
  try {
    const decoded = await (wire.checks ? decode : decodeUnchecked)(
      service,
      protocol,
      form ? { ...request, body: form } : request,
    )
    for (const [name, value] of Object.entries(decoded.input)) {
      if (value instanceof BodyStream) decoded.input[name] = await collectBody(value)
    }
    const call = { ...decoded, service, protocol }
    wire.calls.push(call)
    const output = await wire.answer(call)
    response =
      output instanceof AwsError
        ? encodeError(service, protocol, output, 'request-1')
        : encodeOutput(service, protocol, decoded.operation, output as object, 'request-1')
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    response = encodeError(service, protocol, error, 'request-1')
  }
  incoming.resume()
  outgoing.writeHead(response.status, response.headers)
  const { body } = response
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) outgoing.end(body)
  else Readable.from(body).pipe(outgoing)
}
