/**
 * Jobs over large files, beside raw DuckDB and PySpark doing the same: `npm run bench -- largeJobs`, or a part of the size with
 * `--scale=0.1`. Some gigabytes of disk; all of it is removed.
 */
import { execFileSync } from 'node:child_process'
import { createReadStream, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateJobCommand, GetJobRunCommand, GlueClient, StartJobRunCommand } from '@aws-sdk/client-glue'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { pythonWithSpark } from './job.ts'
import { type Cost, duckdb, makeLogs, makeSales, makeSides } from './largeData.ts'
import { bench, type Figure, scale } from './report.ts'
import { clientSettings, startBenchServer } from './server.ts'

interface Work {
  name: string
  files: string[]
  make(paths: string[]): void
  /** Of `spark`, `sources` and `target`. */
  script: string
  statement(paths: string[], target: string): string
}

const deduplication: Work = {
  name: 'CSV without its duplicates to partitioned Parquet',
  files: ['vendas.csv'],
  make: ([file = '']) => makeSales(file, 7_500_000 * scale()),
  script: `
frame = spark.read.option('header', True).csv(sources[0])
frame = frame.withColumn('valor', frame.valor.cast('double')).dropDuplicates(['venda_id'])
frame.write.mode('overwrite').partitionBy('data').parquet(target)
`,
  statement: ([file = ''], target) =>
    `COPY (SELECT DISTINCT ON (venda_id) * REPLACE (valor::double AS valor) FROM read_csv('${file}', header = true, all_varchar = true)) TO '${target}' (FORMAT parquet, PARTITION_BY (data), COMPRESSION snappy)`,
}

const outerJoin: Work = {
  name: 'full outer join of two CSV files to Parquet',
  files: ['left.csv', 'right.csv'],
  make: ([left = '', right = '']) => makeSides(left, right, 3_000_000 * scale()),
  script: `
from pyspark.sql import functions as F
left, right = (spark.read.option('header', True).csv(source).alias(name) for source, name in zip(sources, ('l', 'r')))
joined = left.join(right, F.col('l.id') == F.col('r.id'), 'full_outer')
joined = joined.select(F.coalesce('l.id', 'r.id').alias('id'), F.col('l.valor').alias('ours'), F.col('r.valor').alias('theirs'))
joined.write.mode('overwrite').parquet(target)
`,
  statement: ([left = '', right = ''], target) =>
    `COPY (SELECT coalesce(l.id, r.id) id, l.valor ours, r.valor theirs FROM read_csv('${left}', header = true, all_varchar = true) l FULL OUTER JOIN read_csv('${right}', header = true, all_varchar = true) r ON l.id = r.id) TO '${target}' (FORMAT parquet, COMPRESSION snappy)`,
}

const groups: Work = {
  name: 'groups of JSON log lines to Parquet',
  files: ['logs.json'],
  make: ([file = '']) => makeLogs(file, 20_000_000 * scale()),
  script: `
from pyspark.sql import functions as F
frame = spark.read.json(sources[0])
frame = frame.groupBy('service', 'level').agg(F.count('*').alias('rows'), F.avg('ms').alias('ms'), F.max('status').alias('status'))
frame.write.mode('overwrite').parquet(target)
`,
  statement: ([file = ''], target) =>
    `COPY (SELECT service, level, count(*) AS rows, avg(ms) AS ms, max(status) AS status FROM read_json('${file}', format = 'newline_delimited') GROUP BY ALL) TO '${target}' (FORMAT parquet)`,
}

const measured = (script: string, report: string) => `
import json, resource, time
start, before = time.time(), resource.getrusage(resource.RUSAGE_SELF)
${script}
usage = resource.getrusage(resource.RUSAGE_SELF)
cpu = usage.ru_utime + usage.ru_stime - before.ru_utime - before.ru_stime
with open('${report}', 'w') as out:
    json.dump({'millis': (time.time() - start) * 1000, 'cpuMillis': cpu * 1000, 'peakMegabytes': usage.ru_maxrss / 1024}, out)
`

export const largeDeduplication = benchOf(deduplication)
export const largeJoin = benchOf(outerJoin)
export const largeGroups = benchOf(groups)

function benchOf(work: Work) {
  return bench(`Glue job: ${work.name}`, async (report) => {
    const folder = mkdtempSync(join(tmpdir(), 'igarape-bench-large-'))
    try {
      const paths = work.files.map((name) => join(folder, name))
      work.make(paths)
      const bytes = paths.reduce((sum, path) => sum + statSync(path).size, 0)
      console.log(`  ${Math.round(bytes / 1e6)} MB in ${paths.length} file${paths.length > 1 ? 's' : ''}`)
      const ours = await onIgarape(work, folder, paths)
      const reference = duckdb(work.statement(paths, join(folder, 'duckdb.out')))
      rmSync(join(folder, 'duckdb.out'), { recursive: true, force: true })
      for (const figure of figures(ours, reference)) report(figure)
      const spark = onSpark(work, folder, paths)
      if (spark) {
        const reference = { what: 'PySpark local[2]', value: spark.millis }
        report({ what: 'time of the script', value: ours.millis, unit: 'ms', goal: '≤ 0.25 x', reference })
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
}

function figures(ours: Cost, { millis, cpuMillis, peakMegabytes }: Cost): Figure[] {
  const duck = (value: number) => ({ what: 'raw DuckDB', value })
  return [
    { what: 'time of the script', value: ours.millis, unit: 'ms', goal: '≤ 1.5 x', reference: duck(millis) },
    { what: 'CPU of the script', value: ours.cpuMillis, unit: 'ms', goal: '≤ 1.5 x', reference: duck(cpuMillis) },
    { what: 'peak memory', value: ours.peakMegabytes, unit: 'MB', goal: '≤ 2500 MB', reference: duck(peakMegabytes) },
  ]
}

/** A real server, whose S3 holds the files; the engine is in the script's own process, so its usage is all there is. */
async function onIgarape(work: Work, folder: string, paths: string[]): Promise<Cost> {
  const server = await startBenchServer([], join(folder, 'data'))
  const settings = clientSettings(server)
  const glue = new GlueClient(settings)
  const s3 = new S3Client(settings)
  const cost = join(folder, 'cost.json')
  const sources = JSON.stringify(work.files.map((name) => `s3://bench/${name}`))
  const script = `from awsglue.context import GlueContext
from pyspark.context import SparkContext
spark = GlueContext(SparkContext.getOrCreate()).spark_session
sources, target = ${sources}, 's3://bench/out/'
${measured(work.script, cost)}`
  try {
    await s3.send(new CreateBucketCommand({ Bucket: 'bench' }))
    for (const [at, path] of paths.entries()) {
      const body = { Body: createReadStream(path), ContentLength: statSync(path).size }
      await s3.send(new PutObjectCommand({ Bucket: 'bench', Key: work.files[at], ...body }))
    }
    await s3.send(new PutObjectCommand({ Bucket: 'bench', Key: 'job.py', Body: script }))
    const Command = { Name: 'glueetl', ScriptLocation: 's3://bench/job.py' }
    await glue.send(new CreateJobCommand({ Name: 'large', Role: 'glue', GlueVersion: '5.0', Command }))
    await runToEnd(glue)
    return JSON.parse(readFileSync(cost, 'utf8'))
  } finally {
    glue.destroy()
    s3.destroy()
    await server.stop()
  }
}

async function runToEnd(glue: GlueClient): Promise<void> {
  const { JobRunId } = await glue.send(new StartJobRunCommand({ JobName: 'large' }))
  for (;;) {
    const { JobRun } = await glue.send(new GetJobRunCommand({ JobName: 'large', RunId: JobRunId }))
    if (JobRun?.JobRunState === 'SUCCEEDED') return
    if (JobRun?.JobRunState === 'FAILED') throw new Error(JobRun.ErrorMessage)
    await new Promise((done) => setTimeout(done, 100))
  }
}

/** Undefined where there is no Java. Its CPU is its Java machine's, and is not told. */
function onSpark(work: Work, folder: string, paths: string[]): Cost | undefined {
  const python = pythonWithSpark()
  if (!python) return undefined
  const [script, cost] = [join(folder, 'spark.py'), join(folder, 'spark.json')]
  writeFileSync(
    script,
    `from pyspark.sql import SparkSession
spark = SparkSession.builder.master('local[2]').config('spark.ui.enabled', 'false').config('spark.driver.memory', '2g').getOrCreate()
sources, target = ${JSON.stringify(paths)}, '${join(folder, 'spark.out')}'
${measured(work.script, cost)}`,
  )
  execFileSync(python, [script], { stdio: 'ignore' })
  return JSON.parse(readFileSync(cost, 'utf8'))
}
