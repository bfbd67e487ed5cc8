/**
 * A function is a line of a table: its signature, how DuckDB says it, and what it gives. `…` after the last parameter
 * repeats it, `?` lets it be left out. `$1` is an argument, made what the signature says; `$*` is all of them.
 */
import type { Period } from '../periods.ts'
import type { InsightsType } from '../values.ts'

export type ParameterType = 'number' | 'text' | 'boolean' | 'timestamp' | 'json' | 'period' | 'any'

export interface CallContext {
  /** When the query began. */
  now: number
  /** The events' own time; undefined where it is gone, after `stats`. */
  time: string | undefined
  periods: readonly Period[]
  types: readonly InsightsType[]
}

export type FunctionSql = string | ((args: readonly string[], context: CallContext) => string)

export type FunctionLine = readonly [signature: string, sql: FunctionSql, meaning: string]

export interface Signature {
  name: string
  parameters: { type: ParameterType; isRepeated: boolean; isOptional: boolean }[]
  /** `any`: that of its arguments. */
  result: InsightsType | 'any'
}

/** `substr(text, number, number?): text`. */
export function signatureOf(text: string): Signature {
  const [, name = '', list = '', result = ''] = /^(\w+)\((.*)\): (\w+)$/.exec(text) ?? []
  const parameters = list
    .split(', ')
    .filter((part) => part !== '')
    .map((part) => ({
      type: part.replace(/[…?]$/, '') as ParameterType,
      isRepeated: part.endsWith('…'),
      isOptional: part.endsWith('?'),
    }))
  return { name, parameters, result: result as Signature['result'] }
}
