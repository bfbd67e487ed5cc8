/**
 * Where things stand: in columns from left to right, as far from a source as the longest way leads, in an order within the
 * column that crosses few edges. An edge over several columns has a lane of its own in each, so that it runs behind nothing;
 * a way back is drawn below, and moves nothing. What only takes what failed lies on the bottom.
 */
import { type Link, uncross } from './crossings.ts'
import { levelled, type Stood } from './heights.ts'
import { linesOf, shownName } from './labels.ts'
import type { FlowEdge, FlowNode } from './things.ts'

export interface Placed extends FlowNode {
  x: number
  y: number
  height: number
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

export const nodeWidth = 128
const nodeHeight = 52
const lineHeight = 15
const laneHeight = 8
const gapX = 29
const gapY = 18
const gapBelow = 26
const margin = 16

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
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const ordered = uncross(columns, links).map((column) => column.map((id) => stoodOf(id, byId)))
  const middles = levelled(ordered, links, gapY)
  const top = ordered
    .flat()
    .reduce((least, { id, height }) => Math.min(least, (middles.get(id) ?? 0) - height / 2), Number.POSITIVE_INFINITY)
  const placed = new Map<string, Placed>()
  const laneAt = new Map<string, Point>()
  let bottom = margin
  for (const [at, column] of ordered.entries()) {
    const x = margin + at * (nodeWidth + gapX)
    for (const { id, height } of column) {
      const middle = margin + (middles.get(id) ?? 0) - top
      const node = byId.get(id)
      if (node) placed.set(id, { ...node, x, y: middle - height / 2, height })
      else laneAt.set(id, { x, y: middle })
      bottom = Math.max(bottom, middle + height / 2)
    }
  }
  const width = Math.max(1, columns.length) * (nodeWidth + gapX) - gapX + 2 * margin
  const below = nodes.filter(({ id }) => !inStream.has(id))
  const heightBelow = Math.max(0, ...below.map((node) => heightOf(node) + gapBelow))
  for (const [at, node] of below.entries()) {
    const x = width - margin - (below.length - at) * (nodeWidth + gapX) + gapX
    placed.set(node.id, { ...node, x, y: bottom + gapBelow, height: heightOf(node) })
  }
  const lanes = new Map([...lanesOf].map(([key, ids]) => [key, ids.map((id) => laneAt.get(id) as Point)]))
  return { nodes: placed, lanes, width, height: bottom + margin + heightBelow }
}

function stoodOf(id: string, nodes: ReadonlyMap<string, FlowNode>): Stood {
  const node = nodes.get(id)
  return { id, isLane: !node, height: node ? heightOf(node) : laneHeight }
}

function heightOf(node: FlowNode): number {
  return nodeHeight + (linesOf(shownName(node)) - 1) * lineHeight
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
  const columns: string[][] = []
  const put = (depth: number, id: string) => {
    columns[depth] = [...(columns[depth] ?? []), id]
  }
  for (const { id } of nodes) put(depths.get(id) ?? 0, id)
  const links: Link[] = []
  const lanesOf = new Map<string, string[]>()
  for (const edge of forward) {
    const [first, last] = [depths.get(edge.from) ?? 0, depths.get(edge.to) ?? 0]
    const lanes: string[] = []
    for (let depth = first + 1; depth < last; depth++) {
      const lane = `${edgeKey(edge)}@${depth}`
      lanes.push(lane)
      put(depth, lane)
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
