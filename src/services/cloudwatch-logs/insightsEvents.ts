/** The events that a query asks for, batch by batch as they lie in the store: the engine orders them itself. */
import assert from 'node:assert'
import type { Millis } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import type { EventBatch, InsightsEvent } from '../../engines/insights/running.ts'
import { groupBatches, type LoadedBatch } from './batchBodies.ts'
import { batchSpanMillis, type LogBatch } from './batches.ts'
import { shownBy } from './dataProtection.ts'
import { overheadBytes } from './eventBodies.ts'
import { pointerTo } from './eventReading.ts'
import { keptSince } from './expiries.ts'
import type { LogGroup } from './groups.ts'
import { streams } from './streamRecords.ts'

export interface EventsWanted {
  /** Both included. */
  from: Millis
  to: Millis
  /** Messages that have none of these texts are left out. */
  anyOf: readonly string[] | undefined
  /** Where events are remembered to lie; absent where none is asked for again. */
  places?: EventPlaces
  /** As they were logged, whatever data protection masks. */
  isUnmasked?: boolean
}

/** More than a batch has events. */
const placesOfBatch = 2 ** 20

/** Numbers for events, of which their pointers can be made. */
export class EventPlaces {
  readonly #batches: { batch: Pick<LogBatch, 'streamId' | 'firstAt' | 'number'>; group: string }[] = []

  /** That of the batch's first event. */
  add({ streamId, firstAt, number }: LogBatch, group: string): number {
    this.#batches.push({ batch: { streamId, firstAt, number }, group })
    return (this.#batches.length - 1) * placesOfBatch
  }

  pointerTo(place: number): string {
    const found = this.#batches[Math.floor(place / placesOfBatch)]
    assert(found, 'a place is that of a batch which was read')
    const { streamId, firstAt, number } = found.batch
    return pointerTo({ streamId, batchAt: firstAt, number, index: place % placesOfBatch }, found.group)
  }
}

export async function* queriedEvents(
  ctx: Context,
  group: LogGroup,
  { from, to, isUnmasked = false, anyOf, ...wanted }: EventsWanted,
): AsyncIterable<EventBatch> {
  const window = { from: Math.max(from, keptSince(group, ctx.clock.now())), to }
  const isWanted = ({ firstAt, lastAt }: LogBatch) => lastAt >= window.from && firstAt <= to
  const names = new Map([...ctx.in(streams).list({ prefix: [group.id] })].map(({ id, name }) => [id, name]))
  const isMasked = group.protection !== undefined && !isUnmasked
  const shown = isMasked ? shownBy(ctx, group) : undefined
  const texts = isMasked ? undefined : anyOf
  const start = Math.max(0, window.from - batchSpanMillis)
  for await (const loaded of groupBatches(ctx, group.id, { from: start, wanted: isWanted })) {
    const stream = names.get(loaded.batch.streamId)
    // A stream that was deleted has no events, though its batches may not be gone yet.
    if (stream !== undefined)
      yield batchEvents(loaded, { ...wanted, ...window, anyOf: texts, group, stream, ...(shown && { shown }) })
    if (loaded.batch.firstAt > to) return
  }
}

interface BatchWanted extends EventsWanted {
  group: LogGroup
  stream: string
  shown?: (message: string, ingestedAt: Millis) => string
}

function batchEvents({ batch, body }: LoadedBatch, wanted: BatchWanted): EventBatch {
  const { from, to, anyOf, group, stream, places, shown } = wanted
  const isWhole = batch.firstAt >= from && batch.lastAt <= to
  const isIn = (index: number) => isWhole || (body.timestamp(index) >= from && body.timestamp(index) <= to)
  const first = places?.add(batch, group.name) ?? 0
  const events: InsightsEvent[] = []
  for (const index of anyOf ? body.having(anyOf) : numbers(body.count)) {
    if (!isIn(index)) continue
    events.push({
      timestamp: body.timestamp(index),
      ingestionTime: batch.ingestedAt,
      message: shown ? shown(body.message(index), batch.ingestedAt) : body.message(index),
      stream,
      group: group.name,
      place: first + index,
    })
  }
  if (isWhole) return { events, scanned: body.count, bytes: batch.storedBytes - body.count * overheadBytes }
  const inside = [...numbers(body.count)].filter(isIn)
  const bytes = inside.reduce((sum, index) => sum + Buffer.byteLength(body.message(index)), 0)
  return { events, scanned: inside.length, bytes }
}

function* numbers(count: number): Iterable<number> {
  for (let index = 0; index < count; index++) yield index
}
