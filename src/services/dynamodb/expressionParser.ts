/**
 * Reads condition, filter, key, projection and update expressions into trees. Names and values are put in their places
 * while reading; what was used is noted, since AWS refuses a placeholder that no expression uses.
 */
import { reservedWords } from './data/reservedWords.ts'
import { type ExpressionKind, syntaxError, type Token, tokensOf } from './expressionTokens.ts'
import { checkedValue, type Item, invalid, typeOf, type Value } from './values.ts'

export type Path = readonly (string | number)[]

export type Operand = { kind: 'path'; path: Path } | { kind: 'value'; value: Value } | { kind: 'size'; of: Operand }

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>='

export type Condition =
  | { kind: 'compare'; comparator: Comparator; left: Operand; right: Operand }
  | { kind: 'between'; value: Operand; low: Operand; high: Operand }
  | { kind: 'in'; value: Operand; choices: Operand[] }
  | { kind: 'and' | 'or'; left: Condition; right: Condition }
  | { kind: 'not'; condition: Condition }
  | { kind: 'exists'; path: Path; wanted: boolean }
  | { kind: 'type' | 'begins' | 'contains'; operands: readonly [Operand, Operand] }

const depthMax = 300
const inMax = 100
const comparators = new Set(['=', '<>', '<', '<=', '>', '>='])
const arities: Record<string, number> = {
  attribute_exists: 1,
  attribute_not_exists: 1,
  attribute_type: 2,
  begins_with: 2,
  contains: 2,
  size: 1,
}

/** The request's ExpressionAttributeNames and Values, and which of them its expressions used. */
export class Placeholders {
  readonly #names: Record<string, string> | undefined
  readonly #values: Item | undefined
  readonly #used = new Set<string>()

  constructor(
    names: Record<string, string> | undefined,
    values: Item | undefined,
    expressions: readonly (string | undefined)[],
  ) {
    const hasExpression = expressions.some((text) => text !== undefined)
    if (names && !hasExpression) throw invalid('ExpressionAttributeNames can only be specified when using expressions')
    if (values && !hasExpression)
      throw invalid('ExpressionAttributeValues can only be specified when using expressions')
    if (names && Object.keys(names).length === 0) throw invalid('ExpressionAttributeNames must not be empty')
    if (values && Object.keys(values).length === 0) throw invalid('ExpressionAttributeValues must not be empty')
    for (const key in names) checkPlaceholder('ExpressionAttributeNames', key, /^#\w+$/)
    for (const key in values) checkPlaceholder('ExpressionAttributeValues', key, /^:\w+$/)
    this.#names = names
    this.#values = values
  }

  name(kind: ExpressionKind, reference: string): string {
    const name = this.#names && Object.hasOwn(this.#names, reference) ? this.#names[reference] : undefined
    if (name === undefined) {
      throw invalid(
        `Invalid ${kind}: An expression attribute name used in the document path is not defined; attribute name: ${reference}`,
      )
    }
    this.#used.add(reference)
    return name
  }

  value(kind: ExpressionKind, reference: string): Value {
    const value = this.#values && Object.hasOwn(this.#values, reference) ? this.#values[reference] : undefined
    if (value === undefined) {
      throw invalid(
        `Invalid ${kind}: An expression attribute value used in expression is not defined; attribute value: ${reference}`,
      )
    }
    this.#used.add(reference)
    return this.#checked(reference, value)
  }

  checkAllUsed(): void {
    for (const [what, given] of [
      ['Names', this.#names],
      ['Values', this.#values],
    ] as const) {
      const unused = Object.keys(given ?? {}).filter((key) => !this.#used.has(key))
      if (unused.length > 0) {
        throw invalid(
          `Value provided in ExpressionAttribute${what} unused in expressions: keys: {${unused.join(', ')}}`,
        )
      }
    }
  }

  #checked(reference: string, value: Value): Value {
    try {
      return checkedValue(value)
    } catch (error) {
      throw invalid(
        `ExpressionAttributeValues contains invalid value: ${(error as Error).message} for key ${reference}`,
      )
    }
  }
}

function checkPlaceholder(where: string, key: string, pattern: RegExp): void {
  if (!pattern.test(key)) throw invalid(`${where} contains invalid key: Syntax error; key: "${key}"`)
}

/** Walks the tokens of one expression; the grammars of updates and projections build on it. */
export class ExpressionParser {
  readonly kind: ExpressionKind
  readonly #tokens: readonly Token[]
  readonly #placeholders: Placeholders
  #at = 0
  #depth = 0

  constructor(kind: ExpressionKind, text: string, placeholders: Placeholders) {
    this.kind = kind
    this.#tokens = tokensOf(kind, text)
    this.#placeholders = placeholders
  }

  get next(): Token {
    return this.#tokens[this.#at] as Token
  }

  take(): Token {
    return this.#tokens[this.#at++] as Token
  }

  takes(text: string): boolean {
    const found = this.next.kind === 'symbol' ? this.next.text === text : this.#isWord(text)
    if (found) this.#at++
    return found
  }

  expect(text: string): void {
    if (!this.takes(text)) throw this.syntaxError()
  }

  syntaxError(): Error {
    return syntaxError(this.kind, this.#tokens, this.#at)
  }

  expectEnd(): void {
    if (this.next.kind !== 'end') throw this.syntaxError()
  }

  refuse(what: string): Error {
    return invalid(`Invalid ${this.kind}: ${what}`)
  }

  isCall(): boolean {
    return this.next.kind === 'name' && this.#tokens[this.#at + 1]?.text === '('
  }

  value(): Value {
    return this.#placeholders.value(this.kind, this.take().text)
  }

  path(): Path {
    const path: (string | number)[] = [this.#name()]
    for (;;) {
      if (this.takes('.')) path.push(this.#name())
      else if (this.takes('[')) {
        if (this.next.kind !== 'number') throw this.syntaxError()
        path.push(Number(this.take().text))
        this.expect(']')
      } else return path
    }
  }

  condition(): Condition {
    const condition = this.#or()
    this.expectEnd()
    return condition
  }

  /** Words are written in any case: `and`, `AND`. */
  #isWord(text: string): boolean {
    return /^[A-Z]/.test(text) && this.next.kind === 'name' && this.next.text.toUpperCase() === text
  }

  #name(): string {
    const { kind, text } = this.next
    if (kind === 'nameRef') return this.#placeholders.name(this.kind, this.take().text)
    if (kind !== 'name') throw this.syntaxError()
    if (reservedWords.has(text.toUpperCase())) {
      throw this.refuse(`Attribute name is a reserved keyword; reserved keyword: ${text}`)
    }
    return this.take().text
  }

  #or(): Condition {
    let left = this.#and()
    while (this.takes('OR')) left = { kind: 'or', left, right: this.#and() }
    return left
  }

  #and(): Condition {
    let left = this.#not()
    while (this.takes('AND')) left = { kind: 'and', left, right: this.#not() }
    return left
  }

  #not(): Condition {
    if (++this.#depth > depthMax) throw this.refuse('The expression contains too many nested conditions')
    try {
      return this.takes('NOT') ? { kind: 'not', condition: this.#not() } : this.#primary()
    } finally {
      this.#depth--
    }
  }

  #primary(): Condition {
    if (this.takes('(')) {
      const doubled = this.next.text === '('
      const inner = this.#or()
      const closedAt = this.#at
      this.expect(')')
      if (doubled && this.#tokens[closedAt - 1]?.text === ')' && this.#wrapsWhole(closedAt)) {
        throw this.refuse('The expression has redundant parentheses;')
      }
      return inner
    }
    if (this.isCall() && this.next.text !== 'size') return this.#call()
    return this.#comparison()
  }

  /** Whether the parenthesis that closes before `closedAt` opens right after the one that `closedAt` closes. */
  #wrapsWhole(closedAt: number): boolean {
    const partner = (closing: number) => {
      let open = 0
      for (let at = closing; at >= 0; at--) {
        if (this.#tokens[at]?.text === ')') open++
        else if (this.#tokens[at]?.text === '(' && --open === 0) return at
      }
      return -1
    }
    return partner(closedAt - 1) === partner(closedAt) + 1
  }

  #comparison(): Condition {
    const left = this.operand()
    if (this.takes('BETWEEN')) {
      const low = this.operand()
      this.expect('AND')
      const between: Condition = { kind: 'between', value: left, low, high: this.operand() }
      return between
    }
    if (this.takes('IN')) return { kind: 'in', value: left, choices: this.#choices() }
    if (!comparators.has(this.next.text)) throw this.syntaxError()
    const comparator = this.take().text as Comparator
    return this.#checkedComparison(comparator, left, this.operand())
  }

  #choices(): Operand[] {
    this.expect('(')
    const choices = [this.operand()]
    while (this.takes(',')) choices.push(this.operand())
    this.expect(')')
    if (choices.length > inMax) {
      throw this.refuse(`The IN operator is provided with too many operands; number of operands: ${choices.length}`)
    }
    return choices
  }

  #checkedComparison(comparator: Comparator, left: Operand, right: Operand): Condition {
    if (left.kind === 'path' && right.kind === 'path' && isSamePath(left.path, right.path)) {
      throw this.refuse(
        `The first operand must be distinct from the remaining operands for this operator or function; operator: ${comparator}, first operand: ${shownPath(left.path)}`,
      )
    }
    if (comparator !== '=' && comparator !== '<>') {
      for (const operand of [left, right]) {
        if (operand.kind !== 'value' || ['S', 'N', 'B'].includes(typeOf(operand.value))) continue
        throw this.#wrongType(comparator, operand.value)
      }
    }
    return { kind: 'compare', comparator, left, right }
  }

  operand(): Operand {
    if (this.next.kind === 'valueRef') return { kind: 'value', value: this.value() }
    if (!this.isCall()) return { kind: 'path', path: this.path() }
    if (this.next.text !== 'size') {
      const name = this.next.text
      throw name in arities
        ? this.refuse(`The function is not allowed to be used this way in an expression; function: ${name}`)
        : this.refuse(`Invalid function name; function: ${name}`)
    }
    this.take()
    const [of] = this.#arguments('size')
    const operand = of as Operand
    if (operand.kind === 'value' && ['N', 'BOOL', 'NULL'].includes(typeOf(operand.value))) {
      throw this.#wrongType('size', operand.value)
    }
    return { kind: 'size', of: operand }
  }

  #arguments(name: string): Operand[] {
    this.expect('(')
    const operands = [this.operand()]
    while (this.takes(',')) operands.push(this.operand())
    this.expect(')')
    if (operands.length !== arities[name]) {
      throw this.refuse(
        `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${operands.length}`,
      )
    }
    return operands
  }

  #call(): Condition {
    const name = this.next.text
    if (!Object.hasOwn(arities, name)) throw this.refuse(`Invalid function name; function: ${name}`)
    this.take()
    const [first, second] = this.#arguments(name) as [Operand, Operand]
    if (name === 'attribute_exists' || name === 'attribute_not_exists') {
      if (first.kind !== 'path') {
        throw this.refuse(`Operator or function requires a document path; operator or function: ${name}`)
      }
      return { kind: 'exists', path: first.path, wanted: name === 'attribute_exists' }
    }
    this.#checkCall(name, second)
    const kind = ({ attribute_type: 'type', begins_with: 'begins', contains: 'contains' } as const)[name]
    return { kind: kind as 'type', operands: [first, second] }
  }

  #checkCall(name: string, second: Operand): void {
    if (second.kind !== 'value') return
    const { value } = second
    if (name === 'begins_with' && value.S === undefined && value.B === undefined) throw this.#wrongType(name, value)
    if (name !== 'attribute_type') return
    if (value.S === undefined) throw this.#wrongType(name, value)
    if (!['S', 'N', 'B', 'BOOL', 'NULL', 'L', 'M', 'SS', 'NS', 'BS'].includes(value.S)) {
      throw this.refuse(
        `Invalid attribute type name found; type: ${value.S}, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}`,
      )
    }
  }

  #wrongType(name: string, value: Value): Error {
    return this.refuse(
      `Incorrect operand type for operator or function; operator or function: ${name}, operand type: ${typeOf(value)}`,
    )
  }
}

export function isSamePath(left: Path, right: Path): boolean {
  return left.length === right.length && left.every((part, at) => part === right[at])
}

/** As AWS shows it: `[map, list, [0]]`. */
export function shownPath(path: Path): string {
  return `[${path.map((part) => (typeof part === 'number' ? `[${part}]` : part)).join(', ')}]`
}
