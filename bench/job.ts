/** A Glue job over 1,000 sales: from StartJobRun to SUCCEEDED, on a warm interpreter; plain PySpark beside it. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { CreateJobCommand, GetJobRunCommand, GlueClient, StartJobRunCommand } from '@aws-sdk/client-glue'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { bench, percentile } from './report.ts'
import { clientSettings, memoryOf, startBenchServer } from './server.ts'

const measuredRuns = 5
const pollMilliseconds = 10
/** How long a spare gets to be ready between two runs. */
const restMilliseconds = 4000
/** Here a spare that is late would be all that is measured. */
const startRestMilliseconds = 15_000

const body = `
frame = spark.read.option('header', True).csv(source)
frame = frame.withColumn('valor', frame.valor.cast('double')).dropDuplicates(['venda_id'])
frame.write.mode('overwrite').partitionBy('data').parquet(target)
`

const glueScript = `from awsglue.context import GlueContext
from pyspark.context import SparkContext
spark = GlueContext(SparkContext.getOrCreate()).spark_session
source, target = 's3://bench/raw/', 's3://bench/out/'
${body}`

export const jobs = bench('Glue job, 1,000 rows', async (report) => {
  const server = await startBenchServer()
  const settings = clientSettings(server)
  const glue = new GlueClient(settings)
  const s3 = new S3Client(settings)
  try {
    await s3.send(new CreateBucketCommand({ Bucket: 'bench' }))
    await s3.send(new PutObjectCommand({ Bucket: 'bench', Key: 'raw/vendas.csv', Body: sales() }))
    await s3.send(new PutObjectCommand({ Bucket: 'bench', Key: 'job.py', Body: glueScript }))
    const Command = { Name: 'glueetl', ScriptLocation: 's3://bench/job.py' }
    await glue.send(new CreateJobCommand({ Name: 'vendas', Role: 'glue', GlueVersion: '5.0', Command }))
    await run(glue)
    const millis: number[] = []
    for (let count = 0; count < measuredRuns; count++) {
      await pause(restMilliseconds)
      millis.push(await run(glue))
    }
    const reference = sparkReference()
    report({
      what: 'StartJobRun → SUCCEEDED, warm, p50',
      value: percentile(millis, 0.5),
      unit: 'ms',
      goal: '≤ 1000 ms',
      ...(reference && { reference: { what: 'the script on pyspark local[2]', value: reference } }),
    })
  } finally {
    glue.destroy()
    s3.destroy()
    await server.stop()
  }
})

/** It says when it began: the clock of this machine is the bench's own. */
const clockScript = `import time
print(time.time() * 1000)
`

export const starts = bench(
  'Glue job: from StartJobRun to the first line of the script, and what waiting costs',
  async (report) => {
    const server = await startBenchServer()
    const settings = clientSettings(server)
    const clients = {
      glue: new GlueClient(settings),
      s3: new S3Client(settings),
      logs: new CloudWatchLogsClient(settings),
    }
    const { glue, s3 } = clients
    try {
      await s3.send(new CreateBucketCommand({ Bucket: 'bench' }))
      await s3.send(new PutObjectCommand({ Bucket: 'bench', Key: 'job.py', Body: clockScript }))
      const before = memoryOf(server.pid).own
      const Command = { Name: 'glueetl', ScriptLocation: 's3://bench/job.py' }
      await glue.send(new CreateJobCommand({ Name: 'vendas', Role: 'glue', GlueVersion: '5.0', Command }))
      report({ what: 'cold: no interpreter is ready', value: await started(clients), unit: 'ms', goal: '≤ 3000 ms' })
      const millis: number[] = []
      for (let count = 0; count < measuredRuns; count++) {
        await pause(startRestMilliseconds)
        millis.push(await started(clients))
      }
      report({ what: 'warm, p50', value: percentile(millis, 0.5), unit: 'ms', goal: '≤ 150 ms' })
      await pause(startRestMilliseconds)
      report({
        what: 'memory once a job is defined',
        value: memoryOf(server.pid).own - before,
        unit: 'MB',
        goal: '≤ 250 MB',
      })
    } finally {
      for (const client of Object.values(clients)) client.destroy()
      await server.stop()
    }
  },
)

async function started({ glue, logs }: { glue: GlueClient; logs: CloudWatchLogsClient }): Promise<number> {
  const start = Date.now()
  const logStreamName = await runToEnd(glue)
  const { events = [] } = await logs.send(
    new GetLogEventsCommand({ logGroupName: '/aws-glue/jobs/output', logStreamName }),
  )
  return Number(events[0]?.message) - start
}

const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds))

function sales(): string {
  const rows = Array.from(
    { length: 1000 },
    (_, n) => `${n % 900},P-${n % 50},${(n * 7) % 1000}.50,2025-10-${10 + (n % 5)}`,
  )
  return `venda_id,produto_id,valor,data\n${rows.join('\n')}\n`
}

async function run(glue: GlueClient): Promise<number> {
  const start = performance.now()
  await runToEnd(glue)
  return performance.now() - start
}

/** Answers the run's id. */
async function runToEnd(glue: GlueClient): Promise<string | undefined> {
  const { JobRunId } = await glue.send(new StartJobRunCommand({ JobName: 'vendas' }))
  for (;;) {
    const { JobRun } = await glue.send(new GetJobRunCommand({ JobName: 'vendas', RunId: JobRunId }))
    if (JobRun?.JobRunState === 'SUCCEEDED') return JobRunId
    if (JobRun?.JobRunState === 'FAILED') throw new Error(JobRun.ErrorMessage)
    await pause(pollMilliseconds)
  }
}

/** Of the Glue version that the job asks for. */
const pyspark = 'pyspark==3.5.4'

/** Undefined where there is no Java; PySpark itself is installed once, beside what is cached for jobs. */
function sparkReference(): number | undefined {
  const python = pythonWithSpark()
  if (!python) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'igarape-bench-spark-'))
  const script = join(folder, 'job.py')
  writeFileSync(join(folder, 'vendas.csv'), sales())
  writeFileSync(
    script,
    `from pyspark.sql import SparkSession
spark = SparkSession.builder.master('local[2]').config('spark.ui.enabled', 'false').getOrCreate()
source, target = '${folder}/vendas.csv', '${folder}/out'
${body}`,
  )
  try {
    const start = performance.now()
    execFileSync(python, [script], { stdio: 'ignore' })
    return performance.now() - start
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export function pythonWithSpark(): string | undefined {
  try {
    execFileSync('java', ['-version'], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  const folder = join(homedir(), '.igarape/bench', pyspark)
  const python = join(folder, 'bin/python')
  if (!existsSync(join(folder, 'ready'))) {
    console.log(`  installing ${pyspark} for the reference (once) …`)
    execFileSync('python3', ['-m', 'venv', '--clear', folder])
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', pyspark])
    writeFileSync(join(folder, 'ready'), '')
  }
  return python
}
