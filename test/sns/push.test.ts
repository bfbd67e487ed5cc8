import {
  CreatePlatformApplicationCommand,
  CreatePlatformEndpointCommand,
  CreateTopicCommand,
  DeleteEndpointCommand,
  DeletePlatformApplicationCommand,
  GetEndpointAttributesCommand,
  GetPlatformApplicationAttributesCommand,
  ListEndpointsByPlatformApplicationCommand,
  ListPlatformApplicationsCommand,
  PublishCommand,
  SetEndpointAttributesCommand,
  SetPlatformApplicationAttributesCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns'
import { SQSClient } from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { makeQueue, receive } from '../sqs/queues.ts'

async function application(sns: SNSClient, Platform = 'GCM'): Promise<string> {
  const Attributes = { PlatformCredential: 'segredo' }
  const command = new CreatePlatformApplicationCommand({ Name: 'loja', Platform, Attributes })
  return (await sns.send(command)).PlatformApplicationArn ?? ''
}

async function endpoint(sns: SNSClient, PlatformApplicationArn: string, Token = 'a1', CustomUserData = '') {
  const command = new CreatePlatformEndpointCommand({ PlatformApplicationArn, Token, CustomUserData })
  return (await sns.send(command)).EndpointArn ?? ''
}

async function outbox(igarape: Igarape): Promise<{ kind: string; to: string; text: string }[]> {
  const response = await fetch(`${igarape.endpoint}/_igarape/outbox`)
  return ((await response.json()) as { messages: never[] }).messages
}

test('a notification published to an endpoint stays in the outbox, in the text of its platform', async ({
  igarape,
}) => {
  const sns = igarape.client(SNSClient)
  const TargetArn = await endpoint(sns, await application(sns))
  const Message = JSON.stringify({ default: 'longo', GCM: '{"notification":{"title":"Olá"}}' })

  const { MessageId } = await sns.send(new PublishCommand({ TargetArn, MessageStructure: 'json', Message }))

  expect(await outbox(igarape)).toMatchObject([
    { id: MessageId, kind: 'push', to: TargetArn, text: '{"notification":{"title":"Olá"}}' },
  ])
})

test('a topic tells an endpoint; a disabled one is a dead letter at once', async ({ igarape }) => {
  const sns = igarape.client(SNSClient)
  const sqs = igarape.client(SQSClient)
  const dead = await makeQueue(sqs, 'mortas')
  const EndpointArn = await endpoint(sns, await application(sns))
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'ofertas' }))
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn })
  await sns.send(
    new SubscribeCommand({ TopicArn, Protocol: 'application', Endpoint: EndpointArn, Attributes: { RedrivePolicy } }),
  )

  await sns.send(new PublishCommand({ TopicArn, Message: 'chega' }))
  await sns.send(new SetEndpointAttributesCommand({ EndpointArn, Attributes: { Enabled: 'false' } }))
  await sns.send(new PublishCommand({ TopicArn, Message: 'não chega' }))
  await igarape.settled()

  expect((await outbox(igarape)).map(({ to, text }) => [to, text])).toEqual([[EndpointArn, 'chega']])
  const [letter] = await receive(sqs, dead.url, { MessageAttributeNames: ['All'] })
  expect(letter?.Body).toBe('não chega')
  expect(letter?.MessageAttributes?.ERROR_CODE?.StringValue).toBe('EndpointDisabled')
})

test('publishing to an endpoint that is disabled or gone fails in the words of SNS', async ({ igarape }) => {
  const sns = igarape.client(SNSClient)
  const EndpointArn = await endpoint(sns, await application(sns))
  const publish = () => sns.send(new PublishCommand({ TargetArn: EndpointArn, Message: 'x' }))

  await sns.send(new SetEndpointAttributesCommand({ EndpointArn, Attributes: { Enabled: 'false' } }))
  await expect(publish()).rejects.toMatchObject({ name: 'EndpointDisabledException', message: 'Endpoint is disabled' })
  await sns.send(new DeleteEndpointCommand({ EndpointArn }))
  await sns.send(new DeleteEndpointCommand({ EndpointArn }))

  await expect(publish()).rejects.toThrow(
    'Invalid parameter: TargetArn Reason: No endpoint found for the target arn specified',
  )
  await expect(sns.send(new GetEndpointAttributesCommand({ EndpointArn }))).rejects.toMatchObject({
    name: 'NotFoundException',
  })
  expect(await outbox(igarape)).toEqual([])
})

test('a token has one endpoint, which answers again where nothing given differs', async ({ igarape }) => {
  const sns = igarape.client(SNSClient)
  const arn = await application(sns)
  const EndpointArn = await endpoint(sns, arn, 'a1', 'ana')
  await sns.send(new SetEndpointAttributesCommand({ EndpointArn, Attributes: { Enabled: 'false' } }))

  expect(await endpoint(sns, arn, 'a1', 'ana')).toBe(EndpointArn)
  await expect(endpoint(sns, arn, 'a1', 'bia')).rejects.toThrow(
    `Invalid parameter: Token Reason: Endpoint ${EndpointArn} already exists with the same Token, but different attributes.`,
  )
  const other = await endpoint(sns, arn, 'b2')
  await expect(
    sns.send(new SetEndpointAttributesCommand({ EndpointArn: other, Attributes: { Token: 'a1' } })),
  ).rejects.toThrow('already exists with the same Token')
  await sns.send(new SetEndpointAttributesCommand({ EndpointArn, Attributes: { Token: 'c3' } }))
  expect(await endpoint(sns, arn, 'a1')).not.toBe(EndpointArn)

  const { Endpoints = [] } = await sns.send(
    new ListEndpointsByPlatformApplicationCommand({ PlatformApplicationArn: arn }),
  )
  expect(Endpoints.map(({ Attributes }) => Attributes?.Token).sort()).toEqual(['a1', 'b2', 'c3'])
  const { Attributes } = await sns.send(new GetEndpointAttributesCommand({ EndpointArn }))
  expect(Attributes).toEqual({ Enabled: 'false', Token: 'c3', CustomUserData: 'ana' })
})

test('an application hides its credentials, and takes its endpoints with it', async ({ igarape }) => {
  const sns = igarape.client(SNSClient)
  const PlatformApplicationArn = await application(sns)
  const EndpointArn = await endpoint(sns, PlatformApplicationArn)

  const { Attributes } = await sns.send(new GetPlatformApplicationAttributesCommand({ PlatformApplicationArn }))
  const listed = await sns.send(new ListPlatformApplicationsCommand({}))
  const change = { PlatformApplicationArn, Attributes: { PlatformCredential: 'outro' } }
  await sns.send(new SetPlatformApplicationAttributesCommand(change))

  expect(Attributes).toEqual({ Enabled: 'true' })
  expect(listed.PlatformApplications).toEqual([{ PlatformApplicationArn, Attributes: { Enabled: 'true' } }])
  await expect(application(sns)).rejects.toThrow('An application with the same name but different properties')
  await sns.send(new DeletePlatformApplicationCommand({ PlatformApplicationArn }))
  await expect(endpoint(sns, PlatformApplicationArn)).rejects.toThrow('PlatformApplication does not exist')
  await expect(sns.send(new GetEndpointAttributesCommand({ EndpointArn }))).rejects.toThrow('Endpoint does not exist')
})

test('what cannot be an application or an endpoint is refused', async ({ igarape }) => {
  const sns = igarape.client(SNSClient)
  const create = (Platform: string, Attributes: Record<string, string>) =>
    sns.send(new CreatePlatformApplicationCommand({ Name: 'loja', Platform, Attributes }))
  const apple = await application(sns, 'APNS')

  await expect(create('POMBO', { PlatformCredential: 'x' })).rejects.toMatchObject({
    name: 'InvalidParameterException',
  })
  await expect(create('GCM', { PlatformPrincipal: 'x' })).rejects.toThrow('without PlatformCredential')
  await expect(
    create('GCM', { PlatformCredential: 'x', EventEndpointCreated: 'arn:aws:sns:us-east-1:000000000000:t' }),
  ).rejects.toMatchObject({ name: 'NotImplemented', message: expect.stringContaining('EventEndpointCreated') })
  await expect(endpoint(sns, apple, 'não é hexadecimal')).rejects.toThrow(
    'Invalid parameter: Token Reason: iOS device tokens must be no more than 400 hexadecimal characters',
  )
  await expect(endpoint(sns, apple, 'a1', 'x'.repeat(2_049))).rejects.toThrow('at most 2048 bytes long')
})
