/** Keys that are no paths, read by SQL and by a job: `a` beside `a/b`, `//`, `..`, long segments, `=` and accents in names. */
import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena'
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { CreateJobCommand, GetJobRunCommand, GlueClient, StartJobRunCommand } from '@aws-sdk/client-glue'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

/** Each of one row, so that the sum tells which were read. */
const keys = [
  'lake/loja',
  'lake/loja/a.csv',
  'lake//b.csv',
  'lake/../c.csv',
  'lake/x=1.csv',
  'lake/São João.csv',
  `lake/${'n'.repeat(1000)}.csv`,
]

async function odd(igarape: Igarape): Promise<void> {
  const s3 = igarape.client(S3Client)
  await s3.send(new CreateBucketCommand({ Bucket: 'lago' }))
  for (const [place, Key] of keys.entries()) {
    await s3.send(new PutObjectCommand({ Bucket: 'lago', Key, Body: `${2 ** place}\n` }))
  }
}

async function query(igarape: Igarape, sql: string): Promise<(string | undefined)[][] | undefined> {
  const athena = igarape.client(AthenaClient)
  const { QueryExecutionId } = await athena.send(
    new StartQueryExecutionCommand({
      QueryString: sql,
      QueryExecutionContext: { Database: 'vendas' },
      ResultConfiguration: { OutputLocation: 's3://lago/results/' },
    }),
  )
  await igarape.settled()
  const { QueryExecution } = await athena.send(new GetQueryExecutionCommand({ QueryExecutionId }))
  expect(QueryExecution?.Status?.StateChangeReason).toBeUndefined()
  const { ResultSet } = await athena.send(new GetQueryResultsCommand({ QueryExecutionId }))
  return ResultSet?.Rows?.map((row) => (row.Data ?? []).map((cell) => cell.VarCharValue))
}

test('a table over such keys has the rows of all but those behind a dot, which Hive takes for hidden', async ({
  igarape,
}) => {
  await odd(igarape)
  await query(igarape, 'CREATE DATABASE vendas')
  await query(
    igarape,
    "CREATE EXTERNAL TABLE odd (n int) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' STORED AS TEXTFILE LOCATION 's3://lago/lake/'",
  )

  const hidden = 2 ** keys.indexOf('lake/../c.csv')
  expect(await query(igarape, 'SELECT sum(n), count(*) FROM odd')).toEqual([
    ['_col0', '_col1'],
    [String(2 ** keys.length - 1 - hidden), String(keys.length - 1)],
  ])
})

test('a job reads each of them by its name', async ({ igarape }) => {
  await odd(igarape)
  const script = `
from awsglue.context import GlueContext
from pyspark.context import SparkContext
spark = GlueContext(SparkContext.getOrCreate()).spark_session
for key in ${JSON.stringify(keys)}:
    print('rows', key[-12:], spark.read.csv('s3://lago/' + key).first()[0] if key != 'lake/loja' else 'skipped')
`
  await igarape.client(S3Client).send(new PutObjectCommand({ Bucket: 'lago', Key: 'job.py', Body: script }))
  const glue = igarape.client(GlueClient)
  await glue.send(
    new CreateJobCommand({
      Name: 'chaves',
      Role: 'arn:aws:iam::000000000000:role/glue',
      GlueVersion: '5.0',
      Command: { Name: 'glueetl', ScriptLocation: 's3://lago/job.py' },
    }),
  )
  const { JobRunId } = await glue.send(new StartJobRunCommand({ JobName: 'chaves' }))
  await igarape.settled()
  const { JobRun } = await glue.send(new GetJobRunCommand({ JobName: 'chaves', RunId: JobRunId }))
  const logs = await igarape
    .client(CloudWatchLogsClient)
    .send(new FilterLogEventsCommand({ logGroupName: '/aws-glue/jobs/output' }))

  expect(JobRun?.ErrorMessage).toBeUndefined()
  expect(logs.events?.map(({ message }) => message)).toEqual(
    keys.map((key, place) => `rows ${key.slice(-12)} ${key === 'lake/loja' ? 'skipped' : 2 ** place}`),
  )
})
