/** One trace, as the control API tells it. */
import { get } from '../../server/control.ts'
import { type Live, useLive } from '../../server/live.ts'
import { type Flow, nodeOf } from './passages.ts'

export interface Hop {
  id: string
  service: string
  action: string
  resource: string
  startedAt: number
  endedAt?: number
  status: 'ok' | 'failed' | 'running'
  error?: string
  rows?: number
  bytes?: number
  costUsd?: number
  logs?: { group: string; stream: string }
  subjects?: string[]
  detail?: Record<string, string | number | boolean>
  children: Hop[]
}

export interface Trace {
  traceId: string
  startedAt: number
  endedAt: number
  costUsd: number
  truncated?: true
  roots: Hop[]
  /** What is still to be done in it: tries that are due later. */
  waiting: Waiting[]
}

export interface Waiting {
  queue: string
  item: {
    id: string
    dueAt: number
    attempts?: number
    arn?: string
    functionName?: string
    trace?: { traceId: string }
  }
}

export function useTrace(id: string | undefined): Live<Trace> {
  return useLive(id && `trace ${id}`, () => loadTrace(id as string), 1_500)
}

async function loadTrace(id: string): Promise<Trace> {
  const [trace, { waiting }] = await Promise.all([
    get<Trace>(`traces/${id.split('/').map(encodeURIComponent).join('/')}`),
    get<{ waiting: Waiting[] }>('console/waiting'),
  ])
  return { ...trace, waiting: waiting.filter(({ item }) => item.trace?.traceId === trace.traceId) }
}

/** Each hop with how deep it hangs, in the order in which it is read. */
export function hopsInOrder(roots: readonly Hop[], depth = 0): { hop: Hop; depth: number }[] {
  return roots.flatMap((hop) => [{ hop, depth }, ...hopsInOrder(hop.children, depth + 1)])
}

/** The things of the flow that a trace went through; a queue that a rule feeds, and tables that a job writes, belong to it. */
export function wayOf(trace: Trace, flow: Flow): Set<string> {
  const way = new Set<string>()
  for (const { hop } of hopsInOrder(trace.roots)) {
    const bucket = /^s3:\/\/([^/]+)\//.exec(hop.subjects?.[0] ?? '')?.[1]
    const bus = hop.detail?.bus
    const id = nodeOf({ ...hop, resource: bucket ?? hop.resource, ...(typeof bus === 'string' && { bus }) })
    if (id) way.add(id)
  }
  const hasMail = hopsInOrder(trace.roots).some(({ hop }) => hop.action === 'Email')
  for (const { from, to, isFailure } of flow.edges) {
    const isResult = from.startsWith('job:') && to.startsWith('table:')
    const isFed = from.startsWith('rule:') && to.startsWith('queue:')
    const isTold = to.startsWith('mail:') && hasMail
    if (way.has(from) && !isFailure && (isResult || isFed || isTold)) way.add(to)
  }
  return way
}
