import {
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SNSClient,
} from '@aws-sdk/client-sns'
import { expect } from 'vitest'
import { pauseSeconds, type RetryPhases } from '../../src/delivery/retryPhases.ts'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { subscribeWeb, type WebEndpoint, webEndpoint } from './webEndpoints.ts'

/** A web endpoint that agrees to its subscription, and answers all notifications by one status. */
const answering = (status: number) => webEndpoint((response) => response.writeHead(status).end())

async function subscribed(igarape: Igarape, web: WebEndpoint, policy: object) {
  const sns = igarape.client(SNSClient)
  const Attributes = { DeliveryPolicy: JSON.stringify(policy) }
  return { sns, ...(await subscribeWeb(igarape, sns, web, { Attributes })) }
}

const phases = {
  immediate: 1,
  before: 1,
  backingOff: 3,
  after: 1,
  delaySecondsMin: 10,
  delaySecondsMax: 40,
} as const

test.each<[RetryPhases['backoff'], number[]]>([
  ['linear', [0, 10, 10, 25, 40, 40]],
  ['arithmetic', [0, 10, 10, 20, 40, 40]],
  ['geometric', [0, 10, 10, 13.75, 40, 40]],
  ['exponential', [0, 10, 10, 20, 40, 40]],
])('the pauses between retries grow %s from the shortest to the longest', (backoff, wanted) => {
  expect(wanted.map((_, index) => pauseSeconds({ ...phases, backoff }, index + 1))).toEqual(wanted)
})

test('a web endpoint is tried again in the phases of its policy, each at its time', async ({ igarape }) => {
  const web = await answering(503)
  try {
    const healthyRetryPolicy = {
      minDelayTarget: 10,
      maxDelayTarget: 100,
      numRetries: 4,
      numNoDelayRetries: 1,
      numMinDelayRetries: 1,
      numMaxDelayRetries: 1,
      backoffFunction: 'linear',
    }
    const requestPolicy = { headerContentType: 'application/json' }
    const { sns, TopicArn } = await subscribed(igarape, web, { healthyRetryPolicy, requestPolicy })
    await sns.send(new PublishCommand({ TopicArn, Message: '{}' }))
    await igarape.settled()

    const tries: number[] = []
    for (const seconds of [1, 7, 3, 80, 20, 80, 21]) {
      await igarape.clock.advance({ seconds })
      tries.push(web.posted.length)
    }

    expect(tries).toEqual([2, 2, 3, 3, 4, 4, 5])
    expect(web.posted[0]?.headers['content-type']).toBe('application/json')
    await igarape.clock.advance({ hours: 2 })
    expect(web.posted).toHaveLength(5)
  } finally {
    await web.close()
  }
})

test('a web endpoint takes no more messages a second than its policy says', async ({ igarape }) => {
  const web = await answering(200)
  try {
    const policy = { throttlePolicy: { maxReceivesPerSecond: 2 } }
    const { sns, TopicArn } = await subscribed(igarape, web, policy)
    for (const Message of ['1', '2', '3', '4', '5']) await sns.send(new PublishCommand({ TopicArn, Message }))
    await igarape.settled()

    const counts = [web.posted.length]
    for (let second = 0; second < 2; second++) {
      await igarape.clock.advance({ seconds: 1 })
      counts.push(web.posted.length)
    }

    expect(counts).toEqual([2, 4, 5])
  } finally {
    await web.close()
  }
})

test('the effective policy is shown, and one that contradicts itself is refused', async ({ igarape }) => {
  const web = await answering(200)
  try {
    const healthyRetryPolicy = { numRetries: 7, minDelayTarget: 5, maxDelayTarget: 9 }
    const { sns, TopicArn, SubscriptionArn } = await subscribed(igarape, web, { healthyRetryPolicy })
    const own = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))
    const topics = await sns.send(new GetTopicAttributesCommand({ TopicArn }))

    expect(JSON.parse(own.Attributes?.EffectiveDeliveryPolicy ?? '')).toMatchObject({
      healthyRetryPolicy: { numRetries: 7, minDelayTarget: 5, maxDelayTarget: 9, backoffFunction: 'linear' },
    })
    expect(JSON.parse(topics.Attributes?.EffectiveDeliveryPolicy ?? '')).toMatchObject({
      http: { defaultHealthyRetryPolicy: { numRetries: 3, minDelayTarget: 20 }, disableSubscriptionOverrides: false },
    })
    for (const wrong of [
      { healthyRetryPolicy: { numRetries: 101 } },
      { healthyRetryPolicy: { minDelayTarget: 30, maxDelayTarget: 20 } },
      { healthyRetryPolicy: { numRetries: 2, numNoDelayRetries: 3 } },
      { healthyRetryPolicy: { backoffFunction: 'cubic' } },
      { throttlePolicy: { maxReceivesPerSecond: 0 } },
      { requestPolicy: { headerContentType: 'image/png' } },
    ]) {
      const change = { SubscriptionArn, AttributeName: 'DeliveryPolicy', AttributeValue: JSON.stringify(wrong) }
      await expect(sns.send(new SetSubscriptionAttributesCommand(change))).rejects.toMatchObject({
        name: 'InvalidParameterException',
      })
    }
  } finally {
    await web.close()
  }
})
