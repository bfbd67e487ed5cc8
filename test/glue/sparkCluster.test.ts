/** Jobs on a standalone cluster of Apache Spark, named by its address: a master and two workers that this file starts. */
import { homedir } from 'node:os'
import { join } from 'node:path'

import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import {
  BatchStopJobRunCommand,
  CreateJobCommand,
  GetJobRunCommand,
  GlueClient,
  StartJobRunCommand,
} from '@aws-sdk/client-glue'
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { strToU8, zipSync } from 'fflate'
import { expect } from 'vitest'
import type { Context } from '../../src/delivery/context.ts'
import { chooseEngine } from '../../src/services/glue/engineChoice.ts'
import type { Igarape } from '../../src/testkit/server.ts'
import { test as base } from '../fixture.ts'
import { began } from './runs.ts'
import { installed, type StandaloneCluster, standaloneCluster } from './standaloneSpark.ts'

if (!installed)
  console.warn('Apache Spark is not installed (`igarape install spark`): jobs on a cluster are not tried.')

const test = base.extend<{ cluster: StandaloneCluster }>({
  cluster: [
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of what a fixture needs
    async ({}, use) => {
      const cluster = await standaloneCluster()
      await use(cluster)
      await cluster.end()
    },
    { scope: 'file' },
  ],
})

async function started(igarape: Igarape, script: string, given: Record<string, string>) {
  const glue = igarape.client(GlueClient)
  await put(igarape, 'job.py', script)
  const Command = { Name: 'glueetl', ScriptLocation: 's3://lago/job.py' }
  await glue.send(new CreateJobCommand({ Name: 'vendas', Role: 'glue', GlueVersion: '5.0', Command }))
  const { JobRunId = '' } = await glue.send(new StartJobRunCommand({ JobName: 'vendas', Arguments: given }))
  return JobRunId
}

async function put(igarape: Igarape, Key: string, Body: string | Uint8Array): Promise<void> {
  const s3 = igarape.client(S3Client)
  await s3.send(new CreateBucketCommand({ Bucket: 'lago' }))
  await s3.send(new PutObjectCommand({ Bucket: 'lago', Key, Body }))
}

async function runOf(igarape: Igarape, RunId: string) {
  const { JobRun } = await igarape.client(GlueClient).send(new GetJobRunCommand({ JobName: 'vendas', RunId }))
  return JobRun
}

async function printed(igarape: Igarape, name: string): Promise<(string | undefined)[]> {
  const logs = igarape.client(CloudWatchLogsClient)
  const { events } = await logs.send(new FilterLogEventsCommand({ logGroupName: `/aws-glue/jobs/${name}` }))
  return (events ?? []).map(({ message }) => message)
}

const onCluster = (address: string) => ({
  '--igarape-engine': 'spark',
  '--igarape-spark-remote': address,
  '--conf': `spark.driver.host=127.0.0.1 --conf spark.pyspark.python=${installed?.python}`,
})

test.runIf(installed)(
  'a script on a cluster reads and writes S3 there, with the modules and files that its job names',
  async ({ igarape, cluster }) => {
    await put(igarape, 'raw/a.csv', 'id,valor\n1,2.5\n2,4\n')
    await put(igarape, 'raw/b.csv', 'id,valor\n3,1\n')
    await put(igarape, 'code/taxas.py', 'def com_taxa(valor):\n    return valor * 2\n')
    await put(igarape, 'code/pacote.zip', zipSync({ 'pacote/__init__.py': strToU8('desconto = 1\n') }))
    await put(igarape, 'code/nomes.txt', 'vendas')

    const id = await started(
      igarape,
      `
import os
from awsglue.context import GlueContext
from pyspark.context import SparkContext
from pyspark.sql import functions
from pyspark import SparkFiles
glue = GlueContext(SparkContext.getOrCreate())
spark = glue.spark_session
def valor(texto):
    from taxas import com_taxa
    from pacote import desconto
    return com_taxa(float(texto)) - desconto
def onde(_row):
    return (os.getcwd(), open(SparkFiles.get('nomes.txt')).read())
frame = spark.read.csv('s3://lago/raw/', header=True)
frame.withColumn('valor', functions.udf(valor, 'double')('valor')).write.mode('overwrite').partitionBy('id').parquet('s3://lago/out/')
print(sorted(tuple(row) for row in spark.read.parquet('s3://lago/out/').collect()))
print(sorted({(os.path.basename(folder), text) for folder, text in spark.sparkContext.parallelize(range(8), 8).map(onde).collect()}))
print(spark.sparkContext.master.split(':')[0], spark.sparkContext.appName)
`,
      {
        ...onCluster(cluster.address),
        '--extra-py-files': 's3://lago/code/taxas.py,s3://lago/code/pacote.zip',
        '--extra-files': 's3://lago/code/nomes.txt',
      },
    )
    await igarape.settled()

    expect((await runOf(igarape, id))?.ErrorMessage).toBeUndefined()
    expect(await printed(igarape, 'output')).toEqual([
      '[(1.0, 3), (4.0, 1), (7.0, 2)]',
      "[('0', 'vendas'), ('1', 'vendas')]",
      'spark vendas',
    ])
    expect((await printed(igarape, 'error'))[0]).toContain(`engine spark (Apache Spark 3.5.6, ${cluster.address})`)
    const s3 = igarape.client(S3Client)
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'lago', Prefix: 'out/' }))
    expect(Contents.map(({ Key }) => Key?.replace(/part-.*/, 'part'))).toEqual([
      'out/_SUCCESS',
      'out/id=1/part',
      'out/id=2/part',
      'out/id=3/part',
    ])
    await cluster.master.says(/Removing app app-/)
  },
  600_000,
)

test.runIf(installed)(
  'StopJobRun ends the application on the cluster, and what it wrote is never seen',
  async ({ igarape, cluster }) => {
    const id = await started(
      igarape,
      `
import time, urllib.request
from pyspark.sql import SparkSession
spark = SparkSession.builder.appName('sem-fim').getOrCreate()
def slow(row):
    import boto3
    boto3.client('s3').put_object(Bucket='lago', Key='began', Body=b'')
    time.sleep(600)
spark.sparkContext.parallelize([1], 1).map(slow).collect()
`,
      onCluster(cluster.address),
    )
    const [, application = ''] = await cluster.master.says(/Registered app sem-fim with ID (\S+)/)
    await began(igarape)

    await igarape.client(GlueClient).send(new BatchStopJobRunCommand({ JobName: 'vendas', JobRunIds: [id] }))
    await igarape.settled()

    expect(await runOf(igarape, id)).toMatchObject({ JobRunState: 'STOPPED' })
    await cluster.master.says(new RegExp(`Removing app ${application}`))
  },
  600_000,
)

test.runIf(installed).each(['yarn', 'k8s://https://127.0.0.1:6443', 'mesos://127.0.0.1:5050'])(
  'a cluster by %s is refused by name',
  async (address) => {
    const options = { cache: join(homedir(), '.igarape'), jobEngine: 'auto', sparkRemote: '' }
    const run = {
      settings: { Role: 'glue', Command: { Name: 'glueetl' } },
      arguments: { '--igarape-spark-remote': address },
    }

    expect(() => chooseEngine(run, '', { options } as unknown as Context)).toThrow(
      `LAUNCH ERROR | A cluster at ${address} is not implemented by Igarapé; a standalone one is, as spark://HOST:PORT, and a Connect server, as sc://HOST:PORT.`,
    )
  },
)
