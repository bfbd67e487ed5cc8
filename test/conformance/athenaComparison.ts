/** When an answer is the recorded one: by value (numbers as numbers, maps in any order), or to the letter. */

export type Cell = string | null
export type Equality = (expected: Cell, given: Cell, type: string) => boolean

export interface RecordedError {
  name?: string
  message?: string
}

const number = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

export function baseType(type: string): string {
  if (type.startsWith('time')) return type.replace(/\(\d+\)/, '')
  return (/^[a-z ]+?(?=\(|$)/.exec(type)?.[0] ?? type).trim()
}

const athenaNames: Record<string, string> = { real: 'float', int: 'integer', string: 'varchar', struct: 'row' }

export function isType(
  wanted: string,
  given: { Type?: string | undefined; Precision?: number | undefined; Scale?: number | undefined },
): boolean {
  const name = (type: string) => athenaNames[baseType(type)] ?? baseType(type)
  if (name(wanted) !== name((given.Type ?? '').toLowerCase())) return false
  const decimal = /^decimal\((\d+), ?(\d+)\)/.exec(wanted)
  return !decimal || (Number(decimal[1]) === given.Precision && Number(decimal[2]) === given.Scale)
}

export const isSameText: Equality = (expected, given) => expected === given

export const isSameValue: Equality = (expected, given, type) => {
  if (expected === null || given === null) return expected === given
  if (expected === given) return true
  switch (baseType(type)) {
    case 'double':
      return isClose(expected, given, 1e-9)
    case 'real':
      return isClose(expected, given, 2e-6)
    case 'array':
    case 'map':
    case 'row':
      return isSameNested(expected, given, type.includes('map'))
    case 'json':
      return isSameJson(expected, given)
    case 'char':
      return expected.trimEnd() === given.trimEnd()
    case 'varchar':
    case 'unknown':
    case 'uuid':
    case 'ipaddress':
      return false
    case 'varbinary':
      return expected.replaceAll(' ', '').toLowerCase() === given.replaceAll(' ', '').toLowerCase()
    default:
      return isSameScalar(expected, given)
  }
}

function isSameScalar(expected: string, given: string): boolean {
  if (expected === given) return true
  const [e, g] = [expected.trim().toLowerCase(), given.trim().toLowerCase()].map((text) =>
    text.replace('infinity', 'inf').replace(/^\+/, ''),
  ) as [string, string]
  if (['true', 'false', 'null', 'nan', 'inf', '-inf'].some((word) => word === e || word === g)) return e === g
  if (number.test(e) && number.test(g)) {
    if (canonical(e) === canonical(g)) return true
    const isApproximate = /e/.test(e + g) || e.replace(/\D/g, '').length > 15
    return isApproximate && isClose(e, g, 1e-9)
  }
  return /^[+-]?\d{4,}-\d\d-\d\d[ T]\d\d:|^\d\d:\d\d:\d\d/.test(expected) && moment(expected) === moment(given)
}

/** A number's digits without zeros at the ends, and the power of the last. */
function canonical(text: string): string {
  const [mantissa = '', exponent = '0'] = text.split('e')
  const [whole = '', fraction = ''] = mantissa.replace(/^[+-]/, '').split('.')
  const digits = (whole + fraction).replace(/^0+/, '')
  if (digits === '') return '0'
  const kept = digits.replace(/0+$/, '')
  const power = Number(exponent) - fraction.length + digits.length - kept.length
  return `${mantissa.startsWith('-') ? '-' : ''}${kept}e${power}`
}

function isClose(expected: string, given: string, tolerance: number): boolean {
  const read = (text: string) =>
    /^[+-]?nan$/i.test(text.trim()) ? Number.NaN : Number(text.replace(/\binf\b/i, 'Infinity'))
  const [a, b] = [read(expected), read(given)]
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b)
  return a === b || Math.abs(a - b) <= Math.max(tolerance * Math.max(Math.abs(a), Math.abs(b)), 1e-300)
}

function moment(text: string): string {
  const match = /^(.*?\d\d:\d\d(?::\d\d)?)(?:\.(\d+))?(.*)$/s.exec(text.replace('T', ' '))
  if (!match) return text
  const zone = (match[3] ?? '').trim()
  return [
    match[1],
    (match[2] ?? '').slice(0, 3).replace(/0+$/, ''),
    ['Z', '+00', '+00:00'].includes(zone) ? 'UTC' : zone,
  ].join('|')
}

function isSameNested(expected: string, given: string, hasMap: boolean): boolean {
  const [e, g] = [pieces(expected), pieces(given)]
  if (e.length !== g.length) return false
  if (e.every((piece, i) => isSameScalar(piece, g[i] as string))) return true
  return hasMap && e.toSorted().join('\n') === g.toSorted().join('\n')
}

function pieces(text: string): string[] {
  return text
    .split(/([[\]{},=]|: )/)
    .filter((piece) => piece.trim() !== '')
    .map((piece) => piece.trim().replace(/^['"]+|['"]+$/g, ''))
    .map((piece) => (piece === ':' ? '=' : piece))
    .filter((piece) => piece !== '')
}

function isSameJson(expected: string, given: string): boolean {
  const sorted = (value: unknown): unknown =>
    value && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value)
            .sort()
            .map(([key, inner]) => [key, sorted(inner)]),
        )
      : Array.isArray(value)
        ? value.map(sorted)
        : value
  try {
    return JSON.stringify(sorted(JSON.parse(expected))) === JSON.stringify(sorted(JSON.parse(given)))
  } catch {
    return false
  }
}

/** Undefined where all rows are the same; otherwise what differs first. */
export function rowDifference(
  expected: readonly Cell[][],
  given: readonly Cell[][],
  how: { types: readonly string[]; ordered: boolean; equal: Equality },
): string | undefined {
  if (expected.length !== given.length) return `${given.length} rows, expected ${expected.length}`
  const isSame = (a: readonly Cell[], b: readonly Cell[]) =>
    a.length === b.length && a.every((cell, i) => how.equal(cell, b[i] as Cell, how.types[i] ?? 'varchar'))
  const left = [...given]
  for (const row of expected) {
    const place = how.ordered
      ? isSame(row, left[0] as Cell[])
        ? 0
        : -1
      : left.findIndex((other) => isSame(row, other))
    if (place < 0) return `no row ${JSON.stringify(row)} in ${JSON.stringify(left.slice(0, 2)).slice(0, 200)}`
    left.splice(place, 1)
  }
  return undefined
}

const commonWords = ['line', 'the', 'and', 'for', 'hive', 'igp', 'not', 'must', 'are']
const words = (text: string) =>
  new Set((text.toLowerCase().match(/[a-z_]{3,}/g) ?? []).filter((word) => !commonWords.includes(word)))

/** `named`: the error's own name is in the text. `alike`: that, or most words of its message. */
export function errorLikeness(error: RecordedError, text: string): { named: boolean; alike: boolean } {
  const split = (list: string | undefined) => (list ?? '').split('|').filter((part) => part !== '')
  const [names, messages] = [split(error.name), split(error.message)]
  if (names.length === 0 && messages.length === 0) return { named: true, alike: true }
  const lower = text.toLowerCase()
  const given = words(text)
  const isNamed = names.some((name) => lower.includes(name.toLowerCase()))
  const isWorded = messages.some((message) => {
    const wanted = [...words(message)]
    const shared = wanted.filter((word) => given.has(word)).length
    return lower.includes(message.toLowerCase()) || (wanted.length > 0 && shared / wanted.length >= 0.6)
  })
  const alike = isNamed || isWorded
  return { named: isNamed || (names.length === 0 && alike), alike }
}
