/** Trino's errors, as its analyzer words them: the place, what is wrong, the error's name. */
import { SqlError, type SqlPosition } from '../sqlError.ts'
import { type SqlType, typeName } from './sqlTypes.ts'

export function trinoError(code: string, message: string, at?: SqlPosition): SqlError {
  return new SqlError(at ? `line ${at.line}:${at.column}: ${message}` : message, at, code)
}

export const typeMismatch = (message: string, at: SqlPosition) => trinoError('TYPE_MISMATCH', message, at)

export const refused = (construct: string, at: SqlPosition) =>
  trinoError('NOT_SUPPORTED', `${construct} is not supported by the embedded SQL engine`, at)

export function cannotApply(operator: string, left: SqlType, right: SqlType, at: SqlPosition): SqlError {
  return typeMismatch(`Cannot apply operator: ${typeName(left)} ${operator} ${typeName(right)}`, at)
}

/** DuckDB text that fails when it is evaluated, with a message that may be made of values. */
export function failSql(code: string, message: string, carrier = 'VARCHAR'): string {
  const text = message
    .split(/(\{[^}]*\})/)
    .filter((part) => part !== '')
    .map((part) =>
      part.startsWith('{')
        ? `coalesce(CAST(${part.slice(1, -1)} AS VARCHAR), 'null')`
        : `'${part.replaceAll("'", "''")}'`,
    )
  const call = `igp_fail(${[`'${code}: '`, ...text].join(' || ')})`
  return carrier === 'VARCHAR' ? call : `CAST(${call} AS ${carrier})`
}
