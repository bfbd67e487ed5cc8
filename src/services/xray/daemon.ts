/**
 * X-Ray's daemon, for the functions of this server: a socket on the loopback address, opened by the first who needs it. Each
 * datagram is a line `{"format":"json","version":1}` and a document. A document does not say whose it is: a function's run
 * told before which trace it is in. Datagrams may be lost, as on AWS; what came and is not kept yet counts as work under way.
 */
import { createSocket, type Socket } from 'node:dgram'
import { stopwatch } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import type { Platform } from '../../delivery/platform.ts'
import type { TracedPart, TraceSegments } from '../../delivery/traceSegments.ts'
import type { TraceRef } from '../../observe/traces.ts'
import type { Scope } from '../../store/collection.ts'
import { tracedParts } from './ownTraces.ts'
import type { SegmentDocument } from './segmentDocuments.ts'
import { putSegment, putSegments } from './segments.ts'

/** Documents that wait to be kept; more are dropped and counted. */
const waitingBytesMax = 16 * 1024 * 1024
const expectedMax = 10_000
const headForm = /^\{[^\n]*"format"[^\n]*\}\n/

interface Expected extends Scope {
  /** How far AWS time was ahead of the host's when the function began. */
  aheadMillis: number
}

export class XRayDaemon implements TraceSegments {
  readonly #platform: Platform
  #socket: Promise<Socket | undefined> | undefined
  /** Whose trace it is, the latest to be named last. */
  readonly #expected = new Map<string, Expected>()
  #waiting: string[] = []
  #waitingBytes = 0
  #dropped = 0
  #keeping: Promise<void> | undefined

  constructor(platform: Platform) {
    this.#platform = platform
  }

  get isBusy(): boolean {
    return this.#keeping !== undefined
  }

  async daemonAddress(): Promise<string | undefined> {
    this.#socket ??= this.#open()
    const socket = await this.#socket
    return socket && `127.0.0.1:${socket.address().port}`
  }

  expect({ traceId }: TraceRef, { account, region }: Scope): void {
    this.#expected.delete(traceId)
    const aheadMillis = this.#platform.clock.now() - stopwatch.wall()
    this.#expected.set(traceId, { account, region, aheadMillis })
    if (this.#expected.size <= expectedMax) return
    for (const oldest of this.#expected.keys()) {
      this.#expected.delete(oldest)
      return
    }
  }

  tell(tx: Tx, document: object): void {
    putSegment(tx, JSON.stringify(document))
  }

  partsOf(traceId: string): TracedPart[] {
    const { account, region } = this.#scopeOf(traceId)
    return tracedParts(this.#platform.context({ account, region }), traceId)
  }

  reset(): void {
    this.#expected.clear()
  }

  abandon(): void {
    this.#socket?.then((socket) => socket?.close())
    this.#socket = Promise.resolve(undefined)
  }

  async close(): Promise<void> {
    const socket = await this.#socket
    await new Promise<void>((resolve) => (socket ? socket.close(resolve) : resolve()))
    await this.#keeping
  }

  #open(): Promise<Socket | undefined> {
    return new Promise((resolve) => {
      const socket = createSocket('udp4')
      socket.once('error', (error) => {
        this.#platform.log.error('The daemon of X-Ray has no socket; functions send their segments nowhere', error)
        resolve(undefined)
      })
      socket.on('message', (datagram) => this.#receive(datagram))
      socket.bind(0, '127.0.0.1', () => resolve(socket))
    })
  }

  #receive(datagram: Buffer): void {
    const text = datagram.toString('utf8')
    const head = headForm.exec(text)?.[0]
    if (head === undefined) return
    if (this.#waitingBytes + datagram.length > waitingBytesMax) {
      this.#dropped++
      return
    }
    this.#waitingBytes += datagram.length
    this.#waiting.push(text.slice(head.length))
    this.#keeping ??= this.#keep().finally(() => {
      this.#keeping = undefined
    })
  }

  async #keep(): Promise<void> {
    while (this.#waiting.length > 0) {
      const texts = this.#waiting
      this.#waiting = []
      this.#waitingBytes = 0
      for (const [scope, own] of this.#byScope(texts)) {
        const refused = await putSegments(this.#platform.context(scope), own)
        for (const one of refused)
          this.#platform.log.info(`X-Ray refused a segment: ${one.Message} (${one.Id ?? 'no id'})`)
      }
    }
    if (this.#dropped > 0)
      this.#platform.log.info(`X-Ray's daemon dropped ${this.#dropped} documents: they came too fast.`)
    this.#dropped = 0
  }

  #byScope(texts: readonly string[]): Map<Scope, string[]> {
    const byScope = new Map<Scope, string[]>()
    for (const text of texts) {
      const document = parsed(text)
      const expected = this.#expected.get(document?.trace_id ?? '')
      const isVirtual = this.#platform.clock.kind === 'virtual'
      const own = document && expected && isVirtual ? JSON.stringify(moved(document, expected.aheadMillis)) : text
      const scope = expected ?? this.#platform.options
      byScope.set(scope, [...(byScope.get(scope) ?? []), own])
    }
    return byScope
  }

  #scopeOf(traceId: string): Scope {
    return this.#expected.get(traceId) ?? this.#platform.options
  }
}

/** In AWS time: a function's process knows the host's only. */
function moved(part: SegmentDocument, aheadMillis: number): SegmentDocument {
  const { start_time: start, end_time: end, subsegments } = part
  return {
    ...part,
    start_time: start + aheadMillis / 1000,
    ...(end !== undefined && { end_time: end + aheadMillis / 1000 }),
    ...(Array.isArray(subsegments) && { subsegments: subsegments.map((below) => moved(below, aheadMillis)) }),
  }
}

function parsed(text: string): SegmentDocument | undefined {
  try {
    const value = JSON.parse(text) as SegmentDocument | null
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
