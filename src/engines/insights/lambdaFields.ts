/**
 * The fields that AWS discovers in what Lambda itself logs (START, END and REPORT lines) and in the lines of its runtimes,
 * which carry the request's id. Megabytes are given as bytes, by thousands, as AWS does.
 */
import { quoteText } from '../sql/cursor.ts'
import type { Value } from './values.ts'

const groupPrefix = '/aws/lambda/'
const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'

type FieldSql = (message: string, group: string) => Value

function text(pattern: string): FieldSql {
  return (message, group) => ({ sql: found(pattern, message, group), type: 'text' })
}

function number(pattern: string, factor = 1): FieldSql {
  return (message, group) => ({
    sql: `(TRY_CAST(${found(pattern, message, group)} AS DOUBLE) * ${factor})`,
    type: 'number',
  })
}

function found(pattern: string, message: string, group: string): string {
  const extracted = `nullif(regexp_extract(${message}, ${quoteText(pattern)}, 1), '')`
  return `(CASE WHEN starts_with(${group}, ${quoteText(groupPrefix)}) THEN ${extracted} END)`
}

/** By name: how each is found in a message of a function's group. */
export const lambdaFields: ReadonlyMap<string, FieldSql> = new Map<string, FieldSql>([
  ['@requestId', text(`^(?:(?:START|END|REPORT) RequestId: |[^\\t]*\\t(?:[^\\t]*\\t)?)(${uuid})`)],
  ['@type', text('^(START|END|REPORT) RequestId: ')],
  ['@duration', number('^REPORT [^\\t]*\\tDuration: ([0-9.]+) ms')],
  ['@billedDuration', number('\\tBilled Duration: ([0-9.]+) ms')],
  ['@initDuration', number('\\tInit Duration: ([0-9.]+) ms')],
  ['@memorySize', number('\\tMemory Size: ([0-9]+) MB', 1_000_000)],
  ['@maxMemoryUsed', number('\\tMax Memory Used: ([0-9]+) MB', 1_000_000)],
  ['@xrayTraceId', text('\\tXRAY TraceId: ([^\\t\\s]+)')],
  ['@xraySegmentId', text('\\tSegmentId: ([^\\t\\s]+)')],
])

export function isFunctionGroup(group: string): boolean {
  return group.startsWith(groupPrefix)
}
