/**
 * Values as SQL. A log's field is text that may be a number, so most values are `text`, and each use says what it takes
 * them for. Times are milliseconds; `json` is the text of a document.
 */
import { quoteText } from '../sql/cursor.ts'
import type { Expression } from './ast.ts'
import type { Period } from './periods.ts'

export type InsightsType = 'text' | 'number' | 'boolean' | 'timestamp' | 'json' | 'period'

export interface Value {
  sql: string
  type: InsightsType
  /** What stands in the query itself, not in an event. */
  literal?: string | number
  /** A number's as they are written: longer ones than a double has. */
  digits?: string
  period?: Period
}

export function numberSql({ sql, type, literal }: Value): string {
  if (type === 'number') return sql
  if (typeof literal === 'string') return looksNumeric(literal) ? doubleText(Number(literal)) : 'CAST(NULL AS DOUBLE)'
  if (type === 'timestamp') return `CAST(${sql} AS DOUBLE)`
  if (type === 'boolean') return `CAST(CAST(${sql} AS INTEGER) AS DOUBLE)`
  return type === 'json' ? `igp_num(igp_json_text(${sql}))` : `igp_num(${sql})`
}

export function textSql({ sql, type, literal, digits }: Value): string {
  if (digits !== undefined) return quoteText(digits)
  if (typeof literal === 'number') return quoteText(numberText(literal))
  if (type === 'number') return `igp_number_text(${sql})`
  if (type === 'timestamp') return `igp_time_text(${sql})`
  if (type === 'boolean') return `CAST(CAST(${sql} AS INTEGER) AS VARCHAR)`
  return type === 'json' ? `igp_json_text(${sql})` : sql
}

export function booleanSql(value: Value): string {
  return value.type === 'boolean' ? value.sql : `(${numberSql(value)} <> 0)`
}

export function timeSql(value: Value): string {
  if (value.type === 'timestamp') return value.sql
  if (typeof value.literal === 'string' && !looksNumeric(value.literal)) {
    return `epoch_ms(TRY_CAST(${quoteText(value.literal)} AS TIMESTAMP))`
  }
  return `TRY_CAST(round(${numberSql(value)}) AS BIGINT)`
}

export function jsonSql(value: Value): string {
  return value.type === 'json' ? value.sql : `igp_json_parse(${textSql(value)})`
}

/** As DuckDB's text: a double is always read as one. */
export function doubleText(value: number): string {
  return `CAST(${quoteText(String(value))} AS DOUBLE)`
}

export function numberText(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e18 ? BigInt(value).toString() : String(value)
}

export function looksNumeric(text: string): boolean {
  return /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/.test(text)
}

/** What a literal stands for; undefined where the expression is none. */
export function literalValue(expression: Expression): Value | undefined {
  if (expression.kind === 'number') {
    const { value: literal, text } = expression
    const isExact = !Number.isInteger(literal) || Number.isSafeInteger(literal)
    return { sql: doubleText(literal), type: 'number', literal, ...(!isExact && { digits: text }) }
  }
  if (expression.kind === 'string') return { sql: quoteText(expression.text), type: 'text', literal: expression.text }
  if (expression.kind === 'negative' && expression.operand.kind === 'number') {
    const value = -expression.operand.value
    return { sql: doubleText(value), type: 'number', literal: value }
  }
  return undefined
}
