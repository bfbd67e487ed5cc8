/**
 * Segments as they came, and the trace that they belong to. A segment that comes again replaces what was there; how subsegments
 * that came apart find their segment is seen when a trace is read (assembly.ts).
 */
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { operations } from '../service.ts'
import { planExpiry } from './expiry.ts'
import { readDocument, type SegmentDocument, traceTime } from './segmentDocuments.ts'

export interface StoredSegment {
  traceId: string
  id: string
  /** JSON, as it came. */
  text: string
}

export const segments = collection<StoredSegment>('xray/segments', {
  version: 1,
  key: (segment) => [segment.traceId, segment.id],
})

export interface KeptTrace {
  traceId: string
  /** What its id says. */
  at: Millis
  /** By the clock, when a document came last. */
  updatedAt: Millis
  /** Of its documents, the earliest and the latest. */
  startedAt: Millis
  endedAt: Millis
  bytes: number
  /** How often documents came. */
  revision: number
  /** Documents were left out: there were more than a trace may have. */
  limitExceeded?: true
}

export const keptTraces = collection<KeptTrace>('xray/traces', { version: 1, key: ({ at, traceId }) => [at, traceId] })

export interface TraceUpdate {
  updatedAt: Millis
  traceId: string
}

export const traceUpdates = collection<TraceUpdate>('xray/updates', {
  version: 1,
  key: ({ updatedAt, traceId }) => [updatedAt, traceId],
})

/** AWS's limit of a trace's documents. */
const traceBytesMax = 500 * 1024

export const segmentOperations = operations('xray', {
  async PutTraceSegments(input, ctx) {
    return { UnprocessedTraceSegments: await putSegments(ctx, input.TraceSegmentDocuments) }
  },
})

/** Answers what was refused. */
export async function putSegments(ctx: Context, texts: readonly string[]) {
  const now = ctx.clock.now()
  const read = texts.map((text) => ({ text, ...readDocument(text, now) }))
  await ctx.commit((tx) => {
    for (const one of read) if ('document' in one) keep(tx, one)
  })
  return read.flatMap((one) => ('refused' in one ? [one.refused] : []))
}

/** Within another's commit; what X-Ray would refuse is left out: an id that names no moment of these days. */
export function putSegment(tx: Tx, text: string): void {
  const read = readDocument(text, tx.now)
  if ('document' in read) keep(tx, { ...read, text })
}

function keep(tx: Tx, { document, traceId, text }: { document: SegmentDocument; traceId: string; text: string }): void {
  const at = traceTime(traceId) as Millis
  const before = tx.in(keptTraces).get(at, traceId)
  const replaced = tx.in(segments).get(traceId, document.id)?.text ?? ''
  const bytes = (before?.bytes ?? 0) + Buffer.byteLength(text) - Buffer.byteLength(replaced)
  if (before) tx.in(traceUpdates).delete(before.updatedAt, traceId)
  const isTooMuch = bytes > traceBytesMax
  if (!isTooMuch) tx.in(segments).put({ traceId, id: document.id, text })
  const startedAt = document.start_time * 1000
  const endedAt = (document.end_time ?? document.start_time) * 1000
  tx.in(keptTraces).put({
    traceId,
    at,
    updatedAt: tx.now,
    startedAt: Math.min(startedAt, before?.startedAt ?? startedAt),
    endedAt: Math.max(endedAt, before?.endedAt ?? endedAt),
    bytes: isTooMuch ? (before?.bytes ?? 0) : bytes,
    revision: (before?.revision ?? 0) + 1,
    ...((isTooMuch || before?.limitExceeded) && { limitExceeded: true as const }),
  })
  tx.in(traceUpdates).put({ updatedAt: tx.now, traceId })
  if (!before) planExpiry(tx, at)
}
