/**
 * Filter expressions, read into a tree. Grammar: AWS X-Ray Developer Guide, "Using filter expressions". What compares how is
 * in filterMatching.ts.
 */
import { NotImplemented } from '../../wire/errors.ts'
import { badExpression, type Token, textOf, tokensOf } from './filterTokens.ts'

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'CONTAINS' | 'BEGINSWITH' | 'ENDSWITH'
export type Literal = string | number | boolean

/** `id(name: "…", type: "…", account.id: "…")`, or a name alone. */
export interface Identity {
  name?: string
  type?: string
  account?: string
}

export type Filter =
  | { kind: 'and' | 'or'; parts: Filter[] }
  | { kind: 'not'; part: Filter }
  /** A keyword alone is true, or there at all. */
  | { kind: 'keyword'; keyword: string; operator?: Operator; value?: Literal }
  | { kind: 'annotation'; key: string; operator?: Operator; value?: Literal }
  | { kind: 'service'; id?: Identity; inner?: Filter }
  | { kind: 'edge'; from: Identity; to: Identity; inner?: Filter }
  | { kind: 'group'; by: 'name' | 'arn'; value: string }

type KeywordType = 'boolean' | 'number' | 'text'

export const keywords: Readonly<Record<string, KeywordType>> = {
  ...{ ok: 'boolean', error: 'boolean', throttle: 'boolean', fault: 'boolean', partial: 'boolean' },
  ...{ inferred: 'boolean', first: 'boolean', last: 'boolean', remote: 'boolean', root: 'boolean' },
  ...{ responsetime: 'number', duration: 'number', 'http.status': 'number' },
  ...{ 'http.url': 'text', 'http.method': 'text', 'http.useragent': 'text', 'http.clientip': 'text' },
  ...{ user: 'text', name: 'text', type: 'text', message: 'text', availabilityzone: 'text' },
  ...{ 'instance.id': 'text', 'resource.arn': 'text' },
}

const operatorsOf: Record<KeywordType, readonly Operator[]> = {
  boolean: ['=', '!='],
  number: ['=', '!=', '<', '<=', '>', '>='],
  text: ['=', '!=', 'CONTAINS', 'BEGINSWITH', 'ENDSWITH'],
}
const operators = new Set<string>(Object.values(operatorsOf).flat())

/** Errors: InvalidRequestException, NotImplemented for keywords that AWS has and this does not. */
export function parseFilter(expression: string): Filter {
  return new Parser(expression).whole()
}

class Parser {
  readonly #expression: string
  readonly #tokens: Token[]
  #at = 0

  constructor(expression: string) {
    this.#expression = expression
    this.#tokens = tokensOf(expression)
  }

  whole(): Filter {
    const filter = this.#either()
    if (this.#next.kind !== 'end') throw this.#bad()
    return filter
  }

  get #next(): Token {
    return this.#tokens[this.#at] as Token
  }

  #bad(token = this.#next): Error {
    return badExpression(this.#expression, token.at)
  }

  #take(): Token {
    const token = this.#next
    this.#at++
    return token
  }

  #accept(text: string): boolean {
    const isIt = this.#next.kind !== 'text' && this.#next.text.toUpperCase() === text
    if (isIt) this.#at++
    return isIt
  }

  #expect(text: string): void {
    if (!this.#accept(text)) throw this.#bad()
  }

  #either(): Filter {
    const parts = [this.#both()]
    while (this.#accept('OR')) parts.push(this.#both())
    return parts.length === 1 ? (parts[0] as Filter) : { kind: 'or', parts }
  }

  #both(): Filter {
    const parts = [this.#one()]
    while (this.#accept('AND')) parts.push(this.#one())
    return parts.length === 1 ? (parts[0] as Filter) : { kind: 'and', parts }
  }

  #one(): Filter {
    if (this.#accept('!') || this.#accept('NOT')) return { kind: 'not', part: this.#one() }
    if (this.#accept('(')) {
      const inner = this.#either()
      this.#expect(')')
      return inner
    }
    const token = this.#take()
    if (token.kind !== 'word') throw this.#bad(token)
    const word = token.text.toLowerCase()
    if (word === 'service') return this.#service()
    if (word === 'edge') return this.#edge()
    if (word === 'group.name' || word === 'group.arn') return this.#group(word === 'group.name' ? 'name' : 'arn')
    if (/^(rootcause|json|coverage|index)\b/.test(word))
      throw NotImplemented(`xray: ${token.text} in a filter expression`)
    const key = annotationKey(token.text)
    if (key !== undefined) return { kind: 'annotation', key, ...this.#comparison(undefined) }
    const type = keywords[word]
    if (!type) throw this.#bad(token)
    return { kind: 'keyword', keyword: word, ...this.#comparison(type) }
  }

  #service(): Filter {
    this.#expect('(')
    const id = this.#accept(')') ? undefined : this.#identity()
    if (id) this.#expect(')')
    const inner = this.#inner()
    return { kind: 'service', ...(id && { id }), ...(inner && { inner }) }
  }

  #edge(): Filter {
    this.#expect('(')
    const from = this.#identity()
    this.#expect(',')
    const to = this.#identity()
    this.#expect(')')
    const inner = this.#inner()
    return { kind: 'edge', from, to, ...(inner && { inner }) }
  }

  #inner(): Filter | undefined {
    if (!this.#accept('{')) return undefined
    const inner = this.#either()
    this.#expect('}')
    return inner
  }

  #identity(): Identity {
    const token = this.#take()
    if (token.kind === 'text') return { name: textOf(token) }
    if (token.text.toLowerCase() !== 'id') throw this.#bad(token)
    const identity: Identity = {}
    this.#expect('(')
    do {
      const member = this.#take()
      const name = { name: 'name', type: 'type', 'account.id': 'account' }[member.text.toLowerCase()]
      if (!name) throw this.#bad(member)
      this.#expect(':')
      identity[name as keyof Identity] = this.#text()
    } while (this.#accept(','))
    this.#expect(')')
    return identity
  }

  #group(by: 'name' | 'arn'): Filter {
    this.#expect('=')
    return { kind: 'group', by, value: this.#text() }
  }

  #text(): string {
    const token = this.#take()
    if (token.kind !== 'text') throw this.#bad(token)
    return textOf(token)
  }

  #comparison(type: KeywordType | undefined): { operator?: Operator; value?: Literal } {
    const token = this.#next
    const operator = token.text.toUpperCase()
    if (token.kind === 'text' || !operators.has(operator)) {
      if (type === 'number') throw this.#bad()
      return {}
    }
    this.#at++
    const at = this.#next
    const value = this.#literal()
    const actual = typeof value === 'string' ? 'text' : (typeof value as KeywordType)
    if ((type ?? actual) !== actual || !operatorsOf[actual].includes(operator as Operator)) throw this.#bad(at)
    return { operator: operator as Operator, value }
  }

  #literal(): Literal {
    const token = this.#take()
    if (token.kind === 'text') return textOf(token)
    if (token.kind === 'number') return Number(token.text)
    const word = token.text.toLowerCase()
    if (word === 'true' || word === 'false') return word === 'true'
    throw this.#bad(token)
  }
}

/** `annotation.key`, `annotation[key]`: in brackets a key may have dots. */
function annotationKey(word: string): string | undefined {
  const match = /^annotation(?:\.([\w.]+)|\[["']?([^\]"']+)["']?\])$/i.exec(word)
  return match?.[1] ?? match?.[2]
}
