/** DQDL's grammar: a text as its rules. The twin of runtimes/glue/awsgluedq/dqdl/ruleset.py. */
import { placeOf, RulesetError, type Token, type TokenKind, tokensOf } from './dataQualityTokens.ts'

export interface ReadRule {
  kind: string
  text: string
  parameters: number
  hasCondition: boolean
  hasThreshold: boolean
  /** It asks for earlier results: `last(…)`. */
  isDynamic: boolean
}

export interface ReadRuleset {
  rules: ReadRule[]
  /** A composite counts once. */
  listed: number
  analyzers: ReadRule[]
}

const rulesMax = 2000
const comparisons = ['=', '!=', '>', '<', '>=', '<=']
const beginnings = [...comparisons, 'between', 'in', 'not', 'matches']
const units = ['minutes', 'minute', 'hours', 'hour', 'days', 'day', 'B', 'KB', 'MB', 'GB', 'TB']
const keywords = ['NULL', 'EMPTY', 'WHITESPACES_ONLY']
/** By function: how many arguments it takes. */
const functions: Record<string, readonly [least: number, most: number]> = {
  last: [0, 1],
  avg: [1, 50],
  min: [1, 50],
  max: [1, 50],
  sum: [1, 50],
  std: [1, 50],
  median: [1, 50],
  abs: [1, 1],
  index: [2, 2],
}

export class RulesetReader {
  readonly #source: string
  readonly #tokens: Token[]
  #at = 0
  #found: ReadRule[] = []
  #isDynamic = false

  constructor(text: string) {
    this.#source = text
    this.#tokens = tokensOf(text)
  }

  /** Every rule that is measured, those within composites too, and how many stand in the list itself. */
  ruleset(): ReadRuleset {
    const lists: Record<string, ReadRule[]> = { Rules: [], Analyzers: [] }
    let listed = 0
    while (this.#next.kind !== 'end') {
      const name = this.#take('word').text
      const rules = lists[name]
      if (!rules) throw this.#error(`a ruleset has Rules and Analyzers, not ${name}`, -1)
      this.#expect('=')
      this.#found = rules
      if (name === 'Analyzers') this.#listed(() => this.#rule())
      else listed += this.#listed(() => this.#composite())
    }
    const { Rules: rules = [], Analyzers: analyzers = [] } = lists
    if (listed + analyzers.length === 0) throw this.#error('a ruleset needs at least one rule or analyzer')
    if (listed > rulesMax) throw this.#error(`a ruleset has at most ${rulesMax} rules`)
    return { rules, listed, analyzers }
  }

  #composite(): void {
    this.#operand()
    let operator = ''
    while (this.#next.kind === 'word' && /^(and|or)$/i.test(this.#next.text)) {
      const joined = this.#take('word').text.toLowerCase()
      if (operator && joined !== operator) throw this.#error("'and' and 'or' are mixed only within parentheses", -1)
      operator = joined
      this.#operand()
    }
  }

  #operand(): void {
    if (!this.#skip('(')) {
      this.#rule()
      return
    }
    this.#composite()
    this.#expect(')')
  }

  #rule(): void {
    const { start } = this.#next
    const kind = this.#take('word').text
    let parameters = 0
    this.#isDynamic = false
    for (; this.#next.kind === 'string'; parameters++) this.#advance()
    const hasCondition = this.#beginsCondition()
    if (hasCondition) this.#condition()
    let hasThreshold = false
    while (this.#next.kind === 'word' && /^(with|where)$/.test(this.#next.text)) {
      if (this.#advance().text === 'where') this.#take('string')
      else {
        this.#expect('threshold')
        this.#condition()
        hasThreshold = true
      }
    }
    const written = this.#source.slice(start, this.#tokens[this.#at - 1]?.end)
    const text = written.split(/\s+/).filter(Boolean).join(' ')
    this.#found.push({ kind, text, parameters, hasCondition, hasThreshold, isDynamic: this.#isDynamic })
  }

  #beginsCondition(): boolean {
    return this.#next.kind !== 'string' && beginnings.includes(this.#next.text)
  }

  #condition(): void {
    let operator = this.#advance().text
    if (operator === 'not') operator = `not ${this.#take('word').text}`
    if (/^(not )?between$/.test(operator)) {
      this.#value()
      if (this.#take('word').text.toLowerCase() !== 'and') throw this.#error("between needs 'and'", -1)
      this.#value()
    } else if (/^(not )?in$/.test(operator)) this.#listed(() => this.#value())
    else if (/^(not )?matches$/.test(operator)) this.#take('string')
    else if (comparisons.includes(operator)) this.#value()
    else throw this.#error(`'${operator}' is no operator`, -1)
  }

  /** A sum of products. */
  #value(): void {
    do this.#factor()
    while (this.#next.kind === 'symbol' && ['+', '-', '*', '/'].includes(this.#next.text) && this.#advance())
  }

  #factor(): void {
    const { kind, text } = this.#advance()
    if (kind === 'string' || keywords.includes(text)) return
    if (kind === 'number') {
      if (this.#next.kind === 'word' && units.includes(this.#next.text)) this.#advance()
      return
    }
    if (text === '(') {
      this.#value()
      this.#expect(')')
    } else if (text === '-') this.#factor()
    else if (text === 'now') {
      this.#expect('(')
      this.#expect(')')
    } else if (Object.hasOwn(functions, text)) this.#call(text)
    else throw this.#error(`'${text}' is no value`, -1)
  }

  #call(name: string): void {
    this.#isDynamic = true
    this.#expect('(')
    let given = 0
    if (!this.#skip(')')) {
      do {
        this.#value()
        given += 1
      } while (this.#skip(','))
      this.#expect(')')
    }
    const [least, most] = functions[name] as readonly [number, number]
    const wanted = least === most ? least : `${least} to ${most}`
    if (given < least || given > most) throw this.#error(`${name} takes ${wanted} arguments`, -1)
  }

  #listed(item: () => void): number {
    this.#expect('[')
    let count = 0
    do {
      item()
      count += 1
    } while (this.#skip(','))
    this.#expect(']')
    return count
  }

  get #next(): Token {
    return this.#tokens[this.#at] as Token
  }

  #advance(): Token {
    const token = this.#next
    // What follows the end is the end.
    this.#at = Math.min(this.#at + 1, this.#tokens.length - 1)
    return token
  }

  #take(kind: TokenKind): Token {
    if (this.#next.kind !== kind) throw this.#error(`a ${kind} is expected, not '${this.#next.text}'`)
    return this.#advance()
  }

  #expect(text: string): void {
    if (this.#next.text !== text || this.#next.kind === 'string')
      throw this.#error(`'${text}' is expected, not '${this.#next.text || 'the end'}'`)
    this.#advance()
  }

  #skip(text: string): boolean {
    if (this.#next.text !== text || this.#next.kind !== 'symbol') return false
    this.#advance()
    return true
  }

  #error(message: string, back = 0): RulesetError {
    const place = placeOf(this.#source, (this.#tokens[this.#at + back] as Token).start)
    return new RulesetError(`${place}: ${message}`)
  }
}
