/** What a test sees of data quality: its events in a queue, its numbers in CloudWatch, its files in S3. */
import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch'
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { Igarape } from '../../src/testkit/server.ts'

export interface QualityWatch {
  /** The details of the events that came since the last look. */
  // biome-ignore lint/suspicious/noExplicitAny: an event's detail, as JSON
  events(): Promise<any[]>
  /** How many rules passed and failed, in sum. */
  counts(dimensions: Record<string, string>): Promise<{ passed: number; failed: number }>
  /** Keys under a prefix of the bucket, with each file's lines. */
  // biome-ignore lint/suspicious/noExplicitAny: a line of a results file, as JSON
  files(bucket: string, prefix: string): Promise<Record<string, any[]>>
}

export async function watchQuality(igarape: Igarape): Promise<QualityWatch> {
  const sqs = igarape.client(SQSClient)
  const events = igarape.client(EventBridgeClient)
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'qualidade' }))
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }))
  const EventPattern = JSON.stringify({
    source: ['aws.glue-dataquality'],
    'detail-type': ['Data Quality Evaluation Results Available'],
  })
  await events.send(new PutRuleCommand({ Name: 'qualidade', EventPattern }))
  const Targets = [{ Id: 'fila', Arn: Attributes?.QueueArn ?? '' }]
  await events.send(new PutTargetsCommand({ Rule: 'qualidade', Targets }))
  return {
    async events() {
      await igarape.settled()
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
      return Messages.map(({ Body = '' }) => JSON.parse(Body).detail)
    },
    counts: async (dimensions) => ({
      passed: await sumOf(igarape, 'glue.data.quality.rules.passed', dimensions),
      failed: await sumOf(igarape, 'glue.data.quality.rules.failed', dimensions),
    }),
    async files(Bucket, Prefix) {
      const s3 = igarape.client(S3Client)
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }))
      const found = Contents.map(async ({ Key = '' }) => {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }))
        const lines = ((await Body?.transformToString()) ?? '').trim().split('\n')
        return [Key, lines.map((line) => JSON.parse(line))] as const
      })
      return Object.fromEntries(await Promise.all(found))
    },
  }
}

async function sumOf(igarape: Igarape, MetricName: string, dimensions: Record<string, string>): Promise<number> {
  const now = igarape.clock.now().getTime()
  const { Datapoints = [] } = await igarape.client(CloudWatchClient).send(
    new GetMetricStatisticsCommand({
      Namespace: 'Glue Data Quality',
      MetricName,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      StartTime: new Date(now - 3_600_000),
      EndTime: new Date(now + 60_000),
      Period: 86_400,
      Statistics: ['Sum'],
    }),
  )
  return Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0)
}
