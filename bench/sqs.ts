/**
 * Receiving from a queue as its backlog grows: ten messages at a time, deleted and sent again, so that the backlog stays.
 * Reference: the same queue when it holds a thousand. The server's processor time is told too: it holds on a busy machine.
 */
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { bench, percentile } from './report.ts'
import { clientSettings, cpuMillisOf, memoryOf, startBenchServer } from './server.ts'

const backlogs = [1_000, 10_000, 100_000, 1_000_000]
const rounds = 400
const senders = 16
const body = 'x'.repeat(256)
const entries = Array.from({ length: 10 }, (_, index) => ({ Id: String(index), MessageBody: body }))

export const sqs = bench('SQS: receiving from a backlog', async (report) => {
  const server = await startBenchServer()
  const client = new SQSClient(clientSettings(server))
  try {
    const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: 'backlog' }))
    let held = 0
    let least: { p99: number; cpu: number } | undefined
    for (const backlog of backlogs) {
      await fill(client, QueueUrl, backlog - held)
      held = backlog
      const before = cpuMillisOf(server.pid)
      const millis = await receiveAndReplace(client, QueueUrl)
      const cpu = (cpuMillisOf(server.pid) - before) / rounds
      const p99 = percentile(millis, 0.99)
      least ??= { p99, cpu }
      const beside = (value: number) => ({ what: `a queue of ${backlogs[0]}`, value })
      report({ what: `Receive(10) of ${backlog} messages, p50`, value: percentile(millis, 0.5), unit: 'ms' })
      const ofAll = { unit: 'ms', goal: '≤ 1.5x' }
      report({ what: `Receive(10) of ${backlog} messages, p99`, value: p99, reference: beside(least.p99), ...ofAll })
      report({ what: '… server CPU, with deleting and sending', value: cpu, reference: beside(least.cpu), ...ofAll })
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
