import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTagsForResourceCommand,
  ListTopicsCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
  TagResourceCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns'
import { describe, expect, vi } from 'vitest'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

async function topic(igarape: Igarape, Name = 'avisos'): Promise<string> {
  const { TopicArn } = await igarape.client(SNSClient).send(new CreateTopicCommand({ Name }))
  return TopicArn as string
}

interface Posted {
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** A web endpoint that keeps what it is sent, and answers with what it is told. */
async function webEndpoint(statuses: number[] = []) {
  const posted: Posted[] = []
  const server: Server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    posted.push({ headers: request.headers, body })
    response.writeHead(statuses.shift() ?? 200).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sns`
  return { url, posted, close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()) }
}

async function mails(igarape: Igarape): Promise<{ to: string; subject: string; body: string; sentAt: number }[]> {
  const response = await fetch(`${igarape.endpoint}/_igarape/mail`)
  return ((await response.json()) as { messages: never[] }).messages
}

test('an e-mail reaches the mailbox with its subject', async ({ igarape }) => {
  const sns = igarape.client(SNSClient)
  const TopicArn = await topic(igarape)
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint: 'ana@example.com' }))

  await sns.send(new PublishCommand({ TopicArn, Subject: 'Arquivo inválido', Message: "Falta a coluna 'valor'" }))

  const [asked, told] = await mails(igarape)
  expect(asked).toMatchObject({ to: 'ana@example.com', subject: 'AWS Notification - Subscription Confirmation' })
  expect(told).toMatchObject({ to: 'ana@example.com', subject: 'Arquivo inválido' })
  expect(told?.body).toContain("Falta a coluna 'valor'\n")
  expect(told?.body).toContain('to unsubscribe')
})

test('an SMTP server carries e-mails, and a person follows the link before any notification', async () => {
  const smtp = await smtpServer()
  const igarape = await startIgarape({ options: { smtpUrl: smtp.url } })
  try {
    const sns = igarape.client(SNSClient)
    const TopicArn = await topic(igarape)
    const { SubscriptionArn } = await sns.send(
      new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint: 'ana@example.com' }),
    )
    expect(SubscriptionArn).toBe('pending confirmation')
    await sns.send(new PublishCommand({ TopicArn, Message: 'cedo demais' }))
    await vi.waitUntil(() => smtp.letters.length === 1)
    const letter = smtp.letters[0]?.replace(/=\r\n/g, '').replace(/=3D/g, '=') ?? ''
    const link = /http:\/\/\S+Action=ConfirmSubscription\S+/.exec(letter)?.[0] ?? ''

    expect((await fetch(link)).status).toBe(200)
    await sns.send(new PublishCommand({ TopicArn, Message: 'agora sim' }))

    await vi.waitUntil(() => smtp.letters.length === 2)
    expect(smtp.letters[1]).toContain('agora sim')
  } finally {
    await igarape.stop()
    smtp.close()
  }
})

test('a web endpoint confirms, is then notified, and is tried again when it fails', async ({ igarape }) => {
  const sns = igarape.client(SNSClient)
  const web = await webEndpoint([200, 500, 200])
  const TopicArn = await topic(igarape)
  const { SubscriptionArn } = await sns.send(
    new SubscribeCommand({ TopicArn, Protocol: 'http', Endpoint: web.url, ReturnSubscriptionArn: true }),
  )
  await vi.waitUntil(() => web.posted.length === 1)
  const asked = JSON.parse(web.posted[0]?.body ?? '')
  expect(web.posted[0]?.headers['x-amz-sns-message-type']).toBe('SubscriptionConfirmation')
  expect(asked).toMatchObject({ Type: 'SubscriptionConfirmation', TopicArn, Token: expect.any(String) })

  expect(await (await fetch(asked.SubscribeURL)).text()).toContain(
    `<SubscriptionArn>${SubscriptionArn}</SubscriptionArn>`,
  )
  await sns.send(new PublishCommand({ TopicArn, Message: 'olá' }))
  await vi.waitUntil(() => web.posted.length === 2)
  await vi.waitUntil(async () => {
    await igarape.clock.advance({ seconds: 30 })
    return web.posted.length === 3
  })

  const [, first, second] = web.posted
  expect(JSON.parse(second?.body ?? '')).toMatchObject({ Type: 'Notification', Message: 'olá' })
  expect(second?.body).toBe(first?.body)
  expect(second?.headers).toMatchObject({
    'x-amz-sns-message-type': 'Notification',
    'x-amz-sns-subscription-arn': SubscriptionArn,
    'user-agent': 'Amazon Simple Notification Service Agent',
  })
  await web.close()
})

test("the server's own port is never a web endpoint", async ({ igarape }) => {
  const sns = igarape.client(SNSClient)
  const TopicArn = await topic(igarape)
  const { port } = new URL(igarape.endpoint)
  const Endpoint = `http://localhost:${port}/_igarape/reset`

  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'http', Endpoint }))
  await igarape.settled()

  expect((await sns.send(new ListTopicsCommand({}))).Topics).toEqual([{ TopicArn }])
})

test('subscribing the same end again answers with the same subscription', async ({ igarape }) => {
  const sns = igarape.client(SNSClient)
  const TopicArn = await topic(igarape)
  const input = { TopicArn, Protocol: 'sqs', Endpoint: 'arn:aws:sqs:us-east-1:000000000000:fila' }

  const first = await sns.send(new SubscribeCommand(input))
  const again = await sns.send(new SubscribeCommand(input))

  expect(again.SubscriptionArn).toBe(first.SubscriptionArn)
  const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }))
  expect(Subscriptions).toEqual([{ ...input, Owner: '000000000000', SubscriptionArn: first.SubscriptionArn }])
  const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn }))
  expect(Attributes).toMatchObject({ SubscriptionsConfirmed: '1', SubscriptionsPending: '0', Owner: '000000000000' })
})

test('attributes of a subscription are set, shown and taken away', async ({ igarape }) => {
  const sns = igarape.client(SNSClient)
  const TopicArn = await topic(igarape)
  const { SubscriptionArn } = await sns.send(
    new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: 'arn:aws:sqs:us-east-1:000000000000:fila' }),
  )
  const set = (AttributeName: string, AttributeValue?: string) =>
    sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }))
  const shown = async () => (await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))).Attributes

  await set('RawMessageDelivery', 'true')
  await set('FilterPolicy', '{"a":["b"]}')
  expect(await shown()).toMatchObject({
    RawMessageDelivery: 'true',
    FilterPolicy: '{"a":["b"]}',
    FilterPolicyScope: 'MessageAttributes',
    PendingConfirmation: 'false',
  })

  await set('FilterPolicy', '')
  expect(await shown()).not.toHaveProperty('FilterPolicy')
  await expect(set('FilterPolicy', '{"a":"b"}')).rejects.toThrow(/^Invalid parameter: FilterPolicy: /)
  await expect(set('Cor', 'azul')).rejects.toThrow('Invalid parameter: AttributeName')
})

test('a topic takes its subscriptions with it when it is deleted, and deleting it again is a success', async ({
  igarape,
}) => {
  const sns = igarape.client(SNSClient)
  const TopicArn = await topic(igarape)
  const { SubscriptionArn } = await sns.send(
    new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: 'arn:aws:sqs:us-east-1:000000000000:fila' }),
  )

  await sns.send(new DeleteTopicCommand({ TopicArn }))
  await sns.send(new DeleteTopicCommand({ TopicArn }))

  await expect(sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))).rejects.toThrow(
    'Subscription does not exist',
  )
  await sns.send(new UnsubscribeCommand({ SubscriptionArn }))
})

test('a topic may be created again as it is, but not otherwise', async ({ igarape }) => {
  const sns = igarape.client(SNSClient)
  const TopicArn = await topic(igarape)

  expect(await topic(igarape)).toBe(TopicArn)
  await expect(
    sns.send(new CreateTopicCommand({ Name: 'avisos', Attributes: { DisplayName: 'Outro' } })),
  ).rejects.toThrow('Invalid parameter: Attributes Reason: Topic already exists with different attributes')
})

test('tags are kept', async ({ igarape }) => {
  const sns = igarape.client(SNSClient)
  const ResourceArn = await topic(igarape)

  await sns.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key: 'equipe', Value: 'dados' }] }))

  const { Tags } = await sns.send(new ListTagsForResourceCommand({ ResourceArn }))
  expect(Tags).toEqual([{ Key: 'equipe', Value: 'dados' }])
})

describe('a bad subscription is refused in the words of SNS', () => {
  test.for([
    ['sqs', 'fila', 'Invalid parameter: SQS endpoint ARN'],
    ['http', 'ftp://a', 'Invalid parameter: Endpoint must match the specified protocol'],
    ['email', 'ana', 'Invalid parameter: Email address'],
    ['pombo', 'x', 'Invalid parameter: Amazon SNS does not support this protocol string: pombo'],
    ['sms', 'ana', 'Invalid parameter: Invalid SMS endpoint: ana'],
    ['firehose', 'x', 'A subscription of SNS with the protocol firehose is not implemented by Igarapé.'],
    ['application', 'x', 'Invalid parameter: Application endpoint arn invalid:x'],
  ])('%s %s', async ([Protocol, Endpoint, message], { igarape }) => {
    const TopicArn = await topic(igarape)

    await expect(
      igarape.client(SNSClient).send(new SubscribeCommand({ TopicArn, Protocol, Endpoint })),
    ).rejects.toThrow(message)
  })
})

/** As much of an SMTP server as takes letters. */
async function smtpServer(): Promise<{ url: string; letters: string[]; close: () => void }> {
  const letters: string[] = []
  const server = createTcpServer((socket) => {
    let letter: string | undefined
    let held = ''
    socket.on('error', () => {})
    socket.write('220 mailbox\r\n')
    socket.on('data', (bytes) => {
      held += bytes.toString()
      for (let end = held.indexOf('\r\n'); end >= 0; end = held.indexOf('\r\n')) {
        const line = held.slice(0, end)
        held = held.slice(end + 2)
        if (letter !== undefined && line !== '.') letter += `${line}\r\n`
        else if (letter !== undefined) {
          letters.push(letter)
          letter = undefined
          socket.write('250 kept\r\n')
        } else if (line === 'DATA') {
          letter = ''
          socket.write('354 go on\r\n')
        } else socket.write(line.startsWith('QUIT') ? '221 bye\r\n' : '250 ok\r\n')
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`, letters, close: () => server.close() }
}
