/** The control endpoints: the clock, traces, reset and rest, as the command line and tests ask for them. */
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import {
  CreateBucketCommand,
  ListBucketsCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { zipSync } from 'fflate'
import { expect } from 'vitest'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

async function ask(igarape: Igarape, path: string, body?: unknown) {
  const answer = await fetch(`${igarape.endpoint}/_igarape${path}`, {
    ...(body !== undefined && { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  // biome-ignore lint/suspicious/noExplicitAny: whatever the endpoint answers is what is asserted
  return { status: answer.status, body: (await answer.json()) as any }
}

/** Objects that nobody is told of have no way to trace. */
async function announce(igarape: Igarape) {
  await igarape.client(S3Client).send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: 'vendas',
      NotificationConfiguration: { EventBridgeConfiguration: {} },
    }),
  )
}

test('a virtual clock goes where it is told, and what falls due on the way happens', async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'vendas' }))
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'tarde', DelaySeconds: 900 }))
  const before = (await ask(igarape, '/clock')).body
  const after = (await ask(igarape, '/clock', { advance: '15m1s' })).body
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }))

  expect(Date.parse(after.now) - Date.parse(before.now)).toBeGreaterThanOrEqual(901_000)
  expect(Messages.map(({ Body }) => Body)).toEqual(['tarde'])
})

test('what is no duration, and what is no JSON, is refused with what to say', async ({ igarape }) => {
  expect(await ask(igarape, '/clock', { advance: '1 hour' })).toMatchObject({
    status: 400,
    body: { error: 'BadDuration' },
  })
  expect(await ask(igarape, '/clock', '{')).toMatchObject({ status: 400, body: { error: 'BadJson' } })
})

test('the system’s clock cannot be moved', async () => {
  const igarape = await startIgarape({ clock: 'system' })
  const answer = await ask(igarape, '/clock', { advance: '1h' })
  await igarape.stop()

  expect(answer).toMatchObject({ status: 409, body: { error: 'ClockIsSystem' } })
})

test('a moved clock does not go back when the server starts again', async ({ onTestFinished }) => {
  const { mkdtempSync, rmSync } = await import('node:fs')
  const data = mkdtempSync('/tmp/igarape-clock-')
  onTestFinished(() => rmSync(data, { recursive: true }))
  const first = await startIgarape({ data })
  await first.clock.advance({ days: 3 })
  const moved = first.clock.now().getTime()
  await first.stop()
  const second = await startIgarape({ data })
  const resumed = second.clock.now().getTime()
  await second.stop()

  expect(resumed).toBeGreaterThanOrEqual(moved)
})

test('a trace is found by its id, by a whole name and by a key alone', async ({ igarape }) => {
  const s3 = igarape.client(S3Client)
  await s3.send(new CreateBucketCommand({ Bucket: 'vendas' }))
  await announce(igarape)
  await s3.send(new PutObjectCommand({ Bucket: 'vendas', Key: 'dia/loja-123.csv', Body: 'x' }))
  const { traces } = (await ask(igarape, '/traces')).body
  const found = await Promise.all(
    [traces[0].traceId, encodeURIComponent('s3://vendas/dia/loja-123.csv'), 'loja-123.csv'].map((name) =>
      ask(igarape, `/traces/${name}`),
    ),
  )

  expect(found.map(({ body }) => body.traceId)).toEqual(Array(3).fill(traces[0].traceId))
  expect(found[0]?.body.roots[0]).toMatchObject({ service: 's3', action: 'PutObject', bytes: 1 })
  expect((await ask(igarape, '/traces/nenhum')).status).toBe(404)
})

test('only so many traces are kept: the oldest go first', async () => {
  const igarape = await startIgarape({ options: { tracesMax: 5 } })
  const s3 = igarape.client(S3Client)
  await s3.send(new CreateBucketCommand({ Bucket: 'vendas' }))
  await announce(igarape)
  for (let at = 0; at < 12; at++) {
    await s3.send(new PutObjectCommand({ Bucket: 'vendas', Key: `${at}.csv`, Body: 'x' }))
    await igarape.clock.advance({ minutes: 10 })
  }
  await igarape.settled()
  const { traces } = (await ask(igarape, '/traces')).body
  const [first, last] = await Promise.all(['0.csv', '11.csv'].map((key) => ask(igarape, `/traces/${key}`)))
  await igarape.stop()

  expect(traces.length).toBeLessThanOrEqual(6)
  expect([first?.status, last?.status]).toEqual([404, 200])
})

test('after a reset nothing is left, and the next that comes is served', async ({ igarape }) => {
  const s3 = igarape.client(S3Client)
  const lambda = igarape.client(LambdaClient)
  await s3.send(new CreateBucketCommand({ Bucket: 'vendas' }))
  await s3.send(new PutObjectCommand({ Bucket: 'vendas', Key: 'grande.csv', Body: 'x'.repeat(500_000) }))
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'validacao',
      Runtime: 'nodejs20.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/lambda',
      Code: { ZipFile: zipSync({ 'index.mjs': Buffer.from('export const handler = async () => "ok"') }) },
    }),
  )
  await lambda.send(new InvokeCommand({ FunctionName: 'validacao' }))
  const reset = await ask(igarape, '/reset', {})

  expect(reset).toMatchObject({ status: 200, body: { milliseconds: expect.any(Number) } })
  expect((await s3.send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([])
  await expect(lambda.send(new InvokeCommand({ FunctionName: 'validacao' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
  await s3.send(new CreateBucketCommand({ Bucket: 'vendas' }))
})

test('a control endpoint that is not there says so', async ({ igarape }) => {
  expect((await fetch(`${igarape.endpoint}/_igarape/nothing`)).status).toBe(404)
})
