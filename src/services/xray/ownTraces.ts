/** The subsegments of a trace as parts of our own: they hang below the hops whose functions sent them. */
import type { Context } from '../../delivery/context.ts'
import type { TracedPart } from '../../delivery/traceSegments.ts'
import { eachPart } from './assembly.ts'
import type { SegmentDocument } from './segmentDocuments.ts'
import { segments } from './segments.ts'
import { annotationsOf, isError, isFault } from './traceFacts.ts'

/** What services say of their own work is a hop already. */
const ofServices = /^AWS::(Lambda|Lambda::Function|SNS)$/

/** Everything that clients sent. */
export function tracedParts(ctx: Pick<Context, 'in'>, traceId: string): TracedPart[] {
  const parts = new Map<string, TracedPart>()
  const documents = [...ctx.in(segments).list({ prefix: [traceId] })].map(
    ({ text }) => JSON.parse(text) as SegmentDocument,
  )
  const theirs = new Set(documents.filter(({ origin = '' }) => ofServices.test(origin)).map(({ id }) => id))
  for (const document of documents) {
    if (theirs.has(document.id) || theirs.has(document.parent_id ?? '')) continue
    const parents = new Map<string, string>()
    eachPart(document, (part) => {
      for (const below of part.subsegments ?? []) parents.set(below.id, part.id)
      parts.set(part.id, tracedPart(part, part.parent_id ?? parents.get(part.id)))
    })
  }
  return [...parts.values()]
}

function tracedPart(part: SegmentDocument, parentId: string | undefined): TracedPart {
  const annotations = Object.fromEntries(annotationsOf({ document: { ...part, subsegments: [] } }))
  const message = typeof part.cause === 'object' ? part.cause?.exceptions?.[0]?.message : undefined
  return {
    id: part.id,
    ...(parentId && { parentId }),
    name: part.name,
    startedAt: part.start_time,
    ...(part.end_time !== undefined && { endedAt: part.end_time }),
    failed: isFault(part) || isError(part),
    ...(typeof message === 'string' && { error: message }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
  }
}
