/** What the tests of API destinations begin with: a connection, a destination, a rule on it, and a dead-letter queue. */
import {
  CreateApiDestinationCommand,
  type CreateApiDestinationCommandInput,
  CreateConnectionCommand,
  type CreateConnectionCommandInput,
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  type Target,
} from '@aws-sdk/client-eventbridge'
import { CreateQueueCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { Igarape } from '../../src/testkit/server.ts'

const deadLetterArn = 'arn:aws:sqs:us-east-1:000000000000:dead'
const RoleArn = 'arn:aws:iam::000000000000:role/events'

export const apiKey = {
  AuthorizationType: 'API_KEY',
  AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'X-Key', ApiKeyValue: 'secret-value' } },
} as const

type Settings = {
  connection?: Partial<CreateConnectionCommandInput>
  destination?: Partial<CreateApiDestinationCommandInput>
  target?: Partial<Target>
}

/** Events of source `app` go to the address. */
export async function sendingTo(igarape: Igarape, url: string, settings: Settings = {}): Promise<{ arn: string }> {
  const events = igarape.client(EventBridgeClient)
  await igarape.client(SQSClient).send(new CreateQueueCommand({ QueueName: 'dead' }))
  const connection = { Name: 'partner', ...apiKey, ...settings.connection }
  const { ConnectionArn } = await events.send(new CreateConnectionCommand(connection as CreateConnectionCommandInput))
  await igarape.settled()
  const { ApiDestinationArn: arn = '' } = await events.send(
    new CreateApiDestinationCommand({
      Name: 'orders',
      ConnectionArn,
      InvocationEndpoint: url,
      HttpMethod: 'POST',
      ...settings.destination,
    }),
  )
  await events.send(new PutRuleCommand({ Name: 'out', EventPattern: '{"source":["app"]}' }))
  const DeadLetterConfig = { Arn: deadLetterArn }
  const target: Target = { Id: 'web', Arn: arn, RoleArn, DeadLetterConfig, ...settings.target }
  await events.send(new PutTargetsCommand({ Rule: 'out', Targets: [target] }))
  return { arn }
}

export async function putEvents(igarape: Igarape, ...details: object[]): Promise<void> {
  const Entries = details.map((detail) => ({ Source: 'app', DetailType: 'sale', Detail: JSON.stringify(detail) }))
  for (let from = 0; from < Entries.length; from += 10) {
    await igarape.client(EventBridgeClient).send(new PutEventsCommand({ Entries: Entries.slice(from, from + 10) }))
  }
}

/** What lies in the dead-letter queue: each letter's attributes, and its body. */
export async function deadLetters(igarape: Igarape): Promise<(Record<string, string> & { body: string })[]> {
  const sqs = igarape.client(SQSClient)
  const QueueUrl = `${igarape.endpoint}/000000000000/dead`
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
  )
  return Messages.map(lettered)
}

function lettered({ Body = '', MessageAttributes = {} }: Message) {
  const attributes = Object.entries(MessageAttributes).map(([name, value]) => [name, value.StringValue])
  return { ...Object.fromEntries(attributes), body: Body }
}
