/** Clients that break HTTP itself, or names of things that JavaScript has of its own: refused, and the server lives. */
import { connect } from 'node:net'
import { CreateTopicCommand, SetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'

let igarape: Igarape

beforeAll(async () => {
  igarape = await startIgarape({ options: { headSeconds: 1, requestSeconds: 2 } })
})

afterAll(async () => {
  await igarape.stop()
})

describe('a request that is no proper HTTP is refused and its connection closed', () => {
  const close = 'Host: a\r\nConnection: close\r\n'
  test.each([
    ['two lengths', `GET / HTTP/1.1\r\n${close}Content-Length: 1\r\nContent-Length: 2\r\n\r\na`, 400],
    [
      'a length beside chunks',
      `POST / HTTP/1.1\r\n${close}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    ['a folded header', `GET / HTTP/1.1\r\nA: b\r\n c\r\n${close}\r\n`, 400],
    ['lines that end in LF alone', 'GET / HTTP/1.1\nHost: a\nConnection: close\n\n', 400],
    ['a chunk of no size', `POST / HTTP/1.1\r\n${close}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 400],
    ['a header too long', `GET / HTTP/1.1\r\n${close}A: ${'b'.repeat(100_000)}\r\n\r\n`, 431],
    ['a URL too long', `GET /${'a'.repeat(100_000)} HTTP/1.1\r\n${close}\r\n`, 431],
    ['NUL in the URL', `GET /\0 HTTP/1.1\r\n${close}\r\n`, 400],
    ['a head that never ends', 'GET / HTTP/1.1\r\nHost: a\r\nX: ', 408],
    ['a body that never ends', 'PUT /b/k HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc', 408],
  ])('%s', async (_, text, status) => {
    const answer = await wholeAnswer(text)

    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect((await fetch(`${igarape.endpoint}/_igarape/health`)).status).toBe(200)
  })
})

test.each(['__proto__', 'constructor', 'toString'])('a topic has no attribute called %s', async (AttributeName) => {
  const sns = igarape.client(SNSClient)
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'owned' }))

  const set = sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName, AttributeValue: 'x' }))

  await expect(set).rejects.toMatchObject({ name: 'InvalidParameterException' })
})

/** All that the server says until it closes the connection. */
function wholeAnswer(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(igarape.port, '127.0.0.1')
    let answer = ''
    socket.on('data', (part) => {
      answer += part.toString('latin1')
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
    socket.write(text, 'latin1')
  })
}
