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
}

export interface Carried extends FlowEdge {
  count: number
  failed: number
}

/** Of a thing: what came to its end in it, runs in it now, and failed in it. */
export interface Mark {
  ended: number
  running: number
  failed: number
}

export interface Flow {
  topology: Topology
  edges: Carried[]
  marks: Map<string, Mark>
}

const kinds: Record<string, NodeKind> = {
  s3: 'bucket',
  lambda: 'function',
  glue: 'job',
  sns: 'topic',
  sqs: 'queue',
  scheduler: 'schedule',
  cloudwatch: 'alarm',
  'redshift-data': 'warehouse',
}

export function nodeOf({ service, action, resource, bus }: Place): string | undefined {
  if (service === 'eventbridge')
    return action === 'matched' ? idOf('rule', `${bus ?? 'default'}/${resource}`) : undefined
  const kind = kinds[service]
  if (!kind) return undefined
  return idOf(kind, kind === 'warehouse' ? (resource.split('/')[0] ?? resource) : resource)
}

/** How often tables were written to, by their ids. */
type Writes = Readonly<Record<string, number>>

export function joinPassages(topology: Topology, passages: readonly Passage[], writes: Writes = {}): Flow {
  const edges = new Map<string, Carried>(
    topology.edges.map((edge) => [`${edge.from}>${edge.to}`, { ...edge, count: 0, failed: 0 }]),
  )
  const known = new Set(topology.nodes.map(({ id }) => id))
  const marks: Flow['marks'] = new Map()
  for (const passage of passages) {
    const to = reachedBy(passage)
    if (!to || !known.has(to)) continue
    const mark = marks.get(to) ?? { ended: 0, running: 0, failed: 0 }
    const { count: all, running, failed } = passage
    const ended = all - running - failed
    marks.set(to, { ended: mark.ended + ended, running: mark.running + running, failed: mark.failed + failed })
    const from = passage.from && nodeOf(passage.from)
    if (!from || !known.has(from)) continue
    count(edges, from, to, passage)
  }
  countQueues(edges)
  countResults(edges, marks)
  countWrites(edges, writes)
  leaveOutWaysBack(topology, edges)
  return { topology, edges: [...edges.values()], marks }
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
  const edge = edges.get(key) ?? { from, to, count: 0, failed: 0 }
  edges.set(key, {
    ...edge,
    count: edge.count + passage.count,
    failed: edge.failed + passage.failed,
  })
}

/** A queue takes what its rule matched in the very same step, without a hop of its own. */
function countQueues(edges: Map<string, Carried>): void {
  for (const edge of edges.values()) {
    if (edge.count > 0 || edge.isFailure || !edge.from.startsWith('rule:') || !edge.to.startsWith('queue:')) continue
    const into = [...edges.values()].filter(({ to }) => to === edge.from)
    edge.count = into.reduce((sum, { count: one }) => sum + one, 0)
  }
}

/** A run that came to its end has written the tables that its job's arguments name; no hop tells it. */
function countResults(edges: Map<string, Carried>, marks: Flow['marks']): void {
  for (const edge of edges.values()) {
    const isResult = edge.from.startsWith('job:') && edge.to.startsWith('table:')
    if (isResult) edge.count = Math.max(edge.count, marks.get(edge.from)?.ended ?? 0)
  }
}

/** Where only one function is known to write to a table, all that was written came from it. */
function countWrites(edges: Map<string, Carried>, writes: Writes): void {
  for (const edge of edges.values()) {
    if (!edge.from.startsWith('function:') || !writes[edge.to] || edge.count > 0) continue
    const isOnly = [...edges.values()].filter(({ to }) => to === edge.to).length === 1
    if (isOnly) edge.count = writes[edge.to] ?? 0
  }
}
