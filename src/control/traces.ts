/** Traces as the command line and the console read them: hops in a tree, with sums. */
import type { Platform } from '../delivery/platform.ts'
import { traceSegments } from '../delivery/traceSegments.ts'
import { type Hop, hopsOf, traceParts, traceStarts, traceSubjects, tracesOf } from '../observe/traces.ts'
import { awsError } from '../wire/errors.ts'

export interface TraceNode extends Hop {
  children: TraceNode[]
}

export interface Trace {
  traceId: string
  startedAt: number
  endedAt: number
  costUsd: number
  /** It went on, and was too long to be kept whole. */
  truncated?: true
  roots: TraceNode[]
}

const anywhere = { account: '', region: '' }
const summariesMax = 50

/** The newest traces, or those of one subject (`?subject=s3://bucket/key`). */
export function traceSummaries(platform: Platform, query: URLSearchParams): { traces: Omit<Trace, 'roots'>[] } {
  const subject = query.get('subject')
  const limit = Math.min(Number(query.get('limit') ?? summariesMax), summariesMax)
  const found = subject
    ? tracesOf(platform.store.in(traceSubjects, anywhere), subject)
    : platform.store.in(traceStarts, anywhere).list({ reverse: true, limit })
  const traces = [...firstOf(found, limit)].map(({ traceId }) => {
    const { roots: _, ...summary } = traceOf(platform, traceId)
    return summary
  })
  return { traces }
}

/** One trace, by its id or by the newest that a subject names. Errors: 404. */
export function traceOf(platform: Platform, idOrSubject: string): Trace {
  const traceId = idOrSubject.startsWith('1-') ? idOrSubject : newestOf(platform, idOrSubject)
  const { hops, truncated } = hopsOf(platform.store.in(traceParts, anywhere), traceId ?? '')
  const found = traceId ? [...hops, ...subsegmentsOf(platform, traceId)] : hops
  if (!traceId || found.length === 0) throw awsError('NoSuchTrace', `There is no trace of ${idOrSubject}.`, 404)
  return {
    traceId,
    startedAt: found.reduce((first, hop) => Math.min(first, hop.startedAt), Number.POSITIVE_INFINITY),
    endedAt: found.reduce((last, hop) => Math.max(last, hop.endedAt ?? hop.startedAt), 0),
    costUsd: found.reduce((sum, hop) => sum + (hop.costUsd ?? 0), 0),
    ...(truncated && { truncated }),
    roots: treeOf(found),
  }
}

/** What functions' SDKs told X-Ray, each below the hop or the subsegment that it names. */
function subsegmentsOf(platform: Platform, traceId: string): Hop[] {
  return platform
    .use(traceSegments)
    .partsOf(traceId)
    .map(({ id, parentId, name, startedAt, endedAt, failed, error, annotations }) => ({
      ...{ traceId, id, service: 'xray', action: 'subsegment', resource: name, startedAt: startedAt * 1000 },
      ...(parentId && { parentId }),
      ...(endedAt !== undefined && { endedAt: endedAt * 1000 }),
      status: failed ? ('failed' as const) : endedAt === undefined ? ('running' as const) : ('ok' as const),
      ...(error && { error }),
      ...(annotations && { detail: annotations }),
    }))
}

/** A key alone (`loja-123.csv`) finds the object of any bucket. */
function newestOf(platform: Platform, subject: string): string | undefined {
  const subjects = platform.store.in(traceSubjects, anywhere)
  for (const { traceId } of tracesOf(subjects, subject)) return traceId
  let newest: { startedAt: number; traceId: string } | undefined
  for (const entry of subjects.list()) {
    if (entry.subject.endsWith(`/${subject}`) && entry.startedAt >= (newest?.startedAt ?? 0)) newest = entry
  }
  return newest?.traceId
}

function* firstOf<T>(all: Iterable<T>, limit: number): Iterable<T> {
  let left = limit
  if (left <= 0) return
  for (const one of all) {
    yield one
    if (--left <= 0) return
  }
}

function treeOf(found: Hop[]): TraceNode[] {
  const nodes = new Map(found.map((hop) => [hop.id, { ...hop, children: [] as TraceNode[] }]))
  const roots: TraceNode[] = []
  const byStart = [...nodes.values()].sort((a, b) => a.startedAt - b.startedAt)
  for (const node of byStart) {
    const parent = node.parentId ? nodes.get(node.parentId) : undefined
    ;(parent?.children ?? roots).push(node)
  }
  return roots
}
