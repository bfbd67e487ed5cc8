/** Query and Scan through the SDK. */
import {
  BatchWriteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  paginateQuery,
  paginateScan,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { keyOf, withTable } from './fixture.ts'

const TableName = 'vendas'
const ofStore = { TableName, KeyConditionExpression: 'loja = :l', ExpressionAttributeValues: { ':l': { S: '1' } } }

async function putSales(dynamodb: DynamoDBClient, loja: string, vendas: readonly (number | string)[]) {
  const put = vendas.map((venda) => ({
    PutRequest: { Item: { ...keyOf(loja, venda), par: { BOOL: Number(venda) % 2 === 0 } } },
  }))
  await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: put } }))
}

test('a query walks its partition in the order of numbers, page by page, both ways', async ({ igarape }) => {
  const dynamodb = await withTable(igarape)
  const inOrder = ['-10', '-9', '-0.5', '0', '0.001', '1', '2', '10', '100']
  await putSales(dynamodb, '1', [...inOrder].reverse())
  await putSales(dynamodb, '2', [5])
  const walk = async (ScanIndexForward: boolean) => {
    const found: (string | undefined)[] = []
    const pages = paginateQuery({ client: dynamodb, pageSize: 2 }, { ...ofStore, ScanIndexForward })
    for await (const { Items = [] } of pages) found.push(...Items.map((item) => item.venda?.N))
    return found
  }

  expect(await walk(true)).toEqual(inOrder)
  expect(await walk(false)).toEqual([...inOrder].reverse())
})

test.for([
  ['venda = :a', ['2']],
  ['venda < :a', ['0', '1']],
  ['venda <= :a', ['0', '1', '2']],
  ['venda > :a', ['3', '4']],
  ['venda >= :a', ['2', '3', '4']],
  ['venda BETWEEN :a AND :a', ['2']],
] as const)('the key condition %s finds what it says', async ([sort, expected], { igarape }) => {
  const dynamodb = await withTable(igarape)
  await putSales(dynamodb, '1', [0, 1, 2, 3, 4])

  const { Items } = await dynamodb.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: `loja = :l AND ${sort}`,
      ExpressionAttributeValues: { ':l': { S: '1' }, ':a': { N: '2' } },
    }),
  )

  expect(Items?.map((item) => item.venda?.N)).toEqual(expected)
})

test('a filter is asked after items are counted', async ({ igarape }) => {
  const dynamodb = await withTable(igarape)
  await putSales(dynamodb, '1', [1, 2, 3, 4])

  const answer = await dynamodb.send(
    new QueryCommand({
      ...ofStore,
      FilterExpression: 'par = :t',
      ProjectionExpression: 'venda',
      ExpressionAttributeValues: { ':l': { S: '1' }, ':t': { BOOL: true } },
      ReturnConsumedCapacity: 'TOTAL',
      Limit: 3,
    }),
  )

  expect(answer).toMatchObject({
    Items: [{ venda: { N: '2' } }],
    Count: 1,
    ScannedCount: 3,
    LastEvaluatedKey: keyOf('1', 3),
    ConsumedCapacity: { TableName, CapacityUnits: 0.5 },
  })
})

test('segments of a scan share the table between them', async ({ igarape }) => {
  const dynamodb = await withTable(igarape)
  const stores = Array.from({ length: 20 }, (_, at) => String(at))
  for (const store of stores) await putSales(dynamodb, store, [1])
  const found: (string | undefined)[][] = []

  for (const Segment of [0, 1, 2]) {
    const pages = paginateScan({ client: dynamodb, pageSize: 3 }, { TableName, Segment, TotalSegments: 3 })
    const own: (string | undefined)[] = []
    for await (const { Items = [] } of pages) own.push(...Items.map((item) => item.loja?.S))
    found.push(own)
  }

  expect(found.flat().sort()).toEqual([...stores].sort())
  expect(found.every((own) => own.length > 0)).toBe(true)
})

test('an index is ordered by its own keys, holds what it projects, and follows its items', async ({ igarape }) => {
  const dynamodb = await withTable(igarape, {
    AttributeDefinitions: [
      { AttributeName: 'loja', AttributeType: 'S' },
      { AttributeName: 'venda', AttributeType: 'N' },
      { AttributeName: 'cliente', AttributeType: 'B' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'porCliente',
        KeySchema: [
          { AttributeName: 'loja', KeyType: 'HASH' },
          { AttributeName: 'cliente', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['valor'] },
      },
    ],
  })
  const put = (venda: number, cliente?: number[]) =>
    dynamodb.send(
      new PutItemCommand({
        TableName,
        Item: {
          ...keyOf('1', venda),
          valor: { N: '1' },
          outro: { S: 'x' },
          ...(cliente && { cliente: { B: new Uint8Array(cliente) } }),
        },
      }),
    )
  await put(1, [255])
  await put(2, [1, 0])
  await put(3, [1])
  await put(4)
  await put(5, [2])
  await put(5)
  const query = { ...ofStore, IndexName: 'porCliente' }

  const first = await dynamodb.send(new QueryCommand({ ...query, Limit: 2 }))
  const rest = await dynamodb.send(new QueryCommand({ ...query, ExclusiveStartKey: first.LastEvaluatedKey }))

  expect(first.Items?.map((item) => item.venda?.N)).toEqual(['3', '2'])
  expect(rest.Items).toEqual([{ ...keyOf('1', 1), cliente: { B: new Uint8Array([255]) }, valor: { N: '1' } }])
  await expect(dynamodb.send(new QueryCommand({ ...query, ConsistentRead: true }))).rejects.toThrow(
    'Consistent reads are not supported on global secondary indexes',
  )
})

test('keys of the greatest size are found, in order', async ({ igarape }) => {
  const dynamodb = await withTable(igarape, {
    AttributeDefinitions: [
      { AttributeName: 'loja', AttributeType: 'S' },
      { AttributeName: 'venda', AttributeType: 'B' },
    ],
  })
  const loja = { S: 'é'.repeat(1024) }
  const keys = [0, 127, 255].map((byte) => ({ loja, venda: { B: new Uint8Array(1024).fill(byte) } }))
  for (const Item of keys) await dynamodb.send(new PutItemCommand({ TableName, Item }))

  const { Items } = await dynamodb.send(
    new QueryCommand({ ...ofStore, ExpressionAttributeValues: { ':l': loja }, ScanIndexForward: false }),
  )

  expect(Items).toEqual([...keys].reverse())
  const long = { ...keyOf('x'.repeat(2049), 1), venda: { B: new Uint8Array(1) } }
  await expect(dynamodb.send(new PutItemCommand({ TableName, Item: long }))).rejects.toThrow(
    'Size of hashkey has exceeded the maximum size limit of2048 bytes',
  )
})

test('keys of the greatest size work in an index with the longest name', async ({ igarape }) => {
  const IndexName = 'i'.repeat(255)
  const dynamodb = await withTable(igarape, {
    AttributeDefinitions: [
      { AttributeName: 'loja', AttributeType: 'S' },
      { AttributeName: 'venda', AttributeType: 'B' },
      { AttributeName: 'dia', AttributeType: 'B' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName,
        KeySchema: [
          { AttributeName: 'loja', KeyType: 'HASH' },
          { AttributeName: 'dia', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  })
  const bytes = (byte: number) => ({ B: new Uint8Array(1024).fill(byte) })
  const stores = ['€'.repeat(100), '€'.repeat(200), 'x'.repeat(2048)].map((S) => ({ S }))
  for (const loja of stores) {
    for (const byte of [255, 0]) {
      await dynamodb.send(new PutItemCommand({ TableName, Item: { loja, venda: bytes(byte), dia: bytes(255 - byte) } }))
    }
  }

  for (const loja of stores) {
    const query = { ...ofStore, ExpressionAttributeValues: { ':l': loja } }
    const byKey = await dynamodb.send(new QueryCommand(query))
    const byIndex = await dynamodb.send(new QueryCommand({ ...query, IndexName }))
    expect(byKey.Items?.map((item) => item.venda?.B?.[0])).toEqual([0, 255])
    expect(byIndex.Items?.map((item) => item.venda?.B?.[0])).toEqual([255, 0])
  }
})

test('an item of exactly 400 KB is taken, and a byte more is not', async ({ igarape }) => {
  const dynamodb = await withTable(igarape)
  const put = (bytes: number) => {
    // Names count: loja, venda, texto; a number of one digit is two bytes.
    const names = 'loja'.length + 'venda'.length + 'texto'.length
    const texto = { S: 'x'.repeat(bytes - names - 1 - 2) }
    return dynamodb.send(new PutItemCommand({ TableName, Item: { ...keyOf('1', 1), texto } }))
  }

  await put(400 * 1024)
  await expect(put(400 * 1024 + 1)).rejects.toThrow('Item size has exceeded the maximum allowed size')
})

test('a page ends with the item that fills a megabyte', async ({ igarape }) => {
  const dynamodb = await withTable(igarape)
  for (const venda of [1, 2, 3, 4]) {
    const Item = { ...keyOf('1', venda), texto: { S: 'x'.repeat(390_000) } }
    await dynamodb.send(new PutItemCommand({ TableName, Item }))
  }

  const { Items, LastEvaluatedKey } = await dynamodb.send(new ScanCommand({ TableName }))

  expect(Items).toHaveLength(3)
  expect(LastEvaluatedKey).toEqual(keyOf('1', 3))
})

test.for([
  ['venda = :l', 'Query condition missed key schema element: loja'],
  ['loja > :l', 'Query key condition not supported'],
  ['loja = :l OR venda = :l', 'Invalid operator used in KeyConditionExpression: OR'],
] as const)('the key condition %s is refused', async ([KeyConditionExpression, message], { igarape }) => {
  const dynamodb = await withTable(igarape)

  await expect(dynamodb.send(new QueryCommand({ ...ofStore, KeyConditionExpression }))).rejects.toThrow(message)
})
