/**
 * Where things stand: in columns from left to right, as far from a source as the longest way leads, in an order within the
 * column that crosses few edges. An edge over several columns has a lane of its own in each, so that it runs behind nothing;
 * a way back is drawn below, and moves nothing. What only takes what failed lies on the bottom.
 */
import type { FlowEdge, FlowNode } from './things.ts'

export interface Placed extends FlowNode {
  x: number
  y: number
}

export interface Layout {
  nodes: Map<string, Placed>
  /** Of an edge over several columns: the points of its lanes. */
  lanes: Map<string, Point[]>
  width: number
  height: number
}

export interface Point {
  x: number
  y: number
}

/** A thing, or the lane of an edge that passes by. */
interface Stop {
  id: string
  node?: FlowNode
}

interface Link {
  from: string
  to: string
}

export const nodeWidth = 128
export const nodeHeight = 66
const laneHeight = 10
const gapX = 32
const gapY = 20
const margin = 16
const sweeps = 8

export const edgeKey = ({ from, to }: Link) => `${from}>${to}`

/** Pipelines that share nothing lie below each other, the one of the most things first. */
export function layOut(nodes: readonly FlowNode[], edges: readonly FlowEdge[]): Layout {
  const all: Layout = { nodes: new Map(), lanes: new Map(), width: 0, height: 0 }
  for (const stream of streamsOf(nodes, edges)) {
    const ids = new Set(stream.map(({ id }) => id))
    const one = layOutStream(
      stream,
      edges.filter(({ from }) => ids.has(from)),
    )
    const down = <P extends Point>(point: P): P => ({ ...point, y: point.y + all.height })
    for (const [id, node] of one.nodes) all.nodes.set(id, down(node))
    for (const [key, lanes] of one.lanes) all.lanes.set(key, lanes.map(down))
    all.width = Math.max(all.width, one.width)
    all.height += one.height
  }
  return all
}

function streamsOf(nodes: readonly FlowNode[], edges: readonly FlowEdge[]): FlowNode[][] {
  const streamOf = new Map(nodes.map(({ id }) => [id, id]))
  const first = (id: string): string => {
    const above = streamOf.get(id) ?? id
    return above === id ? id : first(above)
  }
  for (const { from, to } of edges) streamOf.set(first(to), first(from))
  const streams = new Map<string, FlowNode[]>()
  for (const node of nodes) streams.set(first(node.id), [...(streams.get(first(node.id)) ?? []), node])
  return [...streams.values()].sort((a, b) => b.length - a.length)
}

function layOutStream(nodes: readonly FlowNode[], edges: readonly FlowEdge[]): Layout {
  const flowing = edges.filter(({ isFailure }) => !isFailure)
  const inStream = new Set(flowing.flatMap(({ from, to }) => [from, to]))
  const { columns, links, lanesOf } = intoColumns(
    nodes.filter(({ id }) => inStream.has(id)),
    flowing,
  )
  order(columns, links)
  const height = Math.max(nodeHeight, ...columns.map(heightOf))
  const places = place(columns, height)
  const width = Math.max(1, columns.length) * (nodeWidth + gapX) - gapX + 2 * margin
  const placed = new Map<string, Placed>()
  for (const { id, node } of columns.flat()) if (node) placed.set(id, { ...node, ...(places.get(id) as Point) })
  const below = nodes.filter(({ id }) => !inStream.has(id))
  for (const [at, node] of below.entries())
    placed.set(node.id, {
      ...node,
      x: width - margin - (below.length - at) * (nodeWidth + gapX) + gapX,
      y: height + margin + 30,
    })
  const lanes = new Map([...lanesOf].map(([key, ids]) => [key, ids.map((id) => places.get(id) as Point)]))
  return { nodes: placed, lanes, width, height: height + 2 * margin + (below.length > 0 ? nodeHeight + 30 : 0) }
}

function heightOf(column: readonly Stop[]): number {
  return column.reduce((sum, { node }) => sum + (node ? nodeHeight : laneHeight) + gapY, -gapY)
}

function place(columns: readonly Stop[][], height: number): Map<string, Point> {
  const places = new Map<string, Point>()
  for (const [at, column] of columns.entries()) {
    let y = margin + (height - heightOf(column)) / 2
    for (const { id, node } of column) {
      places.set(id, { x: margin + at * (nodeWidth + gapX), y: node ? y : y + laneHeight / 2 })
      y += (node ? nodeHeight : laneHeight) + gapY
    }
  }
  return places
}

/** Edges that lead back to where the way came from are left out. */
function withoutCycles(nodes: readonly FlowNode[], edges: readonly FlowEdge[]): FlowEdge[] {
  const next = new Map<string, FlowEdge[]>()
  for (const edge of edges) next.set(edge.from, [...(next.get(edge.from) ?? []), edge])
  const state = new Map<string, 'open' | 'done'>()
  const kept: FlowEdge[] = []
  const visit = (id: string) => {
    state.set(id, 'open')
    for (const edge of next.get(id) ?? []) {
      if (state.get(edge.to) === 'open') continue
      kept.push(edge)
      if (!state.has(edge.to)) visit(edge.to)
    }
    state.set(id, 'done')
  }
  const targets = new Set(edges.map(({ to }) => to))
  for (const { id } of nodes) if (!targets.has(id) && !state.has(id)) visit(id)
  for (const { id } of nodes) if (!state.has(id)) visit(id)
  return kept
}

function intoColumns(nodes: readonly FlowNode[], edges: readonly FlowEdge[]) {
  const forward = withoutCycles(nodes, edges)
  const depths = depthsOf(nodes, forward)
  const columns: Stop[][] = []
  const put = (depth: number, stop: Stop) => {
    columns[depth] = [...(columns[depth] ?? []), stop]
  }
  for (const node of nodes) put(depths.get(node.id) ?? 0, { id: node.id, node })
  const links: Link[] = []
  const lanesOf = new Map<string, string[]>()
  for (const edge of forward) {
    const [first, last] = [depths.get(edge.from) ?? 0, depths.get(edge.to) ?? 0]
    const lanes: string[] = []
    for (let depth = first + 1; depth < last; depth++) {
      lanes.push(`${edgeKey(edge)}@${depth}`)
      put(depth, { id: lanes.at(-1) as string })
    }
    const stops = [edge.from, ...lanes, edge.to]
    for (const [at, to] of stops.slice(1).entries()) links.push({ from: stops[at] as string, to })
    if (lanes.length > 0) lanesOf.set(edgeKey(edge), lanes)
  }
  return { columns: columns.filter(Boolean), links, lanesOf }
}

function depthsOf(nodes: readonly FlowNode[], edges: readonly FlowEdge[]): Map<string, number> {
  const before = new Map<string, string[]>()
  for (const { from, to } of edges) before.set(to, [...(before.get(to) ?? []), from])
  const depths = new Map<string, number>()
  const depthOf = (id: string): number => {
    const known = depths.get(id)
    if (known !== undefined) return known
    depths.set(id, 0)
    const depth = Math.max(-1, ...(before.get(id) ?? []).map(depthOf)) + 1
    depths.set(id, depth)
    return depth
  }
  for (const { id } of nodes) depthOf(id)
  return depths
}

/** Each thing moves to the middle of what it is joined to, now seen from the left, now from the right. */
function order(columns: Stop[][], links: readonly Link[]): void {
  const leftOf = new Map<string, string[]>()
  const rightOf = new Map<string, string[]>()
  for (const { from, to } of links) {
    leftOf.set(to, [...(leftOf.get(to) ?? []), from])
    rightOf.set(from, [...(rightOf.get(from) ?? []), to])
  }
  const neighbours = (id: string, isFromLeft: boolean) => (isFromLeft ? leftOf : rightOf).get(id) ?? []
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const isFromLeft = sweep % 2 === 0
    const places = new Map(
      columns.flatMap((column) => column.map(({ id }, at) => [id, at - column.length / 2] as const)),
    )
    const all = isFromLeft ? columns : [...columns].reverse()
    for (const column of all) {
      const wanted = new Map(
        column.map(({ id }) => {
          const found = neighbours(id, isFromLeft).map((other) => places.get(other) ?? 0)
          return [
            id,
            found.length ? found.reduce((sum, one) => sum + one, 0) / found.length : (places.get(id) ?? 0),
          ] as const
        }),
      )
      column.sort((a, b) => (wanted.get(a.id) ?? 0) - (wanted.get(b.id) ?? 0))
      for (const [at, { id }] of column.entries()) places.set(id, at - column.length / 2)
    }
  }
}

/** From the right side of one to the left side of the other, as water runs, through its lanes. */
export function courseOf(from: Placed, to: Placed, lanes: readonly Point[] = []): { path: string; middle: Point } {
  const start = { x: from.x + nodeWidth, y: from.y + nodeHeight / 2 }
  const end = { x: to.x, y: to.y + nodeHeight / 2 }
  if (end.x <= start.x) return courseBack(from, to)
  const points = [
    start,
    ...lanes.flatMap(({ x, y }) => [
      { x, y },
      { x: x + nodeWidth, y },
    ]),
    end,
  ]
  const path = points.slice(1).map((point, at) => bend(points[at] as Point, point))
  const last = points.at(-2) as Point
  return {
    path: `M${start.x} ${start.y}${path.join('')}`,
    middle: { x: (last.x + end.x) / 2, y: (last.y + end.y) / 2 },
  }
}

function bend(from: Point, to: Point): string {
  if (from.y === to.y) return `L${to.x} ${to.y}`
  const half = Math.max(14, (to.x - from.x) / 2)
  return `C${from.x + half} ${from.y} ${to.x - half} ${to.y} ${to.x} ${to.y}`
}

function courseBack(from: Placed, to: Placed): { path: string; middle: Point } {
  const start = { x: from.x + nodeWidth / 2, y: from.y + nodeHeight }
  const end = { x: to.x + nodeWidth / 2, y: to.y < from.y ? to.y + nodeHeight : to.y }
  const low = Math.max(start.y, end.y) + 34
  return {
    path: `M${start.x} ${start.y}C${start.x} ${low} ${end.x} ${low} ${end.x} ${end.y}`,
    middle: { x: (start.x + end.x) / 2, y: low - 9 },
  }
}
