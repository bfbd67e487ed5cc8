/** What AWS refuses and nothing here may take in silence: attributes, policies, tags, batches, tokens. */
import {
  AddPermissionCommand,
  CreateTopicCommand,
  ListSubscriptionsCommand,
  ListTopicsCommand,
  PublishBatchCommand,
  PublishCommand,
  SetTopicAttributesCommand,
  SNSClient,
  TagResourceCommand,
} from '@aws-sdk/client-sns'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

async function topicOf(igarape: Igarape) {
  const sns = igarape.client(SNSClient)
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'avisos' }))
  return { sns, TopicArn }
}

const statement = { Effect: 'Allow', Principal: '*', Action: 'sns:Publish' }
const policy = (more: object) => JSON.stringify({ Version: '2012-10-17', Statement: [{ ...statement, ...more }] })

test.for<[string, string, string]>([
  ['ContentBasedDeduplication', 'true', 'ContentBasedDeduplication Reason: can only be set for FIFO topics'],
  ['FifoThroughputScope', 'Topic', 'FifoThroughputScope Reason: can only be set for FIFO topics'],
  ['Policy', '{}', 'Policy Error: null'],
  ['Policy', policy({ Effect: 'Maybe' }), 'Policy Error: null'],
  ['Policy', policy({ Principle: '*' }), 'Policy Error: null'],
  ['Policy', policy({ Action: 'sqs:SendMessage' }), 'Policy statement action out of service scope!'],
  [
    'DeliveryPolicy',
    '{"http":{"defaultHealthyRetry":{}}}',
    'DeliveryPolicy: Unexpected JSON member: http.defaultHealthyRetry',
  ],
  [
    'DeliveryPolicy',
    '{"healthyRetryPolicy":{"retries":1}}',
    'DeliveryPolicy: Unexpected JSON member: healthyRetryPolicy.retries',
  ],
])('%s %s is refused, when a topic is made and later', async ([AttributeName, AttributeValue, words], { igarape }) => {
  const { sns, TopicArn } = await topicOf(igarape)
  const refused = { name: 'InvalidParameterException', message: `Invalid parameter: ${words}` }
  const made = new CreateTopicCommand({ Name: 'outro', Attributes: { [AttributeName]: AttributeValue } })

  await expect(sns.send(made)).rejects.toMatchObject(refused)
  await expect(
    sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName, AttributeValue })),
  ).rejects.toMatchObject(refused)
})

test('a policy of whole statements is taken, and a delivery policy of all that is known', async ({ igarape }) => {
  const { sns, TopicArn } = await topicOf(igarape)
  const set = (AttributeName: string, AttributeValue: string) =>
    sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName, AttributeValue }))

  await set(
    'Policy',
    policy({ Sid: 's', Resource: TopicArn, Condition: { StringEquals: { 'aws:SourceAccount': '1' } } }),
  )
  const defaultHealthyRetryPolicy = { numRetries: 5, minDelayTarget: 1, maxDelayTarget: 2, backoffFunction: 'linear' }
  const http = { defaultHealthyRetryPolicy, disableSubscriptionOverrides: false, defaultThrottlePolicy: {} }
  await set('DeliveryPolicy', JSON.stringify({ http }))
})

test.for<[string, { Key: string; Value: string }[], string]>([
  ['a key of AWS', [{ Key: 'aws:x', Value: 'y' }], 'InvalidParameterException'],
  ['an empty key', [{ Key: '', Value: 'y' }], 'InvalidParameterException'],
  ['a long key', [{ Key: 'k'.repeat(129), Value: 'y' }], 'InvalidParameterException'],
  ['a long value', [{ Key: 'k', Value: 'y'.repeat(257) }], 'InvalidParameterException'],
  ['a key twice', [1, 2].map(() => ({ Key: 'k', Value: 'y' })), 'InvalidParameterException'],
  ['51 keys', Array.from({ length: 51 }, (_, at) => ({ Key: `k${at}`, Value: 'y' })), 'TagLimitExceededException'],
])('%s is no tag, when a topic is made and later', async ([, Tags, name], { igarape }) => {
  const { sns, TopicArn } = await topicOf(igarape)

  await expect(sns.send(new CreateTopicCommand({ Name: 'outro', Tags }))).rejects.toMatchObject({ name })
  await expect(sns.send(new TagResourceCommand({ ResourceArn: TopicArn, Tags }))).rejects.toMatchObject({ name })
})

test('attributes count in the size of a batch', async ({ igarape }) => {
  const { sns, TopicArn } = await topicOf(igarape)
  const entry = (Id: string) => ({
    Id,
    Message: 'a',
    MessageAttributes: { x: { DataType: 'String', StringValue: 'y'.repeat(131_072) } },
  })

  await expect(
    sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: [entry('1'), entry('2')] })),
  ).rejects.toMatchObject({ name: 'BatchRequestTooLongException' })
})

test('a message goes to one end: two are refused', async ({ igarape }) => {
  const { sns, TopicArn } = await topicOf(igarape)

  for (const other of [{ PhoneNumber: '+5511999990000' }, { TargetArn: TopicArn }]) {
    const command = new PublishCommand({ TopicArn, Message: 'a', ...other })
    await expect(sns.send(command)).rejects.toMatchObject({ name: 'InvalidParameterException' })
  }
})

test('a permission names accounts and operations, and a page a token of ours', async ({ igarape }) => {
  const { sns, TopicArn } = await topicOf(igarape)
  const permission = { TopicArn, Label: 'l', AWSAccountId: ['123456789012'], ActionName: ['Publish'] }

  const refused = { name: 'InvalidParameterException' }
  for (const wrong of [{ AWSAccountId: ['12'] }, { ActionName: ['Bogus'] }]) {
    await expect(sns.send(new AddPermissionCommand({ ...permission, ...wrong }))).rejects.toMatchObject(refused)
  }
  await sns.send(new AddPermissionCommand(permission))
  await expect(sns.send(new ListTopicsCommand({ NextToken: 'x' }))).rejects.toMatchObject(refused)
  await expect(sns.send(new ListSubscriptionsCommand({ NextToken: 'x' }))).rejects.toMatchObject(refused)
})
