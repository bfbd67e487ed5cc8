/**
 * Requests to web endpoints outside of this process: one attempt, a deadline for all of it, a bound on what is read of the
 * answer. A redirect is not followed, and the server's own port is never an endpoint, by whatever name its host goes:
 * whoever may publish may not thereby reach the control endpoints. Addresses are looked at when they are connected to,
 * so a name that changes its mind in between gains nothing.
 */
import { lookup } from 'node:dns'
import { readFileSync } from 'node:fs'
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { networkInterfaces } from 'node:os'
import { rootCertificates } from 'node:tls'
import { stopwatch } from '../clock.ts'
import type { Platform } from './platform.ts'
import { singleton } from './singleton.ts'

export interface WebRequest {
  method: string
  url: string
  headers: Record<string, string>
  body?: string
  /** For the whole exchange, in real time: name, connection, answer and its body. */
  millisMax: number
}

export interface WebAnswer {
  status: number
  headers: IncomingHttpHeaders
  /** What was sent, up to `answerBytesMax`. */
  body: Buffer
}

/** No whole answer came. `own-port` and `no-such-host` will not get better by trying again. */
export class WebFailed extends Error {
  readonly reason: 'own-port' | 'no-such-host' | 'timeout' | 'connection'
  constructor(reason: WebFailed['reason'], message: string) {
    super(message)
    this.reason = reason
  }
}

/** As much as EventBridge asks for by `Range: bytes=0-1048575`. */
const answerBytesMax = 1_048_576

export class WebRequests {
  readonly #platform: Platform
  #authorities: string[] | undefined

  constructor(platform: Platform) {
    this.#platform = platform
  }

  /** Any status is an answer. Errors: WebFailed. */
  async send(request: WebRequest): Promise<WebAnswer> {
    const url = new URL(request.url)
    const isOwnPort = portOf(url) === portOf(new URL(this.#platform.endpoint))
    const host = url.hostname.replace(/^\[|\]$/g, '')
    if (isOwnPort && isIP(host) && isHere(host)) throw ownPort(url)
    return await this.#exchange(request, url, guardedLookup(url, isOwnPort))
  }

  #exchange({ method, headers, body, millisMax }: WebRequest, url: URL, lookup: LookupFunction): Promise<WebAnswer> {
    return new Promise((resolve, reject) => {
      const isSecure = url.protocol === 'https:'
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
      const options = { method, headers: { ...headers, ...length }, agent: false as const, lookup }
      const request = isSecure ? httpsRequest(url, { ...options, ca: this.#trusted() }) : httpRequest(url, options)
      const timer = stopwatch.after(millisMax, () => {
        request.destroy(new WebFailed('timeout', `${url.origin} did not answer within ${millisMax} ms.`))
      })
      const end = (settle: () => void) => {
        timer.cancel()
        settle()
      }
      request.on('error', (error) => end(() => reject(failureOf(error, url))))
      request.on('response', (response) => {
        readAnswer(response).then(
          (answer) => {
            end(() => resolve(answer))
            request.destroy()
          },
          (error) => end(() => reject(failureOf(error, url))),
        )
      })
      request.end(body)
    })
  }

  /** The host's authorities, and those of `--ca-bundle`. */
  #trusted(): string[] {
    const { caBundle } = this.#platform.options
    this.#authorities ??= caBundle ? [...rootCertificates, readFileSync(caBundle, 'utf8')] : [...rootCertificates]
    return this.#authorities
  }
}

export const webRequests = singleton('web requests', (platform) => new WebRequests(platform))

/** An answer shorter than it claims is none. */
async function readAnswer(response: IncomingMessage): Promise<WebAnswer> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of response) {
    parts.push(part as Buffer)
    size += (part as Buffer).length
    if (size >= answerBytesMax) break
  }
  const body = Buffer.concat(parts).subarray(0, answerBytesMax)
  return { status: response.statusCode ?? 0, headers: response.headers, body }
}

function guardedLookup(url: URL, isOwnPort: boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? []
      if (error || !first) callback(error ?? new WebFailed('no-such-host', `${hostname} has no address.`), '')
      else if (isOwnPort && addresses.some(({ address }) => isHere(address))) callback(ownPort(url), '')
      else if (options.all) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}

function isHere(address: string): boolean {
  if (/^(127\.|0\.0\.0\.0$|::1$|::$|::ffff:)/.test(address)) return true
  return Object.values(networkInterfaces()).some((each) => each?.some((local) => local.address === address))
}

function portOf({ port, protocol }: URL): string {
  return port || (protocol === 'https:' ? '443' : '80')
}

function ownPort(url: URL): WebFailed {
  return new WebFailed('own-port', `${url.origin} is the port of this server.`)
}

const unknownHost = new Set(['ENOTFOUND', 'EAI_NODATA', 'EAI_NONAME'])

function failureOf(error: Error & { code?: string }, url: URL): WebFailed {
  if (error instanceof WebFailed) return error
  const reason = unknownHost.has(error.code ?? '') ? 'no-such-host' : 'connection'
  return new WebFailed(reason, `${url.origin}: ${error.message || error.code}`)
}
