/** Jobs in Scala, jars of a job's own and frames of RDDs: what only Apache Spark with its Java machine does, where it is installed. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { expect } from 'vitest'
import { packageFolder } from '../../src/engines/functions/packageFolder.ts'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { type JobBench, jobBench } from './runs.ts'
import { installed } from './standaloneSpark.ts'

if (!installed) console.warn('Apache Spark is not installed (`igarape install spark`): jobs in Scala are not tried.')

const scala = { '--job-language': 'scala', '--class': 'GlueApp' }

async function scalaJob(jobs: JobBench, name: string, script: string): Promise<void> {
  const ScriptLocation = `s3://lago/scripts/${name}.scala`
  await jobs.put(`scripts/${name}.scala`, script)
  await jobs.job(name, '', { Command: { Name: 'glueetl', ScriptLocation }, DefaultArguments: scala })
}

async function told(igarape: Igarape, runId = ''): Promise<string[]> {
  const { events = [] } = await igarape
    .client(CloudWatchLogsClient)
    .send(new FilterLogEventsCommand({ logGroupName: '/aws-glue/jobs/error', logStreamNames: [runId] }))
  return events.map(({ message = '' }) => message)
}

const sales = `import com.amazonaws.services.glue.GlueContext
import com.amazonaws.services.glue.log.GlueLogger
import com.amazonaws.services.glue.util.{GlueArgParser, Job}
import org.apache.spark.SparkContext
import org.apache.spark.sql.functions._
import scala.collection.JavaConverters._

object GlueApp {
  case class Sale(loja: String, valor: Double)

  def main(sysArgs: Array[String]): Unit = {
    val glueContext = new GlueContext(new SparkContext())
    val spark = glueContext.getSparkSession
    import spark.implicits._
    val args = GlueArgParser.getResolvedOptions(sysArgs, Array("JOB_NAME", "bucket"))
    Job.init(args("JOB_NAME"), glueContext, args.asJava)
    val sales = spark.read.parquet(s"s3://\${args("bucket")}/raw/").as[Sale].filter(_.valor > 1)
    sales.groupBy("loja").agg(sum("valor") as "total").coalesce(1).write.mode("overwrite").json("s3://lago/saida/")
    println(spark.read.json("s3://lago/saida/").orderBy("loja").collect().mkString(" "))
    new GlueLogger().info("feito")
    Job.commit()
  }
}
`
const fill = `from pyspark.sql import SparkSession
rows = [('centro', 2.0), ('centro', 3.5), ('norte', 7.0), ('norte', 0.5)]
SparkSession.builder.getOrCreate().createDataFrame(rows, 'loja string, valor double').coalesce(1).write.parquet('s3://lago/raw/')
`

test.runIf(installed)(
  'a job in Scala is compiled, runs on Spark with its arguments, and tells what it read and wrote',
  async ({ igarape }) => {
    const jobs = await jobBench(igarape)
    await jobs.job('enche', fill)
    await jobs.run('enche')
    await scalaJob(jobs, 'vendas', sales)

    const { run, lines } = await jobs.run('vendas', { '--bucket': 'lago' })

    expect(run.ErrorMessage).toBeUndefined()
    expect(lines).toEqual(['[centro,5.5] [norte,7.0]'])
    const log = await told(igarape, run.Id)
    expect(log).toContain('INFO [main] glue.ProcessLauncher: feito')
    expect(log.find((line) => line.includes('engine spark'))).toContain('because its script is in Scala')
    expect(log.find((line) => line.includes('SUCCEEDED'))).toMatch(/wrote 2 rows, \d+ bytes in 1 files/)
  },
  600_000,
)

test.runIf(installed)(
  'a job in Scala that fails says where: what it threw, what does not compile, what of Glue is not there',
  async ({ igarape }) => {
    const jobs = await jobBench(igarape)
    const body = (line: string) =>
      `object GlueApp {\n  def main(sysArgs: Array[String]): Unit = {\n    ${line}\n  }\n}\n`
    await scalaJob(jobs, 'lanca', body('throw new IllegalStateException("sem loja")'))
    await scalaJob(jobs, 'erra', body('val x: Int = "um"'))
    await scalaJob(jobs, 'quadro', `import com.amazonaws.services.glue.DynamicFrame\n${body('println(1)')}`)
    await scalaJob(jobs, 'sai', body('sys.exit(3)'))

    const errors: (string | undefined)[] = []
    for (const name of ['lanca', 'erra', 'quadro', 'sai']) errors.push((await jobs.run(name)).run.ErrorMessage)

    expect(errors).toEqual([
      'Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 3; java.lang.IllegalStateException: sem loja',
      expect.stringMatching(/^Error Category: SYNTAX_ERROR; Failed Line Number: 3; type mismatch/),
      expect.stringMatching(
        /^Error Category: UNSUPPORTED_OPERATION_ERROR; Failed Line Number: 1; object DynamicFrame is not a member of package com.amazonaws.services.glue; .* is not implemented by Igarapé/,
      ),
      'Command failed with exit code 3',
    ])
  },
  600_000,
)

test('a job in Scala is refused where it has no class, asks for what plain Spark lacks, or is sent to the embedded engine', async ({
  igarape,
}) => {
  const jobs = await jobBench(igarape)
  await scalaJob(jobs, 'vendas', sales)

  const onSail = await jobs.run('vendas', { '--igarape-engine': 'sail' })
  const withoutClass = await jobs.run('vendas', { '--class': '' })
  const bookmark = jobs.run('vendas', { '--job-bookmark-option': 'job-bookmark-enable' })

  expect(onSail.run.ErrorMessage).toBe(
    'LAUNCH ERROR | The embedded engine has no Java machine, and its script is in Scala: Apache Spark does it (--igarape-engine spark).',
  )
  expect(withoutClass.run.ErrorMessage).toContain('names the class of its main method by --class')
  await expect(bookmark).rejects.toMatchObject({ name: 'NotImplemented' })
})

test.skipIf(installed)('a job in Scala says how Spark is installed where it is not', async ({ igarape }) => {
  const jobs = await jobBench(igarape)
  await scalaJob(jobs, 'vendas', sales)

  expect((await jobs.run('vendas')).run.ErrorMessage).toBe(
    'LAUNCH ERROR | This run needs Apache Spark (its script is in Scala), which is not installed: run `igarape install spark`.',
  )
})

test.runIf(installed)(
  'classes of --extra-jars are there for a script, and the embedded engine refuses them by name',
  async ({ igarape }) => {
    const jobs = await jobBench(igarape)
    await jobs.put('lib/contas.jar', await jarOf('contas', doubling))
    await jobs.job(
      'dobra',
      `from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
spark.udf.registerJavaFunction('dobro', 'contas.Dobro', 'bigint')
print([row.d for row in spark.range(3).selectExpr('dobro(id) d').collect()])
`,
      { DefaultArguments: { '--extra-jars': 's3://lago/lib/contas.jar' } },
    )

    const { run, lines } = await jobs.run('dobra')
    const onSail = await jobs.run('dobra', { '--igarape-engine': 'sail' })
    const missing = await jobs.run('dobra', { '--extra-jars': 's3://lago/lib/nada.jar' })

    expect(run.ErrorMessage).toBeUndefined()
    expect(lines).toEqual(['[0, 2, 4]'])
    expect(onSail.run.ErrorMessage).toContain('it has --extra-jars: Apache Spark does it (--igarape-engine spark)')
    expect(missing.run.ErrorMessage).toContain('File not found: s3://lago/lib/nada.jar')
  },
  600_000,
)

const doubling = `package contas
class Dobro extends org.apache.spark.sql.api.java.UDF1[java.lang.Long, java.lang.Long] {
  def call(value: java.lang.Long): java.lang.Long = value * 2
}
`

async function jarOf(name: string, source: string): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'igarape-jar-'))
  const [script, jar] = [join(folder, `${name}.scala`), join(folder, `${name}.jar`)]
  writeFileSync(script, source)
  const compile =
    'import sys; from igarape_spark.support import compile_scala; compile_scala(sys.argv[1:2], sys.argv[2], [])'
  const env = { ...process.env, PYTHONPATH: join(packageFolder(), 'runtimes/spark') }
  await promisify(execFile)(installed?.python ?? '', ['-c', compile, script, jar], { env })
  const bytes = readFileSync(jar)
  rmSync(folder, { recursive: true })
  return bytes
}

test.runIf(installed)(
  'a DynamicFrame is made of an RDD on Spark in its classic mode, and not on the embedded engine',
  async ({ igarape }) => {
    const jobs = await jobBench(igarape)
    await jobs.job(
      'rdd',
      `from awsglue.context import GlueContext
from pyspark.context import SparkContext
from pyspark.sql import Row
glue = GlueContext(SparkContext.getOrCreate())
sc = glue.sc
frame = glue.create_dynamic_frame.from_rdd(sc.parallelize([Row(id=1, nome='a'), Row(id=2, nome='b')]), 'linhas')
print(frame.name, frame.schema().field_map.keys() == {'id', 'nome'}, frame.filter(lambda record: record['id'] > 1).toDF().collect())
typed = glue.create_dynamic_frame_from_rdd(sc.parallelize([(3, 'c')]), 'tipos', 'id int, nome string')
typed.printSchema()
`,
    )

    const onSpark = await jobs.run('rdd')
    await jobs.job('lista', listed)
    const onSail = await jobs.run('lista', { '--igarape-engine': 'sail' })

    expect(onSpark.run.ErrorMessage).toBeUndefined()
    expect(onSpark.lines).toEqual(["linhas True [Row(id=2, nome='b')]", 'root', '|-- id: int', '|-- nome: string'])
    expect(onSail.run.ErrorMessage).toContain(
      'create_dynamic_frame_from_rdd is not implemented by Igarapé. There are no RDDs here; Apache Spark in its classic mode has them (--igarape-engine spark).',
    )
  },
  600_000,
)

const listed = `from awsglue.context import GlueContext
from pyspark.context import SparkContext
GlueContext(SparkContext.getOrCreate()).create_dynamic_frame.from_rdd([1], 'linhas')
`
