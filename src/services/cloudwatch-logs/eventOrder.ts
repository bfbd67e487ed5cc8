/**
 * Events in the order of their times, out of batches that overlap. A batch overlaps only what begins less than a minute
 * away, so batches are merged in the order of time, forth or back, without knowing the whole stream.
 */
import type { Millis } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import { groupBatches, type LoadedBatch, streamBatchesOf } from './batchBodies.ts'
import { batchSpanMillis, type LogBatch } from './batches.ts'
import type { EventBody } from './eventBodies.ts'

export interface LogEvent {
  timestamp: Millis
  message: string
  ingestedAt: Millis
  streamId: string
  number: number
  index: number
  /** Of its batch: with stream, number and index it finds the event again. */
  batchAt: Millis
}

/** Where an event stands: no two events stand in one place. */
export type Position = [timestamp: Millis, streamId: string, number: number, index: number]

export function positionOf({ timestamp, streamId, number, index }: LogEvent): Position {
  return [timestamp, streamId, number, index]
}

export function comparePositions(left: Position, right: Position): number {
  for (let at = 0; at < left.length; at++) {
    const [one, other] = [left[at] as number | string, right[at] as number | string]
    if (one !== other) return one < other ? -1 : 1
  }
  return 0
}

/** Without making positions: a search compares millions. */
function compareEvents(left: LogEvent, right: LogEvent): number {
  if (left.timestamp !== right.timestamp) return left.timestamp - right.timestamp
  if (left.streamId !== right.streamId) return left.streamId < right.streamId ? -1 : 1
  return left.number - right.number || left.index - right.index
}

/** What is looked for in a group: both times included. */
export interface Sought {
  from: Millis
  to: Millis
  /** Of these streams only. */
  streams?: ReadonlySet<string>
  passes?: (message: string) => boolean
  /** What does not have one of these texts does not pass. */
  anyOf?: readonly string[]
}

/** Events in their final order; nothing that is sought and earlier than `until` comes after them. */
export interface Found {
  events: LogEvent[]
  until: Millis
  /** Bytes that were looked at since the last answer. */
  bytes: number
}

export async function* searchGroup(ctx: Context, groupId: string, sought: Sought): AsyncIterable<Found> {
  const { from, to, streams } = sought
  const wanted = (batch: LogBatch) => batch.lastAt >= from && (!streams || streams.has(batch.streamId))
  let waiting: LogEvent[] = []
  for await (const loaded of groupBatches(ctx, groupId, { from: Math.max(0, from - batchSpanMillis), to, wanted })) {
    const until = loaded.batch.firstAt
    const split = waiting.findIndex(({ timestamp }) => timestamp >= until)
    const final = split < 0 ? waiting : waiting.slice(0, split)
    waiting = split < 0 ? [] : waiting.slice(split)
    yield { events: final, until, bytes: loaded.batch.storedBytes }
    const overlaps = waiting.length > 0
    for (const event of passing(loaded, sought)) waiting.push(event)
    if (overlaps) waiting.sort(compareEvents)
  }
  yield { events: waiting, until: Number.POSITIVE_INFINITY, bytes: 0 }
}

function passing({ batch, body }: LoadedBatch, { from, to, passes, anyOf }: Sought): LogEvent[] {
  const events: LogEvent[] = []
  const isWhole = batch.firstAt >= from && batch.lastAt <= to
  for (const index of anyOf ? body.having(anyOf) : all(body)) {
    if (!isWhole && (body.timestamp(index) < from || body.timestamp(index) > to)) continue
    if (!passes || passes(body.message(index))) events.push(eventAt(batch, body, index))
  }
  return events
}

function* all({ count }: EventBody): Iterable<number> {
  for (let index = 0; index < count; index++) yield index
}

export function eventAt(batch: LogBatch, body: EventBody, index: number): LogEvent {
  const { ingestedAt, streamId, number, firstAt } = batch
  const [timestamp, message] = [body.timestamp(index), body.message(index)]
  return { timestamp, message, ingestedAt, streamId, number, index, batchAt: firstAt }
}

interface StreamPlace {
  groupId: string
  id: string
}

/** A stream's events from a time on, in their order. */
export async function* streamEvents(ctx: Context, stream: StreamPlace, from: Millis): AsyncIterable<LogEvent> {
  let waiting: LogEvent[] = []
  const ends = { from: [stream.id, Math.max(0, from - batchSpanMillis)] }
  for await (const { batch, body } of streamBatchesOf(ctx, stream, ends)) {
    const split = waiting.findIndex(({ timestamp }) => timestamp >= batch.firstAt)
    yield* split < 0 ? waiting : waiting.slice(0, split)
    waiting = split < 0 ? [] : waiting.slice(split)
    for (const index of all(body)) waiting.push(eventAt(batch, body, index))
    waiting.sort(compareEvents)
  }
  yield* waiting
}

/** A stream's events up to a time, the latest first. */
export async function* streamEventsBack(ctx: Context, stream: StreamPlace, to: Millis): AsyncIterable<LogEvent> {
  let waiting: LogEvent[] = []
  const ends = { before: [stream.id, to + 1], reverse: true }
  for await (const { batch, body } of streamBatchesOf(ctx, stream, ends)) {
    const split = waiting.findIndex(({ timestamp }) => timestamp <= batch.firstAt + batchSpanMillis)
    yield* split < 0 ? waiting : waiting.slice(0, split)
    waiting = split < 0 ? [] : waiting.slice(split)
    for (const index of all(body)) waiting.push(eventAt(batch, body, index))
    waiting.sort((left, right) => compareEvents(right, left))
  }
  yield* waiting
}
