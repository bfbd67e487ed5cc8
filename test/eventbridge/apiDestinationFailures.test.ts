/** Endpoints that are slow, broken, half-closing, lying or in the way: what is tried again, when, and what ends at once. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  DeleteApiDestinationCommand,
  EventBridgeClient,
  ListEventBusesCommand,
  UpdateApiDestinationCommand,
} from '@aws-sdk/client-eventbridge'
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { describe, expect, onTestFinished } from 'vitest'
import { virtualClock } from '../../src/clock.ts'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { deadLetters, putEvents, sendingTo } from './destinations.ts'
import { type Answer, type WebServer, webServer } from './webServer.ts'

async function serving(...answers: Answer[]): Promise<WebServer> {
  const web = await webServer(answers)
  onTestFinished(() => web.close())
  return web
}

/** One event is sent; what becomes of it within the time is in the dead-letter queue or was asked. */
async function sendOne(igarape: Igarape, url: string, RetryPolicy: object, advance: object = {}) {
  await sendingTo(igarape, url, { target: { RetryPolicy } })
  await putEvents(igarape, { id: 7 })
  await igarape.settled()
  await igarape.clock.advance({ milliseconds: 0, ...advance })
  return await deadLetters(igarape)
}

const once = { MaximumRetryAttempts: 0 }

describe('answers', () => {
  test.for([401, 407, 409, 429, 500, 503])('%i is tried again', async (status, { igarape }) => {
    const web = await serving({ status }, {})
    const letters = await sendOne(igarape, web.url, { MaximumRetryAttempts: 5 }, { minutes: 1 })

    expect(letters).toEqual([])
    expect(web.asked).toHaveLength(2)
  })

  test.for([302, 400, 403, 404, 410])('%i is final', async (status, { igarape }) => {
    const web = await serving({ status, body: 'no such thing' })
    const letters = await sendOne(igarape, web.url, { MaximumRetryAttempts: 5 }, { hours: 1 })

    expect(web.asked).toHaveLength(1)
    expect(letters).toMatchObject([{ ERROR_CODE: 'ERROR_FROM_TARGET', RETRY_ATTEMPTS: '0' }])
    expect(letters[0]?.ERROR_MESSAGE).toBe(`${web.url} answered ${status}: no such thing`)
    expect(letters[0]).not.toHaveProperty('EXHAUSTED_RETRY_CONDITION')
  })

  test('of bytes that are no text are dead letters too', async ({ igarape }) => {
    const web = await serving({ status: 400, body: 'bad \u0000\u0007\uFFFF' })
    const letters = await sendOne(igarape, web.url, once)

    expect(letters).toMatchObject([{ ERROR_MESSAGE: `${web.url} answered 400: bad \uFFFD\uFFFD\uFFFD` }])
  })

  test('a redirect to the control port is not followed', async ({ igarape }) => {
    const web = await serving({ status: 307, headers: { location: `${igarape.endpoint}/_igarape/reset` } })
    await sendOne(igarape, web.url, once)

    expect((await igarape.client(SQSClient).send(new ListQueuesCommand({}))).QueueUrls).toHaveLength(1)
  })

  test('the last of the tries goes to the dead-letter queue with what was exhausted', async ({ igarape }) => {
    const web = await serving({ status: 500 })
    const letters = await sendOne(igarape, web.url, { MaximumRetryAttempts: 3 }, { hours: 1 })

    expect(web.asked).toHaveLength(4)
    expect(letters).toMatchObject([
      { EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts', RETRY_ATTEMPTS: '3', ERROR_CODE: 'ERROR_FROM_TARGET' },
    ])
  })

  test('Retry-After is waited for where it is longer than the back-off', async ({ igarape }) => {
    const web = await serving({ status: 503, headers: { 'retry-after': '120' } }, {})
    await sendOne(igarape, web.url, { MaximumRetryAttempts: 5 }, { seconds: 119 })
    expect(web.asked).toHaveLength(1)

    await igarape.clock.advance({ seconds: 2 })
    expect(web.asked).toHaveLength(2)
  })

  test('a Retry-After beyond the age of the event ends it, and so does a negative one', async ({ igarape }) => {
    const web = await serving(
      { status: 429, headers: { 'retry-after': '3600' } },
      { status: 429, headers: { 'retry-after': '-1' } },
    )
    await sendOne(igarape, web.url, { MaximumEventAgeInSeconds: 60 })
    await putEvents(igarape, { id: 8 })
    await igarape.settled()

    expect(web.asked).toHaveLength(2)
  })
})

describe('endpoints', () => {
  test('that take longer than five seconds have timed out', async ({ igarape }) => {
    const web = await serving({ raw: () => undefined })
    const letters = await sendOne(igarape, web.url, once)

    expect(letters).toMatchObject([{ ERROR_CODE: 'TIMEOUT', EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts' }])
  })

  test('that drip an answer without end have timed out', async ({ igarape }) => {
    const web = await serving({
      raw: (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
        const drip = setInterval(() => socket.writable && socket.write('1\r\nx\r\n'), 50)
        socket.on('close', () => clearInterval(drip))
        socket.on('error', () => clearInterval(drip))
      },
    })
    expect(await sendOne(igarape, web.url, once)).toMatchObject([{ ERROR_CODE: 'TIMEOUT' }])
  })

  test.for<[string, string]>([
    ['hang up', ''],
    ['hang up within the head', 'HTTP/1.1 200 OK\r\ncontent-'],
    ['promise more than they send', 'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nshort'],
    ['speak no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['send a broken chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
  ])('that %s are tried again', async ([, answer], { igarape }) => {
    const web = await serving({ raw: (socket) => socket.end(answer) }, {})
    const letters = await sendOne(igarape, web.url, { MaximumRetryAttempts: 2 }, { minutes: 1 })

    expect(letters).toEqual([])
    expect(web.asked).toHaveLength(2)
  })

  test('that send without end are heard for a megabyte', async ({ igarape }) => {
    const web = await serving({
      raw: (socket) => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        const pour = () => {
          while (socket.writable && socket.write('x'.repeat(65_536)));
        }
        socket.on('drain', pour).on('error', () => undefined)
        pour()
      },
    })
    expect(await sendOne(igarape, web.url, once)).toEqual([])
  })

  test('that nobody listens at are tried again, and a name that is none is not', async ({ igarape }) => {
    const web = await serving({})
    await web.close()
    const letters = await sendOne(igarape, web.url, { MaximumRetryAttempts: 2 }, { minutes: 5 })
    expect(letters).toMatchObject([{ ERROR_CODE: 'CONNECTION_FAILURE', RETRY_ATTEMPTS: '2' }])

    const nowhere = new UpdateApiDestinationCommand({ Name: 'orders', InvocationEndpoint: 'http://nowhere.invalid/' })
    await igarape.client(EventBridgeClient).send(nowhere)
    await putEvents(igarape, { id: 8 })
    await igarape.settled()
    expect(await deadLetters(igarape)).toMatchObject([{ ERROR_CODE: 'CONNECTION_FAILURE', RETRY_ATTEMPTS: '0' }])
  })

  test('that are the port of the server itself are refused, by whatever name', async ({ igarape }) => {
    const events = igarape.client(EventBridgeClient)
    await sendingTo(igarape, `http://127.0.0.1:${igarape.port}/_igarape/reset`)
    for (const host of ['127.0.0.1', 'localhost', '0.0.0.0', '2130706433', '0x7f.1']) {
      const InvocationEndpoint = `http://${host}:${igarape.port}/_igarape/reset`
      await events.send(new UpdateApiDestinationCommand({ Name: 'orders', InvocationEndpoint }))
      await putEvents(igarape, { host })
      await igarape.settled()
    }

    expect((await events.send(new ListEventBusesCommand({}))).EventBuses).toHaveLength(1)
    const letters = await deadLetters(igarape)
    expect(letters.map(({ ERROR_CODE }) => ERROR_CODE)).toEqual(Array(5).fill('NO_PERMISSIONS'))
  })

  test('whose destination was deleted get nothing more', async ({ igarape }) => {
    const web = await serving({ status: 500 })
    await sendOne(igarape, web.url, { MaximumRetryAttempts: 9 })
    await igarape.client(EventBridgeClient).send(new DeleteApiDestinationCommand({ Name: 'orders' }))
    await igarape.clock.advance({ hours: 1 })

    expect(web.asked).toHaveLength(1)
    expect(await deadLetters(igarape)).toMatchObject([{ ERROR_CODE: 'NO_RESOURCE', RETRY_ATTEMPTS: '1' }])
  })
})

describe('the rate of a destination', () => {
  test('lets so many through in each second of the clock', async ({ igarape }) => {
    const web = await serving({})
    await sendingTo(igarape, web.url, { destination: { InvocationRateLimitPerSecond: 2 } })
    await putEvents(igarape, ...Array.from({ length: 7 }, (_, id) => ({ id })))
    await igarape.settled()

    const heard = [web.asked.length]
    for (let second = 1; second <= 3; second++) {
      await igarape.clock.advance({ seconds: 1 })
      heard.push(web.asked.length)
    }
    expect(heard).toEqual([2, 4, 6, 7])
  })

  test('is kept over a restart, and what waited for its turn is called then', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'igarape-rate-'))
    const web = await serving({})
    const parts = { clock: virtualClock(Date.parse('2026-11-01T08:00:00Z')) }
    const first = await startIgarape({ data: folder, parts })
    await sendingTo(first, web.url, { destination: { InvocationRateLimitPerSecond: 2 } })
    await putEvents(first, ...Array.from({ length: 5 }, (_, id) => ({ id })))
    await first.settled()
    await first.stop()
    const second = await startIgarape({ data: folder, parts })
    onTestFinished(async () => {
      await second.stop()
      rmSync(folder, { recursive: true })
    })
    await putEvents(second, { id: 5 })
    await second.settled()
    const heard = [web.asked.length]
    for (let turn = 1; turn <= 2; turn++) {
      await second.clock.advance({ seconds: 1 })
      heard.push(web.asked.length)
    }

    expect(heard).toEqual([2, 4, 6])
  })

  test('what finds no room within its age is a dead letter, and takes no room from others', async ({ igarape }) => {
    const web = await serving({})
    await sendingTo(igarape, web.url, {
      destination: { InvocationRateLimitPerSecond: 1 },
      target: { RetryPolicy: { MaximumEventAgeInSeconds: 60 } },
    })
    await putEvents(igarape, ...Array.from({ length: 70 }, (_, id) => ({ id })))
    await igarape.clock.advance({ seconds: 70 })

    expect(web.asked.length).toBeGreaterThanOrEqual(60)
    expect(web.asked.length).toBeLessThanOrEqual(61)
    const letters = await deadLetters(igarape)
    expect(letters[0]).toMatchObject({
      ERROR_CODE: 'THROTTLING',
      EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds',
      RETRY_ATTEMPTS: '0',
    })
    await putEvents(igarape, { id: 71 })
    await igarape.settled()
    expect(JSON.parse(web.asked.at(-1)?.body ?? '')).toMatchObject({ detail: { id: 71 } })
  })
})
