/** Filter patterns as the operations use them; those of metric and subscription filters are read once. */
import { singleton } from '../../delivery/singleton.ts'
import { compileLogFilter, type LogFilter } from '../../engines/logFilters/logFilter.ts'
import { InvalidLogFilter } from '../../engines/logFilters/wantedText.ts'
import { awsErrors } from '../../wire/errors.ts'

const { InvalidParameterException } = awsErrors('cloudwatch-logs')

/** Errors: InvalidParameterException. */
export function compileFilter(pattern: string): LogFilter {
  try {
    return compileLogFilter(pattern)
  } catch (error) {
    if (error instanceof InvalidLogFilter) throw InvalidParameterException(error.message)
    throw error
  }
}

const compiledMax = 1_000

/** By their text. */
export const compiledFilters = singleton('compiled log filters', () => {
  const known = new Map<string, LogFilter>()
  return (pattern: string): LogFilter => {
    let filter = known.get(pattern)
    if (!filter) {
      filter = compileLogFilter(pattern)
      if (known.size >= compiledMax) known.clear()
      known.set(pattern, filter)
    }
    return filter
  }
})
