/**
 * A backlog of deliveries that cannot be made yet: what it takes of memory, of a start, and how fast it drains once it can.
 * The queue that is the rule's target takes no message of that length, until it is told to. The clock is virtual, so that no
 * retry is due before the backlog is whole; the server is killed, and what drains is what the next one found on disk.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { repeated } from './lanes.ts'
import { bench } from './report.ts'
import { type BenchServer, memoryOf, startBenchServer } from './server.ts'

const backlog = Number(process.env.BENCH_BACKLOG ?? 1_000_000)
const connections = 16
const entriesPerRequest = 10
const pollMillis = 100
const queueArn = 'arn:aws:sqs:us-east-1:000000000000:atrasada'
const QueueUrl = 'http://127.0.0.1/000000000000/atrasada'

export const backlogs = bench('Backlog', async (report) => {
  const folder = mkdtempSync(join(tmpdir(), 'igarape-bench-'))
  const options = ['--clock', 'virtual']
  try {
    const first = await startBenchServer(options, folder)
    await withClients(first, makeRule)
    await repeated(first.endpoint, { connections, request: () => putEvents }, backlog / entriesPerRequest)
    const full = memoryOf(first.pid)
    await first.kill()
    const what = `${backlog.toLocaleString('en-US')} deliveries due`
    report({ what: `memory with ${what}`, value: full.own, unit: 'MB', goal: '≤ 200 MB' })
    const second = await startBenchServer(options, folder)
    report({ what: `ready after kill -9 with ${what}`, value: second.readyMillis, unit: 'ms', goal: '≤ 300 ms' })
    const { millis, peak } = await withClients(second, (clients) => drain(second, clients.sqs))
    await second.stop()
    report({ what: 'they drain at', value: backlog / (millis / 1000), unit: '/s' })
    report({ what: 'memory at most, while they drain', value: peak, unit: 'MB', goal: '≤ 200 MB' })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

interface Clients {
  sqs: SQSClient
  eventBridge: EventBridgeClient
}

async function withClients<T>({ endpoint }: BenchServer, use: (clients: Clients) => Promise<T>): Promise<T> {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const settings = { endpoint, region: 'us-east-1', credentials }
  const clients = { sqs: new SQSClient(settings), eventBridge: new EventBridgeClient(settings) }
  try {
    return await use(clients)
  } finally {
    clients.sqs.destroy()
    clients.eventBridge.destroy()
  }
}

/** Of events a little longer than the queue takes. */
async function makeRule({ sqs, eventBridge }: Clients): Promise<void> {
  const Attributes = { MaximumMessageSize: '1024' }
  await sqs.send(new CreateQueueCommand({ QueueName: 'atrasada', Attributes }))
  await eventBridge.send(new PutRuleCommand({ Name: 'atrasada', EventPattern: '{"source":["loja"]}' }))
  await eventBridge.send(new PutTargetsCommand({ Rule: 'atrasada', Targets: [{ Id: 'fila', Arn: queueArn }] }))
}

const putEvents = requestOf({
  Entries: Array.from({ length: entriesPerRequest }, (_, n) => ({
    Source: 'loja',
    DetailType: 'venda',
    Detail: JSON.stringify({ venda_id: n, nota: 'x'.repeat(1_000) }),
  })),
})

function requestOf(input: object): Buffer {
  const body = Buffer.from(JSON.stringify(input))
  const head =
    'POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-amz-json-1.1\r\nx-amz-target: AWSEvents.PutEvents\r\n' +
    `content-length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}

/** Lets the queue take them, and moves the clock to where all of them are due. */
async function drain({ endpoint, pid }: BenchServer, sqs: SQSClient): Promise<{ millis: number; peak: number }> {
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { MaximumMessageSize: '262144' } }))
  let peak = 0
  const look = setInterval(() => {
    peak = Math.max(peak, memoryOf(pid).own)
  }, 250)
  const start = performance.now()
  // It answers when all is done, which may be later than a client waits.
  fetch(`${endpoint}/_igarape/clock`, { method: 'POST', body: '{"advance":"2s"}' }).catch(() => undefined)
  while ((await waiting(sqs)) < backlog) await new Promise((done) => setTimeout(done, pollMillis))
  clearInterval(look)
  return { millis: performance.now() - start, peak }
}

async function waiting(sqs: SQSClient): Promise<number> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
  )
  return Number(Attributes?.ApproximateNumberOfMessages)
}
