/**
 * Wildcard patterns: `*` is any run of characters, `\*` and `\\` are themselves. A pattern in which too many
 * readings are open at once is refused, because AWS refuses it: see complexityOf.
 */
export class WildcardError extends Error {}

/** The literal parts between the wildcards: `a*b` is ['a', 'b']. One part means no wildcard at all. */
export type WildcardParts = string[]

/** Open readings at once that are still allowed: AWS refuses `*:*:*:*:*:event-bus/*`, which has 11. */
const complexityMax = 10
const tooComplex =
  'Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character'
const readingsExploredMax = 5_000

/** Positions in the errors count bytes of the quoted value, as AWS counts them. */
export function parseWildcard(text: string): WildcardParts {
  const parts: string[] = ['']
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string
    const next = text[at + 1]
    if (character === '*') {
      if (next === '*') throw new WildcardError(`Consecutive wildcard characters at pos ${bytePosition(text, at)}`)
      parts.push('')
    } else if (character === '\\') {
      if (next !== '*' && next !== '\\') {
        throw new WildcardError(`Invalid escape character at pos ${bytePosition(text, at)}`)
      }
      parts[parts.length - 1] += next
      at++
    } else parts[parts.length - 1] += character
  }
  if (complexityOf(parts) > complexityMax) throw new WildcardError(tooComplex)
  return parts
}

export function matchesWildcard(parts: WildcardParts, value: string): boolean {
  const first = parts[0] as string
  const last = parts[parts.length - 1] as string
  if (parts.length === 1) return value === first
  if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last)) return false
  let from = first.length
  const end = value.length - last.length
  for (const part of parts.slice(1, -1)) {
    const at = value.indexOf(part, from)
    if (at < 0 || at + part.length > end) return false
    from = at + part.length
  }
  return true
}

/** How many positions of the pattern a value can be at simultaneously, in the worst case. */
export function complexityOf(parts: WildcardParts): number {
  if (parts.length === 1) return 0
  const items = itemsOf(parts)
  const alphabet = new Set(items)
  const start = [0]
  const seen = new Set<string>([start.join()])
  const queue: number[][] = [start]
  let worst = 0
  for (let at = 0; at < queue.length; at++) {
    for (const character of alphabet) {
      const next = step(items, queue[at] as number[], character)
      worst = Math.max(worst, next.length)
      if (worst > complexityMax || seen.size > readingsExploredMax) return Math.max(worst, complexityMax + 1)
      const key = next.join()
      if (next.length === 0 || seen.has(key)) continue
      seen.add(key)
      queue.push(next)
    }
  }
  return worst
}

const wildcard = '*'
const escapedStar = '\\*'

function itemsOf(parts: WildcardParts): string[] {
  const items = ['"']
  parts.forEach((part, index) => {
    if (index > 0) items.push(wildcard)
    for (const character of part) items.push(character === '*' ? escapedStar : character)
  })
  items.push('"')
  return items
}

/** Position n means: the first n items have been read. At a wildcard a value may stay as long as it likes. */
function step(items: string[], positions: number[], character: string): number[] {
  const next = new Set<number>()
  for (const position of positions) {
    const here = items[position - 1] === wildcard ? position : undefined
    if (here !== undefined) next.add(here)
    if (items[position] === character && character !== wildcard) {
      next.add(position + 1)
      if (items[position + 1] === wildcard) next.add(position + 2)
    }
  }
  return [...next].sort((left, right) => left - right)
}

function bytePosition(text: string, at: number): number {
  return Buffer.byteLength(text.slice(0, at)) + 1
}
