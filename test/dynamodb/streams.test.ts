/** Streams through the SDK: what writes leave in them, how they are read, and how long. */
import {
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  PutItemCommand,
  type StreamViewType,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb'
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
  type ShardIteratorType,
} from '@aws-sdk/client-dynamodb-streams'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { keyOf, withTable } from './fixture.ts'

const TableName = 'vendas'
const stream = (StreamViewType: StreamViewType) => ({ StreamSpecification: { StreamEnabled: true, StreamViewType } })

function put(dynamodb: DynamoDBClient, venda: number, valor = '1') {
  return dynamodb.send(new PutItemCommand({ TableName, Item: { ...keyOf('1', venda), valor: { N: valor } } }))
}

async function opened(igarape: Igarape, ShardIteratorType: ShardIteratorType, SequenceNumber?: string) {
  const streams = igarape.client(DynamoDBStreamsClient)
  const { Streams } = await streams.send(new ListStreamsCommand({ TableName }))
  const StreamArn = Streams?.at(-1)?.StreamArn as string
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }))
  const ShardId = StreamDescription?.Shards?.[0]?.ShardId as string
  const { ShardIterator } = await streams.send(
    new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType, SequenceNumber }),
  )
  return { streams, iterator: ShardIterator as string, description: StreamDescription }
}

async function records(igarape: Igarape, type: ShardIteratorType, sequenceNumber?: string) {
  const { streams, iterator } = await opened(igarape, type, sequenceNumber)
  const { Records = [] } = await streams.send(new GetRecordsCommand({ ShardIterator: iterator }))
  return Records
}

test.for([
  ['KEYS_ONLY', {}],
  ['NEW_IMAGE', { NewImage: 'new' }],
  ['OLD_IMAGE', { OldImage: 'old' }],
  ['NEW_AND_OLD_IMAGES', { NewImage: 'new', OldImage: 'old' }],
] as const)('a stream of %s tells of every change in order, with these images', async ([view, images], { igarape }) => {
  const dynamodb = await withTable(igarape, stream(view))
  await put(dynamodb, 1, '10')
  await dynamodb.send(
    new UpdateItemCommand({
      TableName,
      Key: keyOf('1', 1),
      UpdateExpression: 'ADD valor :v',
      ExpressionAttributeValues: { ':v': { N: '5' } },
    }),
  )
  await dynamodb.send(new DeleteItemCommand({ TableName, Key: keyOf('1', 1) }))
  await dynamodb.send(new DeleteItemCommand({ TableName, Key: keyOf('1', 1) }))

  const found = await records(igarape, 'TRIM_HORIZON')

  const values = [
    ['INSERT', undefined, '10'],
    ['MODIFY', '10', '15'],
    ['REMOVE', '15', undefined],
  ] as const
  const item = (valor: string | undefined) => valor && { ...keyOf('1', 1), valor: { N: valor } }
  expect(found).toEqual(
    values.map(([eventName, before, after]) => ({
      eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
      eventName,
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: 'us-east-1',
      dynamodb: {
        ApproximateCreationDateTime: expect.any(Date),
        Keys: keyOf('1', 1),
        ...('OldImage' in images && before && { OldImage: item(before) }),
        ...('NewImage' in images && after && { NewImage: item(after) }),
        SequenceNumber: expect.stringMatching(/^\d{21}$/),
        SizeBytes: expect.any(Number),
        StreamViewType: view,
      },
    })),
  )
  const numbers = found.map((record) => record.dynamodb?.SequenceNumber)
  expect(numbers).toEqual([...numbers].sort())
})

test('a write that changes nothing, or is undone, leaves no record', async ({ igarape }) => {
  const dynamodb = await withTable(igarape, stream('NEW_IMAGE'))
  await put(dynamodb, 1)
  await put(dynamodb, 1)
  const Put = { TableName, Item: keyOf('1', 2) }
  const Check = { TableName, Key: keyOf('1', 3), ConditionExpression: 'attribute_exists(loja)' }
  const transaction = new TransactWriteItemsCommand({ TransactItems: [{ Put }, { ConditionCheck: Check }] })
  await expect(dynamodb.send(transaction)).rejects.toMatchObject({ name: 'TransactionCanceledException' })

  expect(await records(igarape, 'TRIM_HORIZON')).toMatchObject([{ eventName: 'INSERT' }])
})

test('an iterator begins where it says, and the next one goes on', async ({ igarape }) => {
  const dynamodb = await withTable(igarape, stream('KEYS_ONLY'))
  for (const venda of [1, 2, 3]) await put(dynamodb, venda)
  const sales = (found: { dynamodb?: { Keys?: Record<string, { N?: string }> } }[]) =>
    found.map((record) => record.dynamodb?.Keys?.venda?.N)
  const all = await records(igarape, 'TRIM_HORIZON')
  const second = all[1]?.dynamodb?.SequenceNumber

  expect(sales(all as never)).toEqual(['1', '2', '3'])
  expect(sales((await records(igarape, 'AT_SEQUENCE_NUMBER', second)) as never)).toEqual(['2', '3'])
  expect(sales((await records(igarape, 'AFTER_SEQUENCE_NUMBER', second)) as never)).toEqual(['3'])
  const { streams, iterator } = await opened(igarape, 'LATEST')
  await put(dynamodb, 4)
  await put(dynamodb, 5)
  const first = await streams.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: 1 }))
  const next = await streams.send(new GetRecordsCommand({ ShardIterator: first.NextShardIterator }))
  expect(sales([...(first.Records ?? []), ...(next.Records ?? [])] as never)).toEqual(['4', '5'])
  expect(next.NextShardIterator).toBeDefined()

  await igarape.clock.advance({ minutes: 16 })
  await expect(streams.send(new GetRecordsCommand({ ShardIterator: iterator }))).rejects.toMatchObject({
    name: 'ExpiredIteratorException',
  })
})

test('a page of records ends at a megabyte', async ({ igarape }) => {
  const dynamodb = await withTable(igarape, stream('NEW_IMAGE'))
  for (const venda of [1, 2, 3, 4]) await put(dynamodb, venda)
  const texto = { S: 'x'.repeat(300_000) }
  for (const venda of [5, 6, 7, 8]) {
    await dynamodb.send(new PutItemCommand({ TableName, Item: { ...keyOf('1', venda), texto } }))
  }

  expect(await records(igarape, 'TRIM_HORIZON')).toHaveLength(7)
})

test('records are kept for a day on the clock', async ({ igarape }) => {
  const dynamodb = await withTable(igarape, stream('KEYS_ONLY'))
  await put(dynamodb, 1)
  const number = (await records(igarape, 'TRIM_HORIZON'))[0]?.dynamodb?.SequenceNumber
  await igarape.clock.advance({ hours: 23 })
  await put(dynamodb, 2)
  expect(await records(igarape, 'TRIM_HORIZON')).toHaveLength(2)

  await igarape.clock.advance({ hours: 1 })

  expect(await records(igarape, 'TRIM_HORIZON')).toMatchObject([{ dynamodb: { Keys: keyOf('1', 2) } }])
  await expect(records(igarape, 'AT_SEQUENCE_NUMBER', number)).rejects.toMatchObject({
    name: 'TrimmedDataAccessException',
  })
})

test('a stream that is switched off can be read for a day, and a new one begins anew', async ({ igarape }) => {
  const dynamodb = await withTable(igarape, stream('KEYS_ONLY'))
  await put(dynamodb, 1)
  const { iterator, streams } = await opened(igarape, 'TRIM_HORIZON')
  const off = new UpdateTableCommand({ TableName, StreamSpecification: { StreamEnabled: false } })
  const { TableDescription } = await dynamodb.send(off)
  await put(dynamodb, 2)

  const { description } = await opened(igarape, 'LATEST')
  const read = await streams.send(new GetRecordsCommand({ ShardIterator: iterator }))
  await dynamodb.send(new UpdateTableCommand({ TableName, ...stream('NEW_IMAGE') }))

  expect(TableDescription).not.toHaveProperty('StreamSpecification')
  expect(description).toMatchObject({ StreamStatus: 'DISABLED', TableName, StreamViewType: 'KEYS_ONLY' })
  expect(description?.Shards?.[0]?.SequenceNumberRange).toHaveProperty('EndingSequenceNumber')
  expect(read).toMatchObject({ Records: [{ eventName: 'INSERT' }] })
  expect(read.NextShardIterator).toBeUndefined()
  expect((await streams.send(new ListStreamsCommand({}))).Streams).toHaveLength(2)
  await igarape.clock.advance({ hours: 24 })
  const { Streams } = await streams.send(new ListStreamsCommand({}))
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }))
  expect(Streams).toEqual([{ StreamArn: Table?.LatestStreamArn, TableName, StreamLabel: Table?.LatestStreamLabel }])
  await expect(dynamodb.send(new UpdateTableCommand({ TableName, ...stream('NEW_IMAGE') }))).rejects.toThrow(
    'Table already has an enabled stream',
  )
})

test('the stream of a deleted table ends with it', async ({ igarape }) => {
  const dynamodb = await withTable(igarape, stream('KEYS_ONLY'))
  await put(dynamodb, 1)
  await dynamodb.send(new DeleteTableCommand({ TableName }))

  expect(await records(igarape, 'TRIM_HORIZON')).toHaveLength(1)
  await igarape.clock.advance({ hours: 24 })
  expect((await igarape.client(DynamoDBStreamsClient).send(new ListStreamsCommand({}))).Streams).toEqual([])
})
