/**
 * What an archive costs the PutEvents of its bus, as it grows, and how fast it is replayed. Rounds with and without an
 * archive alternate in one server, so a loaded machine slows both; CPU per event is the server's own.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import {
  CreateArchiveCommand,
  CreateEventBusCommand,
  DescribeArchiveCommand,
  DescribeReplayCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  StartReplayCommand,
} from '@aws-sdk/client-eventbridge'
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import { type Load, rate } from './lanes.ts'
import { bench, type Figure, median } from './report.ts'
import { type BenchServer, clientSettings, memoryOf, startBenchServer } from './server.ts'

const connections = 16
const entriesPerRequest = 10
const rounds = 5
/** Events in the archive at the end: `IGARAPE_BENCH_EVENTS=10000000` where there is time and disk. */
const eventsMax = Number(process.env.IGARAPE_BENCH_EVENTS ?? 300_000)
const ticksPerSecond = 100
const arn = (resource: string) => `arn:aws:events:us-east-1:000000000000:${resource}`

type Report = (figure: Figure) => void

export const archive = bench('EventBridge archives', async (report) => {
  const server = await startBenchServer()
  const settings = clientSettings(server)
  const events = new EventBridgeClient(settings)
  const sqs = new SQSClient(settings)
  try {
    await sqs.send(new CreateQueueCommand({ QueueName: 'fila' }))
    for (const [bus, ruled, archived] of buses) await makeBus(events, bus, { ruled, archived })
    await compare(server, report, 'no rule', 'bare', 'archived')
    await compare(server, report, 'rule → SQS', 'ruled', 'both')
    await grow(server, events, report)
    await replay(server, events, report, 'archived', 'no rule')
    await replay(server, events, report, 'both', 'rule → SQS')
  } finally {
    events.destroy()
    sqs.destroy()
    await server.stop()
  }
})

const buses: [name: string, ruled: boolean, archived: boolean][] = [
  ['bare', false, false],
  ['archived', false, true],
  ['ruled', true, false],
  ['both', true, true],
]

async function makeBus(
  events: EventBridgeClient,
  Name: string,
  { ruled, archived }: { ruled: boolean; archived: boolean },
) {
  await events.send(new CreateEventBusCommand({ Name }))
  if (ruled) {
    await events.send(new PutRuleCommand({ Name: 'vendas', EventBusName: Name, EventPattern: '{"source":["loja"]}' }))
    const Targets = [{ Id: 'fila', Arn: 'arn:aws:sqs:us-east-1:000000000000:fila' }]
    await events.send(new PutTargetsCommand({ Rule: 'vendas', EventBusName: Name, Targets }))
  }
  if (archived) {
    await events.send(new CreateArchiveCommand({ ArchiveName: Name, EventSourceArn: arn(`event-bus/${Name}`) }))
  }
}

/** Of the rounds, each a pair that was measured one after the other, the one whose ratio is the median. */
async function compare(server: BenchServer, report: Report, kind: string, without: string, withArchive: string) {
  const pairs: { before: Measured; after: Measured }[] = []
  for (let round = 0; round < rounds; round++) {
    const before = await putRate(server, without)
    pairs.push({ before, after: await putRate(server, withArchive) })
  }
  const rates = median(pairs, ({ before, after }) => after.rate / before.rate)
  const cpu = median(pairs, ({ before, after }) => after.cpuMicros / before.cpuMicros)
  report({
    what: `PutEvents(${entriesPerRequest}) at ${connections} connections, ${kind}: with an archive`,
    value: rates.after.rate,
    unit: 'events/s',
    reference: { what: 'without', value: rates.before.rate },
    goal: '≥ 0.9 x',
  })
  report({
    what: '… CPU of the server for an event',
    value: cpu.after.cpuMicros,
    unit: 'µs',
    reference: { what: 'without', value: cpu.before.cpuMicros },
    goal: '≤ 1.1 x',
  })
}

interface Measured {
  rate: number
  cpuMicros: number
}

async function putRate(server: BenchServer, bus: string): Promise<Measured> {
  const { load, sent } = putLoad(bus)
  const cpu = cpuSeconds(server.pid)
  const events = (await rate(server.endpoint, load)) * entriesPerRequest
  return { rate: events, cpuMicros: ((cpuSeconds(server.pid) - cpu) * 1e6) / (sent() * entriesPerRequest) }
}

/** Fills the archive, and says at each step what an event costs then. */
async function grow(server: BenchServer, events: EventBridgeClient, report: Report) {
  for (let wanted = eventsMax / 3; wanted <= eventsMax * 1.01; wanted += eventsMax / 3) {
    let measured = { rate: 0, cpuMicros: 0 }
    while ((await countOf(events, 'archived')) < wanted) measured = await putRate(server, 'archived')
    if (measured.rate === 0) continue
    const count = await countOf(events, 'archived')
    report({
      what: `PutEvents into an archive of ${Math.round(count / 1000)}k`,
      value: measured.rate,
      unit: 'events/s',
    })
    report({ what: '… CPU of the server for an event', value: measured.cpuMicros, unit: 'µs' })
  }
  const start = performance.now()
  const count = await countOf(events, 'archived')
  report({
    what: `DescribeArchive of ${Math.round(count / 1000)}k events`,
    value: performance.now() - start,
    unit: 'ms',
  })
  report({
    what: 'disk for an archived event',
    value: segmentBytes(server) / (await allArchived(events)),
    unit: 'bytes',
  })
  report({ what: "the server's own memory", value: memoryOf(server.pid).own, unit: 'MB' })
}

async function replay(server: BenchServer, events: EventBridgeClient, report: Report, bus: string, kind: string) {
  const count = await countOf(events, bus)
  const cpu = cpuSeconds(server.pid)
  const start = performance.now()
  await events.send(
    new StartReplayCommand({
      ReplayName: bus,
      EventSourceArn: arn(`archive/${bus}`),
      EventStartTime: new Date(0),
      EventEndTime: new Date('2100-01-01'),
      Destination: { Arn: arn(`event-bus/${bus}`) },
    }),
  )
  for (;;) {
    const { State } = await events.send(new DescribeReplayCommand({ ReplayName: bus }))
    if (State === 'COMPLETED') break
    if (State === 'FAILED') throw new Error('the replay failed')
    await new Promise((done) => setTimeout(done, 50))
  }
  const seconds = (performance.now() - start) / 1000
  const cpuMicros = ((cpuSeconds(server.pid) - cpu) * 1e6) / count
  report({
    what: `replay of ${Math.round(count / 1000)}k events, ${kind}`,
    value: count / seconds,
    unit: 'events/s',
    goal: '≥ 20000 events/s',
  })
  report({ what: '… CPU of the server for an event', value: cpuMicros, unit: 'µs' })
}

function putLoad(bus: string): { load: Load; sent(): number } {
  let sent = 0
  const Entries = Array.from({ length: entriesPerRequest }, (_, n) => ({
    EventBusName: bus,
    Source: 'loja',
    DetailType: 'venda',
    Detail: JSON.stringify({
      venda_id: n,
      produto_id: 'P-17',
      valor: 12.5 + n,
      data: '2025-10-20',
      obs: 'x'.repeat(150),
    }),
  }))
  const body = Buffer.from(JSON.stringify({ Entries }))
  const head =
    'POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-amz-json-1.1\r\nx-amz-target: AWSEvents.PutEvents\r\n' +
    `content-length: ${body.length}\r\n\r\n`
  const request = Buffer.concat([Buffer.from(head), body])
  const load = {
    connections,
    request() {
      sent++
      return request
    },
  }
  return { load, sent: () => sent }
}

async function countOf(events: EventBridgeClient, ArchiveName: string): Promise<number> {
  return Number((await events.send(new DescribeArchiveCommand({ ArchiveName }))).EventCount)
}

async function allArchived(events: EventBridgeClient): Promise<number> {
  return (await countOf(events, 'archived')) + (await countOf(events, 'both'))
}

function segmentBytes({ folder }: BenchServer): number {
  const segments = join(folder, 'segments')
  return readdirSync(segments).reduce((sum, name) => sum + statSync(join(segments, name)).size, 0)
}

/** User and system time of a process so far. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
  return (Number(user) + Number(system)) / ticksPerSecond
}
