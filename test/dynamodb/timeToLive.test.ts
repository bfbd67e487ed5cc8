/** Items that end: deleted on the clock, and told of by the stream. */
import {
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  PutItemCommand,
  ScanCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb'
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
} from '@aws-sdk/client-dynamodb-streams'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { keyOf, withTable } from './fixture.ts'

const TableName = 'vendas'

function switchTo(dynamodb: DynamoDBClient, Enabled: boolean, AttributeName = 'fim') {
  return dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { Enabled, AttributeName } }))
}

function put(dynamodb: DynamoDBClient, venda: number, fim?: { N: string } | { S: string }) {
  return dynamodb.send(new PutItemCommand({ TableName, Item: { ...keyOf('1', venda), ...(fim && { fim }) } }))
}

async function sales(dynamodb: DynamoDBClient) {
  const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName }))
  return Items.map((item) => Number(item.venda?.N))
}

function inSeconds(igarape: Igarape, seconds: number) {
  return { N: String(Math.ceil(igarape.clock.now().getTime() / 1000) + seconds) }
}

async function records(igarape: Igarape) {
  const streams = igarape.client(DynamoDBStreamsClient)
  const StreamArn = (await streams.send(new ListStreamsCommand({}))).Streams?.[0]?.StreamArn
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }))
  const ShardId = StreamDescription?.Shards?.[0]?.ShardId
  const start = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' as const }
  const { ShardIterator } = await streams.send(new GetShardIteratorCommand(start))
  return (await streams.send(new GetRecordsCommand({ ShardIterator }))).Records ?? []
}

test('an item is deleted when its time is over, whether it came before or after the switch', async ({ igarape }) => {
  const dynamodb = await withTable(igarape, {
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  })
  await put(dynamodb, 1, inSeconds(igarape, 60))
  await switchTo(dynamodb, true)
  await put(dynamodb, 2, inSeconds(igarape, 120))
  await put(dynamodb, 3, { S: 'sempre' })
  await put(dynamodb, 4, { N: '1000' })
  await put(dynamodb, 5, inSeconds(igarape, -10))
  await put(dynamodb, 6, inSeconds(igarape, 60))
  await put(dynamodb, 6, inSeconds(igarape, 600))
  await igarape.settled()
  const described = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }))

  expect(described.TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'fim' })
  expect(await sales(dynamodb)).toEqual([1, 2, 3, 4, 6])
  await igarape.clock.advance({ seconds: 61 })
  expect(await sales(dynamodb)).toEqual([2, 3, 4, 6])
  await igarape.clock.advance({ seconds: 60 })
  expect(await sales(dynamodb)).toEqual([3, 4, 6])
  const removed = (await records(igarape)).filter((record) => record.eventName === 'REMOVE')
  expect(removed.map((record) => Number(record.dynamodb?.Keys?.venda?.N))).toEqual([5, 1, 2])
  expect(removed[0]).toMatchObject({ userIdentity: { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' } })
})

test('many items that end in one second all go', async ({ igarape }) => {
  const dynamodb = await withTable(igarape)
  await switchTo(dynamodb, true)
  await Promise.all(Array.from({ length: 250 }, (_, venda) => put(dynamodb, venda, inSeconds(igarape, 5))))

  await igarape.clock.advance({ seconds: 7 })

  expect(await sales(dynamodb)).toEqual([])
})

test('switched off, nothing ends; and what is so already is refused', async ({ igarape }) => {
  const dynamodb = await withTable(igarape)
  await expect(switchTo(dynamodb, false)).rejects.toThrow('TimeToLive is already disabled')
  await switchTo(dynamodb, true)
  await put(dynamodb, 1, inSeconds(igarape, 60))
  await expect(switchTo(dynamodb, true)).rejects.toThrow('TimeToLive is already enabled')
  await expect(switchTo(dynamodb, true, 'outro')).rejects.toThrow('TimeToLive is active on a different AttributeName')

  await switchTo(dynamodb, false)
  await igarape.clock.advance({ minutes: 5 })

  expect(await sales(dynamodb)).toEqual([1])
})
