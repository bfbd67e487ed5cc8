/** The order in which a standard queue gives out its messages, whatever was delayed, received, hidden anew and deleted between. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect, test } from 'vitest'
import { seededRandom } from '../../src/clock.ts'
import type { Context, Tx } from '../../src/delivery/context.ts'
import { mustGet, type Queue, queues } from '../../src/services/sqs/queues.ts'
import { receiptOf } from '../../src/services/sqs/receipts.ts'
import { changeVisibility, deleteMessage, receive } from '../../src/services/sqs/receiving.ts'
import { send } from '../../src/services/sqs/sending.ts'
import { counts, type Depth, depths, type Message, marks, messages, standings } from '../../src/services/sqs/storage.ts'
import { collection } from '../../src/store/collection.ts'
import { openBackend } from '../../src/store/loggedBackend.ts'
import { Store } from '../../src/store/store.ts'
import { startIgarape } from '../../src/testkit/server.ts'
import { bodies, makeQueue, queueWithDeadLetters, sendAll } from './queues.ts'

const place = { account: '000000000000', region: 'us-east-1' }
const queueName = 'vendas'

/** What a queue has, as one list. */
interface Known {
  body: string
  visibleAt: number
  sequence: number
  receipt?: string
}

test.each([1, 2, 3, 4, 5, 6])(
  'seed %i: messages come in the order in which they became visible, and none twice',
  async (seed) => {
    const igarape = await startIgarape({})
    const { platform } = igarape.server
    const ctx = platform.context(place)
    await makeQueue(igarape.client(SQSClient), queueName)
    const random = seededRandom(seed)
    const below = (most: number) => Math.floor(random.fraction() * most)
    let known: Known[] = []
    try {
      for (let step = 0; step < 400; step++) {
        const choice = below(10)
        if (choice < 4) known.push(...(await sendSome(ctx, below(3) + 1, below(3) === 0 ? below(4) : 0)))
        else if (choice < 7) await receiveSome(ctx, known, { most: below(4) + 1, visibilitySeconds: below(6) })
        else if (choice < 8) known = await deleteOne(ctx, known, below(known.length))
        else if (choice < 9) await hideAnew(ctx, known, { index: below(known.length), seconds: below(5) })
        else await igarape.clock.advance({ seconds: below(3) })
      }
      await igarape.clock.advance({ seconds: 60 })
      for (let left = known.length; left > 0; left -= 4)
        await receiveSome(ctx, known, { most: 4, visibilitySeconds: 600 })
      expect(known.every(({ receipt }) => receipt !== undefined)).toBe(true)
    } finally {
      await igarape.stop()
    }
  },
)

async function sendSome(ctx: Context, count: number, delaySeconds: number): Promise<Known[]> {
  return ctx.commit((tx) =>
    Array.from({ length: count }, () => {
      const draft = { body: tx.random.hex(8), senderId: 'test', delaySeconds }
      const { body, visibleAt, sequence } = send(tx, mustGet(tx, queueName), draft)
      return { body, visibleAt, sequence }
    }),
  )
}

async function receiveSome(ctx: Context, known: Known[], taking: { most: number; visibilitySeconds: number }) {
  const now = ctx.clock.now()
  const expected = known
    .filter(({ visibleAt }) => visibleAt <= now)
    .sort((a, b) => a.visibleAt - b.visibleAt || a.sequence - b.sequence)
    .slice(0, taking.most)
  const received = await ctx.commit((tx) => receive(tx, mustGet(tx, queueName), { ...taking, waitSeconds: undefined }))
  expect(received.map(({ body }) => body)).toEqual(expected.map(({ body }) => body))
  for (const [index, message] of received.entries()) {
    Object.assign(expected[index] as Known, { visibleAt: message.visibleAt, receipt: receiptOf(queueName, message) })
  }
  const { visible, inFlight, delayed } = await ctx.commit((tx) => counted(tx))
  expect(visible).toBe(known.filter(({ visibleAt }) => visibleAt <= now).length)
  expect(inFlight + delayed).toBe(known.length - visible)
}

function counted(tx: Tx) {
  return counts((of) => tx.in(of), mustGet(tx, queueName).storage, tx.now)
}

async function deleteOne(ctx: Context, known: Known[], index: number): Promise<Known[]> {
  const { receipt } = known[index] ?? {}
  if (receipt === undefined) return known
  await ctx.commit((tx) => deleteMessage(tx, mustGet(tx, queueName), receipt))
  return known.filter((_, other) => other !== index)
}

async function hideAnew(ctx: Context, known: Known[], { index, seconds }: { index: number; seconds: number }) {
  const one = known[index]
  const now = ctx.clock.now()
  const { receipt } = one ?? {}
  if (!one || receipt === undefined || one.visibleAt <= now) return
  await ctx.commit((tx) => changeVisibility(tx, mustGet(tx, queueName), receipt, seconds))
  one.visibleAt = now + seconds * 1000
}

test('delayed messages among others are passed by, and come when their delay is over, after those that were hidden before', async () => {
  const igarape = await startIgarape({})
  const sqs = igarape.client(SQSClient)
  try {
    const { url } = await makeQueue(sqs, queueName, { DelaySeconds: '60' })
    await sendAll(sqs, url, ['c', 'd', 'e'])
    await igarape.server.platform.context(place).commit((tx) => {
      send(tx, mustGet(tx, queueName), { body: 'a', senderId: 'test', delaySeconds: 0 })
      send(tx, mustGet(tx, queueName), { body: 'f', senderId: 'test', delaySeconds: 60 })
      send(tx, mustGet(tx, queueName), { body: 'b', senderId: 'test', delaySeconds: 0 })
    })

    expect(await bodies(sqs, url)).toEqual(['a', 'b'])
    await igarape.clock.advance({ seconds: 60 })
    expect(await bodies(sqs, url)).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  } finally {
    await igarape.stop()
  }
})

test('a message that was delayed is received from the dead letters that it went to', async () => {
  const igarape = await startIgarape({})
  const sqs = igarape.client(SQSClient)
  try {
    const { queue, deadLetters } = await queueWithDeadLetters(sqs)
    await igarape.server.platform.context(place).commit((tx) => {
      send(tx, mustGet(tx, queueName), { body: 'a', senderId: 'test', delaySeconds: 5 })
    })
    await igarape.clock.advance({ seconds: 5 })
    expect(await bodies(sqs, queue.url)).toEqual(['a'])
    await igarape.clock.advance({ seconds: 31 })

    expect(await bodies(sqs, queue.url)).toEqual([])
    expect(await bodies(sqs, deadLetters.url)).toEqual(['a'])
  } finally {
    await igarape.stop()
  }
})

test('messages of a store from before, each with its mark, are received once and in order, before those that come', async () => {
  const data = mkdtempSync(join(tmpdir(), 'igarape-waiting-'))
  const first = await startIgarape({ data })
  const sqs = first.client(SQSClient)
  await makeQueue(sqs, queueName)
  await first.server.platform.context(place).commit((tx) => {
    for (const body of ['a', 'b', 'c']) send(tx, mustGet(tx, queueName), { body, senderId: 'test' })
  })
  const { storage } = first.server.platform.store.in(queues, place).get(queueName) as Queue
  const lying = [...first.server.platform.store.in(messages, place).list()]
  await first.stop()
  await makeOlder(data, storage, lying)

  const second = await startIgarape({ data })
  const again = second.client(SQSClient)
  const { url } = await makeQueue(again, queueName)
  await sendAll(again, url, ['d'])
  const received = await receiveAll(again, url)
  const later = await bodies(again, url)
  await second.stop()
  rmSync(data, { recursive: true })

  expect(received).toEqual(['a', 'b', 'c', 'd'])
  expect(later).toEqual([])
})

test('a message that an older server received goes on counting, and is deleted by the handle that it gave', async () => {
  const data = mkdtempSync(join(tmpdir(), 'igarape-waiting-'))
  const first = await startIgarape({ data })
  const { platform } = first.server
  await makeQueue(first.client(SQSClient), queueName)
  const [a, b] = await platform.context(place).commit((tx) => {
    const sent = ['a', 'b'].map((body) => send(tx, mustGet(tx, queueName), { body, senderId: 'test' }))
    for (const message of sent) receiveAsBefore(tx, message)
    return sent as [Message, Message]
  })
  await first.stop()
  await takeBackVersion(data, 2)

  const second = await startIgarape({ data })
  const ctx = second.server.platform.context(place)
  await ctx.commit((tx) => {
    const receipt = receiptOf(queueName, { ...a, receives: 2 })
    expect(() => changeVisibility(tx, mustGet(tx, queueName), receiptOf(queueName, a), 0)).toThrow("isn't in flight")
    changeVisibility(tx, mustGet(tx, queueName), receipt, 0)
    deleteMessage(tx, mustGet(tx, queueName), receiptOf(queueName, { ...b, receives: 2 }))
  })
  const received = await ctx.commit((tx) =>
    receive(tx, mustGet(tx, queueName), { most: 10, visibilitySeconds: 30, waitSeconds: 0 }),
  )
  await ctx.commit((tx) => deleteMessage(tx, mustGet(tx, queueName), receiptOf(queueName, received[0] as Message)))
  const left = [messages, marks, standings].map((each) => [
    ...second.server.platform.store.in<object>(each as never, place).list(),
  ])
  await second.stop()
  rmSync(data, { recursive: true })

  expect(received.map(({ body, receives, firstReceivedAt }) => [body, receives, firstReceivedAt])).toEqual([
    ['a', 3, 1],
  ])
  expect(left).toEqual([[], [], []])
})

/** Twice: the message itself was written anew, with a mark. */
function receiveAsBefore(tx: Tx, message: Message): void {
  const { storage, sequence } = message
  const visibleAt = tx.now + 30_000
  tx.in(messages).put({ ...message, visibleAt, receives: 2, firstReceivedAt: 1 })
  tx.in(marks).put({ storage, at: visibleAt, sequence })
  tx.in(depths).put({ ...(tx.in(depths).get(storage) as Depth), fresh: sequence + 1 })
}

async function takeBackVersion(data: string, version: number): Promise<void> {
  const store = await Store.open(await openBackend(data, { durable: true }))
  const versions = collection<number>('store/version', { version: 1, scope: 'global', key: () => ['sqs/depths'] })
  await store.commit((tx) => tx.in(versions, place).put(version))
  await store.close()
}

/** As the version before wrote it: a mark for each message, and a depth that knows of no fresh ones. */
async function makeOlder(data: string, storage: string, lying: readonly Message[]): Promise<void> {
  const store = await Store.open(await openBackend(data, { durable: true }))
  const olderDepths = collection<object>('sqs/depths', { version: 1, scope: 'global', key: () => [storage] })
  const versions = collection<number>('store/version', { version: 1, scope: 'global', key: () => ['sqs/depths'] })
  await store.commit((tx) => {
    tx.in(versions, place).delete('sqs/depths')
    for (const { sequence, visibleAt } of lying) tx.in(marks, place).put({ storage, at: visibleAt, sequence })
  })
  await store.commit((tx) => tx.in(olderDepths, place).put({ storage, total: lying.length, next: lying.length + 1 }))
  await store.close()
}

/** One by one. */
async function receiveAll(sqs: SQSClient, QueueUrl: string): Promise<(string | undefined)[]> {
  const all: (string | undefined)[] = []
  for (;;) {
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 1 }))
    if (!Messages) return all
    all.push(Messages[0]?.Body)
  }
}
