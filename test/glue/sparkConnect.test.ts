/** Jobs over Spark Connect: the server that is kept between runs, and another's by its address, which this file starts. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { BatchStopJobRunCommand, CreateDatabaseCommand, GlueClient } from '@aws-sdk/client-glue'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test as base } from '../fixture.ts'
import { began, jobBench } from './runs.ts'
import { installed, type SparkProcess, started } from './standaloneSpark.ts'

if (!installed) console.warn('Apache Spark is not installed (`igarape install spark`): Spark Connect is not tried.')

const test = base.extend<{ remote: { address: string; process: SparkProcess } }>({
  remote: [
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of what a fixture needs
    async ({}, use) => {
      const folder = installed?.jarsFolder ?? ''
      const jars = readdirSync(folder).map((name) => join(folder, name))
      const process = started('spark-submit', [
        ...['--master', 'local[2]', '--driver-class-path', jars.join(':'), '--jars', jars.join(',')],
        ...['--conf', 'spark.connect.grpc.binding.port=0', '--conf', 'spark.ui.enabled=false'],
        ...['--conf', 'spark.hadoop.fs.s3.impl=org.apache.hadoop.fs.s3a.S3AFileSystem'],
        ...['--class', 'org.apache.spark.sql.connect.service.SparkConnectServer', 'spark-internal'],
      ])
      const [, port = ''] = await process.says(/Spark Connect server started at: .*[:%]0?:?(\d+)$/)
      await use({ address: `sc://127.0.0.1:${port}`, process })
      await process.end()
    },
    { scope: 'file' },
  ],
})

const onSpark = { '--igarape-engine': 'spark' }
const begin = `from pyspark.sql import SparkSession, functions as F
spark = SparkSession.builder.getOrCreate()
print(spark.conf.get('spark.app.id'))
`

test.runIf(installed)(
  'runs share a Connect server that is kept, find nothing of one another there, and one that is stopped takes it along',
  async ({ igarape }) => {
    const jobs = await jobBench(igarape)
    await igarape.client(GlueClient).send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'loja' } }))
    await jobs.put('code/taxas.py', 'def taxa(valor):\n    return valor * 2\n')
    await jobs.job(
      'deixa',
      `${begin}
from taxas import taxa
spark.conf.set('spark.sql.shuffle.partitions', '7')
spark.range(3).createOrReplaceTempView('minha')
spark.range(3).createOrReplaceGlobalTempView('de_todos')
spark.sql('create database so_minha')
spark.range(3).select(F.udf(taxa, 'long')('id').alias('v')).write.mode('overwrite').parquet('s3://lago/out/')
print(sorted(row.v for row in spark.read.parquet('s3://lago/out/').collect()))
`,
    )
    await jobs.job(
      'procura',
      `${begin}
def modulo(_):
    try:
        import taxas
        return 'taxas'
    except ImportError:
        return 'none'
print(spark.conf.get('spark.sql.shuffle.partitions') == '7')
print(sorted(table.name for database in ('default', 'global_temp') for table in spark.catalog.listTables(database)))
print([database.name for database in spark.catalog.listDatabases()])
print(spark.range(1).select(F.udf(modulo, 'string')('id').alias('m')).collect()[0].m)
`,
    )
    await jobs.job(
      'espera',
      `${begin}
import time
import boto3
boto3.client('s3').put_object(Bucket='lago', Key='began', Body=b'')
spark.range(1).select(F.udf(lambda _: time.sleep(600), 'string')('id')).collect()
`,
    )

    const first = await jobs.run('deixa', { ...onSpark, '--extra-py-files': 's3://lago/code/taxas.py' })
    const second = await jobs.run('procura', onSpark)
    const stopped = await jobs.start('espera', onSpark)
    await began(igarape)
    await stop(igarape, 'espera', stopped)
    const killed = await jobs.ended('espera', stopped)
    const third = await jobs.run('procura', onSpark)

    expect(first.run.ErrorMessage).toBeUndefined()
    const [application, ...printed] = first.lines
    expect(printed).toEqual(['[0, 2, 4]'])
    expect(second.lines).toEqual([application, 'False', '[]', "['default']", 'none'])
    expect(killed.run.JobRunState).toBe('STOPPED')
    expect(killed.lines).toEqual([application])
    expect(third.lines.slice(1)).toEqual(second.lines.slice(1))
    expect(third.lines[0]).not.toBe(application)
  },
  900_000,
)

test.runIf(installed)(
  "a job goes over another's Connect server, with its modules, and what it does there is interrupted where it is stopped",
  async ({ igarape, remote }) => {
    const jobs = await jobBench(igarape)
    const there = { ...onSpark, '--igarape-spark-remote': remote.address, '--TempDir': 's3://lago/tmp/' }
    await jobs.put('raw/a.csv', 'id,valor\n1,2.5\n2,4\n')
    await jobs.put('code/taxas.py', 'def taxa(valor):\n    return float(valor) * 2\n')
    await jobs.job(
      'vendas',
      `
from awsglue.context import GlueContext
from pyspark.context import SparkContext
from pyspark.sql import functions as F
from taxas import taxa
glue = GlueContext(SparkContext.getOrCreate())
frame = glue.create_dynamic_frame.from_options('s3', {'paths': ['s3://lago/raw/']}, 'csv', {'withHeader': True})
kept = frame.filter(lambda record: record['id'] == '2').toDF()
kept.select(F.udf(taxa, 'double')('valor').alias('v')).write.mode('overwrite').parquet('s3://lago/out/')
print(glue.spark_session.read.parquet('s3://lago/out/').collect())
`,
    )
    await jobs.job(
      'espera',
      `${begin}
import time
import boto3
boto3.client('s3').put_object(Bucket='lago', Key='began', Body=b'')
spark.range(1).select(F.udf(lambda _: time.sleep(600), 'string')('id')).collect()
`,
    )

    const { run, lines } = await jobs.run('vendas', { ...there, '--extra-py-files': 's3://lago/code/taxas.py' })
    const stopped = await jobs.start('espera', there)
    await began(igarape)
    await stop(igarape, 'espera', stopped)

    expect(run.ErrorMessage).toBeUndefined()
    expect(lines).toEqual(['[Row(v=8.0)]'])
    expect(await jobs.keys('tmp/')).toEqual([])
    expect((await jobs.ended('espera', stopped)).run.JobRunState).toBe('STOPPED')
    await remote.process.says(/[Cc]ancel/)
  },
  900_000,
)

async function stop(igarape: Igarape, JobName: string, id: string): Promise<void> {
  await igarape.client(GlueClient).send(new BatchStopJobRunCommand({ JobName, JobRunIds: [id] }))
}
