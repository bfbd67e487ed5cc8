/**
 * Expressions of GetPartitions: comparisons of partition keys with AND, OR, NOT, IN, BETWEEN, LIKE, IS NULL. Each is
 * compiled to a function over a partition's values, and to the ranges that the values must lie in; keys compare as their
 * type says: numbers, dates or text.
 */
import type { Column } from '@aws-sdk/client-glue'
import { awsErrors } from '../../wire/errors.ts'
import {
  type Bounds,
  both,
  either,
  prefixRange,
  type TextRange,
  textRanges,
  unbounded,
  union,
  wholeRanges,
} from './partitionRanges.ts'

const { InvalidInputException } = awsErrors('glue')

type Test = (values: readonly string[]) => boolean

export interface PartitionFilter {
  test: Test
  /** Where the values lie that can pass. */
  bounds: Bounds
}

/** An empty expression lets everything through. Errors: InvalidInputException, with what was not understood. */
export function partitionFilter(expression: string, keys: readonly Column[]): PartitionFilter {
  if (expression.trim() === '') return { test: () => true, bounds: unbounded }
  const parser = new Parser(tokensOf(expression), keys)
  const filter = parser.alternatives()
  parser.mustBeAtEnd()
  return filter
}

type Token = { kind: 'word' | 'text' | 'number' | 'sign'; text: string }

const tokenForm =
  /\s*(?:(?<text>'(?:[^']|'')*'|"(?:[^"]|"")*")|(?<number>-?\d+(?:\.\d+)?(?![\w]))|(?<word>`[^`]+`|[A-Za-z_][\w.]*)|(?<sign><>|!=|<=|>=|[=<>(),]))/y

function tokensOf(expression: string): Token[] {
  const tokens: Token[] = []
  const form = new RegExp(tokenForm.source, 'y')
  const end = expression.trimEnd().length
  while (form.lastIndex < end) {
    const at = form.lastIndex
    const groups = form.exec(expression)?.groups
    if (!groups) throw invalid(`unexpected text at ${JSON.stringify(expression.slice(at, at + 20))}`)
    const { text, number, word, sign } = groups
    if (text !== undefined) tokens.push({ kind: 'text', text: unquoted(text) })
    else if (number !== undefined) tokens.push({ kind: 'number', text: number })
    else if (word !== undefined) tokens.push({ kind: 'word', text: word.replace(/^`|`$/g, '') })
    else tokens.push({ kind: 'sign', text: sign as string })
  }
  return tokens
}

function unquoted(text: string): string {
  const quote = text[0] as string
  return text.slice(1, -1).replaceAll(quote + quote, quote)
}

function invalid(why: string): Error {
  return InvalidInputException(`Unsupported expression: ${why}`)
}

class Parser {
  readonly #tokens: Token[]
  readonly #keys: readonly Column[]
  #at = 0

  constructor(tokens: Token[], keys: readonly Column[]) {
    this.#tokens = tokens
    this.#keys = keys
  }

  alternatives(): PartitionFilter {
    const parts = [this.#conjunction()]
    while (this.#takeWord('OR')) parts.push(this.#conjunction())
    const bounds = parts.map((part) => part.bounds).reduce(either)
    return { test: (values) => parts.some((part) => part.test(values)), bounds }
  }

  mustBeAtEnd(): void {
    const left = this.#tokens[this.#at]
    if (left) throw invalid(`unexpected ${left.text}`)
  }

  #conjunction(): PartitionFilter {
    const parts = [this.#negation()]
    while (this.#takeWord('AND')) parts.push(this.#negation())
    const bounds = parts.map((part) => part.bounds).reduce(both)
    return { test: (values) => parts.every((part) => part.test(values)), bounds }
  }

  #negation(): PartitionFilter {
    if (this.#takeWord('NOT')) {
      return negatedIf(true, this.#negation())
    }
    if (this.#takeSign('(')) {
      const part = this.alternatives()
      this.#mustTakeSign(')')
      return part
    }
    return this.#comparison()
  }

  #comparison(): PartitionFilter {
    const first = this.#next()
    // `'2025' = year` is as good as `year = '2025'`.
    if (first.kind !== 'word') {
      const sign = this.#next().text
      const key = this.#keyNamed(this.#next())
      return compared(key, mirrored[sign] ?? sign, first.text)
    }
    const key = this.#keyNamed(first)
    const negated = this.#takeWord('NOT')
    if (this.#takeWord('IN')) return negatedIf(negated, this.#membership(key))
    if (this.#takeWord('BETWEEN')) {
      const from = this.#literal()
      if (!this.#takeWord('AND')) throw invalid('BETWEEN without AND')
      const to = this.#literal()
      const [low, high] = [compared(key, '>=', from), compared(key, '<=', to)]
      const test: Test = (values) => low.test(values) && high.test(values)
      return negatedIf(negated, { test, bounds: both(low.bounds, high.bounds) })
    }
    if (this.#takeWord('LIKE')) {
      const literal = this.#literal()
      const pattern = likePattern(literal)
      const ranges = prefixRange(literal.replace(/[%_].*/s, ''))
      return negatedIf(
        negated,
        bounded(key, (values) => pattern.test(values[key.index] ?? ''), ranges),
      )
    }
    if (this.#takeWord('IS')) {
      const not = this.#takeWord('NOT')
      if (!this.#takeWord('NULL')) throw invalid('IS without NULL')
      const test: Test = (values) => values[key.index] === hiveNull
      return negatedIf(not, bounded(key, test, textRanges('=', hiveNull)))
    }
    if (negated) throw invalid(`NOT after ${first.text}`)
    return compared(key, this.#next().text, this.#literal())
  }

  #membership(key: Key): PartitionFilter {
    this.#mustTakeSign('(')
    const wanted = [this.#literal()]
    while (this.#takeSign(',')) wanted.push(this.#literal())
    this.#mustTakeSign(')')
    const each = wanted.map((literal) => key.ranges('=', literal))
    const ranges = each.every((one) => one !== undefined) ? union(each.flat()) : undefined
    return bounded(key, (values) => wanted.some((literal) => key.compare(values, literal) === 0), ranges)
  }

  #literal(): string {
    const token = this.#next()
    // DATE '2025-10-20', TIMESTAMP '…': the type is the key's in any case.
    if (token.kind === 'word' && /^(date|timestamp)$/i.test(token.text)) return this.#literal()
    if (token.kind !== 'text' && token.kind !== 'number') throw invalid(`expected a value, found ${token.text}`)
    return token.text
  }

  #keyNamed(token: Token): Key {
    const index = this.#keys.findIndex((key) => key.Name?.toLowerCase() === token.text.toLowerCase())
    if (token.kind !== 'word' || index < 0) throw invalid(`${token.text} is not a partition key`)
    const type = this.#keys[index]?.Type ?? 'string'
    return { index, compare: comparison(index, type), ranges: rangesOf(type) }
  }

  #next(): Token {
    const token = this.#tokens[this.#at++]
    if (!token) throw invalid('it ends too early')
    return token
  }

  #takeWord(word: string): boolean {
    const token = this.#tokens[this.#at]
    const is = token?.kind === 'word' && token.text.toUpperCase() === word
    if (is) this.#at += 1
    return is
  }

  #takeSign(sign: string): boolean {
    const token = this.#tokens[this.#at]
    const is = token?.kind === 'sign' && token.text === sign
    if (is) this.#at += 1
    return is
  }

  #mustTakeSign(sign: string): void {
    if (!this.#takeSign(sign)) throw invalid(`expected ${sign}`)
  }
}

/** How Hive writes a null partition value. */
const hiveNull = '__HIVE_DEFAULT_PARTITION__'

interface Key {
  index: number
  compare: (values: readonly string[], literal: string) => number
  ranges: (sign: string, literal: string) => TextRange[] | undefined
}

const mirrored: Record<string, string> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=' }
const numeric = /^(tinyint|smallint|int|integer|bigint|long|float|double|decimal.*)$/i

function comparison(index: number, type: string): Key['compare'] {
  if (!numeric.test(type)) return (values, literal) => order(values[index] ?? '', literal)
  if (!isWhole(type)) return (values, literal) => order(Number(values[index] ?? ''), Number(literal))
  return (values, literal) => {
    const value = values[index] ?? ''
    if (!/^[+-]?\d+(\.0*)?$/.test(value)) return Number.NaN
    // Whole numbers may be larger than a double holds.
    const whole = /^-?\d+$/.test(value) && /^-?\d+$/.test(literal)
    return whole ? order(BigInt(value), BigInt(literal)) : order(Number(value), Number(literal))
  }
}

const isWhole = (type: string) => /int|long/i.test(type)

function rangesOf(type: string): Key['ranges'] {
  if (!numeric.test(type)) return textRanges
  return isWhole(type) ? wholeRanges : () => undefined
}

function order<T extends string | number | bigint>(one: T, other: T): number {
  return one < other ? -1 : one > other ? 1 : one === other ? 0 : Number.NaN
}

function compared(key: Key, sign: string, literal: string): PartitionFilter {
  const tests: Record<string, (difference: number) => boolean> = {
    '=': (difference) => difference === 0,
    '<>': (difference) => difference !== 0,
    '!=': (difference) => difference !== 0,
    '<': (difference) => difference < 0,
    '<=': (difference) => difference <= 0,
    '>': (difference) => difference > 0,
    '>=': (difference) => difference >= 0,
  }
  const test = tests[sign]
  if (!test) throw invalid(`unknown operator ${sign}`)
  return bounded(key, (values) => test(key.compare(values, literal)), key.ranges(sign, literal))
}

function bounded(key: Key, test: Test, ranges: TextRange[] | undefined): PartitionFilter {
  return { test, bounds: ranges ? new Map([[key.index, ranges]]) : unbounded }
}

function negatedIf(negated: boolean, { test, bounds }: PartitionFilter): PartitionFilter {
  return negated ? { test: (values) => !test(values), bounds: unbounded } : { test, bounds }
}

function likePattern(pattern: string): RegExp {
  const escaped = pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replaceAll('%', '.*').replaceAll('_', '.')}$`, 's')
}
