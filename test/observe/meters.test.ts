/** Meters: by minute and source, taken away once, and bounded. */
import { expect, test } from 'vitest'
import { Meters } from '../../src/observe/meters.ts'

const minute = 60_000

test('a minute holds how often, the sum, the least and the most', () => {
  const meters = new Meters()
  for (const value of [5, 1, 9]) meters.add('rule', 'ingestionToStartMillis', 3 * minute + value, value)
  meters.add('rule', 'invocations', 3 * minute)
  meters.add('other', 'invocations', 4 * minute)

  expect(meters.rows()).toEqual([
    {
      source: 'rule',
      minute: 3 * minute,
      meters: {
        ingestionToStartMillis: { count: 3, sum: 15, min: 1, max: 9 },
        invocations: { count: 1, sum: 1, min: 1, max: 1 },
      },
    },
    { source: 'other', minute: 4 * minute, meters: { invocations: { count: 1, sum: 1, min: 1, max: 1 } } },
  ])
})

test('minutes that are over are taken once; the one that runs stays', () => {
  const meters = new Meters()
  for (const at of [0, minute, 2 * minute + 5]) meters.add('rule', 'invocations', at)

  expect(meters.drain(2 * minute + 30).map((row) => row.minute)).toEqual([0, minute])
  expect(meters.drain(2 * minute + 30)).toEqual([])
  expect(meters.rows().map((row) => row.minute)).toEqual([2 * minute])
})

test('nobody draining, the oldest minutes go first', () => {
  const meters = new Meters()
  for (let at = 0; at < 30; at++) {
    for (let source = 0; source < 1_000; source++) meters.add(`rule-${source}`, 'invocations', at * minute)
  }

  const rows = meters.rows()
  expect(rows.length).toBeLessThanOrEqual(20_000)
  expect(rows.at(-1)?.minute).toBe(29 * minute)
  expect(rows[0]?.minute).toBeGreaterThan(0)
})

test('a minute of more sources than there is room for counts the first', () => {
  const meters = new Meters()
  for (let source = 0; source < 25_000; source++) meters.add(`rule-${source}`, 'invocations', 0)

  expect(meters.rows()).toHaveLength(20_000)
})
