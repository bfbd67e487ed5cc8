/** Events of one request that match the same rules: they are delivered together, and each is still one of its own. */
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge'
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import { meters } from '../../src/delivery/metering.ts'
import type { Igarape } from '../../src/testkit/server.ts'
import { drainedQueue } from '../drainedQueue.ts'
import { test } from '../fixture.ts'
import { withHeader } from '../xray/traced.ts'
import { arn, putSales, queueArn, type Received, received, ruleToQueue } from './archiveSamples.ts'

const sales = (count: number) =>
  Array.from({ length: count }, (_, id) => ({ id, kind: id % 2 === 0 ? 'venda' : 'troca' }))
const idsIn = async (igarape: Igarape, queue: string) => (await received(igarape, queue)).map(({ detail }) => detail.id)
const queueUrl = (name: string) => `http://127.0.0.1/000000000000/${name}`

function tally(igarape: Igarape, source: string, meter: string): number {
  const rows = igarape.server.platform.use(meters).rows()
  return rows
    .filter((row) => row.source === source)
    .reduce((sum, row) => sum + (row.meters[meter as 'invocations']?.count ?? 0), 0)
}

test('each rule gets the events that it matches, in their order, and each is counted', async ({ igarape }) => {
  await igarape.client(EventBridgeClient).send(new CreateEventBusCommand({ Name: 'vendas' }))
  await ruleToQueue(igarape, 'todas', { source: ['loja'] })
  await ruleToQueue(igarape, 'trocas', { 'detail-type': ['troca'] })

  await putSales(igarape, sales(10))

  expect(await idsIn(igarape, 'todas')).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(await idsIn(igarape, 'trocas')).toEqual([1, 3, 5, 7, 9])
  expect(tally(igarape, arn('event-bus/vendas'), 'eventsReceived')).toBe(10)
  expect(tally(igarape, arn('event-bus/vendas'), 'eventsMatched')).toBe(10)
  expect(tally(igarape, arn('rule/vendas/trocas'), 'rulesTriggered')).toBe(5)
  expect(tally(igarape, arn('rule/vendas/trocas'), 'invocationsDelivered')).toBe(5)
  expect(tally(igarape, queueArn('trocas'), 'messagesSent')).toBe(5)
})

test('one event that its queue does not take keeps no other out, and goes to the dead letters alone', async ({
  igarape,
}) => {
  const [events, sqs] = [igarape.client(EventBridgeClient), igarape.client(SQSClient)]
  await events.send(new CreateEventBusCommand({ Name: 'vendas' }))
  await ruleToQueue(igarape, 'todas', { source: ['loja'] })
  await sqs.send(new CreateQueueCommand({ QueueName: 'mortas' }))
  await sqs.send(
    new SetQueueAttributesCommand({ QueueUrl: queueUrl('todas'), Attributes: { MaximumMessageSize: '1024' } }),
  )
  const Targets = [{ Id: 'todas', Arn: queueArn('todas'), DeadLetterConfig: { Arn: queueArn('mortas') } }]
  await events.send(new PutTargetsCommand({ Rule: 'todas', EventBusName: 'vendas', Targets }))

  const Entries = sales(5).map((sale) => ({
    EventBusName: 'vendas',
    Source: 'loja',
    DetailType: 'venda',
    Detail: JSON.stringify({ ...sale, note: 'x'.repeat(sale.id === 2 ? 2_000 : 10) }),
  }))
  await events.send(new PutEventsCommand({ Entries }))
  await igarape.settled()

  expect(await idsIn(igarape, 'todas')).toEqual([0, 1, 3, 4])
  expect((await drainedQueue<Received>(sqs, queueUrl('mortas'))).map(({ detail }) => detail.id)).toEqual([2])
  expect(tally(igarape, arn('rule/vendas/todas'), 'invocationsDelivered')).toBe(4)
  expect(tally(igarape, arn('rule/vendas/todas'), 'sentToDeadLetter')).toBe(1)
})

test('a queue that is not there refuses each of them by itself', async ({ igarape }) => {
  const [events, sqs] = [igarape.client(EventBridgeClient), igarape.client(SQSClient)]
  await events.send(new CreateEventBusCommand({ Name: 'vendas' }))
  await ruleToQueue(igarape, 'todas', { source: ['loja'] })
  await sqs.send(new CreateQueueCommand({ QueueName: 'mortas' }))
  const Targets = [{ Id: 'todas', Arn: queueArn('todas'), DeadLetterConfig: { Arn: queueArn('mortas') } }]
  await events.send(new PutTargetsCommand({ Rule: 'todas', EventBusName: 'vendas', Targets }))
  await sqs.send(new DeleteQueueCommand({ QueueUrl: queueUrl('todas') }))

  await putSales(igarape, sales(3))

  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl('mortas'),
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['ERROR_CODE'],
    }),
  )
  expect(Messages.map(({ Body = '' }) => (JSON.parse(Body) as Received).detail.id)).toEqual([0, 1, 2])
  expect(Messages.map(({ MessageAttributes = {} }) => MessageAttributes.ERROR_CODE?.StringValue)).toEqual([
    'NO_RESOURCE',
    'NO_RESOURCE',
    'NO_RESOURCE',
  ])
})

test('entries for several buses, some refused, are answered in their order and go each to its own bus', async ({
  igarape,
}) => {
  const events = igarape.client(EventBridgeClient)
  for (const Name of ['uma', 'outra']) {
    await events.send(new CreateEventBusCommand({ Name }))
    await ruleToQueue(igarape, `de-${Name}`, { source: ['loja'] }, Name)
  }
  const entry = (EventBusName: string, id: number) => ({
    EventBusName,
    Source: 'loja',
    DetailType: 'venda',
    Detail: JSON.stringify({ id }),
  })

  const { Entries = [], FailedEntryCount } = await events.send(
    new PutEventsCommand({
      Entries: [
        entry('uma', 0),
        entry('outra', 1),
        { ...entry('uma', 2), Detail: '{' },
        entry(arn('event-bus/uma'), 3),
        entry('outra', 4),
        entry('nenhuma', 5),
      ],
    }),
  )

  expect(FailedEntryCount).toBe(1)
  expect(Entries.map(({ EventId, ErrorCode }) => ErrorCode ?? typeof EventId)).toEqual([
    'string',
    'string',
    'MalformedDetail',
    'string',
    'string',
    'string',
  ])
  const [one, other] = [await received(igarape, 'de-uma'), await received(igarape, 'de-outra')]
  expect(one.map(({ detail }) => detail.id)).toEqual([0, 3])
  expect(other.map(({ detail }) => detail.id)).toEqual([1, 4])
  expect([...one, ...other].map(({ id }) => id)).toEqual([0, 3, 1, 4].map((at) => Entries[at]?.EventId))
})

test('each event takes its own trace into the queue, whatever trace the request is in', async ({ igarape }) => {
  const [events, sqs] = [igarape.client(EventBridgeClient), igarape.client(SQSClient)]
  await events.send(new CreateEventBusCommand({ Name: 'vendas' }))
  await ruleToQueue(igarape, 'todas', { source: ['loja'] })
  const entry = { EventBusName: 'vendas', Source: 'loja', DetailType: 'venda', Detail: '{}' }

  const Entries = [entry, { ...entry, TraceHeader: header('b', 1) }, { ...entry, TraceHeader: header('c', 0) }]
  await events.send(withHeader(new PutEventsCommand({ Entries }), header('a', 1)))

  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl('todas'),
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['AWSTraceHeader'],
    }),
  )
  const roots = Messages.map(({ Attributes }) => /Root=1-\w+-(\w)/.exec(Attributes?.AWSTraceHeader ?? '')?.[1])
  expect(roots).toEqual(['a', 'b', undefined])
})

function header(letter: string, sampled: 0 | 1): string {
  return `Root=1-68f5eb10-${letter.repeat(24)};Parent=00000000000000aa;Sampled=${sampled}`
}
