/** What AWS refuses and nothing here may take in silence: system attributes, policies, tags, tokens, labels. */
import {
  AddPermissionCommand,
  CreateQueueCommand,
  ListDeadLetterSourceQueuesCommand,
  ListQueuesCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  TagQueueCommand,
} from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { makeQueue } from './queues.ts'

test('only AWSTraceHeader is a system attribute that can be sent, and it is a string', async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)
  const { url: QueueUrl } = await makeQueue(sqs, 'fila')
  const text = { DataType: 'String', StringValue: 'Root=1-5759e988-bd862e3fe1be46a994272793' }
  const wrong = [{ Bogus: text }, { AWSTraceHeader: { ...text, DataType: 'Number' } }]

  for (const given of wrong) {
    const MessageSystemAttributes = given as never
    const command = new SendMessageCommand({ QueueUrl, MessageBody: 'a', MessageSystemAttributes })
    await expect(sqs.send(command)).rejects.toMatchObject({ name: 'InvalidParameterValue' })
  }
  const Entries = [...wrong, { AWSTraceHeader: text }].map((given, at) => ({
    Id: String(at),
    MessageBody: 'a',
    MessageSystemAttributes: given as never,
  }))
  const { Successful, Failed } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }))
  expect(Failed?.map(({ Id, Code }) => [Id, Code])).toEqual([
    ['0', 'InvalidParameterValue'],
    ['1', 'InvalidParameterValue'],
  ])
  expect(Successful).toMatchObject([{ Id: '2', MD5OfMessageSystemAttributes: expect.any(String) }])
})

test.for([
  '[]',
  '{}',
  '{"Statement":[]}',
  '{"Statement":[{"Effect":"Maybe","Principal":"*","Action":"sqs:*"}]}',
  '{"Statement":[{"Effect":"Allow","Action":"sqs:*"}]}',
  '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:*","Conditions":{}}]}',
  '{"Version":"2025-01-01","Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:*"}]}',
])('the policy %s is none', async (Policy, { igarape }) => {
  const sqs = igarape.client(SQSClient)
  const { url: QueueUrl } = await makeQueue(sqs, 'fila')

  await expect(sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }))).rejects.toMatchObject({
    name: 'InvalidAttributeValue',
    message: 'Invalid value for the parameter Policy.',
  })
})

test('a name that every object has is no attribute', async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)

  for (const name of ['constructor', 'toString']) {
    const command = new CreateQueueCommand({ QueueName: 'fila', Attributes: { [name]: '1' } })
    await expect(sqs.send(command)).rejects.toMatchObject({ name: 'InvalidAttributeName' })
  }
})

test.for<[string, Record<string, string>]>([
  ['a key of AWS', { 'aws:x': 'y' }],
  ['an empty key', { '': 'y' }],
  ['a long key', { ['k'.repeat(129)]: 'y' }],
  ['a long value', { k: 'y'.repeat(257) }],
  ['51 keys', Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`k${at}`, 'y']))],
])('%s is no tag, when a queue is made and later', async ([, tags], { igarape }) => {
  const sqs = igarape.client(SQSClient)
  const { url: QueueUrl } = await makeQueue(sqs, 'fila')
  const refused = { name: 'InvalidParameterValue' }

  await expect(sqs.send(new CreateQueueCommand({ QueueName: 'outra', tags }))).rejects.toMatchObject(refused)
  await expect(sqs.send(new TagQueueCommand({ QueueUrl, Tags: tags }))).rejects.toMatchObject(refused)
})

test('lists have pages of 1 to 1,000 queues, and go on only from a token of ours', async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)
  const { url: QueueUrl, arn } = await makeQueue(sqs, 'mortas')
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: 1 })
  for (const name of ['a', 'b', 'c']) await makeQueue(sqs, name, { RedrivePolicy })
  const sources = (more: object) => sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl, ...more }))
  const lists = [sources, (more: object) => sqs.send(new ListQueuesCommand(more))]
  const refused = { name: 'InvalidParameterValue' }

  for (const list of lists) {
    await expect(list({ MaxResults: 0 })).rejects.toMatchObject(refused)
    await expect(list({ MaxResults: 1001 })).rejects.toMatchObject(refused)
    await expect(list({ NextToken: 'x', MaxResults: 1 })).rejects.toMatchObject(refused)
  }
  const first = await sources({ MaxResults: 2 })
  const second = await sources({ MaxResults: 2, NextToken: first.NextToken })
  expect([first, second].map(({ queueUrls = [] }) => queueUrls.map((url) => url.split('/').at(-1)))).toEqual([
    ['a', 'b'],
    ['c'],
  ])
  expect(second.NextToken).toBeUndefined()
})

test('a permission has a label and accounts that can be', async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)
  const { url: QueueUrl } = await makeQueue(sqs, 'fila')
  const permission = { QueueUrl, Label: 'l', AWSAccountIds: ['123456789012'], Actions: ['SendMessage'] }

  for (const wrong of [{ Label: 'a b' }, { AWSAccountIds: ['12'] }]) {
    await expect(sqs.send(new AddPermissionCommand({ ...permission, ...wrong }))).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    })
  }
})
