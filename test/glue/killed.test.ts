/** A server that is killed while a job runs: the attempt is told of truthfully, and tried again as the job allows. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateJobCommand, GetJobRunCommand, GetJobRunsCommand, StartJobRunCommand } from '@aws-sdk/client-glue'
import { CreateBucketCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { expect, test } from 'vitest'
import { processStart } from '../../src/engines/processes.ts'
import { clients, started } from './killableServer.ts'

/** The first attempt says that it is there and waits; the second finds that and ends. */
const script = `import boto3, os, time
s3 = boto3.client('s3')
if s3.list_objects_v2(Bucket='lago', Prefix='began')['KeyCount']:
    raise SystemExit(0)
s3.put_object(Bucket='lago', Key='began', Body=str(os.getpid()).encode(), Metadata={'pid': str(os.getpid())})
time.sleep(600)
`

test('a run whose server was killed is failed and retried by the next start, and nothing of it is left', async () => {
  const data = mkdtempSync(join(tmpdir(), 'igarape-killed-'))
  const first = await started(data)
  const { glue, s3 } = clients(first.endpoint)
  await s3.send(new CreateBucketCommand({ Bucket: 'lago' }))
  await s3.send(new PutObjectCommand({ Bucket: 'lago', Key: 'job.py', Body: script }))
  const Command = { Name: 'pythonshell', ScriptLocation: 's3://lago/job.py' }
  await glue.send(new CreateJobCommand({ Name: 'vendas', Role: 'glue', Command, MaxRetries: 1 }))
  const { JobRunId = '' } = await glue.send(new StartJobRunCommand({ JobName: 'vendas' }))
  const pid = await until(async () => {
    const { Metadata } = await s3.send(new HeadObjectCommand({ Bucket: 'lago', Key: 'began' }))
    return Number(Metadata?.pid)
  })

  const gone = new Promise((done) => first.child.once('exit', done))
  first.child.kill('SIGKILL')
  await gone
  const second = await started(data)
  const again = clients(second.endpoint).glue
  const states = await until(async () => {
    const { JobRuns = [] } = await again.send(new GetJobRunsCommand({ JobName: 'vendas' }))
    const found = JobRuns.map(({ Attempt, JobRunState }) => `${Attempt} ${JobRunState}`).toSorted()
    return found.includes('1 SUCCEEDED') ? found : undefined
  })
  const { JobRun } = await again.send(new GetJobRunCommand({ JobName: 'vendas', RunId: JobRunId }))
  second.child.kill('SIGTERM')
  await new Promise((done) => second.child.once('exit', done))
  rmSync(data, { recursive: true, force: true })

  expect(states).toEqual(['0 FAILED', '1 SUCCEEDED'])
  expect(JobRun?.ErrorMessage).toBe('The server ended while the job ran.')
  expect(processStart(pid)).toBe('')
})

/** Asks again until there is an answer. */
async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (let left = 400; ; left--) {
    const answer = await ask().catch((error) => {
      if (left === 0) throw error
      return undefined
    })
    if (answer) return answer
    if (left === 0) throw new Error('it did not come')
    await new Promise((done) => setTimeout(done, 50))
  }
}
