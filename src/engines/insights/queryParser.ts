/** Commands, with pipes between them: one method each, as the documentation has them. */
import type {
  Command,
  CommandOf,
  DiffAgainst,
  Expression,
  FieldName,
  Named,
  Query,
  SortItem,
  SourceClause,
} from './ast.ts'
import { ExpressionParser } from './expressionParser.ts'
import { InsightsError, type Span, unsupported } from './insightsError.ts'
import { sourceClause } from './sourceParser.ts'
import { Tokens } from './tokens.ts'

export const limitMax = 100_000
const prefixesMax = 5
const subqueryDepthMax = 1

type Unplaced<C> = C extends Span ? Omit<C, keyof Span> : never
type CommandBody = Unplaced<Command>

/** Errors: InsightsError. */
export function parseInsights(text: string): Query {
  const parser = new QueryParser(text)
  const query = parser.query()
  if (parser.tokens.peek().kind !== 'end') throw parser.tokens.unexpected("'|'")
  return { ...query, isUnmasked: parser.isUnmasked }
}

class QueryParser {
  readonly tokens: Tokens
  readonly #expressions: ExpressionParser
  #depth = -1

  constructor(text: string) {
    this.tokens = new Tokens(text)
    this.#expressions = new ExpressionParser(this.tokens, () => this.query())
  }

  get isUnmasked(): boolean {
    return this.#expressions.isUnmasked
  }

  query(): Query {
    this.#depth++
    if (this.#depth > subqueryDepthMax) throw unsupported('A subquery in a subquery', this.tokens.peek())
    const source = sourceClause(this.tokens)
    checkPrefixes(source)
    const commands: Command[] = []
    const isAtEnd = () => this.tokens.peek().kind === 'end' || this.tokens.is(')')
    if (source && !isAtEnd()) this.tokens.expect('|')
    if (!isAtEnd()) {
      do commands.push(this.#command())
      while (this.tokens.accept('|'))
    }
    this.#depth--
    return { ...(source && { source }), commands }
  }

  #command(): Command {
    const name = this.tokens.peek()
    const parse = name.kind === 'name' && !name.isQuoted ? this.#parsers[name.text.toLowerCase()] : undefined
    if (!parse) {
      if (name.kind === 'name' && absent.has(name.text.toLowerCase())) throw unsupported(`'${name.text}'`, name)
      throw this.tokens.unexpected('a command')
    }
    this.tokens.next()
    const command = parse()
    return { ...command, start: name.start, end: this.tokens.end } as Command
  }

  readonly #parsers: Record<string, () => CommandBody> = {
    fields: () => ({ kind: 'fields', items: this.#named() }),
    display: () => ({ kind: 'display', items: this.#named() }),
    filter: () => ({ kind: 'filter', condition: this.#expressions.expression() }),
    filterindex: () => ({ kind: 'filter', condition: this.#expressions.expression() }),
    parse: () => this.#parse(),
    stats: () => ({ kind: 'stats', items: this.#named(), by: this.tokens.accept('by') ? this.#named() : [] }),
    sort: () => ({ kind: 'sort', items: this.#sortItems() }),
    limit: () => ({ kind: 'limit', count: this.#count() }),
    head: () => ({ kind: 'limit', count: this.#count() }),
    dedup: () => ({ kind: 'dedup', items: this.#expressions.list() }),
    unnest: () => this.#unnest(),
    pattern: () => ({ kind: 'pattern', operand: this.#expressions.expression() }),
    diff: () => this.#diff(),
    addtotals: () => this.#addtotals(),
    join: () => this.#join(),
    lookup: () => this.#lookup(),
    unmask: () => {
      this.#expressions.list()
      this.#expressions.isUnmasked = true
      return { kind: 'nothing' }
    },
  }

  #named(): Named[] {
    const items = [this.#oneNamed()]
    while (this.tokens.accept(',')) items.push(this.#oneNamed())
    return items
  }

  #oneNamed(): Named {
    const expression = this.#expressions.expression()
    const written = expression.kind === 'field' ? expression.name : this.#text(expression)
    return { expression, name: this.tokens.accept('as') ? this.tokens.name().text : written }
  }

  #text({ start, end }: Expression): string {
    return this.tokens.text.slice(start, end).trim().replace(/\s+/g, ' ')
  }

  #parse(): CommandBody {
    const first = this.#expressions.pattern()
    const operand: Expression = first ? messageAt(first) : this.#expressions.primary()
    const pattern = first ?? this.#expressions.pattern()
    if (!pattern) throw this.tokens.unexpected('a string or a regular expression')
    const names: string[] = []
    if (this.tokens.accept('as')) {
      do names.push(this.tokens.name().text)
      while (this.tokens.accept(','))
    }
    return { kind: 'parse', operand, pattern, names }
  }

  /** `sort by a` is `sort a`, as AWS's own samples for Lambda have it. */
  #sortItems(): SortItem[] {
    const items: SortItem[] = []
    this.tokens.accept('by')
    do {
      const expression = this.#expressions.expression()
      const isDescending = this.tokens.accept('desc')
      if (!isDescending) this.tokens.accept('asc')
      items.push({ expression, isDescending })
    } while (this.tokens.accept(','))
    return items
  }

  #count(): number {
    const token = this.tokens.next()
    const count = token.kind === 'number' ? Number(token.text) : Number.NaN
    if (Number.isInteger(count) && count >= 1 && count <= limitMax) return count
    throw new InsightsError(`expected a whole number from 1 to ${limitMax}`, token)
  }

  #unnest(): CommandBody {
    const operand = this.#expressions.expression()
    this.tokens.expect('into')
    return { kind: 'unnest', operand, name: this.tokens.name().text }
  }

  #diff(): CommandBody {
    const token = this.tokens.peek()
    if (token.kind !== 'name') return { kind: 'diff', against: 'previous' }
    const against = diffs.find((name) => name.toLowerCase() === token.text.toLowerCase())
    if (!against) throw this.tokens.unexpected(`one of ${diffs.slice(1).join(', ')}`)
    this.tokens.next()
    return { kind: 'diff', against }
  }

  /** `addtotals fieldname=Sum col=true a, b`. */
  #addtotals(): CommandBody {
    const found = { total: 'Total', hasRow: true, hasColumn: false }
    for (;;) {
      if (this.tokens.accept('fieldname')) found.total = this.#assigned()
      else if (this.tokens.accept('row')) found.hasRow = this.#assigned() === 'true'
      else if (this.tokens.accept('col')) found.hasColumn = this.#assigned() === 'true'
      else break
    }
    const items = this.tokens.peek().kind === 'name' ? this.#expressions.list() : []
    return { kind: 'addtotals', ...found, items }
  }

  #assigned(): string {
    this.tokens.expect('=')
    return this.tokens.name().text
  }

  /** `join type=left left=a right=b where a.id=b.id (SOURCE '…' | …)`. */
  #join(): CommandBody {
    const settings: Record<string, string> = { type: 'inner' }
    for (const setting of ['type', 'left', 'right', 'type']) {
      if (this.tokens.accept(setting)) settings[setting] = this.#assigned()
    }
    const { type, left, right } = settings
    if (type !== 'inner' && type !== 'left') throw this.tokens.unexpected('type=inner or type=left')
    if (left === undefined || right === undefined) throw this.tokens.unexpected("'left=' and 'right='")
    this.tokens.expect('where')
    const one = this.#field()
    this.tokens.expect('=')
    const other = this.#field()
    this.tokens.expect('(')
    const query = this.query()
    this.tokens.expect(')')
    return { kind: 'join', type, left, right, on: [one, other], query }
  }

  /** `lookup users id as userId, area as zone OUTPUT name, email`. */
  #lookup(): CommandBody {
    const table = this.tokens.name().text
    const on: CommandOf<'lookup'>['on'] = []
    do {
      const column = this.tokens.name().text
      this.tokens.expect('as')
      on.push({ column, field: this.#field() })
    } while (this.tokens.accept(','))
    this.tokens.expect('output')
    const outputs = [this.#field()]
    while (this.tokens.accept(',')) outputs.push(this.#field())
    return { kind: 'lookup', table, on, outputs }
  }

  /** What may have a parenthesis after it, and is no call. */
  #field(): FieldName {
    const { text: name, segments, start, end } = this.tokens.name()
    return { kind: 'field', name, segments, start, end }
  }
}

/** What `parse` looks into where no field is named. */
function messageAt({ start, end }: Span): Expression {
  return { kind: 'field', name: '@message', segments: ['@message'], start, end }
}

const diffs: readonly DiffAgainst[] = ['previous', 'previousDay', 'previousWeek', 'previousMonth']

/** Commands that the documentation has and we do not: they need what is not there, models that learn. */
export const absent: ReadonlySet<string> = new Set(['anomaly', 'tail'])

function checkPrefixes(source: SourceClause | undefined): void {
  if ((source?.prefixes?.length ?? 0) <= prefixesMax || !source) return
  throw new InsightsError(`namePrefix takes at most ${prefixesMax} prefixes`, source)
}
