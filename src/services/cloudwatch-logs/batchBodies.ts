/**
 * Batches with their events, some at a time: bodies that lie side by side in a segment are read at once. A batch that
 * was deleted meanwhile is left out.
 */
import type { Context } from '../../delivery/context.ts'
import { segmentLogs } from '../../delivery/logs.ts'
import type { Range } from '../../store/collection.ts'
import type { Placement } from '../../store/segments.ts'
import { batches, type LogBatch, segmentsOf, streamBatches } from './batches.ts'
import { EventBody } from './eventBodies.ts'
import type { ReadBuffers } from './readBuffers.ts'

export interface LoadedBatch {
  batch: LogBatch
  body: EventBody
  /** Where it was read into memory that is used again: called when the body is not looked at any more. */
  release?: () => void
}

/** Read at once: as few as are enough for a page from the end of a stream, as many as fit when one goes on. */
const batchesAtOnce = { least: 8, most: 256 }
const bytesAtOnceMax = 4 * 1024 * 1024

/** Batches of a group that begin between two times, both included, in the order of their first events, forth or back. */
export async function* groupBatches(
  ctx: Context,
  groupId: string,
  { from, to, isBackward = false, wanted, buffers }: GroupRange,
): AsyncIterable<LoadedBatch> {
  const ends = { from: [groupId, from], before: [groupId, to + 1] }
  let range: Range = { prefix: [groupId], ...ends, reverse: isBackward }
  for (let limit = batchesAtOnce.least; ; limit = Math.min(limit * 2, batchesAtOnce.most)) {
    const found = withinBytes(ctx.in(batches).list({ ...range, limit }))
    const last = found[found.length - 1]
    if (!last) return
    yield* await loaded(ctx, groupId, found.filter(wanted), buffers)
    const key = batches.key(last)
    range = isBackward ? { ...range, before: key } : { prefix: [groupId], after: key, before: ends.before }
  }
}

interface GroupRange {
  from: number
  to: number
  isBackward?: boolean
  /** Asked once for each batch, in their order. */
  wanted: (batch: LogBatch) => boolean
  /** Bodies lie in it until they are released. */
  buffers?: ReadBuffers
}

/** Batches of a stream, in the order of their first events, forth or back. */
export async function* streamBatchesOf(
  ctx: Context,
  { groupId, id }: { groupId: string; id: string },
  ends: Pick<Range, 'from' | 'before' | 'reverse'>,
): AsyncIterable<LoadedBatch> {
  let range: Range = { prefix: [id], ...ends }
  for (let limit = batchesAtOnce.least; ; limit = Math.min(limit * 2, batchesAtOnce.most)) {
    const found = [...ctx.in(streamBatches).list({ ...range, limit })]
    const last = found[found.length - 1]
    if (!last) return
    const resolved = found.flatMap(({ firstAt, number }) => ctx.in(batches).get(groupId, firstAt, id, number) ?? [])
    yield* await loaded(ctx, groupId, resolved)
    const key = streamBatches.key(last)
    range = ends.reverse ? { prefix: [id], before: key, reverse: true } : { prefix: [id], after: key }
  }
}

function withinBytes(found: Iterable<LogBatch>): LogBatch[] {
  const some: LogBatch[] = []
  let bytes = 0
  for (const batch of found) {
    bytes += batch.place?.bytes ?? 0
    if (bytes > bytesAtOnceMax && some.length > 0) break
    some.push(batch)
  }
  return some
}

interface Run extends Placement {
  parts: { batch: LogBatch; offset: number }[]
}

export async function loaded(
  ctx: Pick<Context, 'use'>,
  groupId: string,
  found: readonly LogBatch[],
  buffers?: ReadBuffers,
): Promise<LoadedBatch[]> {
  const read = new Map<LogBatch, LoadedBatch>()
  const runs: Run[] = []
  for (const batch of found) if (batch.body) read.set(batch, { batch, body: new EventBody(batch.body) })
  // Streams that are written at the same time lie side by side, but not in the order of their events.
  const placed = found.filter((batch): batch is PlacedBatch => batch.place !== undefined)
  for (const batch of placed.sort(byPlace)) addToRun(runs, batch, batch.place)
  const shared = buffers && new SharedBuffer(buffers, runs)
  const ofRuns = await Promise.all(runs.map((run) => readRun(ctx, groupId, run, shared)))
  for (const one of ofRuns.flat()) read.set(one.batch, one)
  return found.flatMap((batch) => read.get(batch) ?? [])
}

type PlacedBatch = LogBatch & { place: Placement }

function byPlace({ place: one }: PlacedBatch, { place: other }: PlacedBatch): number {
  return one.segment - other.segment || one.offset - other.offset
}

function addToRun(runs: Run[], batch: LogBatch, { segment, offset, bytes }: Placement): void {
  const last = runs[runs.length - 1]
  if (last && last.segment === segment && last.offset + last.bytes === offset) {
    last.bytes += bytes
    last.parts.push({ batch, offset })
  } else runs.push({ segment, offset, bytes, parts: [{ batch, offset }] })
}

async function readRun(
  ctx: Pick<Context, 'use'>,
  groupId: string,
  { segment, offset, bytes, parts }: Run,
  shared: SharedBuffer | undefined,
): Promise<LoadedBatch[]> {
  const place = { log: segmentsOf(groupId), segment, offset, bytes }
  const entries = await ctx.use(segmentLogs).entries(place, shared?.part(bytes))
  const byOffset = new Map(entries.map((entry) => [entry.offset, entry.body]))
  return parts.flatMap((part) => {
    const body = byOffset.get(part.offset)
    if (!body) return []
    return { batch: part.batch, body: new EventBody(body), ...(shared && { release: shared.lent() }) }
  })
}

/** What is read at once lies in one piece of memory, which is given back when the last of its batches is released. */
class SharedBuffer {
  readonly #buffers: ReadBuffers
  readonly #buffer: Buffer
  #taken = 0
  #unreleased = 0

  constructor(buffers: ReadBuffers, runs: readonly Run[]) {
    this.#buffers = buffers
    this.#buffer = buffers.take(runs.reduce((sum, { bytes }) => sum + bytes, 0))
  }

  part(bytes: number): Buffer {
    this.#taken += bytes
    return this.#buffer.subarray(this.#taken - bytes, this.#taken)
  }

  /** Counts one batch more; what is answered is called when it is not looked at any more. */
  lent(): () => void {
    this.#unreleased++
    return () => {
      this.#unreleased--
      if (this.#unreleased === 0) this.#buffers.giveBack(this.#buffer)
    }
  }
}
