/** A bookmark over very many objects: what it costs a run to find the few that are new. */
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { CreateJobCommand, GetJobRunCommand, GlueClient, StartJobRunCommand } from '@aws-sdk/client-glue'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { bench, percentile } from './report.ts'
import { clientSettings, startBenchServer } from './server.ts'

const objectsCount = 100_000
const newCount = 10
const putAtOnce = 64

/** Finds what is new and commits that it was read, without reading it: the listing alone is measured. */
const script = `import sys, time
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.s3_files import FileOptions, find_files
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
args = getResolvedOptions(sys.argv, ['JOB_NAME'])
glue = GlueContext(SparkContext.getOrCreate())
job = Job(glue)
job.init(args['JOB_NAME'], args)
options = FileOptions({'paths': ['s3://bench/raw/']}, 'a source')
start = time.perf_counter()
with glue.bookmarks.reading('fonte') as reading:
    found = find_files(reading.lake, options)
    reading.took(found.files)
listed = time.perf_counter()
job.commit()
print(len(found.files), (listed - start) * 1000, (time.perf_counter() - listed) * 1000)
`

export const bookmarks = bench(`Job bookmark, ${newCount} new of 100,000 objects`, async (report) => {
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
    await s3.send(new PutObjectCommand({ Bucket: 'bench', Key: 'job.py', Body: script }))
    await putMany(s3, 0, objectsCount)
    const Command = { Name: 'glueetl', ScriptLocation: 's3://bench/job.py' }
    const DefaultArguments = { '--job-bookmark-option': 'job-bookmark-enable' }
    await glue.send(new CreateJobCommand({ Name: 'ler', Role: 'glue', GlueVersion: '5.0', Command, DefaultArguments }))
    const first = await run(clients)
    report({ what: 'list all, the first time', value: first.listed, unit: 'ms' })
    report({ what: 'commit all of them', value: first.committed, unit: 'ms' })
    const later: { listed: number; committed: number }[] = []
    for (let round = 1; round <= 5; round++) {
      await putMany(s3, objectsCount + round * newCount, newCount)
      later.push(await run(clients))
    }
    const listed = percentile(
      later.map((one) => one.listed),
      0.5,
    )
    report({ what: 'list the new ones, p50', value: listed, unit: 'ms', goal: '≤ 300 ms' })
    const committed = percentile(
      later.map((one) => one.committed),
      0.5,
    )
    report({ what: 'commit the new ones, p50', value: committed, unit: 'ms' })
  } finally {
    for (const client of Object.values(clients)) client.destroy()
    await server.stop()
  }
})

async function putMany(s3: S3Client, from: number, count: number): Promise<void> {
  let next = from
  const put = async () => {
    while (next < from + count) {
      const Key = `raw/${String(next++).padStart(7, '0')}.json`
      await s3.send(new PutObjectCommand({ Bucket: 'bench', Key, Body: '{"id": 1}' }))
    }
  }
  await Promise.all(Array.from({ length: putAtOnce }, put))
}

async function run({ glue, logs }: { glue: GlueClient; logs: CloudWatchLogsClient }) {
  const { JobRunId: RunId } = await glue.send(new StartJobRunCommand({ JobName: 'ler' }))
  for (;;) {
    const { JobRun } = await glue.send(new GetJobRunCommand({ JobName: 'ler', RunId }))
    if (JobRun?.JobRunState === 'SUCCEEDED') break
    if (JobRun?.JobRunState === 'FAILED') throw new Error(JobRun.ErrorMessage)
    await new Promise((done) => setTimeout(done, 50))
  }
  const place = { logGroupName: '/aws-glue/jobs/output', logStreamName: RunId }
  const { events = [] } = await logs.send(new GetLogEventsCommand(place))
  const [count = 0, listed = 0, committed = 0] = (events[0]?.message ?? '').split(' ').map(Number)
  if (count !== newCount && count !== objectsCount) throw new Error(`${count} objects were found to be new.`)
  return { listed, committed }
}
