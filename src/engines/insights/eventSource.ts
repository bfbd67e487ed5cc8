/**
 * The events of some groups as a table, `events0`, and what a query asks of it: only columns that it names are filled,
 * and only fields that it names are looked for in the events' JSON.
 */
import { quoteText } from '../sql/cursor.ts'
import type { SourceClause } from './ast.ts'
import { lambdaFields } from './lambdaFields.ts'
import type { Value } from './values.ts'

export interface Account {
  account: string
  region: string
}

/** Of the table; `body` is the event's JSON where it is not the whole message, `era` 1 in the time compared with. */
export const eventColumns = {
  ts: 'BIGINT',
  ingested: 'BIGINT',
  message: 'VARCHAR',
  body: 'VARCHAR',
  stream: 'VARCHAR',
  grp: 'VARCHAR',
  place: 'BIGINT',
  era: 'INTEGER',
} as const

export type EventColumn = keyof typeof eventColumns

/** Dots in a name may be dots in a key: so many spellings are looked for. */
const splitSegmentsMax = 3

export class EventSource {
  readonly number: number
  /** Undefined: the groups that the request names. */
  readonly clause: SourceClause | undefined
  readonly #pointers = new Map<string, number>()
  readonly #place: Account

  constructor(number: number, clause: SourceClause | undefined, place: Account) {
    this.number = number
    this.clause = clause
    this.#place = place
  }

  column(name: EventColumn | 'seq' | 'fields'): string {
    return `e${this.number}_${name}`
  }

  /** Whether fields of the events' JSON are asked for. */
  get discovers(): boolean {
    return this.#pointers.size > 0
  }

  field(name: string): Value {
    const system = this.#system(name)
    if (system) return system
    if (name.startsWith('@') && !name.startsWith('@@')) return { sql: 'CAST(NULL AS VARCHAR)', type: 'text' }
    const leaves = pointersOf(name.replace(/^@@/, '@')).map((pointer) => this.#leaf(pointer))
    return { sql: leaves.length === 1 ? (leaves[0] as string) : `coalesce(${leaves.join(', ')})`, type: 'text' }
  }

  #leaf(pointer: string): string {
    const index = this.#pointers.get(pointer) ?? this.#pointers.size + 1
    this.#pointers.set(pointer, index)
    return `igp_leaf(${this.column('fields')}[${index}])`
  }

  #system(name: string): Value | undefined {
    switch (name) {
      case '@timestamp':
        return { sql: this.column('ts'), type: 'timestamp' }
      case '@ingestionTime':
        return { sql: this.column('ingested'), type: 'timestamp' }
      case '@message':
        return { sql: this.column('message'), type: 'text' }
      case '@logStream':
        return { sql: this.column('stream'), type: 'text' }
      case '@log':
        return { sql: `(${quoteText(`${this.#place.account}:`)} || ${this.column('grp')})`, type: 'text' }
      case '@ptr':
        return { sql: `igp_pointer(${this.column('place')})`, type: 'text' }
      case '@aws.account':
        return { sql: quoteText(this.#place.account), type: 'text' }
      case '@aws.region':
        return { sql: quoteText(this.#place.region), type: 'text' }
    }
    return lambdaFields.get(name)?.(this.column('message'), this.column('grp'))
  }

  /** Those of the table's columns that the text of the query names. */
  columnsIn(sql: string): EventColumn[] {
    const isNamed = (column: EventColumn) => new RegExp(`\\b${this.column(column)}\\b`).test(sql)
    const named = (Object.keys(eventColumns) as EventColumn[]).filter((column) => column !== 'body' && isNamed(column))
    if (this.discovers) named.push(...(['message', 'body'] as const).filter((column) => !named.includes(column)))
    return named.length > 0 ? named : ['ts']
  }

  /** The relation that the query begins with: columns under names that no other source has. */
  baseSql(sql: string): string {
    const columns = this.columnsIn(sql).map((column) => `${column} AS ${this.column(column)}`)
    if (new RegExp(`\\b${this.column('seq')}\\b`).test(sql)) columns.push(`rowid AS ${this.column('seq')}`)
    if (this.discovers) columns.push(`${this.#fieldsSql()} AS ${this.column('fields')}`)
    return `SELECT ${columns.join(', ')} FROM events${this.number}`
  }

  /** All fields in one reading of the JSON; what turns out to be none has no fields. */
  #fieldsSql(): string {
    const pointers = [...this.#pointers.keys()].map(quoteText).join(', ')
    const body = 'coalesce(body, message)'
    return `CASE WHEN starts_with(${body}, '{') THEN TRY(CAST(json_extract(${body}, [${pointers}]) AS VARCHAR[])) END`
  }
}

/** `a.b` is `{"a":{"b":1}}` and `{"a.b":1}`: JSON pointers, in which a number is an index as well as a key. */
function pointersOf(name: string): string[] {
  const segments = name.split('.')
  if (segments.length > splitSegmentsMax) return [pointerOf(segments), pointerOf([name])]
  const joined = segments.slice(1).reduce<string[][]>(
    (found, segment) =>
      found.flatMap((before) => [
        [...before, segment],
        [...before.slice(0, -1), `${before[before.length - 1]}.${segment}`],
      ]),
    [[segments[0] as string]],
  )
  return joined.map(pointerOf)
}

export function pointerOf(segments: readonly string[]): string {
  return segments.map((segment) => `/${segment.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
