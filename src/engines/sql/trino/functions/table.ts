/**
 * A function is a line of a table: its signature in Trino's own words, and how DuckDB says it.
 *
 * Signatures: `T`, `K`, `V`, `U`, `S`, `R` stand for any type, `N` for any number; `decimal(p,s)`, `varchar(x)` bind
 * their numbers; `…` after the last parameter repeats it. Text: `$1` is an argument, `$*` all of them. An aggregate's
 * (or window function's) call is in braces, `sum{$1}`, where DISTINCT, ORDER BY, FILTER and OVER go.
 */
import type { Call } from '../ast.ts'
import type { SqlType } from '../sqlTypes.ts'
import type { Typed } from '../typed.ts'

export interface CallContext {
  call: Call
  args: readonly Typed[]
  type: SqlType
  /** What the signature's letters turned out to be. */
  bound: ReadonlyMap<string, SqlType>
}

export type FunctionText = string | ((args: readonly string[], context: CallContext) => string)

/** A result that the signature's letters cannot say: a rounded decimal's digits. */
export type ResultType = (types: readonly SqlType[]) => SqlType

export type FunctionLine = readonly [signature: string, text: FunctionText, result?: ResultType]

export interface FunctionTable {
  kind: 'scalar' | 'aggregate' | 'window'
  lines: readonly FunctionLine[]
}

/** A signature's name: what stands before the parenthesis. */
export function nameOf(signature: string): string {
  return signature.slice(0, signature.indexOf('('))
}
