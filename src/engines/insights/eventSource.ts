/**
 * The events of some groups as a table, `feed0()`, and what a query asks of it: only columns that it names are filled,
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

/** Of the rows, out of those of the blocks of events (blockRows.ts); `era` is 1 in the time compared with. */
const eventColumns = {
  ts: 'CAST(unnest(times) AS BIGINT)',
  message: 'unnest(string_split(messages, separator))',
  place: 'unnest(range(place, place + amount))',
  ingested: 'ingested',
  stream: 'stream',
  grp: 'grp',
  era: 'era',
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

  column(name: EventColumn | 'body' | 'found' | `f${number}`): string {
    return `e${this.number}_${name}`
  }

  /** The function that gives its blocks. */
  get feed(): string {
    return `feed${this.number}`
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
    return this.column(`f${index}`)
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

  /** Those of the columns that the text of the query names, or its fields need. */
  columnsIn(sql: string, anyOf: readonly string[] | undefined): EventColumn[] {
    const isNeeded = (column: EventColumn) =>
      new RegExp(`\\b${this.column(column)}\\b`).test(sql) ||
      (column === 'message' && (this.discovers || anyOf !== undefined)) ||
      (column === 'grp' && this.discovers)
    const named = (Object.keys(eventColumns) as EventColumn[]).filter(isNeeded)
    return named.some((column) => column === 'ts' || column === 'message') ? named : ['ts', ...named]
  }

  /** The relation that the query begins with: columns under names that no other source has. */
  baseSql(columns: readonly EventColumn[], anyOf: readonly string[] | undefined): string {
    const list = columns.map((column) => `${eventColumns[column]} AS ${this.column(column)}`)
    const events = `SELECT ${list.join(', ')} FROM ${this.feed}()`
    if (!this.discovers && !anyOf) return events
    const having = anyOf?.map((text) => `contains(${this.column('message')}, ${quoteText(text)})`)
    const passing = having ? `SELECT * FROM (${events}) WHERE ${having.join(' OR ')}` : events
    return this.discovers ? this.#withFields(passing) : passing
  }

  /** All fields in one reading of the JSON; what turns out to be none has no fields. */
  #withFields(events: string): string {
    const pointers = [...this.#pointers.keys()].map(quoteText)
    const [found, body] = [this.column('found'), this.column('body')]
    const isOne = pointers.length === 1
    const asked = isOne ? pointers[0] : `[${pointers.join(', ')}]`
    const bodies = `SELECT *, igp_body_of(${this.column('message')}, ${this.column('grp')}) AS ${body} FROM (${events})`
    const texts = `SELECT *, TRY(json_extract_string(${body}, ${asked})) AS ${found} FROM (${bodies})`
    const leaves = pointers.map(
      (pointer, i) =>
        `igp_leaf(${isOne ? found : `${found}[${i + 1}]`}, ${body}, ${pointer}) AS ${this.column(`f${i + 1}`)}`,
    )
    return `SELECT *, ${leaves.join(', ')} FROM (${texts})`
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
