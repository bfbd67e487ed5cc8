/** Queues as event sources: batches, filters, partial failures, dead letters. */
import {
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  GetEventSourceMappingCommand,
  LambdaClient,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda'
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { makeFunction } from './samples.ts'

const arnOf = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`

/** Says what it got by a message to the queue `seen`; fails items whose body says so. */
const reporting = `
  const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs')
  const sqs = new SQSClient({})
  exports.handler = async ({ Records }) => {
    const QueueUrl = process.env.SEEN
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(Records) }))
    const failed = Records.filter((record) => record.body.includes('poison'))
    return { batchItemFailures: failed.map((record) => ({ itemIdentifier: record.messageId })) }
  }`

async function prepared(igarape: Igarape, mapping: Partial<CreateEventSourceMappingCommandInput>, attributes = {}) {
  const sqs = igarape.client(SQSClient)
  const seen = (await sqs.send(new CreateQueueCommand({ QueueName: 'seen' }))).QueueUrl as string
  const dead = (await sqs.send(new CreateQueueCommand({ QueueName: 'dead' }))).QueueUrl as string
  const source = (await sqs.send(new CreateQueueCommand({ QueueName: 'source', Attributes: attributes })))
    .QueueUrl as string
  await makeFunction(igarape, 'worker', reporting, {
    Environment: { Variables: { SEEN: seen } },
    MemorySize: 512,
    Timeout: 20,
  })
  const { UUID } = await igarape
    .client(LambdaClient)
    .send(new CreateEventSourceMappingCommand({ FunctionName: 'worker', EventSourceArn: arnOf('source'), ...mapping }))
  return { seen, dead, source, id: UUID as string }
}

async function batches(igarape: Igarape, url: string): Promise<{ body: string; [name: string]: unknown }[][]> {
  const { Messages = [] } = await igarape
    .client(SQSClient)
    .send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }))
  return Messages.map((message) => JSON.parse(message.Body as string))
}

async function depth(igarape: Igarape, url: string): Promise<number> {
  const { Attributes = {} } = await igarape
    .client(SQSClient)
    .send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }))
  return Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible)
}

function send(igarape: Igarape, url: string, bodies: string[]) {
  const Entries = bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody }))
  return igarape.client(SQSClient).send(new SendMessageBatchCommand({ QueueUrl: url, Entries }))
}

test('messages reach the function in batches and leave the queue', async ({ igarape }) => {
  const { seen, source } = await prepared(igarape, { BatchSize: 10, ScalingConfig: { MaximumConcurrency: 2 } })

  await igarape.client(SQSClient).send(
    new SendMessageCommand({
      QueueUrl: source,
      MessageBody: 'with attributes',
      MessageAttributes: { colour: { DataType: 'String', StringValue: 'azul' } },
    }),
  )
  await igarape.settled()

  const [[record] = []] = await batches(igarape, seen)
  expect(record).toMatchObject({
    body: 'with attributes',
    eventSource: 'aws:sqs',
    eventSourceARN: arnOf('source'),
    awsRegion: 'us-east-1',
    attributes: { ApproximateReceiveCount: '1' },
    messageAttributes: {
      colour: { stringValue: 'azul', dataType: 'String', stringListValues: [], binaryListValues: [] },
    },
  })
  expect(record).toHaveProperty('md5OfBody')
  expect(await depth(igarape, source)).toBe(0)
})

test('only the items that a function reports come back, and end in the dead-letter queue', async ({ igarape }) => {
  const redrive = { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf('dead'), maxReceiveCount: 2 }) }
  const settings = { FunctionResponseTypes: ['ReportBatchItemFailures' as const] }
  const { source, dead, id } = await prepared(igarape, settings, { ...redrive, VisibilityTimeout: '30' })

  await send(igarape, source, ['good', 'poison', 'good too'])
  await igarape.settled()
  expect(await depth(igarape, source)).toBe(1)
  await igarape.clock.advance({ seconds: 100 })

  expect(await depth(igarape, source)).toBe(0)
  expect(await depth(igarape, dead)).toBe(1)
  const mapping = await igarape.client(LambdaClient).send(new GetEventSourceMappingCommand({ UUID: id }))
  expect(mapping).toMatchObject({ State: 'Enabled', BatchSize: 10, FunctionResponseTypes: ['ReportBatchItemFailures'] })
})

test('what the filter does not let through is deleted unseen', async ({ igarape }) => {
  const FilterCriteria = { Filters: [{ Pattern: JSON.stringify({ body: { kind: ['sale'] } }) }] }
  const { seen, source } = await prepared(igarape, { FilterCriteria })

  await send(igarape, source, ['{"kind":"sale","n":1}', '{"kind":"return"}', 'no JSON'])
  await igarape.settled()

  const bodies = (await batches(igarape, seen)).flat().map((record) => record.body)
  expect(bodies).toEqual(['{"kind":"sale","n":1}'])
  expect(await depth(igarape, source)).toBe(0)
})

test('a batching window gathers messages, on the clock', async ({ igarape }) => {
  const { seen, source } = await prepared(igarape, { BatchSize: 100, MaximumBatchingWindowInSeconds: 5 })

  await send(igarape, source, ['one'])
  await igarape.settled()
  await igarape.clock.advance({ seconds: 2 })
  await send(igarape, source, ['two', 'three'])
  await igarape.settled()
  expect(await depth(igarape, seen)).toBe(0)
  await igarape.clock.advance({ seconds: 4 })

  const found = await batches(igarape, seen)
  expect(
    found
      .flat()
      .map((record) => record.body)
      .toSorted(),
  ).toEqual(['one', 'three', 'two'])
})

test('a disabled mapping leaves the queue alone until it is enabled', async ({ igarape }) => {
  const { seen, source, id } = await prepared(igarape, { Enabled: false })

  await send(igarape, source, ['waiting'])
  await igarape.settled()
  expect(await depth(igarape, source)).toBe(1)
  await igarape.client(LambdaClient).send(new UpdateEventSourceMappingCommand({ UUID: id, Enabled: true }))
  await igarape.settled()

  expect(await batches(igarape, seen)).toMatchObject([[{ body: 'waiting' }]])
})

test('a second mapping of the same queue and function is refused', async ({ igarape }) => {
  const { id } = await prepared(igarape, {})
  const create = (EventSourceArn: string) =>
    igarape.client(LambdaClient).send(new CreateEventSourceMappingCommand({ FunctionName: 'worker', EventSourceArn }))

  await expect(create(arnOf('source'))).rejects.toMatchObject({
    name: 'ResourceConflictException',
    message: expect.stringContaining(id),
  })
  await expect(create(arnOf('nowhere'))).rejects.toMatchObject({ name: 'InvalidParameterValueException' })
  await expect(create('arn:aws:kinesis:us-east-1:000000000000:stream/s')).rejects.toMatchObject({
    name: 'NotImplemented',
  })
})
