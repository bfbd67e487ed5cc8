/** What waits behind messages that were received too often is received by the very request that moves those away. */
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import { test } from '../fixture.ts'

test('a message behind ten that go to the dead letters is received at once', async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)
  await sqs.send(new CreateQueueCommand({ QueueName: 'mortas' }))
  const RedrivePolicy = '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:mortas","maxReceiveCount":1}'
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'vendas', Attributes: { RedrivePolicy } }))
  const Entries = Array.from({ length: 10 }, (_, n) => ({ Id: String(n), MessageBody: `veneno ${n}` }))
  await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }))
  await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 1 }))
  await igarape.clock.advance({ seconds: 2 })
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'boa' }))

  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))

  expect(Messages?.map(({ Body }) => Body)).toEqual(['boa'])
})
