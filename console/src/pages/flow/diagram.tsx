/** The pipeline as a stream: things as links, what leads on as water between them, with how much has gone that way. */
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { short, type Text, t } from '../../language/text.ts'
import { Icon, type IconName } from '../../parts/icons.tsx'
import { Scrolled } from '../../parts/scrolled.tsx'
import { link } from '../../router.ts'
import { courseOf, edgeKey, type Layout, layOut, nodeHeight, nodeWidth, type Placed } from './layout.ts'
import type { Carried, Flow } from './passages.ts'
import type { FlowNode, NodeKind } from './things.ts'

const freshMillis = 4_000
const scaleMin = 0.72

const kindNames: Record<NodeKind, Text> = {
  bucket: 'Bucket',
  rule: 'Rule',
  function: 'Function',
  queue: 'Queue',
  topic: 'Topic',
  job: 'Job',
  table: 'Table',
  warehouse: 'Redshift',
  mail: 'E-mail',
  schedule: 'Schedule',
  web: 'Web endpoint',
}

interface Props {
  flow: Flow
  now: number
  /** The things that the chosen trace went through. */
  way: ReadonlySet<string> | undefined
  depths: Readonly<Record<string, number>>
}

export function Diagram({ flow, now, way, depths }: Props): JSX.Element {
  const joined = useMemo(() => withNeighbours(flow), [flow])
  const layout = useMemo(() => layOut(joined, flow.edges), [joined, flow.edges.length])
  const letters = useMemo(() => new Set(flow.edges.filter(({ isFailure }) => isFailure).map(({ to }) => to)), [flow])
  const frame = useRef<HTMLElement>(null)
  const scale = useScale(frame, layout.width)
  useEffect(() => {
    const tops = [...(way ?? [])].flatMap((id) => layout.nodes.get(id)?.y ?? [])
    if (tops.length > 0) frame.current?.scrollTo({ top: Math.min(...tops) * scale - 30 })
  }, [way, layout, scale])
  return (
    <Scrolled frame={frame} class={`stream ${way ? 'chosen' : ''}`} label={t('The pipeline')}>
      <div style={{ height: `${layout.height * scale}px`, width: `${layout.width * scale}px`, margin: '0 auto' }}>
        <div
          class="stream-inner"
          style={{ width: `${layout.width}px`, height: `${layout.height}px`, transform: `scale(${scale})`, margin: 0 }}
        >
          <Edges flow={flow} layout={layout} now={now} way={way} depths={depths} />
          {[...layout.nodes.values()].map((node) => (
            <Node
              key={node.id}
              node={node}
              mark={flow.marks.get(node.id)}
              depth={depths[node.id]}
              isOnWay={way?.has(node.id) ?? false}
              isOfFailures={letters.has(node.id)}
            />
          ))}
        </div>
      </div>
    </Scrolled>
  )
}

/** What leads nowhere and is led to from nowhere is left out: the other pages have it. */
function withNeighbours(flow: Flow): FlowNode[] {
  const joined = new Set(flow.edges.flatMap(({ from, to }) => [from, to]))
  return flow.topology.nodes.filter(({ id }) => joined.has(id))
}

function useScale(frame: { current: HTMLElement | null }, width: number): number {
  const [scale, setScale] = useState(1)
  const fit = () => {
    const room = frame.current?.clientWidth ?? width
    setScale(Math.min(1.12, Math.max(scaleMin, room / width)))
  }
  useLayoutEffect(fit, [width])
  useEffect(() => {
    const watcher = new ResizeObserver(fit)
    if (frame.current) watcher.observe(frame.current)
    return () => watcher.disconnect()
  }, [width])
  return scale
}

function Edges({ flow, layout: { nodes, lanes }, now, way, depths }: Props & { layout: Layout }) {
  // Where nothing has failed, the ways of failures would only cover the others.
  const shown = flow.edges.filter(({ isFailure, to, count }) => !isFailure || count > 0 || (depths[to] ?? 0) > 0)
  const drawn = shown.flatMap((edge) => {
    const from = nodes.get(edge.from)
    const to = nodes.get(edge.to)
    return from && to
      ? [
          {
            edge,
            ...courseOf(from, to, lanes.get(edgeKey(edge))),
            isOnWay: edge.count > 0 && way?.has(edge.from) === true && way.has(edge.to),
          },
        ]
      : []
  })
  return (
    <>
      <svg class="edges" width="100%" height="100%" aria-hidden="true">
        {drawn.map(({ edge, path, isOnWay }) => (
          <path key={edgeKey(edge)} d={path} class={`edge ${classOf(edge, now)} ${isOnWay ? 'on-way' : ''}`} />
        ))}
      </svg>
      {drawn
        .filter(({ edge }) => edge.count > 0)
        .map(({ edge, middle, isOnWay }) => (
          <span
            key={edgeKey(edge)}
            class={`edge-count ${edge.failed > 0 ? 'failed' : ''} ${isOnWay ? 'on-way' : ''}`}
            style={{ left: `${middle.x}px`, top: `${middle.y}px` }}
          >
            {short(edge.count)}
          </span>
        ))}
    </>
  )
}

function classOf(edge: Carried, now: number): string {
  if (edge.lastAt > 0 && now - edge.lastAt < freshMillis) return 'fresh'
  if (edge.failed > 0) return 'failed'
  if (edge.count > 0) return 'carried'
  return edge.isFailure ? 'failures' : ''
}

interface NodeProps {
  node: Placed
  mark: { running: number; failed: number } | undefined
  depth: number | undefined
  isOnWay: boolean
  isOfFailures: boolean
}

function Node({ node, mark, depth, isOnWay, isOfFailures }: NodeProps): JSX.Element {
  const kind = isOfFailures ? t('Dead letters') : `${t(kindNames[node.kind])}${node.note ? ` · ${node.note}` : ''}`
  return (
    <a
      class={`node ${node.kind} kind-${node.kind} ${isOnWay ? 'on-way' : ''}`}
      href={hrefOf(node)}
      title={`${kind}: ${node.name}`}
      style={{ left: `${node.x}px`, top: `${node.y}px`, width: `${nodeWidth}px`, height: `${nodeHeight}px` }}
    >
      <span class="node-kind">
        <Icon name={node.kind as IconName} size={13} />
        <span class="truncate">{kind}</span>
      </span>
      <span class="node-name">{breakable(shownName(node))}</span>
      {mark && mark.running > 0 && <span class="node-mark">{t('{n} running', { n: mark.running })}</span>}
      {mark && mark.running === 0 && mark.failed > 0 && (
        <span class="node-mark bad">{t('{n} failed', { n: mark.failed })}</span>
      )}
      {depth !== undefined && depth > 0 && <span class="node-mark bad">{t('{n} waiting', { n: short(depth) })}</span>}
    </a>
  )
}

/** Account and region, which names of buckets end in, are the same for all here. */
function shownName({ kind, name }: FlowNode): string {
  if (kind === 'rule') return name.slice(name.indexOf('/') + 1)
  if (kind === 'bucket') return name.replace(/-\d{12}-[a-z]{2}-[a-z]+-\d$/, '')
  return name
}

/** Names break where their words do. */
function breakable(name: string): (string | JSX.Element)[] {
  return name.split(/(?<=[-_./])/).flatMap((part, at) => (at === 0 ? [part] : [<wbr key={at} />, part]))
}

function hrefOf({ kind, name, note }: FlowNode): string {
  const rule = name.slice(name.indexOf('/') + 1)
  switch (kind) {
    case 'bucket':
      return link('objects', [name])
    case 'rule':
      return link('events', ['patterns'], { rule, bus: note })
    case 'function':
      return link('functions', [name])
    case 'queue':
      return link('queues', [name])
    case 'job':
      return link('jobs', [name])
    case 'table':
      return note === 'DynamoDB' ? link('tables', [name]) : link('catalog', name.split('.'))
    case 'warehouse':
      return link('sql', [], { engine: 'redshift' })
    case 'schedule':
      return link('events', ['schedules'])
    case 'mail':
      return link('mail')
    default:
      return link('events')
  }
}
