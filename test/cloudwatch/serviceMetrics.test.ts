/** The services' own metrics, by AWS's names, made of what really happened. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutMetricAlarmCommand,
} from '@aws-sdk/client-cloudwatch'
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import {
  InvokeCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
} from '@aws-sdk/client-lambda'
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { makeFunction } from '../lambda/samples.ts'

const hour = 3_600_000
const queueArn = 'arn:aws:sqs:us-east-1:000000000000:orders'

/** Sum, count and maximum of the last hours. */
async function metric(
  igarape: Igarape,
  Namespace: string,
  MetricName: string,
  dimensions: Record<string, string> = {},
) {
  const now = igarape.clock.now().getTime()
  const { Datapoints = [] } = await igarape.client(CloudWatchClient).send(
    new GetMetricStatisticsCommand({
      ...{ Namespace, MetricName, Period: 86_400, Statistics: ['Sum', 'SampleCount', 'Maximum'] },
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      StartTime: new Date(now - 5 * hour),
      EndTime: new Date(now + hour),
    }),
  )
  return Datapoints[0]
}

async function createQueue(igarape: Igarape): Promise<string> {
  return (await igarape.client(SQSClient).send(new CreateQueueCommand({ QueueName: 'orders' }))).QueueUrl ?? ''
}

test('rules, buses and their targets count in AWS/Events, failures too', async ({ igarape }) => {
  await createQueue(igarape)
  const events = igarape.client(EventBridgeClient)
  await events.send(new PutRuleCommand({ Name: 'all', EventPattern: '{"source":["shop"]}' }))
  const gone = { Id: 'gone', Arn: `${queueArn}-gone`, DeadLetterConfig: { Arn: queueArn } }
  await events.send(new PutTargetsCommand({ Rule: 'all', Targets: [{ Id: 'q', Arn: queueArn }, gone] }))
  const Entries = [1, 2, 3].map((order) => ({ Source: 'shop', DetailType: 'order', Detail: JSON.stringify({ order }) }))
  await events.send(new PutEventsCommand({ Entries }))
  await igarape.settled()

  const ofRule = async (name: string) => (await metric(igarape, 'AWS/Events', name, { RuleName: 'all' }))?.Sum
  expect(await ofRule('TriggeredRules')).toBe(3)
  expect(await ofRule('Invocations')).toBe(6)
  expect(await ofRule('FailedInvocations')).toBe(3)
  expect(await ofRule('InvocationsSentToDlq')).toBe(3)
  expect((await metric(igarape, 'AWS/Events', 'MatchedEvents'))?.Sum).toBe(3)
  expect((await metric(igarape, 'AWS/SQS', 'NumberOfMessagesSent', { QueueName: 'orders' }))?.Sum).toBe(6)
})

test('queues count messages and their bytes, and are sampled while an alarm looks at what waits', async ({
  igarape,
}) => {
  const QueueUrl = await createQueue(igarape)
  const sqs = igarape.client(SQSClient)
  const cloudwatch = igarape.client(CloudWatchClient)
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: 'letters',
      ...{ Namespace: 'AWS/SQS', MetricName: 'ApproximateNumberOfMessagesVisible', Statistic: 'Maximum' },
      Dimensions: [{ Name: 'QueueName', Value: 'orders' }],
      ...{ Period: 60, EvaluationPeriods: 1, Threshold: 0, ComparisonOperator: 'GreaterThanThreshold' },
      TreatMissingData: 'notBreaching',
    }),
  )
  const state = async () =>
    (await cloudwatch.send(new DescribeAlarmsCommand({}))).MetricAlarms?.map(({ StateValue }) => StateValue)

  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }))
  await igarape.clock.advance({ minutes: 1 })
  expect(await state()).toEqual(['ALARM'])
  await igarape.clock.advance({ hours: 2 })
  expect(await state()).toEqual(['ALARM'])
  const dimensions = { QueueName: 'orders' }
  expect((await metric(igarape, 'AWS/SQS', 'SentMessageSize', dimensions))?.Sum).toBe(5)
  const age = await metric(igarape, 'AWS/SQS', 'ApproximateAgeOfOldestMessage', dimensions)
  expect(age?.Maximum).toBeGreaterThanOrEqual(7200)

  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }))
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages[0]?.ReceiptHandle }))
  await igarape.clock.advance({ minutes: 10 })
  expect(await state()).toEqual(['OK'])
  expect((await metric(igarape, 'AWS/SQS', 'NumberOfMessagesDeleted', dimensions))?.Sum).toBe(1)
})

test('topics, buckets and tables count what is asked of them', async ({ igarape }) => {
  await createQueue(igarape)
  const sns = igarape.client(SNSClient)
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'news' }))
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queueArn }))
  await sns.send(new PublishCommand({ TopicArn, Message: 'twelve bytes' }))
  const s3 = igarape.client(S3Client)
  await s3.send(new CreateBucketCommand({ Bucket: 'raw' }))
  await s3.send(new PutObjectCommand({ Bucket: 'raw', Key: 'k', Body: '12345' }))
  await s3.send(new GetObjectCommand({ Bucket: 'raw', Key: 'none' })).catch(() => undefined)
  const dynamodb = igarape.client(DynamoDBClient)
  await dynamodb.send(
    new CreateTableCommand({
      TableName: 'counts',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  )
  await igarape.settled()
  const item = { TableName: 'counts', Item: { id: { S: 'a' } }, ConditionExpression: 'attribute_not_exists(id)' }
  for (let times = 0; times < 2; times++) await dynamodb.send(new PutItemCommand(item)).catch(() => undefined)

  const sum = async (...asked: [string, string, Record<string, string>]) => (await metric(igarape, ...asked))?.Sum
  expect(await sum('AWS/SNS', 'NumberOfMessagesPublished', { TopicName: 'news' })).toBe(1)
  expect(await sum('AWS/SNS', 'NumberOfNotificationsDelivered', { TopicName: 'news' })).toBe(1)
  expect(await sum('AWS/SNS', 'PublishSize', { TopicName: 'news' })).toBe(12)
  const ofBucket = { BucketName: 'raw', FilterId: 'EntireBucket' }
  expect(await sum('AWS/S3', 'PutRequests', ofBucket)).toBe(1)
  expect(await sum('AWS/S3', '4xxErrors', ofBucket)).toBe(1)
  expect(await sum('AWS/S3', 'BytesUploaded', ofBucket)).toBe(5)
  expect(await sum('AWS/DynamoDB', 'ConsumedWriteCapacityUnits', { TableName: 'counts' })).toBeGreaterThanOrEqual(1)
  expect(await sum('AWS/DynamoDB', 'ConditionalCheckFailedRequests', { TableName: 'counts' })).toBe(1)
  const latency = await metric(igarape, 'AWS/DynamoDB', 'SuccessfulRequestLatency', {
    TableName: 'counts',
    Operation: 'PutItem',
  })
  expect(latency?.SampleCount).toBe(1)
})

test('a dead letter and a destination that cannot be reached are counted', async ({ igarape }) => {
  const gone = `${queueArn}-gone`
  await makeFunction(igarape, 'work', "exports.handler = async () => { throw new Error('no') }", {
    DeadLetterConfig: { TargetArn: gone },
  })
  const lambda = igarape.client(LambdaClient)
  const OnFailure = { Destination: gone }
  await lambda.send(
    new PutFunctionEventInvokeConfigCommand({
      ...{ FunctionName: 'work', MaximumRetryAttempts: 0, DestinationConfig: { OnFailure } },
    }),
  )
  await lambda.send(new InvokeCommand({ FunctionName: 'work', InvocationType: 'Event' }))
  await igarape.settled()

  const sum = async (name: string) => (await metric(igarape, 'AWS/Lambda', name, { FunctionName: 'work' }))?.Sum
  expect(await sum('AsyncEventsReceived')).toBe(1)
  expect(await sum('AsyncEventsDropped')).toBe(1)
  expect(await sum('DeadLetterErrors')).toBe(1)
  expect(await sum('DestinationDeliveryFailures')).toBe(1)
})

test('log groups count the events that come into them, and their bytes', async ({ igarape }) => {
  const logs = igarape.client(CloudWatchLogsClient)
  const stream = { logGroupName: '/app/checkout', logStreamName: 's' }
  await logs.send(new CreateLogGroupCommand(stream))
  await logs.send(new CreateLogStreamCommand(stream))
  const timestamp = igarape.clock.now().getTime()
  const logEvents = ['um', 'dois'].map((message) => ({ timestamp, message }))
  await logs.send(new PutLogEventsCommand({ ...stream, logEvents }))

  const ofGroup = (name: string) => metric(igarape, 'AWS/Logs', name, { LogGroupName: '/app/checkout' })
  expect((await ofGroup('IncomingLogEvents'))?.Sum).toBe(2)
  // AWS adds 26 bytes to each event.
  expect((await ofGroup('IncomingBytes'))?.Sum).toBe(6 + 2 * 26)
})

test('functions count invocations, errors, throttles and how long they took', async ({ igarape }) => {
  await makeFunction(igarape, 'work', "exports.handler = async ({ fail }) => { if (fail) throw new Error('no') }")
  const lambda = igarape.client(LambdaClient)
  for (const Payload of ['{}', '{}', '{"fail":true}']) {
    await lambda.send(new InvokeCommand({ FunctionName: 'work', Payload }))
  }
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'work', ReservedConcurrentExecutions: 0 }))
  await lambda.send(new InvokeCommand({ FunctionName: 'work' })).catch(() => undefined)

  const ofFunction = (name: string) => metric(igarape, 'AWS/Lambda', name, { FunctionName: 'work' })
  expect((await ofFunction('Invocations'))?.Sum).toBe(3)
  expect((await ofFunction('Errors'))?.Sum).toBe(1)
  expect((await ofFunction('Throttles'))?.Sum).toBe(1)
  expect((await ofFunction('Duration'))?.SampleCount).toBe(3)
  expect((await ofFunction('Duration'))?.Maximum).toBeGreaterThan(0)
  expect((await ofFunction('ConcurrentExecutions'))?.Maximum).toBe(1)
  expect((await metric(igarape, 'AWS/Lambda', 'Invocations'))?.Sum).toBe(3)
})

test('what was counted is there after a stop in good order', async () => {
  const data = mkdtempSync(join(tmpdir(), 'igarape-metrics-'))
  const first = await startIgarape({ data })
  await createQueue(first)
  await first
    .client(SQSClient)
    .send(new SendMessageCommand({ QueueUrl: `${first.endpoint}/000000000000/orders`, MessageBody: 'm' }))
  await first.stop()

  const second = await startIgarape({ data })
  const sent = await metric(second, 'AWS/SQS', 'NumberOfMessagesSent', { QueueName: 'orders' })
  await second.stop()
  rmSync(data, { recursive: true, force: true })

  expect(sent?.Sum).toBe(1)
})

test('a server in which nothing happens has no metrics and nothing to do', async ({ igarape }) => {
  await igarape.clock.advance({ hours: 24 })

  expect((await igarape.client(CloudWatchClient).send(new ListMetricsCommand({}))).Metrics).toEqual([])
  expect(igarape.server.platform.runner.nextDue()).toBe(undefined)
})
