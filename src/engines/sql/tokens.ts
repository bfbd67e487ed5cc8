/**
 * Cuts SQL text into tokens, for every dialect we speak. Comments vanish, positions stay: errors point at the
 * character the user wrote. Strings are unescaped as SQL does it ('' is a quote); Hive's backslash escapes are an option.
 */
import { SqlError, type SqlPosition } from './sqlError.ts'

export type TokenKind = 'word' | 'quoted' | 'string' | 'binary' | 'number' | 'operator' | 'parameter' | 'end'

export interface Token extends SqlPosition {
  kind: TokenKind
  /** As written for words, numbers and operators; unescaped for strings and quoted names. */
  text: string
  /** Upper case for words, the text for operators, empty otherwise: what the grammar compares. */
  key: string
  start: number
  end: number
}

export interface TokenOptions {
  backslashEscapes?: boolean
  namedParameters?: boolean
  dollarQuotes?: boolean
}

const operators = ['::', '->', '=>', '<=', '>=', '<>', '!=', '||', '!~*', '!~', '~*', '..']
const singles = '+-*/%=<>(),.;[]{}?:~&|^#@!$'
const hiveEscapes: Record<string, string> = { n: '\n', t: '\t', r: '\r', '0': '\0', b: '\b', Z: '\u001a' }

export function tokenize(sql: string, options: TokenOptions = {}): Token[] {
  const tokens: Token[] = []
  const scan = new Scan(sql)
  for (;;) {
    scan.skipBlanks()
    const start = scan.at
    const place = scan.position(start)
    const push = (kind: TokenKind, text: string, key = '') =>
      tokens.push({ kind, text, key, start, end: scan.at, ...place })
    if (start >= sql.length) {
      push('end', '', '')
      return tokens
    }
    const char = sql[start] as string
    if (char === "'") push('string', scan.quoted("'", options.backslashEscapes))
    else if (char === '"') push('quoted', scan.quoted('"'))
    else if (char === '`') push('quoted', scan.quoted('`'))
    else if (options.dollarQuotes && sql.startsWith('$$', start)) push('string', scan.dollarQuoted())
    else if (/[xX]/.test(char) && sql[start + 1] === "'") push('binary', scan.binary())
    else if (/[0-9]/.test(char) || (char === '.' && /[0-9]/.test(sql[start + 1] ?? ''))) push('number', scan.number())
    else if (
      options.namedParameters &&
      char === ':' &&
      /[A-Za-z_]/.test(sql[start + 1] ?? '') &&
      sql[start - 1] !== ':'
    ) {
      push('parameter', scan.take(/:[A-Za-z_][\w]*/y).slice(1))
    } else if (/[\p{L}_$]/u.test(char)) {
      const word = scan.take(/[\p{L}_$][\p{L}\p{N}_$]*/uy)
      push('word', word, word.toUpperCase())
    } else {
      const text = scan.operator()
      push('operator', text, text === '!=' ? '<>' : text)
    }
  }
}

class Scan {
  at = 0
  readonly sql: string
  private lineAt = 0
  private line = 1
  private counted = 0

  constructor(sql: string) {
    this.sql = sql
  }

  /** Positions are asked in rising order, so lines are counted once. */
  position(offset: number): SqlPosition {
    for (; this.counted < offset; this.counted++) {
      if (this.sql[this.counted] === '\n') {
        this.line++
        this.lineAt = this.counted + 1
      }
    }
    return { line: this.line, column: offset - this.lineAt + 1 }
  }

  skipBlanks(): void {
    const blank = /(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/)+/y
    blank.lastIndex = this.at
    const match = blank.exec(this.sql)
    if (match) this.at += match[0].length
    if (this.sql.startsWith('/*', this.at)) throw new SqlError('A comment is not closed.', this.position(this.at))
  }

  take(pattern: RegExp): string {
    pattern.lastIndex = this.at
    const match = pattern.exec(this.sql)
    const text = match ? match[0] : (this.sql[this.at] as string)
    this.at += text.length
    return text
  }

  number(): string {
    return this.take(/0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y)
  }

  operator(): string {
    const long = operators.find((text) => this.sql.startsWith(text, this.at))
    const text = long ?? (this.sql[this.at] as string)
    if (!long && !singles.includes(text)) {
      throw new SqlError(`Unexpected character '${text}'.`, this.position(this.at))
    }
    this.at += text.length
    return text
  }

  quoted(quote: string, backslashes = false): string {
    const opened = this.at
    let text = ''
    for (let i = opened + 1; i < this.sql.length; i++) {
      const char = this.sql[i] as string
      if (char === quote && this.sql[i + 1] === quote) {
        text += quote
        i++
      } else if (char === quote) {
        this.at = i + 1
        return text
      } else if (backslashes && char === '\\' && i + 1 < this.sql.length) {
        const unicode = /^\\u([0-9a-fA-F]{4})/.exec(this.sql.slice(i, i + 6))
        const octal = /^\\([0-3][0-7]{2})/.exec(this.sql.slice(i, i + 4))
        const next = this.sql[i + 1] as string
        if (unicode) text += String.fromCharCode(Number.parseInt(unicode[1] as string, 16))
        else if (octal) text += String.fromCharCode(Number.parseInt(octal[1] as string, 8))
        else text += hiveEscapes[next] ?? next
        i += unicode ? 5 : octal ? 3 : 1
      } else text += char
    }
    throw new SqlError(`A ${quote === "'" ? 'string' : 'quoted name'} is not closed.`, this.position(opened))
  }

  dollarQuoted(): string {
    const end = this.sql.indexOf('$$', this.at + 2)
    if (end < 0) throw new SqlError('A $$ string is not closed.', this.position(this.at))
    const text = this.sql.slice(this.at + 2, end)
    this.at = end + 2
    return text
  }

  binary(): string {
    this.at++
    const hex = this.quoted("'").replaceAll(' ', '')
    if (!/^(?:[0-9a-fA-F]{2})*$/.test(hex)) throw new SqlError('Binary literal must be pairs of hexadecimal digits.')
    return hex
  }
}
