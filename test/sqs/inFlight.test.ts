/** How many messages may be in flight at once: 120,000 on AWS, fewer here, so that a test comes there. */
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { expect, onTestFinished, test } from 'vitest'
import { provide } from '../../src/delivery/singleton.ts'
import { inFlightLimit } from '../../src/services/sqs/inFlight.ts'
import { startIgarape } from '../../src/testkit/server.ts'

test('a short poll above the limit is told so, a long poll finds nothing, and each deletion makes room', async () => {
  const igarape = await startIgarape({ parts: { provides: [provide(inFlightLimit, () => ({ most: 10 }))] } })
  onTestFinished(() => igarape.stop())
  const sqs = igarape.client(SQSClient)
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'vendas' }))
  const Entries = Array.from({ length: 10 }, (_, n) => ({ Id: String(n), MessageBody: String(n) }))
  for (let batch = 0; batch < 2; batch++) await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }))
  const receive = async (MaxNumberOfMessages: number, WaitTimeSeconds = 0) =>
    (await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages, WaitTimeSeconds }))).Messages ?? []

  const first = await receive(10)
  await expect(receive(1)).rejects.toThrow('The maximum number of in flight messages is reached: 10.')
  expect(await receive(1, 1)).toEqual([])
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first[0]?.ReceiptHandle }))

  expect(await receive(1)).toHaveLength(1)
  await expect(receive(1)).rejects.toThrow('in flight')
  await igarape.clock.advance({ seconds: 31 })
  expect(await receive(10)).toHaveLength(10)
})
