/** Filter patterns as the operations use them; those of metric and subscription filters are read once. */
import { singleton } from '../../delivery/singleton.ts'
import { compileLogFilter, type LogFilter } from '../../engines/logFilters/logFilter.ts'
import { InvalidLogFilter } from '../../engines/logFilters/wantedText.ts'
import { awsErrors } from '../../wire/errors.ts'
import { madeOnce } from '../../wire/madeOnce.ts'

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

/** By their text. */
export const compiledFilters = singleton('compiled log filters', () => madeOnce(1_000, compileLogFilter))
