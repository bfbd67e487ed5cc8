/** The pipeline as a stream: things as links, what leads on as water between them, with how much has gone that way. */
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { short, type Text, t } from '../../language/text.ts'
import { Icon, type IconName } from '../../parts/icons.tsx'
import { Scrolled } from '../../parts/scrolled.tsx'
import { link } from '../../router.ts'
import { courseOf } from './courses.ts'
import { shownName, wordsOf } from './labels.ts'
import { edgeKey, type Layout, layOut, nodeWidth, type Placed } from './layout.ts'
import type { Carried, Flow, Mark } from './passages.ts'
import type { FlowNode, NodeKind } from './things.ts'

const freshMillis = 4_000

/** The edges on which something has gone since the last look, by this browser's time: the server's may stand still. */
function useFresh(edges: readonly Carried[]): ReadonlySet<string> {
  const seen = useRef(new Map<string, { count: number; changedAt: number }>())
  const now = performance.now()
  const isFirst = seen.current.size === 0
  for (const edge of edges) {
    const before = seen.current.get(edgeKey(edge))
    if (before?.count === edge.count) continue
    const isNews = !isFirst && edge.count > (before?.count ?? 0)
    seen.current.set(edgeKey(edge), { count: edge.count, changedAt: isNews ? now : Number.NEGATIVE_INFINITY })
  }
  const isFresh = ([, { changedAt }]: [string, { changedAt: number }]) => now - changedAt < freshMillis
  const fresh = new Set([...seen.current].filter(isFresh).map(([key]) => key))
  const [, redraw] = useState(0)
  useEffect(() => {
    if (fresh.size === 0) return
    const timer = setTimeout(() => redraw((count) => count + 1), freshMillis)
    return () => clearTimeout(timer)
  }, [fresh.size])
  return fresh
}
const scaleMin = 0.72
const easyScale = 0.9
const scaleMax = 1.12
/** Of the window, as flow.css has it. */
const heightShare = 0.62

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
  alarm: 'Alarm',
  web: 'Web endpoint',
}

interface Props {
  flow: Flow
  /** The things that the chosen trace went through. */
  way: ReadonlySet<string> | undefined
  depths: Readonly<Record<string, number>>
}

export function Diagram({ flow, way, depths }: Props): JSX.Element {
  const joined = withNeighbours(flow)
  const shape = JSON.stringify([joined, flow.edges.map(edgeKey)])
  const layout = useMemo(() => layOut(joined, flow.edges), [shape])
  const fresh = useFresh(flow.edges)
  const letters = useMemo(() => new Set(flow.edges.filter(({ isFailure }) => isFailure).map(({ to }) => to)), [flow])
  const frame = useRef<HTMLElement>(null)
  const scale = useScale(frame, layout)
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
          <Edges flow={flow} layout={layout} fresh={fresh} way={way} depths={depths} />
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

/** As large as there is room for, in both directions while it stays easily read; then it is scrolled. */
function useScale(frame: { current: HTMLElement | null }, { width, height }: Layout): number {
  const [scale, setScale] = useState(1)
  const fit = () => {
    const room = frame.current?.clientWidth ?? width
    const byHeight = Math.max(easyScale, (innerHeight * heightShare) / height)
    setScale(Math.min(scaleMax, byHeight, Math.max(scaleMin, room / width)))
  }
  useLayoutEffect(fit, [width, height])
  useEffect(() => {
    const watcher = new ResizeObserver(fit)
    if (frame.current) watcher.observe(frame.current)
    return () => watcher.disconnect()
  }, [width, height])
  return scale
}

interface EdgesProps extends Props {
  layout: Layout
  fresh: ReadonlySet<string>
}

function Edges({ flow, layout: { nodes, lanes }, fresh, way, depths }: EdgesProps) {
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
          <path
            key={edgeKey(edge)}
            d={path}
            class={`edge ${fresh.has(edgeKey(edge)) ? 'fresh' : classOf(edge)} ${isOnWay ? 'on-way' : ''}`}
          />
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

function classOf(edge: Carried): string {
  if (edge.failed > 0) return 'failed'
  if (edge.count > 0) return 'carried'
  return edge.isFailure ? 'failures' : ''
}

interface NodeProps {
  node: Placed
  mark: Mark | undefined
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
      style={{ left: `${node.x}px`, top: `${node.y}px`, width: `${nodeWidth}px`, height: `${node.height}px` }}
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

function breakable(name: string): (string | JSX.Element)[] {
  return wordsOf(name).flatMap((part, at) => (at === 0 ? [part] : [<wbr key={at} />, part]))
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
    case 'alarm':
      return link('metrics', ['alarms', name])
    case 'mail':
      return link('mail')
    default:
      return link('events')
  }
}
