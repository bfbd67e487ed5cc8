/** What people paste from tutorials: it runs as it is written, or fails as it does on AWS. */

import { readFileSync } from 'node:fs'
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  TestEventPatternCommand,
} from '@aws-sdk/client-eventbridge'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { jobBench } from '../glue/runs.ts'
import { invoke, makeFunction } from '../lambda/samples.ts'

test('a function reads Parquet by pd.read_parquet("s3://…")', async ({ igarape }) => {
  const s3 = igarape.client(S3Client)
  await s3.send(new CreateBucketCommand({ Bucket: 'orders' }))
  const Body = readFileSync(new URL('../../examples/quality/data/orders_2025-10-20.parquet', import.meta.url))
  await s3.send(new PutObjectCommand({ Bucket: 'orders', Key: 'orders_2025-10-20.parquet', Body }))
  const code = `import pandas as pd
def handler(event, context):
  df = pd.read_parquet("s3://orders/orders_2025-10-20.parquet")
  return [len(df), int(df["customer_id"].isna().sum())]`
  await makeFunction(igarape, 'quality', code, { Runtime: 'python3.12', Timeout: 60, MemorySize: 1024 })

  expect((await invoke(igarape, 'quality')).value).toEqual([500, 0])
})

test('a job reads a glob in its paths, by positional arguments', async ({ igarape }) => {
  const jobs = await jobBench(igarape)
  await jobs.put('raw/loja-1_2025-10-20.csv', 'id,valor\n1,10\n')
  await jobs.put('raw/loja-2_2025-10-20.csv', 'id,valor\n2,20\n')
  await jobs.put('raw/other.csv', 'id,valor\n3,30\n')
  const script = `from awsglue.context import GlueContext
from pyspark.context import SparkContext
glueContext = GlueContext(SparkContext())
frame = glueContext.create_dynamic_frame.from_options("s3", {"paths": ["s3://lago/raw/loja-*.csv"]}, format="csv", format_options={"withHeader": True})
print(frame.count(), sorted(row["valor"] for row in frame.toDF().collect()))`
  await jobs.job('globs', script)

  const { run, lines } = await jobs.run('globs')
  expect(run.JobRunState).toBe('SUCCEEDED')
  expect(lines).toContain("2 ['10', '20']")
})

test('events without a bus name go to the default bus', async ({ igarape }) => {
  const queue = await queueBehindRule(igarape, { source: ['vendas'] })
  const Entries = [{ Source: 'vendas', DetailType: 'venda', Detail: '{"valor": 10}' }]
  await igarape.client(EventBridgeClient).send(new PutEventsCommand({ Entries }))
  await igarape.settled()

  const [body] = await bodiesIn(igarape, queue)
  expect(JSON.parse(body ?? '{}')).toMatchObject({ source: 'vendas', detail: { valor: 10 } })
})

test('a rule for events of aws.ec2 is taken; such events are AWS’s own to put', async ({ igarape }) => {
  const pattern = { source: ['aws.ec2'], 'detail-type': ['EC2 Instance State-change Notification'] }
  await queueBehindRule(igarape, pattern)
  const eventBridge = igarape.client(EventBridgeClient)
  await eventBridge.send(new CreateEventBusCommand({ Name: 'own' }))
  const entry = { Source: 'aws.ec2', DetailType: 'EC2 Instance State-change Notification', Detail: '{}' }
  const { FailedEntryCount, Entries } = await eventBridge.send(
    new PutEventsCommand({ Entries: [entry, { ...entry, EventBusName: 'own' }] }),
  )

  expect(FailedEntryCount).toBe(2)
  expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual(Array(2).fill('NotAuthorizedForSourceException'))
  const Event = JSON.stringify({
    ...{ id: '1', account: '000000000000', region: 'us-east-1', time: '2025-10-20T08:00:00Z', resources: [] },
    ...{ source: 'aws.ec2', 'detail-type': 'EC2 Instance State-change Notification', detail: { state: 'running' } },
  })
  const { Result } = await eventBridge.send(
    new TestEventPatternCommand({ EventPattern: JSON.stringify(pattern), Event }),
  )
  expect(Result).toBe(true)
})

async function queueBehindRule(igarape: Parameters<typeof jobBench>[0], pattern: object): Promise<string> {
  const { QueueUrl = '' } = await igarape.client(SQSClient).send(new CreateQueueCommand({ QueueName: 'found' }))
  const eventBridge = igarape.client(EventBridgeClient)
  await eventBridge.send(new PutRuleCommand({ Name: 'all', EventPattern: JSON.stringify(pattern) }))
  const Targets = [{ Id: 'queue', Arn: 'arn:aws:sqs:us-east-1:000000000000:found' }]
  await eventBridge.send(new PutTargetsCommand({ Rule: 'all', Targets }))
  return QueueUrl
}

async function bodiesIn(igarape: Parameters<typeof jobBench>[0], QueueUrl: string): Promise<string[]> {
  const { Messages = [] } = await igarape.client(SQSClient).send(new ReceiveMessageCommand({ QueueUrl }))
  return Messages.map(({ Body = '' }) => Body)
}
