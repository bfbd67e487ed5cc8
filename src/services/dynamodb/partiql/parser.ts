/**
 * Reads PartiQL's values, paths and conditions, as far as DynamoDB has them, into the same trees as expressions are read
 * into (expressionParser.ts), so that one evaluator serves both. The statements themselves are in statements.ts.
 */
import type { Comparator, Condition, Operand, Path } from '../expressionParser.ts'
import { checkedValue, type Item, invalid, type Value } from '../values.ts'
import { malformed, type Token, tokensOf } from './tokens.ts'

const comparators: Record<string, Comparator> = {
  '=': '=',
  '<>': '<>',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
}
const depthMax = 100

export class PartiqlParser {
  readonly #tokens: readonly Token[]
  readonly #parameters: readonly Value[]
  #at = 0
  #used = 0
  #depth = 0

  constructor(statement: string, parameters: readonly Value[] = []) {
    this.#tokens = tokensOf(statement)
    this.#parameters = parameters
  }

  get next(): Token {
    return this.#tokens[this.#at] as Token
  }

  /** A word in any case, or a symbol. */
  takes(text: string): boolean {
    const { kind } = this.next
    const isHere = kind === 'symbol' ? this.next.text === text : kind === 'word' && this.#isWord(text)
    if (isHere) this.#at++
    return isHere
  }

  expect(...texts: string[]): void {
    for (const text of texts) if (!this.takes(text)) throw this.unexpected()
  }

  unexpected(): Error {
    return malformed(`Unexpected ${this.next.kind === 'end' ? 'end of statement' : `token: ${this.next.text}`}`)
  }

  expectEnd(): void {
    if (this.next.kind !== 'end') throw this.unexpected()
    if (this.#used === this.#parameters.length) return
    throw invalid("Number of parameters in request and statement don't match.")
  }

  name(): string {
    const { kind, text } = this.next
    if (kind !== 'word' && kind !== 'quoted') throw this.unexpected()
    this.#at++
    return text
  }

  path(): Path {
    const path: (string | number)[] = [this.name()]
    for (;;) {
      if (this.takes('.')) path.push(this.name())
      else if (this.takes('[')) {
        if (this.next.kind !== 'number' && this.next.kind !== 'string') throw this.unexpected()
        const { kind, text } = this.next
        this.#at++
        path.push(kind === 'number' ? Number(text) : text)
        this.expect(']')
      } else return path
    }
  }

  /** Undefined where no literal and no parameter comes next. */
  valueIfAny(): Value | undefined {
    const { kind, text } = this.next
    if (kind === 'string' || kind === 'number') {
      this.#at++
      return kind === 'string' ? { S: text } : checkedValue({ N: text })
    }
    if (this.takes('-')) return checkedValue({ N: `-${this.#number()}` })
    if (this.takes('?')) return this.#parameter()
    if (this.takes('TRUE')) return { BOOL: true }
    if (this.takes('FALSE')) return { BOOL: false }
    if (this.takes('NULL')) return { NULL: true }
    if (this.takes('[')) return { L: this.#values(']') }
    if (this.takes('<<')) return setOf(this.#values('>>'))
    return this.takes('{') ? { M: this.#members() } : undefined
  }

  value(): Value {
    const value = this.valueIfAny()
    if (!value) throw this.unexpected()
    return value
  }

  condition(): Condition {
    let left = this.#and()
    while (this.takes('OR')) left = { kind: 'or', left, right: this.#and() }
    return left
  }

  #number(): string {
    const { kind, text } = this.next
    if (kind !== 'number') throw this.unexpected()
    this.#at++
    return text
  }

  #parameter(): Value {
    const value = this.#parameters[this.#used++]
    if (value) return checkedValue(value)
    throw invalid("Number of parameters in request and statement don't match.")
  }

  #values(end: string): Value[] {
    const values: Value[] = []
    if (this.takes(end)) return values
    do values.push(this.#deeper(() => this.value()))
    while (this.takes(','))
    this.expect(end)
    return values
  }

  #members(): Item {
    const members: Item = {}
    if (this.takes('}')) return members
    do {
      const { kind, text } = this.next
      if (kind !== 'string' && kind !== 'quoted') throw this.unexpected()
      this.#at++
      this.expect(':')
      members[text] = this.#deeper(() => this.value())
    } while (this.takes(','))
    this.expect('}')
    return members
  }

  #deeper<T>(part: () => T): T {
    if (++this.#depth > depthMax) throw malformed('It is nested too deep')
    try {
      return part()
    } finally {
      this.#depth--
    }
  }

  #and(): Condition {
    let left = this.#not()
    while (this.takes('AND')) left = { kind: 'and', left, right: this.#not() }
    return left
  }

  #not(): Condition {
    return this.#deeper(() => (this.takes('NOT') ? { kind: 'not', condition: this.#not() } : this.#primary()))
  }

  #primary(): Condition {
    if (this.takes('(')) {
      const inner = this.condition()
      this.expect(')')
      return inner
    }
    return this.#call() ?? this.#comparison()
  }

  /** Functions that say yes or no. */
  #call(): Condition | undefined {
    const kind = { ATTRIBUTE_TYPE: 'type', BEGINS_WITH: 'begins', CONTAINS: 'contains' }[this.next.text.toUpperCase()]
    if (!kind || this.#tokens[this.#at + 1]?.text !== '(') return undefined
    this.#at += 2
    const first = this.#operand()
    this.expect(',')
    const second = this.#operand()
    this.expect(')')
    return { kind: kind as 'type', operands: [first, second] }
  }

  #comparison(): Condition {
    const left = this.#operand()
    if (this.takes('IS')) return this.#is(left)
    const isNot = this.takes('NOT')
    const condition = this.#ranged(left)
    if (condition) return isNot ? { kind: 'not', condition } : condition
    const comparator = comparators[this.next.text]
    if (isNot || !comparator || this.next.kind !== 'symbol') throw this.unexpected()
    this.#at++
    return { kind: 'compare', comparator, left, right: this.#operand() }
  }

  #ranged(value: Operand): Condition | undefined {
    if (this.takes('BETWEEN')) {
      const low = this.#operand()
      this.expect('AND')
      return { kind: 'between', value, low, high: this.#operand() }
    }
    if (!this.takes('IN')) return undefined
    const end = this.takes('[') ? ']' : ')'
    if (end === ')') this.expect('(')
    const choices = [this.#operand()]
    while (this.takes(',')) choices.push(this.#operand())
    this.expect(end)
    return { kind: 'in', value, choices }
  }

  #is(left: Operand): Condition {
    const isNot = this.takes('NOT')
    if (this.takes('MISSING')) {
      if (left.kind !== 'path') throw this.unexpected()
      return { kind: 'exists', path: left.path, wanted: isNot }
    }
    this.expect('NULL')
    return { kind: 'compare', comparator: isNot ? '<>' : '=', left, right: { kind: 'value', value: { NULL: true } } }
  }

  #operand(): Operand {
    if (this.next.kind === 'word' && this.#isWord('SIZE') && this.#tokens[this.#at + 1]?.text === '(') {
      this.#at += 2
      const of = this.#operand()
      this.expect(')')
      return { kind: 'size', of }
    }
    const value = this.valueIfAny()
    return value ? { kind: 'value', value } : { kind: 'path', path: this.path() }
  }

  #isWord(text: string): boolean {
    return this.next.text.toUpperCase() === text
  }
}

/** A bag of values of one type is a set. */
function setOf(values: readonly Value[]): Value {
  for (const type of ['S', 'N', 'B'] as const) {
    if (values.length === 0 || !values.every((value) => value[type] !== undefined)) continue
    return checkedValue({ [`${type}S`]: values.map((value) => value[type]) } as Value)
  }
  throw invalid('A set has one or more values, all strings, all numbers or all binary.')
}
