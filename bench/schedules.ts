/**
 * Schedules: a virtual day of one that fires every minute, and what a hundred thousand of them do to start and memory.
 * Reference: the same server without schedules, in the same run.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import { CreateScheduleCommand, type CreateScheduleInput, SchedulerClient } from '@aws-sdk/client-scheduler'
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { bench, type Figure, percentile } from './report.ts'
import { type BenchServer, clientSettings, memoryOf, startBenchServer } from './server.ts'

const minutesOfDay = 1_440
const schedulesCount = 100_000
const connections = 32
const starts = 5
const idleMillis = 2_000
/** Nothing is due while starts are measured. */
const quietMillis = 3 * 3_600_000
const Arn = 'arn:aws:sqs:us-east-1:000000000000:fila'
const virtual = ['--clock', 'virtual']

export const schedules = bench('Schedules', async (report) => {
  report(await dayOf('a scheduled rule, rate(1 minute): 1,440 firings', minutesOfDay, makeRule))
  report(await dayOf('a schedule, rate(1 minute): 1,441 firings, one when it is made', minutesOfDay + 1, makeSchedule))
  const folders = ['igarape-none-', 'igarape-many-'].map((name) => mkdtempSync(join(tmpdir(), name)))
  const [none = '', many = ''] = folders
  try {
    report(await fill(many))
    const [empty, full] = [await startOn(none), await startOn(many)]
    const reference = (value: number) => ({ what: 'none', value })
    const start = { what: 'process start → ready, with 100,000 schedules', value: full.millis, unit: 'ms' }
    report({ ...start, reference: reference(empty.millis), goal: '≤ 1.2 x' })
    const memory = { what: 'idle memory (RssAnon + RssShmem)', value: full.own, unit: 'MB' }
    report({ ...memory, reference: reference(empty.own), goal: '≤ 1.1 x' })
    report({ what: 'idle mapped pages (RssFile)', value: full.mapped, unit: 'MB', reference: reference(empty.mapped) })
    report(await hourOf(many))
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  }
})

type Make = (server: BenchServer) => Promise<void>

async function dayOf(what: string, wanted: number, make: Make): Promise<Figure> {
  const server = await startBenchServer(virtual)
  try {
    await makeQueue(server)
    await make(server)
    const [start, cpu] = [performance.now(), cpuSeconds(server.pid)]
    await advance(server, '24h')
    const seconds = (performance.now() - start) / 1000
    await mustHold(server, wanted)
    const used = (cpuSeconds(server.pid) - cpu).toFixed(2)
    return { what: `a day of ${what} (CPU ${used} s)`, value: seconds, unit: 's', goal: '≤ 5 s' }
  } finally {
    await server.stop()
  }
}

const makeRule: Make = async (server) => {
  const events = new EventBridgeClient(clientSettings(server))
  await events.send(new PutRuleCommand({ Name: 'minuto', ScheduleExpression: 'rate(1 minute)' }))
  await events.send(new PutTargetsCommand({ Rule: 'minuto', Targets: [{ Id: 'fila', Arn }] }))
  events.destroy()
}

const makeSchedule: Make = async (server) => {
  const scheduler = new SchedulerClient(clientSettings(server))
  await scheduler.send(new CreateScheduleCommand(scheduleOf('minuto', 'rate(1 minute)')))
  scheduler.destroy()
}

/** A hundred thousand schedules, spread over the minutes of a day that begins in some hours. */
async function fill(folder: string): Promise<Figure> {
  const server = await startBenchServer(virtual, folder)
  try {
    await makeQueue(server)
    const start = performance.now()
    let next = 0
    const lane = async () => {
      for (let at = next++; at < schedulesCount; at = next++) {
        const time = new Date(Date.now() + quietMillis + (at % minutesOfDay) * 60_000)
        const expression = `at(${time.toISOString().slice(0, 16)}:00)`
        const body = JSON.stringify({ ...scheduleOf('', expression), Name: undefined })
        const answer = await fetch(`${server.endpoint}/schedules/s${at}`, { method: 'POST', headers, body })
        if (!answer.ok) throw new Error(await answer.text())
        await answer.arrayBuffer()
      }
    }
    await Promise.all(Array.from({ length: connections }, lane))
    const perSecond = schedulesCount / ((performance.now() - start) / 1000)
    return { what: `CreateSchedule at ${connections} connections`, value: perSecond, unit: '/s' }
  } finally {
    await server.stop()
  }
}

const headers = {
  'content-type': 'application/json',
  authorization:
    'AWS4-HMAC-SHA256 Credential=test/20251020/us-east-1/scheduler/aws4_request, SignedHeaders=host, Signature=0',
}

async function startOn(folder: string): Promise<{ millis: number; own: number; mapped: number }> {
  const millis: number[] = []
  let memory = { own: 0, mapped: 0 }
  for (let start = 1; start <= starts; start++) {
    const server = await startBenchServer(virtual, folder)
    millis.push(server.readyMillis)
    if (start === starts) {
      await new Promise((done) => setTimeout(done, idleMillis))
      memory = memoryOf(server.pid)
    }
    await server.stop()
  }
  return { millis: percentile(millis, 0.5), ...memory }
}

async function hourOf(folder: string): Promise<Figure> {
  const server = await startBenchServer(virtual, folder)
  try {
    await advance(server, '3h')
    const before = await held(server)
    const start = performance.now()
    await advance(server, '1h')
    const seconds = (performance.now() - start) / 1000
    return { what: 'an hour of them: firings', value: ((await held(server)) - before) / seconds, unit: '/s' }
  } finally {
    await server.stop()
  }
}

function scheduleOf(Name: string, ScheduleExpression: string): CreateScheduleInput {
  const Target = { Arn, RoleArn: 'arn:aws:iam::000000000000:role/agenda', Input: '<aws.scheduler.scheduled-time>' }
  return { Name, ScheduleExpression, FlexibleTimeWindow: { Mode: 'OFF' }, Target }
}

async function makeQueue(server: BenchServer): Promise<void> {
  const sqs = new SQSClient(clientSettings(server))
  await sqs.send(new CreateQueueCommand({ QueueName: 'fila' }))
  sqs.destroy()
}

async function held(server: BenchServer): Promise<number> {
  const sqs = new SQSClient(clientSettings(server))
  const QueueUrl = `${server.endpoint}/000000000000/fila`
  const AttributeNames = ['ApproximateNumberOfMessages' as const]
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))
  sqs.destroy()
  return Number(Attributes?.ApproximateNumberOfMessages)
}

async function mustHold(server: BenchServer, wanted: number): Promise<void> {
  const found = await held(server)
  if (found !== wanted) throw new Error(`${found} firings in a day, not ${wanted}`)
}

async function advance(server: BenchServer, by: string): Promise<void> {
  const answer = await fetch(`${server.endpoint}/_igarape/clock`, {
    method: 'POST',
    body: JSON.stringify({ advance: by }),
  })
  if (!answer.ok) throw new Error(await answer.text())
}

/** In user and kernel mode, of the server's own process. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const [, , , , , , , , , , , user = '0', system = '0'] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(user) + Number(system)) / 100
}
