/** Jobs of a test: scripts in a bucket, run through the SDK. */
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import {
  CreateJobCommand,
  type CreateJobCommandInput,
  GetJobRunCommand,
  GlueClient,
  type JobRun,
  StartJobRunCommand,
} from '@aws-sdk/client-glue'
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'

export interface JobBench {
  put(key: string, body: string | Buffer): Promise<unknown>
  keys(prefix: string): Promise<string[]>
  job(name: string, script: string, settings?: Partial<CreateJobCommandInput>): Promise<unknown>
  start(name: string, Arguments?: Record<string, string>): Promise<string>
  /** What came of a run, and the lines that it printed. */
  ended(name: string, runId: string): Promise<{ run: JobRun; lines: string[] }>
  run(name: string, Arguments?: Record<string, string>): Promise<{ run: JobRun; lines: string[] }>
}

const Bucket = 'lago'

/** What every run of a bench is told beside its own arguments: a file of tests may have all of its own on another engine. */
export const everyRun: { arguments: Record<string, string> } = { arguments: {} }

export async function jobBench(igarape: Igarape): Promise<JobBench> {
  const s3 = igarape.client(S3Client)
  const glue = igarape.client(GlueClient)
  const logs = igarape.client(CloudWatchLogsClient)
  await s3.send(new CreateBucketCommand({ Bucket }))
  const put: JobBench['put'] = (Key, Body) => s3.send(new PutObjectCommand({ Bucket, Key, Body }))
  const bench: JobBench = {
    put,
    async keys(Prefix) {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }))
      return Contents.map(({ Key = '' }) => Key)
    },
    async job(Name, script, settings = {}) {
      await put(`scripts/${Name}.py`, script)
      const Command = { Name: 'glueetl', ScriptLocation: `s3://${Bucket}/scripts/${Name}.py` }
      return glue.send(new CreateJobCommand({ Name, Role: 'glue', GlueVersion: '5.0', Command, ...settings }))
    },
    async start(JobName, Arguments = {}) {
      const { JobRunId = '' } = await glue.send(
        new StartJobRunCommand({ JobName, Arguments: { ...everyRun.arguments, ...Arguments } }),
      )
      return JobRunId
    },
    async ended(JobName, RunId) {
      await igarape.settled()
      const { JobRun } = await glue.send(new GetJobRunCommand({ JobName, RunId }))
      const { events = [] } = await logs
        .send(new FilterLogEventsCommand({ logGroupName: '/aws-glue/jobs/output', logStreamNames: [RunId] }))
        .catch(() => ({ events: [] }))
      return { run: JobRun as JobRun, lines: events.map(({ message = '' }) => message) }
    },
    run: async (name, Arguments) => bench.ended(name, await bench.start(name, Arguments)),
  }
  return bench
}

/** The script has put `began`: it runs, and is about to do what takes its time. */
export async function began(igarape: Igarape): Promise<void> {
  const s3 = igarape.client(S3Client)
  const isThere = () =>
    s3.send(new GetObjectCommand({ Bucket, Key: 'began' })).then(
      () => true,
      () => false,
    )
  await expect.poll(isThere, { timeout: 600_000 }).toBe(true)
}
