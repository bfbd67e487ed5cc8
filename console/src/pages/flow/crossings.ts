/**
 * In which order things stand in their columns, so that few edges cross: each moves to the middle of what it is joined to, seen
 * from the left and from the right in turns, then neighbours change places where that helps. The best order met is kept.
 */

export interface Link {
  from: string
  to: string
}

const sweeps = 12
/** Beyond it a drawing is looked at piece by piece, and trying all neighbours would take longer than looking. */
const linksMax = 600

export function uncross(columns: string[][], links: readonly Link[]): string[][] {
  const between = linksBetween(columns, links)
  let order = columns.map((column) => [...column])
  let best = order
  let fewest = crossingsIn(order, between)
  for (let sweep = 0; sweep < sweeps && fewest > 0; sweep++) {
    order = swept(order, links, sweep % 2 === 0)
    if (links.length <= linksMax) exchange(order, between)
    const crossings = crossingsIn(order, between)
    if (crossings >= fewest) continue
    best = order.map((column) => [...column])
    fewest = crossings
  }
  return best
}

/** For each column but the last: the links to the next. */
function linksBetween(columns: string[][], links: readonly Link[]): Link[][] {
  const columnOf = new Map(columns.flatMap((column, at) => column.map((id) => [id, at] as const)))
  const between: Link[][] = columns.map(() => [])
  for (const link of links) between[columnOf.get(link.from) ?? 0]?.push(link)
  return between
}

function swept(order: string[][], links: readonly Link[], isFromLeft: boolean): string[][] {
  const joined = new Map<string, string[]>()
  for (const { from, to } of links) {
    const [id, other] = isFromLeft ? [to, from] : [from, to]
    joined.set(id, [...(joined.get(id) ?? []), other])
  }
  const placeOf = new Map(order.flatMap((column) => column.map((id, at) => [id, at - column.length / 2] as const)))
  const turned = (isFromLeft ? order : [...order].reverse()).map((column) => {
    const wanted = new Map(column.map((id) => [id, meanOf(joined.get(id), placeOf) ?? placeOf.get(id) ?? 0] as const))
    const sorted = [...column].sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0))
    for (const [at, id] of sorted.entries()) placeOf.set(id, at - sorted.length / 2)
    return sorted
  })
  return isFromLeft ? turned : turned.reverse()
}

function meanOf(ids: readonly string[] | undefined, placeOf: ReadonlyMap<string, number>): number | undefined {
  if (!ids?.length) return undefined
  return ids.reduce((sum, id) => sum + (placeOf.get(id) ?? 0), 0) / ids.length
}

/** Neighbours change places as long as that takes a crossing away. */
function exchange(order: string[][], between: Link[][]): void {
  for (const [at, column] of order.entries()) {
    const touched = [at - 1, at].filter((place) => place >= 0)
    const crossings = () => touched.reduce((sum, place) => sum + crossingsAt(order, between, place), 0)
    let fewest = crossings()
    for (let upper = 0; upper + 1 < column.length; upper++) {
      swap(column, upper)
      const now = crossings()
      if (now < fewest) fewest = now
      else swap(column, upper)
    }
  }
}

function swap(column: string[], upper: number): void {
  const [one, other] = [column[upper] as string, column[upper + 1] as string]
  column[upper] = other
  column[upper + 1] = one
}

function crossingsIn(order: string[][], between: Link[][]): number {
  return between.reduce((sum, _, at) => sum + crossingsAt(order, between, at), 0)
}

function crossingsAt(order: string[][], between: Link[][], at: number): number {
  const left = new Map(order[at]?.map((id, place) => [id, place]))
  const right = new Map(order[at + 1]?.map((id, place) => [id, place]))
  const ends = (between[at] ?? []).map(({ from, to }) => [left.get(from) ?? 0, right.get(to) ?? 0] as const)
  let crossings = 0
  for (const [index, [from, to]] of ends.entries())
    for (const [otherFrom, otherTo] of ends.slice(index + 1)) if ((from - otherFrom) * (to - otherTo) < 0) crossings++
  return crossings
}
