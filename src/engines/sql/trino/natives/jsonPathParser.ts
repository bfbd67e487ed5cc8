/** Reads a JSON path of the SQL standard: `lax $.items[*]?(@.price > 10).name`. */
import { type Json, JsonNumber } from './jsonValues.ts'

export type PathNode =
  | { kind: 'root' | 'current' | 'last' }
  | { kind: 'literal'; value: Json }
  | { kind: 'variable'; name: string }
  | { kind: 'member'; base: PathNode; name?: string }
  | { kind: 'descendants'; base: PathNode; name: string }
  | { kind: 'subscripts'; base: PathNode; ranges?: { from: PathNode; to?: PathNode }[] }
  | { kind: 'filter'; base: PathNode; test: PathNode }
  | { kind: 'method'; base: PathNode; name: string }
  | { kind: 'unary'; operator: string; value: PathNode }
  | { kind: 'binary'; operator: string; left: PathNode; right: PathNode }
  | { kind: 'and' | 'or'; left: PathNode; right: PathNode }
  | { kind: 'not' | 'exists' | 'isUnknown'; value: PathNode }
  | { kind: 'comparison'; operator: string; left: PathNode; right: PathNode }
  | { kind: 'startsWith'; left: PathNode; right: PathNode }
  | { kind: 'likeRegex'; left: PathNode; pattern: string }

export interface Path {
  strict: boolean
  root: PathNode
}

const token =
  /\s*(?:("(?:[^"\\]|\\.)*")|(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([\p{L}_][\p{L}\p{N}_]*)|(\$[\p{L}_][\p{L}\p{N}_]*)|(\.\.|==|!=|<>|<=|>=|&&|\|\||[$@.[\]()*,?<>+\-/%!]))/uy

/** Errors: with what is wrong. */
export function parsePath(text: string): Path {
  const parser = new PathParser(text)
  const mode = parser.peek()
  if (mode !== 'lax' && mode !== 'strict') throw new Error(`mismatched input '${mode}' expecting {'lax', 'strict'}`)
  parser.next()
  const root = parser.expression()
  if (parser.peek() !== '') throw new Error(`mismatched input '${parser.peek()}' expecting <EOF>`)
  return { strict: mode === 'strict', root }
}

class PathParser {
  readonly #tokens: string[] = []
  #at = 0

  constructor(text: string) {
    token.lastIndex = 0
    for (let match = token.exec(text); match; match = token.exec(text)) {
      this.#tokens.push(match[0].trim())
      if (token.lastIndex >= text.trimEnd().length) break
    }
    if (this.#tokens.join('') !== text.replace(/\s+(?=(?:[^"]*"[^"]*")*[^"]*$)/g, ''))
      throw new Error(`invalid path: ${text}`)
  }

  peek(ahead = 0): string {
    return this.#tokens[this.#at + ahead] ?? ''
  }

  next(): string {
    return this.#tokens[this.#at++] ?? ''
  }

  #accept(wanted: string): boolean {
    if (this.peek() !== wanted) return false
    this.#at++
    return true
  }

  #expect(wanted: string): void {
    if (!this.#accept(wanted)) throw new Error(`mismatched input '${this.peek() || '<EOF>'}' expecting '${wanted}'`)
  }

  expression(): PathNode {
    let left = this.#term()
    while (this.peek() === '+' || this.peek() === '-')
      left = { kind: 'binary', operator: this.next(), left, right: this.#term() }
    return left
  }

  #term(): PathNode {
    let left = this.#signed()
    while (['*', '/', '%'].includes(this.peek()))
      left = { kind: 'binary', operator: this.next(), left, right: this.#signed() }
    return left
  }

  #signed(): PathNode {
    if (this.peek() === '-' || this.peek() === '+')
      return { kind: 'unary', operator: this.next(), value: this.#signed() }
    return this.#accessors(this.#primary())
  }

  #primary(): PathNode {
    const text = this.next()
    if (text === '$') return { kind: 'root' }
    if (text === '@') return { kind: 'current' }
    if (text === 'last') return { kind: 'last' }
    if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true' }
    if (text === 'null') return { kind: 'literal', value: null }
    if (text.startsWith('$')) return { kind: 'variable', name: text.slice(1) }
    if (text.startsWith('"')) return { kind: 'literal', value: unquoted(text) }
    if (/^\d/.test(text)) return { kind: 'literal', value: new JsonNumber(text) }
    if (text === '(') {
      const inner = this.expression()
      this.#expect(')')
      return inner
    }
    throw new Error(`mismatched input '${text || '<EOF>'}'`)
  }

  #accessors(start: PathNode): PathNode {
    let base = start
    for (;;) {
      if (this.#accept('..')) base = { kind: 'descendants', base, name: this.#name() }
      else if (this.#accept('.')) base = this.#memberOrMethod(base)
      else if (this.#accept('[')) base = this.#subscripts(base)
      else if (this.#accept('?')) {
        this.#expect('(')
        const test = this.#disjunction()
        this.#expect(')')
        base = { kind: 'filter', base, test }
      } else return base
    }
  }

  #name(): string {
    const text = this.next()
    if (text.startsWith('"')) return unquoted(text)
    if (/^[\p{L}_]/u.test(text)) return text
    throw new Error(`mismatched input '${text || '<EOF>'}'`)
  }

  #memberOrMethod(base: PathNode): PathNode {
    if (this.#accept('*')) return { kind: 'member', base }
    const isQuoted = this.peek().startsWith('"')
    const name = this.#name()
    if (!isQuoted && this.#accept('(')) {
      this.#expect(')')
      return { kind: 'method', base, name }
    }
    return { kind: 'member', base, name }
  }

  #subscripts(base: PathNode): PathNode {
    if (this.#accept('*')) {
      this.#expect(']')
      return { kind: 'subscripts', base }
    }
    const ranges: { from: PathNode; to?: PathNode }[] = []
    do {
      const from = this.expression()
      ranges.push(this.#accept('to') ? { from, to: this.expression() } : { from })
    } while (this.#accept(','))
    this.#expect(']')
    return { kind: 'subscripts', base, ranges }
  }

  #disjunction(): PathNode {
    let left = this.#conjunction()
    while (this.#accept('||')) left = { kind: 'or', left, right: this.#conjunction() }
    return left
  }

  #conjunction(): PathNode {
    let left = this.#predicate()
    while (this.#accept('&&')) left = { kind: 'and', left, right: this.#predicate() }
    return left
  }

  #predicate(): PathNode {
    if (this.#accept('!')) return { kind: 'not', value: this.#parenthesised() }
    if (this.peek() === 'exists' && this.peek(1) === '(') {
      this.next()
      this.next()
      const value = this.expression()
      this.#expect(')')
      return { kind: 'exists', value }
    }
    const mark = this.#at
    if (this.peek() === '(') {
      try {
        const inner = this.#parenthesised()
        if (!this.#accept('is')) return inner
        this.#expect('unknown')
        return { kind: 'isUnknown', value: inner }
      } catch {
        this.#at = mark
      }
    }
    return this.#comparison()
  }

  #parenthesised(): PathNode {
    this.#expect('(')
    const inner = this.#disjunction()
    this.#expect(')')
    return inner
  }

  #comparison(): PathNode {
    const left = this.expression()
    const operator = this.peek()
    if (['==', '!=', '<>', '<', '<=', '>', '>='].includes(operator)) {
      this.next()
      return { kind: 'comparison', operator, left, right: this.expression() }
    }
    if (this.#accept('starts')) {
      this.#expect('with')
      return { kind: 'startsWith', left, right: this.expression() }
    }
    if (this.#accept('like_regex')) return { kind: 'likeRegex', left, pattern: unquoted(this.next()) }
    throw new Error(`mismatched input '${operator || '<EOF>'}'`)
  }
}

function unquoted(text: string): string {
  return text.slice(1, -1).replace(/""/g, '"').replace(/\\(.)/g, '$1')
}
