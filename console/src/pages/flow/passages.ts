/** What has really gone from one thing to another, from the traces: counts on the edges, and edges nobody declared. */
import type { FlowEdge, NodeKind, Topology } from './things.ts'
import { idOf, mailId } from './things.ts'

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
  lastAt: number
}

export interface Carried extends FlowEdge {
  count: number
  failed: number
  lastAt: number
}

export interface Flow {
  topology: Topology
  edges: Carried[]
  /** Of each thing: what runs in it now, what failed in it. */
  marks: Map<string, { running: number; failed: number }>
}

const kinds: Record<string, NodeKind> = {
  s3: 'bucket',
  lambda: 'function',
  glue: 'job',
  sns: 'topic',
  sqs: 'queue',
  scheduler: 'schedule',
  'redshift-data': 'warehouse',
}

export function nodeOf({ service, action, resource, bus }: Place): string | undefined {
  if (service === 'eventbridge')
    return action === 'matched' ? idOf('rule', `${bus ?? 'default'}/${resource}`) : undefined
  const kind = kinds[service]
  if (!kind) return undefined
  return idOf(kind, kind === 'warehouse' ? (resource.split('/')[0] ?? resource) : resource)
}

export function joinPassages(topology: Topology, passages: readonly Passage[]): Flow {
  const edges = new Map<string, Carried>(
    topology.edges.map((edge) => [`${edge.from}>${edge.to}`, { ...edge, count: 0, failed: 0, lastAt: 0 }]),
  )
  const known = new Set(topology.nodes.map(({ id }) => id))
  const marks: Flow['marks'] = new Map()
  for (const passage of passages) {
    const to = reachedBy(passage)
    if (!to || !known.has(to)) continue
    const mark = marks.get(to) ?? { running: 0, failed: 0 }
    marks.set(to, { running: mark.running + passage.running, failed: mark.failed + passage.failed })
    const from = passage.from && nodeOf(passage.from)
    if (!from || !known.has(from)) continue
    for (const start of causesOf(topology, from, to)) {
      count(edges, start, to, passage)
    }
  }
  countQueues(edges)
  leaveOutWaysBack(topology, edges)
  return { topology, edges: [...edges.values()], marks }
}

/** What a job does and that it ended is told below the rule that started it: the job, not that rule, leads on. */
function causesOf({ edges }: Topology, from: string, to: string): string[] {
  if (!from.startsWith('rule:') || edges.some((edge) => edge.from === from && edge.to === to)) return [from]
  const jobs = edges.filter((edge) => edge.from === from && edge.to.startsWith('job:')).map((edge) => edge.to)
  return jobs.length > 0 ? jobs : [from]
}

function reachedBy({ from, to }: Passage): string | undefined {
  const topic = to.service === 'sns' && to.action === 'Email' && from && nodeOf(from)
  return topic ? mailId(topic, to.resource) : nodeOf(to)
}

/** What moves its own file within the bucket that it was called by leads nowhere new. */
function leaveOutWaysBack(topology: Topology, edges: Map<string, Carried>): void {
  const declared = new Set(topology.edges.map(({ from, to }) => `${from}>${to}`))
  for (const [key, { from, to }] of edges) {
    if (declared.has(key) || !to.startsWith('bucket:')) continue
    const others = [...edges.values()].filter((edge) => edge.from !== from || edge.to !== to)
    if (leadsTo(others, to, from)) edges.delete(key)
  }
}

function leadsTo(edges: readonly FlowEdge[], from: string, to: string, seen = new Set<string>()): boolean {
  if (from === to) return true
  if (seen.has(from)) return false
  seen.add(from)
  return edges.some((edge) => edge.from === from && !edge.isFailure && leadsTo(edges, edge.to, to, seen))
}

function count(edges: Map<string, Carried>, from: string, to: string, passage: Passage): void {
  const key = `${from}>${to}`
  const edge = edges.get(key) ?? { from, to, count: 0, failed: 0, lastAt: 0 }
  edges.set(key, {
    ...edge,
    count: edge.count + passage.count,
    failed: edge.failed + passage.failed,
    lastAt: Math.max(edge.lastAt, passage.lastAt),
  })
}

/** A queue takes what its rule matched in the very same step, without a hop of its own. */
function countQueues(edges: Map<string, Carried>): void {
  for (const edge of edges.values()) {
    if (edge.count > 0 || edge.isFailure || !edge.from.startsWith('rule:') || !edge.to.startsWith('queue:')) continue
    const into = [...edges.values()].filter(({ to }) => to === edge.from)
    edge.count = into.reduce((sum, { count: one }) => sum + one, 0)
    edge.lastAt = Math.max(0, ...into.map(({ lastAt }) => lastAt))
  }
}
