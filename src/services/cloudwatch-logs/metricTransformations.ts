/** How an event that passes a metric filter becomes a value of a metric: the rules of its request, and the value. */
import type { MetricTransformation as Given } from '@aws-sdk/client-cloudwatch-logs'
import { isSelector } from '../../engines/logFilters/jsonSelectors.ts'
import type { LogFilter } from '../../engines/logFilters/logFilter.ts'
import { isNumeric } from '../../engines/logFilters/wantedText.ts'
import { awsErrors } from '../../wire/errors.ts'

export interface MetricTransformation {
  metricName: string
  metricNamespace: string
  /** A number, `$.field` or `$field`. */
  metricValue: string
  defaultValue?: number
  /** Selectors by the dimension's name. */
  dimensions?: Record<string, string>
  unit?: string
}

export interface Measured {
  value: number
  dimensions: { name: string; value: string }[]
}

const { InvalidParameterException } = awsErrors('cloudwatch-logs')
const dimensionsMax = 3

/** Errors: InvalidParameterException. */
export function transformationFrom(given: readonly Given[], filter: LogFilter): MetricTransformation {
  const [{ metricName = '', metricNamespace = '', metricValue = '', defaultValue, dimensions, unit } = {} as Given] =
    given
  const names = Object.keys(dimensions ?? {})
  if (names.length > 0 && defaultValue !== undefined)
    throw invalid('dimensions and default value are mutually exclusive properties')
  if (names.length > dimensionsMax) throw invalid(`a metric filter has ${dimensionsMax} dimensions at most`)
  if (names.length > 0 && !filter.names) {
    throw InvalidParameterException('The specified filter pattern does not support dimensions')
  }
  const selectors = Object.values(dimensions ?? {})
  const wrong = selectors.find((selector) => !isName(selector))
  if (wrong !== undefined) throw invalid(`the dimension value ${wrong} is no field of the pattern`)
  if (metricNamespace.startsWith('AWS/')) throw invalid('the namespace AWS/ is reserved')
  if (!isNumeric(metricValue) && !(isName(metricValue) && filter.names)) {
    throw invalid(`the metric value ${metricValue} is neither a number nor a field of the pattern`)
  }
  return {
    metricName,
    metricNamespace,
    metricValue,
    ...(defaultValue !== undefined && { defaultValue }),
    ...(dimensions && names.length > 0 && { dimensions }),
    ...(unit !== undefined && { unit }),
  }
}

function invalid(what: string) {
  return InvalidParameterException(`Invalid metric transformation: ${what}`)
}

/** `$.a.b[0]`, `$field` */
function isName(text: string): boolean {
  return /^\$[\w-]+$/.test(text) || isSelector(text)
}

/** Undefined where the event has no number there, or lacks a dimension. */
export function measured(
  { metricValue, dimensions = {} }: MetricTransformation,
  filter: LogFilter,
  message: string,
): Measured | undefined {
  const value = isNumeric(metricValue) ? metricValue : filter.valueOf(message, metricValue)
  if (value === undefined || typeof value === 'boolean' || !isNumeric(value)) return undefined
  const found = Object.entries(dimensions).map(([name, selector]) => ({
    name,
    value: String(filter.valueOf(message, selector) ?? ''),
  }))
  return found.every((dimension) => dimension.value !== '') ? { value: Number(value), dimensions: found } : undefined
}
