/** Seeded random patterns and events that are close enough to each other to match about half of the time. */
export class Chance {
  private state: number
  constructor(seed: number) {
    this.state = seed >>> 0
  }

  /** A number in [0, 1): mulberry32. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let mixed = this.state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }
}

const keys = ['a', 'b', 'a.b', 'é']
const oddKeys = ['ключ', '', '.a', 'k"\\', 'a key of more than thirty-one bytes']
const texts = [
  'Alpha',
  'alpha',
  'al*ta',
  'b',
  '',
  'ß',
  'SS',
  'é-Ünï',
  '日本',
  '10.0.0.5',
  '10.0.0.05',
  '::1',
  '5',
  'true',
  'say "al\\pha"/*\n\t\u0001',
  '🦜alpha🦜',
  `${'alpha '.repeat(40)}beta`,
]
const numbers = ['0', '-0.0', '1', '1.0', '1e0', '100', '1E2', '300.5', '-42.25', '0.1', '1e-06', '6000000000']
const edges = [
  '1e308',
  '-1E+308',
  '5e-324',
  '-0',
  '-0e5',
  '1.0000000001',
  '0.9999999999',
  '4999999999.5',
  '100.00',
  '1e-7',
  '10e-1',
]
const long = ['12345678901234567890', '12345678901234567891', '0.30000000000000000001', '12345678901234567890.0']
const blocks = ['10.0.0.0/24', '0.0.0.0/0', '::/0', '2001:db8::/48', '10.0.0.77/29']
const wildcards = ['*', 'al*', '*a', 'a*a', 'al\\*ta', '*p*a', '', '*\\\\*', '*\\**', '🦜*', '*"*', 'alpha*b*']

export interface Pair {
  pattern: string
  event: string
}

export function randomPair(chance: Chance): Pair {
  return { pattern: patternObject(chance, 0, false), event: eventObject(chance, 0) }
}

function eventObject(chance: Chance, depth: number): string {
  const entries = someKeys(chance, depth === 0 ? 2 : 0, 5).map(
    (key) => `${spelled(key, chance)}:${eventValue(chance, depth)}`,
  )
  return `{${entries.join(chance.pick([',', ' , ']))}}`
}

function someKey(chance: Chance): string {
  return chance.pick(chance.next() < 0.9 ? keys : oddKeys)
}

/** Now and then a key is there twice. */
function someKeys(chance: Chance, least: number, most: number): string[] {
  const picked = times(chance, least, most, () => someKey(chance))
  return chance.next() < 0.02 ? picked : [...new Set(picked)]
}

function eventValue(chance: Chance, depth: number): string {
  const roll = chance.next()
  if (depth < 3 && roll < 0.3) return eventObject(chance, depth + 1)
  if (depth < 3 && roll < 0.5) return `[${times(chance, 0, 3, () => eventValue(chance, depth + 1)).join()}]`
  if (depth < 3 && roll < 0.504) return deepValue(chance, depth)
  if (depth < 2 && roll < 0.51) return `[${times(chance, 20, 60, () => eventObject(chance, 2)).join()}]`
  return scalar(chance)
}

/** Deeper than a scanner follows. */
function deepValue(chance: Chance, depth: number): string {
  const levels = 30 + chance.below(300)
  return `${'[{"a":'.repeat(levels)}${eventValue(chance, depth + 1)}${'}]'.repeat(levels)}`
}

function scalar(chance: Chance): string {
  const roll = chance.next()
  if (roll < 0.55) return spelled(chance.pick(texts), chance)
  if (roll < 0.7) return chance.pick(numbers)
  if (roll < 0.8) return chance.pick(edges)
  return roll < 0.85 ? chance.pick(long) : chance.pick(['true', 'false', 'null'])
}

function patternObject(chance: Chance, depth: number, insideOr: boolean): string {
  const entries = someKeys(chance, 1, depth === 0 ? 2 : 1).map((key) => {
    if (depth < 2 && chance.next() < 0.15) {
      const alternatives = times(chance, 2, 3, () => patternObject(chance, depth + 1, true))
      return `"$or":[${alternatives.join()}]`
    }
    const isNested = depth < 2 && chance.next() < 0.3
    const value = isNested
      ? patternObject(chance, depth + 1, insideOr)
      : `[${times(chance, 1, 3, () => matcher(chance)).join()}]`
    return `${spelled(key, chance)}:${value}`
  })
  return `{${entries.join()}}`
}

function matcher(chance: Chance): string {
  const text = quoted(chance.pick(texts))
  const part = quoted(chance.pick(texts).slice(0, 2) || 'a')
  const wild = quoted(chance.pick(wildcards))
  const number = chance.pick([...numbers.slice(0, -1), '4999999999.5', '1.0000000001', '0.9999999999', '-0', '1e-7'])
  const choices = [
    () => scalar(chance),
    () => scalar(chance),
    () => `{"prefix":${part}}`,
    () => `{"suffix":${quoted(chance.pick(texts).slice(-2))}}`,
    () => `{"prefix":{"equals-ignore-case":${part}}}`,
    () => `{"suffix":{"equals-ignore-case":${part}}}`,
    () => `{"equals-ignore-case":${text}}`,
    () => `{"wildcard":${quoted(chance.pick(wildcards))}}`,
    () => `{"exists":${chance.pick(['true', 'false'])}}`,
    () => `{"cidr":"${chance.pick(blocks)}"}`,
    () => `{"numeric":["${chance.pick(['=', '<', '<=', '>', '>='])}",${number}]}`,
    () =>
      `{"numeric":["${chance.pick(['>', '>='])}",${number},"${chance.pick(['<', '<='])}",${Number(number) < 5_000 ? 5_000 : 4_999_999_999.75}]}`,
    () => `{"anything-but":${chance.pick([text, number, `[${text},"b"]`, `[${number},7]`])}}`,
    () =>
      `{"anything-but":{"${chance.pick(['prefix', 'suffix', 'equals-ignore-case'])}":${chance.pick([part, `[${part},"zz"]`])}}}`,
    () => `{"anything-but":{"wildcard":${chance.pick([wild, `[${wild},"b"]`])}}}`,
  ]
  return chance.pick(choices)()
}

function times<T>(chance: Chance, least: number, most: number, make: () => T): T[] {
  return Array.from({ length: least + chance.below(most - least + 1) }, make)
}

function quoted(text: string): string {
  return JSON.stringify(text)
}

/** Quoted, with some characters escaped that need not be. */
function spelled(text: string, chance: Chance): string {
  if (chance.next() < 0.8) return quoted(text)
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  return quoted(text).replace(/(?<!\\)(?:[a-zA-Zé日]|[\ud800-\udfff]{2}|\/)/g, (found) => {
    if (chance.next() < 0.5) return found
    return found === '/' ? '\\/' : [...Array(found.length).keys()].map((at) => escaped(found[at] as string)).join('')
  })
}
