/**
 * Whether a text is a DQDL ruleset, and what is in it. A ruleset is checked when it is made, and no interpreter should
 * have to start for that: so this is a twin of the parser that evaluates rulesets (runtimes/glue/awsgluedq/dqdl), which
 * one test holds against the other.
 */
import { placeOf, RulesetError, type Token, type TokenKind, tokensOf } from './dataQualityTokens.ts'

export interface RulesetSummary {
  rules: number
  analyzers: number
  /** Some rule asks for earlier results: `last(…)`. */
  isDynamic: boolean
}

/** By rule type: how many parameters it takes, and whether it needs an expression. */
const ruleTypes: Record<string, { least: number; most: number; needsCondition?: boolean }> = {
  AggregateMatch: { least: 2, most: 2, needsCondition: true },
  ColumnCorrelation: { least: 2, most: 2, needsCondition: true },
  ColumnCount: { least: 0, most: 0, needsCondition: true },
  ColumnDataType: { least: 1, most: 1, needsCondition: true },
  ColumnExists: { least: 1, most: 1 },
  ColumnLength: { least: 1, most: 1, needsCondition: true },
  ColumnNamesMatchPattern: { least: 1, most: 1 },
  ColumnValues: { least: 1, most: 1, needsCondition: true },
  Completeness: { least: 1, most: 1, needsCondition: true },
  CustomSql: { least: 1, most: 1 },
  DataFreshness: { least: 1, most: 1, needsCondition: true },
  DatasetMatch: { least: 2, most: 3 },
  DistinctValuesCount: { least: 1, most: 1, needsCondition: true },
  Entropy: { least: 1, most: 1, needsCondition: true },
  IsComplete: { least: 1, most: 1 },
  IsPrimaryKey: { least: 1, most: 50 },
  IsUnique: { least: 1, most: 50 },
  Mean: { least: 1, most: 1, needsCondition: true },
  ReferentialIntegrity: { least: 2, most: 2 },
  RowCount: { least: 0, most: 0, needsCondition: true },
  RowCountMatch: { least: 1, most: 1 },
  SchemaMatch: { least: 1, most: 1 },
  StandardDeviation: { least: 1, most: 1, needsCondition: true },
  Sum: { least: 1, most: 1, needsCondition: true },
  UniqueValueRatio: { least: 1, most: 1, needsCondition: true },
  Uniqueness: { least: 1, most: 50, needsCondition: true },
}

/** AWS has these too: a ruleset with them is refused by name, here and where it would be evaluated. */
const unsupported = ['AllStatistics', 'DetectAnomalies', 'FileFreshness', 'FileMatch', 'FileSize', 'FileUniqueness']

const comparisons = ['=', '!=', '>', '<', '>=', '<=']
const beginnings = [...comparisons, 'between', 'in', 'not', 'matches']
const units = ['minutes', 'minute', 'hours', 'hour', 'days', 'day']
const keywords = ['NULL', 'EMPTY', 'WHITESPACES_ONLY']
const functions = ['last', 'avg', 'min', 'max', 'sum', 'std', 'median', 'percentile', 'abs', 'index']
const rulesMax = 2000

/** A rule type that AWS has and this machine has not. */
export class UnsupportedRule extends Error {}

/** Errors: RulesetError with line and column; UnsupportedRule. */
export function readRuleset(text: string): RulesetSummary {
  return new RulesetReader(text).ruleset()
}

class RulesetReader {
  readonly #source: string
  readonly #tokens: Token[]
  #at = 0
  #isDynamic = false

  constructor(text: string) {
    this.#source = text
    this.#tokens = tokensOf(text)
  }

  ruleset(): RulesetSummary {
    const counts: Record<string, number> = { Rules: 0, Analyzers: 0 }
    while (this.#next.kind !== 'end') {
      const name = this.#take('word').text
      if (counts[name] === undefined) throw this.#error(`a ruleset has Rules and Analyzers, not ${name}`, -1)
      this.#expect('=')
      const isAnalyzers = name === 'Analyzers'
      counts[name] += this.#listed(() => (isAnalyzers ? this.#rule(isAnalyzers) : this.#composite()))
    }
    const { Rules: rules = 0, Analyzers: analyzers = 0 } = counts
    if (rules + analyzers === 0) throw this.#error('a ruleset needs at least one rule or analyzer')
    if (rules > rulesMax) throw this.#error(`a ruleset has at most ${rulesMax} rules`)
    return { rules, analyzers, isDynamic: this.#isDynamic }
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
      this.#rule(false)
      return
    }
    this.#composite()
    this.#expect(')')
  }

  #rule(isAnalyzer: boolean): void {
    const { start } = this.#next
    const kind = this.#take('word').text
    let parameters = 0
    for (; this.#next.kind === 'string'; parameters++) this.#advance()
    const hasCondition = this.#beginsCondition()
    if (hasCondition) this.#condition()
    while (this.#next.kind === 'word' && /^(with|where)$/.test(this.#next.text)) {
      if (this.#advance().text === 'where') this.#take('string')
      else {
        this.#expect('threshold')
        this.#condition()
      }
    }
    const end = this.#tokens[this.#at]?.start
    const text = this.#source.slice(start, end).split(/\s+/).filter(Boolean).join(' ')
    this.#checkRule(text, { kind, parameters, hasCondition: hasCondition || isAnalyzer })
  }

  #checkRule(text: string, rule: { kind: string; parameters: number; hasCondition: boolean }): void {
    const { kind, parameters } = rule
    if (unsupported.includes(kind)) throw new UnsupportedRule(`the DQDL rule type ${kind}`)
    const type = Object.hasOwn(ruleTypes, kind) ? ruleTypes[kind] : undefined
    if (!type) throw new RulesetError(`${text}: there is no rule type ${kind}`)
    const { least, most } = type
    if (parameters < least || parameters > most)
      throw new RulesetError(`${text}: ${kind} takes ${least === most ? least : `${least} to ${most}`} parameters`)
    if (type.needsCondition && !rule.hasCondition) throw new RulesetError(`${text}: ${kind} needs an expression`)
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
    } else if (functions.includes(text)) this.#call()
    else throw this.#error(`'${text}' is no value`, -1)
  }

  #call(): void {
    this.#isDynamic = true
    this.#expect('(')
    if (this.#skip(')')) return
    do this.#value()
    while (this.#skip(','))
    this.#expect(')')
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
