/** Process start to first answer, and idle memory. Reference: a bare Node server with an LMDB store. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bench, percentile } from './report.ts'
import { memoryOf, startBenchServer } from './server.ts'

const rounds = 7
const idleMillis = 2_000
/** Before each reset that is timed: some bodies in files, most in records, and as many messages. */
const [resetRounds, objectsCount, messagesCount, atOnce] = [5, 3_000, 3_000, 32]
const [smallBody, largeBody] = ['x'.repeat(500), 'x'.repeat(100_000)]

const bareServer = `
const { open } = require('lmdb')
const database = open({ path: process.argv[1] + '/store.mdb' })
require('node:http').createServer((request, response) => response.end(String(database.get('x')))).listen(0, '127.0.0.1', function () {
  console.log('http://127.0.0.1:' + this.address().port)
})`

export const startup = bench('Start', async (report) => {
  const [ours, bare]: [number[], number[]] = [[], []]
  let memory = { own: 0, mapped: 0 }
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    const server = await startBenchServer()
    await fetch(`${server.endpoint}/_igarape/health`)
    ours.push(performance.now() - start)
    if (round === rounds - 1) {
      await new Promise((done) => setTimeout(done, idleMillis))
      memory = memoryOf(server.pid)
    }
    await server.stop()
    bare.push(await bareStart())
  }
  const reference = { what: 'bare Node http + lmdb', value: percentile(bare, 0.5) }
  report({
    what: 'process start → first answer',
    value: percentile(ours, 0.5),
    unit: 'ms',
    reference,
    goal: '≤ 300 ms',
  })
  report({ what: 'idle memory (RssAnon + RssShmem)', value: memory.own, unit: 'MB', goal: '≤ 120 MB' })
  report({ what: 'idle mapped pages (RssFile)', value: memory.mapped, unit: 'MB' })
  report({
    what: `reset of ${objectsCount} objects and ${messagesCount} messages`,
    value: percentile(await resets(), 0.5),
    unit: 'ms',
    goal: '≤ 100 ms',
  })
})

/** As who asks for it sees it. */
async function resets(): Promise<number[]> {
  const server = await startBenchServer()
  const taken: number[] = []
  for (let round = 0; round < resetRounds; round++) {
    await fill(server.endpoint)
    const start = performance.now()
    const answer = await fetch(`${server.endpoint}/_igarape/reset`, { method: 'POST' })
    await answer.text()
    taken.push(performance.now() - start)
  }
  await server.stop()
  return taken
}

async function fill(endpoint: string): Promise<void> {
  await must(fetch(`${endpoint}/lago`, { method: 'PUT' }))
  await inTurns(objectsCount, (at) =>
    must(fetch(`${endpoint}/lago/vendas/${at}.csv`, { method: 'PUT', body: at % 10 ? smallBody : largeBody })),
  )
  await sqs(endpoint, 'CreateQueue', { QueueName: 'vendas' })
  const QueueUrl = `${endpoint}/000000000000/vendas`
  await inTurns(messagesCount, () => sqs(endpoint, 'SendMessage', { QueueUrl, MessageBody: smallBody }))
}

function sqs(endpoint: string, operation: string, input: object): Promise<void> {
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` }
  return must(fetch(endpoint, { method: 'POST', headers, body: JSON.stringify(input) }))
}

async function inTurns(count: number, work: (at: number) => Promise<void>): Promise<void> {
  let next = 0
  const turn = async () => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: atOnce }, turn))
}

async function must(asked: Promise<Response>): Promise<void> {
  const answer = await asked
  const text = await answer.text()
  if (!answer.ok) throw new Error(text)
}

async function bareStart(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'igarape-bare-'))
  const start = performance.now()
  const child = spawn(process.execPath, ['-e', bareServer, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  const endpoint = await new Promise<string>((done) =>
    child.stdout.once('data', (line: Buffer) => done(line.toString().trim())),
  )
  await fetch(endpoint)
  const taken = performance.now() - start
  child.kill()
  rmSync(folder, { recursive: true, force: true })
  return taken
}
