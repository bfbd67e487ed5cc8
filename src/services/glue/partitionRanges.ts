/**
 * Where in the order of their values the partitions lie that an expression can let through. Partitions are kept by their
 * values' text, so a condition on a key is one or a few ranges of text; a range may hold more than is wanted, never less.
 */
export interface TextRange {
  /** Both included. */
  low: string
  high: string
}

/** By a key's index; a key that is not in it may have any value. */
export type Bounds = ReadonlyMap<number, readonly TextRange[]>

export const unbounded: Bounds = new Map()

/** Greater than whatever begins with the text before it. */
const last = '\uffff'

export const all: TextRange = { low: '', high: last }

export function both(one: Bounds, other: Bounds): Bounds {
  const merged = new Map(one)
  for (const [key, ranges] of other) {
    const there = merged.get(key)
    merged.set(key, there ? intersection(there, ranges) : ranges)
  }
  return merged
}

export function either(one: Bounds, other: Bounds): Bounds {
  const merged = new Map<number, readonly TextRange[]>()
  for (const [key, ranges] of one) {
    const more = other.get(key)
    if (more) merged.set(key, union([...ranges, ...more]))
  }
  return merged
}

function intersection(ones: readonly TextRange[], others: readonly TextRange[]): TextRange[] {
  const found = ones.flatMap((one) =>
    others.map((other) => ({
      low: later(one.low, other.low),
      high: earlier(one.high, other.high),
    })),
  )
  return union(found.filter(({ low, high }) => low <= high))
}

const earlier = (...texts: [string, string]) => texts.sort()[0] as string
const later = (...texts: [string, string]) => texts.sort()[1] as string

/** In order, and apart from each other. */
export function union(ranges: readonly TextRange[]): TextRange[] {
  const merged: TextRange[] = []
  for (const range of [...ranges].sort((a, b) => (a.low < b.low ? -1 : a.low > b.low ? 1 : 0))) {
    const before = merged.at(-1)
    if (before && range.low <= before.high) before.high = later(before.high, range.high)
    else merged.push({ ...range })
  }
  return merged
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: plain text is what orders alike everywhere
const plain = /^[\x00-\x7f]*$/

/** Of a key that compares as text. Undefined: any value. */
export function textRanges(sign: string, literal: string): TextRange[] | undefined {
  // Beyond ASCII the order of UTF-8 is not that of JavaScript.
  if (!plain.test(literal)) return undefined
  switch (sign) {
    case '=':
      return [{ low: literal, high: literal }]
    case '<':
    case '<=':
      return [{ low: '', high: literal }]
    case '>':
    case '>=':
      return [{ low: literal, high: last }]
    default:
      return undefined
  }
}

export function prefixRange(prefix: string): TextRange[] | undefined {
  return plain.test(prefix) && prefix !== '' ? [{ low: prefix, high: prefix + last }] : undefined
}

/** Values that do not begin with a digit other than zero: `05`, `-5`, `+5`, `.5`, a null's name. */
const oddNumbers: TextRange[] = [
  { low: '', high: `0${last}` },
  { low: ':', high: last },
]

/** Of a key of whole numbers: the numbers of each length order as their texts do. */
export function wholeRanges(sign: string, literal: string): TextRange[] | undefined {
  if (!/^(0|[1-9]\d{0,18})$/.test(literal)) return undefined
  if (sign === '=') return union([...oddNumbers, { low: literal, high: literal + last }])
  if (sign === '<' || sign === '<=') return union([...oddNumbers, ...ofLengths('0', literal)])
  // What is greater may have any number of digits.
  if (sign === '>' || sign === '>=') return union([...oddNumbers, ...ofLengths(literal, '9'.repeat(20))])
  return undefined
}

function ofLengths(from: string, to: string): TextRange[] {
  const ranges: TextRange[] = []
  for (let digits = from.length; digits <= to.length; digits++) {
    const low = digits === from.length ? from : `1${'0'.repeat(digits - 1)}`
    const high = digits === to.length ? to : '9'.repeat(digits)
    ranges.push({ low, high: high + last })
  }
  return ranges
}
