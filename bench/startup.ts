/** Process start to first answer, and idle memory. Reference: a bare Node server with an LMDB store. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bench, percentile } from './report.ts'
import { memoryOf, startBenchServer } from './server.ts'

const rounds = 7
const idleMillis = 2_000

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
})

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
