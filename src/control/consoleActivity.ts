/**
 * What has happened lately, for the console: the newest traces in a line each, how often each thing led to which, and
 * what waits for a further try. It is read from the traces when asked; nothing is counted beside them.
 */
import type { Platform } from '../delivery/platform.ts'
import { type Hop, hopsOf, traceParts, traceStarts, traceSubjects } from '../observe/traces.ts'
import { json, type Route, route } from '../services/route.ts'

/** A hop without what is its own: an object's hop is of its bucket. */
export interface Place {
  service: string
  action: string
  resource: string
  bus?: string
}

export interface Passage {
  from?: Place
  to: Place
  count: number
  failed: number
  running: number
}

export interface TraceLine {
  traceId: string
  startedAt: number
  endedAt: number
  status: Hop['status']
  service: string
  action: string
  resource: string
  hops: number
  /** The services it went through, in order. */
  services: string[]
  costUsd: number
  rows?: number
  error?: string
}

const anywhere = { account: '', region: '' }
const tracesMax = 300
const linesMax = 300
const waitingMax = 200

export const consoleActivityRoutes: readonly Route[] = [
  route('GET', '/_igarape/console/activity', async ({ query }, platform) => json(activity(platform, query))),
  route('GET', '/_igarape/console/waiting', async (_, platform) =>
    json({ now: platform.clock.now(), waiting: platform.runner.waiting(waitingMax) }),
  ),
]

/** `?limit=` lines at most, those whose subjects begin with or end in `?search=`. */
function activity(platform: Platform, query: URLSearchParams): object {
  const limit = Math.min(Number(query.get('limit')) || linesMax, linesMax)
  const search = query.get('search') ?? ''
  const passages = new Map<string, Passage>()
  const lines: TraceLine[] = []
  for (const traceId of search ? found(platform, search, limit) : newest(platform)) {
    const { hops } = hopsOf(platform.store.in(traceParts, anywhere), traceId)
    if (hops.length === 0) continue
    if (lines.length < limit) lines.push(lineOf(traceId, hops))
    countPassages(passages, hops)
  }
  return { now: platform.clock.now(), lines, passages: [...passages.values()] }
}

function newest(platform: Platform): string[] {
  const starts = platform.store.in(traceStarts, anywhere).list({ reverse: true, limit: tracesMax })
  return [...starts].map(({ traceId }) => traceId)
}

function found(platform: Platform, search: string, limit: number): Set<string> {
  const wanted = search.toLowerCase()
  const matching = [...platform.store.in(traceSubjects, anywhere).list()]
    .filter(
      ({ subject, ids = [subject], traceId }) =>
        ids.some((each) => each.toLowerCase().includes(wanted)) || traceId === search,
    )
    .sort((a, b) => b.startedAt - a.startedAt)
  return new Set(matching.slice(0, limit).map(({ traceId }) => traceId))
}

function lineOf(traceId: string, hops: Hop[]): TraceLine {
  const byStart = [...hops].sort((a, b) => a.startedAt - b.startedAt)
  const ids = new Set(hops.map((hop) => hop.id))
  const roots = byStart.filter(({ parentId }) => !parentId || !ids.has(parentId))
  // A deployment tells of each of its resources, and confirms subscriptions on the way.
  const root =
    roots.find(({ resource }) => resource.startsWith('aws.cloudformation')) ?? roots[0] ?? (byStart[0] as Hop)
  const failed = byStart.find(({ status }) => status === 'failed')
  const rows = hops.reduce((most, hop) => Math.max(most, hop.rows ?? 0), 0)
  return {
    traceId,
    startedAt: root.startedAt,
    endedAt: hops.reduce((last, hop) => Math.max(last, hop.endedAt ?? hop.startedAt), 0),
    status: failed ? 'failed' : hops.some(({ status }) => status === 'running') ? 'running' : 'ok',
    service: root.service,
    action: root.action,
    resource: root.resource,
    hops: hops.length,
    services: [...new Set(byStart.map(({ service }) => service))],
    costUsd: hops.reduce((sum, hop) => sum + (hop.costUsd ?? 0), 0),
    ...(rows > 0 && { rows }),
    ...(failed?.error && { error: failed.error.slice(0, 500) }),
  }
}

/** An event itself is no place: what comes before it leads to the rule that took it. */
function countPassages(passages: Map<string, Passage>, hops: Hop[]): void {
  const byId = new Map(hops.map((hop) => [hop.id, hop]))
  const parentOf = (hop: Hop) => (hop.parentId ? byId.get(hop.parentId) : undefined)
  for (const hop of hops) {
    if (isEvent(hop)) continue
    let parent = parentOf(hop)
    while (parent && isEvent(parent)) parent = parentOf(parent)
    const from = parent && placeOf(parent)
    const to = placeOf(hop)
    const key = JSON.stringify([from, to])
    const passage = passages.get(key) ?? { ...(from && { from }), to, count: 0, failed: 0, running: 0 }
    passage.count++
    if (hop.status === 'failed') passage.failed++
    if (hop.status === 'running') passage.running++
    passages.set(key, passage)
  }
}

function isEvent({ detail }: Hop): boolean {
  return detail?.rulesMatched !== undefined
}

function placeOf({ service, action, resource, subjects, detail }: Hop): Place {
  const bucket = /^s3:\/\/([^/]+)\//.exec(subjects?.[0] ?? '')?.[1]
  const bus = detail?.bus
  return { service, action, resource: bucket ?? resource, ...(typeof bus === 'string' && { bus }) }
}
