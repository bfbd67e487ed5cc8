/** Expressions: `or` binds loosest, then `and`, `not`, comparisons, sums, products, powers, signs. */
import type { BinaryOperator, Expression, FieldName, Query } from './ast.ts'
import { InsightsError } from './insightsError.ts'
import type { Token, Tokens } from './tokens.ts'

const comparisons = ['=', '!=', '<=', '>=', '<', '>']
const reserved = new Set(['and', 'or', 'not', 'in', 'like', 'as', 'by', 'asc', 'desc', 'into'])

export class ExpressionParser {
  readonly tokens: Tokens
  readonly #subquery: () => Query
  /** Whether `unmask` was called. */
  isUnmasked = false

  constructor(tokens: Tokens, subquery: () => Query) {
    this.tokens = tokens
    this.#subquery = subquery
  }

  expression(): Expression {
    return this.#chain(['or'], () => this.#chain(['and'], () => this.#negation()))
  }

  #chain(operators: string[], operand: () => Expression): Expression {
    let left = operand()
    for (;;) {
      const operator = operators.find((text) => this.tokens.is(text))
      if (operator === undefined) return left
      this.tokens.next()
      left = binary(operator, left, operand())
    }
  }

  #negation(): Expression {
    const { start } = this.tokens.peek()
    if (!this.tokens.accept('not')) return this.#comparison()
    const operand = this.#negation()
    return { kind: 'not', operand, start, end: operand.end }
  }

  #comparison(): Expression {
    const left = this.#sum()
    if (this.tokens.accept('=~')) return this.#like(left, false)
    if (this.tokens.accept('like')) return this.#like(left, false)
    if (this.tokens.accept('in')) return this.#in(left, false)
    if (this.tokens.accept('not')) {
      if (this.tokens.accept('like')) return this.#like(left, true)
      this.tokens.expect('in')
      return this.#in(left, true)
    }
    const operator = comparisons.find((text) => this.tokens.is(text))
    if (operator === undefined) return left
    this.tokens.next()
    return binary(operator, left, this.#sum())
  }

  #like(operand: Expression, isNegated: boolean): Expression {
    const pattern = this.pattern() ?? this.#sum()
    return { kind: 'like', operand, pattern, isNegated, start: operand.start, end: this.tokens.end }
  }

  /** `/…/` or a string. */
  pattern(): (Expression & { kind: 'string' | 'regex' }) | undefined {
    const regex = this.tokens.regex()
    if (regex) return { kind: 'regex', ...regex }
    const token = this.tokens.peek()
    if (token.kind !== 'string') return undefined
    this.tokens.next()
    return { kind: 'string', text: token.text, start: token.start, end: token.end }
  }

  #in(operand: Expression, isNegated: boolean): Expression {
    const span = () => ({ start: operand.start, end: this.tokens.end })
    if (this.tokens.accept('(')) {
      const query = this.#subquery()
      this.tokens.expect(')')
      return { kind: 'inQuery', operand, query, isNegated, ...span() }
    }
    this.tokens.expect('[')
    const items = this.tokens.is(']') ? [] : this.list()
    this.tokens.expect(']')
    return { kind: 'in', operand, items, isNegated, ...span() }
  }

  list(): Expression[] {
    const items = [this.expression()]
    while (this.tokens.accept(',')) items.push(this.expression())
    return items
  }

  #sum(): Expression {
    return this.#chain(['+', '-'], () => this.#chain(['*', '/', '%'], () => this.#power()))
  }

  #power(): Expression {
    const base = this.#sign()
    return this.tokens.accept('^') ? binary('^', base, this.#power()) : base
  }

  #sign(): Expression {
    const { start } = this.tokens.peek()
    if (!this.tokens.accept('-')) return this.primary()
    const operand = this.#sign()
    return { kind: 'negative', operand, start, end: operand.end }
  }

  primary(): Expression {
    const token = this.tokens.peek()
    if (token.kind === 'name') return this.#named(token)
    if (this.tokens.accept('(')) {
      const inner = this.expression()
      this.tokens.expect(')')
      return { ...inner, start: token.start, end: this.tokens.end }
    }
    const literal = literalOf(token)
    if (!literal) throw this.tokens.unexpected('an expression')
    this.tokens.next()
    return literal
  }

  #named(token: Token & { kind: 'name' }): Expression {
    if (!token.isQuoted && reserved.has(token.text.toLowerCase())) throw this.tokens.unexpected('an expression')
    this.tokens.next()
    const { start, end, text } = token
    if (!token.isQuoted && token.segments.length === 1 && this.tokens.is('(')) return this.#call(text, start)
    if (!token.isQuoted && /^(true|false)$/i.test(text)) {
      const value = text.toLowerCase() === 'true' ? 1 : 0
      return { kind: 'number', value, text: String(value), start, end }
    }
    return this.#indexes(token)
  }

  /** `users[1].action`: brackets must follow at once, so that `x in [1]` is none. */
  #indexes(token: Token & { kind: 'name' }): FieldName {
    const segments = [...token.segments]
    const isAdjacent = (text: string) => this.tokens.is(text) && this.tokens.peek().start === this.tokens.end
    for (;;) {
      if (isAdjacent('[')) {
        this.tokens.next()
        const index = this.tokens.next()
        if (index.kind !== 'number' && index.kind !== 'string') {
          throw new InsightsError("expected an index, such as '[0]'", index)
        }
        segments.push(index.text)
        this.tokens.expect(']')
      } else if (segments.length > token.segments.length && isAdjacent('.')) {
        this.tokens.next()
        segments.push(...this.tokens.name().segments)
      } else break
    }
    return { kind: 'field', name: segments.join('.'), segments, start: token.start, end: this.tokens.end }
  }

  #call(name: string, start: number): Expression {
    this.tokens.expect('(')
    if (name.toLowerCase() === 'unmask') this.isUnmasked = true
    const args: Expression[] = []
    const { start: at, end } = this.tokens.peek()
    if (this.tokens.accept('*')) args.push({ kind: 'star', start: at, end })
    else if (!this.tokens.is(')')) args.push(...this.list())
    this.tokens.expect(')')
    return { kind: 'call', name, args, start, end: this.tokens.end }
  }
}

function literalOf(token: Token): Expression | undefined {
  const { start, end } = token
  if (token.kind === 'string') return { kind: 'string', text: token.text, start, end }
  if (token.kind === 'number') return { kind: 'number', value: Number(token.text), text: token.text, start, end }
  if (token.kind === 'duration') return { kind: 'period', count: token.count, unit: token.unit, start, end }
  return undefined
}

function binary(operator: string, left: Expression, right: Expression): Expression {
  return { kind: 'binary', operator: operator as BinaryOperator, left, right, start: left.start, end: right.end }
}
