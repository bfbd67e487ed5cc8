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

export interface LoadedBatch {
  batch: LogBatch
  body: EventBody
}

/** Read at once: as few as are enough for a page from the end of a stream, as many as fit when one goes on. */
const batchesAtOnce = { least: 8, most: 256 }
const bytesAtOnceMax = 4 * 1024 * 1024

/** Batches of a group, in the order of their first events. */
export async function* groupBatches(
  ctx: Context,
  groupId: string,
  { from, wanted }: { from: number; wanted: (batch: LogBatch) => boolean },
): AsyncIterable<LoadedBatch> {
  let range: Range = { prefix: [groupId], from: [groupId, from] }
  for (let limit = batchesAtOnce.least; ; limit = Math.min(limit * 2, batchesAtOnce.most)) {
    const found = withinBytes(ctx.in(batches).list({ ...range, limit }))
    const last = found[found.length - 1]
    if (!last) return
    yield* await loaded(ctx, groupId, found.filter(wanted))
    range = { prefix: [groupId], after: batches.key(last) }
  }
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
    some.push(batch)
    bytes += batch.place?.bytes ?? 0
    if (bytes > bytesAtOnceMax) break
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
): Promise<LoadedBatch[]> {
  const bodies = new Map<LogBatch, EventBody>()
  const runs: Run[] = []
  for (const batch of found) {
    if (batch.body) bodies.set(batch, new EventBody(batch.body))
    else if (batch.place) addToRun(runs, batch, batch.place)
  }
  await Promise.all(runs.map((run) => readRun(ctx, groupId, run, bodies)))
  return found.flatMap((batch) => {
    const body = bodies.get(batch)
    return body ? [{ batch, body }] : []
  })
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
  bodies: Map<LogBatch, EventBody>,
): Promise<void> {
  const entries = await ctx.use(segmentLogs).entries({ log: segmentsOf(groupId), segment, offset, bytes })
  const byOffset = new Map(entries.map((entry) => [entry.offset, entry.body]))
  for (const part of parts) {
    const body = byOffset.get(part.offset)
    if (body) bodies.set(part.batch, new EventBody(body))
  }
}
