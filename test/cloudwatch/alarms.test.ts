/** Alarms on the clock: states, actions, events, history, settings. */
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  DescribeAlarmsForMetricCommand,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
  ListTagsForResourceCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  PutMetricDataCommand,
  SetAlarmStateCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudwatch'
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import { alarmTurns } from '../../src/services/cloudwatch/alarmWatches.ts'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

function put(igarape: Igarape, value: number, metric = 'errors') {
  const MetricData = [{ MetricName: metric, Value: value }]
  return igarape.client(CloudWatchClient).send(new PutMetricDataCommand({ Namespace: 'shop', MetricData }))
}

function putAlarm(igarape: Igarape, input: Partial<PutMetricAlarmCommandInput> = {}) {
  return igarape.client(CloudWatchClient).send(
    new PutMetricAlarmCommand({
      AlarmName: 'too-many',
      Namespace: 'shop',
      MetricName: 'errors',
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 10,
      ComparisonOperator: 'GreaterThanThreshold',
      ...input,
    }),
  )
}

async function alarm(igarape: Igarape, name = 'too-many') {
  const answer = await igarape.client(CloudWatchClient).send(new DescribeAlarmsCommand({ AlarmNames: [name] }))
  return answer.MetricAlarms?.[0]
}

async function queue(igarape: Igarape, QueueName: string): Promise<{ url: string; arn: string }> {
  const { QueueUrl = '' } = await igarape.client(SQSClient).send(new CreateQueueCommand({ QueueName }))
  return { url: QueueUrl, arn: `arn:aws:sqs:us-east-1:000000000000:${QueueName}` }
}

async function bodies(igarape: Igarape, url: string): Promise<string[]> {
  const answer = await igarape
    .client(SQSClient)
    .send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }))
  return (answer.Messages ?? []).map(({ Body = '' }) => Body)
}

async function topicInto(igarape: Igarape, to: { arn: string }): Promise<string> {
  const sns = igarape.client(SNSClient)
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'analysts' }))
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: to.arn }))
  return TopicArn
}

test('an alarm goes from no data to ALARM to no data, and each state says why', async ({ igarape }) => {
  await putAlarm(igarape)
  expect(await alarm(igarape)).toMatchObject({
    StateValue: 'INSUFFICIENT_DATA',
    StateReason: 'Unchecked: Initial alarm creation',
    AlarmArn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:too-many',
  })

  await put(igarape, 12)
  await igarape.clock.advance({ minutes: 1 })
  const raised = await alarm(igarape)
  expect(raised).toMatchObject({ StateValue: 'ALARM' })
  expect(raised?.StateReason).toMatch(
    /^Threshold Crossed: 1 out of the last 1 datapoints \[12\.0 \(.{17}\)\] was greater than the threshold \(10\.0\) \(minimum 1 datapoint for OK -> ALARM transition\)\.$/,
  )
  expect(JSON.parse(raised?.StateReasonData ?? '')).toMatchObject({
    version: '1.0',
    statistic: 'Sum',
    period: 60,
    recentDatapoints: [12],
    threshold: 10,
  })

  await igarape.clock.advance({ minutes: 10 })
  expect(await alarm(igarape)).toMatchObject({
    StateValue: 'INSUFFICIENT_DATA',
    StateReason: 'Insufficient Data: 1 datapoint was unknown.',
  })
})

test('a topic is told by AWS’s message, the bus by its event, and the history keeps all of it', async ({ igarape }) => {
  const mail = await queue(igarape, 'mail')
  const events = await queue(igarape, 'events')
  const TopicArn = await topicInto(igarape, mail)
  const bus = igarape.client(EventBridgeClient)
  const EventPattern = JSON.stringify({ source: ['aws.cloudwatch'], 'detail-type': ['CloudWatch Alarm State Change'] })
  await bus.send(new PutRuleCommand({ Name: 'alarms', EventPattern }))
  await bus.send(new PutTargetsCommand({ Rule: 'alarms', Targets: [{ Id: 'q', Arn: events.arn }] }))
  await putAlarm(igarape, { AlarmActions: [TopicArn], AlarmDescription: 'Look!', Dimensions: [] })

  await put(igarape, 12)
  await igarape.clock.advance({ minutes: 1 })

  const [notice] = (await bodies(igarape, mail.url)).map((body) => JSON.parse(body))
  expect(notice.Subject).toBe('ALARM: "too-many" in US East (N. Virginia)')
  expect(JSON.parse(notice.Message)).toMatchObject({
    AlarmName: 'too-many',
    AlarmDescription: 'Look!',
    AWSAccountId: '000000000000',
    NewStateValue: 'ALARM',
    OldStateValue: 'INSUFFICIENT_DATA',
    Region: 'US East (N. Virginia)',
    AlarmActions: [TopicArn],
    Trigger: {
      MetricName: 'errors',
      Namespace: 'shop',
      StatisticType: 'Statistic',
      Statistic: 'SUM',
      Unit: null,
      Dimensions: [],
      Period: 60,
      EvaluationPeriods: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 10,
      TreatMissingData: 'missing',
      EvaluateLowSampleCountPercentile: '',
    },
  })
  const [event] = (await bodies(igarape, events.url)).map((body) => JSON.parse(body))
  expect(event).toMatchObject({
    resources: ['arn:aws:cloudwatch:us-east-1:000000000000:alarm:too-many'],
    detail: {
      alarmName: 'too-many',
      configuration: {
        description: 'Look!',
        metrics: [
          {
            metricStat: { metric: { dimensions: {}, name: 'errors', namespace: 'shop' }, period: 60, stat: 'Sum' },
            returnData: true,
          },
        ],
      },
      previousState: { value: 'INSUFFICIENT_DATA' },
      state: { value: 'ALARM' },
    },
  })
  const { AlarmHistoryItems = [] } = await igarape
    .client(CloudWatchClient)
    .send(new DescribeAlarmHistoryCommand({ AlarmName: 'too-many', ScanBy: 'TimestampAscending' }))
  expect(AlarmHistoryItems.map(({ HistorySummary }) => HistorySummary).sort()).toEqual([
    'Alarm "too-many" created',
    'Alarm updated from INSUFFICIENT_DATA to ALARM',
    `Successfully executed action ${TopicArn}`,
  ])
})

test('an action that could not be done is told as failed', async ({ igarape }) => {
  const nowhere = 'arn:aws:sns:us-east-1:000000000000:nowhere'
  await putAlarm(igarape, { AlarmActions: [nowhere] })
  const cloudwatch = igarape.client(CloudWatchClient)

  await cloudwatch.send(
    new SetAlarmStateCommand({ AlarmName: 'too-many', StateValue: 'ALARM', StateReason: 'to see what happens' }),
  )

  const { AlarmHistoryItems = [] } = await cloudwatch.send(
    new DescribeAlarmHistoryCommand({ AlarmName: 'too-many', HistoryItemType: 'Action' }),
  )
  expect(AlarmHistoryItems.map(({ HistorySummary }) => HistorySummary)).toEqual([
    expect.stringContaining(`Failed to execute action ${nowhere}. Received error: `),
  ])
  expect(JSON.parse(AlarmHistoryItems[0]?.HistoryData ?? '')).toMatchObject({
    actionState: 'Failed',
    notificationResource: nowhere,
  })
})

test('the history of an alarm outlives it, for thirty days', async ({ igarape }) => {
  const cloudwatch = igarape.client(CloudWatchClient)
  await putAlarm(igarape)
  await cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: ['too-many'] }))
  const summaries = async () => {
    const { AlarmHistoryItems = [] } = await cloudwatch.send(new DescribeAlarmHistoryCommand({ AlarmName: 'too-many' }))
    return AlarmHistoryItems.map(({ HistorySummary }) => HistorySummary)
  }

  expect((await summaries()).sort()).toEqual(['Alarm "too-many" created', 'Alarm "too-many" deleted'])
  await igarape.clock.advance({ days: 31 })
  expect(await summaries()).toEqual([])
})

test('two out of three late minutes raise it, and a math of two metrics too', async ({ igarape }) => {
  await putAlarm(igarape, { EvaluationPeriods: 3, DatapointsToAlarm: 2, TreatMissingData: 'notBreaching' })
  await putAlarm(igarape, {
    AlarmName: 'rate',
    ...{ Namespace: undefined, MetricName: undefined, Statistic: undefined, Period: undefined, Threshold: 50 },
    Metrics: [
      { Id: 'rate', Expression: '100 * m1 / m2', Label: 'Error rate' },
      ...['errors', 'requests'].map((MetricName, index) => ({
        Id: `m${index + 1}`,
        MetricStat: { Metric: { Namespace: 'shop', MetricName }, Period: 60, Stat: 'Sum' },
        ReturnData: false,
      })),
    ],
  })
  const states: (string | undefined)[] = []
  for (const [errors, requests] of [
    [11, 100],
    [1, 100],
    [60, 100],
  ] as const) {
    await put(igarape, errors)
    await put(igarape, requests, 'requests')
    await igarape.clock.advance({ minutes: 1 })
    states.push((await alarm(igarape))?.StateValue, (await alarm(igarape, 'rate'))?.StateValue)
  }

  expect(states).toEqual(['OK', 'OK', 'OK', 'OK', 'ALARM', 'ALARM'])
})

test('a state set by hand acts at once and lasts until the next evaluation', async ({ igarape }) => {
  const mail = await queue(igarape, 'mail')
  await putAlarm(igarape, { AlarmActions: [await topicInto(igarape, mail)] })
  const cloudwatch = igarape.client(CloudWatchClient)
  const byHand = { AlarmName: 'too-many', StateValue: 'ALARM', StateReason: 'a drill' } as const

  await cloudwatch.send(new DisableAlarmActionsCommand({ AlarmNames: ['too-many'] }))
  await cloudwatch.send(new SetAlarmStateCommand(byHand))
  await igarape.settled()
  expect(await bodies(igarape, mail.url)).toEqual([])
  expect(await alarm(igarape)).toMatchObject({ StateValue: 'ALARM', StateReason: 'a drill', ActionsEnabled: false })

  await igarape.clock.advance({ minutes: 1 })
  expect(await alarm(igarape)).toMatchObject({ StateValue: 'INSUFFICIENT_DATA' })
  await cloudwatch.send(new EnableAlarmActionsCommand({ AlarmNames: ['too-many'] }))
  await cloudwatch.send(new SetAlarmStateCommand(byHand))
  await igarape.settled()
  expect(await bodies(igarape, mail.url)).toHaveLength(1)
  await expect(cloudwatch.send(new SetAlarmStateCommand({ ...byHand, AlarmName: 'none' }))).rejects.toMatchObject({
    name: 'ResourceNotFound',
  })
})

test('a day of alarms passes in seconds, and an alarm that nothing can change is not looked at again', async ({
  igarape,
}) => {
  for (let index = 0; index < 20; index++)
    await putAlarm(igarape, { AlarmName: `quiet-${index}`, MetricName: `m${index}` })
  await put(igarape, 12, 'm3')
  await igarape.clock.advance({ days: 1 })

  expect(await alarm(igarape, 'quiet-3')).toMatchObject({ StateValue: 'INSUFFICIENT_DATA' })
  const scope = { account: '000000000000', region: 'us-east-1' }
  expect([...igarape.server.platform.store.in(alarmTurns.rows, scope).list()]).toEqual([])
})

test('alarms are found by name, prefix, state and metric, and are tagged and deleted', async ({ igarape }) => {
  const cloudwatch = igarape.client(CloudWatchClient)
  await putAlarm(igarape, { AlarmName: 'a1', Tags: [{ Key: 'team', Value: 'data' }] })
  await putAlarm(igarape, { AlarmName: 'a2', MetricName: 'other' })
  await putAlarm(igarape, { AlarmName: 'b1' })
  const names = async (input: object) =>
    (await cloudwatch.send(new DescribeAlarmsCommand(input))).MetricAlarms?.map(({ AlarmName }) => AlarmName)

  expect(await names({ AlarmNamePrefix: 'a' })).toEqual(['a1', 'a2'])
  expect(await names({ StateValue: 'OK' })).toEqual([])
  const first = await cloudwatch.send(new DescribeAlarmsCommand({ MaxRecords: 2 }))
  expect(await names({ MaxRecords: 2, NextToken: first.NextToken })).toEqual(['b1'])
  const ofMetric = new DescribeAlarmsForMetricCommand({ Namespace: 'shop', MetricName: 'errors' })
  expect((await cloudwatch.send(ofMetric)).MetricAlarms?.map(({ AlarmName }) => AlarmName)).toEqual(['a1', 'b1'])

  const ResourceARN = 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:a1'
  await cloudwatch.send(new TagResourceCommand({ ResourceARN, Tags: [{ Key: 'cost', Value: '7' }] }))
  await cloudwatch.send(new UntagResourceCommand({ ResourceARN, TagKeys: ['team'] }))
  expect((await cloudwatch.send(new ListTagsForResourceCommand({ ResourceARN }))).Tags).toEqual([
    { Key: 'cost', Value: '7' },
  ])
  await cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: ['a1', 'a2'] }))
  expect(await names({})).toEqual(['b1'])
})

test('what AWS refuses is refused, and what is not done here says so', async ({ igarape }) => {
  const refusals: [Partial<PutMetricAlarmCommandInput>, string][] = [
    [{ EvaluationPeriods: 2000 }, 'ValidationException'],
    [{ DatapointsToAlarm: 2 }, 'ValidationException'],
    [{ Period: 45 }, 'ValidationException'],
    [{ Statistic: undefined }, 'InvalidParameterCombinationException'],
    [{ Threshold: undefined }, 'MissingRequiredParameterException'],
    [{ AlarmActions: ['nonsense'] }, 'ValidationException'],
    [{ AlarmActions: ['arn:aws:automate:us-east-1:ec2:stop'] }, 'NotImplemented'],
    [{ EvaluationCriteria: { PromQLCriteria: { Query: 'up' } } }, 'NotImplemented'],
  ]
  for (const [input, code] of refusals) {
    await expect(putAlarm(igarape, input), JSON.stringify(input)).rejects.toMatchObject({ name: code })
  }
})
