/** The parts of an item that a request asked for. */
import { ExpressionParser, isSamePath, type Path, type Placeholders, shownPath } from './expressionParser.ts'
import { type Item, invalid, type Value } from './values.ts'

export function projectionFrom(text: string | undefined, placeholders: Placeholders): Path[] | undefined {
  if (text === undefined) return undefined
  const parser = new ExpressionParser('ProjectionExpression', text, placeholders)
  const paths = [parser.path()]
  while (parser.takes(',')) paths.push(parser.path())
  parser.expectEnd()
  checkApart('ProjectionExpression', paths)
  return paths
}

/** No path may be, or lie in, another; and none may want a list where another wants a map. */
export function checkApart(kind: string, paths: readonly Path[]): void {
  paths.forEach((one, at) => {
    for (const other of paths.slice(at + 1)) {
      const shared = Math.min(one.length, other.length)
      const problem = isSamePath(one.slice(0, shared), other.slice(0, shared)) ? 'overlap' : clash(one, other)
      if (!problem) continue
      throw invalid(
        `Invalid ${kind}: Two document paths ${problem} with each other; must remove or rewrite one of these paths; path one: ${shownPath(one)}, path two: ${shownPath(other)}`,
      )
    }
  })
}

function clash(one: Path, other: Path): string | undefined {
  const apart = one.findIndex((part, at) => part !== other[at])
  return apart >= 0 && typeof one[apart] !== typeof other[apart] ? 'conflict' : undefined
}

export function projected(item: Item, paths: readonly Path[] | undefined): Item {
  if (!paths) return item
  const result: Value = { M: {} }
  for (const path of inListOrder(paths)) copy({ M: item }, result, path)
  return packed(result).M as Item
}

/** Elements of a list come in their own order, however they were asked for. */
function inListOrder(paths: readonly Path[]): Path[] {
  return [...paths].sort((one, other) => {
    const apart = one.findIndex((part, at) => part !== other[at])
    const [a, b] = [one[apart], other[apart]]
    return typeof a === 'number' && typeof b === 'number' ? a - b : 0
  })
}

function copy(from: Value, to: Value, [part, ...rest]: Path): boolean {
  const isIndex = typeof part === 'number'
  const found = isIndex
    ? from.L?.[part]
    : from.M && Object.hasOwn(from.M, part as string)
      ? from.M[part as string]
      : undefined
  if (!found) return false
  if (rest.length === 0) {
    place(to, part as string, found)
    return true
  }
  const held: Value = isIndex ? (to.L?.[part] ?? emptyLike(found)) : (to.M?.[part as string] ?? emptyLike(found))
  if (!copy(found, held, rest)) return false
  place(to, part as string, held)
  return true
}

function place(to: Value, part: string | number, value: Value): void {
  if (typeof part === 'number') (to.L as Value[])[part] = value
  else (to.M as Item)[part] = value
}

function emptyLike(value: Value): Value {
  return value.L ? { L: [] } : { M: {} }
}

/** Elements that were not asked for leave no gap. */
function packed(value: Value): Value {
  if (value.L) return { L: value.L.filter(() => true).map(packed) }
  if (!value.M) return value
  return { M: Object.fromEntries(Object.entries(value.M).map(([name, member]) => [name, packed(member)])) }
}
