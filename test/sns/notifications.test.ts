import {
  CreateBucketCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import { expect } from 'vitest'
import { test } from '../fixture.ts'

test('an object of a bucket is told of by a topic without a policy of its own', async ({ igarape }) => {
  const s3 = igarape.client(S3Client)
  const sns = igarape.client(SNSClient)
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 't' }))
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint: 'ana@example.com' }))
  await s3.send(new CreateBucketCommand({ Bucket: 'bkt' }))
  const NotificationConfiguration = { TopicConfigurations: [{ TopicArn, Events: ['s3:ObjectCreated:*' as const] }] }
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket: 'bkt', NotificationConfiguration }))
  await s3.send(new PutObjectCommand({ Bucket: 'bkt', Key: 'k', Body: 'x' }))
  await igarape.settled()
  const { messages } = (await (await fetch(`${igarape.endpoint}/_igarape/mail`)).json()) as {
    messages: { body: string; subject: string }[]
  }
  expect(messages.map(({ subject }) => subject)).toEqual([
    'AWS Notification - Subscription Confirmation',
    'Amazon S3 Notification',
    'Amazon S3 Notification',
  ])
  expect(messages[2]?.body).toContain('ObjectCreated:Put')
})
