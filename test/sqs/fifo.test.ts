import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { attributesOf, bodies, makeQueue, receive, sendAll } from './queues.ts'

test('a group with a message in flight gives out none, whichever of those it is', async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)
  const { url } = await makeQueue(sqs, 'ordem.fifo')
  await sendAll(sqs, url, ['1', '2', '3'], { MessageGroupId: 'a' })
  await sendAll(sqs, url, ['4'], { MessageGroupId: 'b' })

  const [first, second] = await receive(sqs, url, { MaxNumberOfMessages: 2 })
  await sqs.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl: url,
      ReceiptHandle: first?.ReceiptHandle,
      VisibilityTimeout: 0,
    }),
  )

  expect(await bodies(sqs, url)).toEqual(['4'])
  await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: second?.ReceiptHandle }))
  expect(await bodies(sqs, url)).toEqual(['1', '3'])
  const counted = await attributesOf(sqs, url)
  expect(counted).toMatchObject({ ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '3' })
})

test('a receive that is tried again answers the same, until a message was changed', async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)
  const { url } = await makeQueue(sqs, 'tentativas.fifo')
  await sendAll(sqs, url, ['1', '2'], { MessageGroupId: 'a' })
  await sendAll(sqs, url, ['3'], { MessageGroupId: 'b' })
  const attempt = { ReceiveRequestAttemptId: 'uma', MaxNumberOfMessages: 2, VisibilityTimeout: 60 }
  const handles = async () => (await receive(sqs, url, attempt)).map(({ ReceiptHandle }) => ReceiptHandle)

  const first = await handles()
  await igarape.clock.advance({ seconds: 50 })
  const again = await handles()
  await igarape.clock.advance({ seconds: 50 })
  const hidden = await bodies(sqs, url)
  await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: first[0] }))

  expect(first).toHaveLength(2)
  expect(again).toEqual(first)
  expect(hidden).toEqual(['3'])
  expect(await handles()).toEqual([])
})

test('an attempt is for FIFO queues alone', async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)
  const { url } = await makeQueue(sqs, 'padrao')

  await expect(receive(sqs, url, { ReceiveRequestAttemptId: 'uma' })).rejects.toThrow(
    'Reason: The request include parameter that is not valid for this queue type.',
  )
})

test('a message of a standard queue keeps its group, and several of one are received at once', async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)
  const { url } = await makeQueue(sqs, 'justa')
  await sendAll(sqs, url, ['1', '2'], { MessageGroupId: 'cliente-7' })

  const received = await receive(sqs, url)

  expect(received.map(({ Attributes }) => Attributes?.MessageGroupId)).toEqual(['cliente-7', 'cliente-7'])
})

test('deduplication by group and throughput by group go together', async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)
  const { url } = await makeQueue(sqs, 'rapida.fifo')
  const set = (Attributes: Record<string, string>) =>
    sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes }))

  await expect(set({ FifoThroughputLimit: 'perMessageGroupId' })).rejects.toThrow('DeduplicationScope')
  await set({ FifoThroughputLimit: 'perMessageGroupId', DeduplicationScope: 'messageGroup' })
  for (const MessageGroupId of ['a', 'b', 'a']) {
    await sqs.send(
      new SendMessageCommand({ QueueUrl: url, MessageBody: 'x', MessageGroupId, MessageDeduplicationId: 'um' }),
    )
  }

  expect((await attributesOf(sqs, url)).ApproximateNumberOfMessages).toBe('2')
})

test('a batch may hold a megabyte, its attributes counted', async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)
  const { url } = await makeQueue(sqs, 'grande')
  const MessageAttributes = { nota: { DataType: 'String', StringValue: 'x'.repeat(1024) } }
  const batch = (bytes: number) =>
    sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: url,
        Entries: ['a', 'b'].map((Id) => ({ Id, MessageBody: 'x'.repeat(bytes), MessageAttributes })),
      }),
    )

  await expect(batch(523_264)).rejects.toMatchObject({ name: 'BatchRequestTooLong' })
  expect((await batch(523_254)).Successful).toHaveLength(2)
})
