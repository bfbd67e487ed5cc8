/** Deliveries that failed and are due again: those to a durable target arrive together, and each is still one of its own. */
import { CreateQueueCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import { deliveries, deliveryId } from '../../src/delivery/deliveries.ts'
import type { Delivery } from '../../src/delivery/delivery.ts'
import { meters } from '../../src/delivery/metering.ts'
import type { Igarape } from '../../src/testkit/server.ts'
import { drainedQueue } from '../drainedQueue.ts'
import { test } from '../fixture.ts'

const place = { account: '000000000000', region: 'us-east-1' }
const elsewhere = { account: '111111111111', region: 'sa-east-1' }
const queueArn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`
const queueUrl = (name: string) => `http://127.0.0.1/000000000000/${name}`
const rule = (name: string) => `arn:aws:events:us-east-1:000000000000:rule/${name}`
const hour = 3_600_000

async function createQueues(igarape: Igarape, ...names: string[]): Promise<void> {
  for (const QueueName of names) await igarape.client(SQSClient).send(new CreateQueueCommand({ QueueName }))
}

/** As the delivery worker leaves them after a first try. */
async function putDue(igarape: Igarape, wanted: (Pick<Delivery, 'payload'> & Partial<Delivery>)[], scope = place) {
  await igarape.server.platform.context(scope).commit((tx) => {
    for (const delivery of wanted) {
      tx.due(deliveries).put({
        id: deliveryId(tx),
        arn: queueArn('vendas'),
        sender: { principal: 'events.amazonaws.com', sourceArn: rule('a') },
        createdAt: tx.now,
        dueAt: tx.now + hour,
        attempts: 1,
        trace: tx.trace,
        ...delivery,
      })
    }
  })
}

const numbered = (from: number, count: number) =>
  Array.from({ length: count }, (_, n) => ({ payload: JSON.stringify(from + n) }))

const drained = (igarape: Igarape, name: string) => drainedQueue<number>(igarape.client(SQSClient), queueUrl(name))

function tally(igarape: Igarape, source: string, meter: 'invocationRetries' | 'invocationsDelivered'): number {
  const rows = igarape.server.platform.use(meters).rows()
  return rows.filter((row) => row.source === source).reduce((sum, row) => sum + (row.meters[meter]?.count ?? 0), 0)
}

test('all of a backlog arrives, once each, of several senders and places, and each is counted', async ({ igarape }) => {
  await createQueues(igarape, 'vendas')
  await putDue(igarape, numbered(0, 300))
  await putDue(
    igarape,
    numbered(300, 20).map((one) => ({ ...one, sender: { principal: 'events.amazonaws.com', sourceArn: rule('b') } })),
  )
  await putDue(igarape, numbered(320, 20), elsewhere)

  await igarape.clock.advance({ hours: 1 })

  const arrived = await drained(igarape, 'vendas')
  expect(arrived.sort((a, b) => a - b)).toEqual(Array.from({ length: 340 }, (_, n) => n))
  expect(tally(igarape, rule('a'), 'invocationsDelivered')).toBe(320)
  expect(tally(igarape, rule('b'), 'invocationRetries')).toBe(20)
  expect([...igarape.server.platform.store.in(deliveries.order, place).list()]).toEqual([])
})

test('they arrive in the order of their times', async ({ igarape }) => {
  await createQueues(igarape, 'vendas')
  const now = igarape.server.platform.clock.now()

  // Their times are past already: all are due at once.
  await putDue(
    igarape,
    numbered(0, 300).map((one, n) => ({ ...one, dueAt: now - n })),
  )
  await igarape.settled()

  expect(await drained(igarape, 'vendas')).toEqual(Array.from({ length: 300 }, (_, n) => 299 - n))
})

test('one that its queue refuses goes to its dead letters alone, with the others delivered', async ({ igarape }) => {
  await createQueues(igarape, 'vendas', 'mortas')
  const Attributes = { MaximumMessageSize: '1024' }
  await igarape.client(SQSClient).send(new SetQueueAttributesCommand({ QueueUrl: queueUrl('vendas'), Attributes }))
  const tooLarge = { payload: JSON.stringify('x'.repeat(2_000)), policy: { deadLetterArn: queueArn('mortas') } }

  await putDue(igarape, [...numbered(0, 10), tooLarge, ...numbered(10, 10)])
  await igarape.clock.advance({ hours: 1 })

  expect((await drained(igarape, 'vendas')).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n))
  expect(await drained(igarape, 'mortas')).toEqual(['x'.repeat(2_000)])
})

test('those whose queue is gone go to their dead letters, each by itself', async ({ igarape }) => {
  await createQueues(igarape, 'mortas')
  const policy = { deadLetterArn: queueArn('mortas') }
  await putDue(
    igarape,
    numbered(0, 3).map((one) => ({ ...one, arn: queueArn('nenhuma'), policy })),
  )

  await igarape.clock.advance({ hours: 1 })

  expect((await drained(igarape, 'mortas')).sort()).toEqual([0, 1, 2])
})
