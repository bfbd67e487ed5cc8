/** Walks over a statement's tokens; every grammar in this folder is written with it. */
import { SqlError } from './sqlError.ts'
import { type Token, type TokenOptions, tokenize } from './tokens.ts'

export class Cursor {
  readonly sql: string
  readonly tokens: Token[]
  private at = 0

  constructor(sql: string, options: TokenOptions = {}) {
    this.sql = sql
    this.tokens = tokenize(sql, options)
  }

  peek(ahead = 0): Token {
    return (this.tokens[this.at + ahead] ?? this.tokens[this.tokens.length - 1]) as Token
  }

  next(): Token {
    const token = this.peek()
    if (token.kind !== 'end') this.at++
    return token
  }

  /** Whether the next tokens are these words or operators, in this order. */
  is(...keys: string[]): boolean {
    return keys.every((key, i) => this.peek(i).key === key)
  }

  isOneOf(...keys: string[]): boolean {
    return keys.includes(this.peek().key) && this.peek().key !== ''
  }

  accept(...keys: string[]): boolean {
    if (!this.is(...keys)) return false
    this.at += keys.length
    return true
  }

  expect(...keys: string[]): Token {
    const first = this.peek()
    for (const key of keys) {
      if (this.peek().key !== key) throw this.mismatch(key)
      this.at++
    }
    return first
  }

  /** A name, quoted or not, as written. */
  name(): Token {
    const token = this.next()
    if (token.kind === 'word' || token.kind === 'quoted') return token
    throw this.mismatch('a name', token)
  }

  string(): string {
    const token = this.next()
    if (token.kind !== 'string') throw this.mismatch('a string', token)
    return token.text
  }

  get isDone(): boolean {
    return this.peek().kind === 'end'
  }

  expectEnd(): void {
    while (this.accept(';'));
    if (!this.isDone) throw this.mismatch('the end of the statement')
  }

  list<T>(item: () => T): T[] {
    const items = [item()]
    while (this.accept(',')) items.push(item())
    return items
  }

  mark(): number {
    return this.at
  }

  reset(mark: number): void {
    this.at = mark
  }

  mismatch(expected: string, token: Token = this.peek()): SqlError {
    const found = token.kind === 'end' ? '<EOF>' : token.text
    return new SqlError(
      `line ${token.line}:${token.column}: mismatched input '${found}'. Expecting: ${expected}`,
      token,
    )
  }
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
