/** PutEvents with ten entries → rule → SQS: events accepted, and there in the queue. Reference: bare Node http + lmdb. */
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { type Load, rate, startBare } from './lanes.ts'
import { bench } from './report.ts'
import { clientSettings, startBenchServer } from './server.ts'

const connections = 16
const entriesPerRequest = 10
const pollMillis = 5

/** Commits each entry under a key of its own, all ten at once, and answers when they are on disk. No rule, no queue. */
const bareServer = `
const { open } = require('lmdb')
const { randomUUID } = require('node:crypto')
const settings = { encoding: 'binary', overlappingSync: false, eventTurnBatching: false, commitDelay: 0 }
const database = open({ path: process.argv[1] + '/store.mdb', ...settings })
require('node:http').createServer((request, response) => {
  const parts = []
  request.on('data', (part) => parts.push(part))
  request.on('end', async () => {
    const ids = []
    await database.batch(() => {
      for (const entry of JSON.parse(Buffer.concat(parts).toString()).Entries) {
        const id = randomUUID()
        ids.push({ EventId: id })
        database.put(id, Buffer.from(JSON.stringify({ ...entry, detail: JSON.parse(entry.Detail) })))
      }
    })
    response.end(JSON.stringify({ FailedEntryCount: 0, Entries: ids }))
  })
}).listen(0, '127.0.0.1', function () { console.log('http://127.0.0.1:' + this.address().port) })`

export const events = bench('EventBridge', async (report) => {
  const server = await startBenchServer()
  const bare = await startBare(bareServer)
  const settings = clientSettings(server)
  const sqs = new SQSClient(settings)
  const eventBridge = new EventBridgeClient(settings)
  try {
    await sqs.send(new CreateQueueCommand({ QueueName: 'vendas' }))
    await eventBridge.send(
      new PutRuleCommand({
        Name: 'vendas',
        EventPattern: '{"source":["loja"],"detail":{"valor":[{"numeric":[">",1]}]}}',
      }),
    )
    const Arn = 'arn:aws:sqs:us-east-1:000000000000:vendas'
    await eventBridge.send(new PutTargetsCommand({ Rule: 'vendas', Targets: [{ Id: 'fila', Arn }] }))

    const counted = countingLoad()
    const start = performance.now()
    const accepted = await rate(server.endpoint, counted.load)
    const wanted = counted.sent() * entriesPerRequest
    while ((await waiting(sqs)) < wanted) await new Promise((done) => setTimeout(done, pollMillis))
    const delivered = wanted / ((performance.now() - start) / 1000)
    const reference = await rate(bare.endpoint, countingLoad().load)
    report({
      what: `PutEvents(${entriesPerRequest}) at ${connections} connections: accepted`,
      value: accepted * entriesPerRequest,
      unit: 'events/s',
      reference: { what: 'bare Node http + lmdb', value: reference * entriesPerRequest },
    })
    report({
      what: '… and in the queue, from the first request to the last message',
      value: delivered,
      unit: 'events/s',
    })
  } finally {
    sqs.destroy()
    eventBridge.destroy()
    await server.stop()
    bare.stop()
  }
})

function countingLoad(): { load: Load; sent(): number } {
  let sent = 0
  const Entries = Array.from({ length: entriesPerRequest }, (_, n) => ({
    Source: 'loja',
    DetailType: 'venda',
    Detail: JSON.stringify({ venda_id: n, produto_id: 'P-17', valor: 12.5 + n, data: '2025-10-20' }),
  }))
  const body = Buffer.from(JSON.stringify({ Entries }))
  const head =
    'POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-amz-json-1.1\r\nx-amz-target: AWSEvents.PutEvents\r\n' +
    `content-length: ${body.length}\r\n\r\n`
  const request = Buffer.concat([Buffer.from(head), body])
  return {
    sent: () => sent,
    load: {
      connections,
      request() {
        sent++
        return request
      },
    },
  }
}

async function waiting(sqs: SQSClient): Promise<number> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: 'http://127.0.0.1/000000000000/vendas',
      AttributeNames: ['ApproximateNumberOfMessages'],
    }),
  )
  return Number(Attributes?.ApproximateNumberOfMessages)
}
