/** GetMetricData: expressions, searches, Metrics Insights, labels, order and pages. */
import {
  CloudWatchClient,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  type MetricDataQuery,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

const minute = 60_000

/** The beginning of an hour that is over. */
function startOf(igarape: Igarape): number {
  const now = igarape.clock.now().getTime()
  return now - (now % (60 * minute)) - 60 * minute
}

/** A value each minute from the start of the last hour. */
async function put(igarape: Igarape, MetricName: string, values: readonly (number | undefined)[], store?: string) {
  const start = startOf(igarape)
  const Dimensions = store ? [{ Name: 'Store', Value: store }] : []
  const MetricData = values.flatMap((Value, index) =>
    Value === undefined ? [] : [{ MetricName, Dimensions, Value, Timestamp: new Date(start + index * minute) }],
  )
  await igarape.client(CloudWatchClient).send(new PutMetricDataCommand({ Namespace: 'shop', MetricData }))
}

function stat(Id: string, MetricName: string, rest: Partial<MetricDataQuery> = {}, store?: string): MetricDataQuery {
  const Dimensions = store ? [{ Name: 'Store', Value: store }] : []
  return { Id, MetricStat: { Metric: { Namespace: 'shop', MetricName, Dimensions }, Period: 60, Stat: 'Sum' }, ...rest }
}

async function query(igarape: Igarape, queries: MetricDataQuery[], input: Partial<GetMetricDataCommandInput> = {}) {
  const start = startOf(igarape)
  return await igarape.client(CloudWatchClient).send(
    new GetMetricDataCommand({
      MetricDataQueries: queries,
      StartTime: new Date(start),
      EndTime: new Date(start + 4 * minute),
      ScanBy: 'TimestampAscending',
      ...input,
    }),
  )
}

async function valuesOf(igarape: Igarape, expression: string): Promise<(number[] | undefined)[]> {
  const hidden = { ReturnData: false }
  const answer = await query(igarape, [
    stat('m1', 'a', hidden),
    stat('m2', 'b', hidden),
    { Id: 'e1', Expression: expression, Period: 60 },
  ])
  return (answer.MetricDataResults ?? []).map(({ Values }) => Values)
}

test('operators and functions compute as AWS documents them', async ({ igarape }) => {
  await put(igarape, 'a', [1, 2, undefined, 4])
  await put(igarape, 'b', [10, undefined, 30, 40])
  const hour = new Date(startOf(igarape)).getUTCHours()
  const table: [string, number[][]][] = [
    ['m1 + m2', [[11, 44]]],
    ['-m1 ^ 2 + 1', [[0, -3, -15]]],
    ['m1 * 2 > 3 AND m1 < 4', [[0, 1, 0]]],
    ['m1 == 1 || m1 == 4', [[1, 0, 1]]],
    ['(m1 + 1) / 2', [[1, 1.5, 2.5]]],
    ['ABS(-m1)', [[1, 2, 4]]],
    ['CEIL(m1 / 2)', [[1, 1, 2]]],
    ['FLOOR(m1 / 2)', [[0, 1, 2]]],
    ['LOG10(m2 / 10 * 10)', [[1, Math.log10(30), Math.log10(40)]]],
    ['m1 * 0 + AVG(m1)', [[7 / 3, 7 / 3, 7 / 3]]],
    ['m1 * 0 + SUM(m1) + MIN(m1) + MAX(m1)', [[12, 12, 12]]],
    ['SUM([m1, m2])', [[11, 2, 30, 44]]],
    ['MAX(METRICS())', [[10, 2, 30, 40]]],
    ['DATAPOINT_COUNT(METRICS())', [[2, 1, 1, 2]]],
    ['m1 * 0 + METRIC_COUNT(METRICS())', [[2, 2, 2]]],
    ['FILL(m1, 0)', [[1, 2, 0, 4]]],
    ['FILL(m1, REPEAT)', [[1, 2, 2, 4]]],
    ['FILL(m1, LINEAR)', [[1, 2, 3, 4]]],
    [
      'FILL(METRICS(), 0)',
      [
        [1, 2, 0, 4],
        [10, 0, 30, 40],
      ],
    ],
    ['IF(m1 > 1, m1, 0)', [[0, 2, 4]]],
    ['IF(m1 > 1, m2, -1)', [[-1, 40]]],
    ['RUNNING_SUM(m1)', [[1, 3, 7]]],
    ['DIFF(m1)', [[1, 2]]],
    ['DIFF_TIME(m1)', [[60, 120]]],
    ['RATE(m1) * 60', [[1, 1]]],
    ['m1 * 0 + PERIOD(m1)', [[60, 60, 60]]],
    ['TIME_SERIES(3)', [[3, 3, 3, 3]]],
    ['HOUR(m1)', [[hour, hour, hour]]],
    ['MINUTE(m1)', [[0, 1, 3]]],
    ['EPOCH(m1) - EPOCH(m1)', [[0, 0, 0]]],
    ['SORT(METRICS(), SUM, DESC, 1)', [[10, 30, 40]]],
    ['SLICE(METRICS(), 1)', [[10, 30, 40]]],
    ['FIRST(METRICS())', [[1, 2, 4]]],
    [
      'REMOVE_EMPTY(METRICS())',
      [
        [1, 2, 4],
        [10, 30, 40],
      ],
    ],
    ['m1 / 0', [[]]],
  ]
  for (const [expression, expected] of table) {
    expect([expression, await valuesOf(igarape, expression)]).toEqual([expression, expected])
  }
})

test('an expression that cannot be computed is an error that names it', async ({ igarape }) => {
  await put(igarape, 'a', [1])
  for (const expression of ['m9 + 1', 'm1 +', 'NOSUCH(m1)', 'AVG(m1)', 'e1 + 1', 'LAMBDA("f")']) {
    await expect(valuesOf(igarape, expression), expression).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining("'e1'"),
    })
  }
})

test('a search finds metrics by schema, property and part, and labels tell them apart', async ({ igarape }) => {
  await put(igarape, 'OrderCount', [1, 1], 'north')
  await put(igarape, 'OrderCount', [2, 2], 'south')
  await put(igarape, 'Refunds', [3, 3], 'north')
  const found = async (expression: string) => {
    const answer = await query(igarape, [{ Id: 'e1', Expression: `SEARCH('${expression}', 'Sum', 60)` }])
    return (answer.MetricDataResults ?? []).map(({ Label, Values }) => [Label, Values?.[0]])
  }

  expect(await found('{shop,Store} MetricName="OrderCount"')).toEqual([
    ['north', 1],
    ['south', 2],
  ])
  expect(await found('{shop,Store} count')).toHaveLength(2)
  expect(await found('Namespace="shop" NOT Store=(south OR west)')).toEqual([
    ['OrderCount', 1],
    ['Refunds', 3],
  ])
  expect(await found('{shop,Store} "Order"')).toEqual([])
})

test('Metrics Insights groups, orders and limits', async ({ igarape }) => {
  await put(igarape, 'OrderCount', [1, 1], 'north')
  await put(igarape, 'OrderCount', [5, 7], 'south')
  await put(igarape, 'OrderCount', [3, 3], 'west')
  const found = async (Expression: string) => {
    const answer = await query(igarape, [{ Id: 'q1', Expression, Period: 60 }])
    return (answer.MetricDataResults ?? []).map(({ Label, Values }) => [Label, Values])
  }

  expect(await found('SELECT SUM(OrderCount) FROM shop')).toEqual([['OrderCount', [9, 11]]])
  expect(
    await found('SELECT MAX(OrderCount) FROM SCHEMA("shop", Store) GROUP BY Store ORDER BY MAX() DESC LIMIT 2'),
  ).toEqual([
    ['south', [5, 7]],
    ['west', [3, 3]],
  ])
  expect(await found(`SELECT AVG(OrderCount) FROM shop WHERE Store != 'south' AND Store != 'west'`)).toEqual([
    ['OrderCount', [1, 1]],
  ])
  await expect(found('SELECT MEDIAN(OrderCount) FROM shop')).rejects.toMatchObject({ name: 'ValidationException' })
})

test('labels show statistics and properties', async ({ igarape }) => {
  await put(igarape, 'OrderCount', [1, 5], 'north')
  const labelled = (Label: string) => query(igarape, [stat('m1', 'OrderCount', { Label }, 'north')])

  const answer = await labelled(
    "${PROP('Dim.Store')} ${PROP('MetricName')} max ${MAX} avg ${AVG} last ${LAST} of ${DATAPOINT_COUNT}",
  )

  expect(answer.MetricDataResults?.[0]?.Label).toBe('north OrderCount max 5 avg 3 last 5 of 2')
})

test('results come newest first, and in pages that say where a metric goes on', async ({ igarape }) => {
  await put(igarape, 'a', [1, 2, 3, 4])
  await put(igarape, 'b', [5, 6])
  const queries = [stat('m1', 'a'), stat('m2', 'b')]
  const ScanBy = 'TimestampDescending' as const

  const first = await query(igarape, queries, { MaxDatapoints: 3, ScanBy })
  const { NextToken } = first
  const second = await query(igarape, queries, { MaxDatapoints: 3, ScanBy, NextToken })

  const shown = (answer: typeof first) =>
    answer.MetricDataResults?.map(({ Id, Values, StatusCode }) => [Id, Values, StatusCode])
  expect(shown(first)).toEqual([['m1', [4, 3, 2], 'PartialData']])
  expect(shown(second)).toEqual([
    ['m1', [1], 'Complete'],
    ['m2', [6, 5], 'Complete'],
  ])
  expect(second.NextToken).toBe(undefined)
})

test('a band is what the two weeks before let expect', async ({ igarape }) => {
  const now = igarape.clock.now().getTime()
  const daily = Array.from({ length: 12 * 24 }, (_, index) => ({
    MetricName: 'a',
    Value: 100 + (Math.floor(index / 24) % 2 === 0 ? 5 : -5),
    Timestamp: new Date(now - 13 * 24 * 60 * minute + index * 60 * minute),
  }))
  await igarape.client(CloudWatchClient).send(new PutMetricDataCommand({ Namespace: 'shop', MetricData: daily }))
  await put(igarape, 'a', [100, 200])

  const answer = await query(igarape, [stat('m1', 'a'), { Id: 'band', Expression: 'ANOMALY_DETECTION_BAND(m1, 2)' }])

  const [, low, high] = answer.MetricDataResults ?? []
  expect(low?.Values?.[0]).toBeCloseTo(90, 6)
  expect(high?.Values?.[0]).toBeCloseTo(110, 6)
})
