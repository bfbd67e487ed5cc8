import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  TagQueueCommand,
} from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import { test } from '../fixture.ts'

async function queue(sqs: SQSClient, name: string, Attributes: Record<string, string> = {}): Promise<string> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }))
  return QueueUrl as string
}

async function bodies(sqs: SQSClient, QueueUrl: string, VisibilityTimeout = 30): Promise<(string | undefined)[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout }),
  )
  return Messages.map((message) => message.Body)
}

test('a message is hidden while it is in flight and comes back when its visibility timeout is over', async ({
  igarape,
}) => {
  const sqs = igarape.client(SQSClient)
  const QueueUrl = await queue(sqs, 'vendas')
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'São João' }))

  expect(await bodies(sqs, QueueUrl)).toEqual(['São João'])
  expect(await bodies(sqs, QueueUrl)).toEqual([])
  await igarape.clock.advance({ seconds: 31 })
  expect(await bodies(sqs, QueueUrl)).toEqual(['São João'])
})

test('a message received too often moves to the dead-letter queue', async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)
  const deadLetterUrl = await queue(sqs, 'mortas')
  const redrive = { deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:mortas', maxReceiveCount: '2' }
  const QueueUrl = await queue(sqs, 'vendas', { RedrivePolicy: JSON.stringify(redrive) })
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'poison' }))

  for (let receive = 1; receive <= 3; receive++) {
    await bodies(sqs, QueueUrl)
    await igarape.clock.advance({ seconds: 31 })
  }

  expect(await bodies(sqs, QueueUrl)).toEqual([])
  const { Messages } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: deadLetterUrl, MessageSystemAttributeNames: ['All'] }),
  )
  expect(Messages?.[0]?.Body).toBe('poison')
  expect(Messages?.[0]?.Attributes?.DeadLetterQueueSourceArn).toBe('arn:aws:sqs:us-east-1:000000000000:vendas')
  const sources = await sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: deadLetterUrl }))
  expect(sources.queueUrls).toEqual([QueueUrl])
})

test('a long poll returns as soon as a message is sent', async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)
  const QueueUrl = await queue(sqs, 'vendas')

  const polled = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }))
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'agora' }))

  expect((await polled).Messages?.[0]?.Body).toBe('agora')
})

test('a delayed message is seen when its delay is over, and counted as delayed until then', async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)
  const QueueUrl = await queue(sqs, 'vendas', { DelaySeconds: '60' })
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'later' }))
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'now', DelaySeconds: 0 }))

  expect(await bodies(sqs, QueueUrl)).toEqual(['now'])
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))
  expect(Attributes).toMatchObject({
    ApproximateNumberOfMessages: '0',
    ApproximateNumberOfMessagesNotVisible: '1',
    ApproximateNumberOfMessagesDelayed: '1',
    QueueArn: 'arn:aws:sqs:us-east-1:000000000000:vendas',
    VisibilityTimeout: '30',
  })
  await igarape.clock.advance({ seconds: 61 })
  expect((await bodies(sqs, QueueUrl)).sort()).toEqual(['later', 'now'])
})

test('a FIFO queue keeps the order of each group, holds a group back while one is in flight, and takes a message once', async ({
  igarape,
}) => {
  const sqs = igarape.client(SQSClient)
  const QueueUrl = await queue(sqs, 'vendas.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' })
  const send = (MessageBody: string, MessageGroupId: string) =>
    sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId }))
  await send('a1', 'a')
  await send('a2', 'a')
  const once = await send('b1', 'b')
  const again = await send('b1', 'b')

  const first = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 1 }))
  const second = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first.Messages?.[0]?.ReceiptHandle }))
  const third = await bodies(sqs, QueueUrl)

  expect(first.Messages?.[0]?.Body).toBe('a1')
  expect(second.Messages?.map((message) => message.Body)).toEqual(['b1'])
  expect(third).toEqual(['a2'])
  expect(again.MessageId).toBe(once.MessageId)
  expect(again.SequenceNumber).toBe(once.SequenceNumber)
})

test('a batch answers for each entry alone', async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)
  const QueueUrl = await queue(sqs, 'vendas')

  const sent = await sqs.send(
    new SendMessageBatchCommand({
      QueueUrl,
      Entries: [
        { Id: 'good', MessageBody: 'ok', MessageAttributes: { loja: { DataType: 'String', StringValue: 'loja-123' } } },
        { Id: 'bad', MessageBody: 'no', DelaySeconds: 901 },
      ],
    }),
  )
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'] }))
  const deleted = await sqs.send(
    new DeleteMessageBatchCommand({
      QueueUrl,
      Entries: [
        { Id: 'd1', ReceiptHandle: Messages[0]?.ReceiptHandle },
        { Id: 'd2', ReceiptHandle: 'nonsense' },
      ],
    }),
  )

  expect(sent.Successful?.map((entry) => entry.Id)).toEqual(['good'])
  expect(sent.Failed).toMatchObject([{ Id: 'bad', Code: 'InvalidParameterValue', SenderFault: true }])
  expect(Messages[0]?.MessageAttributes?.loja?.StringValue).toBe('loja-123')
  expect(deleted.Successful?.map((entry) => entry.Id)).toEqual(['d1'])
  expect(deleted.Failed).toMatchObject([{ Id: 'd2', Code: 'ReceiptHandleIsInvalid' }])
})

test('messages older than the retention period are gone', async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)
  const QueueUrl = await queue(sqs, 'vendas', { MessageRetentionPeriod: '60' })
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'old' }))

  await igarape.clock.advance({ minutes: 5 })

  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))
  expect(Attributes?.ApproximateNumberOfMessages).toBe('0')
  expect(await bodies(sqs, QueueUrl)).toEqual([])
})

test('a purge empties a queue, and a second one within a minute is refused', async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)
  const QueueUrl = await queue(sqs, 'vendas')
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }))
  await sqs.send(new PurgeQueueCommand({ QueueUrl }))

  expect(await bodies(sqs, QueueUrl)).toEqual([])
  await expect(sqs.send(new PurgeQueueCommand({ QueueUrl }))).rejects.toMatchObject({ name: 'PurgeQueueInProgress' })
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'y' }))
  expect(await bodies(sqs, QueueUrl)).toEqual(['y'])
})

test('queues are created once, listed by prefix, tagged and deleted', async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)
  const QueueUrl = await queue(sqs, 'vendas', { VisibilityTimeout: '45' })
  await queue(sqs, 'outra')
  await queue(sqs, 'vendas', { VisibilityTimeout: '45' })

  await expect(queue(sqs, 'vendas', { VisibilityTimeout: '46' })).rejects.toMatchObject({ name: 'QueueNameExists' })
  expect((await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'ven' }))).QueueUrls).toEqual([QueueUrl])
  await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { time: 'dados' } }))
  expect((await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags).toEqual({ time: 'dados' })
  await sqs.send(new DeleteQueueCommand({ QueueUrl }))
  await expect(sqs.send(new GetQueueUrlCommand({ QueueName: 'vendas' }))).rejects.toMatchObject({
    name: 'QueueDoesNotExist',
  })
})

const refusals: [string, Record<string, string>, string][] = [
  ['bad name!', {}, 'InvalidParameterValue'],
  ['x'.repeat(81), {}, 'InvalidParameterValue'],
  ['a.fifo', {}, 'InvalidParameterValue'],
  ['plain', { FifoQueue: 'true' }, 'InvalidParameterValue'],
  ['a', { VisibilityTimeout: '43201' }, 'InvalidAttributeValue'],
  ['a', { DelaySeconds: '-1' }, 'InvalidAttributeValue'],
  ['a', { Nonsense: '1' }, 'InvalidAttributeName'],
  ['a', { Policy: '{' }, 'InvalidAttributeValue'],
  ['a', { RedrivePolicy: '{"maxReceiveCount":0,"deadLetterTargetArn":"x"}' }, 'InvalidParameterValue'],
]

test.for(refusals)('a queue called %s with %o is refused as %s', async ([name, attributes, error], { igarape }) => {
  await expect(queue(igarape.client(SQSClient), name, attributes)).rejects.toMatchObject({ name: error })
})

test('bad messages are refused in the words of AWS and change nothing', async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)
  const QueueUrl = await queue(sqs, 'vendas', { MaximumMessageSize: '1024' })
  const send = (MessageBody: string) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }))

  await expect(send('x'.repeat(1025))).rejects.toThrow('Message must be shorter than 1024 bytes')
  await expect(send('\u0000')).rejects.toMatchObject({ name: 'InvalidMessageContents' })
  await expect(send('')).rejects.toMatchObject({ name: 'MissingParameter' })
  await expect(sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 11 }))).rejects.toMatchObject({
    name: 'InvalidParameterValue',
  })
  await expect(
    sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: 'x', VisibilityTimeout: 1 })),
  ).rejects.toMatchObject({ name: 'ReceiptHandleIsInvalid' })
  await expect(
    sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { DelaySeconds: 'x' } })),
  ).rejects.toMatchObject({
    name: 'InvalidAttributeValue',
  })
  expect(await bodies(sqs, QueueUrl)).toEqual([])
})
