/**
 * DynamoDB at 16 connections: PutItem, GetItem, UpdateItem, and a Query of 50 items; writes that a stream tells of; and what a
 * million items take of memory. Reference: bare Node http + lmdb.
 */
import { type Load, rate, repeated, startBare } from './lanes.ts'
import { bench } from './report.ts'
import { memoryOf, startBenchServer } from './server.ts'

const connections = 16
const keysPerLane = 50
/** The store holds up to 64 MB of recent writes, whatever the table: both are past that. */
const [fewItems, manyItems] = [300_000, 1_000_000]
const batchItems = 25

/** Reads the JSON of a request, keeps or gives back the item of its key; durable before it answers. */
const bareServer = `
const { open } = require('lmdb')
const settings = { overlappingSync: false, eventTurnBatching: false, commitDelay: 0 }
const database = open({ path: process.argv[1] + '/store.mdb', ...settings })
require('node:http').createServer((request, response) => {
  const parts = []
  request.on('data', (part) => parts.push(part))
  request.on('end', async () => {
    const input = JSON.parse(Buffer.concat(parts).toString())
    const item = input.Item || input.Key
    const key = item.loja.S + '/' + item.venda.N
    if (input.Item) await database.put(key, item)
    else if (input.UpdateExpression) {
      const { soma } = database.get(key) || {}
      await database.put(key, { ...item, soma: { N: String(Number(soma ? soma.N : 0) + 1) } })
    }
    response.end(input.Item ? '{}' : JSON.stringify({ Item: database.get(key) }))
  })
}).listen(0, '127.0.0.1', function () { console.log('http://127.0.0.1:' + this.address().port) })`

const table = {
  TableName: 'medidas',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'loja', AttributeType: 'S' },
    { AttributeName: 'venda', AttributeType: 'N' },
  ],
  KeySchema: [
    { AttributeName: 'loja', KeyType: 'HASH' },
    { AttributeName: 'venda', KeyType: 'RANGE' },
  ],
}

const key = (lane: number, count: number) => ({
  loja: { S: `loja-${lane}` },
  venda: { N: String(count % keysPerLane) },
})

const inputs = {
  PutItem: (lane: number, count: number) => ({ Item: { ...key(lane, count), texto: { S: 'igarape '.repeat(25) } } }),
  GetItem: (lane: number, count: number) => ({ Key: key(lane, count) }),
  UpdateItem: (lane: number, count: number) => ({
    Key: key(lane, count),
    UpdateExpression: 'ADD soma :um',
    ExpressionAttributeValues: { ':um': { N: '1' } },
  }),
  Query: (lane: number) => ({
    KeyConditionExpression: 'loja = :loja',
    ExpressionAttributeValues: { ':loja': { S: `loja-${lane}` } },
  }),
}

export const items = bench('DynamoDB', async (report) => {
  const server = await startBenchServer()
  const bare = await startBare(bareServer)
  try {
    await ask(server.endpoint, 'CreateTable', table)
    for (const operation of ['PutItem', 'GetItem', 'UpdateItem'] as const) {
      const what = `${operation} at ${connections} connections`
      const reference = { what: 'bare Node http + lmdb', value: await rate(bare.endpoint, load(operation)) }
      report({ what, value: await rate(server.endpoint, load(operation)), unit: '/s', reference, goal: '≥ 0.5x' })
    }
    const query = await rate(server.endpoint, load('Query'))
    report({ what: `Query of ${keysPerLane} items`, value: query, unit: '/s', goal: '≥ 1000 /s' })
    const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' }
    await ask(server.endpoint, 'UpdateTable', { TableName: table.TableName, StreamSpecification })
    const streamed = await rate(server.endpoint, load('PutItem'))
    report({ what: 'PutItem into a table with a stream', value: streamed, unit: '/s' })
  } finally {
    await server.stop()
    bare.stop()
  }
})

export const memory = bench('DynamoDB, a million items', async (report) => {
  const server = await startBenchServer()
  try {
    await ask(server.endpoint, 'CreateTable', table)
    await repeated(server.endpoint, batches(0), fewItems / batchItems)
    const few = memoryOf(server.pid).own
    await repeated(server.endpoint, batches(fewItems / batchItems), (manyItems - fewItems) / batchItems)
    const many = memoryOf(server.pid).own
    report({ what: `its own memory with ${fewItems.toLocaleString('en')} items`, value: few, unit: 'MB' })
    const reference = { what: 'with 300,000', value: few }
    report({ what: `its own memory with ${manyItems.toLocaleString('en')} items`, value: many, unit: 'MB', reference })
  } finally {
    await server.stop()
  }
})

/** Writes of 25 items each, all of them new. */
function batches(from: number): Load {
  return {
    connections,
    request: (_, count) => {
      const puts = Array.from({ length: batchItems }, (__, at) => ({
        PutRequest: {
          Item: {
            loja: { S: `loja-${(from + count) % 1000}` },
            venda: { N: String((from + count) * batchItems + at) },
            texto: { S: 'igarape '.repeat(20) },
          },
        },
      }))
      return bytesOf('BatchWriteItem', { RequestItems: { [table.TableName]: puts } })
    },
  }
}

async function ask(endpoint: string, operation: string, input: object): Promise<void> {
  const answer = await fetch(endpoint, { method: 'POST', headers: headers(operation), body: JSON.stringify(input) })
  if (!answer.ok) throw new Error(await answer.text())
}

function headers(operation: string) {
  return { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `DynamoDB_20120810.${operation}` }
}

function load(operation: keyof typeof inputs): Load {
  return {
    connections,
    request: (lane, count) => bytesOf(operation, { TableName: table.TableName, ...inputs[operation](lane, count) }),
  }
}

function bytesOf(operation: string, input: object): Buffer {
  const lines = Object.entries(headers(operation)).map(([name, value]) => `${name}: ${value}\r\n`)
  const body = JSON.stringify(input)
  const length = `content-length: ${Buffer.byteLength(body)}\r\n`
  return Buffer.from(`POST / HTTP/1.1\r\nhost: 127.0.0.1\r\n${lines.join('')}${length}\r\n${body}`)
}
