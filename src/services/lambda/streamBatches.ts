/** Which records a lane hands over next, and what becomes of its place when the function answered. */
import { createHash } from 'node:crypto'
import { type ChangeRecord, type ChangeStream, changeStreams } from '../../delivery/changeStreams.ts'
import type { Context } from '../../delivery/context.ts'
import { compilePattern } from '../../engines/patterns/pattern.ts'
import type { StreamMapping } from './mappings.ts'
import type { StreamLane } from './streamLanes.ts'
import { streamEventRecord } from './streamRecords.ts'
import { type StreamWindow, windowAt } from './streamWindows.ts'

/** Records looked at in one round: of other lanes, or of no interest to the filter. */
const lookedAtMax = 10_000
/** Under the 6 MB that an invocation takes. */
const batchBytesMax = 6_000_000

export interface BatchRecord {
  number: number
  at: number
  /** As the function sees it. */
  text: string
}

export interface Batch {
  records: BatchRecord[]
  /** The last record looked at: everything up to here that is not in the batch is none of the function's business. */
  to: number
  /** There may be more behind it. */
  isMore: boolean
  /** The tumbling window that its records are in. */
  window?: StreamWindow
}

export function nextBatch(ctx: Context, mapping: StreamMapping, stream: ChangeStream, place: StreamLane): Batch {
  const patterns = mapping.patterns.map(compilePattern)
  const end = place.ends[0] ?? Number.POSITIVE_INFINITY
  const range = { number: place.done + 1, now: ctx.clock.now() }
  const records: BatchRecord[] = []
  const { tumblingSeconds } = mapping.stream
  let window = place.window
  let [to, bytes, looked] = [place.done, 0, 0]
  const ended = () => ({ records, to, ...(window && { window }) })
  for (const record of ctx.use(changeStreams).read(ctx, stream, range)) {
    if (record.number > end || looked++ === lookedAtMax) return { ...ended(), isMore: true }
    if (laneOf(record, place.of) === place.lane) {
      const event = streamEventRecord(ctx, stream, record)
      if (patterns.length === 0 || patterns.some((pattern) => pattern.matches(event))) {
        if (window && record.at >= window.end) return { ...ended(), isMore: true }
        if (tumblingSeconds) window ??= windowAt(record.at, tumblingSeconds)
        const text = JSON.stringify(event)
        bytes += Buffer.byteLength(text) + 1
        if (records.length > 0 && bytes > batchBytesMax) return { ...ended(), isMore: true }
        records.push({ number: record.number, at: record.at, text })
      }
    }
    to = record.number
    if (records.length === mapping.batchSize) return { ...ended(), isMore: true }
  }
  return { ...ended(), isMore: false }
}

/** All records of an item are in one lane, so their order holds. */
function laneOf({ keys }: ChangeRecord, lanes: number): number {
  if (lanes === 1) return 0
  const [partition] = Object.values(keys)
  const [type, value] = Object.entries(partition as object)[0] as [string, string | Uint8Array]
  return createHash('sha256').update(type).update(value).digest().readUInt32BE() % lanes
}

export type Verdict =
  | { kind: 'retry'; place: StreamLane }
  /** Split: tried again at once, for splitting costs no retry. */
  | { kind: 'split'; place: StreamLane }
  | { kind: 'discard'; place: StreamLane; records: BatchRecord[]; attempts: number }

/** The function has dealt with all of it. */
export function passed(place: StreamLane, to: number): StreamLane {
  return { ...place, done: to, attempts: 0, ends: place.ends.filter((end) => end > to) }
}

/** The function failed from that record on; what came before it is dealt with. */
export function failedFrom(
  place: StreamLane,
  batch: Batch,
  number: number,
  settings: StreamMapping['stream'],
): Verdict {
  const left = batch.records.filter((record) => record.number >= number)
  const isProgress = left.length < batch.records.length
  const ends = place.ends.length > 0 ? place.ends : [batch.to]
  const begun = isProgress ? { ...place, done: number - 1, attempts: 0, ends } : { ...place, ends }
  if (settings.bisects && left.length > 1) {
    if (isProgress) return { kind: 'split', place: begun }
    const middle = left[Math.ceil(left.length / 2) - 1] as BatchRecord
    return { kind: 'split', place: { ...begun, ends: [middle.number, ...ends.filter((end) => end > middle.number)] } }
  }
  const attempts = begun.attempts + 1
  if (settings.retriesMax === -1 || attempts <= settings.retriesMax) {
    return { kind: 'retry', place: { ...begun, attempts } }
  }
  return { kind: 'discard', place: passed(begun, batch.to), records: left, attempts }
}

/** The records at the start of a batch that are older than the mapping wants; undefined where there are none. */
export function outdated({ records, to }: Batch, now: number, ageSecondsMax: number): Batch | undefined {
  if (ageSecondsMax === -1) return undefined
  const fresh = records.findIndex(({ at }) => now - at <= ageSecondsMax * 1000)
  const old = fresh < 0 ? records : records.slice(0, fresh)
  if (old.length === 0) return undefined
  return { records: old, to: fresh < 0 ? to : (old.at(-1) as BatchRecord).number, isMore: true }
}
