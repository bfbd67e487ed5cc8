/** Why an alarm is in its state, in AWS's words. The words are those of events in its documentation and of recorded alarms. */
import type { Millis } from '../../clock.ts'
import { type AlarmRules, bandComparisons, type Datapoint, type Evaluation } from './alarmStates.ts'

const words: Record<string, string> = {
  GreaterThanThreshold: 'greater than the threshold',
  GreaterThanOrEqualToThreshold: 'greater than or equal to the threshold',
  LessThanThreshold: 'less than the threshold',
  LessThanOrEqualToThreshold: 'less than or equal to the threshold',
  LessThanLowerThreshold: 'less than the lower thresholds',
  GreaterThanUpperThreshold: 'greater than the upper thresholds',
}

export function reasonOf(rules: AlarmRules, evaluation: Evaluation): string {
  const { state, evaluated, breaching, filled } = evaluation
  const { evaluationPeriods, datapointsToAlarm, missingData } = rules
  if (state === 'INSUFFICIENT_DATA') {
    return `Insufficient Data: ${counted(evaluationPeriods, 'datapoint')} ${was(evaluationPeriods)} unknown.`
  }
  const treated = `${counted(filled, 'missing datapoint')} ${was(filled)} treated as [${missingData === 'breaching' ? 'Breaching' : 'NonBreaching'}]`
  const head = bandComparisons.has(rules.comparison) ? 'Thresholds Crossed' : 'Threshold Crossed'
  if (evaluated.length === 0) {
    return `${head}: no datapoints were received for ${counted(evaluationPeriods, 'period')} and ${treated}.`
  }
  const isAlarm = state === 'ALARM'
  const shown = isAlarm ? breaching : evaluated.filter((point) => !breaching.includes(point))
  const points = shown.length > 0 ? shown : evaluated
  const needed = isAlarm ? datapointsToAlarm : evaluationPeriods - datapointsToAlarm + 1
  const move = isAlarm ? 'OK -> ALARM' : 'ALARM -> OK'
  const list = points
    .slice(0, listedMax)
    .map(({ at, value }) => `${javaDouble(value)} (${shortTime(at)})`)
    .join(', ')
  const listed = points.slice(0, listedMax)
  const how = `${was(points.length)} ${isAlarm ? '' : 'not '}${comparedText(rules.comparison, listed)}`
  const minimum = `(minimum ${counted(needed, 'datapoint')} for ${move} transition)`
  const missing = filled > 0 ? ` and ${treated}` : ''
  const count = `${head}: ${points.length} out of the last ${evaluated.length} datapoints`
  if (points.length <= listedMax) return `${count} [${list}] ${how}${missing} ${minimum}.`
  const crossed = isAlarm ? 'crossed the threshold' : 'did not cross the threshold'
  return `${count} ${how}${missing}. The most recent datapoints which ${crossed}: [${list}] ${minimum}.`
}

/** Datapoints that a reason shows; it says how many there are. */
const listedMax = 5

function comparedText(comparison: string, points: readonly Datapoint[]): string {
  const edges = (index: number) =>
    `[${points.map(({ thresholds }) => javaDouble(thresholds[index] as number)).join(', ')}]`
  if (comparison === 'LessThanLowerOrGreaterThanUpperThreshold') {
    return `less than the lower thresholds ${edges(0)} or greater than the upper thresholds ${edges(1)}`
  }
  if (comparison === 'LessThanLowerThreshold') return `${words[comparison]} ${edges(0)}`
  if (comparison === 'GreaterThanUpperThreshold') return `${words[comparison]} ${edges(1)}`
  return `${words[comparison]} (${javaDouble(points[0]?.thresholds[0] ?? 0)})`
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`
const was = (count: number) => (count === 1 ? 'was' : 'were')

/** As Java prints a double: `12.0`, `1.0E7`. */
export function javaDouble(value: number): string {
  const size = Math.abs(value)
  if (value !== 0 && (size >= 1e7 || size < 1e-3)) {
    const [digits = '', exponent = ''] = value.toExponential().split('e')
    return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`
  }
  const text = String(value)
  return text.includes('.') || !Number.isFinite(value) ? text : `${text}.0`
}

/** `20/10/25 08:00:00` */
function shortTime(at: Millis): string {
  const [date = '', time = ''] = new Date(at).toISOString().split('T')
  const [year = '', month, day] = date.split('-')
  return `${day}/${month}/${year.slice(2)} ${time.slice(0, 8)}`
}

/** `2025-10-20T08:00:00.000+0000` */
export function longTime(at: Millis): string {
  return new Date(at).toISOString().replace('Z', '+0000')
}
