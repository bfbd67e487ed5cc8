/** AWS's schedule grammar: what is refused, and when what is accepted fires. */
import { expect, test } from 'vitest'
import { InvalidSchedule, nextAfter, parseSchedule } from '../../src/engines/schedules/scheduleExpressions.ts'

/** The next times after an instant, in UTC. */
function times(expression: string, after: string, count = 2): string[] {
  const schedule = parseSchedule(expression)
  const found: string[] = []
  let last: number | undefined = Date.parse(after)
  while (found.length < count && last !== undefined) {
    last = nextAfter(schedule, last)
    if (last !== undefined) found.push(new Date(last).toISOString().slice(0, 16))
  }
  return found
}

test.each([
  ['rate(5 minutes)', '2025-10-20T08:01:30Z', ['2025-10-20T08:06', '2025-10-20T08:11']],
  ['rate(1 day)', '2025-10-20T08:00Z', ['2025-10-21T08:00', '2025-10-22T08:00']],
  ['cron(0 12 * * ? *)', '2025-10-20T12:00Z', ['2025-10-21T12:00', '2025-10-22T12:00']],
  ['cron(0/15 8-9 ? * MON-FRI *)', '2025-10-17T09:40Z', ['2025-10-17T09:45', '2025-10-20T08:00']],
  ['cron(0 8 L * ? *)', '2024-02-01T00:00Z', ['2024-02-29T08:00', '2024-03-31T08:00']],
  ['cron(0 8 1W * ? *)', '2025-02-20T00:00Z', ['2025-03-03T08:00', '2025-04-01T08:00']],
  ['cron(0 8 LW * ? *)', '2025-05-01T00:00Z', ['2025-05-30T08:00', '2025-06-30T08:00']],
  ['cron(0 8 ? * 6#3 *)', '2025-10-01T00:00Z', ['2025-10-17T08:00', '2025-11-21T08:00']],
  ['cron(0 8 ? * 6L *)', '2025-10-01T00:00Z', ['2025-10-31T08:00', '2025-11-28T08:00']],
  ['cron(0 8 ? * L *)', '2025-10-01T00:00Z', ['2025-10-04T08:00', '2025-10-11T08:00']],
  ['cron(0 22-1 1 JAN,jul ? *)', '2025-01-01T22:30Z', ['2025-01-01T23:00', '2025-07-01T00:00']],
  ['cron(30 6 29 2 ? *)', '2025-01-01T00:00Z', ['2028-02-29T06:30', '2032-02-29T06:30']],
  ['cron(0 0 1 1 ? 2030-2031)', '2025-01-01T00:00Z', ['2030-01-01T00:00', '2031-01-01T00:00']],
  ['cron(0 0 1 1 ? 2020)', '2025-01-01T00:00Z', []],
])('%s fires after %s at %j', (expression, after, wanted) => {
  expect(times(expression, after)).toEqual(wanted)
})

test.each([
  'rate(1 minutes)',
  'rate(5 minute)',
  'rate(0 minutes)',
  'rate(5 seconds)',
  'rate(-1 hours)',
  'rate( 5 minutes )',
  'rate(5minutes)',
  'cron(0 12 * * * *)',
  'cron(0 12 ? * ? *)',
  'cron(0 12 * * ?)',
  'cron(60 12 * * ? *)',
  'cron(0 24 * * ? *)',
  'cron(0 12 32 * ? *)',
  'cron(0 12 ? * 8 *)',
  'cron(0 12 ? * 6#6 *)',
  'cron(0 12 * 13 ? *)',
  'cron(0 12 * * ? 1969)',
  'cron(0/0 12 * * ? *)',
  'cron(? 12 * * ? *)',
  'cron(0 12 * FOO ? *)',
  '0 12 * * ? *',
  '',
])('%j is refused', (expression) => {
  expect(() => parseSchedule(expression)).toThrow(InvalidSchedule)
})
