import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import {
  CreateTopicCommand,
  PublishCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns'
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

const role = 'arn:aws:iam::000000000000:role/SNSLogs'
const queueArn = 'arn:aws:sqs:us-east-1:000000000000:fila'

async function topicOf(igarape: Igarape, Attributes: Record<string, string>): Promise<string> {
  const sns = igarape.client(SNSClient)
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'vendas', Attributes }))
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queueArn }))
  return TopicArn
}

async function logged(igarape: Igarape, logGroupName: string): Promise<unknown[]> {
  const logs = igarape.client(CloudWatchLogsClient)
  const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName }))
  return events.map(({ message = '' }) => JSON.parse(message))
}

test('deliveries that arrived and that failed are logged where AWS logs them', async ({ igarape }) => {
  const sns = igarape.client(SNSClient)
  const TopicArn = await topicOf(igarape, {
    SQSSuccessFeedbackRoleArn: role,
    SQSSuccessFeedbackSampleRate: '100',
    SQSFailureFeedbackRoleArn: role,
  })

  const failed = await sns.send(new PublishCommand({ TopicArn, Message: 'sem fila' }))
  await igarape.client(SQSClient).send(new CreateQueueCommand({ QueueName: 'fila' }))
  const arrived = await sns.send(new PublishCommand({ TopicArn, Message: 'olá' }))
  await igarape.settled()

  expect(await logged(igarape, 'sns/us-east-1/000000000000/vendas')).toMatchObject([
    {
      notification: {
        messageId: arrived.MessageId,
        topicArn: TopicArn,
        messageMD5Sum: expect.stringMatching(/^\w{32}$/),
      },
      delivery: { destination: queueArn, attempts: 1, dwellTimeMs: 0, statusCode: 200 },
      status: 'SUCCESS',
    },
  ])
  expect(await logged(igarape, 'sns/us-east-1/000000000000/vendas/Failure')).toMatchObject([
    {
      notification: { messageId: failed.MessageId },
      delivery: { providerResponse: expect.stringContaining('The specified queue does not exist.'), statusCode: 400 },
      status: 'FAILURE',
    },
  ])
})

test('a sample rate of zero logs no success, and half of them logs some', async ({ igarape }) => {
  const sns = igarape.client(SNSClient)
  await igarape.client(SQSClient).send(new CreateQueueCommand({ QueueName: 'fila' }))
  const TopicArn = await topicOf(igarape, { SQSSuccessFeedbackRoleArn: role, SQSSuccessFeedbackSampleRate: '0' })
  const publish = (Message: string) => sns.send(new PublishCommand({ TopicArn, Message }))

  await publish('calada')
  await igarape.settled()
  await expect(logged(igarape, 'sns/us-east-1/000000000000/vendas')).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
  await sns.send(
    new SetTopicAttributesCommand({ TopicArn, AttributeName: 'SQSSuccessFeedbackSampleRate', AttributeValue: '50' }),
  )
  for (let sent = 0; sent < 40; sent++) await publish(String(sent))
  await igarape.settled()

  const { length } = await logged(igarape, 'sns/us-east-1/000000000000/vendas')
  expect(length).toBeGreaterThan(0)
  expect(length).toBeLessThan(40)
})

test.for([
  ['FirehoseSuccessFeedbackRoleArn', role],
  ['ApplicationFailureFeedbackRoleArn', role],
])('%s is refused by name, when a topic is made and later', async ([AttributeName = '', value = ''], { igarape }) => {
  const sns = igarape.client(SNSClient)
  const refused = { name: 'NotImplemented', message: expect.stringContaining(AttributeName) }

  await expect(
    sns.send(new CreateTopicCommand({ Name: 'a', Attributes: { [AttributeName]: value } })),
  ).rejects.toMatchObject(refused)
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'b' }))
  await expect(
    sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName, AttributeValue: value })),
  ).rejects.toMatchObject(refused)
})

test.for([
  ['SQSSuccessFeedbackSampleRate', '101'],
  ['HTTPFailureFeedbackRoleArn', 'papel'],
])('%s %s is invalid', async ([name = '', value = ''], { igarape }) => {
  const command = new CreateTopicCommand({ Name: 'a', Attributes: { [name]: value } })

  await expect(igarape.client(SNSClient).send(command)).rejects.toThrow(`Invalid parameter: ${name}`)
})
