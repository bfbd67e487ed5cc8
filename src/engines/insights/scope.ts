/** Which names there are at a place in a query: columns made so far, and fields that events may have. */
import type { FieldName } from './ast.ts'
import { type EventSource, pointerOf } from './eventSource.ts'
import type { Value } from './values.ts'

export class Scope {
  readonly columns: Map<string, Value>
  /** Where names that are no column are looked for; undefined after `stats`. */
  readonly source: EventSource | undefined
  /** The sides of a join. */
  readonly aliases: ReadonlyMap<string, Scope>

  constructor(
    columns: Iterable<[string, Value]> = [],
    source?: EventSource,
    aliases: ReadonlyMap<string, Scope> = new Map(),
  ) {
    this.columns = new Map(columns)
    this.source = source
    this.aliases = aliases
  }

  with(name: string, value: Value): Scope {
    return new Scope([...this.columns, [name, value]], this.source, this.aliases)
  }

  resolve({ name, segments }: Pick<FieldName, 'name' | 'segments'>): Value {
    return this.#known(name, segments) ?? this.source?.field(name) ?? { sql: 'CAST(NULL AS VARCHAR)', type: 'text' }
  }

  #known(name: string, segments: readonly string[]): Value | undefined {
    const column = this.columns.get(name)
    if (column) return column
    for (let length = segments.length - 1; length > 0; length--) {
      const whole = this.columns.get(segments.slice(0, length).join('.'))
      if (whole?.type !== 'json') continue
      const pointer = pointerOf(segments.slice(length)).replaceAll("'", "''")
      return { sql: `igp_json_at(${whole.sql}, '${pointer}')`, type: 'json' }
    }
    const [first = '', ...rest] = segments
    const side = rest.length > 0 ? this.aliases.get(first) : undefined
    return side?.resolve({ name: rest.join('.'), segments: rest })
  }

  /** Whether the name is still the event's own field, which nothing made anew. */
  isField(name: string, segments: readonly string[]): boolean {
    return this.source !== undefined && this.#known(name, segments) === undefined
  }

  /** The events' time: their own, or, after `stats`, the first time that is left. */
  get time(): string | undefined {
    const named = this.columns.get('@timestamp')
    if (named) return named.sql
    if (this.source) return this.source.column('ts')
    return [...this.columns.values()].find(({ type }) => type === 'timestamp')?.sql
  }
}
