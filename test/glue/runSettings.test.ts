/** What a job's settings mean for its runs: workers and memory, places and queues, capacity that is told. */
import {
  BatchStopJobRunCommand,
  GetJobRunCommand,
  GlueClient,
  StartJobRunCommand,
  UpdateJobCommand,
} from '@aws-sdk/client-glue'
import { expect, test as plainTest } from 'vitest'
import { workersOf } from '../../src/services/glue/workerTypes.ts'
import { test } from '../fixture.ts'
import { jobBench } from './runs.ts'

const gigabyte = 2 ** 30
const shell = { Name: 'pythonshell', PythonVersion: '3.9', ScriptLocation: 's3://lago/scripts/espera.py' }
const patience = { timeout: 30_000 }

/** https://docs.aws.amazon.com/glue/latest/dg/worker-types.html */
plainTest.each([
  ['G.025X', 2, 4, 8],
  ['G.1X', 2, 8, 32],
  ['G.2X', 2, 16, 64],
  ['R.1X', 2, 8, 64],
  ['G.8X', 1, 32, 128],
])(
  'workers of %s have the processors and the memory that AWS says, as far as the machine has them',
  (type, count, cpus, gigabytes) => {
    const settings = { Role: 'glue', Command: { Name: 'glueetl' }, WorkerType: type as 'G.1X', NumberOfWorkers: count }
    const workers = workersOf(settings)

    expect(workers).toMatchObject({ type, count, virtualCpus: cpus })
    expect(workers.memoryBytesMax).toBeLessThanOrEqual(gigabytes * gigabyte)
    expect(workersOf({ ...settings, NumberOfWorkers: count * 2 }).memoryBytesMax).toBeGreaterThanOrEqual(
      workers.memoryBytesMax,
    )
  },
)

plainTest('a Python shell has a gigabyte, or sixteen where it has a whole unit', () => {
  const small = workersOf({ Role: 'glue', Command: shell })

  expect(small).toMatchObject({ count: 1, memoryBytesMax: gigabyte })
  const whole = workersOf({ Role: 'glue', Command: shell, MaxCapacity: 1 })
  expect(whole.memoryBytesMax).toBeGreaterThan(small.memoryBytesMax)
})

test('a run that finds no place waits where its job queues, and takes the place that becomes free', async ({
  igarape,
}) => {
  const glue = igarape.client(GlueClient)
  const jobs = await jobBench(igarape)
  await jobs.job('espera', 'import sys, time\nif "--dorme" in sys.argv: time.sleep(600)\nprint("fui eu")\n', {
    Command: shell,
    JobRunQueuingEnabled: true,
    ExecutionProperty: { MaxConcurrentRuns: 1 },
  })
  const stateOf = async (RunId: string) =>
    (await glue.send(new GetJobRunCommand({ JobName: 'espera', RunId }))).JobRun?.JobRunState

  const first = await jobs.start('espera', { '--dorme': 'sim' })
  const second = await jobs.start('espera')
  const third = await jobs.start('espera')
  await expect.poll(() => stateOf(first), patience).toBe('RUNNING')

  expect([await stateOf(second), await stateOf(third)]).toEqual(['WAITING', 'WAITING'])
  await glue.send(new BatchStopJobRunCommand({ JobName: 'espera', JobRunIds: [third] }))
  expect(await stateOf(third)).toBe('STOPPED')
  await glue.send(new BatchStopJobRunCommand({ JobName: 'espera', JobRunIds: [first] }))
  const { run, lines } = await jobs.ended('espera', second)
  expect(run.JobRunState).toBe('SUCCEEDED')
  expect(lines).toEqual(['fui eu'])
  expect(await stateOf(first)).toBe('STOPPED')
})

test('as many runs go at once as the job allows, and one more than that is refused', async ({ igarape }) => {
  const glue = igarape.client(GlueClient)
  const jobs = await jobBench(igarape)
  const Command = shell
  await jobs.job('espera', 'import time\ntime.sleep(600)\n', { Command, ExecutionProperty: { MaxConcurrentRuns: 2 } })
  const ids = [await jobs.start('espera'), await jobs.start('espera')]

  await expect(jobs.start('espera')).rejects.toMatchObject({ name: 'ConcurrentRunsExceededException' })
  await glue.send(new BatchStopJobRunCommand({ JobName: 'espera', JobRunIds: ids }))
  await igarape.settled()
  for (const id of ids) expect((await jobs.ended('espera', id)).run.JobRunState).toBe('STOPPED')
})

test('a run has its own workers, class and timeout where it is started with them; what is flexible tells its units', async ({
  igarape,
}) => {
  const glue = igarape.client(GlueClient)
  const jobs = await jobBench(igarape)
  await jobs.job('vendas', 'print("ok")\n', { WorkerType: 'G.1X', NumberOfWorkers: 2, Timeout: 30 })

  const { JobRunId = '' } = await glue.send(
    new StartJobRunCommand({
      JobName: 'vendas',
      WorkerType: 'G.2X',
      NumberOfWorkers: 3,
      ExecutionClass: 'FLEX',
      Timeout: 7,
      NotificationProperty: { NotifyDelayAfter: 5 },
    }),
  )
  const { run } = await jobs.ended('vendas', JobRunId)
  const plain = await jobs.run('vendas')
  const scaling = await jobs.run('vendas', { '--enable-auto-scaling': 'true' })

  expect(run).toMatchObject({
    WorkerType: 'G.2X',
    NumberOfWorkers: 3,
    MaxCapacity: 6,
    ExecutionClass: 'FLEX',
    Timeout: 7,
  })
  expect(run.DPUSeconds).toBe((run.ExecutionTime ?? 0) * 6)
  expect(plain.run).toMatchObject({ WorkerType: 'G.1X', NumberOfWorkers: 2, MaxCapacity: 2, Timeout: 30 })
  expect(plain.run.DPUSeconds).toBeUndefined()
  expect(scaling.run.DPUSeconds).toBe((scaling.run.ExecutionTime ?? 0) * 2)
})

test('a run that was stopped is not tried again, and one with retries left is, with the settings of its job', async ({
  igarape,
}) => {
  const glue = igarape.client(GlueClient)
  const jobs = await jobBench(igarape)
  await jobs.job('espera', 'import time\ntime.sleep(600)\n', { Command: shell, MaxRetries: 3 })
  const stopped = await jobs.start('espera')
  await glue.send(new BatchStopJobRunCommand({ JobName: 'espera', JobRunIds: [stopped] }))
  await igarape.settled()
  await jobs.put('scripts/espera.py', 'raise ValueError("não")\n')
  const JobUpdate = { Role: 'glue', Command: shell, MaxRetries: 2 }
  await glue.send(new UpdateJobCommand({ JobName: 'espera', JobUpdate }))

  const failed = await jobs.run('espera')

  const attempts = ['', '_attempt_1', '_attempt_2'].map((suffix) => `${failed.run.Id}${suffix}`)
  for (const [attempt, RunId] of attempts.entries()) {
    const { JobRun } = await glue.send(new GetJobRunCommand({ JobName: 'espera', RunId, PredecessorsIncluded: true }))
    expect(JobRun).toMatchObject({ Attempt: attempt, JobRunState: 'FAILED' })
    expect(JobRun?.PredecessorRuns?.map((run) => run.RunId)).toEqual(attempt === 0 ? [] : [attempts[attempt - 1]])
  }
  await expect(
    glue.send(new GetJobRunCommand({ JobName: 'espera', RunId: `${failed.run.Id}_attempt_3` })),
  ).rejects.toThrow()
  await expect(glue.send(new GetJobRunCommand({ JobName: 'espera', RunId: `${stopped}_attempt_1` }))).rejects.toThrow()
})
