import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns'
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import { describe, expect } from 'vitest'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'
import { drainedQueue } from '../drainedQueue.ts'
import { test } from '../fixture.ts'

const start = '2020-01-01T00:00:00.000Z'
const retention = (days: number | string) => JSON.stringify({ MessageRetentionPeriod: days })

async function archivedTopic(igarape: Igarape, ArchivePolicy = retention(30)): Promise<string> {
  const Attributes = { FifoTopic: 'true', ContentBasedDeduplication: 'true', ArchivePolicy }
  const { TopicArn } = await igarape.client(SNSClient).send(new CreateTopicCommand({ Name: 'vendas.fifo', Attributes }))
  return TopicArn as string
}

async function publish(igarape: Igarape, TopicArn: string, messages: string[], loja = 'a'): Promise<void> {
  const MessageAttributes = { loja: { DataType: 'String', StringValue: loja } }
  for (const Message of messages) {
    const command = new PublishCommand({ TopicArn, Message, MessageGroupId: 'g', MessageAttributes })
    await igarape.client(SNSClient).send(command)
  }
}

async function subscribe(igarape: Igarape, TopicArn: string, Attributes: Record<string, string> = {}, name = 'fila') {
  const QueueName = `${name}.fifo`
  const settings = { QueueName, Attributes: { FifoQueue: 'true' } }
  await igarape.client(SQSClient).send(new CreateQueueCommand(settings))
  const Endpoint = `arn:aws:sqs:us-east-1:000000000000:${QueueName}`
  const command = new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes, ReturnSubscriptionArn: true })
  const { SubscriptionArn = '' } = await igarape.client(SNSClient).send(command)
  return SubscriptionArn
}

interface Notification {
  Message: string
  MessageId: string
  Timestamp: string
  Replayed?: string
}

/** What lies in the queue, in order; it is emptied. */
function received(igarape: Igarape, name = 'fila'): Promise<Notification[]> {
  return drainedQueue(igarape.client(SQSClient), `${igarape.endpoint}/000000000000/${name}.fifo`)
}

function replay(igarape: Igarape, SubscriptionArn: string, policy: object): Promise<unknown> {
  const AttributeValue = JSON.stringify(policy)
  const command = { SubscriptionArn, AttributeName: 'ReplayPolicy', AttributeValue }
  return igarape.client(SNSClient).send(new SetSubscriptionAttributesCommand(command))
}

async function statusOf(igarape: Igarape, SubscriptionArn: string): Promise<string | undefined> {
  const { Attributes } = await igarape.client(SNSClient).send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))
  return Attributes?.ReplayStatus
}

async function topicAttributes(igarape: Igarape, TopicArn: string): Promise<Record<string, string>> {
  return (await igarape.client(SNSClient).send(new GetTopicAttributesCommand({ TopicArn }))).Attributes ?? {}
}

const messagesOf = (all: Notification[]) => all.map(({ Message }) => Message)
const fromStart = { PointType: 'Timestamp', StartingPoint: start }

describe('an archive', () => {
  test('tells how far back it reaches, and forgets what is older than its days', async ({ igarape }) => {
    const now = igarape.clock.now().getTime()
    const hours = (count: number) => new Date(now + count * 3_600_000).toISOString()
    const TopicArn = await archivedTopic(igarape, retention(2))
    const { ArchivePolicy, BeginningArchiveTime } = await topicAttributes(igarape, TopicArn)
    await publish(igarape, TopicArn, ['velha'])
    await igarape.clock.advance({ hours: 47 })
    await publish(igarape, TopicArn, ['nova'])
    await igarape.clock.advance({ hours: 2 })
    const later = await topicAttributes(igarape, TopicArn)
    await subscribe(igarape, TopicArn, { ReplayPolicy: JSON.stringify(fromStart) })
    await igarape.settled()

    expect(ArchivePolicy).toBe(retention(2))
    expect(BeginningArchiveTime).toBe(hours(0))
    expect(later.BeginningArchiveTime).toBe(hours(1))
    expect(messagesOf(await received(igarape))).toEqual(['nova'])
  })

  test('keeps its topic from being deleted, until it is ended with all that is in it', async ({ igarape }) => {
    const sns = igarape.client(SNSClient)
    const TopicArn = await archivedTopic(igarape)
    await publish(igarape, TopicArn, ['perdida'])
    const set = (AttributeValue: string) =>
      sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: 'ArchivePolicy', AttributeValue }))

    await expect(sns.send(new DeleteTopicCommand({ TopicArn }))).rejects.toThrow('active ArchivePolicy')
    await set('{}')
    const without = await topicAttributes(igarape, TopicArn)
    await set(retention('5'))
    const SubscriptionArn = await subscribe(igarape, TopicArn, { ReplayPolicy: JSON.stringify(fromStart) })
    await igarape.settled()

    expect(without.BeginningArchiveTime).toBeUndefined()
    expect(await statusOf(igarape, SubscriptionArn)).toBe('Completed')
    expect(await received(igarape)).toEqual([])
    await set('{}')
    await sns.send(new DeleteTopicCommand({ TopicArn }))
  })

  test('is refused where there can be none', async ({ igarape }) => {
    const sns = igarape.client(SNSClient)
    const make = (Attributes: Record<string, string>, Name: string) =>
      sns.send(new CreateTopicCommand({ Name, Attributes }))
    const SubscriptionArn = await subscribe(igarape, await archivedTopic(igarape))

    await expect(make({ ArchivePolicy: retention(1) }, 'comum')).rejects.toThrow('FIFO')
    for (const wrong of [retention(0), retention(366), retention('um'), '{"Outra":1}', '[]', '{']) {
      await expect(make({ FifoTopic: 'true', ArchivePolicy: wrong }, 'outro.fifo')).rejects.toThrow('ArchivePolicy')
    }
    const policies = [
      { PointType: 'Sequence', StartingPoint: start },
      { PointType: 'Timestamp' },
      { ...fromStart, StartingPoint: 'ontem' },
      { ...fromStart, StartingPoint: '2031-01-01T00:00:00Z' },
      { ...fromStart, EndingPoint: '2001-01-01T00:00:00Z' },
      { ...fromStart, Outra: 1 },
    ]
    for (const policy of policies) {
      await expect(replay(igarape, SubscriptionArn, policy)).rejects.toThrow('ReplayPolicy')
    }
  })
})

describe('a replay', () => {
  test('sends the messages of its window again, as they were, and then goes on with new ones', async ({ igarape }) => {
    const TopicArn = await archivedTopic(igarape)
    const SubscriptionArn = await subscribe(igarape, TopicArn)
    await publish(igarape, TopicArn, ['1', '2'])
    const before = await received(igarape)
    const EndingPoint = new Date(igarape.clock.now().getTime() + 60_000).toISOString()
    await igarape.clock.advance({ minutes: 10 })
    await publish(igarape, TopicArn, ['3'])
    await igarape.clock.advance({ minutes: 10 })
    await received(igarape)

    await replay(igarape, SubscriptionArn, { ...fromStart, EndingPoint })
    await igarape.settled()
    const again = await received(igarape)
    await publish(igarape, TopicArn, ['4'])

    expect(again.map(({ Message, MessageId, Timestamp }) => ({ Message, MessageId, Timestamp }))).toEqual(
      before.map(({ Message, MessageId, Timestamp }) => ({ Message, MessageId, Timestamp })),
    )
    expect(again.map(({ Replayed }) => Replayed)).toEqual(['true', 'true'])
    expect(before.map(({ Replayed }) => Replayed)).toEqual([undefined, undefined])
    expect(await statusOf(igarape, SubscriptionArn)).toBe('Completed')
    expect((await received(igarape)).map(({ Message, Replayed }) => [Message, Replayed])).toEqual([['4', undefined]])
  })

  test('comes before what is published meanwhile, and loses none of it', async ({ igarape }) => {
    const TopicArn = await archivedTopic(igarape)
    const old = Array.from({ length: 250 }, (_, at) => `velha ${at}`)
    const fresh = Array.from({ length: 20 }, (_, at) => `nova ${at}`)
    await publish(igarape, TopicArn, old)

    await subscribe(igarape, TopicArn, { ReplayPolicy: JSON.stringify(fromStart) })
    await publish(igarape, TopicArn, fresh)
    await igarape.settled()

    expect(messagesOf(await received(igarape))).toEqual([...old, ...fresh])
  })

  test('sends what the filter policy wants', async ({ igarape }) => {
    const TopicArn = await archivedTopic(igarape)
    await publish(igarape, TopicArn, ['de a'], 'a')
    await publish(igarape, TopicArn, ['de b'], 'b')

    await subscribe(igarape, TopicArn, {
      ReplayPolicy: JSON.stringify(fromStart),
      FilterPolicy: '{"loja":["b"]}',
    })
    await igarape.settled()

    expect(messagesOf(await received(igarape))).toEqual(['de b'])
  })

  test('goes on where it was after a kill', async ({ expect }) => {
    const folder = mkdtempSync(join(tmpdir(), 'igarape-replay-'))
    const first = await startIgarape({ data: folder })
    const TopicArn = await archivedTopic(first)
    const old = Array.from({ length: 250 }, (_, at) => `velha ${at}`)
    await publish(first, TopicArn, old)
    const SubscriptionArn = await subscribe(first, TopicArn, { ReplayPolicy: JSON.stringify(fromStart) })
    while ((await statusOf(first, SubscriptionArn)) === 'Pending');
    first.server.abandon()

    const second = await startIgarape({ data: folder })
    await second.settled()

    expect(messagesOf(await received(second))).toEqual(old)
    await second.stop()
    rmSync(folder, { recursive: true })
  })

  test('is stopped by an empty policy, and goes with its subscription', async ({ igarape }) => {
    const TopicArn = await archivedTopic(igarape)
    const SubscriptionArn = await subscribe(igarape, TopicArn)
    const other = await subscribe(igarape, TopicArn, {}, 'outra')
    await replay(igarape, SubscriptionArn, fromStart)
    await replay(igarape, other, fromStart)

    await replay(igarape, SubscriptionArn, {})
    await igarape.client(SNSClient).send(new UnsubscribeCommand({ SubscriptionArn: other }))
    await publish(igarape, TopicArn, ['nova'])
    await igarape.settled()

    expect(await statusOf(igarape, SubscriptionArn)).toBeUndefined()
    expect(messagesOf(await received(igarape))).toEqual(['nova'])
    expect(await received(igarape, 'outra')).toEqual([])
  })
})
