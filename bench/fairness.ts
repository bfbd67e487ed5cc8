/**
 * One dead target's backlog and another's deliveries: a healthy target is sent to at a steady pace while a dead one, whose
 * every try takes long and fails, has more and more retries due. The server is in this process, on a real disk.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deliveries } from '../src/delivery/deliveries.ts'
import { type Delivery, target } from '../src/delivery/delivery.ts'
import { type Igarape, startIgarape } from '../src/testkit/server.ts'
import { bench, percentile } from './report.ts'

const backlogs = (process.env.BENCH_BACKLOGS ?? '0,10000,100000,1000000').split(',').map(Number)
const rowsACommit = 2_000
const measured = 1_500
const paceMillis = 4
const deadMillis = 1_000
const place = { account: '000000000000', region: 'us-east-1' }
const deadArn = 'arn:aws:bench:us-east-1:000000000000:dead'
const healthyArn = 'arn:aws:bench:us-east-1:000000000000:healthy'
const sender = { principal: 'events.amazonaws.com', sourceArn: 'arn:aws:events:us-east-1:000000000000:rule/bench' }

const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds))

export const fairness = bench('Fairness', async (report) => {
  const data = mkdtempSync(join(tmpdir(), 'igarape-bench-'))
  const igarape = await startIgarape({ data, clock: 'system' })
  const arrived = new Map<string, number>()
  registerTargets(igarape, arrived)
  let waiting = 0
  let alone: number | undefined
  try {
    await latencies(igarape, arrived, 200)
    for (const backlog of backlogs) {
      for (; waiting < backlog; waiting += rowsACommit) await addDue(igarape, waiting)
      const millis = await latencies(igarape, arrived, measured)
      const [p50, p99] = [percentile(millis, 0.5), percentile(millis, 0.99)]
      const what = `healthy target, ${backlog.toLocaleString('en-US')} retries of a dead one due`
      report({ what: `${what}: p50`, value: p50, unit: 'ms' })
      const reference = { what: 'none due', value: alone ?? p99 }
      report({ what: `${what}: p99`, value: p99, unit: 'ms', ...(alone && { reference, goal: '≤ 1.2x' }) })
      alone ??= p99
    }
  } finally {
    igarape.server.platform.runner.abandon()
    await igarape.stop()
    rmSync(data, { recursive: true, force: true })
  }
})

function registerTargets(igarape: Igarape, arrived: Map<string, number>): void {
  const dead = target('bench', {
    handles: (resource) => resource === 'dead',
    async carry() {
      await pause(deadMillis)
      return { kind: 'failed', code: 'TIMEOUT', message: 'No answer.' }
    },
  })
  const healthy = target('bench', {
    handles: (resource) => resource === 'healthy',
    async carry({ payload }) {
      arrived.set(payload, performance.now())
      return { kind: 'delivered' }
    },
  })
  const parts = { operations: new Map(), workers: [], provides: [] }
  igarape.server.platform.register({ name: 'bench' as never, targets: [dead, healthy], ...parts })
}

async function addDue(igarape: Igarape, from: number): Promise<void> {
  await igarape.server.platform.context(place).commit((tx) => {
    for (let n = from; n < from + rowsACommit; n++) {
      const delivery: Delivery = {
        id: `dead-${n}`,
        arn: deadArn,
        payload: JSON.stringify({ n, text: 'x'.repeat(500) }),
        sender,
        createdAt: tx.now,
        dueAt: tx.now,
        attempts: 1,
        trace: tx.trace,
      }
      tx.due(deliveries).put(delivery)
    }
  })
}

/** From the delivery's commit being begun to the target being called. */
async function latencies(igarape: Igarape, arrived: Map<string, number>, count: number): Promise<number[]> {
  const { platform } = igarape.server
  const sent = new Map<string, number>()
  for (let n = 0; n < count; n++) {
    const payload = `${performance.now()}`
    sent.set(payload, performance.now())
    void platform.context(place).commit((tx) => tx.deliver({ arn: healthyArn, payload, sender }))
    await pause(paceMillis)
  }
  while ([...sent.keys()].some((payload) => !arrived.has(payload))) await pause(paceMillis)
  const millis = [...sent].map(([payload, at]) => (arrived.get(payload) as number) - at)
  arrived.clear()
  return millis
}
