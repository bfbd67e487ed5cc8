/** A small pipeline with something on every page: a bucket's files go by a rule to a function and a queue; one target fails. */
import {
  CloudWatchClient,
  PutDashboardCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch'
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import {
  CreateArchiveCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge'
import {
  CreateTableCommand as CreateCatalogTable,
  CreateDatabaseCommand,
  CreateJobCommand,
  GlueClient,
} from '@aws-sdk/client-glue'
import { AddPermissionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import {
  CreateBucketCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { CreateScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler'
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { Igarape } from '../../src/testkit/server.ts'
import { makeFunction } from '../lambda/samples.ts'

const arn = (service: string, resource: string) => `arn:aws:${service}:us-east-1:000000000000:${resource}`

export async function busyWorld(igarape: Igarape): Promise<void> {
  await flowing(igarape)
  await waiting(igarape)
  await lake(igarape)
  await seen(igarape)
  await igarape.settled()
}

export async function putFile(igarape: Igarape, key: string): Promise<void> {
  await igarape
    .client(S3Client)
    .send(new PutObjectCommand({ Bucket: 'raw', Key: key, Body: 'id,name\n1,Açaí\n2,Cupuaçu\n' }))
  await igarape.settled()
}

async function flowing(igarape: Igarape): Promise<void> {
  const s3 = igarape.client(S3Client)
  const events = igarape.client(EventBridgeClient)
  await s3.send(new CreateBucketCommand({ Bucket: 'raw' }))
  const toEvents = { Bucket: 'raw', NotificationConfiguration: { EventBridgeConfiguration: {} } }
  await s3.send(new PutBucketNotificationConfigurationCommand(toEvents))
  await igarape.client(SQSClient).send(new CreateQueueCommand({ QueueName: 'files' }))
  await igarape.client(SQSClient).send(new CreateQueueCommand({ QueueName: 'undelivered' }))
  await makeFunction(
    igarape,
    'validate',
    'exports.handler = async (event) => { console.log("looked at", event.detail.object.key) }',
  )
  const allowed = {
    FunctionName: 'validate',
    StatementId: 'a',
    Action: 'lambda:InvokeFunction',
    Principal: 'events.amazonaws.com',
  }
  await igarape.client(LambdaClient).send(new AddPermissionCommand(allowed))
  const EventPattern = JSON.stringify({ source: ['aws.s3'], detail: { bucket: { name: ['raw'] } } })
  await events.send(new PutRuleCommand({ Name: 'new-files', EventPattern }))
  const Targets = [
    { Id: 'f', Arn: arn('lambda', 'function:validate') },
    { Id: 'q', Arn: arn('sqs', 'files') },
    // There is none: a dead letter at once.
    { Id: 'x', Arn: arn('lambda', 'function:gone'), DeadLetterConfig: { Arn: arn('sqs', 'undelivered') } },
  ]
  await events.send(new PutTargetsCommand({ Rule: 'new-files', Targets }))
  await putFile(igarape, 'loja-123.csv')
}

async function waiting(igarape: Igarape): Promise<void> {
  const sqs = igarape.client(SQSClient)
  const sns = igarape.client(SNSClient)
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'orders' }))
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{"order": 7}' }))
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'analysts' }))
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sms', Endpoint: '+5511999990000' }))
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint: 'ana@example.com' }))
  await sns.send(new PublishCommand({ TopicArn, Message: 'loja-9.csv is wrong' }))
  const events = igarape.client(EventBridgeClient)
  await events.send(
    new CreateArchiveCommand({ ArchiveName: 'all', EventSourceArn: arn('events', 'event-bus/default') }),
  )
  await events.send(new PutEventsCommand({ Entries: [{ Source: 'shop', DetailType: 'sold', Detail: '{"total": 5}' }] }))
  await igarape.client(SchedulerClient).send(
    new CreateScheduleCommand({
      Name: 'nightly',
      ScheduleExpression: 'cron(0 3 * * ? *)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: arn('sqs', 'orders'), RoleArn: 'arn:aws:iam::000000000000:role/scheduler' },
    }),
  )
}

async function lake(igarape: Igarape): Promise<void> {
  const glue = igarape.client(GlueClient)
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'shop' } }))
  const StorageDescriptor = {
    Columns: [
      { Name: 'id', Type: 'int' },
      { Name: 'name', Type: 'string' },
    ],
    Location: 's3://raw/',
    InputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
    OutputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
    SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.serde2.OpenCSVSerde' },
  }
  const Parameters = { classification: 'csv', 'skip.header.line.count': '1' }
  const TableInput = { Name: 'sales', TableType: 'EXTERNAL_TABLE', StorageDescriptor, Parameters }
  await glue.send(new CreateCatalogTable({ DatabaseName: 'shop', TableInput }))
  const Command = { Name: 'glueetl', PythonVersion: '3', ScriptLocation: 's3://raw/job.py' }
  await glue.send(new CreateJobCommand({ Name: 'transform', Role: 'arn:aws:iam::000000000000:role/glue', Command }))
}

async function seen(igarape: Igarape): Promise<void> {
  const dynamo = igarape.client(DynamoDBClient)
  await dynamo.send(
    new CreateTableCommand({
      TableName: 'counters',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'kind', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
    }),
  )
  await dynamo.send(
    new PutItemCommand({ TableName: 'counters', Item: { kind: { S: 'timeout' }, errors: { N: '41' } } }),
  )
  const now = igarape.clock.now()
  const metrics = igarape.client(CloudWatchClient)
  const MetricData = [1, 2, 3].map((Value) => ({
    MetricName: 'Sales',
    Value,
    Timestamp: new Date(now.getTime() - Value * 60_000),
  }))
  await metrics.send(new PutMetricDataCommand({ Namespace: 'Shop', MetricData }))
  const watched = {
    Namespace: 'Shop',
    MetricName: 'Sales',
    Statistic: 'Sum' as const,
    Period: 60,
    EvaluationPeriods: 1,
  }
  await metrics.send(
    new PutMetricAlarmCommand({
      AlarmName: 'few-sales',
      ...watched,
      Threshold: 2,
      ComparisonOperator: 'LessThanThreshold',
    }),
  )
  const widget = {
    type: 'metric',
    width: 12,
    height: 6,
    properties: { region: 'us-east-1', title: 'Sales', metrics: [['Shop', 'Sales']] },
  }
  const DashboardBody = JSON.stringify({
    widgets: [widget, { type: 'text', width: 6, height: 3, properties: { markdown: '# Today' } }],
  })
  await metrics.send(new PutDashboardCommand({ DashboardName: 'shop', DashboardBody }))
  await igarape
    .client(LambdaClient)
    .send(
      new InvokeCommand({ FunctionName: 'validate', Payload: Buffer.from('{"detail":{"object":{"key":"by hand"}}}') }),
    )
}
