/** A compiled expression: DuckDB's text, Trino's type, and what the expression around it may need to know. */
import type { Token } from '../tokens.ts'
import type { SqlType } from './sqlTypes.ts'

export interface Typed {
  sql: string
  type: SqlType
  at: Token
  /** The name that a select item has by itself: a column's, a field's. */
  name?: string
  /** A literal's value, before any change of type. */
  constant?: string | number | boolean | null
  /** A column that no GROUP BY expression and no aggregate covers, while in a grouped query. */
  loose?: { at: Token; text: string }
  /** The first aggregate or window call inside, for places where none may be. */
  aggregate?: Token
  window?: Token
}

/** An expression made of others: what is true of a part (an uncovered column, an aggregate) is true of the whole. */
export function compound(sql: string, type: SqlType, parts: readonly (Typed | undefined)[], at: Token): Typed {
  const first = <K extends 'loose' | 'aggregate' | 'window'>(key: K) => parts.find((part) => part?.[key])?.[key]
  const [loose, aggregate, window] = [first('loose'), first('aggregate'), first('window')]
  return { sql, type, at, ...(loose && { loose }), ...(aggregate && { aggregate }), ...(window && { window }) }
}
