/**
 * Traces: each hop of a file's or an event's way, kept on disk in the commit that made it happen.
 * A hop belongs to a trace and hangs below the hop that caused it; a long one (a function, a job) is begun and ended.
 */
import type { Clock, Millis, Random } from '../clock.ts'
import { collection } from '../store/collection.ts'

/** Where in which trace something happens. Handed on with every event, delivery, invocation and run. */
export interface TraceRef {
  /** As X-Ray writes it: `1-67891233-abcdef012345678912345678`. */
  traceId: string
  hopId?: string
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
  subject: string
  startedAt: Millis
  traceId: string
}

export const hops = collection<Hop>('observe/hops', {
  version: 1,
  scope: 'global',
  key: (hop) => [hop.traceId, hop.id],
})

export const traceSubjects = collection<TraceSubject>('observe/subjects', {
  version: 1,
  scope: 'global',
  key: (entry) => [entry.subject, entry.startedAt, entry.traceId],
})

/** The traces by time, for the newest and for the trimming of the oldest. */
export const traceStarts = collection<{ traceId: string; startedAt: Millis }>('observe/starts', {
  version: 1,
  scope: 'global',
  key: (entry) => [entry.startedAt, entry.traceId],
})

/** `Root=1-…;Parent=…;Sampled=1` as the X-Amzn-Trace-Id header and _X_AMZN_TRACE_ID write it. */
export function traceHeader(trace: TraceRef): string {
  return `Root=${trace.traceId};Parent=${trace.hopId ?? '0000000000000000'};Sampled=1`
}

/** Undefined where the header names no trace. */
export function parseTraceHeader(header: string | undefined): TraceRef | undefined {
  const traceId = /Root=(1-[0-9a-f]{8}-[0-9a-f]{24})/.exec(header ?? '')?.[1]
  const hopId = /Parent=([0-9a-f]{16})/.exec(header ?? '')?.[1]
  return traceId ? { traceId, ...(hopId && !/^0+$/.test(hopId) && { hopId }) } : undefined
}

export function newTraceId(clock: Clock, random: Random): string {
  const seconds = Math.floor(clock.now() / 1000)
  return `1-${seconds.toString(16).padStart(8, '0')}-${random.hex(24)}`
}
