/**
 * A trace put together from its documents: subsegments that came apart are laid into their segments, and what was called but
 * sends no segments of its own (a table, a bucket, somebody's web API) gets one that is inferred from its caller's subsegment.
 */
import { createHash } from 'node:crypto'
import { isSubsegment, type SegmentDocument } from './segmentDocuments.ts'

export interface TraceSegment {
  document: SegmentDocument
  /** The call that it answers: a segment, or a subsegment of one. */
  parent?: TraceSegment
  /** The caller's own view of that call. */
  call?: SegmentDocument
}

export interface AssembledTrace {
  traceId: string
  /** The root first, then in the order of their beginnings. */
  segments: TraceSegment[]
}

export function assembled(traceId: string, texts: Iterable<string>): AssembledTrace {
  const documents = [...texts].map((text) => JSON.parse(text) as SegmentDocument)
  const apart = documents.filter(isSubsegment)
  const roots = documents.filter((document) => !isSubsegment(document))
  const places = new Map<string, SegmentDocument>()
  // What came apart is newer than what a segment has of it.
  for (const document of [...roots, ...apart]) eachPart(document, (part) => places.set(part.id, part))
  for (const part of apart) {
    const place = places.get(part.parent_id as string)
    if (place && place !== part) put(place, part)
    // Its segment did not come (yet): it is shown as it is.
    else roots.push(part)
  }
  return { traceId, segments: linked(traceId, roots) }
}

/** Every subsegment below, and the document itself. */
export function eachPart(document: SegmentDocument, call: (part: SegmentDocument) => void): void {
  call(document)
  for (const part of document.subsegments ?? []) eachPart(part, call)
}

/** What a subsegment sent before it ended gives way to the whole one. */
function put(place: SegmentDocument, part: SegmentDocument): void {
  const others = (place.subsegments ?? []).filter(({ id }) => id !== part.id)
  place.subsegments = [...others, part].sort((a, b) => a.start_time - b.start_time || compareEnds(a, b))
}

/** What goes on comes last. */
function compareEnds({ end_time: one }: SegmentDocument, { end_time: other }: SegmentDocument): number {
  if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined)
  return one - other
}

function linked(traceId: string, roots: SegmentDocument[]): TraceSegment[] {
  const found: TraceSegment[] = roots.map((document) => ({ document }))
  const owners = new Map<string, { segment: TraceSegment; part: SegmentDocument }>()
  for (const segment of found) eachPart(segment.document, (part) => owners.set(part.id, { segment, part }))
  const answered = new Set<string>()
  for (const segment of found) {
    const owner = owners.get(segment.document.parent_id ?? '')
    if (!owner || owner.segment === segment) continue
    Object.assign(segment, { parent: owner.segment, call: owner.part })
    answered.add(owner.part.id)
  }
  const inferred: TraceSegment[] = []
  for (const [id, { segment, part }] of owners) {
    if (part === segment.document || answered.has(id) || !isCall(part)) continue
    inferred.push({ document: inferredFrom(traceId, part), parent: segment, call: part })
  }
  const depth = ({ parent }: TraceSegment): number => (parent ? 1 : 0)
  return [...found, ...inferred].sort((a, b) => depth(a) - depth(b) || a.document.start_time - b.document.start_time)
}

/** Of something else than the segment's own work. */
export function isCall({ namespace }: SegmentDocument): boolean {
  return namespace === 'aws' || namespace === 'remote'
}

function inferredFrom(traceId: string, part: SegmentDocument): SegmentDocument {
  const { start_time, end_time, in_progress, fault, error, throttle, http, sql, aws } = part
  const { name, origin } = calledThing(part)
  return {
    // The same at every reading.
    id: createHash('sha256').update(`${traceId} ${part.id}`).digest('hex').slice(0, 16),
    name,
    trace_id: traceId,
    parent_id: part.id,
    start_time,
    ...(end_time !== undefined && { end_time }),
    ...(in_progress && { in_progress }),
    inferred: true,
    ...(origin && { origin }),
    ...(fault && { fault }),
    ...(error && { error }),
    ...(throttle && { throttle }),
    ...(http && { http }),
    ...(sql && { sql }),
    ...(aws && { aws }),
  }
}

/** How a service map calls what an AWS client called: a table and a queue by their names, other services by their own. */
function calledThing({ name, namespace, sql, aws = {} }: SegmentDocument): { name: string; origin?: string } {
  if (sql) return { name, origin: `Database::${typeof sql.database_type === 'string' ? sql.database_type : 'SQL'}` }
  if (namespace !== 'aws') return { name, origin: 'remote' }
  const text = (key: string) => (typeof aws[key] === 'string' ? (aws[key] as string) : undefined)
  const service = name.toLowerCase()
  if (service.startsWith('dynamodb')) return { name: text('table_name') ?? name, origin: 'AWS::DynamoDB::Table' }
  if (service === 'sqs') return { name: text('queue_url') ?? name, origin: 'AWS::SQS::Queue' }
  if (service === 'lambda') return { name: text('function_name') ?? name, origin: 'AWS::Lambda' }
  return { name, origin: `AWS::${name}` }
}
