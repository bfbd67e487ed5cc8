/**
 * Cuts a query into tokens, one at a time: only the parser knows whether a slash divides or opens a regular expression.
 * Comments (`# …`) vanish; offsets stay, for errors and for the names that columns have without an alias.
 */
import { InsightsError, type Span } from './insightsError.ts'

export type Token = Span &
  (
    | { kind: 'name'; text: string; segments: string[]; isQuoted: boolean }
    | { kind: 'string'; text: string }
    | { kind: 'number'; text: string }
    | { kind: 'duration'; count: number; unit: string; text: string }
    | { kind: 'operator'; text: string }
    | { kind: 'end'; text: '' }
  )

const operators = ['!=', '<=', '>=', '=~', '<', '>', '=', '(', ')', '[', ']', ',', '|', '+', '-', '*', '/', '^', '%']
const operatorsLast = ['.', ':']
const segmentPattern = /(?:[\p{L}_@][\p{L}\p{N}_@]*|`[^`]*`)(?:\.(?:[\p{L}\p{N}_@]+|`[^`]*`))*/uy
const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r' }

export class Tokens {
  readonly text: string
  #at = 0
  #peeked: Token | undefined
  /** Where the last token that was taken ends. */
  end = 0

  constructor(text: string) {
    this.text = text
  }

  peek(): Token {
    this.#peeked ??= this.#read()
    return this.#peeked
  }

  next(): Token {
    const token = this.peek()
    this.#peeked = undefined
    this.#at = token.end
    this.end = token.end
    return token
  }

  /** Whether the next token is this operator, or this word in whatever case. */
  is(text: string): boolean {
    const token = this.peek()
    if (token.kind === 'operator') return token.text === text
    return token.kind === 'name' && !token.isQuoted && token.text.toLowerCase() === text
  }

  accept(text: string): boolean {
    if (!this.is(text)) return false
    this.next()
    return true
  }

  expect(text: string): Token {
    if (!this.is(text)) throw this.unexpected(`'${text}'`)
    return this.next()
  }

  name(): Token & { kind: 'name' } {
    const token = this.peek()
    if (token.kind !== 'name') throw this.unexpected('a field name')
    this.next()
    return token
  }

  /** `/…/` where the next token begins; undefined where it does not begin with a slash. */
  regex(): (Span & { source: string }) | undefined {
    const { start } = this.peek()
    if (this.text[start] !== '/') return undefined
    let isInClass = false
    for (let at = start + 1; at < this.text.length; at++) {
      const char = this.text[at]
      if (char === '\\') at++
      else if (char === '[') isInClass = true
      else if (char === ']') isInClass = false
      else if (char === '/' && !isInClass) return this.#regexTo(start, at)
    }
    throw new InsightsError('A regular expression is not closed.', { start, end: this.text.length })
  }

  #regexTo(start: number, end: number): Span & { source: string } {
    this.#peeked = undefined
    this.#at = end + 1
    this.end = this.#at
    return { start, end: this.#at, source: this.text.slice(start + 1, end).replaceAll('\\/', '/') }
  }

  unexpected(expected: string): InsightsError {
    const token = this.peek()
    const found = token.kind === 'end' ? 'the end of the query' : `'${this.text.slice(token.start, token.end)}'`
    return new InsightsError(`unexpected symbol found ${found}, expected ${expected}`, token)
  }

  #read(): Token {
    const blank = /(?:\s+|#[^\n]*)+/y
    blank.lastIndex = this.#at
    const start = this.#at + (blank.exec(this.text)?.[0].length ?? 0)
    const char = this.text[start]
    if (char === undefined) return { kind: 'end', text: '', start, end: start }
    if (char === '"' || char === "'") return this.#string(start, char)
    if (/[0-9]/.test(char)) return this.#number(start)
    segmentPattern.lastIndex = start
    const name = segmentPattern.exec(this.text)?.[0]
    if (name !== undefined) return nameToken(name, start)
    const operator = [...operators, ...operatorsLast].find((text) => this.text.startsWith(text, start))
    if (operator) return { kind: 'operator', text: operator, start, end: start + operator.length }
    throw new InsightsError(`unexpected symbol found '${char}'`, { start, end: start + 1 })
  }

  #string(start: number, quote: string): Token {
    let text = ''
    for (let at = start + 1; at < this.text.length; at++) {
      const char = this.text[at] as string
      if (char === quote) return { kind: 'string', text, start, end: at + 1 }
      const next = this.text[at + 1]
      if (char === '\\' && next !== undefined) {
        // What needs no escape keeps its backslash: paths of Windows are searched for as they are.
        text += escapes[next] ?? (next === quote || next === '\\' ? next : `\\${next}`)
        at++
      } else text += char
    }
    throw new InsightsError('A string is not closed.', { start, end: this.text.length })
  }

  #number(start: number): Token {
    const pattern = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y
    pattern.lastIndex = start
    const digits = pattern.exec(this.text)?.[0] as string
    const letters = /[\p{L}_]+/uy
    letters.lastIndex = start + digits.length
    const unit = letters.exec(this.text)?.[0]
    const end = start + digits.length + (unit?.length ?? 0)
    const text = this.text.slice(start, end)
    if (unit === undefined) return { kind: 'number', text, start, end }
    return { kind: 'duration', count: Number(digits), unit, text, start, end }
  }
}

/** `a.b.0`, `` `a-b` ``, `` js.`user.id` ``: a name in backticks alone is a field's name as it is, dots and all. */
function nameToken(written: string, start: number): Token {
  const parts = written.match(/`[^`]*`|[^.`]+/g) ?? []
  const segments = parts.map((part) => part.replaceAll('`', ''))
  const isQuoted = written.includes('`')
  return { kind: 'name', text: segments.join('.'), segments, isQuoted, start, end: start + written.length }
}
