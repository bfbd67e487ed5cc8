/**
 * What expressions mean, told once more and as simply as can be: over trees, never over text, with numbers as scaled integers.
 * The product's parser and evaluator are compared with it on generated cases.
 */
import fc from 'fast-check'

/** As on the wire; a test's own, so that it shares nothing with what it tests. */
export type Wire = Record<string, unknown>
export type WireItem = Record<string, Wire>

/** A decimal of up to twelve places, by its spelling. */
export function scaled(spelling: string): bigint {
  const [, sign, whole = '', fraction = '', power = '0'] =
    /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(spelling) ?? []
  const shift = 12 - fraction.length + Number(power)
  const digits = BigInt(whole + fraction)
  const value = shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift)
  return sign === '-' ? -value : value
}

export function spelled(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString().padStart(13, '0')
  const fraction = digits.slice(-12).replace(/0+$/, '')
  return `${value < 0n ? '-' : ''}${digits.slice(0, -12)}${fraction && `.${fraction}`}`
}

export type Term = { value: Wire } | { path: (string | number)[] } | { size: (string | number)[] }

interface Comparison {
  op: '=' | '<>' | '<' | '<=' | '>' | '>='
  left: Term
  right: Term
}

interface Call {
  op: 'type' | 'begins' | 'contains'
  path: (string | number)[]
  value: Wire
}

export type Test =
  | Comparison
  | { op: 'between'; of: Term; low: Term; high: Term }
  | { op: 'in'; of: Term; choices: Term[] }
  | { op: 'exists' | 'missing'; path: (string | number)[] }
  | Call
  | { op: 'and' | 'or'; all: [Test, Test] }
  | { op: 'not'; test: Test }

export const at = (item: WireItem, path: (string | number)[]): Wire | undefined =>
  path.reduce<Wire | undefined>(
    (value, part) => {
      if (typeof part === 'number') return (value?.L as Wire[] | undefined)?.[part]
      return (value?.M as WireItem | undefined)?.[part]
    },
    { M: item },
  )

function termOf(item: WireItem, term: Term): Wire | undefined {
  if ('value' in term) return term.value
  if ('path' in term) return at(item, term.path)
  const value = at(item, term.size)
  if (!value) return undefined
  const [type, content] = Object.entries(value)[0] as [string, { length: number; byteLength?: number }]
  if (['N', 'BOOL', 'NULL'].includes(type)) return undefined
  return { N: String(type === 'M' ? Object.keys(content).length : content.length) }
}

/** Equal values have one text. */
export function textOf(value: Wire): string {
  const [type, content] = Object.entries(value)[0] as [string, never]
  if (type === 'N') return `N${scaled(content)}`
  if (type === 'B') return `B${Buffer.from(content).toString('hex')}`
  if (type === 'L') return `L[${(content as Wire[]).map(textOf).join(',')}]`
  if (type === 'M') {
    const members = Object.entries(content as WireItem).map(
      ([name, member]) => `${JSON.stringify(name)}:${textOf(member)}`,
    )
    return `M{${members.sort().join(',')}}`
  }
  if (type.length === 2) {
    const members = (content as unknown[]).map((member) => textOf({ [type[0] as string]: member }))
    return `${type}<${members.sort().join(',')}>`
  }
  return `${type}${JSON.stringify(content)}`
}

function order(left: Wire, right: Wire): number | undefined {
  if ('N' in left && 'N' in right) {
    const [a, b] = [scaled(left.N as string), scaled(right.N as string)]
    return a < b ? -1 : a > b ? 1 : 0
  }
  if ('S' in left && 'S' in right) return Buffer.from(left.S as string).compare(Buffer.from(right.S as string))
  if ('B' in left && 'B' in right) return Buffer.from(left.B as Uint8Array).compare(right.B as Uint8Array)
  return undefined
}

function compare(op: string, left: Wire | undefined, right: Wire | undefined): boolean {
  const same = left !== undefined && right !== undefined && textOf(left) === textOf(right)
  if (op === '<>') return !same
  if (op === '=') return same
  const found = left && right && order(left, right)
  if (found === undefined) return false
  return { '<': found < 0, '<=': found <= 0, '>': found > 0, '>=': found >= 0 }[op] as boolean
}

export function holds(item: WireItem, test: Test): boolean {
  if (test.op === 'and') return test.all.every((one) => holds(item, one))
  if (test.op === 'or') return test.all.some((one) => holds(item, one))
  if (test.op === 'not') return !holds(item, test.test)
  if (test.op === 'exists' || test.op === 'missing')
    return (at(item, test.path) !== undefined) === (test.op === 'exists')
  if (test.op === 'between') {
    const of = termOf(item, test.of)
    return compare('>=', of, termOf(item, test.low)) && compare('<=', of, termOf(item, test.high))
  }
  if (test.op === 'in') return test.choices.some((choice) => compare('=', termOf(item, test.of), termOf(item, choice)))
  if ('value' in test) return calls(test.op, at(item, test.path), test.value)
  const { op, left, right } = test as Comparison
  return compare(op, termOf(item, left), termOf(item, right))
}

function calls(op: string, value: Wire | undefined, argument: Wire): boolean {
  if (!value) return false
  if (op === 'type') return Object.keys(value)[0] === argument.S
  const bytes = (one: Wire) => ('S' in one ? Buffer.from(one.S as string) : Buffer.from(one.B as Uint8Array))
  const isSame = Object.keys(value)[0] === Object.keys(argument)[0] && ('S' in value || 'B' in value)
  if (op === 'begins') return isSame && bytes(value).subarray(0, bytes(argument).length).equals(bytes(argument))
  if (isSame) return bytes(value).includes(bytes(argument))
  if ('L' in value) return (value.L as Wire[]).some((one) => textOf(one) === textOf(argument))
  const [type, members] = Object.entries(value)[0] as [string, unknown[]]
  const element = type.length === 2 ? (type[0] as string) : ''
  return element in argument && members.some((one) => textOf({ [element]: one }) === textOf(argument))
}

/** The expression's text, and what its placeholders stand for. */
export function written(test: Test) {
  const names: Record<string, string> = {}
  const values: WireItem = {}
  const value = (wire: Wire) => {
    const key = `:v${Object.keys(values).length}`
    values[key] = wire
    return key
  }
  const path = (parts: (string | number)[]) =>
    parts
      .map((part, index) => {
        if (typeof part === 'number') return `[${part}]`
        names[`#${part}`] = part
        return `${index > 0 ? '.' : ''}#${part}`
      })
      .join('')
  const term = (one: Term) => {
    if ('value' in one) return value(one.value)
    return 'path' in one ? path(one.path) : `size(${path(one.size)})`
  }
  const text = (one: Test): string => {
    if (one.op === 'and' || one.op === 'or') return one.all.map(part).join(` ${one.op.toUpperCase()} `)
    if (one.op === 'not') return `NOT ${part(one.test)}`
    if (one.op === 'exists') return `attribute_exists(${path(one.path)})`
    if (one.op === 'missing') return `attribute_not_exists (${path(one.path)})`
    if (one.op === 'between') return `${term(one.of)} BETWEEN ${term(one.low)} AND ${term(one.high)}`
    if (one.op === 'in') return `${term(one.of)} IN (${one.choices.map(term).join(', ')})`
    if ('left' in one) return `${term(one.left)} ${one.op} ${term(one.right)}`
    const { op, path: of, value: argument } = one as Call
    const name = { type: 'attribute_type', begins: 'begins_with', contains: 'contains' }[op]
    return `${name}(${path(of)}, ${value(argument)})`
  }
  const part = (one: Test) => (['and', 'or', 'not'].includes(one.op) ? `(${text(one)})` : text(one))
  return { text: text(test), names, values }
}

const name = fc.constantFrom('a', 'b', 'c', 'd')
export const number = fc
  .tuple(fc.integer({ min: -2000, max: 2000 }), fc.constantFrom(0, 1, 3), fc.constantFrom('', 'e0', 'e2', 'E-3'))
  .map(([digits, places, power]) => `${(digits / 10 ** places).toFixed(places)}${power}`)
const string = fc.constantFrom('', 'a', 'ab', 'abc', 'é', 'z\u{1F600}', '\uFFFD', 'Z')
const bytes = fc.uint8Array({ maxLength: 3 })
const scalar: fc.Arbitrary<Wire> = fc.oneof(
  number.map((N) => ({ N })),
  string.map((S) => ({ S })),
  bytes.map((B) => ({ B })),
  fc.boolean().map((BOOL) => ({ BOOL })),
  fc.constant({ NULL: true }),
)
const set: fc.Arbitrary<Wire> = fc.oneof(
  fc.uniqueArray(number, { minLength: 1, maxLength: 4, selector: (one) => String(scaled(one)) }).map((NS) => ({ NS })),
  fc.uniqueArray(fc.constantFrom('a', 'b', 'ab', 'c'), { minLength: 1, maxLength: 3 }).map((SS) => ({ SS })),
  fc.uniqueArray(bytes, { minLength: 1, maxLength: 3, selector: (one) => one.join() }).map((BS) => ({ BS })),
)
export const value: fc.Arbitrary<Wire> = fc.letrec<{ value: Wire }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { arbitrary: scalar, weight: 4 },
    { arbitrary: set, weight: 2 },
    { arbitrary: fc.array(tie('value'), { maxLength: 3 }).map((L) => ({ L })), weight: 1 },
    { arbitrary: fc.dictionary(name, tie('value'), { maxKeys: 3 }).map((M) => ({ M })), weight: 1 },
  ),
})).value
export const item: fc.Arbitrary<WireItem> = fc.dictionary(name, value, { maxKeys: 4 })
export const path = fc
  .tuple(name, fc.array(fc.oneof(name, fc.integer({ min: 0, max: 3 })), { maxLength: 2 }))
  .map(([first, rest]) => [first, ...rest])
const term: fc.Arbitrary<Term> = fc.oneof(
  { arbitrary: path.map((one) => ({ path: one })), weight: 3 },
  { arbitrary: value.map((one) => ({ value: one })), weight: 3 },
  { arbitrary: path.map((size) => ({ size })), weight: 1 },
)
const texts = fc.oneof(
  string.map((S) => ({ S })),
  bytes.map((B) => ({ B })),
)
const types = fc.constantFrom('S', 'N', 'B', 'BOOL', 'NULL', 'L', 'M', 'SS', 'NS', 'BS').map((S) => ({ S }))
const op = fc.constantFrom('=', '<>', '<', '<=', '>', '>=') as fc.Arbitrary<'='>
export const test: fc.Arbitrary<Test> = fc.letrec<{ test: Test }>((tie) => ({
  test: fc.oneof(
    { maxDepth: 4 },
    { arbitrary: fc.record({ op, left: term, right: term }), weight: 4 },
    { arbitrary: fc.record({ op: fc.constant('between' as const), of: term, low: term, high: term }), weight: 1 },
    {
      arbitrary: fc.record({
        op: fc.constant('in' as const),
        of: term,
        choices: fc.array(term, { minLength: 1, maxLength: 4 }),
      }),
      weight: 1,
    },
    { arbitrary: fc.record({ op: fc.constantFrom('exists' as const, 'missing' as const), path }), weight: 1 },
    { arbitrary: fc.record({ op: fc.constant('type' as const), path, value: types }), weight: 1 },
    { arbitrary: fc.record({ op: fc.constant('begins' as const), path, value: texts }), weight: 1 },
    { arbitrary: fc.record({ op: fc.constant('contains' as const), path, value: scalar }), weight: 1 },
    {
      arbitrary: fc.record({
        op: fc.constantFrom('and' as const, 'or' as const),
        all: fc.tuple(tie('test'), tie('test')) as fc.Arbitrary<[Test, Test]>,
      }),
      weight: 3,
    },
    { arbitrary: fc.record({ op: fc.constant('not' as const), test: tie('test') }), weight: 1 },
  ),
})).test
