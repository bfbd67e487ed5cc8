/** CloudWatch in each of the protocols that its clients speak: the query protocol of old SDKs, JSON 1.0, and CBOR. */
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

const authorization =
  'AWS4-HMAC-SHA256 Credential=test/20251020/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=0'

async function query(igarape: Igarape, parameters: Record<string, string>): Promise<{ status: number; text: string }> {
  const answer = await fetch(igarape.endpoint, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: new URLSearchParams({ Version: '2010-08-01', ...parameters }).toString(),
  })
  return { status: answer.status, text: await answer.text() }
}

async function json(
  igarape: Igarape,
  operation: string,
  body: object,
): Promise<{ status: number; body: { MetricDataResults?: unknown; __type?: string } }> {
  const answer = await fetch(igarape.endpoint, {
    method: 'POST',
    headers: {
      authorization,
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `GraniteServiceVersion20100801.${operation}`,
    },
    body: JSON.stringify(body),
  })
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? {} : JSON.parse(text) }
}

const iso = (igarape: Igarape, minutes: number) =>
  new Date(igarape.clock.now().getTime() + minutes * 60_000).toISOString()

test('what one protocol puts the others read', async ({ igarape }) => {
  const put = await query(igarape, {
    Action: 'PutMetricData',
    Namespace: 'shop',
    'MetricData.member.1.MetricName': 'orders',
    'MetricData.member.1.Dimensions.member.1.Name': 'Store',
    'MetricData.member.1.Dimensions.member.1.Value': 'north',
    'MetricData.member.1.Values.member.1': '1.5',
    'MetricData.member.1.Values.member.2': '2.5',
    'MetricData.member.1.Counts.member.1': '2',
    'MetricData.member.1.Counts.member.2': '1',
    'MetricData.member.1.Unit': 'Count',
  })
  expect(put).toMatchObject({ status: 200, text: expect.stringContaining('PutMetricDataResponse') })
  const Dimensions = [{ Name: 'Store', Value: 'north' }]
  const datum = { MetricName: 'orders', Dimensions, Value: 4.5, Unit: 'Count' as const }
  expect(await json(igarape, 'PutMetricData', { Namespace: 'shop', MetricData: [datum] })).toMatchObject({
    status: 200,
  })
  // The SDK speaks CBOR.
  await igarape.client(CloudWatchClient).send(new PutMetricDataCommand({ Namespace: 'shop', MetricData: [datum] }))

  const inQuery = await query(igarape, {
    Action: 'GetMetricStatistics',
    ...{ Namespace: 'shop', MetricName: 'orders', Period: '7200' },
    'Dimensions.member.1.Name': 'Store',
    'Dimensions.member.1.Value': 'north',
    'Statistics.member.1': 'Sum',
    'ExtendedStatistics.member.1': 'p50',
    ...{ StartTime: iso(igarape, -60), EndTime: iso(igarape, 5) },
  })
  expect(inQuery.text).toContain('<Sum>14.5</Sum>')
  expect(inQuery.text).toMatch(/<key>p50<\/key>\s*<value>2\.5<\/value>/)
  const inJson = await json(igarape, 'GetMetricData', {
    MetricDataQueries: [
      {
        Id: 'm',
        MetricStat: { Metric: { Namespace: 'shop', MetricName: 'orders', Dimensions }, Period: 7200, Stat: 'Sum' },
      },
    ],
    StartTime: Date.parse(iso(igarape, -60)) / 1000,
    EndTime: Date.parse(iso(igarape, 5)) / 1000,
  })
  expect(inJson.body.MetricDataResults).toMatchObject([
    { Id: 'm', Label: 'orders', Values: [14.5], StatusCode: 'Complete' },
  ])
})

test('refusals bear the codes of each protocol', async ({ igarape }) => {
  const datum = { 'MetricData.member.1.MetricName': 'orders', 'MetricData.member.1.Value': 'NaN' }
  const inQuery = await query(igarape, { Action: 'PutMetricData', Namespace: 'shop', ...datum })
  expect(inQuery).toMatchObject({ status: 400, text: expect.stringContaining('<Code>InvalidParameterValue</Code>') })
  const inJson = await json(igarape, 'PutMetricData', { Namespace: 'shop', MetricData: [{ MetricName: 'orders' }] })
  expect(inJson).toMatchObject({ status: 400, body: { __type: expect.stringContaining('MissingRequiredParameter') } })
  const stream = await query(igarape, { Action: 'ListMetricStreams' })
  expect(stream).toMatchObject({ status: 501, text: expect.stringContaining('ListMetricStreams') })
})
