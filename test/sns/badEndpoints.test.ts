import { PublishCommand, SetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns'
import { expect, vi } from 'vitest'
import { test } from '../fixture.ts'
import { type Answer, subscribeWeb, webEndpoint } from './webEndpoints.ts'

const DeliveryPolicy = JSON.stringify({
  healthyRetryPolicy: { numRetries: 2, numNoDelayRetries: 0, minDelayTarget: 5, maxDelayTarget: 5 },
})

const bad: Record<string, Answer> = {
  'ends the connection without a word': (_, { socket }) => socket.destroy(),
  'closes its half of the connection without an answer': (_, { socket }) => socket.end(),
  'claims a longer answer than it gives': (_, { socket }) =>
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort'),
  'does not speak HTTP': (_, { socket }) => socket.end('SSH-2.0-OpenSSH_9.6\r\n\r\n'),
  'asks for a pause': (response) => response.writeHead(429).end(),
  'is not well': (response) => response.writeHead(503).end(),
}

test.for(Object.entries(bad))('an endpoint that %s is tried again', async ([, answer], { igarape }) => {
  const web = await webEndpoint([answer])
  try {
    const sns = igarape.client(SNSClient)
    const { TopicArn } = await subscribeWeb(igarape, sns, web, { Attributes: { DeliveryPolicy } })

    await sns.send(new PublishCommand({ TopicArn, Message: 'olá' }))
    await igarape.settled()
    expect(web.posted).toHaveLength(1)
    await igarape.clock.advance({ seconds: 6 })
    await igarape.settled()

    expect(web.posted).toHaveLength(2)
    expect(web.posted[1]?.body).toBe(web.posted[0]?.body)
    await igarape.clock.advance({ hours: 1 })
    expect(web.posted).toHaveLength(2)
  } finally {
    await web.close()
  }
})

test('a redirect is not followed: it is no delivery, and is tried again where it was', async ({ igarape }) => {
  const elsewhere = await webEndpoint()
  const web = await webEndpoint([(response) => response.writeHead(307, { location: elsewhere.url }).end()])
  try {
    const sns = igarape.client(SNSClient)
    const { TopicArn } = await subscribeWeb(igarape, sns, web, { Attributes: { DeliveryPolicy } })

    await sns.send(new PublishCommand({ TopicArn, Message: 'olá' }))
    await igarape.clock.advance({ seconds: 6 })
    await igarape.settled()

    expect(web.posted).toHaveLength(2)
    expect(elsewhere.posted).toEqual([])
  } finally {
    await Promise.all([web.close(), elsewhere.close()])
  }
})

test('an endpoint that says no is not asked again', async ({ igarape }) => {
  const web = await webEndpoint([(response) => response.writeHead(403).end()])
  try {
    const sns = igarape.client(SNSClient)
    const { TopicArn } = await subscribeWeb(igarape, sns, web, { Attributes: { DeliveryPolicy } })

    await sns.send(new PublishCommand({ TopicArn, Message: 'olá' }))
    await igarape.clock.advance({ hours: 1 })

    expect(web.posted).toHaveLength(1)
  } finally {
    await web.close()
  }
})

test('a slow endpoint delays no other, and what it takes piece by piece is delivered once', async ({ igarape }) => {
  let finish = () => {}
  const slow = await webEndpoint([
    (response) => {
      response.writeHead(200, { 'content-length': '2' }).write('o')
      finish = () => response.end('k')
    },
  ])
  const quick = await webEndpoint()
  try {
    const sns = igarape.client(SNSClient)
    const { TopicArn } = await subscribeWeb(igarape, sns, slow, { Attributes: { DeliveryPolicy } })
    await subscribeWeb(igarape, sns, quick)

    await sns.send(new PublishCommand({ TopicArn, Message: 'olá' }))
    await vi.waitUntil(() => quick.posted.length === 1 && slow.posted.length === 1)
    finish()
    await igarape.settled()
    await igarape.clock.advance({ hours: 1 })

    expect([quick.posted.length, slow.posted.length]).toEqual([1, 1])
  } finally {
    await Promise.all([slow.close(), quick.close()])
  }
})

test('a topic may forbid the policies of its subscriptions', async ({ igarape }) => {
  const web = await webEndpoint([503, 503, 503].map((status) => (response) => response.writeHead(status).end()))
  try {
    const sns = igarape.client(SNSClient)
    const { TopicArn } = await subscribeWeb(igarape, sns, web, { Attributes: { DeliveryPolicy } })
    const topics = {
      http: {
        defaultHealthyRetryPolicy: { numRetries: 1, minDelayTarget: 60, maxDelayTarget: 60 },
        disableSubscriptionOverrides: true,
      },
    }
    await sns.send(
      new SetTopicAttributesCommand({
        TopicArn,
        AttributeName: 'DeliveryPolicy',
        AttributeValue: JSON.stringify(topics),
      }),
    )

    await sns.send(new PublishCommand({ TopicArn, Message: 'olá' }))
    const tries: number[] = []
    for (const seconds of [30, 40, 3_600]) {
      await igarape.clock.advance({ seconds })
      tries.push(web.posted.length)
    }

    expect(tries).toEqual([1, 2, 2])
  } finally {
    await web.close()
  }
})
