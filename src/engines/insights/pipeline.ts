/**
 * A query in the making: each command adds a relation on top of the one before. Columns have names that no other
 * relation has (`c7`, `e0_ts`), so the text itself tells which of them are needed.
 */
import type { EventSource } from './eventSource.ts'
import { Scope } from './scope.ts'
import { textSql, type Value } from './values.ts'

/** Ascending, what is missing comes first, as the smallest; descending, last. */
export interface OrderItem {
  sql: string
  isDescending: boolean
}

export interface Stage {
  name: string
  sql: string
}

/** Numbers for relations and columns, of the whole query. */
export class Names {
  #last = 0

  next(prefix: string): string {
    this.#last++
    return `${prefix}${this.#last}`
  }
}

export class Pipeline {
  readonly names: Names
  readonly stages: Stage[]
  scope: Scope
  order: OrderItem[]
  /** Names of the columns that the result shows; undefined: @timestamp and @message. */
  outputs: string[] | undefined
  /** `fields` after `stats` begins anew; after `fields` it adds. */
  outputsAreOf: 'default' | 'fields' | 'stats' = 'default'
  display: string[] | undefined
  /** Found by `parse` and `unnest`: shown even without `fields`. */
  found: string[] = []
  isAggregated = false
  hasLimit = false
  /** How many stages there were when the last event of its own was looked at; afterwards come groups, orders, joins. */
  headLength: number | undefined
  hasFilter = false
  /** All events pass, and of them only the newest or the oldest are ever looked at. */
  first: { count: number; isNewest: boolean } | undefined

  constructor(names: Names, source: EventSource) {
    this.names = names
    this.stages = []
    this.scope = new Scope([], source)
    this.order = [
      { sql: source.column('ts'), isDescending: true },
      { sql: source.column('place'), isDescending: true },
    ]
    this.add(`SELECT * FROM base${source.number}`)
  }

  get current(): string {
    return (this.stages[this.stages.length - 1] as Stage).name
  }

  add(sql: string): void {
    this.stages.push({ name: this.names.next('s'), sql })
  }

  /** A column beside those that there are. */
  addColumn({ sql, type }: Value): Value {
    const column = this.names.next('c')
    this.add(`SELECT *, ${sql} AS ${column} FROM ${this.current}`)
    return { sql: column, type }
  }

  name(name: string, value: Value): void {
    this.scope = this.scope.with(name, value)
  }

  /** The first command that is not of one event alone. */
  endHead(): void {
    this.headLength ??= this.stages.length
  }

  /** The first so many in the present order. */
  limit(count: number): void {
    const [order] = this.order
    const isByTime = order !== undefined && order.sql === this.scope.source?.column('ts')
    if (isByTime && !this.hasFilter && this.stages.length === this.headLength) {
      this.first = { count, isNewest: order.isDescending }
    }
    this.add(`SELECT * FROM ${this.current}${this.orderSql} LIMIT ${count}`)
  }

  get orderSql(): string {
    if (this.order.length === 0) return ''
    const items = this.order.map(
      ({ sql, isDescending }) => `${sql} ${isDescending ? 'DESC NULLS LAST' : 'ASC NULLS FIRST'}`,
    )
    return ` ORDER BY ${items.join(', ')}`
  }

  get shown(): string[] {
    const names = this.display ?? [...(this.outputs ?? ['@timestamp', '@message']), ...this.found]
    return names.filter((name, i) => names.indexOf(name) === i)
  }

  /** The result: text, each column as AWS writes it, and the event's pointer last where rows are events. */
  resultSql(limit: number): { sql: string; fields: string[] } {
    // Cut before it is written as text: most rows are not shown.
    this.limit(limit)
    const fields = this.shown
    const values = fields.map((name) => textSql(this.scope.resolve({ name, segments: name.split('.') })))
    if (!this.isAggregated && !fields.includes('@ptr')) {
      fields.push('@ptr')
      values.push(textSql(this.scope.resolve({ name: '@ptr', segments: ['@ptr'] })))
    }
    const list = values.map((value, i) => `${value} AS r${i}`).join(', ')
    return { sql: `SELECT ${list} FROM ${this.current}${this.orderSql}`, fields }
  }
}
