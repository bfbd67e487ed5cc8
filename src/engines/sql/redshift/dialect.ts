/** What Redshift's grammar (expressions.ts, queries.ts) reads, and what it asks of the tables in redshiftDialect.ts. */
import type { Cursor } from '../cursor.ts'
import type { Token } from '../tokens.ts'

/** A translated expression, with what the expression around it may need to know. */
export interface Fragment {
  sql: string
  at: Token
  /** The column's own name, when the expression is nothing but a column. */
  column?: string
  /** The value of a string or number literal. */
  literal?: { kind: 'string' | 'number' | 'null'; text: string }
  kind?: 'interval' | 'date' | 'lambda' | 'row' | 'star'
  items?: Fragment[]
}

export interface FunctionCall {
  name: string
  at: Token
  args: Fragment[]
  distinct: boolean
  star: boolean
  /** ORDER BY, FILTER and OVER as they follow: parts of `{...}` in a template. */
  orderBy: string
  filter: string
  over: string
  ignoreNulls: boolean
  separatorLiteral?: string
}

/**
 * How a function is written in DuckDB: a template by number of arguments (`*` for any). `$1` is an argument, `$*` all
 * of them; `name{$1}` is an aggregate's or window function's call, which takes DISTINCT, ORDER BY, FILTER and OVER.
 */
export type FunctionRule =
  | string
  | { [count: number]: string; '*'?: string }
  | ((call: FunctionCall, t: Translation) => string)

/** A table that the statement names. */
export interface TableName {
  catalog?: string
  schema?: string
  table: string
  at: Token
}

export interface Dialect {
  functions: Record<string, FunctionRule>
  /** Functions written without parentheses: current_date. */
  keywords: Record<string, (t: Translation) => string>
  /** `decimal(10,2)` in the dialect to a DuckDB type; throws on what has no equal. */
  readType(t: Translation): DialectType
  cast(value: Fragment, type: DialectType, safe: boolean): string
  divide(left: string, right: string): string
  modulo(left: string, right: string): string
  subscript(base: Fragment, index: Fragment, t: Translation): string
  dateParts: Record<string, string>
  typedLiteral(type: string, text: string, at: Token): string | undefined
}

export interface DialectType {
  sql: string
  /** As the user wrote it, lower case: `varchar(10)`. */
  name: string
  base: string
  args: number[]
}

/** One statement on its way to DuckDB. */
export interface Translation {
  cursor: Cursor
  dialect: Dialect
  /** The statement's beginning, in UTC: `2025-10-20 08:00:00.000`. */
  now: string
  /** Names of common table expressions in scope. */
  withNames: string[]
  lambdaNames: string[]
  windowNames: string[]
  tables: TableName[]
  /** How DuckDB knows a table of the statement. */
  tableSql(name: TableName): string
  parameters: (token: Token) => string
  anonymous: number
  depth: number
}
