/** Jobs on Apache Spark itself, where `igarape install spark` has been run: over S3, by S3A, and the Catalog. */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import {
  CreateDatabaseCommand,
  CreateJobCommand,
  CreateTableCommand,
  GetJobRunCommand,
  GlueClient,
  StartJobRunCommand,
} from '@aws-sdk/client-glue'
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import { findSpark } from '../../src/engines/jobs/sparkInstallation.ts'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

const isInstalled = findSpark(join(homedir(), '.igarape')) !== undefined
if (!isInstalled) console.warn('Apache Spark is not installed (`igarape install spark`): jobs on it are not tried.')

async function runOf(igarape: Igarape, script: string, given: Record<string, string> = {}) {
  const glue = igarape.client(GlueClient)
  const s3 = igarape.client(S3Client)
  await s3.send(new CreateBucketCommand({ Bucket: 'lago' }))
  await s3.send(new PutObjectCommand({ Bucket: 'lago', Key: 'job.py', Body: script }))
  await s3.send(new PutObjectCommand({ Bucket: 'lago', Key: 'raw/a.csv', Body: 'id,valor\n1,2.5\n2,4\n' }))
  const Command = { Name: 'glueetl', ScriptLocation: 's3://lago/job.py' }
  await glue.send(new CreateJobCommand({ Name: 'vendas', Role: 'glue', GlueVersion: '5.0', Command }))
  const { JobRunId } = await glue.send(new StartJobRunCommand({ JobName: 'vendas', Arguments: given }))
  await igarape.settled()
  const { JobRun } = await glue.send(new GetJobRunCommand({ JobName: 'vendas', RunId: JobRunId }))
  const printed = async (name: string) => {
    const logs = igarape.client(CloudWatchLogsClient)
    const { events } = await logs.send(new FilterLogEventsCommand({ logGroupName: `/aws-glue/jobs/${name}` }))
    return (events ?? []).map(({ message }) => message)
  }
  return { run: JobRun, printed }
}

test.runIf(isInstalled)(
  'a script that uses RDDs runs on Apache Spark, reads and writes S3, and sees the Catalog',
  async ({ igarape }) => {
    const glue = igarape.client(GlueClient)
    await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'loja' } }))
    const SerdeInfo = {
      SerializationLibrary: 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe',
      Parameters: { 'field.delim': ',', 'skip.header.line.count': '1' },
    }
    const Columns = [
      { Name: 'id', Type: 'int' },
      { Name: 'valor', Type: 'double' },
    ]
    const StorageDescriptor = { Columns, Location: 's3://lago/raw/', SerdeInfo }
    await glue.send(new CreateTableCommand({ DatabaseName: 'loja', TableInput: { Name: 'vendas', StorageDescriptor } }))

    const { run, printed } = await runOf(
      igarape,
      `
from awsglue.context import GlueContext
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
glue = GlueContext(SparkContext.getOrCreate())
spark = glue.spark_session
print(sorted(spark.read.csv('s3://lago/raw/', header=True).rdd.map(lambda row: int(row.id) * 10).collect()))
print(spark.sql('select sum(valor) total from loja.vendas').collect()[0].total)
spark.table('loja.vendas').write.mode('overwrite').partitionBy('id').parquet('s3a://lago/out/')
print(spark.read.parquet('s3://lago/out/').count(), spark.version)
`,
      { '--enable-glue-datacatalog': 'true' },
    )

    expect(run).toMatchObject({ JobRunState: 'SUCCEEDED' })
    expect(await printed('output')).toEqual(['[10, 20]', '6.5', '2 3.5.6'])
    expect((await printed('error')).filter((line) => line?.startsWith('Igarapé'))[0]).toMatch(
      /engine spark \(Apache Spark 3\.5\.6, local\[\d+\]\), because line 7 of the script uses DataFrame\.rdd/,
    )
    const { Contents } = await igarape
      .client(S3Client)
      .send(new ListObjectsV2Command({ Bucket: 'lago', Prefix: 'out/' }))
    expect(Contents?.map(({ Key }) => Key?.replace(/part-.*/, 'part'))).toEqual([
      'out/_SUCCESS',
      'out/id=1/part',
      'out/id=2/part',
    ])
  },
  120_000,
)

test.skipIf(isInstalled)('a script that needs Apache Spark fails at once, and says what to do', async ({ igarape }) => {
  const { run } = await runOf(igarape, 'sc.parallelize([1])\n')

  expect(run?.ErrorMessage).toBe(
    'LAUNCH ERROR | This run needs Apache Spark (line 1 of the script uses RDDs of SparkContext), which is not installed: run `igarape install spark`, or give the job the argument --igarape-engine sail to try the embedded engine.',
  )
})

test('an engine or a cluster that is not known is refused by name', async ({ igarape }) => {
  const { run } = await runOf(igarape, 'print(1)\n', { '--igarape-engine': 'flink' })

  expect(run).toMatchObject({
    JobRunState: 'FAILED',
    ErrorMessage: 'LAUNCH ERROR | --igarape-engine is flink; it takes sail, spark or auto.',
  })
})
