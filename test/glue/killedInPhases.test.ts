/** A server that is killed in each phase of a run: after the next start the run is in the state that is true, and output is whole or not there. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateJobCommand, GetJobRunsCommand, StartJobRunCommand } from '@aws-sdk/client-glue'
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3'
import { test as base, expect } from 'vitest'
import { processStart } from '../../src/engines/processes.ts'
import { clients, started } from './killableServer.ts'

type Server = Awaited<ReturnType<typeof started>>

/** A folder whose server is killed and started again. */
class Place {
  readonly #data = mkdtempSync(join(tmpdir(), 'igarape-phases-'))
  #server: Server | undefined

  async start() {
    this.#server = await started(this.#data)
    return clients(this.#server.endpoint)
  }

  async end(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#server?.child
    this.#server = undefined
    if (!child) return
    const gone = new Promise((done) => child.once('exit', done))
    child.kill(signal)
    await gone
  }

  async close(): Promise<void> {
    await this.end('SIGTERM')
    rmSync(this.#data, { recursive: true, force: true })
  }
}

const test = base.extend<{ place: Place }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of what a fixture needs
  place: async ({}, use) => {
    const place = new Place()
    await use(place)
    await place.close()
  },
})

type Clients = ReturnType<typeof clients>

async function job({ glue, s3 }: Clients, script: string, kind: 'pythonshell' | 'glueetl'): Promise<void> {
  await s3.send(new CreateBucketCommand({ Bucket: 'lago' }))
  await s3.send(new PutObjectCommand({ Bucket: 'lago', Key: 'job.py', Body: script }))
  const Command = { Name: kind, ScriptLocation: 's3://lago/job.py' }
  const settings = { GlueVersion: '5.0', JobRunQueuingEnabled: true, ExecutionProperty: { MaxConcurrentRuns: 1 } }
  await glue.send(new CreateJobCommand({ Name: 'vendas', Role: 'glue', Command, ...settings }))
}

const start = ({ glue }: Clients) => glue.send(new StartJobRunCommand({ JobName: 'vendas' }))

async function states({ glue }: Clients): Promise<string[]> {
  const { JobRuns = [] } = await glue.send(new GetJobRunsCommand({ JobName: 'vendas' }))
  return JobRuns.map(({ JobRunState = '' }) => JobRunState).reverse()
}

const isOver = (state: string) => ['SUCCEEDED', 'FAILED', 'STOPPED', 'TIMEOUT'].includes(state)

const whenOver = (there: Clients) =>
  until(async () => {
    const found = await states(there)
    return found.length > 0 && found.every(isOver) ? found : undefined
  })

async function keysOf({ s3 }: Clients, Prefix: string): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'lago', Prefix }))
  return Contents.map(({ Key = '' }) => Key)
}

/** Asks again until there is an answer. */
async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (let left = 2000; ; left--) {
    const answer = await ask()
    if (answer) return answer
    if (left === 0) throw new Error('it did not come')
    await new Promise((done) => setTimeout(done, 20))
  }
}

test('a run that was accepted and not begun is begun by the next start', async ({ place }) => {
  const first = await place.start()
  await job(first, 'print(1)\n', 'pythonshell')
  await start(first)
  await place.end()

  expect(['SUCCEEDED', 'FAILED']).toContain((await whenOver(await place.start()))[0])
})

test('a run that waits for the place of another gets it after the next start', async ({ place }) => {
  const script = `import boto3, time
s3 = boto3.client('s3')
if s3.list_objects_v2(Bucket='lago', Prefix='began')['KeyCount'] == 0:
    s3.put_object(Bucket='lago', Key='began', Body=b'')
    time.sleep(600)
`
  const first = await place.start()
  await job(first, script, 'pythonshell')
  await start(first)
  await start(first)
  await until(async () => (await keysOf(first, 'began'))[0])
  const before = await states(first)
  await place.end()

  expect(before).toEqual(['RUNNING', 'WAITING'])
  expect(await whenOver(await place.start())).toEqual(['FAILED', 'SUCCEEDED'])
}, 60_000)

/** Twenty commits of six objects each, one after the other. */
const writing = `import boto3, os
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
boto3.client('s3').put_object(Bucket='lago', Key='pid', Body=str(os.getpid()).encode())
for n in range(20):
    spark.range(500).selectExpr('id', 'id % 5 as p').write.partitionBy('p').parquet(f's3://lago/out/{n:02d}')
`

test.for([1, 4, 9])(
  'output is whole or not there when the server is killed after commit %i, and no process is left',
  { timeout: 60_000 },
  async (commits, { place }) => {
    const first = await place.start()
    await job(first, writing, 'glueetl')
    await start(first)
    await until(async () => (await keysOf(first, 'out/')).length >= commits * 6 || undefined)
    const { Body } = await first.s3.send(new GetObjectCommand({ Bucket: 'lago', Key: 'pid' }))
    const pid = Number(await Body?.transformToString())
    await place.end()

    const second = await place.start()
    expect(await whenOver(second)).toEqual(['FAILED'])
    const folders = (await keysOf(second, 'out/')).map((key) => key.split('/')[1])
    const sizes = [...new Set(folders)].map((folder) => folders.filter((name) => name === folder).length)
    expect([...new Set(sizes)]).toEqual([6])
    expect(sizes.length).toBeGreaterThanOrEqual(commits)
    expect(processStart(pid)).toBe('')
  },
)

test('a run whose output was committed and whose end was not keeps its output', async ({ place }) => {
  const first = await place.start()
  await job(first, `${writing.replace('range(20)', 'range(1)')}`, 'glueetl')
  await start(first)
  await until(async () => (await keysOf(first, 'out/'))[0])
  await place.end()

  const second = await place.start()
  expect(['SUCCEEDED', 'FAILED']).toContain((await whenOver(second))[0])
  expect(await keysOf(second, 'out/')).toHaveLength(6)
}, 60_000)
