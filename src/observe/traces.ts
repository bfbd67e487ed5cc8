/**
 * Traces: each hop of a file's or an event's way, kept on disk in the commit that made it happen.
 * A hop belongs to a trace and hangs below the hop that caused it; a long one (a function, a job) is begun and ended.
 * All that one commit does in one trace is one record, so that a hop costs less than what it tells of.
 */
import type { Clock, Millis, Random } from '../clock.ts'
import { collection, type Records } from '../store/collection.ts'

/** Where in which trace something happens. Handed on with every event, delivery, invocation and run. */
export interface TraceRef {
  /** As X-Ray writes it: `1-67891233-abcdef012345678912345678`. */
  traceId: string
  hopId?: string
  /** What the caller's trace header said of X-Ray; absent where there was none, or it left the choice to who comes next. */
  sampled?: boolean
  /** The segment or subsegment of X-Ray that the caller named: hops in between are no segments. */
  segmentId?: string
}

export interface Hop {
  traceId: string
  id: string
  parentId?: string
  /** The SDK's client name: `s3`, `eventbridge`, `lambda`, `glue` … */
  service: string
  /** What was done: `PutObject`, `matched`, `Invoke`, `JobRun`, `COPY`. */
  action: string
  /** On what: a name a person knows it by, `bucket/key`, a rule's name. */
  resource: string
  startedAt: Millis
  /** Absent while it runs. */
  endedAt?: Millis
  status: 'ok' | 'failed' | 'running'
  error?: string
  rows?: number
  bytes?: number
  /** What AWS would bill, in US dollars. */
  costUsd?: number
  /** Where its logs are. */
  logs?: { group: string; stream: string }
  /** What the trace is found by because of this hop. */
  subjects?: readonly string[]
  /** Words of its own, shown as they are. */
  detail?: Record<string, string | number | boolean>
}

/** What a person looks a trace up by: `s3://bucket/key`, a run id, a message id. */
export interface TraceSubject {
  /** Of ids, what they begin with. */
  subject: string
  startedAt: Millis
  traceId: string
  /** The ids, of one commit and one head: the events of a request are found by one entry. */
  ids?: string[]
}

/** What one commit did in one trace. */
export interface TracePart {
  traceId: string
  /** Of its first hop; chance where it only ended hops. */
  id: string
  hops: StoredHop[]
  /** What was added to hops of earlier commits. */
  ends?: HopEnd[]
  /** How long the trace was before them: what is added to one hop by several commits is added in their order. */
  endsFrom?: number
  /** The trace went on, and became too long to be kept whole. */
  truncated?: true
  /** Its ids are found by their heads; those of older parts each by itself. */
  idsByHead?: true
}

export type StoredHop = Omit<Hop, 'traceId'>
export type HopEnd = Partial<StoredHop> & { id: string }

/** Version 1 had a record for each hop. */
export const traceParts = collection<TracePart>('observe/hops', {
  version: 2,
  scope: 'global',
  key: (part) => [part.traceId, part.id],
  migrate(record) {
    const { traceId, ...hop } = record as Hop
    return { traceId, id: hop.id, hops: [hop] }
  },
})

/** A trace whole: its hops, in the order in which their commits' records lie, each as it is by now. */
export function hopsOf(parts: Records<TracePart>, traceId: string): { hops: Hop[]; truncated: boolean } {
  const found = new Map<string, Hop>()
  const ended: TracePart[] = []
  let truncated = false
  for (const part of parts.list({ prefix: [traceId] })) {
    for (const hop of part.hops) found.set(hop.id, { ...hop, traceId })
    if (part.ends) ended.push(part)
    truncated ||= part.truncated ?? false
  }
  ended.sort((one, other) => (one.endsFrom ?? 0) - (other.endsFrom ?? 0))
  for (const end of ended.flatMap(({ ends = [] }) => ends)) {
    const hop = found.get(end.id)
    if (hop) Object.assign(hop, end)
  }
  return { hops: [...found.values()], truncated }
}

export const traceSubjects = collection<TraceSubject>('observe/subjects', {
  version: 1,
  scope: 'global',
  key: (entry) => [entry.subject, entry.startedAt, entry.traceId],
})

/** Of a UUID: its first two groups. */
const headLength = 13
const isId = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Random ids that begin alike: what one commit makes of them is found by one entry, not by one for each. */
export function idsOfOneHead(random: Random): () => string {
  const head = random.uuid().slice(0, headLength)
  return () => head + random.uuid().slice(headLength)
}

/** What a part is found by. */
export function subjectsOf({ traceId, hops, idsByHead }: TracePart): Iterable<TraceSubject> {
  const found = new Map<string, TraceSubject>()
  for (const { subjects = [], startedAt } of hops) {
    for (const subject of subjects) {
      const head = idsByHead && isId.test(subject) ? subject.slice(0, headLength) : undefined
      const entry = found.get(head ?? subject)
      if (!entry)
        found.set(head ?? subject, { subject: head ?? subject, startedAt, traceId, ...(head && { ids: [subject] }) })
      else if (head) entry.ids?.push(subject)
    }
  }
  return found.values()
}

/** The traces of a subject, the newest first. */
export function* tracesOf(entries: Records<TraceSubject>, subject: string): Iterable<TraceSubject> {
  if (isId.test(subject)) {
    for (const entry of entries.list({ prefix: [subject.slice(0, headLength)], reverse: true })) {
      if (entry.ids?.includes(subject)) yield entry
    }
  }
  yield* entries.list({ prefix: [subject], reverse: true })
}

/** What a part of a trace is stored under, and its entries among the subjects: all that it takes to delete it. */
export interface PartKeys {
  id: string
  subjects: [subject: string, startedAt: Millis][]
}

export function partKeys({ id }: TracePart, entries: Iterable<TraceSubject>): PartKeys {
  return { id, subjects: Array.from(entries, ({ subject, startedAt }) => [subject, startedAt]) }
}

export interface TraceStart {
  traceId: string
  startedAt: Millis
  /** The part it began with, often its only one: it is trimmed away without being read. */
  first?: PartKeys
}

/** The traces by time, for the newest and for the trimming of the oldest. */
export const traceStarts = collection<TraceStart>('observe/starts', {
  version: 1,
  scope: 'global',
  key: (entry) => [entry.startedAt, entry.traceId],
})

/** `Root=1-…;Parent=…;Sampled=1` as the X-Amzn-Trace-Id header and _X_AMZN_TRACE_ID write it. */
export function traceHeader(trace: TraceRef): string {
  const { traceId, hopId = '0000000000000000', sampled = true } = trace
  return `Root=${traceId};Parent=${hopId};Sampled=${sampled ? 1 : 0}`
}

/** Undefined where the header names no trace. */
export function parseTraceHeader(header: string | undefined): TraceRef | undefined {
  const traceId = /Root=(1-[0-9a-f]{8}-[0-9a-f]{24})/.exec(header ?? '')?.[1]
  if (header === undefined || traceId === undefined) return undefined
  const parent = /Parent=([0-9a-f]{16})/.exec(header)?.[1]
  const hopId = parent && !/^0+$/.test(parent) ? parent : undefined
  const sampled = /Sampled=([01])/.exec(header)?.[1]
  return {
    traceId,
    ...(hopId && { hopId, segmentId: hopId }),
    ...(sampled !== undefined && { sampled: sampled === '1' }),
  }
}

export function newTraceId(clock: Clock, random: Random): string {
  const seconds = Math.floor(clock.now() / 1000)
  return `1-${seconds.toString(16).padStart(8, '0')}-${random.hex(24)}`
}
