/** What DuckDB says of a statement that fails while it runs, in Trino's words and by its names where they mean one thing. */
import { SqlError } from '../sqlError.ts'

const widths: Record<string, string> = {
  INT8: 'tinyint',
  INT16: 'smallint',
  INT32: 'integer',
  INT64: 'bigint',
  INT128: 'decimal',
}

const known: [pattern: RegExp, made: (match: RegExpExecArray) => [code: string, message: string]][] = [
  [
    /Overflow in (addition|subtraction|multiplication|negation) of (?:an )?(INT\d+)(?: \((.*)\))?/,
    (match) => [
      'NUMERIC_VALUE_OUT_OF_RANGE',
      `${widths[match[2] as string]} ${match[1]} overflow${match[3] ? `: ${match[3]}` : ''}`,
    ],
  ],
  [
    /Overflow in .*DECIMAL|DECIMAL.*out of range|Could not cast value .* to DECIMAL/,
    () => ['NUMERIC_VALUE_OUT_OF_RANGE', 'Decimal overflow'],
  ],
  [
    /Overflow|out of range for the destination type|Cannot negate/i,
    (match) => ['NUMERIC_VALUE_OUT_OF_RANGE', match.input],
  ],
  [
    /More than one row returned by a subquery/,
    () => ['SUBQUERY_MULTIPLE_ROWS', 'Scalar sub-query has returned multiple rows'],
  ],
  [/Map keys must be unique/, () => ['INVALID_FUNCTION_ARGUMENT', 'Duplicate map keys are not allowed']],
  [/Map keys can not be NULL/i, () => ['INVALID_FUNCTION_ARGUMENT', 'map key cannot be null']],
]

/** Errors raised by our own functions carry their code in front: `DIVISION_BY_ZERO: Division by zero`. */
export function engineFailure(error: unknown): unknown {
  if (!(error instanceof SqlError) || !error.code.startsWith('ENGINE_')) return error
  const coded = /^([A-Z][A-Z_]{3,}): ([\s\S]*)$/.exec(error.message)
  if (coded) return new SqlError(coded[2] as string, undefined, coded[1] as string)
  for (const [pattern, made] of known) {
    const match = pattern.exec(error.message)
    if (!match) continue
    const [code, message] = made(match)
    return new SqlError(message, undefined, code)
  }
  return error
}
