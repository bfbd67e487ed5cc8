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
]
const numbers = ['0', '-0.0', '1', '1.0', '1e0', '100', '1E2', '300.5', '-42.25', '0.1', '1e-06', '6000000000']
const long = ['12345678901234567890', '12345678901234567891', '0.30000000000000000001', '12345678901234567890.0']
const blocks = ['10.0.0.0/24', '0.0.0.0/0', '::/0', '2001:db8::/48', '10.0.0.77/29']
const wildcards = ['*', 'al*', '*a', 'a*a', 'al\\\\*ta', '*p*a', '']

export interface Pair {
  pattern: string
  event: string
}

export function randomPair(chance: Chance): Pair {
  return { pattern: patternObject(chance, 0, false), event: eventObject(chance, 0) }
}

function eventObject(chance: Chance, depth: number): string {
  const entries = times(
    chance,
    depth === 0 ? 2 : 0,
    5,
    () => `${quoted(chance.pick(keys))}:${eventValue(chance, depth)}`,
  )
  return `{${entries.join(chance.pick([',', ' , ']))}}`
}

function eventValue(chance: Chance, depth: number): string {
  const roll = chance.next()
  if (depth < 3 && roll < 0.3) return eventObject(chance, depth + 1)
  if (depth < 3 && roll < 0.5) return `[${times(chance, 0, 3, () => eventValue(chance, depth + 1)).join()}]`
  return scalar(chance)
}

function scalar(chance: Chance): string {
  const roll = chance.next()
  if (roll < 0.55) return quoted(chance.pick(texts))
  if (roll < 0.8) return chance.pick(numbers)
  return roll < 0.85 ? chance.pick(long) : chance.pick(['true', 'false', 'null'])
}

function patternObject(chance: Chance, depth: number, insideOr: boolean): string {
  const entries = times(chance, 1, depth === 0 ? 2 : 1, () => {
    if (depth < 2 && chance.next() < 0.15) {
      const alternatives = times(chance, 2, 3, () => patternObject(chance, depth + 1, true))
      return `"$or":[${alternatives.join()}]`
    }
    const isNested = depth < 2 && chance.next() < 0.3
    const value = isNested
      ? patternObject(chance, depth + 1, insideOr)
      : `[${times(chance, 1, 3, () => matcher(chance)).join()}]`
    return `${quoted(chance.pick(keys))}:${value}`
  })
  return `{${entries.join()}}`
}

function matcher(chance: Chance): string {
  const text = quoted(chance.pick(texts))
  const part = quoted(chance.pick(texts).slice(0, 2) || 'a')
  const number = chance.pick(numbers.slice(0, -1))
  const choices = [
    () => scalar(chance),
    () => scalar(chance),
    () => `{"prefix":${part}}`,
    () => `{"suffix":${quoted(chance.pick(texts).slice(-2))}}`,
    () => `{"prefix":{"equals-ignore-case":${part}}}`,
    () => `{"suffix":{"equals-ignore-case":${part}}}`,
    () => `{"equals-ignore-case":${text}}`,
    () => `{"wildcard":"${chance.pick(wildcards)}"}`,
    () => `{"exists":${chance.pick(['true', 'false'])}}`,
    () => `{"cidr":"${chance.pick(blocks)}"}`,
    () => `{"numeric":["${chance.pick(['=', '<', '<=', '>', '>='])}",${number}]}`,
    () => `{"numeric":["${chance.pick(['>', '>='])}",${number},"${chance.pick(['<', '<='])}",5000]}`,
    () => `{"anything-but":${chance.pick([text, number, `[${text},"b"]`, `[${number},7]`])}}`,
    () =>
      `{"anything-but":{"${chance.pick(['prefix', 'suffix', 'equals-ignore-case'])}":${chance.pick([part, `[${part},"zz"]`])}}}`,
    () => `{"anything-but":{"wildcard":"${chance.pick(wildcards)}"}}`,
  ]
  return chance.pick(choices)()
}

function times<T>(chance: Chance, least: number, most: number, make: () => T): T[] {
  return Array.from({ length: least + chance.below(most - least + 1) }, make)
}

function quoted(text: string): string {
  return JSON.stringify(text)
}
