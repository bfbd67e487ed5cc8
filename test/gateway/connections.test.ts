/** What reaches the port as raw bytes: HTTP/1.1 with keep-alive and pipelining, HTTP/2, browsers of other origins. */
import { once } from 'node:events'
import { request } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { CreateQueueCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

/** Sends bytes on one connection and reads until it is closed, which the last request of them has to ask for. */
async function exchange(igarape: Igarape, ...bytes: string[]): Promise<string> {
  const socket = connect(igarape.port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(bytes.join(''), 'latin1')
  return text(socket)
}

const put = (path: string, body: string) =>
  `PUT ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: ${body.length}\r\n\r\n${body}`
const last = (path: string) => `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`
const statuses = (answers: string) => [...answers.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status))

test('requests with bodies that are sent one after the other, without waiting, are answered in their order', async ({
  igarape,
}) => {
  const answers = await exchange(
    igarape,
    put('/vendas', ''),
    put('/vendas/a.csv', 'primeira'),
    put('/vendas/b.csv', 'segunda'),
    'GET /vendas/a.csv HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n',
    last('/vendas/b.csv'),
  )

  expect(statuses(answers)).toEqual([200, 200, 200, 200, 200])
  expect(answers.indexOf('primeira')).toBeGreaterThan(0)
  expect(answers.indexOf('segunda')).toBeGreaterThan(answers.indexOf('primeira'))
})

test('a refused upload does not spoil the connection: its body is not taken for the next request', async ({
  igarape,
}) => {
  const body = `GET /_igarape/health HTTP/1.1\r\nhost: x\r\n\r\n${'x'.repeat(300_000)}`
  const answers = await exchange(igarape, put('/nenhum/a.csv', body), last('/nenhum'))

  expect(statuses(answers)).toEqual([404, 404])
  expect(answers).toContain('NoSuchBucket')
})

test('a client that asks before it sends a body hears at once that it may', async ({ igarape }) => {
  await igarape.client(S3Client).send(new CreateBucketCommand({ Bucket: 'vendas' }))
  const asking = request(`${igarape.endpoint}/vendas/a.csv`, {
    method: 'PUT',
    headers: { expect: '100-continue', 'content-length': 5 },
  })
  asking.flushHeaders()
  await once(asking, 'continue')
  asking.end('1,2,3')
  const [answer] = await once(asking, 'response')

  expect(answer.statusCode).toBe(200)
})

test('HTTP/2 by prior knowledge speaks to every service on the same port', async ({ igarape }) => {
  const session = connectHttp2(igarape.endpoint)
  const ask = async (headers: Record<string, string>, body = '') => {
    const stream = session.request(headers, { endStream: body === '' })
    const response = once(stream, 'response')
    if (body) stream.end(body)
    return { status: (await response)[0][':status'], body: await text(stream) }
  }
  const many = Array.from({ length: 50 }, (_, at) => at)

  expect(await ask({ ':method': 'PUT', ':path': '/vendas' })).toMatchObject({ status: 200 })
  await Promise.all(many.map((at) => ask({ ':method': 'PUT', ':path': `/vendas/${at}` }, `linha ${at}`)))
  const read = await Promise.all(many.map((at) => ask({ ':method': 'GET', ':path': `/vendas/${at}` })))
  expect(read.map(({ body }) => body)).toEqual(many.map((at) => `linha ${at}`))
  const queues = await ask(
    {
      ':method': 'POST',
      ':path': '/',
      'x-amz-target': 'AmazonSQS.ListQueues',
      'content-type': 'application/x-amz-json-1.0',
    },
    '{}',
  )
  expect(queues).toEqual({ status: 200, body: '{}' })
  session.close()
})

test('a bucket is found in the host name as well as in the path', async ({ igarape }) => {
  const s3 = igarape.client(S3Client)
  await s3.send(new CreateBucketCommand({ Bucket: 'vendas' }))
  await s3.send(new PutObjectCommand({ Bucket: 'vendas', Key: 'dia/a.csv', Body: 'conteúdo' }))

  for (const host of [
    'vendas.s3.us-east-1.amazonaws.com',
    'vendas.s3.amazonaws.com',
    'vendas.s3.localhost.localstack.cloud:4566',
    'vendas.localhost:4566',
  ]) {
    const asking = request(`${igarape.endpoint}/dia/a.csv`, { headers: { host } }).end()
    const [answer] = await once(asking, 'response')
    expect([host, await text(answer)]).toEqual([host, 'conteúdo'])
  }
})

test('an access key of twelve digits is an account, and the credential scope names the region', async ({ igarape }) => {
  const at = (accessKeyId: string, region: string) =>
    new SQSClient({ ...igarape.clientSettings, region, credentials: { accessKeyId, secretAccessKey: 'x' } })
  const made = await at('111122223333', 'sa-east-1').send(new CreateQueueCommand({ QueueName: 'vendas' }))
  const seen = async (account: string, region: string) =>
    (await at(account, region).send(new ListQueuesCommand({}))).QueueUrls ?? []

  expect(made.QueueUrl).toContain('/111122223333/vendas')
  expect(await seen('111122223333', 'sa-east-1')).toHaveLength(1)
  expect(await seen('111122223333', 'us-east-1')).toEqual([])
  expect(await seen('test', 'sa-east-1')).toEqual([])
})

test('every answer has a request id of its own, errors too', async ({ igarape }) => {
  const answers = await Promise.all(
    ['/nenhum', '/nenhum', '/_igarape/health'].map((path) => fetch(igarape.endpoint + path)),
  )
  const ids = answers.map((answer) => answer.headers.get('x-amzn-requestid'))

  expect(new Set(ids).size).toBe(3)
  expect(ids.every((id) => id !== null && id.length > 10)).toBe(true)
})

test('a service that is not there answers 501 and names itself', async ({ igarape }) => {
  const answer = await fetch(igarape.endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': 'Braket_20190901.CreateJob', 'content-type': 'application/x-amz-json-1.1' },
    body: '{}',
  })

  expect(answer.status).toBe(501)
  expect(await answer.text()).toContain('Braket_20190901.CreateJob')
})

test('a page that an app in development serves may call, and read the headers of the answer', async ({ igarape }) => {
  const origin = 'http://localhost:5173'
  const preflight = await fetch(`${igarape.endpoint}/vendas/a.csv`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'authorization,x-amz-date',
    },
  })
  const answer = await fetch(`${igarape.endpoint}/vendas`, { method: 'PUT', headers: { origin } })

  expect(preflight.status).toBe(204)
  expect(preflight.headers.get('access-control-allow-methods')).toContain('PUT')
  expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization,x-amz-date')
  expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
  expect(answer.headers.get('access-control-expose-headers')).toContain('etag')
})

test('a client that goes away in the middle of an upload leaves nothing behind', async ({ igarape }) => {
  const s3 = igarape.client(S3Client)
  await s3.send(new CreateBucketCommand({ Bucket: 'vendas' }))
  const socket = connect(igarape.port, '127.0.0.1')
  await once(socket, 'connect')
  const head = 'PUT /vendas/metade.csv HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1000000\r\n\r\n'
  await new Promise<void>((resolve) => socket.write(head + 'x'.repeat(400_000), () => resolve()))
  socket.destroy()
  await igarape.settled()

  await expect(s3.send(new GetObjectCommand({ Bucket: 'vendas', Key: 'metade.csv' }))).rejects.toMatchObject({
    name: 'NoSuchKey',
  })
})
