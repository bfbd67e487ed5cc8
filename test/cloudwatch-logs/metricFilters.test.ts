/** Metric filters and embedded metrics: what of a group's events becomes which measurement. */
import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch'
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteMetricFilterCommand,
  DescribeLogGroupsCommand,
  DescribeMetricFiltersCommand,
  type MetricTransformation,
  PutLogEventsCommand,
  PutMetricFilterCommand,
  TestMetricFilterCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { measurementsOf } from './measured.ts'

const place = { logGroupName: '/app', logStreamName: 's' }
const minute = 60_000

async function logsOf(igarape: Igarape): Promise<CloudWatchLogsClient> {
  const logs = igarape.client(CloudWatchLogsClient)
  await logs.send(new CreateLogGroupCommand({ logGroupName: '/app' }))
  await logs.send(new CreateLogStreamCommand(place))
  return logs
}

function put(igarape: Igarape, ...messages: string[]) {
  const timestamp = igarape.clock.now().getTime()
  const logEvents = messages.map((message) => ({ timestamp, message }))
  return igarape.client(CloudWatchLogsClient).send(new PutLogEventsCommand({ ...place, logEvents }))
}

function filter(filterPattern: string, transformation: Partial<MetricTransformation> = {}, filterName = 'errors') {
  const defaults = { metricName: 'Errors', metricNamespace: 'App', metricValue: '1' }
  const metricTransformations = [{ ...defaults, ...transformation }]
  return new PutMetricFilterCommand({ logGroupName: '/app', filterName, filterPattern, metricTransformations })
}

test('events that pass are counted in the minute they bear', async ({ igarape }) => {
  const seen = measurementsOf(igarape)
  const logs = await logsOf(igarape)
  await logs.send(filter('ERROR', { unit: 'Count' }))

  await put(igarape, 'ERROR a', 'INFO b', 'ERROR c')
  await put(igarape, 'INFO d')

  const at = Math.floor(igarape.clock.now().getTime() / minute) * minute
  expect(seen).toEqual([
    { namespace: 'App', name: 'Errors', dimensions: [], at, unit: 'Count', values: [1], counts: [2] },
  ])
})

test('values and dimensions come from the event, of JSON and of fields', async ({ igarape }) => {
  const seen = measurementsOf(igarape)
  const logs = await logsOf(igarape)
  await logs.send(filter('{ $.ms > 0 }', { metricValue: '$.ms', dimensions: { Route: '$.route' } }))
  await logs.send(filter('[ip, status = 5*, bytes]', { metricName: 'Bytes', metricValue: '$bytes' }, 'fields'))

  await put(
    igarape,
    '{"ms":12,"route":"/a"}',
    '{"ms":30,"route":"/b"}',
    '{"ms":12,"route":"/a"}',
    '{"ms":99}',
    '10.0.0.1 502 1534',
    '10.0.0.1 502 -',
  )

  expect(seen.map(({ name, dimensions, values, counts }) => ({ name, dimensions, values, counts }))).toEqual([
    { name: 'Errors', dimensions: [{ name: 'Route', value: '/a' }], values: [12], counts: [2] },
    { name: 'Errors', dimensions: [{ name: 'Route', value: '/b' }], values: [30], counts: [1] },
    { name: 'Bytes', dimensions: [], values: [1534], counts: [1] },
  ])
})

test('a default value is measured once for each minute in which events came and none passed', async ({ igarape }) => {
  const seen = measurementsOf(igarape)
  const logs = await logsOf(igarape)
  await logs.send(filter('ERROR', { defaultValue: 0 }))

  await put(igarape, 'INFO')
  await put(igarape, 'INFO')
  await igarape.clock.advance({ minutes: 1 })
  await put(igarape, 'INFO')
  await put(igarape, 'ERROR')
  await igarape.clock.advance({ minutes: 5 })

  expect(seen.map(({ values, counts }) => ({ values, counts }))).toEqual([
    { values: [0] },
    { values: [1], counts: [1] },
  ])
})

test('CloudWatch has what a filter and embedded metrics measured', async ({ igarape }) => {
  const logs = await logsOf(igarape)
  await logs.send(filter('ERROR', { unit: 'Count' }))
  const at = igarape.clock.now().getTime()
  const Metrics = [{ Name: 'latency', Unit: 'Milliseconds' }]
  const directive = { Namespace: 'App', Dimensions: [['service']], Metrics }
  const embedded = { _aws: { Timestamp: at, CloudWatchMetrics: [directive] }, service: 'till', latency: [1, 5] }
  await put(igarape, 'ERROR a', 'INFO', 'ERROR b', JSON.stringify(embedded))

  const minuteOf = async (MetricName: string, Dimensions: { Name: string; Value: string }[]) => {
    const [StartTime, EndTime] = [new Date(at - minute), new Date(at + minute)]
    const asked = { Namespace: 'App', MetricName, Dimensions, StartTime, EndTime, Period: 60 }
    const { Datapoints } = await igarape
      .client(CloudWatchClient)
      .send(new GetMetricStatisticsCommand({ ...asked, Statistics: ['Sum', 'SampleCount'] }))
    return Datapoints?.map(({ Sum, SampleCount, Unit }) => ({ Sum, SampleCount, Unit }))
  }
  expect(await minuteOf('Errors', [])).toEqual([{ Sum: 2, SampleCount: 2, Unit: 'Count' }])
  expect(await minuteOf('latency', [{ Name: 'service', Value: 'till' }])).toEqual([
    { Sum: 6, SampleCount: 2, Unit: 'Milliseconds' },
  ])
})

test('an event in the embedded metric format is measured; one that does not follow it is just an event', async ({
  igarape,
}) => {
  const seen = measurementsOf(igarape)
  await logsOf(igarape)
  const at = igarape.clock.now().getTime()
  const directive = {
    Namespace: 'Shop',
    Dimensions: [['service'], []],
    Metrics: [{ Name: 'latency', Unit: 'Milliseconds', StorageResolution: 1 }, { Name: 'orders' }],
  }
  const event = (changes: object = {}) =>
    JSON.stringify({
      _aws: { Timestamp: at, CloudWatchMetrics: [{ ...directive, ...changes }] },
      service: 'till',
      latency: [1, 2, 2],
      orders: 3,
    })

  await put(
    igarape,
    event(),
    event({ Dimensions: [['missing']] }),
    event({ Metrics: [{ Name: 'service' }] }),
    event({ Namespace: '' }),
    `prefix ${event()}`,
    '{"_aws":{"Timestamp":1}}',
    '{"_aws":',
  )

  const till = [{ name: 'service', value: 'till' }]
  const latency = { name: 'latency', at, unit: 'Milliseconds', values: [1, 2, 2], resolutionSeconds: 1 }
  const orders = { name: 'orders', at, unit: 'None', values: [3], resolutionSeconds: 60 }
  expect(seen).toEqual(
    [
      { ...latency, dimensions: till },
      { ...latency, dimensions: [] },
      { ...orders, dimensions: till },
      { ...orders, dimensions: [] },
    ].map((one) => ({ namespace: 'Shop', ...one })),
  )
})

test('filters are described, found by their metric, counted by the group, and gone with it', async ({ igarape }) => {
  const logs = await logsOf(igarape)
  await logs.send(filter('ERROR'))
  await logs.send(filter('{ $.ms = * }', { metricName: 'Ms', metricValue: '$.ms' }, 'ms'))
  await logs.send(filter('FATAL'))
  const names = async (input: object) =>
    (await logs.send(new DescribeMetricFiltersCommand(input))).metricFilters?.map(({ filterName }) => filterName)

  expect(await names({ logGroupName: '/app' })).toEqual(['errors', 'ms'])
  expect(await names({ metricNamespace: 'App', metricName: 'Ms' })).toEqual(['ms'])
  expect(await names({ filterNamePrefix: 'e' })).toEqual(['errors'])
  const { metricFilters } = await logs.send(new DescribeMetricFiltersCommand({ filterNamePrefix: 'e' }))
  expect(metricFilters?.[0]).toMatchObject({ filterPattern: 'FATAL', logGroupName: '/app' })
  const { logGroups } = await logs.send(new DescribeLogGroupsCommand({}))
  expect(logGroups?.[0]?.metricFilterCount).toBe(2)

  const ms = { logGroupName: '/app', filterName: 'ms' }
  await logs.send(new DeleteMetricFilterCommand(ms))
  await expect(logs.send(new DeleteMetricFilterCommand(ms))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
  await logs.send(new DeleteLogGroupCommand({ logGroupName: '/app' }))
  expect(await names({})).toEqual([])
})

test.for([
  ['ERROR', { dimensions: { A: '$.a' } }, 'The specified filter pattern does not support dimensions'],
  [
    '{ $.a = * }',
    { dimensions: { A: '$.a' }, defaultValue: 0 },
    'Invalid metric transformation: dimensions and default value are mutually exclusive properties',
  ],
  ['{ $.a = }', {}, 'Invalid filter pattern at position 8'],
  [
    'ERROR',
    { metricValue: '$.ms' },
    'Invalid metric transformation: the metric value $.ms is neither a number nor a field of the pattern',
  ],
] as const)('the filter %s with %j is refused', async ([pattern, transformation, message], { igarape }) => {
  const logs = await logsOf(igarape)
  await expect(logs.send(filter(pattern, transformation))).rejects.toMatchObject({
    name: 'InvalidParameterException',
    message,
  })
})

test('a group has five filters with regular expressions at most', async ({ igarape }) => {
  const logs = await logsOf(igarape)
  for (let number = 1; number <= 5; number++) await logs.send(filter('%a%', {}, `f${number}`))

  await logs.send(filter('%b%', {}, 'f5'))
  await logs.send(filter('plain', {}, 'f6'))
  await expect(logs.send(filter('%a%', {}, 'f7'))).rejects.toMatchObject({ name: 'LimitExceededException' })
})

test('a filter is tried on messages, and says what it takes from them', async ({ igarape }) => {
  const { matches } = await igarape.client(CloudWatchLogsClient).send(
    new TestMetricFilterCommand({
      filterPattern: '[ip, ..., status = 4*, bytes]',
      logEventMessages: ['127.0.0.1 - frank 200 10', '127.0.0.1 - frank 404 20'],
    }),
  )

  expect(matches).toEqual([
    {
      eventNumber: 2,
      eventMessage: '127.0.0.1 - frank 404 20',
      extractedValues: { $ip: '127.0.0.1', $2: '-', $3: 'frank', $status: '404', $bytes: '20' },
    },
  ])
})
