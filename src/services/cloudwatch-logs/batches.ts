/**
 * What was logged, in batches: the events of one PutLogEvents that lie within a minute, under the time of the first. A
 * record a batch is the index by group and time, another the index by stream. A small batch's events lie in its record,
 * so that a function's three lines cost no sync of a file of their own; those of a larger one in the group's segments.
 * Nothing here is ever changed, only deleted.
 */
import type { Millis } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import { segmentLogs } from '../../delivery/logs.ts'
import { collection } from '../../store/collection.ts'
import type { Placement } from '../../store/segments.ts'
import { encodeEvents, storedBytesOf, type Written } from './eventBodies.ts'

export interface LogBatch {
  groupId: string
  streamId: string
  /** Within its stream, from 1. */
  number: number
  firstAt: Millis
  lastAt: Millis
  ingestedAt: Millis
  /** How many events; absent in a large batch of an older store. */
  count?: number
  /** As AWS counts them. */
  storedBytes: number
  /** The events (eventBodies.ts), of a small batch. */
  body?: Uint8Array
  /** Where they lie else, in the group's log. */
  place?: Placement
}

export const batches = collection<LogBatch>('logs/batches', {
  version: 3,
  key: ({ groupId, firstAt, streamId, number }) => [groupId, firstAt, streamId, number],
  // Bodies of version 2 have nothing between their messages, as they tell themselves.
  migrate: (record, version) => {
    if (version === 2) return record as LogBatch
    const { events, ...batch } = record as Omit<LogBatch, 'body'> & { events: Written[] }
    const body = encodeEvents(events)
    return { ...batch, count: events.length, storedBytes: storedBytesOf(body), body }
  },
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
/** Up to here the events lie in the record. */
const bodyBytesMax = 4 * 1024

/** The name of a group's segments. */
export function segmentsOf(groupId: string): string {
  return `logs-${groupId}`
}

/** Keeps events that lie within `batchSpanMillis`, the first first; answers their bytes as AWS counts them. */
export function putBatch(
  tx: Tx,
  { groupId, streamId, number }: Pick<LogBatch, 'groupId' | 'streamId' | 'number'>,
  events: readonly Written[],
): number {
  const [firstAt] = events[0] as Written
  const [lastAt] = events[events.length - 1] as Written
  const body = encodeEvents(events)
  const storedBytes = storedBytesOf(body)
  const count = events.length
  const batch = { groupId, streamId, number, firstAt, lastAt, ingestedAt: tx.now, count, storedBytes }
  if (body.length <= bodyBytesMax) tx.in(batches).put({ ...batch, body })
  else tx.append(segmentsOf(groupId), { at: firstAt, body }, (place) => tx.in(batches).put({ ...batch, place }))
  tx.in(streamBatches).put({ streamId, firstAt, number })
  return storedBytes
}

export function deleteBatch(
  tx: Tx,
  { groupId, streamId, firstAt, number }: Pick<LogBatch, 'groupId' | 'streamId' | 'firstAt' | 'number'>,
): void {
  tx.in(batches).delete(groupId, firstAt, streamId, number)
  tx.in(streamBatches).delete(streamId, firstAt, number)
}

/** Gives back the disk of segments written before a time; answers when the first that stays was written. */
export function trimSegments(tx: Tx, groupId: string, before: Millis): Millis | undefined {
  return tx.use(segmentLogs).trim(tx, segmentsOf(groupId), before)
}

export function dropSegments(tx: Tx, groupId: string): void {
  tx.use(segmentLogs).drop(tx, segmentsOf(groupId))
}
