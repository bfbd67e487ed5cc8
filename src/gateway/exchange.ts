/**
 * One request and its answer: find the service and protocol, decode, run, encode. Whatever goes wrong becomes an answer
 * of the protocol: AWS's error, or, for a bug of ours, 500 with a request id that the server's log tells of.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { stopwatch } from '../clock.ts'
import type { Context } from '../delivery/context.ts'
import { type OperationMeter, operationMeter } from '../delivery/operationMeter.ts'
import type { Platform } from '../delivery/platform.ts'
import { parseTraceHeader } from '../observe/traces.ts'
import { json } from '../services/route.ts'
import { DiskRefused } from '../store/diskRefused.ts'
import { decode } from '../wire/decode.ts'
import { encodeError, encodeOutput } from '../wire/encode.ts'
import { AwsError, awsError } from '../wire/errors.ts'
import type { ServiceName } from '../wire/generated/operations.ts'
import { type Identified, identify, needsBodyToIdentify } from '../wire/identify.ts'
import { collectBody, type RequestHead, type WireRequest, type WireResponse } from '../wire/request.ts'
import { credentialOf } from '../wire/sigv4.ts'
import { Authenticator } from './authenticator.ts'
import { corsHeaders, preflight } from './cors.ts'
import { Departures } from './departures.ts'
import { pageRefusal } from './pageGuard.ts'
import { asksForPage, refusalPage } from './refusalPage.ts'
import type { RouteTable } from './routeTable.ts'

const twelveDigits = /^\d{12}$/

export class Exchange {
  readonly #platform: Platform
  readonly #routes: RouteTable
  readonly #authenticator: Authenticator
  readonly #departures = new Departures()
  #meter: OperationMeter | undefined

  constructor(platform: Platform, routes: RouteTable) {
    this.#platform = platform
    this.#routes = routes
    this.#authenticator = new Authenticator(platform)
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const head = headOf(request)
    const requestId = this.#platform.random.uuid()
    try {
      const answer = await this.#respond(request, head, requestId)
      await this.#send(request, response, head, requestId, answer)
    } catch (error) {
      this.#breakOff(response, requestId, error)
    }
  }

  /** The answer was under way, or the client is gone: nothing can be said any more. */
  #breakOff(response: ServerResponse, requestId: string, error: unknown): void {
    if (!response.destroyed && (error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') {
      this.#platform.log.error('An answer broke off', error, requestId)
    }
    response.destroy()
  }

  #respond(request: IncomingMessage, head: RequestHead, requestId: string): WireResponse | Promise<WireResponse> {
    const refusal = pageRefusal(this.#platform, head)
    if (refusal && asksForPage(head)) return refusalPage(refusal, head)
    if (refusal) return this.#routeError(refusal, requestId)
    if (isPreflight(head)) return preflight(head)
    const found = this.#routes.find(head)
    if (found) {
      const { route, parameters } = found
      const query = new URLSearchParams(head.url.split('?')[1] ?? '')
      const body = () => collectBody(request, this.#platform.options.bodyBytesMax)
      return route
        .answer({ ...head, parameters, query, stream: request, body }, this.#platform)
        .catch((error) => this.#routeError(error, requestId))
    }
    return this.#operation(request, head, requestId)
  }

  async #operation(request: IncomingMessage, head: RequestHead, requestId: string): Promise<WireResponse> {
    let identified: Identified | undefined
    try {
      const { bodyBytesMax } = this.#platform.options
      const wire: WireRequest = { ...head, body: await bodyOf(request, head), bodyBytesMax }
      if (needsBodyToIdentify(head)) wire.body = await collectBody(wire.body, bodyBytesMax)
      identified = identify(head, wire.body instanceof Uint8Array ? wire.body : undefined)
      if (!identified) throw unknownService(head)
      const { service, protocol } = identified
      const signing = await this.#authenticator.authenticate(wire)
      const { operation, input } = await decode(service, protocol, wire, signing)
      const ctx = this.#contextOf(request, head, requestId)
      const output = await this.#perform(service, operation, input, ctx)
      return encodeOutput(service, protocol, operation, output, requestId)
    } catch (error) {
      const { service, protocol } = identified ?? { service: 's3', protocol: 'restXml' }
      return encodeError(service, protocol, this.#asAwsError(error, requestId), requestId)
    }
  }

  /** Tells of the operation's end where somebody makes metrics of such. */
  async #perform(service: ServiceName, operation: string, input: unknown, ctx: Context): Promise<object> {
    const platform = this.#platform
    this.#meter ??= platform.has(operationMeter) ? platform.use(operationMeter) : undefined
    const meter = this.#meter
    if (!meter?.services.has(service)) return platform.perform(service, operation, input, ctx)
    const start = stopwatch.now()
    const end = { operation, input: input as Record<string, unknown> }
    try {
      const output = await platform.perform(service, operation, input, ctx)
      const milliseconds = stopwatch.now() - start
      meter.ended(ctx, service, { ...end, output: output as Record<string, unknown>, milliseconds })
      return output
    } catch (error) {
      const { code, status } = error instanceof AwsError ? error : { code: 'InternalFailure', status: 500 }
      meter.ended(ctx, service, { ...end, error: { code, status }, milliseconds: stopwatch.now() - start })
      throw error
    }
  }

  #contextOf(request: IncomingMessage, head: RequestHead, requestId: string): Context {
    const { options, endpoint } = this.#platform
    const credential = credentialOf(head)
    const accessKeyId = credential?.accessKeyId
    const account =
      accessKeyId && twelveDigits.test(accessKeyId) ? accessKeyId : this.#authenticator.accountOf(accessKeyId)
    const region = credential?.region || options.region
    const trace = parseTraceHeader(head.headers['x-amzn-trace-id'])
    const host = head.headers.host
    const address = request.socket?.remoteAddress
    return this.#platform.context({
      account,
      region,
      requestId,
      ...(trace && { trace }),
      caller: {
        arn: this.#authenticator.arnOf(accessKeyId, account),
        endpoint: host ? `http://${host}` : endpoint,
        ...(accessKeyId && { accessKeyId }),
        ...(address && { sourceIp: address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address }),
      },
    })
  }

  async #send(
    request: IncomingMessage,
    response: ServerResponse,
    head: RequestHead,
    requestId: string,
    answer: WireResponse,
  ): Promise<void> {
    const { body, headers } = answer
    headers['x-amzn-requestid'] ??= requestId
    headers['x-localstack'] = 'true'
    if (head.headers.origin) Object.assign(headers, { ...corsHeaders(head), ...headers })
    const isWhole = body === undefined || typeof body === 'string' || body instanceof Uint8Array
    const bodyAllowed = head.method !== 'HEAD' && answer.status !== 204 && answer.status !== 304
    if (isWhole && bodyAllowed) headers['content-length'] = String(Buffer.byteLength(body ?? ''))
    response.writeHead(answer.status, headers)
    if (!bodyAllowed) response.end()
    else if (!isWhole)
      await pour(body instanceof Readable ? body : Readable.from(body, { objectMode: false }), response)
    else this.#departures.add(() => this.#leave(response, requestId, body))
    // What the handler did not read would be taken for the next request of the connection.
    if (!request.readableEnded) drain(request)
  }

  /** Out of the request's own course: what goes wrong here must end no other answer, nor the process. */
  #leave(response: ServerResponse, requestId: string, body: Parameters<typeof endWith>[1]): void {
    try {
      endWith(response, body)
    } catch (error) {
      this.#breakOff(response, requestId, error)
    }
  }

  #asAwsError(error: unknown, requestId: string): AwsError {
    if (error instanceof AwsError) return error
    if (error instanceof DiskRefused) {
      this.#platform.log.error('The disk refused', error, requestId)
      return awsError('ServiceUnavailable', error.message, 503)
    }
    this.#platform.log.error('A request met a bug', error, requestId)
    const what = error instanceof Error ? error.message : String(error)
    return awsError('InternalFailure', `Igarapé met a bug (request ${requestId}): ${what}`, 500)
  }

  #routeError(error: unknown, requestId: string): WireResponse {
    const { code, message, status } = this.#asAwsError(error, requestId)
    return json({ error: code, message }, status)
  }
}

function headOf(request: IncomingMessage): RequestHead {
  // Node makes a list of one header alone; the others need no copy.
  const cookies = request.headers['set-cookie']
  const headers = (cookies ? { ...request.headers, 'set-cookie': cookies.join(', ') } : request.headers) as Record<
    string,
    string
  >
  if (headers.host === undefined && headers[':authority']) headers.host = headers[':authority']
  return { method: request.method ?? 'GET', url: request.url ?? '/', headers }
}

/** Up to here a body is awaited, not streamed: iterating a request costs more than such a body. */
const awaitedBytesMax = 64 * 1024

function bodyOf(request: IncomingMessage, { headers }: RequestHead): WireRequest['body'] | Promise<Uint8Array> {
  const length = headers['content-length']
  if (length === undefined) {
    const isStreamed = headers['transfer-encoding'] !== undefined || request.httpVersionMajor === 2
    if (!isStreamed) return nothing
  } else if (Number(length) <= awaitedBytesMax) return wholeBody(request)
  // Who stops reading must not end the connection: the answer has yet to go out by it.
  return request.iterator({ destroyOnReturn: false })
}

const nothing = new Uint8Array()

function wholeBody(request: IncomingMessage): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    let first: Buffer | undefined
    let more: Buffer[] | undefined
    request.on('data', (part: Buffer) => {
      if (!first) first = part
      else if (more) more.push(part)
      else more = [first, part]
    })
    request.on('end', () => resolve(more ? Buffer.concat(more) : (first ?? nothing)))
    request.on('error', reject)
    request.on('close', () => {
      if (!request.complete) reject(awsError('IncompleteBody', 'The request body terminated unexpectedly'))
    })
  })
}

function isPreflight({ method, headers }: RequestHead): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined
}

function unknownService(head: RequestHead): AwsError {
  const name = head.headers['x-amz-target'] ?? credentialOf(head)?.service ?? head.url
  return awsError('NotImplemented', `${name} is a service that Igarapé does not have.`, 501)
}

/** What is left of a body that nobody reads to its end would hold up the next request of the connection. */
function drain(request: IncomingMessage): void {
  // Who began to read it listens still, and a stream that is listened to does not flow.
  request.removeAllListeners('readable')
  request.resume()
}

/** As `pipeline`, which makes an abort signal for each and aborts it at the end: an error with its stack every time. */
function pour(body: Readable, response: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    const broken = (error: Error) => {
      body.destroy()
      reject(error)
    }
    body.once('error', broken)
    response.once('error', broken)
    response.once('finish', resolve)
    response.once('close', () => broken(prematureClose()))
    if (isGone(response)) broken(prematureClose())
    else body.pipe(response)
  })
}

/** Nothing would tell of it any more. */
function isGone(response: ServerResponse & { stream?: { destroyed: boolean } }): boolean {
  return response.destroyed || response.stream?.destroyed === true
}

function prematureClose(): Error {
  return Object.assign(new Error('The client is gone.'), { code: 'ERR_STREAM_PREMATURE_CLOSE' })
}

/** Up to here a body goes out in one piece with its head. */
const joinedBytesMax = 16 * 1024

function endWith(response: ServerResponse, body: string | Uint8Array | undefined): void {
  if (body instanceof Uint8Array && body.length <= joinedBytesMax) {
    // Node joins head and body into one write only where the body is text; latin1 is bytes.
    response.end(Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1'), 'latin1')
  } else {
    response.end(body)
  }
}
