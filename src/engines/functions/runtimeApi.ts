/**
 * The server's side of the Lambda Runtime API for one function instance: HTTP/1.1 with keep-alive over the socket that
 * the instance was born with. A socket per instance says who is asking, and its end says that the other side is gone.
 */
import type { Duplex } from 'node:stream'

export interface RuntimeEvents {
  /** The instance asks for work: it is initialized, and done with what it had. */
  next(): void
  response(requestId: string, body: Buffer): void
  error(requestId: string, errorType: string, body: Buffer): void
  initError(errorType: string, body: Buffer): void
}

export interface RuntimeInvocation {
  requestId: string
  deadlineAt: number
  functionArn: string
  traceId?: string
  clientContext?: string
  payload: Uint8Array
}

interface Request {
  method: string
  path: string
  errorType: string
  body: Buffer
}

const headEnd = Buffer.from('\r\n\r\n')
const headBytesMax = 16_384
const bodyBytesMax = 64 * 1024 * 1024
const invocationPath = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/
const accepted =
  'HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{"status":"OK"}\n'

export class RuntimeApi {
  readonly #socket: Duplex
  readonly #events: RuntimeEvents
  #chunks: Buffer[] = []
  #size = 0

  constructor(socket: Duplex, events: RuntimeEvents) {
    this.#socket = socket
    this.#events = events
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    // A broken socket means a dead process, which the instance learns from the process itself.
    socket.on('error', () => {})
  }

  /** Answers the pending `next`. */
  hand(invocation: RuntimeInvocation): void {
    const { payload, traceId, clientContext } = invocation
    const head =
      'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n' +
      `Lambda-Runtime-Aws-Request-Id: ${invocation.requestId}\r\n` +
      `Lambda-Runtime-Deadline-Ms: ${invocation.deadlineAt}\r\n` +
      `Lambda-Runtime-Invoked-Function-Arn: ${invocation.functionArn}\r\n` +
      (traceId ? `Lambda-Runtime-Trace-Id: ${traceId}\r\n` : '') +
      (clientContext ? `Lambda-Runtime-Client-Context: ${clientContext}\r\n` : '') +
      `Content-Length: ${payload.byteLength}\r\n\r\n`
    this.#socket.write(Buffer.concat([Buffer.from(head, 'latin1'), payload]))
    this.#socket.uncork()
  }

  #receive(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#size += chunk.length
    for (let request = this.#take(); request; request = this.#take()) this.#route(request)
  }

  #route(request: Request): void {
    const { method, path, body, errorType } = request
    if (method === 'GET' && path === '/2018-06-01/runtime/invocation/next') {
      this.#events.next()
      return
    }
    const match = method === 'POST' ? invocationPath.exec(path) : undefined
    if (match?.[2] === 'response') this.#events.response(match[1] as string, body)
    else if (match) this.#events.error(match[1] as string, errorType, body)
    else if (method === 'POST' && path === '/2018-06-01/runtime/init/error') this.#events.initError(errorType, body)
    else {
      this.#socket.write('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
      return
    }
    this.#accept()
  }

  /** Goes out with the invocation that is handed over next, if that is in this turn of the event loop: the instance wakes once. */
  #accept(): void {
    if (this.#socket.writableCorked === 0) {
      this.#socket.cork()
      setImmediate(() => this.#socket.uncork())
    }
    this.#socket.write(accepted)
  }

  #take(): Request | undefined {
    const first = this.#chunks[0]
    if (!first) return undefined
    let end = first.indexOf(headEnd)
    if (end < 0 && this.#chunks.length > 1) end = this.#joined().indexOf(headEnd)
    if (end < 0) {
      if (this.#size > headBytesMax) this.#socket.destroy()
      return undefined
    }
    const head = (this.#chunks[0] as Buffer).toString('latin1', 0, end).split('\r\n')
    const bodyBytes = Number(headerOf(head, 'content-length') || 0)
    if (!(bodyBytes <= bodyBytesMax)) {
      this.#socket.destroy()
      return undefined
    }
    const total = end + headEnd.length + bodyBytes
    if (this.#size < total) return undefined
    const buffer = this.#joined()
    const rest = buffer.subarray(total)
    this.#chunks = rest.length > 0 ? [rest] : []
    this.#size = rest.length
    const [method = '', path = ''] = (head[0] ?? '').split(' ')
    const errorType = headerOf(head, 'lambda-runtime-function-error-type')
    return { method, path, errorType, body: buffer.subarray(end + headEnd.length, total) }
  }

  #joined(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)]
    return this.#chunks[0] as Buffer
  }
}

function headerOf(head: string[], name: string): string {
  for (let index = 1; index < head.length; index++) {
    const line = head[index] as string
    if (line.charCodeAt(name.length) === 58 && line.slice(0, name.length).toLowerCase() === name) {
      return line.slice(name.length + 1).trim()
    }
  }
  return ''
}
