/**
 * The pattern language once more, as plainly as it can be said: parsed JSON, no index, no skipping, one leaf after
 * the other over all values. It shares no code with the engine; the engine is held against it.
 */
type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type Found = { value: Json; elements: Map<Json[], number> }
type Condition = Map<string, Json[]>

type Fields = { path: string; found: Found }[]

export function referenceMatches(pattern: string, event: string): boolean {
  return referenceMatcher(event)(pattern)
}

/** One event, to be asked of many patterns. */
export function referenceMatcher(event: string): (pattern: string) => boolean {
  const fields: Fields = []
  collect(JSON.parse(event) as Json, [], new Map(), fields)
  return (pattern) => matches(pattern, fields)
}

function matches(pattern: string, fields: Fields): boolean {
  return conditions(JSON.parse(pattern) as { [key: string]: Json }, [], [new Map()]).some((condition) =>
    holds(
      [...condition].sort(([left], [right]) => (left < right ? -1 : 1)),
      fields,
      new Map(),
    ),
  )
}

function conditions(pattern: { [key: string]: Json }, path: string[], sofar: Condition[]): Condition[] {
  let result = sofar
  for (const [key, value] of Object.entries(pattern)) {
    if (key === '$or') {
      const alternatives = value as { [key: string]: Json }[]
      result = alternatives.flatMap((alternative) =>
        conditions(
          alternative,
          path,
          result.map((map) => new Map(map)),
        ),
      )
    } else if (Array.isArray(value)) for (const map of result) map.set([...path, key].join('.'), value)
    else result = conditions(value as { [key: string]: Json }, [...path, key], result)
  }
  return result
}

function collect(value: Json, path: string[], elements: Map<Json[], number>, into: Fields) {
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      const isScalar = item === null || typeof item !== 'object'
      collect(item, path, isScalar ? elements : new Map([...elements, [value, index]]), into)
    })
  } else if (value !== null && typeof value === 'object') {
    for (const [key, child] of Object.entries(value)) collect(child, [...path, key], elements, into)
  } else into.push({ path: path.join('.'), found: { value, elements } })
}

function holds(rest: [string, Json[]][], fields: Fields, reached: Map<Json[], number>): boolean {
  const [first, ...others] = rest
  if (!first) return true
  const [path, wanted] = first
  const reachable = fields.filter(
    ({ path: other, found }) =>
      other === path && [...found.elements].every(([array, index]) => (reached.get(array) ?? index) === index),
  )
  if (reachable.length === 0 && wanted.some((want) => isObject(want) && want.exists === false)) {
    if (holds(others, fields, reached)) return true
  }
  return reachable.some(
    ({ found }) =>
      wanted.some((want) => satisfies(found.value, want)) &&
      holds(others, fields, new Map([...reached, ...found.elements])),
  )
}

function satisfies(value: Json, want: Json): boolean {
  if (!isObject(want)) return value === want || (typeof want === 'string' && sameAddress(value, want))
  const [[operator, operand]] = Object.entries(want) as [[string, Json]]
  switch (operator) {
    case 'exists':
      return operand === true
    case 'numeric':
      return typeof value === 'number' && inRange(value, operand as Json[])
    case 'anything-but':
      return !list(operand).some((barred) => (isObject(operand) ? violates(value, operand) : value === barred))
    case 'cidr':
      return typeof value === 'string' && inBlock(value, operand as string)
    default:
      return typeof value === 'string' && textSatisfies(value, operator, operand)
  }
}

function violates(value: Json, operand: { [key: string]: Json }): boolean {
  const [[operator, barred]] = Object.entries(operand) as [[string, Json]]
  return typeof value === 'string' && list(barred).some((text) => textSatisfies(value, operator, text))
}

function textSatisfies(value: string, operator: string, operand: Json): boolean {
  if (isObject(operand)) {
    const text = operand['equals-ignore-case'] as string
    return slices(value, operator).some((slice) => sameFolded(text, slice))
  }
  const text = operand as string
  if (operator === 'prefix') return value.slice(0, text.length) === text
  if (operator === 'suffix') return text === '' || value.slice(-text.length) === text
  if (operator === 'equals-ignore-case') return sameFolded(text, value)
  return wildcard(value, text)
}

function slices(value: string, operator: string): string[] {
  return Array.from({ length: value.length + 1 }, (_, at) =>
    operator === 'prefix' ? value.slice(0, at) : value.slice(at),
  )
}

function sameFolded(pattern: string, value: string): boolean {
  if (pattern === '') return value === ''
  const character = pattern[0] as string
  return [character.toLowerCase(), character.toUpperCase()].some(
    (form) => value.startsWith(form) && sameFolded(pattern.slice(1), value.slice(form.length)),
  )
}

function wildcard(value: string, text: string): boolean {
  if (text === '') return value === ''
  if (text[0] === '*') return wildcard(value, text.slice(1)) || (value !== '' && wildcard(value.slice(1), text))
  const literal = text[0] === '\\' ? text[1] : text[0]
  return value[0] === literal && wildcard(value.slice(1), text.slice(text[0] === '\\' ? 2 : 1))
}

function inRange(value: number, range: Json[]): boolean {
  const [operator, bound, ...rest] = range as [string, number, ...Json[]]
  const isIn = {
    '=': value === bound,
    '<': value < bound,
    '<=': value <= bound,
    '>': value > bound,
    '>=': value >= bound,
  }
  return isIn[operator as '='] === true && (rest.length === 0 || inRange(value, rest))
}

function inBlock(value: string, block: string): boolean {
  const [address = '', bits = ''] = block.split('/')
  const [one, other] = [ipv4(value), ipv4(address)]
  if (one === undefined || other === undefined) return false
  const size = 2 ** (32 - Number(bits))
  return Math.floor(one / size) === Math.floor(other / size)
}

function sameAddress(value: Json, want: string): boolean {
  return typeof value === 'string' && ipv4(want) !== undefined && ipv4(value) === ipv4(want)
}

function ipv4(text: string): number | undefined {
  if (!/^\d+\.\d+\.\d+\.\d+$/.test(text)) return undefined
  return text.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0)
}

function list(value: Json): Json[] {
  return Array.isArray(value) ? value : [value]
}

function isObject(value: Json): value is { [key: string]: Json } {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
