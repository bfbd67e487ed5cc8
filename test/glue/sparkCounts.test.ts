/** What a run has read and written is counted alike on the embedded engine and on Apache Spark, over Connect and in classic mode. */
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { CreateDatabaseCommand, GlueClient } from '@aws-sdk/client-glue'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { type JobBench, jobBench } from './runs.ts'
import { installed } from './standaloneSpark.ts'

if (!installed) console.warn('Apache Spark is not installed (`igarape install spark`): its counts are not tried.')

const fill = `from pyspark.sql import SparkSession
SparkSession.builder.getOrCreate().range(10).selectExpr('id', "'x' || id as nome").coalesce(1).write.parquet('s3://lago/raw/')
`
const script = `from awsglue.context import GlueContext
from pyspark.context import SparkContext
glue = GlueContext(SparkContext.getOrCreate())
spark = glue.spark_session
spark.read.parquet('s3://lago/raw/').where('id < 4').coalesce(1).write.mode('overwrite').parquet('s3://lago/out/')
frame = glue.create_dynamic_frame.from_options('s3', {'paths': ['s3://lago/csv/']}, 'csv', {'withHeader': True})
kept = frame.filter(lambda record: record['id'] != '2').coalesce(1)
glue.write_dynamic_frame.from_options(kept, 's3', {'path': 's3://lago/json/'}, 'json')
kept.toDF().coalesce(1).write.mode('overwrite').saveAsTable('loja.vendas')
`

/** Without the bytes that are written: each engine makes Parquet in its own way. */
async function countsOf(igarape: Igarape, jobs: JobBench, Arguments: Record<string, string>) {
  const { run } = await jobs.run('conta', { '--enable-glue-datacatalog': 'true', ...Arguments })
  expect(run.ErrorMessage).toBeUndefined()
  const logs = igarape.client(CloudWatchLogsClient)
  const { events = [] } = await logs.send(
    new FilterLogEventsCommand({ logGroupName: '/aws-glue/jobs/error', logStreamNames: [run.Id ?? ''] }),
  )
  const summary = events.map(({ message = '' }) => message).find((line) => line.includes('SUCCEEDED')) ?? ''
  const [, counts = ''] = /(read \d+ rows.*)/.exec(summary) ?? []
  expect(Number(/(\d+) bytes in/.exec(counts)?.[1])).toBeGreaterThan(100)
  return counts.replace(/\d+ bytes in/, 'N bytes in')
}

test.runIf(installed)(
  'rows, bytes and files of a run are the same on each engine',
  async ({ igarape }) => {
    const jobs = await jobBench(igarape)
    const LocationUri = 's3://lago/loja'
    await igarape.client(GlueClient).send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'loja', LocationUri } }))
    await jobs.put('csv/a.csv', 'id,valor\n1,2.5\n2,4\n')
    await jobs.put('csv/b.csv', 'id,valor\n3,1\n')
    await jobs.job('enche', fill)
    await jobs.run('enche')
    await jobs.job('conta', script)

    const embedded = await countsOf(igarape, jobs, {})
    const overConnect = await countsOf(igarape, jobs, { '--igarape-engine': 'spark' })
    const again = await countsOf(igarape, jobs, { '--igarape-engine': 'spark' })
    const classic = await countsOf(igarape, jobs, { '--igarape-engine': 'spark', '--conf': 'spark.speculation=false' })

    expect(embedded).toMatch(/^read 13 rows, \d+ bytes of 3 files; wrote 8 rows, N bytes in 3 files$/)
    expect([overConnect, again, classic]).toEqual([embedded, embedded, embedded])
  },
  600_000,
)
