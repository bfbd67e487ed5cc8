/**
 * What was logged, in batches: a row for the events of one PutLogEvents that lie within a minute, under the time of its
 * first event. A batch overlaps only what begins less than a minute away, so a reader can merge batches in the order of
 * time, forth or back, without knowing the whole stream. Nothing here is ever changed, only deleted.
 */
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'

export interface LogBatch {
  groupId: string
  streamId: string
  /** Within its stream, from 1. */
  number: number
  firstAt: Millis
  lastAt: Millis
  ingestedAt: Millis
  events: [timestamp: Millis, message: string][]
}

export const batches = collection<LogBatch>('logs/batches', {
  version: 1,
  key: ({ groupId, firstAt, streamId, number }) => [groupId, firstAt, streamId, number],
})

/** The same batches by stream. */
export interface StreamBatch {
  streamId: string
  firstAt: Millis
  number: number
}

export const streamBatches = collection<StreamBatch>('logs/stream-batches', {
  version: 1,
  key: ({ streamId, firstAt, number }) => [streamId, firstAt, number],
})

/** The longest time between a batch's first event and its last. */
export const batchSpanMillis = 60_000

export interface LogEvent {
  timestamp: Millis
  message: string
  ingestedAt: Millis
  streamId: string
  number: number
  index: number
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

export function putBatch(tx: Tx, batch: LogBatch): void {
  const { streamId, firstAt, number } = batch
  tx.in(batches).put(batch)
  tx.in(streamBatches).put({ streamId, firstAt, number })
}

export function deleteBatch(tx: Tx, { groupId, streamId, firstAt, number }: Omit<LogBatch, 'events'>): void {
  tx.in(batches).delete(groupId, firstAt, streamId, number)
  tx.in(streamBatches).delete(streamId, firstAt, number)
}

/** A whole group's events from a time on, in their order. Read it before the next `await`. */
export function groupEvents(ctx: Context, groupId: string, from: Millis): Iterable<LogEvent> {
  return merged(ctx.in(batches).list({ prefix: [groupId], from: [groupId, Math.max(0, from - batchSpanMillis)] }))
}

/** A stream's events from a time on, in their order. */
export function streamEvents(ctx: Context, stream: { groupId: string; id: string }, from: Millis): Iterable<LogEvent> {
  const range = { prefix: [stream.id], from: [stream.id, Math.max(0, from - batchSpanMillis)] }
  return merged(resolved(ctx, stream.groupId, ctx.in(streamBatches).list(range)))
}

/** A stream's events up to a time, the latest first. */
export function streamEventsBack(
  ctx: Context,
  stream: { groupId: string; id: string },
  to: Millis,
): Iterable<LogEvent> {
  const range = { prefix: [stream.id], before: [stream.id, to + 1], reverse: true }
  return mergedBack(resolved(ctx, stream.groupId, ctx.in(streamBatches).list(range)))
}

function* resolved(ctx: Context, groupId: string, found: Iterable<StreamBatch>): Iterable<LogBatch> {
  for (const { streamId, firstAt, number } of found) {
    const batch = ctx.in(batches).get(groupId, firstAt, streamId, number)
    if (batch) yield batch
  }
}

/** Batches come by their first event: what lies before the next batch's first event is in its final order. */
function* merged(found: Iterable<LogBatch>): Iterable<LogEvent> {
  let waiting: LogEvent[] = []
  for (const batch of found) {
    const split = waiting.findIndex(({ timestamp }) => timestamp >= batch.firstAt)
    yield* split < 0 ? waiting : waiting.slice(0, split)
    waiting = split < 0 ? [] : waiting.slice(split)
    waiting.push(...eventsOf(batch))
    waiting.sort((left, right) => comparePositions(positionOf(left), positionOf(right)))
  }
  yield* waiting
}

function* mergedBack(found: Iterable<LogBatch>): Iterable<LogEvent> {
  let waiting: LogEvent[] = []
  for (const batch of found) {
    const split = waiting.findIndex(({ timestamp }) => timestamp <= batch.firstAt + batchSpanMillis)
    yield* split < 0 ? waiting : waiting.slice(0, split)
    waiting = split < 0 ? [] : waiting.slice(split)
    waiting.push(...eventsOf(batch))
    waiting.sort((left, right) => comparePositions(positionOf(right), positionOf(left)))
  }
  yield* waiting
}

function eventsOf({ events, ingestedAt, streamId, number }: LogBatch): LogEvent[] {
  return events.map(([timestamp, message], index) => ({ timestamp, message, ingestedAt, streamId, number, index }))
}
