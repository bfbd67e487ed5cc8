/** What surrounds a run: its log and its continuous log. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { CreateJobCommand, type CreateJobCommandInput, GlueClient, StartJobRunCommand } from '@aws-sdk/client-glue'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

async function startedRun(igarape: Igarape, script: string, settings: Partial<CreateJobCommandInput> = {}) {
  const glue = igarape.client(GlueClient)
  const s3 = igarape.client(S3Client)
  await s3.send(new CreateBucketCommand({ Bucket: 'lago' }))
  await s3.send(new PutObjectCommand({ Bucket: 'lago', Key: 'job.py', Body: script }))
  const Command = { Name: 'glueetl', ScriptLocation: 's3://lago/job.py' }
  await glue.send(new CreateJobCommand({ Name: 'vendas', Role: 'glue', GlueVersion: '5.0', Command, ...settings }))
  const { JobRunId } = await glue.send(new StartJobRunCommand({ JobName: 'vendas' }))
  return JobRunId as string
}

async function lines(igarape: Igarape, logGroupName: string): Promise<[string | undefined, string | undefined][]> {
  const { events } = await igarape.client(CloudWatchLogsClient).send(new FilterLogEventsCommand({ logGroupName }))
  return (events ?? []).map(({ logStreamName, message }) => [logStreamName, message])
}

test('a script that prints a gigabyte ends well, and its log says where it was cut', async ({ igarape }) => {
  const before = process.memoryUsage().rss
  await startedRun(igarape, "line = 'x' * 9_999\nfor _ in range(100_000):\n    print(line)\n", {
    Command: { Name: 'pythonshell', ScriptLocation: 's3://lago/job.py' },
  })
  await igarape.settled()

  const told = await lines(igarape, '/aws-glue/jobs/error')
  expect(told.map(([, line]) => line)).toContainEqual(expect.stringContaining('more than 200000000 characters'))
  expect(told.at(-1)?.[1]).toMatch(/^Igarapé: SUCCEEDED/)
  expect(process.memoryUsage().rss - before).toBeLessThan(600 * 2 ** 20)
}, 240_000)

test('what a script writes outside of its folder stays, as no wall is around it; its own folder goes with the run', async ({
  igarape,
}) => {
  const place = mkdtempSync(join(tmpdir(), 'igarape-outside-'))
  const script = `import os, sys
open('inside.txt', 'w').write('mine')
open(os.path.join(sys.argv[sys.argv.index('--place') + 1], 'outside.txt'), 'w').write('kept')
print(os.getcwd())
`
  await startedRun(igarape, script, {
    Command: { Name: 'pythonshell', ScriptLocation: 's3://lago/job.py' },
    DefaultArguments: { '--place': place },
  })
  await igarape.settled()

  const [[, folder = '']] = (await lines(igarape, '/aws-glue/jobs/output')) as [[string, string]]
  const kept = readFileSync(join(place, 'outside.txt'), 'utf8')
  rmSync(place, { recursive: true })
  expect(kept).toBe('kept')
  expect(folder).toMatch(/runs/)
  expect(existsSync(folder)).toBe(false)
})

test('a run tells its engine, its workers, what it wrote and what it would have cost, in its continuous log too', async ({
  igarape,
}) => {
  const script = `from pyspark.sql import SparkSession
SparkSession.builder.getOrCreate().range(3).write.csv('s3://lago/out')
`
  const id = await startedRun(igarape, script, {
    GlueVersion: '4.0',
    WorkerType: 'G.025X',
    NumberOfWorkers: 2,
    DefaultArguments: { '--enable-continuous-cloudwatch-log': 'true' },
  })
  await igarape.settled()

  const told = await lines(igarape, '/aws-glue/jobs/error')
  expect(told[0]?.[1]).toMatch(
    /^Igarapé: engine sail \(embedded\); workers 2 x G\.025X stand for \d+ threads? and at most \d+ MB of memory/,
  )
  expect(told.at(-1)?.[1]).toMatch(
    /^Igarapé: SUCCEEDED after \d+ s \(on AWS [\d.]+ DPU seconds, [\d.]+ USD\).*wrote 3 rows, \d+ bytes/,
  )
  const continuous = await lines(igarape, '/aws-glue/jobs/logs-v2')
  expect(continuous.map(([stream]) => stream)).toContain(`${id}-driver`)
  expect(continuous).toContainEqual([`${id}-progress-bar`, expect.stringMatching(/wrote 3 rows/)])
})

test('what a script does, what it writes and that it ended hang below its run, which tells its engine and its counts', async ({
  igarape,
}) => {
  const script = `import boto3
from pyspark.sql import SparkSession
boto3.client('sqs').create_queue(QueueName='done')
boto3.client('s3').put_object(Bucket='lago', Key='by-hand', Body=b'1')
SparkSession.builder.getOrCreate().range(3).write.csv('s3://lago/out')
`
  const id = await startedRun(igarape, script)
  await igarape.settled()

  const trace = (await (await fetch(`${igarape.endpoint}/_igarape/traces/${id}`)).json()) as { roots: TracedHop[] }
  const [run] = trace.roots
  const below = run?.children.map(({ service, resource }) => `${service} ${resource.replace(/part-.*/, 'part')}`)
  expect(run).toMatchObject({ action: 'JobRun', status: 'ok', rows: 3, detail: { engine: 'sail', filesWritten: 1 } })
  expect(below?.sort()).toEqual([
    'eventbridge aws.glue: Glue Job State Change',
    's3 lago/by-hand',
    's3 lago/out/_SUCCESS',
    's3 lago/out/part',
  ])
})

interface TracedHop {
  service: string
  resource: string
  children: TracedHop[]
}
