import { DeleteQueueCommand, PurgeQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import { attempts } from '../../src/services/sqs/attempts.ts'
import { seen } from '../../src/services/sqs/deduplication.ts'
import { test } from '../fixture.ts'
import { makeQueue, receive, sendAll } from './queues.ts'

test.for([
  ['purged', (QueueUrl: string) => new PurgeQueueCommand({ QueueUrl })],
  ['deleted', (QueueUrl: string) => new DeleteQueueCommand({ QueueUrl })],
] as const)('a FIFO queue that is %s leaves no memory of its ids behind', async ([, command], { igarape }) => {
  const sqs = igarape.client(SQSClient)
  const { store } = igarape.server.platform
  const remembered = () =>
    [seen.entries, seen.byTime, attempts.entries, attempts.byTime].map((each) =>
      store.in(each as typeof seen.entries, { account: '', region: '' }).count(),
    )
  const { url } = await makeQueue(sqs, 'fila.fifo')
  await sendAll(sqs, url, ['1', '2', '3'], { MessageGroupId: 'g' })
  await receive(sqs, url, { ReceiveRequestAttemptId: 'a' })
  expect(remembered()).toEqual([3, 3, 1, 1])

  await sqs.send(command(url) as PurgeQueueCommand)
  await igarape.settled()

  expect(remembered()).toEqual([0, 0, 0, 0])
})
