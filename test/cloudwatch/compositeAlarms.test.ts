/** Composite alarms: evaluated with their children, held back by their suppressor. */
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
  type StateValue,
} from '@aws-sdk/client-cloudwatch'
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

/** Alarms that stay as they are set: `ignore` keeps a state without data. */
async function world(igarape: Igarape, names: readonly string[]) {
  const cloudwatch = igarape.client(CloudWatchClient)
  for (const AlarmName of names) {
    const metric = { Namespace: 'shop', MetricName: AlarmName, Statistic: 'Sum', Period: 60 } as const
    const rule = { EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanThreshold' } as const
    await cloudwatch.send(new PutMetricAlarmCommand({ AlarmName, ...metric, ...rule, TreatMissingData: 'ignore' }))
  }
  const set = async (AlarmName: string, state: StateValue) => {
    await cloudwatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: state, StateReason: 'test' }))
    await igarape.settled()
  }
  const composite = async () =>
    (await cloudwatch.send(new DescribeAlarmsCommand({ AlarmTypes: ['CompositeAlarm'] }))).CompositeAlarms?.[0]
  return { cloudwatch, set, composite }
}

async function subscribed(igarape: Igarape) {
  const { QueueUrl } = await igarape.client(SQSClient).send(new CreateQueueCommand({ QueueName: 'mail' }))
  const sns = igarape.client(SNSClient)
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'analysts' }))
  const Endpoint = 'arn:aws:sqs:us-east-1:000000000000:mail'
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }))
  const notices = async () => {
    const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 86_400 / 2 })
    const { Messages = [] } = await igarape.client(SQSClient).send(receive)
    return Messages.map(({ Body = '' }) => JSON.parse(JSON.parse(Body).Message))
  }
  return { TopicArn, notices }
}

test('a composite alarm follows its children in the same commit and tells which one moved it', async ({ igarape }) => {
  const { cloudwatch, set, composite } = await world(igarape, ['a', 'b'])
  const { TopicArn, notices } = await subscribed(igarape)
  const AlarmRule = 'ALARM(a) AND NOT ALARM(b)'
  await cloudwatch.send(new PutCompositeAlarmCommand({ AlarmName: 'both', AlarmRule, AlarmActions: [TopicArn] }))
  expect(await composite()).toMatchObject({
    StateValue: 'OK',
    StateReason: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:both was created and its alarm rule evaluates to OK',
  })

  await set('a', 'ALARM')
  expect(await composite()).toMatchObject({
    StateValue: 'ALARM',
    StateReason: expect.stringMatching(
      /^arn:aws:cloudwatch:us-east-1:000000000000:alarm:a transitioned to ALARM at \w+day \d\d \w+, \d{4} \d\d:\d\d:\d\d UTC$/,
    ),
  })
  expect(await notices()).toMatchObject([
    { AlarmName: 'both', AlarmRule, TriggeringChildren: [{ State: { Value: 'ALARM' } }] },
  ])
  await set('b', 'ALARM')
  expect(await composite()).toMatchObject({ StateValue: 'OK' })
})

test('a suppressor holds the actions back, and its extension period after it', async ({ igarape }) => {
  const { cloudwatch, set, composite } = await world(igarape, ['a', 'maintenance'])
  const { TopicArn, notices } = await subscribed(igarape)
  await cloudwatch.send(
    new PutCompositeAlarmCommand({
      ...{ AlarmName: 'quiet', AlarmRule: 'ALARM(a)', AlarmActions: [TopicArn], ActionsSuppressor: 'maintenance' },
      ...{ ActionsSuppressorWaitPeriod: 60, ActionsSuppressorExtensionPeriod: 120 },
    }),
  )

  await set('a', 'ALARM')
  expect(await composite()).toMatchObject({ StateValue: 'ALARM', ActionsSuppressedBy: 'WaitPeriod' })
  await set('maintenance', 'ALARM')
  await igarape.clock.advance({ hours: 1 })
  expect(await composite()).toMatchObject({ ActionsSuppressedBy: 'Alarm' })
  await set('maintenance', 'OK')
  expect(await composite()).toMatchObject({ ActionsSuppressedBy: 'ExtensionPeriod' })
  expect(await notices()).toEqual([])

  await igarape.clock.advance({ seconds: 121 })
  expect((await composite())?.ActionsSuppressedBy).toBe(undefined)
  expect(await notices()).toHaveLength(1)
})

test('without a suppressor in ALARM the actions come after the wait period', async ({ igarape }) => {
  const { cloudwatch, set } = await world(igarape, ['a', 'maintenance'])
  const { TopicArn, notices } = await subscribed(igarape)
  await cloudwatch.send(
    new PutCompositeAlarmCommand({
      ...{ AlarmName: 'quiet', AlarmRule: 'ALARM(a)', AlarmActions: [TopicArn], ActionsSuppressor: 'maintenance' },
      ...{ ActionsSuppressorWaitPeriod: 60, ActionsSuppressorExtensionPeriod: 120 },
    }),
  )

  await set('a', 'ALARM')
  await igarape.clock.advance({ seconds: 59 })
  expect(await notices()).toEqual([])
  await igarape.clock.advance({ seconds: 2 })
  expect(await notices()).toHaveLength(1)
})

test('a rule that is none, names what is not there, or leads to itself is refused', async ({ igarape }) => {
  const { cloudwatch } = await world(igarape, ['a'])
  const put = (AlarmName: string, AlarmRule: string) =>
    cloudwatch.send(new PutCompositeAlarmCommand({ AlarmName, AlarmRule }))
  await put('one', 'ALARM(a)')
  await put('two', 'ALARM(one)')

  for (const rule of ['ALARM(', 'ALARM(none)', 'ALARM(two)']) {
    await expect(put('one', rule), rule).rejects.toMatchObject({ name: 'ValidationException' })
  }
})
