/** Job bookmarks: what a job has committed it does not read again, and nothing else is kept from it. */
import {
  BatchStopJobRunCommand,
  DeleteJobCommand,
  GetJobBookmarkCommand,
  GlueClient,
  ResetJobBookmarkCommand,
} from '@aws-sdk/client-glue'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { type JobBench, jobBench } from './runs.ts'

const script = `
import sys, time
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ['JOB_NAME', 'end'])
glue = GlueContext(SparkContext.getOrCreate())
job = Job(glue)
job.init(args['JOB_NAME'], args)
frame = glue.create_dynamic_frame.from_options('s3', {'paths': ['s3://lago/raw/']}, 'json', transformation_ctx='fonte')
print(sorted(record['id'] for record in frame._records()))
if args['end'] == 'raise':
    raise ValueError('tarde demais')
if args['end'] == 'wait':
    time.sleep(600)
job.commit()
`

const enabled = { '--job-bookmark-option': 'job-bookmark-enable', '--end': 'commit' }
const record = (id: number) => JSON.stringify({ id })

test('a job reads what is new since its last commit, and again what was written anew', async ({ igarape }) => {
  const jobs = await jobBench(igarape)
  await jobs.job('ler', script, { DefaultArguments: enabled })
  await jobs.put('raw/1.json', record(1))
  await jobs.put('raw/2.json', record(2))

  const first = await jobs.run('ler')
  const nothing = await jobs.run('ler')
  // The clock stands: this one has the very time of the others.
  await jobs.put('raw/3.json', record(3))
  const equalTime = await jobs.run('ler')
  await igarape.clock.advance({ hours: 1 })
  await jobs.put('raw/1.json', record(10))
  await jobs.put('raw/0.json', record(0))
  const later = await jobs.run('ler')
  const without = await jobs.run('ler', { '--job-bookmark-option': 'job-bookmark-disable' })

  expect(first.run).toMatchObject({ JobRunState: 'SUCCEEDED' })
  const lines = [first, nothing, equalTime, later, without].map((ended) => ended.lines.join())
  expect(lines).toEqual(['[1, 2]', '[]', '[3]', '[0, 10]', '[0, 2, 3, 10]'])
})

test('a run that failed or was stopped before its commit is read again', async ({ igarape }) => {
  const jobs = await jobBench(igarape)
  await jobs.job('ler', script, { DefaultArguments: enabled })
  await jobs.put('raw/1.json', record(1))

  const failed = await jobs.run('ler', { '--end': 'raise' })
  const waiting = await jobs.start('ler', { '--end': 'wait' })
  await igarape.client(GlueClient).send(new BatchStopJobRunCommand({ JobName: 'ler', JobRunIds: [waiting] }))
  await igarape.settled()
  const committed = await jobs.run('ler')
  const after = await jobs.run('ler')

  expect(failed.run.JobRunState).toBe('FAILED')
  expect([failed.lines, committed.lines, after.lines]).toEqual([['[1]'], ['[1]'], ['[]']])
})

test('a bookmark is told of, paused, and moved over a range of runs', async ({ igarape }) => {
  const glue = igarape.client(GlueClient)
  const jobs = await jobBench(igarape)
  await jobs.job('ler', script, { DefaultArguments: enabled })
  const none = glue.send(new GetJobBookmarkCommand({ JobName: 'ler' }))
  await expect(none).rejects.toMatchObject({
    name: 'EntityNotFoundException',
    message: 'Continuation for job ler not found',
  })
  const runs = await runsOver(igarape, jobs, [1, 2])
  const pause = { '--job-bookmark-option': 'job-bookmark-pause' }
  const { JobBookmarkEntry: entry } = await glue.send(new GetJobBookmarkCommand({ JobName: 'ler' }))
  await jobs.put('raw/3.json', record(3))

  const paused = await jobs.run('ler', pause)
  const range = await jobs.run('ler', {
    ...pause,
    '--job-bookmark-from': runs[0] ?? '',
    '--job-bookmark-to': runs[1] ?? '',
  })
  const half = await jobs.run('ler', { ...pause, '--job-bookmark-from': runs[0] ?? '' })

  expect(entry).toMatchObject({
    JobName: 'ler',
    Version: 2,
    Run: 2,
    Attempt: 0,
    RunId: runs[1],
    PreviousRunId: runs[0],
  })
  expect(JSON.parse(entry?.JobBookmark ?? '')).toMatchObject({
    fonte: { jsonClass: 'HadoopDataSourceJobBookmarkState', timestamps: { RUN: '2', HIGH_BAND: '900000' } },
  })
  expect(paused.lines).toEqual(['[3]'])
  expect(range.lines).toEqual(['[2]'])
  expect(half.run.ErrorMessage).toContain('job-bookmark-from and job-bookmark-to are given both or not at all')
})

test('a bookmark is reset to a run, or wholly, and goes with its job', async ({ igarape }) => {
  const glue = igarape.client(GlueClient)
  const jobs = await jobBench(igarape)
  await jobs.job('ler', script, { DefaultArguments: enabled })
  const runs = await runsOver(igarape, jobs, [1, 2])

  await glue.send(new ResetJobBookmarkCommand({ JobName: 'ler', RunId: runs[0] }))
  const rewound = await jobs.run('ler')
  const { JobBookmarkEntry: reset } = await glue.send(new ResetJobBookmarkCommand({ JobName: 'ler' }))
  const all = await jobs.run('ler')
  await glue.send(new DeleteJobCommand({ JobName: 'ler' }))
  const gone = glue.send(new GetJobBookmarkCommand({ JobName: 'ler' }))

  await expect(gone).rejects.toMatchObject({ name: 'EntityNotFoundException' })
  expect(rewound.lines).toEqual(['[2]'])
  expect(reset).toMatchObject({ Run: 0, JobBookmark: '{}' })
  expect(all.lines).toEqual(['[1, 2]'])
})

/** A run after each new object; their ids. */
async function runsOver(igarape: Igarape, jobs: JobBench, ids: readonly number[]): Promise<string[]> {
  const runs: string[] = []
  for (const id of ids) {
    await jobs.put(`raw/${id}.json`, record(id))
    runs.push((await jobs.run('ler')).run.Id ?? '')
    await igarape.clock.advance({ minutes: 1 })
  }
  return runs
}

test('of two runs over the same state only one can commit', async ({ igarape }) => {
  const jobs = await jobBench(igarape)
  await jobs.put('raw/1.json', record(1))
  const twice = `${script.replace('job.commit()', '')}
other = Job(GlueContext(SparkContext.getOrCreate()))
other.init(args['JOB_NAME'], args)
job.commit()
job.commit()
other.commit()
`
  await jobs.job('duas', twice, { DefaultArguments: enabled })

  const { run } = await jobs.run('duas')

  expect(run.ErrorMessage).toContain(
    'Continuation update failed due to version mismatch. Expected version 0 but found version 2',
  )
})

test('a table is read by its bookmark too, each partition for itself, and bounds take the oldest files first', async ({
  igarape,
}) => {
  const jobs = await jobBench(igarape)
  const body = `
import sys, boto3
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
args = getResolvedOptions(sys.argv, ['JOB_NAME', 'predicate'])
glue = GlueContext(SparkContext.getOrCreate())
job = Job(glue)
job.init(args['JOB_NAME'], args)
catalog = boto3.client('glue')
place = lambda location: {'Columns': [{'Name': 'id', 'Type': 'int'}], 'Location': location,
                          'SerdeInfo': {'SerializationLibrary': 'org.openx.data.jsonserde.JsonSerDe'}}
try:
    catalog.create_database(DatabaseInput={'Name': 'loja'})
    catalog.create_table(DatabaseName='loja', TableInput={'Name': 't', 'PartitionKeys': [{'Name': 'dia', 'Type': 'string'}],
                         'StorageDescriptor': place('s3://lago/t/')})
    for day in ('a', 'b'):
        catalog.create_partition(DatabaseName='loja', TableName='t', PartitionInput={'Values': [day], 'StorageDescriptor': place(f's3://lago/t/dia={day}/')})
except catalog.exceptions.AlreadyExistsException:
    pass
frame = glue.create_dynamic_frame.from_catalog('loja', 't', transformation_ctx='tabela', push_down_predicate=args['predicate'],
                                               additional_options={'boundedFiles': '2'})
print(sorted(record['id'] for record in frame._records()))
job.commit()
`
  await jobs.job('tabela', body, { DefaultArguments: { ...enabled, '--predicate': "dia in ('a', 'b')" } })
  for (const id of [3, 1, 2]) {
    await jobs.put(`t/dia=a/${id}.json`, record(id))
    await igarape.clock.advance({ hours: 1 })
  }
  await jobs.put('t/dia=b/9.json', record(9))

  const onlyA = await jobs.run('tabela', { '--predicate': "dia = 'a'" })
  const rest = await jobs.run('tabela')
  const nothing = await jobs.run('tabela')

  expect([onlyA, rest, nothing].map(({ lines }) => lines.join())).toEqual(['[1, 3]', '[2, 9]', '[]'])
})
