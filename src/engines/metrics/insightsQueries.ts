/**
 * Metrics Insights: `SELECT AVG(Duration) FROM SCHEMA("AWS/Lambda", FunctionName) WHERE … GROUP BY … ORDER BY … LIMIT …`.
 * Source: docs.aws.amazon.com, Amazon CloudWatch User Guide, "Query components and syntax in CloudWatch Metrics Insights".
 */
import { MathError } from './mathSyntax.ts'
import type { MetricName } from './series.ts'

export interface InsightsQuery {
  statistic: string
  metricName: string
  namespace: string
  /** The names of exactly the dimensions; absent: whatever they are. */
  schema?: string[]
  where: readonly { name: string; equal: boolean; value: string }[]
  groupBy: readonly string[]
  orderBy?: { statistic: string; descending: boolean }
  limit: number
}

const statistics: Record<string, string> = {
  AVG: 'Average',
  COUNT: 'SampleCount',
  MAX: 'Maximum',
  MIN: 'Minimum',
  SUM: 'Sum',
}
/** As many series as AWS gives. */
const limitMax = 500

export function isInsightsQuery(expression: string): boolean {
  return /^\s*SELECT\s/i.test(expression)
}

/** Errors: MathError. */
export function parseInsights(text: string): InsightsQuery {
  return new InsightsParser(text).whole()
}

export function matchesQuery({ metricName, namespace, schema, where }: InsightsQuery, metric: MetricName): boolean {
  if (metric.namespace !== namespace || metric.name !== metricName) return false
  const names = metric.dimensions.map(({ name }) => name)
  if (schema && (schema.length !== names.length || !schema.every((name) => names.includes(name)))) return false
  return where.every(({ name, equal, value }) => {
    const found = metric.dimensions.find((dimension) => dimension.name === name)
    return found ? (found.value === value) === equal : false
  })
}

const tokenPattern = /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([A-Za-z_][\w./-]*)|(\d+)|(!=|[=(),]))/y

interface Token {
  kind: 'quoted' | 'text' | 'word' | 'number' | 'sign' | 'end'
  text: string
}

class InsightsParser {
  readonly #tokens: Token[] = []
  #at = 0

  constructor(text: string) {
    const pattern = new RegExp(tokenPattern)
    const end = text.trimEnd().length
    while (pattern.lastIndex < end) {
      const at = pattern.lastIndex
      const match = pattern.exec(text)
      if (!match) throw new MathError(`Unexpected character in the query at position ${at + 1}.`)
      const [, quoted, single, word, number, sign] = match
      if (quoted !== undefined) this.#tokens.push({ kind: 'quoted', text: quoted.replace(/\\(.)/g, '$1') })
      else if (single !== undefined) this.#tokens.push({ kind: 'text', text: single.replace(/\\(.)/g, '$1') })
      else if (word !== undefined) this.#tokens.push({ kind: 'word', text: word })
      else if (number !== undefined) this.#tokens.push({ kind: 'number', text: number })
      else this.#tokens.push({ kind: 'sign', text: sign as string })
    }
    this.#tokens.push({ kind: 'end', text: '' })
  }

  whole(): InsightsQuery {
    this.#mustTake('SELECT')
    const statistic = this.#statistic()
    this.#mustTake('(')
    const metricName = this.#name()
    this.#mustTake(')')
    this.#mustTake('FROM')
    const from = this.#from()
    const where = this.#take('WHERE') ? this.#conditions() : []
    const groupBy = this.#take('GROUP') ? this.#names() : []
    const orderBy = this.#take('ORDER') ? this.#order() : undefined
    const limit = this.#take('LIMIT') ? this.#limit() : limitMax
    if (this.#next.kind !== 'end') this.#refuse()
    return { statistic, metricName, ...from, where, groupBy, ...(orderBy && { orderBy }), limit }
  }

  get #next(): Token {
    return this.#tokens[this.#at] as Token
  }

  #take(word: string): boolean {
    const { kind, text } = this.#next
    if ((kind !== 'word' && kind !== 'sign') || text.toUpperCase() !== word) return false
    this.#at++
    return true
  }

  #mustTake(word: string): void {
    if (!this.#take(word)) this.#refuse(word)
  }

  #refuse(expected?: string): never {
    const found = this.#next.kind === 'end' ? 'the end of the query' : `'${this.#next.text}'`
    throw new MathError(`Unexpected ${found} in the query${expected ? `: ${expected} is expected` : ''}.`)
  }

  #statistic(): string {
    const found = this.#next.kind === 'word' ? statistics[this.#next.text.toUpperCase()] : undefined
    if (!found) this.#refuse('AVG, COUNT, MAX, MIN or SUM')
    this.#at++
    return found
  }

  #name(): string {
    const { kind, text } = this.#next
    if (kind !== 'word' && kind !== 'quoted') this.#refuse('a name')
    this.#at++
    return text
  }

  #from(): { namespace: string; schema?: string[] } {
    if (!this.#take('SCHEMA')) return { namespace: this.#name() }
    this.#mustTake('(')
    const namespace = this.#name()
    const schema: string[] = []
    while (this.#take(',')) schema.push(this.#name())
    this.#mustTake(')')
    return { namespace, schema }
  }

  #conditions(): InsightsQuery['where'] {
    const conditions = [this.#condition()]
    while (this.#take('AND')) conditions.push(this.#condition())
    return conditions
  }

  #condition(): InsightsQuery['where'][number] {
    const name = this.#name()
    const equal = this.#take('=')
    if (!equal) this.#mustTake('!=')
    const { kind, text } = this.#next
    if (kind !== 'text') this.#refuse('a value in single quotes')
    this.#at++
    return { name, equal, value: text }
  }

  #names(): string[] {
    this.#mustTake('BY')
    const names = [this.#name()]
    while (this.#take(',')) names.push(this.#name())
    return names
  }

  #order(): { statistic: string; descending: boolean } {
    this.#mustTake('BY')
    const statistic = this.#statistic()
    this.#mustTake('(')
    this.#mustTake(')')
    const descending = this.#take('DESC')
    if (!descending) this.#take('ASC')
    return { statistic, descending }
  }

  #limit(): number {
    const limit = Number(this.#next.text)
    if (this.#next.kind !== 'number' || limit < 1 || limit > limitMax) this.#refuse(`a number from 1 to ${limitMax}`)
    this.#at++
    return limit
  }
}
