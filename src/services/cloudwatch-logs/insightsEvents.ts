/** The events that a query asks for, batch by batch as they lie in the store: the engine orders them itself. */
import assert from 'node:assert'
import type { Millis } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import { blockOf, type EventBlock } from '../../engines/insights/eventBlocks.ts'
import type { EventBatch } from '../../engines/insights/running.ts'
import { groupBatches, type LoadedBatch } from './batchBodies.ts'
import { batchSpanMillis, type LogBatch } from './batches.ts'
import { shownBy } from './dataProtection.ts'
import { overheadBytes } from './eventBodies.ts'
import { pointerTo } from './eventReading.ts'
import { keptSince } from './expiries.ts'
import type { LogGroup } from './groups.ts'
import { ReadBuffers } from './readBuffers.ts'
import { streams } from './streamRecords.ts'

export interface EventsWanted {
  /** Both included. */
  from: Millis
  to: Millis
  /** Batches that have none of these texts are left out. */
  anyOf: readonly string[] | undefined
  /** No others than these, the newest or the oldest, need come. */
  first: { count: number; isNewest: boolean } | undefined
  places: EventPlaces
  /** As they were logged, whatever data protection masks. */
  isUnmasked: boolean
}

/** More than a batch has events. */
const placesOfBatch = 2 ** 20

/** Numbers for events, of which their pointers can be made: in the order of time as far as batches are. */
export class EventPlaces {
  readonly #batches = new Map<number, { batch: Pick<LogBatch, 'streamId' | 'firstAt' | 'number'>; group: string }>()
  #last = 0

  /** That of the batch's first event. */
  add({ streamId, firstAt, number }: LogBatch, group: string, isBackward: boolean): number {
    this.#last++
    const place = isBackward ? -this.#last : this.#last
    this.#batches.set(place, { batch: { streamId, firstAt, number }, group })
    return place * placesOfBatch
  }

  pointerTo(place: number): string {
    const found = this.#batches.get(Math.floor(place / placesOfBatch))
    assert(found, 'a place is that of a batch which was read')
    const { streamId, firstAt, number } = found.batch
    const index = place - Math.floor(place / placesOfBatch) * placesOfBatch
    return pointerTo({ streamId, batchAt: firstAt, number, index }, found.group)
  }
}

export async function* queriedEvents(ctx: Context, group: LogGroup, wanted: EventsWanted): AsyncIterable<EventBatch> {
  const { to, first, isUnmasked, anyOf } = wanted
  const from = Math.max(wanted.from, keptSince(group, ctx.clock.now()))
  const names = new Map([...ctx.in(streams).list({ prefix: [group.id] })].map(({ id, name }) => [id, name]))
  const shown = group.protection !== undefined && !isUnmasked ? shownBy(ctx, group) : undefined
  const enough = first && new Enough(first)
  const skipped = { scanned: 0, bytes: 0 }
  const isWanted = (batch: LogBatch) => {
    // A stream that was deleted has no events, though its batches may not be gone yet.
    if (batch.lastAt < from || !names.has(batch.streamId)) return false
    const isWhole = batch.firstAt >= from && batch.lastAt <= to
    if (batch.count === undefined || !isWhole || !enough?.leavesOut(batch)) return true
    skipped.scanned += batch.count
    skipped.bytes += batch.storedBytes - batch.count * overheadBytes
    return false
  }
  const isBackward = first?.isNewest ?? false
  const buffers = new ReadBuffers()
  const range = { from: Math.max(0, from - batchSpanMillis), to, isBackward, wanted: isWanted, buffers }
  for await (const loaded of groupBatches(ctx, group.id, range)) {
    const { batch, body, release } = loaded
    const part = partOf(loaded, { from, to })
    const hasText = !anyOf || shown !== undefined || body.hasAny(anyOf)
    if (part.count === 0 || !hasText) {
      release?.()
      yield { scanned: part.count, bytes: part.bytes }
    } else {
      const { ingestedAt: ingestionTime } = batch
      const place = wanted.places.add(batch, group.name, isBackward) + part.start
      const origin = { ingestionTime, stream: names.get(batch.streamId) ?? '', group: group.name, place }
      const block = blockOfPart(loaded, part, shown)
      yield { block: { ...block, ...origin }, scanned: part.count, bytes: part.bytes, ...(release && { release }) }
    }
  }
  if (skipped.scanned > 0) yield skipped
}

/**
 * Which batches have none of the first so many events in time, by what the index tells of them: batches come in the order
 * of their first events, from the one end or the other.
 */
class Enough {
  readonly #first: { count: number; isNewest: boolean }
  #events = 0
  /** All events that were counted lie on the hither side of it. */
  #edge: Millis

  constructor(first: { count: number; isNewest: boolean }) {
    this.#first = first
    this.#edge = first.isNewest ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
  }

  /** Asked once for each batch; one that is not left out is counted. */
  leavesOut({ firstAt, lastAt, count = 0 }: LogBatch): boolean {
    const { isNewest } = this.#first
    const isBehind = isNewest ? lastAt < this.#edge : firstAt > this.#edge
    if (this.#events >= this.#first.count) return isBehind
    this.#events += count
    this.#edge = isNewest ? Math.min(this.#edge, firstAt) : Math.max(this.#edge, lastAt)
    return false
  }
}

/** The events of a batch within the time, which lie one after the other. */
interface Part {
  start: number
  count: number
  /** Of their messages. */
  bytes: number
}

function partOf({ batch, body }: LoadedBatch, { from, to }: { from: Millis; to: Millis }): Part {
  const { count } = body
  if (batch.firstAt >= from && batch.lastAt <= to) {
    return { start: 0, count, bytes: batch.storedBytes - count * overheadBytes }
  }
  let start = 0
  while (start < count && body.timestamp(start) < from) start++
  let end = start
  let bytes = 0
  for (; end < count && body.timestamp(end) <= to; end++) bytes += Buffer.byteLength(body.message(end))
  return { start, count: end - start, bytes }
}

function blockOfPart(
  { batch, body }: LoadedBatch,
  { start, count }: Part,
  shown: ((message: string, ingestedAt: Millis) => string) | undefined,
): EventBlock {
  if (count === body.count && !shown) return body.block
  const events = Array.from({ length: count }, (_, i) => {
    const message = body.message(start + i)
    return { timestamp: body.timestamp(start + i), message: shown ? shown(message, batch.ingestedAt) : message }
  })
  return blockOf(events)
}
