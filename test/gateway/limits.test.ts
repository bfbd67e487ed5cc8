/** The named limits of the port, each set low and met. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { expect, test } from 'vitest'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'

type Limits = NonNullable<Parameters<typeof startIgarape>[0]>['options']

async function withLimits<T>(options: Limits, run: (igarape: Igarape) => Promise<T>): Promise<T> {
  const igarape = await startIgarape({ options })
  try {
    return await run(igarape)
  } finally {
    await igarape.stop()
  }
}

async function open(igarape: Igarape) {
  const socket = connect(igarape.port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

test('a request head that is too long is refused', () =>
  withLimits({ headerBytesMax: 2000 }, async (igarape) => {
    const socket = await open(igarape)
    socket.write(`GET /vendas HTTP/1.1\r\nhost: x\r\nx-long: ${'x'.repeat(4000)}\r\n\r\n`)

    expect(await text(socket)).toContain('HTTP/1.1 431')
  }))

test('a body that is too long for an operation is refused, whether or not it says its length', () =>
  withLimits({ bodyBytesMax: 10_000 }, async (igarape) => {
    const headers = { 'x-amz-target': 'AmazonSQS.CreateQueue', 'content-type': 'application/x-amz-json-1.0' }
    const body = JSON.stringify({ QueueName: 'x'.repeat(20_000) })
    const told = await fetch(igarape.endpoint, { method: 'POST', headers, body })
    const chunked = await fetch(igarape.endpoint, {
      method: 'POST',
      headers,
      body: new Blob([body]).stream(),
      duplex: 'half',
    } as RequestInit)

    expect([told.status, chunked.status]).toEqual([413, 413])
  }))

test('an upload is no such body: it is as long as it likes', () =>
  withLimits({ bodyBytesMax: 10_000 }, async (igarape) => {
    await igarape.client(S3Client).send(new CreateBucketCommand({ Bucket: 'vendas' }))
    const put = await fetch(`${igarape.endpoint}/vendas/a.csv`, { method: 'PUT', body: 'x'.repeat(1_000_000) })

    expect(put.status).toBe(200)
  }))

test('connections beyond the limit are closed, and there is room again when one ends', () =>
  withLimits({ connectionsMax: 2 }, async (igarape) => {
    const first = await open(igarape)
    const second = await open(igarape)
    const third = await open(igarape)
    await once(third, 'close')
    first.end()
    await once(first, 'close')
    second.write('GET /_igarape/health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')

    expect(await text(second)).toContain('HTTP/1.1 200')
  }))

test('a client that opens a connection and says nothing is not waited for', () =>
  withLimits({ headSeconds: 1 }, async (igarape) => {
    const silent = await open(igarape)

    await once(silent, 'close')
    expect(silent.destroyed).toBe(true)
  }))

test('a connection may run only so far ahead of its answers', () =>
  withLimits({}, async (igarape) => {
    const socket = await open(igarape)
    socket.write('GET /_igarape/health HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(5000))

    let answers = ''
    socket.on('data', (part) => {
      answers += part
    })
    await new Promise((resolve) => socket.once('close', resolve))
    expect(answers.split('HTTP/1.1 200').length - 1).toBeLessThan(5000)
  }))
