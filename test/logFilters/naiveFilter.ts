/** Log filters as trees, random ones, and what they mean by the plainest reading: what the engine is compared with. */
import { type Random, seededRandom } from '../../src/clock.ts'

export type JsonTree =
  | { all: JsonTree[] }
  | { any: JsonTree[] }
  | { path: string[]; operator: '=' | '!=' | '<' | '<=' | '>' | '>='; wanted: string | number }
  | { path: string[]; state: 'IS NULL' | 'NOT EXISTS' | 'IS TRUE' | 'IS FALSE' }

export type FieldTree = ({ operator: '=' | '!=' | '<' | '>'; wanted: string | number } | 'any' | 'rest')[]

export class Chance {
  readonly #random: Random
  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }
  below(count: number): number {
    return Number.parseInt(this.#random.hex(8), 16) % count
  }
  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }
  some<T>(most: number, make: () => T): T[] {
    return Array.from({ length: 1 + this.below(most) }, make)
  }
}

const names = ['a', 'b', 'level', 'user-id']
const texts = ['ERROR', 'WARN', 'x y', 'é', 'E', '', '"q"', '400', 'a\\b']
const wantedTexts = ['ERROR', 'E*', '*R', 'x y', '*', 'é', '4*', '']
const numbers = [0, 1, 400, -2.5, 404]

export function randomJson(chance: Chance, depth = 0): unknown {
  const kind = chance.below(depth > 2 ? 4 : 7)
  if (kind === 0) return chance.of(texts)
  if (kind === 1) return chance.of(numbers)
  if (kind === 2) return chance.of([true, false])
  if (kind === 3) return null
  if (kind === 4) return chance.some(3, () => randomJson(chance, depth + 1))
  return Object.fromEntries(chance.some(3, () => [chance.of(names), randomJson(chance, depth + 1)]))
}

export function randomTree(chance: Chance, depth = 0): JsonTree {
  const kind = chance.below(depth > 2 ? 3 : 5)
  if (kind === 3) return { all: chance.some(3, () => randomTree(chance, depth + 1)) }
  if (kind === 4) return { any: chance.some(3, () => randomTree(chance, depth + 1)) }
  const path = chance.some(2, () => chance.of([...names, '0', '1']))
  if (kind === 0) return { path, state: chance.of(['IS NULL', 'NOT EXISTS', 'IS TRUE', 'IS FALSE']) }
  const operator = chance.of(['=', '!=', '<', '<=', '>', '>='] as const)
  const isText = operator === '=' || operator === '!='
  return { path, operator, wanted: isText && chance.below(2) ? chance.of(wantedTexts) : chance.of(numbers) }
}

export function treeText(tree: JsonTree): string {
  if ('all' in tree) return tree.all.map((part) => `(${treeText(part)})`).join(' && ')
  if ('any' in tree) return tree.any.map((part) => `(${treeText(part)})`).join('||')
  const path = tree.path.map((step) => (/^\d$/.test(step) ? `[${step}]` : `.${step}`)).join('')
  if ('state' in tree) return `$${path} ${tree.state}`
  return `$${path} ${tree.operator} ${JSON.stringify(tree.wanted)}`
}

export function treeHolds(tree: JsonTree, root: unknown): boolean {
  if ('all' in tree) return tree.all.every((part) => treeHolds(part, root))
  if ('any' in tree) return tree.any.some((part) => treeHolds(part, root))
  let value: unknown = root
  for (const step of tree.path) {
    const isThere = typeof value === 'object' && value !== null && Object.hasOwn(value, step)
    value = isThere ? (value as Record<string, unknown>)[step] : undefined
  }
  if ('state' in tree) {
    if (tree.state === 'NOT EXISTS') return value === undefined
    return value === { 'IS NULL': null, 'IS TRUE': true, 'IS FALSE': false }[tree.state]
  }
  if (value === undefined || value === null || typeof value === 'object') return false
  return valueHolds(value as string | number | boolean, tree.operator, tree.wanted)
}

export function randomFields(chance: Chance): FieldTree {
  const parts: FieldTree = chance.some(4, () => {
    const operator = chance.of(['=', '!=', '<', '>'] as const)
    const isText = operator === '=' || operator === '!='
    const wanted = isText && chance.below(2) ? chance.of(['ERROR', '4*', '*x*']) : chance.of(numbers)
    return chance.below(3) === 0 ? ('any' as const) : { operator, wanted }
  })
  if (chance.below(2)) parts.splice(chance.below(parts.length + 1), 0, 'rest')
  return parts
}

export function fieldsText(parts: FieldTree): string {
  const texts = parts.map((part, at) => {
    if (part === 'rest') return '...'
    return part === 'any' ? `f${at}` : `f${at} ${part.operator} ${part.wanted}`
  })
  return `[${texts.join(', ')}]`
}

export function fieldsHold(parts: FieldTree, values: readonly string[]): boolean {
  const [first, ...rest] = parts
  if (first === undefined) return values.length === 0
  if (first === 'rest') return values.some((_, at) => fieldsHold(rest, values.slice(at))) || fieldsHold(rest, [])
  const [value, ...others] = values
  if (value === undefined) return false
  const holds = first === 'any' || valueHolds(value, first.operator, first.wanted)
  return holds && fieldsHold(rest, others)
}

function valueHolds(value: string | number | boolean, operator: string, wanted: string | number): boolean {
  const number = typeof value === 'boolean' || String(value).trim() === '' ? Number.NaN : Number(value)
  if (operator === '=' || operator === '!=') {
    const isEqual =
      typeof wanted === 'number' && !Number.isNaN(number) ? number === wanted : isLike(String(value), String(wanted))
    return isEqual === (operator === '=')
  }
  if (Number.isNaN(number)) return false
  const against = Number(wanted)
  return (
    { '<': number < against, '<=': number <= against, '>': number > against, '>=': number >= against }[operator] ??
    false
  )
}

/** `*` by trying every length. */
function isLike(text: string, pattern: string): boolean {
  if (pattern === '') return text === ''
  if (pattern[0] !== '*') return text[0] === pattern[0] && isLike(text.slice(1), pattern.slice(1))
  for (let skipped = 0; skipped <= text.length; skipped++)
    if (isLike(text.slice(skipped), pattern.slice(1))) return true
  return false
}
