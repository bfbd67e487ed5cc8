/** Whether a trace matches a filter expression. Of the trace as a whole, of one service's segments, or of one call. */
import { type AssembledTrace, eachPart, type TraceSegment } from './assembly.ts'
import type { Filter, Identity, Literal, Operator } from './filterParser.ts'
import type { SegmentDocument } from './segmentDocuments.ts'
import * as facts from './traceFacts.ts'

export interface FilteredTrace {
  trace: AssembledTrace
  account: string
  /** The expression of a group; undefined where there is none of that name. */
  group: (by: 'name' | 'arn', value: string) => Filter | undefined
}

/** What keywords are asked of. */
interface Subject {
  segments: readonly TraceSegment[]
  /** Whose time, HTTP request and outcome it is; of a whole trace its root. */
  documents: readonly SegmentDocument[]
  isWhole: boolean
}

export function matches(filter: Filter, filtered: FilteredTrace): boolean {
  const { trace } = filtered
  const root = facts.rootOf(trace)
  if (!root) return false
  return holds(filter, { segments: trace.segments, documents: [root.document], isWhole: true }, filtered)
}

function holds(filter: Filter, subject: Subject, filtered: FilteredTrace): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.parts.every((part) => holds(part, subject, filtered))
    case 'or':
      return filter.parts.some((part) => holds(part, subject, filtered))
    case 'not':
      return !holds(filter.part, subject, filtered)
    case 'group': {
      const inner = filtered.group(filter.by, filter.value)
      return inner !== undefined && matches(inner, filtered)
    }
    case 'service':
      return subject.segments.some(
        (segment) =>
          isNamed(segment, filter.id, filtered.account) && holdsOf(filter.inner, ofSegment(segment), filtered),
      )
    case 'edge':
      return subject.segments.some(
        (segment) =>
          segment.parent !== undefined &&
          isNamed(segment.parent, filter.from, filtered.account) &&
          isNamed(segment, filter.to, filtered.account) &&
          holdsOf(filter.inner, ofCall(segment), filtered),
      )
    case 'annotation': {
      const found = subject.segments.flatMap(facts.annotationsOf).filter(([key]) => key === filter.key)
      return compareAny(
        found.map(([, value]) => value),
        filter,
      )
    }
    case 'keyword':
      return compareAny(valuesOf(filter.keyword, subject, filtered), filter)
  }
}

function holdsOf(inner: Filter | undefined, subject: Subject, filtered: FilteredTrace): boolean {
  return !inner || holds(inner, subject, filtered)
}

function ofSegment(segment: TraceSegment): Subject {
  return { segments: [segment], documents: [segment.document], isWhole: false }
}

/** A call as its caller saw it. */
function ofCall(segment: TraceSegment): Subject {
  return { segments: [segment], documents: [segment.call ?? segment.document], isWhole: false }
}

function isNamed({ document }: TraceSegment, id: Identity | undefined, account: string): boolean {
  if (!id) return true
  if (id.name !== undefined && id.name !== document.name) return false
  if (id.type !== undefined && id.type !== (document.origin ?? '')) return false
  return id.account === undefined || (!document.inferred && id.account === account)
}

function compareAny(
  values: readonly Literal[],
  { operator, value }: { operator?: Operator; value?: Literal },
): boolean {
  // A boolean keyword is always there; anything else alone asks whether it is.
  if (!operator) return values.some((actual) => actual !== false)
  if (operator === '!=') return values.length > 0 && values.every((actual) => actual !== value)
  return values.some((actual) => compared(actual, operator, value as Literal))
}

function compared(actual: Literal, operator: Operator, value: Literal): boolean {
  if (typeof actual === 'string' && typeof value === 'string') {
    if (operator === 'CONTAINS') return actual.includes(value)
    if (operator === 'BEGINSWITH') return actual.startsWith(value)
    if (operator === 'ENDSWITH') return actual.endsWith(value)
    return operator === '=' && actual === value
  }
  if (typeof actual === 'number' && typeof value === 'number') {
    if (operator === '<') return actual < value
    if (operator === '<=') return actual <= value
    if (operator === '>') return actual > value
    if (operator === '>=') return actual >= value
  }
  return operator === '=' && actual === value
}

type Reader = (subject: Subject, filtered: FilteredTrace) => (Literal | undefined)[]

const ofDocuments =
  (read: (document: SegmentDocument) => Literal | undefined): Reader =>
  ({ documents }) =>
    documents.map(read)

const ofSegments =
  (read: (segment: TraceSegment, filtered: FilteredTrace) => Literal | undefined): Reader =>
  ({ segments }, filtered) =>
    segments.map((segment) => read(segment, filtered))

/** Of a whole trace an outcome is that of any segment. */
const outcome =
  (read: (document: SegmentDocument) => boolean): Reader =>
  ({ segments, documents, isWhole }) => [(isWhole ? segments.map(({ document }) => document) : documents).some(read)]

const readers: Readonly<Record<string, Reader>> = {
  ok: (subject) => [subject.documents.every(facts.isOk)],
  error: outcome(facts.isError),
  fault: outcome(facts.isFault),
  throttle: outcome(facts.isThrottle),
  partial: outcome(({ in_progress }) => in_progress === true),
  inferred: outcome(({ inferred }) => inferred === true),
  remote: outcome(({ namespace, origin }) => namespace === 'remote' || origin === 'remote'),
  root: ofSegments((segment, { trace }) => segment === facts.rootOf(trace)),
  first: ofSegments((segment, { trace }) => segment === facts.rootOf(trace)),
  last: ofSegments((segment, { trace }) => !trace.segments.some(({ parent }) => parent === segment)),
  responsetime: ofDocuments(facts.durationOf),
  duration: (subject, { trace }) =>
    subject.isWhole ? [facts.traceDuration(trace)] : subject.documents.map(facts.durationOf),
  'http.status': ofDocuments(facts.statusOf),
  'http.url': ofDocuments((document) => facts.requestText(document, 'url')),
  'http.method': ofDocuments((document) => facts.requestText(document, 'method')),
  'http.useragent': ofDocuments((document) => facts.requestText(document, 'user_agent')),
  'http.clientip': ofDocuments((document) => facts.requestText(document, 'client_ip')),
  user: ({ segments }) => segments.flatMap(facts.usersOf),
  name: ofSegments(({ document }) => document.name),
  type: ofSegments(({ document }) => document.origin),
  message: ({ segments }) => segments.flatMap(messagesOf),
  availabilityzone: ofSegments((segment) => facts.awsText(segment, 'ec2', 'availability_zone')),
  'instance.id': ofSegments((segment) => facts.awsText(segment, 'ec2', 'instance_id')),
  'resource.arn': ofSegments(facts.resourceArnOf),
}

function valuesOf(keyword: string, subject: Subject, filtered: FilteredTrace): Literal[] {
  return (readers[keyword]?.(subject, filtered) ?? []).filter((value) => value !== undefined)
}

function messagesOf({ document }: TraceSegment): string[] {
  const found: string[] = []
  eachPart(document, ({ cause }) => {
    if (typeof cause !== 'object' || cause === null) return
    for (const { message } of cause.exceptions ?? []) if (typeof message === 'string') found.push(message)
  })
  return found
}
