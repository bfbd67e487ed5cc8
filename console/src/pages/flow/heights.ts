/**
 * How high things stand: each as level as may be with what it is joined to, in the order of its column and without touching.
 * Lanes, and what leads only to one and is led to only by it, are levelled more strictly: long ways run straight.
 */
import type { Link } from './crossings.ts'

export interface Stood {
  id: string
  height: number
  /** A lane of an edge that passes by, and no thing. */
  isLane: boolean
}

const rounds = 60
const laneWeight = 3
const onlyWeight = 8

/** The middle of each, from the top. */
export function levelled(columns: readonly Stood[][], links: readonly Link[], gap: number): Map<string, number> {
  const joined = neighboursOf(columns, links)
  const middles = stacked(columns, gap)
  for (let round = 0; round < rounds; round++) {
    const turned = round % 2 === 0 ? columns : [...columns].reverse()
    for (const column of turned) {
      const wanted = column.map(({ id }) => weighted(joined.get(id) ?? [], middles) ?? middles.get(id) ?? 0)
      for (const [at, middle] of apart(column, wanted, gap).entries()) middles.set(column[at]?.id ?? '', middle)
    }
  }
  return middles
}

interface Neighbour {
  other: string
  weight: number
}

function neighboursOf(columns: readonly Stood[][], links: readonly Link[]): Map<string, Neighbour[]> {
  const lanes = new Set(columns.flatMap((column) => column.filter(({ isLane }) => isLane).map(({ id }) => id)))
  const starts = links.map(({ from }) => from)
  const ends = links.map(({ to }) => to)
  const isOnly = (ids: readonly string[], id: string) => ids.indexOf(id) === ids.lastIndexOf(id)
  const joined = new Map<string, Neighbour[]>()
  for (const { from, to } of links) {
    const ofLanes = (lanes.has(from) ? laneWeight : 1) * (lanes.has(to) ? laneWeight : 1)
    const weight = Math.max(ofLanes, isOnly(ends, to) && isOnly(starts, from) ? onlyWeight : 1)
    joined.set(from, [...(joined.get(from) ?? []), { other: to, weight }])
    joined.set(to, [...(joined.get(to) ?? []), { other: from, weight }])
  }
  return joined
}

/** To begin with: each column in the middle of the highest. */
function stacked(columns: readonly Stood[][], gap: number): Map<string, number> {
  const heightOf = (column: readonly Stood[]) => column.reduce((sum, { height }) => sum + height + gap, -gap)
  const middles = new Map<string, number>()
  for (const column of columns) {
    let top = -heightOf(column) / 2
    for (const { id, height } of column) {
      middles.set(id, top + height / 2)
      top += height + gap
    }
  }
  return middles
}

function weighted(joined: readonly Neighbour[], middles: ReadonlyMap<string, number>): number | undefined {
  const all = joined.reduce((sum, { weight }) => sum + weight, 0)
  if (all === 0) return undefined
  return joined.reduce((sum, { other, weight }) => sum + weight * (middles.get(other) ?? 0), 0) / all
}

/** Nearest to what is wanted with the gaps kept: those that would touch move together, to their common middle. */
function apart(column: readonly Stood[], wanted: readonly number[], gap: number): number[] {
  const offsets: number[] = []
  for (const [at, { height }] of column.entries()) {
    const above = column[at - 1]
    offsets.push(above ? (offsets[at - 1] ?? 0) + (above.height + height) / 2 + gap : 0)
  }
  const blocks: { sum: number; size: number }[] = []
  for (const [at, middle] of wanted.entries()) {
    let block = { sum: middle - (offsets[at] ?? 0), size: 1 }
    for (let last = blocks.at(-1); last && last.sum / last.size > block.sum / block.size; last = blocks.at(-1)) {
      blocks.pop()
      block = { sum: block.sum + last.sum, size: block.size + last.size }
    }
    blocks.push(block)
  }
  return blocks
    .flatMap(({ sum, size }) => Array.from({ length: size }, () => sum / size))
    .map((base, at) => base + (offsets[at] ?? 0))
}
