/** Rules of composite alarms: what they mean, and what they are not. */
import { expect, test } from 'vitest'
import type { AlarmState } from '../../src/engines/metrics/alarmStates.ts'
import { alarmsIn, holds, parseRule, RuleError } from '../../src/engines/metrics/compositeRules.ts'

const states: Record<string, AlarmState> = { a: 'ALARM', b: 'OK', c: 'INSUFFICIENT_DATA', 'd e': 'ALARM' }

test.each([
  ['ALARM(a)', true],
  ['ALARM(b)', false],
  ['OK(b) AND INSUFFICIENT_DATA(c)', true],
  ['ALARM("d e")', true],
  ['NOT ALARM(a) OR OK(b)', true],
  ['NOT (ALARM(a) OR OK(b))', false],
  ['ALARM(b) OR ALARM(a) AND OK(b)', true],
  ['TRUE', true],
  ['FALSE OR FALSE', false],
  ['AT_LEAST(2, ALARM, (a, b, "d e"))', true],
  ['AT_LEAST(3, ALARM, (a, b, "d e"))', false],
  ['AT_LEAST(50%, NOT ALARM, (a, b, c))', true],
])('%s holds: %s', (rule, expected) => {
  expect(holds(parseRule(rule), (alarm) => states[alarm] ?? 'INSUFFICIENT_DATA')).toBe(expected)
})

test.each([
  '',
  'ALARM',
  'ALARM(a',
  'ALARM(a) OK(b)',
  'BROKEN(a)',
  'ALARM(a) AND',
  '(ALARM(a)',
  'AT_LEAST(x, ALARM, (a))',
])('%s is no rule', (rule) => {
  expect(() => parseRule(rule)).toThrow(RuleError)
})

test('a rule names each of its alarms once', () => {
  expect(alarmsIn(parseRule('ALARM(a) AND NOT OK(b) OR AT_LEAST(1, ALARM, (a, "d e"))'))).toEqual(['a', 'b', 'd e'])
})
