/**
 * Filter patterns of CloudWatch Logs: terms (`ERROR -debug "exact words" %regex%`, `?this ?that`), JSON conditions
 * (`{ $.level = "ERROR" && $.ms > 100 }`), space-delimited fields (`[ip, ..., status=4*]`).
 * Syntax: CloudWatch Logs User Guide, "Filter pattern syntax".
 */
import { parseFieldFilter } from './fieldFilter.ts'
import { parseJsonFilter } from './jsonFilter.ts'
import { parseTerms } from './termFilter.ts'
import { InvalidLogFilter } from './wantedText.ts'

export interface LogFilter {
  passes(message: string): boolean
  /** A message that has none of these texts does not pass: for those who look at bytes first. Absent: nothing is known. */
  readonly anyOf?: readonly string[]
  /** Whether it names values of the message: only such a filter measures them. */
  readonly names: boolean
  /** How many regular expressions it has: AWS has limits for them. */
  readonly expressions: number
  /** What `$.latency` (of JSON) or `$bytes` (a field's name) is in a message that passes. */
  valueOf(message: string, selector: string): string | number | boolean | undefined
  /** All that the pattern names, by its selector: what TestMetricFilter shows. */
  extracted(message: string): Record<string, string>
}

const patternCharactersMax = 1_024
/** Of a JSON or space-delimited pattern. */
const expressionsMax = 2

const everything: LogFilter = {
  passes: () => true,
  names: false,
  expressions: 0,
  valueOf: () => undefined,
  extracted: () => ({}),
}

/** Errors: InvalidLogFilter. */
export function compileLogFilter(pattern: string): LogFilter {
  if (pattern.length > patternCharactersMax) throw new InvalidLogFilter('The filter pattern is too long.')
  const text = pattern.trim()
  if (text === '') return everything
  if (!/^[{[]/.test(text)) return parseTerms(text)
  const filter = text.startsWith('{') ? parseJsonFilter(text) : parseFieldFilter(text)
  if (filter.expressions > expressionsMax) {
    throw new InvalidLogFilter(`Invalid filter pattern: more than ${expressionsMax} regular expressions`)
  }
  return filter
}
