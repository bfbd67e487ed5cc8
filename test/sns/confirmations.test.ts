import {
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { subscribeWeb, webEndpoint } from './webEndpoints.ts'

test('an endpoint is told that it was unsubscribed, and may restore its subscription', async ({ igarape }) => {
  const web = await webEndpoint()
  try {
    const sns = igarape.client(SNSClient)
    const { TopicArn, SubscriptionArn } = await subscribeWeb(igarape, sns, web)
    await sns.send(new PublishCommand({ TopicArn, Message: 'um' }))
    await igarape.settled()
    const { UnsubscribeURL } = JSON.parse(web.posted[0]?.body ?? '')
    expect((await fetch(UnsubscribeURL)).status).toBe(200)
    await igarape.settled()

    const told = JSON.parse(web.posted[1]?.body ?? '')
    expect(web.posted[1]?.headers).toMatchObject({
      'x-amz-sns-message-type': 'UnsubscribeConfirmation',
      'x-amz-sns-subscription-arn': SubscriptionArn,
    })
    expect(told).toMatchObject({
      Type: 'UnsubscribeConfirmation',
      TopicArn,
      Message: `You have chosen to deactivate subscription ${SubscriptionArn}.\nTo cancel this operation and restore the subscription, visit the SubscribeURL included in this message.`,
    })
    await sns.send(new PublishCommand({ TopicArn, Message: 'ninguém ouve' }))
    expect((await fetch(told.SubscribeURL)).status).toBe(200)
    await sns.send(new PublishCommand({ TopicArn, Message: 'dois' }))
    await igarape.settled()

    expect(web.posted.slice(2).map(({ body }) => JSON.parse(body).Message)).toEqual(['dois'])
  } finally {
    await web.close()
  }
})

test('a person who is unsubscribed by a link is told so', async ({ igarape }) => {
  const sns = igarape.client(SNSClient)
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'avisos' }))
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint: 'ana@example.com' }))
  const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }))
  const arn = encodeURIComponent(Subscriptions?.[0]?.SubscriptionArn ?? '')

  expect((await fetch(`${igarape.endpoint}/?Action=Unsubscribe&SubscriptionArn=${arn}`)).status).toBe(200)

  const { messages } = (await (await fetch(`${igarape.endpoint}/_igarape/mail`)).json()) as {
    messages: { subject: string; body: string }[]
  }
  expect(messages.at(-1)?.subject).toBe('AWS Notification - Unsubscribe Confirmation')
  expect(messages.at(-1)?.body).toContain('Action=ConfirmSubscription')
})

test('who confirmed with AuthenticateOnUnsubscribe is not unsubscribed by a link', async ({ igarape }) => {
  const web = await webEndpoint()
  try {
    const sns = igarape.client(SNSClient)
    const { TopicArn, SubscriptionArn } = await subscribeWeb(igarape, sns, web, { AuthenticateOnUnsubscribe: 'true' })
    await sns.send(new PublishCommand({ TopicArn, Message: 'um' }))
    await igarape.settled()
    const link = JSON.parse(web.posted[0]?.body ?? '').UnsubscribeURL

    const answer = await fetch(link)

    expect(answer.status).toBe(403)
    expect(await answer.text()).toContain('<Code>AuthorizationError</Code>')
    const { Attributes } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))
    expect(Attributes).toMatchObject({ ConfirmationWasAuthenticated: 'true', PendingConfirmation: 'false' })
    await sns.send(new UnsubscribeCommand({ SubscriptionArn }))
    await expect(sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))).rejects.toMatchObject({
      name: 'NotFoundException',
    })
  } finally {
    await web.close()
  }
})

test('a queue is not unsubscribed by a link either, nor does a link demand signatures', async ({ igarape }) => {
  const sns = igarape.client(SNSClient)
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'avisos' }))
  const { SubscriptionArn = '' } = await sns.send(
    new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: 'arn:aws:sqs:us-east-1:000000000000:fila' }),
  )
  const follow = (query: Record<string, string>) => fetch(`${igarape.endpoint}/?${new URLSearchParams(query)}`)

  const ended = await follow({ Action: 'Unsubscribe', SubscriptionArn })
  const confirmed = await follow({
    Action: 'ConfirmSubscription',
    TopicArn,
    Token: 'x',
    AuthenticateOnUnsubscribe: 'true',
  })

  expect([ended.status, confirmed.status]).toEqual([403, 403])
})

test('a subscription that nobody confirms within two days is gone, and so is the way back', async ({ igarape }) => {
  const web = await webEndpoint()
  try {
    const sns = igarape.client(SNSClient)
    const { TopicArn, SubscriptionArn } = await subscribeWeb(igarape, sns, web)
    const pending = { TopicArn, Protocol: 'http', Endpoint: `${web.url}/outro` }
    await sns.send(new SubscribeCommand(pending))
    await sns.send(new UnsubscribeCommand({ SubscriptionArn }))
    await igarape.settled()
    const tokens = web.posted.map(({ body }) => JSON.parse(body).Token as string)
    const listed = async () =>
      (await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions?.map(
        (one) => one.SubscriptionArn,
      )

    await igarape.clock.advance({ hours: 47 })
    expect(await listed()).toEqual(['PendingConfirmation'])
    await igarape.clock.advance({ hours: 2 })

    expect(await listed()).toEqual([])
    expect(tokens).toHaveLength(2)
    for (const Token of tokens) {
      await expect(sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token }))).rejects.toThrow(
        'Invalid parameter: Token',
      )
    }
  } finally {
    await web.close()
  }
})
