/** What the server gives the console, and to whom it gives nothing. */
import { request } from 'node:http'
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import {
  CreateBucketCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { describe, onTestFinished } from 'vitest'
import { startIgarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

const browser = { 'user-agent': 'Mozilla/5.0' }

test('operations of any protocol answer in JSON, several in one request, each with its own error', async ({
  igarape,
  expect,
}) => {
  await igarape.client(S3Client).send(new CreateBucketCommand({ Bucket: 'raw' }))

  const answers = await calls(igarape.endpoint, [
    { service: 's3', operation: 'ListBuckets' },
    { service: 'sns', operation: 'CreateTopic', input: { Name: 'told' } },
    { service: 'glue', operation: 'GetJob', input: { JobName: 'none' } },
    { service: 'quicksight', operation: 'ListDashboards', input: { AwsAccountId: '000000000000' } },
    { service: 's3', operation: 'GetObject', input: { Bucket: 'raw', Key: 'a' } },
    { service: 'sqs', operation: 'CreateQueue', input: {} },
  ])

  expect(answers[0].output.Buckets).toMatchObject([{ Name: 'raw', CreationDate: expect.any(Number) }])
  expect(answers[1].output.TopicArn).toBe('arn:aws:sns:us-east-1:000000000000:told')
  expect(answers[2].error).toMatchObject({ code: 'EntityNotFoundException', status: 400 })
  expect(answers[3].error).toMatchObject({ code: 'NotImplemented', status: 501 })
  expect(answers[4].error).toMatchObject({ code: 'BadRequest' })
  expect(answers[5].error.status).toBe(400)
})

test('the activity tells what led to what, with events between them left out', async ({ igarape, expect }) => {
  await pipeline(igarape.client(S3Client), igarape.client(EventBridgeClient), igarape.client(SQSClient))
  await igarape.client(S3Client).send(new PutObjectCommand({ Bucket: 'raw', Key: 'day/a.csv', Body: 'a,b\n1,2\n' }))
  await igarape.settled()

  const { lines, passages } = await read(igarape.endpoint, '/_igarape/console/activity')
  const found = await read(igarape.endpoint, '/_igarape/console/activity?search=a.CSV')
  const nothing = await read(igarape.endpoint, '/_igarape/console/activity?search=b.csv')

  expect(lines[0]).toMatchObject({ service: 's3', resource: 'raw/day/a.csv', status: 'ok' })
  expect(passages).toContainEqual(
    expect.objectContaining({
      from: { service: 's3', action: 'PutObject', resource: 'raw' },
      to: { service: 'eventbridge', action: 'matched', resource: 'new-objects', bus: 'default' },
      count: 1,
    }),
  )
  expect(found.lines).toHaveLength(1)
  expect(nothing.lines).toEqual([])
})

test('a look at a queue counts no receive and hides nothing', async ({ igarape, expect }) => {
  const sqs = igarape.client(SQSClient)
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }))
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }))
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'later', DelaySeconds: 60 }))

  const path = `/_igarape/console/messages?queueUrl=${encodeURIComponent(QueueUrl)}`
  await read(igarape.endpoint, path)
  const { messages } = await read(igarape.endpoint, path)
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))

  expect(messages).toMatchObject([
    { body: 'hello', receives: 0, state: 'visible' },
    { body: 'later', receives: 0, state: 'delayed' },
  ])
  expect(Attributes).toMatchObject({ ApproximateNumberOfMessages: '1', ApproximateNumberOfMessagesNotVisible: '0' })
})

test('an object shows its first rows, or its first text, or that it is neither', async ({ igarape, expect }) => {
  const s3 = igarape.client(S3Client)
  await s3.send(new CreateBucketCommand({ Bucket: 'raw' }))
  await s3.send(new PutObjectCommand({ Bucket: 'raw', Key: 'a=1/b.csv', Body: 'id;name\n1;Açaí\n2;\n' }))
  await s3.send(new PutObjectCommand({ Bucket: 'raw', Key: 'c.txt', Body: 'words' }))
  await s3.send(new PutObjectCommand({ Bucket: 'raw', Key: 'd.bin', Body: new Uint8Array([0, 1, 2]) }))
  const preview = (key: string) =>
    read(igarape.endpoint, `/_igarape/console/preview?bucket=raw&key=${encodeURIComponent(key)}`)

  expect(await preview('a=1/b.csv')).toMatchObject({
    columns: [{ name: 'id' }, { name: 'name' }],
    rows: [
      ['1', 'Açaí'],
      ['2', null],
    ],
  })
  expect(await preview('c.txt')).toMatchObject({ text: 'words', isCut: false })
  expect(await preview('d.bin')).toEqual({ bytes: 3, isBinary: true })
  expect(await preview('none')).toMatchObject({ error: 'NoSuchKey' })
})

test('a schedule tells its next times, and a pattern why it does not match the last events', async ({
  igarape,
  expect,
}) => {
  const events = igarape.client(EventBridgeClient)
  await events.send(new PutEventsCommand({ Entries: [{ Source: 'shop', DetailType: 'sold', Detail: '{"total": 5}' }] }))

  const { now, times } = await read(igarape.endpoint, '/_igarape/console/firings?expression=rate(5%20minutes)&count=3')
  const zoned = await read(
    igarape.endpoint,
    '/_igarape/console/firings?expression=cron(0%208%20*%20*%20%3F%20*)&zone=America/Sao_Paulo&count=1',
  )
  const broken = await read(igarape.endpoint, '/_igarape/console/firings?expression=rate(5%20moons)')
  const explained = await write(igarape.endpoint, '/_igarape/explain', {
    pattern: '{"detail": {"total": [{"numeric": [">", 9]}]}}',
  })
  const invalid = await write(igarape.endpoint, '/_igarape/explain', { pattern: '{"detail": 1}' })

  expect(times.map((time: number) => time - now)).toEqual([300_000, 600_000, 900_000])
  expect(new Date(zoned.times[0]).toISOString()).toMatch(/T11:00:00/)
  expect(broken.error).toBe('BadSchedule')
  expect(explained.events[0]).toMatchObject({ matched: false, branches: [{ failedAt: 'detail.total' }] })
  expect(invalid.error).toBe('InvalidEventPatternException')
})

describe('a page of another site', () => {
  test('may neither read the control API nor change anything by it', async ({ igarape, expect }) => {
    const foreign = { ...browser, origin: 'http://evil.example' }
    const statuses = [
      await status(igarape.endpoint, '/_igarape/reset', { method: 'POST', headers: foreign }),
      await status(igarape.endpoint, '/_igarape/console/calls', {
        method: 'POST',
        headers: foreign,
        body: '{"calls":[]}',
      }),
      await status(igarape.endpoint, '/_igarape/traces', { headers: foreign }),
      await status(igarape.endpoint, '/_localstack/state/reset', {
        method: 'POST',
        headers: { ...browser, origin: 'null' },
      }),
      await status(igarape.endpoint, '/_igarape/events', { headers: { ...browser, 'sec-fetch-site': 'cross-site' } }),
    ]

    expect(statuses).toEqual([403, 403, 403, 403, 403])
  })

  test.for([
    ['http://evil.example', 403],
    ['null', 403],
    ['http://localhost:3000', 200],
    ['http://127.0.0.1:8080', 200],
    ['http://app.example', 200],
  ] as const)(
    'reads AWS’s own operations only where it is of this machine, or allowed: %s',
    async ([origin, expected], { expect }) => {
      const igarape = await startIgarape({ options: { allowedOrigins: 'http://app.example, http://other.example' } })
      onTestFinished(() => igarape.stop())

      expect(await status(igarape.endpoint, '/', { headers: { ...browser, origin } })).toBe(expected)
    },
  )

  test('may not, by a name of its own that points here, pass for the console', async ({ igarape, expect }) => {
    const named = (host: string) => hostStatus(igarape.port, host, browser)

    expect(await named('evil.example')).toBe(403)
    expect(await named('localhost')).toBe(200)
    expect(await named('127.0.0.1')).toBe(200)
    expect(await named('[::1]')).toBe(200)
    expect(await named('igarape')).toBe(200)
    expect(await hostStatus(igarape.port, 'evil.example', {})).toBe(200)
  })

  test('is not meant where the page is the console itself, or where a program asks', async ({ igarape, expect }) => {
    const own = { ...browser, origin: igarape.endpoint, 'sec-fetch-site': 'same-origin' }

    expect(await status(igarape.endpoint, '/_igarape/clock', { headers: own })).toBe(200)
    expect(await status(igarape.endpoint, '/_igarape/clock')).toBe(200)
  })
})

test('where requests must be signed, the console asks for the key and remembers it in a cookie of its own site', async ({
  expect,
}) => {
  const igarape = await startIgarape({ options: { auth: 'sigv4', secretKey: 'hidden' } })
  const open = (secretKey: string) =>
    fetch(`${igarape.endpoint}/_igarape/console/session`, {
      method: 'POST',
      body: JSON.stringify({ accessKey: 'test', secretKey }),
    })
  const asked = (headers: Record<string, string> = {}) =>
    status(igarape.endpoint, '/_igarape/console/calls', { method: 'POST', body: '{"calls":[]}', headers })

  const without = await asked()
  const wrong = await open('test')
  const right = await open('hidden')
  const cookie = right.headers.get('set-cookie') ?? ''
  const within = await asked({ cookie: cookie.split(';')[0] as string })
  const forged = await asked({ cookie: 'igarape-console=00' })
  const lock = await read(igarape.endpoint, '/_igarape/console/session')
  await igarape.stop()

  expect([without, wrong.status, right.status, within, forged]).toEqual([401, 403, 200, 200, 401])
  expect(cookie).toMatch(/HttpOnly; SameSite=Strict; Path=\/_igarape$/)
  expect(lock.isOpen).toBe(false)
})

async function pipeline(s3: S3Client, events: EventBridgeClient, sqs: SQSClient): Promise<void> {
  await s3.send(new CreateBucketCommand({ Bucket: 'raw' }))
  await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: 'raw',
      NotificationConfiguration: { EventBridgeConfiguration: {} },
    }),
  )
  await sqs.send(new CreateQueueCommand({ QueueName: 'files' }))
  await events.send(new PutRuleCommand({ Name: 'new-objects', EventPattern: '{"source": ["aws.s3"]}' }))
  const target = { Id: 'q', Arn: 'arn:aws:sqs:us-east-1:000000000000:files' }
  await events.send(new PutTargetsCommand({ Rule: 'new-objects', Targets: [target] }))
}

// biome-ignore lint/suspicious/noExplicitAny: answers are read where they are expected
type Answer = any

async function calls(endpoint: string, asked: object[]): Promise<Answer[]> {
  return (await write(endpoint, '/_igarape/console/calls', { calls: asked })).answers
}

async function read(endpoint: string, path: string): Promise<Answer> {
  return (await fetch(endpoint + path)).json()
}

async function write(endpoint: string, path: string, body: object): Promise<Answer> {
  return (await fetch(endpoint + path, { method: 'POST', body: JSON.stringify(body) })).json()
}

async function status(endpoint: string, path: string, request: RequestInit = {}): Promise<number> {
  return (await fetch(endpoint + path, request)).status
}

/** With a Host header of one's own, which `fetch` does not send. */
function hostStatus(port: number, host: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { port, path: '/_igarape/clock', headers: { ...headers, host: `${host}:${port}` } },
      (answer) => {
        answer.resume()
        resolve(answer.statusCode ?? 0)
      },
    )
    asked.once('error', reject)
    asked.end()
  })
}
