import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import { SQSClient } from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { makeQueue } from '../sqs/queues.ts'

test('a topic counts what is published, filtered out, delivered and failed', async ({ igarape }) => {
  const sns = igarape.client(SNSClient)
  const { arn } = await makeQueue(igarape.client(SQSClient), 'fila')
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'avisos' }))
  const subscribe = (Endpoint: string, FilterPolicy: string) =>
    sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes: { FilterPolicy } }))
  await subscribe(arn, '{"loja":[{"exists":false}]}')
  await subscribe(`${arn}-nenhuma`, '{"loja":["123"]}')

  await sns.send(new PublishCommand({ TopicArn, Message: 'sem loja' }))
  const MessageAttributes = { loja: { DataType: 'String', StringValue: '123' } }
  await sns.send(new PublishCommand({ TopicArn, Message: 'com loja', MessageAttributes }))
  await igarape.settled()

  const { minutes } = (await (await fetch(`${igarape.endpoint}/_igarape/meters`)).json()) as {
    minutes: { source: string; meters: Record<string, { count: number }> }[]
  }
  expect(minutes.find(({ source }) => source === TopicArn)?.meters).toMatchObject({
    messagesPublished: { count: 2 },
    notificationsFilteredOut: { count: 2 },
    invocationsDelivered: { count: 1 },
    invocationsFailed: { count: 1 },
  })
})
