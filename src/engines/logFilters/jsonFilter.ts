/** Log filters over JSON messages: `{ ($.level = "ERROR" || $.items[*].ms >= 10) && $.user NOT EXISTS }`. */
import { type Glance, glanceBehind } from './jsonGlance.ts'
import { isScalar, jsonOf, type Step, select, selectorSource, stepsOf } from './jsonSelectors.ts'
import type { LogFilter } from './logFilter.ts'
import {
  compares,
  InvalidLogFilter,
  longestRun,
  type Operator,
  operatorSource,
  valueSource,
  wantedText,
} from './wantedText.ts'

interface Condition {
  holds(root: unknown): boolean
  /** One of them stands in the text of every message for which it holds. */
  anyOf?: readonly string[]
  /** Whether it may hold, without parsing. */
  glance?: Glance
}

const selectorToken = new RegExp(selectorSource, 'y')
const operatorToken = new RegExp(operatorSource, 'y')
const valueToken = new RegExp(valueSource, 'y')
const wordToken = /[A-Za-z]+/y
const nestingMax = 50
/** One in a selector, three in a pattern. */
const wildcardsMax = 3

/** Errors: InvalidLogFilter. */
export function parseJsonFilter(text: string): LogFilter {
  const parser = new JsonFilterParser(text)
  const { holds, anyOf, glance } = parser.parse()
  return {
    passes(message) {
      if (glance && !glance(message)) return false
      const root = jsonOf(message)
      return root !== undefined && holds(root)
    },
    names: true,
    expressions: parser.expressions,
    valueOf: (message, selector) => select(jsonOf(message), stepsOf(selector)).find(isScalar),
    extracted(message) {
      const root = jsonOf(message)
      const found = [...parser.selectors].map((selector) => [selector, select(root, stepsOf(selector))[0]] as const)
      return Object.fromEntries(
        found.filter(([, value]) => value !== undefined).map(([name, value]) => [name, shown(value)]),
      )
    },
    // A character of a JSON string may be written as its code.
    ...(anyOf && { anyOf: [...anyOf, '\\u'] }),
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

class JsonFilterParser {
  expressions = 0
  readonly selectors = new Set<string>()
  private at = 0
  private depth = 0
  private wildcards = 0
  private readonly text: string
  constructor(text: string) {
    this.text = text
  }

  parse(): Condition {
    this.expect('{')
    const condition = this.either()
    this.expect('}')
    this.space()
    if (this.at < this.text.length) throw this.invalid()
    return condition
  }

  private either(): Condition {
    const first = this.both()
    const parts = [first]
    while (this.takes('||')) parts.push(this.both())
    if (parts.length === 1) return first
    const known = parts.every(({ anyOf }) => anyOf)
    return {
      holds: (root) => parts.some((part) => part.holds(root)),
      ...(known && { anyOf: parts.flatMap(({ anyOf = [] }) => anyOf) }),
      ...(parts.every(({ glance }) => glance) && {
        glance: (message: string) => parts.some(({ glance }) => glance?.(message)),
      }),
    }
  }

  private both(): Condition {
    const first = this.one()
    const parts = [first]
    while (this.takes('&&')) parts.push(this.one())
    if (parts.length === 1) return first
    const anyOf = rarest(parts)
    const glances = parts.flatMap(({ glance }) => glance ?? [])
    return {
      holds: (root) => parts.every((part) => part.holds(root)),
      ...(anyOf && { anyOf }),
      ...(glances.length > 0 && { glance: (message: string) => glances.every((glance) => glance(message)) }),
    }
  }

  private one(): Condition {
    if (!this.takes('(')) return this.comparison()
    if (++this.depth > nestingMax) throw this.invalid()
    const inner = this.either()
    this.expect(')')
    this.depth--
    return inner
  }

  private comparison(): Condition {
    const selector = this.token(selectorToken)
    this.selectors.add(selector)
    const steps = stepsOf(selector)
    this.countWildcards(steps)
    this.space()
    operatorToken.lastIndex = this.at
    if (!operatorToken.test(this.text)) return this.state(steps)
    const operator = this.token(operatorToken) as Operator
    const wanted = wantedText(this.token(valueToken))
    if (wanted.isExpression) this.expressions++
    const glance = glanceBehind(steps, (value) => compares(value, operator, wanted))
    const run = operator === '=' ? longestRun(wanted) : undefined
    return {
      holds: (root) =>
        select(root, steps).some(
          (value) => isScalar(value) && compares(typeof value === 'number' ? value : String(value), operator, wanted),
        ),
      // A number may be written in many ways: `4e2` is 400.
      ...(glance && { glance }),
      ...(run !== undefined && /[A-Za-z_ ]{2}/.test(run) ? { anyOf: [run] } : named(steps)),
    }
  }

  private countWildcards(steps: readonly Step[]): void {
    const found = steps.filter((step) => step === 'every element').length
    this.wildcards += found
    if (found > 1 || this.wildcards > wildcardsMax) throw this.invalid()
  }

  /** `IS NULL`, `IS NOT NULL`, `IS TRUE`, `EXISTS`, `NOT EXISTS` … */
  private state(steps: Step[]): Condition {
    const first = this.token(wordToken).toUpperCase()
    if (first === 'EXISTS') return { holds: (root) => select(root, steps).length > 0, ...named(steps) }
    const second = this.token(wordToken).toUpperCase()
    if (first === 'NOT' && second === 'EXISTS') return { holds: (root) => select(root, steps).length === 0 }
    if (first !== 'IS') throw this.invalid()
    const isNegated = second === 'NOT'
    const name = isNegated ? this.token(wordToken).toUpperCase() : second
    const values: Record<string, unknown> = { NULL: null, TRUE: true, FALSE: false }
    if (!(name in values)) throw this.invalid()
    return {
      holds: (root) => select(root, steps).some((value) => (value === values[name]) !== isNegated),
      ...named(steps),
    }
  }

  private token(pattern: RegExp): string {
    this.space()
    pattern.lastIndex = this.at
    const match = pattern.exec(this.text)
    if (!match) throw this.invalid()
    this.at += match[0].length
    return match[0]
  }

  private takes(symbol: string): boolean {
    this.space()
    if (!this.text.startsWith(symbol, this.at)) return false
    this.at += symbol.length
    return true
  }

  private expect(symbol: string): void {
    if (!this.takes(symbol)) throw this.invalid()
  }

  private space(): void {
    while (/\s/.test(this.text[this.at] ?? '.')) this.at++
  }

  private invalid(): InvalidLogFilter {
    return new InvalidLogFilter(`Invalid filter pattern at position ${this.at}`)
  }
}

/** What is selected has its name in the message. */
function named(steps: readonly Step[]): Pick<Condition, 'anyOf'> {
  const names = steps.filter((step): step is string => typeof step === 'string' && step !== 'every element')
  const plain = names.filter((name) => /^[A-Za-z0-9_.: -]+$/.test(name))
  const longest = plain.sort((left, right) => right.length - left.length)[0]
  return longest === undefined ? {} : { anyOf: [longest] }
}

/** Of several that must hold, the texts to look for: few and long ones are seldom there. */
function rarest(parts: readonly Condition[]): readonly string[] | undefined {
  const shortest = (texts: readonly string[]) => Math.min(...texts.map((text) => text.length))
  const known = parts.flatMap(({ anyOf }) => (anyOf ? [anyOf] : []))
  return known.sort((left, right) => left.length - right.length || shortest(right) - shortest(left))[0]
}
