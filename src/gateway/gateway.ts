/**
 * The port: HTTP/1.1 with keep-alive and, on the same port, HTTP/2 by prior knowledge (the first bytes tell which).
 * It knows no service: it finds whose request it is, runs the operation, and answers.
 */
import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttp2Server, type Http2Server } from 'node:http2'
import { createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net'
import { stopwatch } from '../clock.ts'
import type { Platform } from '../delivery/platform.ts'
import type { Route } from '../services/route.ts'
import { Exchange } from './exchange.ts'
import { RouteTable } from './routeTable.ts'

/** The head of a connection that speaks HTTP/2 from its first byte. */
const http2Preface = 'PRI'
/** How often connections are looked at for clients that are too slow. */
const slowCheckMillis = 1_000
/** How long requests under way may take to end when the server stops. */
const farewellMillis = 5_000
/** Requests that a connection may send ahead of their answers. */
const pipelinedMax = 256

export class Gateway {
  readonly #platform: Platform
  readonly #exchange: Exchange
  readonly #sockets = new Set<Socket>()
  readonly #http1: HttpServer
  readonly #http2: Http2Server
  readonly #tcp: TcpServer
  /** Of each HTTP/1.1 connection: the requests that have no answer yet, and when the last of them has. */
  readonly #turns = new WeakMap<Socket, { open: number; last: Promise<void> }>()
  /** Answers that are not out yet. */
  readonly #busy = new Set<ServerResponse>()

  constructor(platform: Platform, routes: readonly Route[]) {
    const { options } = platform
    this.#platform = platform
    this.#exchange = new Exchange(platform, new RouteTable(routes))
    this.#http1 = createHttpServer({
      maxHeaderSize: options.headerBytesMax,
      requestTimeout: options.requestSeconds * 1000,
      headersTimeout: options.headSeconds * 1000,
      keepAliveTimeout: 120_000,
      connectionsCheckingInterval: slowCheckMillis,
      noDelay: true,
    })
    // It listens to no port itself, and starts to look for slow clients only when it believes that it does.
    this.#http1.emit('listening')
    this.#http1.on('request', (request, response) => this.#answerInTurn(request, response))
    // A client that asks `Expect: 100-continue` (boto3's uploads) hears it at once.
    this.#http1.on('checkContinue', (request, response) => {
      response.writeContinue()
      this.#answerInTurn(request, response)
    })
    this.#http2 = createHttp2Server({ maxHeaderListPairs: 256 })
    this.#http2.on(
      'request',
      (request, response) =>
        void this.#answer(request as unknown as IncomingMessage, response as unknown as ServerResponse),
    )
    this.#tcp = createTcpServer({ noDelay: true, pauseOnConnect: false }, (socket) => this.#welcome(socket))
    this.#tcp.maxConnections = options.connectionsMax
  }

  /** Opens the port and answers with its number. Errors: the host's EADDRINUSE, EACCES. */
  listen(): Promise<number> {
    const { host, port } = this.#platform.options
    return new Promise((resolve, reject) => {
      this.#tcp.once('error', reject)
      this.#tcp.listen({ host, port, backlog: 1024 }, () => {
        const address = this.#tcp.address()
        const opened = typeof address === 'object' && address ? address.port : port
        this.#platform.endpoint = endpointOf(host, opened)
        resolve(opened)
      })
    })
  }

  async close(): Promise<void> {
    this.#tcp.close()
    const end = stopwatch.now() + farewellMillis
    while (this.#busy.size > 0 && stopwatch.now() < end) await stopwatch.pause(10)
    this.abandon()
  }

  /** Lets go of the port and of every connection at once. */
  abandon(): void {
    this.#tcp.close()
    for (const socket of this.#sockets) socket.destroy()
    this.#http1.close()
    this.#http2.close()
  }

  #welcome(socket: Socket): void {
    // Accepted by the kernel in the very turn in which the port was let go: nobody would ever answer it.
    if (!this.#tcp.listening) {
      socket.destroy()
      return
    }
    this.#sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#sockets.delete(socket))
    socket.setTimeout(this.#platform.options.headSeconds * 1000, () => socket.destroy())
    socket.once('data', (first: Buffer) => {
      socket.setTimeout(0)
      socket.pause()
      socket.unshift(first)
      if (first.subarray(0, 3).toString('latin1') === http2Preface) {
        // It takes what was read already by itself; flowing, the socket would drop those bytes.
        this.#http2.emit('connection', socket)
        return
      }
      this.#http1.emit('connection', socket)
      socket.resume()
    })
  }

  /** What is pipelined sees the effects of what was sent before it (RFC 9112, 9.3.2). */
  #answerInTurn(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request
    const turns = this.#turns.get(socket) ?? { open: 0, last: Promise.resolve() }
    if (turns.open >= pipelinedMax) {
      socket.destroy()
      return
    }
    const answer = () => this.#answer(request, response).finally(() => turns.open--)
    turns.last = turns.open === 0 ? answer() : turns.last.then(answer)
    turns.open++
    this.#turns.set(socket, turns)
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = request
    this.#busy.add(response)
    response.once('close', () => this.#busy.delete(response))
    await this.#exchange.answer(request, response)
    // Of a connection that is gone, Node closes only the answer that was next in turn.
    if (request.httpVersionMajor === 1 && socket.destroyed) this.#busy.delete(response)
  }
}

/** An address, not `localhost`: with a name, SDKs would put buckets into the host name. */
export function endpointOf(host: string, port: number): string {
  return `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${port}`
}
