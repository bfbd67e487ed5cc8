import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import { DeleteMessageBatchCommand, DeleteMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { makeQueue, receive, sendAll } from './queues.ts'

interface Row {
  source: string
  meters: Record<string, { count: number }>
}

async function counts(igarape: Igarape, arn: string): Promise<Record<string, number>> {
  const { minutes } = (await (await fetch(`${igarape.endpoint}/_igarape/meters`)).json()) as { minutes: Row[] }
  const { meters = {} } = minutes.find(({ source }) => source === arn) ?? {}
  return Object.fromEntries(Object.entries(meters).map(([name, { count }]) => [name, count]))
}

test('a queue counts what is sent to it, received, found empty and deleted', async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)
  const sns = igarape.client(SNSClient)
  const { url: QueueUrl, arn } = await makeQueue(sqs, 'fila')
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'avisos' }))
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: arn }))

  await receive(sqs, QueueUrl)
  await sendAll(sqs, QueueUrl, ['1', '2', '3'])
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '4' }))
  await sns.send(new PublishCommand({ TopicArn, Message: '5' }))
  await expect(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '\u0001' }))).rejects.toThrow()
  const [first, ...others] = await receive(sqs, QueueUrl)
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }))
  const Entries = others.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }))
  await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }))

  expect(await counts(igarape, arn)).toEqual({
    emptyReceives: 1,
    messagesSent: 5,
    messagesReceived: 5,
    messagesDeleted: 5,
  })
})
