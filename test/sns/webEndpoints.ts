/** Web endpoints of the tests of this folder: real servers, that keep what they are sent and answer as they are told. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  type SNSClient,
  SubscribeCommand,
  type SubscribeCommandInput,
} from '@aws-sdk/client-sns'
import type { Igarape } from '../../src/testkit/server.ts'

export interface Posted {
  headers: IncomingHttpHeaders
  body: string
}

export type Answer = (response: ServerResponse, request: IncomingMessage) => void

export interface WebEndpoint {
  url: string
  posted: Posted[]
  close: () => Promise<unknown>
}

/** Answers notifications by `answers` in turn (or all by the one), and everything else, and what comes after them, with 200. */
export async function webEndpoint(answers: Answer[] | Answer = []): Promise<WebEndpoint> {
  const posted: Posted[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    posted.push({ headers: request.headers, body })
    const isNotification = request.headers['x-amz-sns-message-type'] === 'Notification'
    const answer = isNotification ? (typeof answers === 'function' ? answers : answers.shift()) : undefined
    if (answer) answer(response, request)
    else response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sns`
  return { url, posted, close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()) }
}

/** Subscribes an endpoint, which agrees; what it was asked is no more among what it keeps. */
export async function subscribeWeb(
  igarape: Igarape,
  sns: SNSClient,
  { url, posted }: WebEndpoint,
  more: Partial<SubscribeCommandInput> & { topic?: string; AuthenticateOnUnsubscribe?: string } = {},
): Promise<{ TopicArn: string; SubscriptionArn: string }> {
  const { topic = 'avisos', AuthenticateOnUnsubscribe, ...input } = more
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: topic }))
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'http', Endpoint: url, ...input }))
  await igarape.settled()
  const { Token } = JSON.parse(posted[0]?.body ?? '{}') as { Token: string }
  const command = new ConfirmSubscriptionCommand({ TopicArn, Token, AuthenticateOnUnsubscribe })
  const { SubscriptionArn = '' } = await sns.send(command)
  posted.length = 0
  return { TopicArn, SubscriptionArn }
}
