import {
  CreateTopicCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns'
import { SQSClient } from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { makeQueue, receive } from '../sqs/queues.ts'

async function subscribed(igarape: Igarape, Attributes: Record<string, string> = {}) {
  const sns = igarape.client(SNSClient)
  const sqs = igarape.client(SQSClient)
  const queue = await makeQueue(sqs, 'fila')
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'avisos' }))
  const command = new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queue.arn, Attributes })
  const { SubscriptionArn } = await sns.send(command)
  return { sns, sqs, queue, TopicArn, SubscriptionArn }
}

const keys = (count: number, values: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, key) => [`k${key}`, Array.from({ length: values }, (_, v) => `v${v}`)]),
  )

test.for([
  ['six keys', keys(6, 1), 'Filter policy can not have more than 5 keys'],
  ['151 values', keys(1, 151), 'Filter policy is too complex'],
  ['6 by 6 by 6 values', keys(3, 6), 'Filter policy is too complex'],
  ['more than 256 KB', { k: ['x'.repeat(256 * 1024)] }, 'Filter policy is too long'],
] as const)('a filter policy of %s is refused', async ([, policy, reason], { igarape }) => {
  const { sns, SubscriptionArn } = await subscribed(igarape)
  const AttributeValue = JSON.stringify(policy)
  const change = { SubscriptionArn, AttributeName: 'FilterPolicy', AttributeValue }

  await expect(sns.send(new SetSubscriptionAttributesCommand(change))).rejects.toThrow(
    `Invalid parameter: FilterPolicy: ${reason}`,
  )
})

test('a filter policy of five keys and 150 combinations is taken', async ({ igarape }) => {
  const { sns, SubscriptionArn } = await subscribed(igarape)
  const policy = { ...keys(2, 5), k2: ['a', 'b', 'c', 'd', 'e', 'f'], k3: ['a'], k4: ['a'] }
  const change = { SubscriptionArn, AttributeName: 'FilterPolicy', AttributeValue: JSON.stringify(policy) }

  await sns.send(new SetSubscriptionAttributesCommand(change))
})

test('a queue takes ten attributes of a raw message; one with more is a dead letter', async ({ igarape }) => {
  const dead = await makeQueue(igarape.client(SQSClient), 'mortas')
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn })
  const { sns, sqs, queue, TopicArn } = await subscribed(igarape, { RawMessageDelivery: 'true', RedrivePolicy })
  const attributes = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, a) => [`a${a}`, { DataType: 'String', StringValue: 'x' }]))

  for (const count of [10, 11]) {
    const MessageAttributes = attributes(count)
    await sns.send(new PublishCommand({ TopicArn, Message: String(count), MessageAttributes }))
  }
  await igarape.settled()

  expect((await receive(sqs, queue.url)).map(({ Body }) => Body)).toEqual(['10'])
  expect((await receive(sqs, dead.url)).map(({ Body }) => Body)).toEqual(['11'])
})

test.for(['.a', 'a.', 'a..b', 'ação', 'a'.repeat(257)])('%s is no name of an attribute', async (name, { igarape }) => {
  const { sns, TopicArn } = await subscribed(igarape)
  const MessageAttributes = { [name]: { DataType: 'String', StringValue: 'x' } }

  await expect(sns.send(new PublishCommand({ TopicArn, Message: 'm', MessageAttributes }))).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
  })
})
