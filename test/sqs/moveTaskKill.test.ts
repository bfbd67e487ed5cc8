import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  DeleteMessageBatchCommand,
  ListMessageMoveTasksCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs'
import { expect, test } from 'vitest'
import { ServerProcess } from '../torture/serverProcess.ts'
import { attributesOf, makeQueue, queueWithDeadLetters, receive, sendAll } from './queues.ts'

test('a move task goes on after a kill, and each message is in one place once', async () => {
  const data = await mkdtemp(join(tmpdir(), 'igarape-move-'))
  let server = await ServerProcess.start(data)
  try {
    const { deadLetters } = await queueWithDeadLetters(server.client(SQSClient))
    const other = await makeQueue(server.client(SQSClient), 'outra')
    const bodies = Array.from({ length: 60 }, (_, index) => String(index))
    await sendAll(server.client(SQSClient), deadLetters.url, bodies)
    const { TaskHandle } = await server.client(SQSClient).send(
      new StartMessageMoveTaskCommand({
        SourceArn: deadLetters.arn,
        DestinationArn: other.arn,
        MaxNumberOfMessagesPerSecond: 10,
      }),
    )
    await server.control('/clock', { advance: '2s' })

    await server.kill()
    server = await ServerProcess.start(data)

    const sqs = server.client(SQSClient)
    const left = Number((await attributesOf(sqs, deadLetters.url)).ApproximateNumberOfMessages)
    expect(TaskHandle).toBeDefined()
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThan(60)
    await server.control('/clock', { advance: '10s' })
    const { Results } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn: deadLetters.arn }))
    expect(Results).toMatchObject([{ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 60 }])
    expect((await drained(sqs, other.url)).sort()).toEqual(bodies.sort())
    expect(await drained(sqs, deadLetters.url)).toEqual([])
  } finally {
    await server.kill()
    await rm(data, { recursive: true, force: true })
  }
}, 120_000)

async function drained(sqs: SQSClient, url: string): Promise<string[]> {
  const found: string[] = []
  for (;;) {
    const messages = await receive(sqs, url)
    if (messages.length === 0) return found
    found.push(...messages.map(({ Body = '' }) => Body))
    const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }))
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }))
  }
}
