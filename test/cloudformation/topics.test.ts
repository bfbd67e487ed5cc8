/** AWS::SNS::* in a stack's life: made with all they have, changed in place, taken back, deleted. */
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation'
import {
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTagsForResourceCommand,
  ListTopicsCommand,
  PublishCommand,
  SNSClient,
} from '@aws-sdk/client-sns'
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

const queueArn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`

test('a topic has its subscriptions, attributes and tags, and loses and gains them by updates', async ({ igarape }) => {
  await makeQueues(igarape, 'todas', 'recusas')
  const topic = (Properties: object) => ({ Resources: { Avisos: { Type: 'AWS::SNS::Topic', Properties } } })
  const subscription = (name: string) => ({ Protocol: 'sqs', Endpoint: queueArn(name) })
  const Tags = [{ Key: 'loja', Value: '123' }]
  const made = await deployed(igarape, topic({ DisplayName: 'Avisos', Tags, Subscription: [subscription('todas')] }))
  const TopicArn = made.ids.Avisos as string

  expect(made.status).toBe('CREATE_COMPLETE')
  expect(await attributes(igarape, TopicArn)).toMatchObject({ DisplayName: 'Avisos', SubscriptionsConfirmed: '1' })
  expect(await tags(igarape, TopicArn)).toMatchObject({ loja: '123' })

  const changed = await deployed(igarape, topic({ SignatureVersion: '2', Subscription: [subscription('recusas')] }))

  expect(changed.status).toBe('UPDATE_COMPLETE')
  expect(changed.ids.Avisos).toBe(TopicArn)
  expect(await attributes(igarape, TopicArn)).toMatchObject({ DisplayName: '', SignatureVersion: '2' })
  expect(await tags(igarape, TopicArn)).not.toHaveProperty('loja')
  expect(await endpoints(igarape, TopicArn)).toEqual([queueArn('recusas')])

  await removed(igarape)
  expect((await igarape.client(SNSClient).send(new ListTopicsCommand({}))).Topics ?? []).toEqual([])
})

test('delivery status logging is set by protocol and taken back, a data protection policy too', async ({ igarape }) => {
  const topic = (Properties: object) => ({ Resources: { Avisos: { Type: 'AWS::SNS::Topic', Properties } } })
  const role = 'arn:aws:iam::000000000000:role/SNSLogs'
  const http = { Protocol: 'http/s', SuccessFeedbackRoleArn: role, SuccessFeedbackSampleRate: '10' }
  const made = await deployed(igarape, topic({ DeliveryStatusLogging: [http] }))
  const TopicArn = made.ids.Avisos as string

  expect(await attributes(igarape, TopicArn)).toMatchObject({
    HTTPSuccessFeedbackRoleArn: role,
    HTTPSuccessFeedbackSampleRate: '10',
  })
  await deployed(igarape, topic({ DeliveryStatusLogging: [{ Protocol: 'sqs', FailureFeedbackRoleArn: role }] }))
  const after = await attributes(igarape, TopicArn)
  expect(after).toMatchObject({ SQSFailureFeedbackRoleArn: role })
  expect(after).not.toHaveProperty('HTTPSuccessFeedbackRoleArn')

  const Statement = [
    {
      DataDirection: 'Inbound',
      Principal: ['*'],
      DataIdentifier: ['arn:aws:dataprotection::aws:data-identifier/EmailAddress'],
      Operation: { Deny: {} },
    },
  ]
  const DataProtectionPolicy = { Name: 'p', Version: '2021-06-01', Statement }
  const publish = () => igarape.client(SNSClient).send(new PublishCommand({ TopicArn, Message: 'ana@loja.com' }))
  await deployed(igarape, topic({ DataProtectionPolicy }))
  await expect(publish()).rejects.toMatchObject({ name: 'AuthorizationErrorException' })
  const refused = await deployed(igarape, topic({ DataProtectionPolicy: { Name: 'p' } }))
  expect(refused.status).toBe('UPDATE_ROLLBACK_COMPLETE')
  await expect(publish()).rejects.toMatchObject({ name: 'AuthorizationErrorException' })
  await deployed(igarape, topic({}))
  await publish()
})

test('another name makes another topic, and the old one goes', async ({ igarape }) => {
  const named = (TopicName: string) => ({
    Resources: { Avisos: { Type: 'AWS::SNS::Topic', Properties: { TopicName, FifoTopic: true } } },
  })
  const before = await deployed(igarape, named('avisos.fifo'))
  const after = await deployed(igarape, named('recusas.fifo'))

  expect(before.ids.Avisos).toMatch(/:avisos\.fifo$/)
  expect(after.ids.Avisos).toMatch(/:recusas\.fifo$/)
  const { Topics = [] } = await igarape.client(SNSClient).send(new ListTopicsCommand({}))
  expect(Topics.map(({ TopicArn }) => TopicArn)).toEqual([after.ids.Avisos])
})

test('a subscription filters as its template says, also after the template changed', async ({ igarape }) => {
  await makeQueues(igarape, 'grandes')
  const template = (Properties: object) => ({
    Resources: {
      Avisos: { Type: 'AWS::SNS::Topic' },
      Grandes: {
        Type: 'AWS::SNS::Subscription',
        Properties: { TopicArn: { Ref: 'Avisos' }, Protocol: 'sqs', Endpoint: queueArn('grandes'), ...Properties },
      },
    },
  })
  const ofBodies = (FilterPolicy: object) =>
    template({ RawMessageDelivery: true, FilterPolicyScope: 'MessageBody', FilterPolicy })
  const { ids } = await deployed(igarape, template({ FilterPolicy: { loja: ['123'] } }))
  const TopicArn = ids.Avisos as string
  await publish(igarape, TopicArn, 'de loja nenhuma')
  expect(await received(igarape, 'grandes')).toEqual([])

  const again = await deployed(igarape, ofBodies({ venda: { valor: [{ numeric: ['>', 100] }] } }))
  await publish(igarape, TopicArn, '{"venda":{"valor":2}}', '{"venda":{"valor":102}}')
  expect(again).toMatchObject({ status: 'UPDATE_COMPLETE', ids: { Grandes: ids.Grandes } })
  expect(await received(igarape, 'grandes')).toEqual(['{"venda":{"valor":102}}'])

  const unfiltered = await deployed(igarape, template({}))
  await publish(igarape, TopicArn, 'tudo')
  expect(unfiltered.status).toBe('UPDATE_COMPLETE')
  expect((await received(igarape, 'grandes')).map((body) => JSON.parse(body).Message)).toEqual(['tudo'])
  const { Attributes } = await igarape
    .client(SNSClient)
    .send(new GetSubscriptionAttributesCommand({ SubscriptionArn: ids.Grandes }))
  expect(Attributes).toMatchObject({ RawMessageDelivery: 'false' })
})

test('a policy is the topic’s while the template has it', async ({ igarape }) => {
  const topic = { Avisos: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'avisos' } } }
  const statement = { Sid: 'ninguem', Effect: 'Deny', Principal: '*', Action: 'sns:Publish', Resource: '*' }
  const PolicyDocument = { Version: '2012-10-17', Statement: [statement] }
  const policy = { Type: 'AWS::SNS::TopicPolicy', Properties: { Topics: [{ Ref: 'Avisos' }], PolicyDocument } }
  const { ids } = await deployed(igarape, { Resources: { ...topic, Regra: policy } })
  const TopicArn = ids.Avisos as string

  expect((await attributes(igarape, TopicArn)).Policy).toContain('ninguem')

  await deployed(igarape, { Resources: topic })
  expect((await attributes(igarape, TopicArn)).Policy).not.toContain('ninguem')
})

async function deployed(igarape: Igarape, template: object) {
  const cloudFormation = igarape.client(CloudFormationClient)
  const input = { StackName: 'loja', TemplateBody: JSON.stringify(template) }
  const isThere = await cloudFormation.send(new DescribeStacksCommand({ StackName: 'loja' })).then(
    () => true,
    () => false,
  )
  if (isThere) await cloudFormation.send(new UpdateStackCommand(input))
  else await cloudFormation.send(new CreateStackCommand(input))
  await igarape.settled()
  const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: 'loja' }))
  const { StackResources = [] } = await cloudFormation.send(new DescribeStackResourcesCommand({ StackName: 'loja' }))
  return {
    status: Stacks?.[0]?.StackStatus,
    ids: Object.fromEntries(StackResources.map((one) => [one.LogicalResourceId, one.PhysicalResourceId])),
  }
}

async function removed(igarape: Igarape): Promise<void> {
  await igarape.client(CloudFormationClient).send(new DeleteStackCommand({ StackName: 'loja' }))
  await igarape.settled()
}

async function makeQueues(igarape: Igarape, ...names: string[]): Promise<void> {
  for (const QueueName of names) await igarape.client(SQSClient).send(new CreateQueueCommand({ QueueName }))
}

async function attributes(igarape: Igarape, TopicArn: string) {
  return (await igarape.client(SNSClient).send(new GetTopicAttributesCommand({ TopicArn }))).Attributes ?? {}
}

async function tags(igarape: Igarape, ResourceArn: string) {
  const { Tags = [] } = await igarape.client(SNSClient).send(new ListTagsForResourceCommand({ ResourceArn }))
  return Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]))
}

async function endpoints(igarape: Igarape, TopicArn: string) {
  const { Subscriptions = [] } = await igarape.client(SNSClient).send(new ListSubscriptionsByTopicCommand({ TopicArn }))
  return Subscriptions.map(({ Endpoint }) => Endpoint)
}

async function publish(igarape: Igarape, TopicArn: string, ...messages: string[]): Promise<void> {
  for (const Message of messages) await igarape.client(SNSClient).send(new PublishCommand({ TopicArn, Message }))
  await igarape.settled()
}

async function received(igarape: Igarape, queue: string): Promise<string[]> {
  const QueueUrl = `${igarape.endpoint}/000000000000/${queue}`
  const receive = { QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 43_200 }
  const { Messages = [] } = await igarape.client(SQSClient).send(new ReceiveMessageCommand(receive))
  return Messages.map(({ Body = '' }) => Body)
}
