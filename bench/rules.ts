/**
 * What an event costs by the number of rules on its bus, of which one matches, and by the number of rules that match; and how
 * soon a long poll answers. Processor time, for it is the same on a machine that does other things too.
 */
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge'
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import { Lane, repeated } from './lanes.ts'
import { bench, percentile } from './report.ts'
import { type BenchServer, clientSettings, cpuMillisOf, startBenchServer } from './server.ts'

const ruleCounts = [1, 100, 1_000, 10_000]
const matchingCounts = [1, 2, 5, 10]
const entriesPerRequest = 10
const warmRequests = 600
const measuredRequests = 2_000
const load = { connections: 16 }
/** The first ones make the server as quick as it becomes. */
const longPollsWarm = 2_000
const longPolls = 1_000
/** Until a poll waits in the server. */
const pollMillis = 1
const queueArn = 'arn:aws:sqs:us-east-1:000000000000:vendas'
const QueueUrl = 'http://127.0.0.1/000000000000/vendas'
const otherQueueUrl = 'http://127.0.0.1/000000000000/outra'
/** What was received must not come again. */
const forLong = { VisibilityTimeout: 43_200 }

export const rules = bench('Rules', async (report) => {
  const server = await startBenchServer()
  const { events, close } = await connected(server)
  try {
    let made = 0
    let first: number | undefined
    await match(events, 'muitas', 1)
    for (const count of ruleCounts) {
      for (; made < count - 1; made++) await events.send(new PutRuleCommand(otherRule(made)))
      const micros = await microsAnEvent(server, 'muitas')
      const reference = { what: '1 rule', value: first ?? micros }
      const what = `CPU of an event → SQS, ${count.toLocaleString('en-US')} rules, one matches`
      report({ what, value: micros, unit: 'µs', ...(first && { reference, goal: '≤ 1.5x' }) })
      first ??= micros
    }
    for (const count of matchingCounts) {
      await match(events, `casam-${count}`, count)
      const micros = await microsAnEvent(server, `casam-${count}`)
      report({ what: `CPU of an event → SQS, ${count} rules match`, value: micros, unit: 'µs' })
    }
  } finally {
    close()
    await server.stop()
  }
})

export const longPoll = bench('Long poll', async (report) => {
  const server = await startBenchServer()
  const { events, sqs, close } = await connected(server)
  const [putting, polling] = [new Lane(server.endpoint), new Lane(server.endpoint)]
  try {
    await match(events, 'uma', 1)
    await sqs.send(new CreateQueueCommand({ QueueName: 'outra' }))
    const [polls, sends]: [number[], number[]] = [[], []]
    for (let n = 0; n < longPollsWarm + longPolls; n++) {
      const received = polling.send(sqsRequest('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20, ...forLong }))
      await new Promise((done) => setTimeout(done, pollMillis))
      const start = performance.now()
      const accepted = putting.send(putEvents('uma', 1))
      await received
      polls.push(performance.now() - start)
      await accepted
      const sending = performance.now()
      await putting.send(sqsRequest('SendMessage', { QueueUrl: otherQueueUrl, MessageBody: 'x'.repeat(800) }))
      sends.push(performance.now() - sending)
    }
    const what = 'PutEvents → a long poll has returned, one at a time'
    for (const [name, share, goal] of [
      ['p50', 0.5, '≤ 2 ms'],
      ['p99', 0.99, '≤ 6 ms'],
    ] as const) {
      const [value, sent] = [polls, sends].map((millis) => percentile(millis.slice(longPollsWarm), share)) as [
        number,
        number,
      ]
      report({
        what: `${what}: ${name}`,
        value,
        unit: 'ms',
        goal,
        reference: { what: 'SendMessage between them', value: sent },
      })
    }
  } finally {
    putting.close()
    polling.close()
    close()
    await server.stop()
  }
})

async function connected(server: BenchServer) {
  const settings = clientSettings(server)
  const [events, sqs] = [new EventBridgeClient(settings), new SQSClient(settings)]
  await sqs.send(new CreateQueueCommand({ QueueName: 'vendas' }))
  const close = () => {
    events.destroy()
    sqs.destroy()
  }
  return { events, sqs, close }
}

/** A bus with so many rules that match every event of it, each to the same queue. */
async function match(events: EventBridgeClient, bus: string, count: number): Promise<void> {
  await events.send(new CreateEventBusCommand({ Name: bus }))
  for (let n = 0; n < count; n++) {
    const place = { EventBusName: bus }
    await events.send(new PutRuleCommand({ ...place, Name: `casa-${n}`, EventPattern: '{"source":["loja"]}' }))
    const Targets = [{ Id: 'fila', Arn: queueArn }]
    await events.send(new PutTargetsCommand({ ...place, Rule: `casa-${n}`, Targets }))
  }
}

function otherRule(n: number) {
  const pattern = { source: [`outra-${n}`], 'detail-type': ['venda'], detail: { kind: [`k${n}`] } }
  return { Name: `outra-${n}`, EventBusName: 'muitas', EventPattern: JSON.stringify(pattern) }
}

async function microsAnEvent({ endpoint, pid }: BenchServer, bus: string): Promise<number> {
  const request = () => putEvents(bus, entriesPerRequest)
  await repeated(endpoint, { ...load, request }, warmRequests)
  const before = cpuMillisOf(pid)
  await repeated(endpoint, { ...load, request }, measuredRequests)
  return ((cpuMillisOf(pid) - before) * 1_000) / (measuredRequests * entriesPerRequest)
}

function putEvents(bus: string, count: number): Buffer {
  const Entries = Array.from({ length: count }, (_, n) => ({
    EventBusName: bus,
    Source: 'loja',
    DetailType: 'venda',
    Detail: JSON.stringify({ venda_id: n, produto_id: 'P-17', valor: 12.5 + n, nota: 'x'.repeat(800) }),
  }))
  return jsonRequest('AWSEvents.PutEvents', '1.1', { Entries })
}

function sqsRequest(operation: string, input: object): Buffer {
  return jsonRequest(`AmazonSQS.${operation}`, '1.0', input)
}

function jsonRequest(target: string, version: string, input: object): Buffer {
  const body = Buffer.from(JSON.stringify(input))
  const head =
    `POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-amz-json-${version}\r\nx-amz-target: ${target}\r\n` +
    `content-length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}
