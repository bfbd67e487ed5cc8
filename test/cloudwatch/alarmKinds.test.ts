/** Alarms on bands, on seconds, on queries, and those that invoke functions. */
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  PutAnomalyDetectorCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch'
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { makeFunction } from '../lambda/samples.ts'

const minute = 60_000

function putAlarm(igarape: Igarape, input: Partial<PutMetricAlarmCommandInput>) {
  const rule = { EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold' } as const
  return igarape.client(CloudWatchClient).send(new PutMetricAlarmCommand({ AlarmName: 'odd', ...rule, ...input }))
}

function put(igarape: Igarape, values: readonly (readonly [minutes: number, value: number])[], resolution = 60) {
  const now = igarape.clock.now().getTime()
  const MetricData = values.map(([minutes, Value]) => ({
    MetricName: 'orders',
    Value,
    Timestamp: new Date(now + minutes * minute),
    StorageResolution: resolution,
  }))
  return igarape.client(CloudWatchClient).send(new PutMetricDataCommand({ Namespace: 'shop', MetricData }))
}

async function state(igarape: Igarape) {
  const { MetricAlarms = [] } = await igarape.client(CloudWatchClient).send(new DescribeAlarmsCommand({}))
  return MetricAlarms[0]
}

const orders = { Metric: { Namespace: 'shop', MetricName: 'orders' }, Period: 300, Stat: 'Average' }

test('an alarm on a band is raised by what two weeks did not let expect', async ({ igarape }) => {
  const days = Array.from({ length: 900 }, (_, index) => [-30 - index * 20, 100 + (index % 5)] as const)
  await put(igarape, days)
  await igarape
    .client(CloudWatchClient)
    .send(new PutAnomalyDetectorCommand({ Namespace: 'shop', MetricName: 'orders', Stat: 'Average' }))
  await putAlarm(igarape, {
    ComparisonOperator: 'LessThanLowerOrGreaterThanUpperThreshold',
    ThresholdMetricId: 'band',
    Metrics: [
      { Id: 'm1', MetricStat: orders },
      { Id: 'band', Expression: 'ANOMALY_DETECTION_BAND(m1, 3)' },
    ],
  })

  await put(igarape, [[0, 102]])
  await igarape.clock.advance({ minutes: 1 })
  expect(await state(igarape)).toMatchObject({ StateValue: 'OK' })
  await igarape.clock.advance({ minutes: 10 })
  await put(igarape, [[0, 500]])
  await igarape.clock.advance({ minutes: 1 })
  const raised = await state(igarape)
  expect(raised?.StateValue).toBe('ALARM')
  expect(raised?.StateReason).toMatch(
    /^Thresholds Crossed: 1 out of the last 1 datapoints \[500\.0 \(.{17}\)\] was less than the lower thresholds \[[\d.]+\] or greater than the upper thresholds \[[\d.]+\] \(minimum/,
  )
})

test('an alarm on ten seconds is raised within ten seconds', async ({ igarape }) => {
  await putAlarm(igarape, {
    ...{ Namespace: 'shop', MetricName: 'orders', Statistic: 'Maximum', Period: 10, Threshold: 5 },
  })
  await put(igarape, [[0, 9]], 1)
  await igarape.clock.advance({ seconds: 10 })

  expect(await state(igarape)).toMatchObject({ StateValue: 'ALARM', Period: 10 })
})

test('an alarm on a Metrics Insights query sees metrics that come later', async ({ igarape }) => {
  await putAlarm(igarape, {
    Threshold: 5,
    TreatMissingData: 'notBreaching',
    Metrics: [{ Id: 'q1', Expression: 'SELECT MAX(orders) FROM shop', Period: 60 }],
  })
  await igarape.clock.advance({ minutes: 3 })
  expect(await state(igarape)).toMatchObject({ StateValue: 'OK' })

  await put(igarape, [[0, 9]])
  await igarape.clock.advance({ minutes: 1 })
  expect(await state(igarape)).toMatchObject({ StateValue: 'ALARM' })
})

test('a function is invoked with what AWS tells it', async ({ igarape }) => {
  const { QueueUrl } = await igarape.client(SQSClient).send(new CreateQueueCommand({ QueueName: 'told' }))
  const code = `const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs')
    exports.handler = (event) => new SQSClient({}).send(
      new SendMessageCommand({ QueueUrl: '${QueueUrl}', MessageBody: JSON.stringify(event) }))`
  const arn = await makeFunction(igarape, 'tell', code)
  await putAlarm(igarape, {
    ...{ Namespace: 'shop', MetricName: 'orders', Statistic: 'Maximum', Period: 60, Threshold: 5 },
    AlarmActions: [arn],
  })
  await put(igarape, [[0, 9]])
  await igarape.clock.advance({ minutes: 1 })

  const { Messages = [] } = await igarape.client(SQSClient).send(new ReceiveMessageCommand({ QueueUrl }))
  expect(Messages.map(({ Body = '' }) => JSON.parse(Body))).toMatchObject([
    {
      source: 'aws.cloudwatch',
      alarmArn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:odd',
      accountId: '000000000000',
      region: 'us-east-1',
      alarmData: {
        alarmName: 'odd',
        state: { value: 'ALARM' },
        previousState: { value: 'INSUFFICIENT_DATA' },
        configuration: {
          metrics: [{ metricStat: { metric: { name: 'orders', namespace: 'shop' }, stat: 'Maximum' } }],
        },
      },
    },
  ])
})
