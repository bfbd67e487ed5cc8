/** Metrics in and out: values, counts, sets, resolutions, limits, statistics, lists. */
import {
  CloudWatchClient,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  type MetricDatum,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch'
import { expect } from 'vitest'
import { metrics } from '../../src/services/cloudwatch/metrics.ts'
import { slots } from '../../src/services/cloudwatch/slots.ts'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

const minute = 60_000

function put(igarape: Igarape, ...MetricData: MetricDatum[]) {
  return igarape.client(CloudWatchClient).send(new PutMetricDataCommand({ Namespace: 'shop', MetricData }))
}

/** The beginning of the clock's minute, some minutes from now. */
function moment(igarape: Igarape, minutes: number): Date {
  const now = igarape.clock.now().getTime()
  return new Date(now - (now % minute) + minutes * minute)
}

async function statistics(igarape: Igarape, input: object) {
  const answer = await igarape.client(CloudWatchClient).send(
    new GetMetricStatisticsCommand({
      Namespace: 'shop',
      MetricName: 'orders',
      StartTime: moment(igarape, -60),
      EndTime: moment(igarape, 1),
      Period: 3600 * 2,
      Statistics: ['Sum', 'SampleCount', 'Average', 'Minimum', 'Maximum'],
      ...input,
    }),
  )
  return answer.Datapoints ?? []
}

test('values with counts, single values and statistic sets add up in one period', async ({ igarape }) => {
  await put(
    igarape,
    { MetricName: 'orders', Value: 5, Unit: 'Count' },
    { MetricName: 'orders', Values: [1, 2], Counts: [3, 1], Unit: 'Count' },
    { MetricName: 'orders', StatisticValues: { SampleCount: 2, Sum: 30, Minimum: 10, Maximum: 20 }, Unit: 'Count' },
  )

  const [datapoint] = await statistics(igarape, {})

  expect(datapoint).toMatchObject({ Sum: 40, SampleCount: 7, Minimum: 1, Maximum: 20, Average: 40 / 7, Unit: 'Count' })
})

test('a metric in two units is two rows of statistics, and one where a unit is asked for', async ({ igarape }) => {
  await put(igarape, { MetricName: 'orders', Value: 5, Unit: 'Count' }, { MetricName: 'orders', Value: 7 })

  expect((await statistics(igarape, {})).map(({ Unit, Sum }) => [Unit, Sum]).sort()).toEqual([
    ['Count', 5],
    ['None', 7],
  ])
  expect((await statistics(igarape, { Unit: 'Count' })).map(({ Sum }) => Sum)).toEqual([5])
})

test('percentiles and trimmed means are those of the values; a statistic set has none', async ({ igarape }) => {
  const values = Array.from({ length: 100 }, (_, index) => index + 1)
  await put(igarape, { MetricName: 'orders', Values: values })
  const ExtendedStatistics = ['p50', 'p99.9', 'tm90', 'IQM', 'PR(:25)', 'tc10', 'ts2', 'WM(10%:90%)']

  const [datapoint] = await statistics(igarape, { Statistics: undefined, ExtendedStatistics })

  expect(datapoint?.ExtendedStatistics).toEqual({
    p50: 50,
    'p99.9': 100,
    tm90: 45.5,
    IQM: 50.5,
    'PR(:25)': 25,
    tc10: 10,
    ts2: 3,
    'WM(10%:90%)': 50.4,
  })

  await put(igarape, { MetricName: 'orders', StatisticValues: { SampleCount: 2, Sum: 3, Minimum: 1, Maximum: 2 } })
  expect((await statistics(igarape, { Statistics: undefined, ExtendedStatistics }))[0]?.ExtendedStatistics).toBe(
    undefined,
  )
})

test('a second is seen for three hours, a minute for fifteen days, an hour for fifteen months', async ({ igarape }) => {
  const at = moment(igarape, 0)
  await put(
    igarape,
    { MetricName: 'orders', Value: 1, Timestamp: at, StorageResolution: 1 },
    { MetricName: 'orders', Value: 2, Timestamp: new Date(at.getTime() + 10_000), StorageResolution: 1 },
  )
  const sums = async (Period: number) => {
    const start = at.getTime() - (at.getTime() % (Math.max(Period, 60) * 1000))
    const times = { StartTime: new Date(start), EndTime: new Date(start + Math.max(Period, 60) * 1000) }
    return (await statistics(igarape, { Period, ...times, Statistics: ['Sum'] })).map(({ Sum }) => Sum).sort()
  }

  expect(await sums(10)).toEqual([1, 2])
  expect(await sums(60)).toEqual([3])
  await igarape.clock.advance({ hours: 5 })
  expect(await sums(10)).toEqual([])
  expect(await sums(60)).toEqual([3])
  await igarape.clock.advance({ days: 17 })
  expect(await sums(60)).toEqual([])
  expect(await sums(300)).toEqual([3])
  await igarape.clock.advance({ days: 60 })
  expect(await sums(300)).toEqual([])
  expect(await sums(3600)).toEqual([3])
  await igarape.clock.advance({ days: 450 })
  expect(await sums(3600)).toEqual([])
  const scope = { account: '000000000000', region: 'us-east-1' }
  expect([...igarape.server.platform.store.in(slots, scope).list()]).toEqual([])
  expect([...igarape.server.platform.store.in(metrics, scope).list()]).toEqual([])
})

test('metrics are listed by namespace, name and dimensions, for two weeks', async ({ igarape }) => {
  const cloudwatch = igarape.client(CloudWatchClient)
  const Dimensions = [
    { Name: 'Store', Value: 'north' },
    { Name: 'Kind', Value: 'web' },
  ]
  await put(igarape, { MetricName: 'orders', Value: 1, Dimensions }, { MetricName: 'refunds', Value: 1 })
  const listed = async (input: object) => (await cloudwatch.send(new ListMetricsCommand(input))).Metrics ?? []

  expect(await listed({ Namespace: 'shop', Dimensions: [{ Name: 'Store' }] })).toEqual([
    { Namespace: 'shop', MetricName: 'orders', Dimensions: [...Dimensions].reverse() },
  ])
  expect(await listed({ MetricName: 'refunds' })).toHaveLength(1)
  expect(await listed({ Namespace: 'other' })).toEqual([])
  await igarape.clock.advance({ hours: 4 })
  expect(await listed({ RecentlyActive: 'PT3H' })).toEqual([])
  expect(await listed({})).toHaveLength(2)
  await igarape.clock.advance({ days: 15 })
  expect(await listed({})).toEqual([])
})

test('what AWS refuses is refused in its words', async ({ igarape }) => {
  const now = igarape.clock.now().getTime()
  const base = { MetricName: 'orders' }
  const refusals: [MetricDatum[], RegExp][] = [
    [[{ ...base, Value: Number.NaN }], /^The value NaN for parameter MetricData.member.1.Value is invalid/],
    [[{ ...base, Value: Number.POSITIVE_INFINITY }], /is invalid/],
    [[{ ...base, Value: 2 ** 361 }], /is invalid/],
    [[base], /^At least one of the parameters/],
    [[{ ...base, Value: 1, Values: [1] }], /mutually exclusive and you have specified both/],
    [[{ ...base, Values: [1, 2], Counts: [1] }], /must be of the same size/],
    [[{ ...base, Value: 1, StorageResolution: 5 }], /StorageResolution is invalid/],
    [[{ ...base, Value: 1, Timestamp: new Date(now - 15 * 24 * 3_600_000) }], /within the past two weeks/],
    [[{ ...base, Value: 1, Timestamp: new Date(now + 3 * 3_600_000) }], /no more than two hours in the future/],
    [Array.from({ length: 1001 }, () => ({ ...base, Value: 1 })), /must not have a size greater than 1000/],
    [[{ ...base, Values: Array.from({ length: 151 }, () => 1) }], /must not have a size greater than 150/],
  ]
  for (const [data, message] of refusals) {
    await expect(put(igarape, ...data), String(message)).rejects.toMatchObject({
      message: expect.stringMatching(message),
    })
  }
  await expect(
    igarape
      .client(CloudWatchClient)
      .send(new PutMetricDataCommand({ Namespace: 'AWS/Lambda', MetricData: [{ ...base, Value: 1 }] })),
  ).rejects.toThrow('The value AWS/Lambda for parameter Namespace is invalid.')
})

test('more datapoints than AWS gives at once are refused', async ({ igarape }) => {
  const asked = statistics(igarape, { Period: 60, StartTime: moment(igarape, -2880), EndTime: moment(igarape, 0) })

  await expect(asked).rejects.toThrow('You have requested up to 2,880 datapoints, which exceeds the limit of 1,440.')
})

test('a thousand different values of a minute keep their percentiles within half a percent', async ({ igarape }) => {
  for (let part = 0; part < 20; part++) {
    await put(igarape, {
      MetricName: 'orders',
      Values: Array.from({ length: 150 }, (_, index) => part * 150 + index + 1),
    })
  }

  const [datapoint] = await statistics(igarape, { Statistics: undefined, ExtendedStatistics: ['p50', 'p99'] })

  expect(Math.abs((datapoint?.ExtendedStatistics?.p50 ?? 0) / 1500 - 1)).toBeLessThan(0.01)
  expect(Math.abs((datapoint?.ExtendedStatistics?.p99 ?? 0) / 2970 - 1)).toBeLessThan(0.01)
})
