/**
 * Receiving from a queue as its backlog grows: ten messages at a time, deleted and sent again, so that the backlog stays.
 * Reference: the same queue when it holds next to nothing.
 */
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { bench, percentile } from './report.ts'
import { memoryOf, startBenchServer } from './server.ts'

const backlogs = [100, 1_000, 10_000, 100_000]
const rounds = 400
const senders = 16
const body = 'x'.repeat(256)
const entries = Array.from({ length: 10 }, (_, index) => ({ Id: String(index), MessageBody: body }))

export const sqs = bench('SQS: receiving from a backlog', async (report) => {
  const server = await startBenchServer()
  const client = new SQSClient({
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  try {
    const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: 'backlog' }))
    let held = 0
    let least: number | undefined
    for (const backlog of backlogs) {
      await fill(client, QueueUrl, backlog - held)
      held = backlog
      const millis = await receiveAndReplace(client, QueueUrl)
      const p99 = percentile(millis, 0.99)
      least ??= p99
      const reference = { what: `a queue of ${backlogs[0]}`, value: least }
      report({ what: `Receive(10) of ${backlog} messages, p50`, value: percentile(millis, 0.5), unit: 'ms' })
      report({ what: `Receive(10) of ${backlog} messages, p99`, value: p99, unit: 'ms', reference, goal: '≤ 2 x' })
      report({ what: `memory with ${backlog} messages`, value: memoryOf(server.pid).own, unit: 'MB' })
    }
  } finally {
    client.destroy()
    await server.stop()
  }
})

async function fill(client: SQSClient, QueueUrl: string, messages: number): Promise<void> {
  let left = Math.ceil(messages / entries.length)
  const send = async () => {
    while (left-- > 0) await client.send(new SendMessageBatchCommand({ QueueUrl, Entries: entries }))
  }
  await Promise.all(Array.from({ length: senders }, send))
}

async function receiveAndReplace(client: SQSClient, QueueUrl: string): Promise<number[]> {
  const millis: number[] = []
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
    millis.push(performance.now() - start)
    if (Messages.length !== entries.length) throw new Error(`${Messages.length} messages came, not ${entries.length}`)
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }))
    await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }))
    await client.send(new SendMessageBatchCommand({ QueueUrl, Entries: entries }))
  }
  return millis
}
