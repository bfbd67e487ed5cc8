/** How an edge runs from one thing to another, and where on it its count stands. */
import { nodeWidth, type Placed, type Point } from './layout.ts'

/** From the right side of one to the left side of the other, as water runs, through its lanes. */
export function courseOf(from: Placed, to: Placed, lanes: readonly Point[] = []): { path: string; middle: Point } {
  const start = { x: from.x + nodeWidth, y: from.y + from.height / 2 }
  const end = { x: to.x, y: to.y + to.height / 2 }
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
  const start = { x: from.x + nodeWidth / 2, y: from.y + from.height }
  const end = { x: to.x + nodeWidth / 2, y: to.y < from.y ? to.y + to.height : to.y }
  const low = Math.max(start.y, end.y) + 34
  return {
    path: `M${start.x} ${start.y}C${start.x} ${low} ${end.x} ${low} ${end.x} ${end.y}`,
    middle: { x: (start.x + end.x) / 2, y: low - 9 },
  }
}
