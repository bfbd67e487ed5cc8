/** Jobs and their runs through the SDK: real scripts on real interpreters. */
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import {
  BatchStopJobRunCommand,
  CreateDatabaseCommand,
  CreateJobCommand,
  type CreateJobCommandInput,
  GetJobRunCommand,
  GetJobRunsCommand,
  GetPartitionsCommand,
  GetTableCommand,
  GlueClient,
  StartJobRunCommand,
} from '@aws-sdk/client-glue'
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

async function jobOf(igarape: Igarape, script: string, settings: Partial<CreateJobCommandInput> = {}): Promise<string> {
  const s3 = igarape.client(S3Client)
  await s3.send(new CreateBucketCommand({ Bucket: 'lago' }))
  await s3.send(new PutObjectCommand({ Bucket: 'lago', Key: 'scripts/job.py', Body: script }))
  const { Name } = await igarape.client(GlueClient).send(
    new CreateJobCommand({
      Name: 'transform_vendas',
      Role: 'arn:aws:iam::000000000000:role/glue',
      GlueVersion: '5.0',
      Command: { Name: 'glueetl', ScriptLocation: 's3://lago/scripts/job.py' },
      ...settings,
    }),
  )
  return Name as string
}

async function runOf(igarape: Igarape, JobName: string, Arguments: Record<string, string> = {}) {
  const glue = igarape.client(GlueClient)
  const { JobRunId } = await glue.send(new StartJobRunCommand({ JobName, Arguments }))
  await igarape.settled()
  const { JobRun } = await glue.send(new GetJobRunCommand({ JobName, RunId: JobRunId }))
  return JobRun
}

const salesScript = `
import sys
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'source'])
glue = GlueContext(SparkContext.getOrCreate())
job = Job(glue)
job.init(args['JOB_NAME'], args)
sales = glue.spark_session.read.option('header', True).csv(args['source'])
sales = sales.withColumn('valor', sales.valor.cast('double')).dropDuplicates(['venda_id'])
print('rows', sales.count())
from awsglue.dynamicframe import DynamicFrame
sink = glue.getSink(connection_type='s3', path='s3://lago/processed/vendas/', enableUpdateCatalog=True, partitionKeys=['data'])
sink.setFormat('glueparquet')
sink.setCatalogInfo(catalogDatabase='loja', catalogTableName='vendas')
sink.writeFrame(DynamicFrame.fromDF(sales, glue, 'sales'))
job.commit()
`

test('a job reads CSV from S3, writes partitioned Parquet and registers it in the Catalog', async ({ igarape }) => {
  const glue = igarape.client(GlueClient)
  const s3 = igarape.client(S3Client)
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'loja' } }))
  const job = await jobOf(igarape, salesScript)
  const body = 'venda_id,valor,data\n1,10.5,2025-10-20\n1,10.5,2025-10-20\n2,7,2025-10-21\n'
  await s3.send(new PutObjectCommand({ Bucket: 'lago', Key: 'raw/loja-123_2025-10-20.csv', Body: body }))

  const run = await runOf(igarape, job, { '--source': 's3://lago/raw/' })

  expect(run).toMatchObject({ JobRunState: 'SUCCEEDED', Attempt: 0, JobName: job, MaxCapacity: 10 })
  const { Table } = await glue.send(new GetTableCommand({ DatabaseName: 'loja', Name: 'vendas' }))
  expect(Table?.StorageDescriptor?.Columns).toEqual([
    { Name: 'venda_id', Type: 'string' },
    { Name: 'valor', Type: 'double' },
  ])
  expect(Table?.PartitionKeys).toEqual([{ Name: 'data', Type: 'string' }])
  const { Partitions } = await glue.send(
    new GetPartitionsCommand({ DatabaseName: 'loja', TableName: 'vendas', Expression: "data > '2025-10-20'" }),
  )
  expect(Partitions?.map(({ Values }) => Values)).toEqual([['2025-10-21']])
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: 'lago', Prefix: 'processed/' }))
  // Which of the two writers had which date is the engine's chance.
  expect(Contents?.map(({ Key }) => Key?.replace(/part-0000[01]-[0-9a-f-]{36}/, 'part'))).toEqual([
    'processed/vendas/_SUCCESS',
    'processed/vendas/data=2025-10-20/part.c000.snappy.parquet',
    'processed/vendas/data=2025-10-21/part.c000.snappy.parquet',
  ])
  const logs = await igarape
    .client(CloudWatchLogsClient)
    .send(new FilterLogEventsCommand({ logGroupName: '/aws-glue/jobs/output' }))
  expect(logs.events?.map(({ message, logStreamName }) => [message, logStreamName])).toEqual([['rows 2', run?.Id]])
})

test('a failed run says its exception and line, and is retried as often as the job allows', async ({ igarape }) => {
  const job = await jobOf(igarape, 'import sys\nraise ValueError("sem dados")\n', { MaxRetries: 1 })

  const run = await runOf(igarape, job)

  const errorMessage = 'Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 2; ValueError: sem dados'
  expect(run).toMatchObject({ JobRunState: 'FAILED', ErrorMessage: errorMessage })
  const { JobRuns } = await igarape.client(GlueClient).send(new GetJobRunsCommand({ JobName: job }))
  expect(JobRuns?.map(({ Attempt }) => Attempt).toSorted()).toEqual([0, 1])
  expect(JobRuns?.find(({ Attempt }) => Attempt === 1)).toMatchObject({
    Id: `${run?.Id}_attempt_1`,
    PreviousRunId: run?.Id,
    JobRunState: 'FAILED',
  })
})

test('a job runs no more often at once than it may, and a stopped run ends soon', async ({ igarape }) => {
  const glue = igarape.client(GlueClient)
  const job = await jobOf(igarape, 'import time\ntime.sleep(600)\n')
  const { JobRunId = '' } = await glue.send(new StartJobRunCommand({ JobName: job }))

  const second = glue.send(new StartJobRunCommand({ JobName: job }))
  await expect(second).rejects.toMatchObject({ name: 'ConcurrentRunsExceededException' })
  const before = performance.now()
  const stop = await glue.send(new BatchStopJobRunCommand({ JobName: job, JobRunIds: [JobRunId, 'jr_none'] }))
  await igarape.settled()

  expect(performance.now() - before).toBeLessThan(8000)
  expect(stop.SuccessfulSubmissions).toEqual([{ JobName: job, JobRunId }])
  expect(stop.Errors).toMatchObject([{ JobRunId: 'jr_none', ErrorDetail: { ErrorCode: 'EntityNotFoundException' } }])
  const { JobRun } = await glue.send(new GetJobRunCommand({ JobName: job, RunId: JobRunId }))
  expect(JobRun).toMatchObject({ JobRunState: 'STOPPED' })
})

test('a run whose script is not there fails at its launch', async ({ igarape }) => {
  const job = await jobOf(igarape, '', { Command: { Name: 'glueetl', ScriptLocation: 's3://lago/scripts/none.py' } })

  const run = await runOf(igarape, job)

  expect(run?.JobRunState).toBe('FAILED')
  expect(run?.ErrorMessage).toMatch(/^LAUNCH ERROR \| File not found: s3:\/\/lago\/scripts\/none\.py/)
})

test('a Python shell job speaks to the server by boto3', async ({ igarape }) => {
  const script = "import boto3\nboto3.client('s3').put_object(Bucket='lago', Key='made/by-boto3', Body=b'x')\n"
  const job = await jobOf(igarape, script, {
    Command: { Name: 'pythonshell', ScriptLocation: 's3://lago/scripts/job.py' },
  })

  const run = await runOf(igarape, job)

  expect(run).toMatchObject({ JobRunState: 'SUCCEEDED' })
  const { KeyCount } = await igarape
    .client(S3Client)
    .send(new ListObjectsV2Command({ Bucket: 'lago', Prefix: 'made/' }))
  expect(KeyCount).toBe(1)
})
