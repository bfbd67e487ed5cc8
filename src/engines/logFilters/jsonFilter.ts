/** Log filters over JSON messages: `{ ($.level = "ERROR" || $.items[*].ms >= 10) && $.user NOT EXISTS }`. */
import { compares, InvalidLogFilter, type Operator, operatorSource, valueSource, wantedText } from './logFilterText.ts'

type Condition = (root: unknown) => boolean
type Step = string | number | 'every element'

const selectorToken = /\$(?:\.[^\s.[\]=!<>()&|]+|\[(?:\d+|\*|'[^']*'|"[^"]*")\])*/y
const stepToken = /\.([^.[]+)|\[(\d+)\]|\[(\*)\]|\[['"]([^'"]*)['"]\]/g
const operatorToken = new RegExp(operatorSource, 'y')
const valueToken = new RegExp(valueSource, 'y')
const wordToken = /[A-Za-z]+/y
const nestingMax = 50

export function parseJsonFilter(text: string): (message: string) => boolean {
  const parser = new JsonFilterParser(text)
  const condition = parser.parse()
  return (message) => {
    // Most messages are no JSON, and JSON.parse is slow to say so.
    if (!/^\s*[{[]/.test(message)) return false
    try {
      return condition(JSON.parse(message) as unknown)
    } catch {
      return false
    }
  }
}

class JsonFilterParser {
  private at = 0
  private depth = 0
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
    const parts = [this.both()]
    while (this.takes('||')) parts.push(this.both())
    return (root) => parts.some((part) => part(root))
  }

  private both(): Condition {
    const parts = [this.one()]
    while (this.takes('&&')) parts.push(this.one())
    return (root) => parts.every((part) => part(root))
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
    const steps = stepsOf(this.token(selectorToken))
    this.space()
    operatorToken.lastIndex = this.at
    if (!operatorToken.test(this.text)) return this.state(steps)
    const operator = this.token(operatorToken) as Operator
    const wanted = wantedText(this.token(valueToken))
    return (root) =>
      select(root, steps).some(
        (value) => isScalar(value) && compares(typeof value === 'number' ? value : String(value), operator, wanted),
      )
  }

  /** `IS NULL`, `IS NOT NULL`, `IS TRUE`, `EXISTS`, `NOT EXISTS` … */
  private state(steps: Step[]): Condition {
    const first = this.token(wordToken).toUpperCase()
    if (first === 'EXISTS') return (root) => select(root, steps).length > 0
    const second = this.token(wordToken).toUpperCase()
    if (first === 'NOT' && second === 'EXISTS') return (root) => select(root, steps).length === 0
    if (first !== 'IS') throw this.invalid()
    const isNegated = second === 'NOT'
    const name = isNegated ? this.token(wordToken).toUpperCase() : second
    const values: Record<string, unknown> = { NULL: null, TRUE: true, FALSE: false }
    if (!(name in values)) throw this.invalid()
    return (root) => select(root, steps).some((value) => (value === values[name]) !== isNegated)
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

function stepsOf(selector: string): Step[] {
  return [...selector.matchAll(stepToken)].map(([, name, index, star, quoted]) => {
    if (star) return 'every element'
    return index !== undefined ? Number(index) : ((name ?? quoted) as string)
  })
}

function select(root: unknown, steps: readonly Step[]): unknown[] {
  let found = [root]
  for (const step of steps) {
    found = found.flatMap((value) => {
      if (step === 'every element') return Array.isArray(value) ? value : []
      if (value === null || typeof value !== 'object') return []
      return Object.hasOwn(value, step) ? [(value as Record<string | number, unknown>)[step]] : []
    })
  }
  return found
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
