/** `kill -9` under load: what was acknowledged is there, has its record in the stream, and reached the function behind it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateScan,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams'
import { CreateEventSourceMappingCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect, test } from 'vitest'
import { drainedQueue } from '../drainedQueue.ts'
import { makeFunction } from '../lambda/samples.ts'
import { ServerProcess } from '../torture/serverProcess.ts'

const TableName = 'vendas'
const counter = { id: { S: 'soma' } }
const rounds = 4
const writers = 6
const answersBeforeKill = 60

const handing = `
  const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs')
  const sqs = new SQSClient({})
  exports.handler = async ({ Records }) => {
    const ids = Records.map((record) => record.dynamodb.Keys.id.S)
    await sqs.send(new SendMessageCommand({ QueueUrl: process.env.SEEN, MessageBody: JSON.stringify(ids) }))
  }`

async function prepare(server: ServerProcess): Promise<string> {
  const dynamodb = server.client(DynamoDBClient)
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    }),
  )
  const { QueueUrl = '' } = await server.client(SQSClient).send(new CreateQueueCommand({ QueueName: 'seen' }))
  const path = new URL(QueueUrl).pathname
  const code = handing.replace('process.env.SEEN', `process.env.AWS_ENDPOINT_URL + '${path}'`)
  await makeFunction(server as never, 'worker', code, { MemorySize: 512, Timeout: 20 })
  const EventSourceArn = (await dynamodb.send(new DescribeTableCommand({ TableName }))).Table?.LatestStreamArn
  const mapping = { FunctionName: 'worker', EventSourceArn, StartingPosition: 'TRIM_HORIZON' as const }
  await server.client(LambdaClient).send(new CreateEventSourceMappingCommand({ ...mapping, ParallelizationFactor: 2 }))
  return EventSourceArn as string
}

interface Written {
  ids: string[]
  added: number
}

/** Writes until the server is gone; what is in the book was acknowledged. */
async function write(server: ServerProcess, round: number, written: Written): Promise<void> {
  const dynamodb = server.client(DynamoDBClient)
  let answers = 0
  const writer = async (own: number) => {
    for (let count = 0; ; count++) {
      const id = `${round}/${own}/${count}`
      await dynamodb.send(new PutItemCommand({ TableName, Item: { id: { S: id } } }))
      written.ids.push(id)
      const values = { ':um': { N: '1' } }
      const add = { UpdateExpression: 'ADD n :um', ExpressionAttributeValues: values }
      await dynamodb.send(new UpdateItemCommand({ TableName, Key: counter, ...add }))
      written.added++
      if (++answers === answersBeforeKill) await server.kill()
    }
  }
  await Promise.allSettled(Array.from({ length: writers }, (_, own) => writer(own)))
}

async function recordIds(server: ServerProcess, StreamArn: string): Promise<string[]> {
  const streams = server.client(DynamoDBStreamsClient)
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }))
  const ShardId = StreamDescription?.Shards?.[0]?.ShardId
  const start = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' as const }
  let { ShardIterator } = await streams.send(new GetShardIteratorCommand(start))
  const ids: string[] = []
  for (;;) {
    const { Records = [], NextShardIterator } = await streams.send(new GetRecordsCommand({ ShardIterator }))
    if (Records.length === 0) return ids
    ids.push(...Records.map((record) => record.dynamodb?.Keys?.id?.S as string))
    ShardIterator = NextShardIterator
  }
}

async function seenIds(server: ServerProcess): Promise<Set<string>> {
  const batches = await drainedQueue<string[]>(server.client(SQSClient), `${server.endpoint}/000000000000/seen`)
  return new Set(batches.flat())
}

test('a killed server has all that it acknowledged, in the table, in its stream and in the function', async () => {
  const data = mkdtempSync(join(tmpdir(), 'igarape-dynamodb-'))
  const written: Written = { ids: [], added: 0 }
  let server = await ServerProcess.start(data)
  try {
    const streamArn = await prepare(server)
    for (let round = 0; round < rounds; round++) {
      await write(server, round, written)
      server = await ServerProcess.start(data)
    }
    await server.control('/settled')
    const dynamodb = server.client(DynamoDBClient)
    const present = new Set<string>()
    for await (const { Items = [] } of paginateScan({ client: dynamodb }, { TableName })) {
      for (const item of Items) present.add(item.id?.S as string)
    }
    const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key: counter }))
    const records = await recordIds(server, streamArn)
    const seen = await seenIds(server)

    expect(written.ids.filter((id) => !present.has(id))).toEqual([])
    const ofItems = records.filter((id) => id !== 'soma')
    expect(ofItems.toSorted()).toEqual([...present].filter((id) => id !== 'soma').sort())
    expect([...present].filter((id) => !seen.has(id))).toEqual([])
    const sum = Number(Item?.n?.N)
    expect(sum).toBe(records.length - ofItems.length)
    expect(sum).toBeGreaterThanOrEqual(written.added)
    expect(sum).toBeLessThanOrEqual(written.added + rounds * writers)
  } finally {
    await server.kill()
    rmSync(data, { recursive: true, force: true })
  }
}, 240_000)
