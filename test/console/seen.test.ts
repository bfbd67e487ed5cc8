/** What is counted and logged, as the console draws it: dashboards from their JSON, alarms, Logs Insights. */
import { CloudWatchClient, PutDashboardCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { describe } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { executablePath, patience, seriousFindings, test } from './browser.ts'
import { busyWorld } from './world.ts'

describe.skipIf(!executablePath)('in the console', { timeout: patience }, () => {
  test('every view of metrics is drawn, and an explorer finds what has a tag', async ({ igarape, sight, expect }) => {
    const { page } = sight
    await taggedQueues(igarape)
    await shares(igarape)
    const metrics = [
      ['Shop', 'Share', 'kind', 'fruit'],
      ['...', 'nuts'],
    ]
    const region = 'us-east-1'
    const views = ['singleValue', 'gauge', 'bar', 'pie', 'table', 'timeSeries']
    const explorer = {
      metrics: [{ metricName: 'NumberOfMessagesSent', resourceType: 'AWS::SQS::Queue', stat: 'Sum' }],
      labels: [{ key: 'team', value: 'sales' }],
      period: 60,
      title: 'Queues of sales',
    }
    const DashboardBody = JSON.stringify({
      widgets: [
        ...views.map((view) => ({
          type: 'metric',
          width: 8,
          properties: { view, metrics, title: view, period: 60, region },
        })),
        { type: 'explorer', width: 24, height: 6, properties: explorer },
        { type: 'explorer', width: 24, height: 3, properties: { ...explorer, labels: [{ key: 'team', value: 'x' }] } },
      ],
    })
    const put = new PutDashboardCommand({ DashboardName: 'views', DashboardBody })
    await igarape.client(CloudWatchClient).send(put)

    await sight.open('metrics')
    const widget = (title: string) => page.locator('.widget', { has: page.getByText(title, { exact: true }) })
    await widget('Queues of sales').first().locator('canvas').waitFor()
    const words = async (title: string) => (await widget(title).first().innerText()).replace(/\s+/g, ' ')

    expect(await words('singleValue')).toBe('singleValue 30 fruit 10 nuts')
    expect(await words('gauge')).toBe('gauge 30 fruit 10 nuts')
    expect(await words('bar')).toBe('bar fruit 30 nuts 10')
    expect(await words('pie')).toBe('pie fruit 30 75 % nuts 10 25 %')
    expect(await words('table')).toContain('fruit 30 30 30 30')
    await widget('timeSeries').locator('canvas').waitFor()
    expect(await widget('Queues of sales').first().locator('figcaption').allInnerTexts()).toContain(
      'NumberOfMessagesSent',
    )
    await page.getByText('Nothing has these tags').waitFor()
    expect(await seriousFindings(page)).toEqual([])
    expect(sight.complaints).toEqual([])
  })

  test('an alarm is rung by hand, and its history tells', async ({ igarape, sight, expect }) => {
    const { page } = sight
    await busyWorld(igarape)

    await sight.open('metrics/alarms')
    await page.getByRole('button', { name: 'Try its actions' }).click()
    await page
      .locator('.history')
      .getByText(/to ALARM/)
      .waitFor()
    await page.locator('.reason', { hasText: 'Set by hand in the console' }).waitFor()

    expect(sight.complaints).toEqual([])
  })

  test('a question to the logs is drawn as a line for each level, and is in the address', async ({
    igarape,
    sight,
    expect,
  }) => {
    const { page } = sight
    await logged(igarape)
    const query = 'stats count(*) as lines by bin(1m), level'

    await sight.open(`logs/insights?query=${encodeURIComponent(query)}`)
    await page.getByRole('button', { name: /^Run/ }).click()
    await page.locator('.chart canvas').waitFor()
    const lines = await page.locator('.chart figcaption').innerText()

    expect(lines).toBe('error: 1 – 1; info: 2 – 2')
    expect(page.url()).toMatch(/group=shop&query=stats/)
    expect(sight.complaints).toEqual([])
  })
})

async function taggedQueues(igarape: Igarape): Promise<void> {
  const sqs = igarape.client(SQSClient)
  for (const [QueueName, team] of [
    ['orders', 'sales'],
    ['returns', 'sales'],
    ['letters', 'press'],
  ] as const) {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, tags: { team } }))
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }))
  }
  await igarape.clock.advance({ minutes: 2 })
}

async function shares(igarape: Igarape): Promise<void> {
  const Timestamp = new Date(igarape.clock.now().getTime() - 60_000)
  const MetricData = [['fruit', 30] as const, ['nuts', 10] as const].map(([Value, value]) => ({
    MetricName: 'Share',
    Value: value,
    Timestamp,
    Dimensions: [{ Name: 'kind', Value }],
  }))
  await igarape.client(CloudWatchClient).send(new PutMetricDataCommand({ Namespace: 'Shop', MetricData }))
}

async function logged(igarape: Igarape): Promise<void> {
  const logs = igarape.client(CloudWatchLogsClient)
  const place = { logGroupName: 'shop', logStreamName: 'a' }
  await logs.send(new CreateLogGroupCommand(place))
  await logs.send(new CreateLogStreamCommand(place))
  const minute = Math.floor(igarape.clock.now().getTime() / 60_000) * 60_000
  const logEvents = [120_000, 60_000].flatMap((before) =>
    ['info', 'error', 'info'].map((level) => ({ timestamp: minute - before, message: JSON.stringify({ level }) })),
  )
  await logs.send(new PutLogEventsCommand({ ...place, logEvents }))
}
