/**
 * One dead target's backlog and another's deliveries: a healthy target is sent to at a steady pace while a dead one, whose
 * every try takes long and fails, has more and more retries due. Servers are in this process, on a real disk; one without a
 * backlog is measured in turns with the other, so that what else the machine does strikes both.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deliveries } from '../src/delivery/deliveries.ts'
import { type Delivery, target } from '../src/delivery/delivery.ts'
import { type Igarape, startIgarape } from '../src/testkit/server.ts'
import { bench, median, percentile } from './report.ts'

const backlogs = (process.env.BENCH_BACKLOGS ?? '0,10000,100000,1000000').split(',').map(Number)
const rowsACommit = 2_000
const turns = 11
const deliveriesATurn = 150
const paceMillis = 4
const deadMillis = 1_000
const place = { account: '000000000000', region: 'us-east-1' }
const deadArn = 'arn:aws:bench:us-east-1:000000000000:dead'
const healthyArn = 'arn:aws:bench:us-east-1:000000000000:healthy'
const sender = { principal: 'events.amazonaws.com', sourceArn: 'arn:aws:events:us-east-1:000000000000:rule/bench' }

const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds))

export const fairness = bench('Fairness', async (report) => {
  const alone = await startServer()
  const beside = await startServer()
  let waiting = 0
  try {
    for (const backlog of backlogs) {
      for (; waiting < backlog; waiting += rowsACommit) await addDue(beside.igarape, waiting)
      const pairs: Pair[] = []
      for (let turn = 0; turn < turns; turn++) {
        const { runner } = beside.igarape.server.platform
        runner.abandon()
        await pause(deadMillis * 1.2)
        const without = await latencies(alone)
        runner.start()
        await pause(deadMillis * 0.2)
        pairs.push({ without, withIt: await latencies(beside) })
      }
      const what = `healthy target, ${backlog.toLocaleString('en-US')} retries of a dead one due`
      for (const [name, fraction] of [['p50', 0.5] as const, ['p99', 0.99] as const]) {
        const { without, withIt } = typicalOf(pairs, fraction)
        const reference = { what: 'none due', value: without }
        const goal = name === 'p99' ? { goal: '≤ 1.2x' } : {}
        report({ what: `${what}: ${name}`, value: withIt, unit: 'ms', reference, ...goal })
      }
    }
  } finally {
    await stopServer(alone)
    await stopServer(beside)
  }
})

/** Latencies of one turn, and of the next with the backlog. */
interface Pair {
  without: number[]
  withIt: number[]
}

/** Of the turns, each with its own percentile, the one whose ratio is the median: one slow write is not a slow machine. */
function typicalOf(pairs: readonly Pair[], fraction: number): { without: number; withIt: number } {
  const figures = pairs.map(({ without, withIt }) => ({
    without: percentile(without, fraction),
    withIt: percentile(withIt, fraction),
  }))
  return median(figures, ({ without, withIt }) => withIt / without)
}

interface Measured {
  igarape: Igarape
  data: string
  /** When each payload came to the healthy target. */
  arrived: Map<string, number>
}

async function startServer(): Promise<Measured> {
  const data = mkdtempSync(join(tmpdir(), 'igarape-bench-'))
  const measured = { data, igarape: await startIgarape({ data, clock: 'system' }), arrived: new Map() }
  registerTargets(measured)
  await latencies(measured)
  return measured
}

async function stopServer({ igarape, data }: Measured): Promise<void> {
  igarape.server.platform.runner.abandon()
  await igarape.stop()
  rmSync(data, { recursive: true, force: true })
}

function registerTargets({ igarape, arrived }: Measured): void {
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
async function latencies({ igarape, arrived }: Measured): Promise<number[]> {
  const { platform } = igarape.server
  const sent = new Map<string, number>()
  for (let n = 0; n < deliveriesATurn; n++) {
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
