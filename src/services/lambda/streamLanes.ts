/**
 * Where a mapping is in its stream. Each lane has the records of its own items, in order, and a place of its own: up to which
 * record all is dealt with, and what was tried of the batch after it. A place moves in one commit, after its records
 * were dealt with; killed before that, they are handed over again.
 */
import { changeStreams } from '../../delivery/changeStreams.ts'
import type { Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import type { EventSourceMapping } from './mappings.ts'
import type { StreamWindow } from './streamWindows.ts'

export interface StreamLane {
  mappingId: string
  lane: number
  /** How many lanes share the stream: the place means nothing to a mapping that has another number of them. */
  of: number
  /** The number of the last record that is dealt with. */
  done: number
  /** Times that the function failed on the batch that begins after `done`. */
  attempts: number
  /** Where the batches end that a failed one was split into, the first first. */
  ends: number[]
  /** The tumbling window that is open. */
  window?: StreamWindow
}

export const streamLanes = collection<StreamLane>('lambda/stream-lanes', {
  version: 1,
  key: ({ mappingId, lane }) => [mappingId, lane],
})

/** A new mapping begins at the oldest record, or after the newest there is. */
export function beginLanes(tx: Tx, { id, sourceArn, stream }: EventSourceMapping): void {
  if (!stream) return
  const newest = tx.use(changeStreams).get(tx, sourceArn)?.last ?? 0
  putLanes(tx, id, stream.lanes, stream.startingPosition === 'LATEST' ? newest : 0)
}

/** Another number of lanes begins where the last one was: some records are handed over twice, none is passed over. */
export function relane(tx: Tx, { id, stream }: EventSourceMapping): void {
  const before = [...tx.in(streamLanes).list({ prefix: [id] })]
  if (!stream || before.length === stream.lanes) return
  const done = Math.min(...before.map((lane) => lane.done))
  endLanes(tx, id)
  putLanes(tx, id, stream.lanes, done)
}

export function endLanes(tx: Tx, mappingId: string): void {
  for (const { lane } of [...tx.in(streamLanes).list({ prefix: [mappingId] })]) {
    tx.in(streamLanes).delete(mappingId, lane)
  }
}

function putLanes(tx: Tx, mappingId: string, count: number, done: number): void {
  for (let lane = 0; lane < count; lane++) {
    tx.in(streamLanes).put({ mappingId, lane, of: count, done, attempts: 0, ends: [] })
  }
}
