/**
 * Writes what a commit did in its traces, one record a trace, and knows how long each trace is: a loop of rules or
 * functions must not make one that grows for ever.
 */
import {
  type HopEnd,
  newTraceId,
  partKeys,
  type StoredHop,
  subjectsOf,
  type TracePart,
  type TraceSubject,
  traceParts,
  traceStarts,
  traceSubjects,
} from '../observe/traces.ts'
import type { Gatherer, Transaction } from '../store/transaction.ts'
import { type Due, dueQueue } from './due.ts'
import { Latest } from './latest.ts'
import type { Platform } from './platform.ts'
import { singleton } from './singleton.ts'

/** A hop, or what is added to one. */
export type Happening = { traceId: string } & ({ hop: StoredHop; end?: never } | { end: HopEnd; hop?: never })

/** Of one trace. Beyond, its last record says `truncated`, and hops that began before may still end. */
export const traceHopsMax = 5_000
/** Lengths kept in memory; others are read. */
const lengthsMax = 10_000
const madeMax = 1_000

/** One row at most: there are more traces than there should be, or nobody has counted them. */
export const trims = dueQueue<Due>('observe/trims')
const trimId = 'trim'
/** Trims are not for anyone: they have one lane. */
const lane = ''
const nowhere = { account: '', region: '' }

export class TraceLedger implements Gatherer<Happening> {
  /** How many traces there are. Counting takes as long as there are many: once a start. A refused commit makes it too great. */
  count: number | undefined
  /** Hops and ends of a trace, by its id: the latest to be asked for. */
  readonly #lengths = new Latest<number>(lengthsMax)
  /** Traces made by this server, as long as nothing is written of them. */
  readonly #made = new Latest<true>(madeMax)
  readonly #platform: Platform
  #generation: number

  constructor(platform: Platform) {
    this.#platform = platform
    this.#generation = platform.store.generation
  }

  /** A new one, of which nothing was written yet: its length need not be looked up. */
  newTrace(): string {
    const traceId = newTraceId(this.#platform.clock, this.#platform.random)
    this.#made.set(traceId, true)
    return traceId
  }

  write(transaction: Transaction, happenings: readonly Happening[]): void {
    const byTrace = new Map<string, Happening[]>()
    for (const happening of happenings) {
      const others = byTrace.get(happening.traceId)
      if (others) others.push(happening)
      else byTrace.set(happening.traceId, [happening])
    }
    for (const [traceId, found] of byTrace) this.#writePart(transaction, traceId, found)
  }

  /** The trace is gone. */
  forget(traceId: string): void {
    this.#lengths.delete(traceId)
    if (this.count !== undefined) this.count--
  }

  reset(): void {
    this.count = undefined
    this.#lengths.clear()
  }

  #writePart(transaction: Transaction, traceId: string, happenings: readonly Happening[]): void {
    const length = this.#lengthOf(transaction, traceId)
    const part = partOf(traceId, happenings, length)
    // A hop that was trimmed away with its trace has nothing to end.
    if (!part || (length === 0 && part.hops.length === 0)) return
    part.id ||= this.#platform.random.hex(16)
    transaction.in(traceParts, nowhere).put(part)
    const subjects = [...subjectsOf(part)]
    for (const entry of subjects) transaction.in(traceSubjects, nowhere).put(entry)
    const began = length === 0
    if (began) this.#begin(transaction, part, subjects)
    transaction.applied.push(() => {
      this.#remember(traceId, length + lengthOf(part))
      if (began && this.count !== undefined) this.count++
    })
  }

  #begin(transaction: Transaction, part: TracePart, subjects: readonly TraceSubject[]): void {
    const { startedAt } = part.hops[0] as StoredHop
    const first = partKeys(part, subjects)
    transaction.in(traceStarts, nowhere).put({ traceId: part.traceId, startedAt, first })
    if (this.count === undefined || this.count > this.#platform.options.tracesMax) this.#askForTrim(transaction)
  }

  #askForTrim(transaction: Transaction): void {
    const rows = transaction.in(trims.rows, nowhere)
    if (rows.has(trimId)) return
    const dueAt = this.#platform.clock.now()
    rows.put({ scope: nowhere, item: { id: trimId, dueAt }, lane })
    transaction.in(trims.order, nowhere).put({ lane, dueAt, id: trimId, scope: nowhere })
    transaction.committed.push(() => this.#platform.runner.poke(trims.name, lane, dueAt))
  }

  #lengthOf(transaction: Transaction, traceId: string): number {
    if (this.#generation !== this.#platform.store.generation) {
      this.#generation = this.#platform.store.generation
      this.#lengths.clear()
    }
    let length = this.#lengths.get(traceId)
    if (length !== undefined) return length
    length = 0
    if (this.#made.get(traceId)) return length
    for (const part of transaction.in(traceParts, nowhere).list({ prefix: [traceId] })) length += lengthOf(part)
    return length
  }

  /** The one that was asked for longest ago makes room. */
  #remember(traceId: string, length: number): void {
    this.#made.delete(traceId)
    this.#lengths.set(traceId, length)
  }
}

export const traceLedger = singleton('trace ledger', (platform) => new TraceLedger(platform))

/** The mark of a trace that was cut counts too: it is set once. */
function lengthOf({ hops, ends = [], truncated }: TracePart): number {
  return hops.length + ends.length + (truncated ? 1 : 0)
}

/** Undefined where the trace is too long for any of it. */
function partOf(traceId: string, happenings: readonly Happening[], length: number): TracePart | undefined {
  const hops: StoredHop[] = []
  const ends: HopEnd[] = []
  let left = traceHopsMax - length
  // The room for ends is as great: each hop has one, as a rule.
  let endsLeft = left + traceHopsMax
  let truncated = false
  for (const { hop, end } of happenings) {
    if (hop && left-- > 0) hops.push(hop)
    else if (hop) truncated = length <= traceHopsMax
    else {
      const own = hops.find(({ id }) => id === end.id)
      if (own) Object.assign(own, end)
      else if (endsLeft-- > 0) ends.push(end)
    }
  }
  if (hops.length === 0 && ends.length === 0 && !truncated) return undefined
  return {
    traceId,
    id: hops[0]?.id ?? '',
    hops,
    idsByHead: true,
    ...(ends.length > 0 && { ends, endsFrom: length }),
    ...(truncated && { truncated }),
  }
}
