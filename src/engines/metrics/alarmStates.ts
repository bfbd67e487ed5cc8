/**
 * What an alarm's state is, from the datapoints of its evaluation range: M out of N, and what missing ones count as.
 * Source: docs.aws.amazon.com, Amazon CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data",
 * whose two tables are the tests.
 */
import type { Millis } from '../../clock.ts'

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA'
export type MissingData = 'missing' | 'ignore' | 'breaching' | 'notBreaching'

export interface Datapoint {
  at: Millis
  value: number
  sampleCount?: number
  /** What it is compared with: of a band, the lower and the upper edge. */
  thresholds: readonly number[]
}

export interface Evaluation {
  /** Undefined: it stays as it is. */
  state: AlarmState | undefined
  /** Those that counted, the newest first. */
  evaluated: Datapoint[]
  breaching: Datapoint[]
  /** How many missing ones counted as breaching or not. */
  filled: number
}

export interface AlarmRules {
  comparison: string
  evaluationPeriods: number
  datapointsToAlarm: number
  missingData: MissingData
}

/** More than the evaluation periods are looked at, in case some are missing or late. */
export const extraPeriods = 2

/** `range` has the newest last; undefined where a datapoint is missing. */
export function evaluate(rules: AlarmRules, range: readonly (Datapoint | undefined)[]): Evaluation {
  const { evaluationPeriods, datapointsToAlarm, missingData, comparison } = rules
  const real = range.filter((point) => point !== undefined).reverse()
  const evaluated = real.slice(0, evaluationPeriods)
  const breaching = evaluated.filter((point) => breaches(comparison, point))
  const missing = evaluationPeriods - evaluated.length
  const found = { evaluated, breaching, filled: 0 }
  if (missing === 0) return { ...found, state: breaching.length >= datapointsToAlarm ? 'ALARM' : 'OK' }
  if (missingData === 'breaching') {
    return { ...found, filled: missing, state: breaching.length + missing >= datapointsToAlarm ? 'ALARM' : 'OK' }
  }
  if (missingData === 'notBreaching') {
    return { ...found, filled: missing, state: breaching.length >= datapointsToAlarm ? 'ALARM' : 'OK' }
  }
  if (breaching.length >= datapointsToAlarm) return { ...found, state: 'ALARM' }
  if (evaluated.length === 0) return { ...found, state: missingData === 'ignore' ? undefined : 'INSUFFICIENT_DATA' }
  if (breaching.length < evaluated.length) return { ...found, state: 'OK' }
  if (missingData === 'ignore') return { ...found, state: undefined }
  // All that is there is breaching, and the oldest of it as old as an alarm takes: the rest is not waited for.
  const newestFirst = [...range].reverse()
  const age = newestFirst.indexOf(evaluated[evaluated.length - 1]) + 1
  return { ...found, state: age >= datapointsToAlarm ? 'ALARM' : undefined }
}

const comparisons: Record<string, (value: number, thresholds: readonly number[]) => boolean> = {
  GreaterThanThreshold: (value, [threshold]) => value > (threshold as number),
  GreaterThanOrEqualToThreshold: (value, [threshold]) => value >= (threshold as number),
  LessThanThreshold: (value, [threshold]) => value < (threshold as number),
  LessThanOrEqualToThreshold: (value, [threshold]) => value <= (threshold as number),
  LessThanLowerThreshold: (value, [lower]) => value < (lower as number),
  GreaterThanUpperThreshold: (value, [, upper]) => value > (upper as number),
  LessThanLowerOrGreaterThanUpperThreshold: (value, [lower, upper]) =>
    value < (lower as number) || value > (upper as number),
}

function breaches(comparison: string, { value, thresholds }: Datapoint): boolean {
  return comparisons[comparison]?.(value, thresholds) ?? false
}

export const bandComparisons: ReadonlySet<string> = new Set([
  'LessThanLowerThreshold',
  'GreaterThanUpperThreshold',
  'LessThanLowerOrGreaterThanUpperThreshold',
])
