/** Alarm states by the tables of AWS's page "Configuring how CloudWatch alarms treat missing data", and reasons by its events. */
import { expect, test } from 'vitest'
import { javaDouble, reasonOf } from '../../src/engines/metrics/alarmReasons.ts'
import { type AlarmRules, type Datapoint, evaluate, type MissingData } from '../../src/engines/metrics/alarmStates.ts'

const start = Date.UTC(2025, 9, 20, 8)
const treatments: MissingData[] = ['missing', 'ignore', 'breaching', 'notBreaching']

/** `0` is within the threshold, `X` beyond it, `-` missing; the newest last. */
function range(points: string): (Datapoint | undefined)[] {
  return points.split(' ').map((point, index) => {
    return point === '-' ? undefined : { at: start + index * 60_000, value: point === 'X' ? 12 : 5, thresholds: [10] }
  })
}

function rules(datapointsToAlarm: number, missingData: MissingData, evaluationPeriods = 3): AlarmRules {
  return { comparison: 'GreaterThanThreshold', evaluationPeriods, datapointsToAlarm, missingData }
}

const insufficient = 'INSUFFICIENT_DATA'
const kept = undefined

test.each([
  ['0 - X - X', 3, ['OK', 'OK', 'OK', 'OK']],
  ['- - - - 0', 3, ['OK', 'OK', 'OK', 'OK']],
  ['- - - - -', 3, [insufficient, kept, 'ALARM', 'OK']],
  ['0 X X - X', 3, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
  ['- - X - -', 3, ['ALARM', kept, 'ALARM', 'OK']],
  ['0 - X - X', 2, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
  ['0 0 X 0 X', 2, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
  ['0 - X - -', 2, ['OK', 'OK', 'ALARM', 'OK']],
  ['- - - - 0', 2, ['OK', 'OK', 'ALARM', 'OK']],
  ['- - - X -', 2, ['ALARM', kept, 'ALARM', 'OK']],
])('%s with %i out of 3 is as AWS says for each treatment of missing data', (points, toAlarm, expected) => {
  expect(treatments.map((treatment) => evaluate(rules(toAlarm, treatment), range(points)).state)).toEqual(expected)
})

test('each comparison takes its threshold, and bands both edges', () => {
  const state = (comparison: string, value: number) => {
    const point = { at: start, value, thresholds: [10, 20] }
    const only = { comparison, evaluationPeriods: 1, datapointsToAlarm: 1, missingData: 'missing' } as const
    return evaluate(only, [point]).state
  }
  const alarming = (comparison: string) => [9, 10, 15, 20, 21].filter((value) => state(comparison, value) === 'ALARM')

  expect(alarming('GreaterThanThreshold')).toEqual([15, 20, 21])
  expect(alarming('GreaterThanOrEqualToThreshold')).toEqual([10, 15, 20, 21])
  expect(alarming('LessThanThreshold')).toEqual([9])
  expect(alarming('LessThanOrEqualToThreshold')).toEqual([9, 10])
  expect(alarming('GreaterThanUpperThreshold')).toEqual([21])
  expect(alarming('LessThanLowerThreshold')).toEqual([9])
  expect(alarming('LessThanLowerOrGreaterThanUpperThreshold')).toEqual([9, 21])
})

test.each([
  [
    'X',
    rules(1, 'missing', 1),
    'Threshold Crossed: 1 out of the last 1 datapoints [12.0 (20/10/25 08:00:00)] was greater than the threshold (10.0) (minimum 1 datapoint for OK -> ALARM transition).',
  ],
  [
    '0',
    rules(1, 'missing', 1),
    'Threshold Crossed: 1 out of the last 1 datapoints [5.0 (20/10/25 08:00:00)] was not greater than the threshold (10.0) (minimum 1 datapoint for ALARM -> OK transition).',
  ],
  [
    'X 0 X',
    rules(2, 'missing'),
    'Threshold Crossed: 2 out of the last 3 datapoints [12.0 (20/10/25 08:02:00), 12.0 (20/10/25 08:00:00)] were greater than the threshold (10.0) (minimum 2 datapoints for OK -> ALARM transition).',
  ],
  ['- -', rules(1, 'missing', 2), 'Insufficient Data: 2 datapoints were unknown.'],
  ['-', rules(1, 'missing', 1), 'Insufficient Data: 1 datapoint was unknown.'],
  [
    '-',
    rules(1, 'notBreaching', 1),
    'Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching].',
  ],
  [
    '- - -',
    rules(3, 'breaching'),
    'Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as [Breaching].',
  ],
  [
    'X X X X X X',
    rules(6, 'missing', 6),
    'Threshold Crossed: 6 out of the last 6 datapoints were greater than the threshold (10.0). The most recent datapoints which crossed the threshold: [12.0 (20/10/25 08:05:00), 12.0 (20/10/25 08:04:00), 12.0 (20/10/25 08:03:00), 12.0 (20/10/25 08:02:00), 12.0 (20/10/25 08:01:00)] (minimum 6 datapoints for OK -> ALARM transition).',
  ],
])('the reason of %s is in the words of AWS', (points, by, expected) => {
  expect(reasonOf(by, evaluate(by, range(points)))).toBe(expected)
})

test('numbers are written as Java writes them', () => {
  expect([0, 12, 0.5, 1e7, 123456789, 0.0001, -2].map(javaDouble)).toEqual([
    '0.0',
    '12.0',
    '0.5',
    '1.0E7',
    '1.23456789E8',
    '1.0E-4',
    '-2.0',
  ])
})
