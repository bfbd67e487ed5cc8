/** A query as it is written: commands, and the expressions in them. Every expression knows where it stands. */
import type { Span } from './insightsError.ts'

export type Expression = Span &
  (
    | { kind: 'number'; value: number; text: string }
    | { kind: 'string'; text: string }
    | { kind: 'period'; count: number; unit: string }
    | { kind: 'regex'; source: string }
    | { kind: 'field'; name: string; segments: string[] }
    | { kind: 'star' }
    | { kind: 'call'; name: string; args: Expression[] }
    | { kind: 'not' | 'negative'; operand: Expression }
    | { kind: 'binary'; operator: BinaryOperator; left: Expression; right: Expression }
    | { kind: 'like'; operand: Expression; pattern: Expression; isNegated: boolean }
    | { kind: 'in'; operand: Expression; items: Expression[]; isNegated: boolean }
    | { kind: 'inQuery'; operand: Expression; query: Query; isNegated: boolean }
  )

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>='
export type BinaryOperator = 'and' | 'or' | Comparison | '+' | '-' | '*' | '/' | '%' | '^'

export type FieldName = Expression & { kind: 'field' }

/** An expression under a name: its alias, or the text it was written as. */
export interface Named {
  expression: Expression
  name: string
}

export interface SortItem {
  expression: Expression
  isDescending: boolean
}

export type Command = Span &
  (
    | { kind: 'fields'; items: Named[] }
    | { kind: 'display'; items: Named[] }
    | { kind: 'filter'; condition: Expression }
    | { kind: 'parse'; operand: Expression; pattern: Expression & { kind: 'string' | 'regex' }; names: string[] }
    | { kind: 'stats'; items: Named[]; by: Named[] }
    | { kind: 'sort'; items: SortItem[] }
    | { kind: 'limit'; count: number }
    | { kind: 'dedup'; items: Expression[] }
    | { kind: 'unnest'; operand: Expression; name: string }
    | { kind: 'pattern'; operand: Expression }
    | { kind: 'diff'; against: DiffAgainst }
    | { kind: 'addtotals'; total: string; hasRow: boolean; hasColumn: boolean; items: Expression[] }
    | { kind: 'join'; type: 'inner' | 'left'; left: string; right: string; on: [Expression, Expression]; query: Query }
    | { kind: 'lookup'; table: string; on: { column: string; field: FieldName }[]; outputs: FieldName[] }
    /** `unmask`: there is nothing masked here. */
    | { kind: 'nothing' }
  )

export type CommandOf<K extends Command['kind']> = Extract<Command, { kind: K }>

export type DiffAgainst = 'previous' | 'previousDay' | 'previousWeek' | 'previousMonth'

/** `SOURCE`: groups by name, or all that begin with one of the prefixes. */
export interface SourceClause extends Span {
  names: string[]
  prefixes?: string[]
  class?: string
  accounts: string[]
  /** `START=-1h`: relative to the end of the query's own range where they are negative, else times. */
  from?: string
  to?: string
}

export interface Query {
  source?: SourceClause
  commands: Command[]
  /** Of the whole text: it asks for what data protection masks. */
  isUnmasked?: boolean
}
