/**
 * A backlog of deliveries that are due later: what it takes of a start after `kill -9`, of memory, and how fast it drains once
 * it is due. `backlogFill.ts` makes it; the clock is virtual, and what drains is what the next server found on disk.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { bench } from './report.ts'
import { type BenchServer, clientSettings, cpuMillisOf, memoryOf, startBenchServer } from './server.ts'

const backlog = Number(process.env.BENCH_BACKLOG ?? 1_000_000)
const pollMillis = 100
const QueueUrl = 'http://127.0.0.1/000000000000/atrasada'

export const backlogs = bench('Backlog', async (report) => {
  const folder = mkdtempSync(join(tmpdir(), 'igarape-bench-'))
  try {
    const filler = join(import.meta.dirname, 'backlogFill.ts')
    const filling = spawn(process.execPath, ['--import', 'tsx', filler, folder, String(backlog)], { stdio: 'inherit' })
    await once(filling, 'exit')
    const what = `${backlog.toLocaleString('en-US')} deliveries due later`
    const server = await startBenchServer(['--clock', 'virtual'], folder)
    report({ what: `ready after kill -9 with ${what}`, value: server.readyMillis, unit: 'ms', goal: '≤ 300 ms' })
    report({ what: `memory with ${what}`, value: memoryOf(server.pid).own, unit: 'MB', goal: '≤ 200 MB' })
    const { millis, cpuMillis, peak, mapped } = await drain(server)
    await server.stop()
    report({ what: 'they drain at', value: backlog / (millis / 1000), unit: '/s' })
    report({ what: '… CPU of the server for a delivery', value: (cpuMillis * 1000) / backlog, unit: 'µs' })
    report({ what: 'memory at most, while they drain', value: peak, unit: 'MB', goal: '≤ 200 MB' })
    report({ what: '… mapped pages of the store beside it', value: mapped, unit: 'MB' })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

/** Moves the clock to where all of them are due. */
async function drain(server: BenchServer) {
  const { endpoint, pid } = server
  const sqs = new SQSClient(clientSettings(server))
  let [peak, mapped] = [0, 0]
  const look = setInterval(() => {
    const memory = memoryOf(pid)
    peak = Math.max(peak, memory.own)
    mapped = Math.max(mapped, memory.mapped)
  }, 250)
  const [start, cpu] = [performance.now(), cpuMillisOf(pid)]
  // It answers when all is done, which may be later than a client waits.
  fetch(`${endpoint}/_igarape/clock`, { method: 'POST', body: '{"advance":"2h"}' }).catch(() => undefined)
  while ((await waiting(sqs)) < backlog) await new Promise((done) => setTimeout(done, pollMillis))
  clearInterval(look)
  sqs.destroy()
  return { millis: performance.now() - start, cpuMillis: cpuMillisOf(pid) - cpu, peak, mapped }
}

async function waiting(sqs: SQSClient): Promise<number> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
  )
  return Number(Attributes?.ApproximateNumberOfMessages)
}
