/** What DescribeTable says of how many items there are, and how large they are. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { expect } from 'vitest'
import { startIgarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { keyOf, withTable } from './fixture.ts'

const TableName = 'vendas'
const byClient = {
  AttributeDefinitions: [
    { AttributeName: 'loja', AttributeType: 'S' as const },
    { AttributeName: 'venda', AttributeType: 'N' as const },
    { AttributeName: 'cliente', AttributeType: 'S' as const },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'por-cliente',
      KeySchema: [{ AttributeName: 'cliente', KeyType: 'HASH' as const }],
      Projection: { ProjectionType: 'KEYS_ONLY' as const },
    },
  ],
}

async function counts(dynamodb: DynamoDBClient) {
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }))
  const [index] = Table?.GlobalSecondaryIndexes ?? []
  return [Table?.ItemCount, Table?.TableSizeBytes, index?.ItemCount, index?.IndexSizeBytes]
}

function put(dynamodb: DynamoDBClient, venda: number, more = {}) {
  return dynamodb.send(new PutItemCommand({ TableName, Item: { ...keyOf('a', venda), ...more } }))
}

test('a table tells how many items it and its indexes have, and every write keeps that true', async ({ igarape }) => {
  const dynamodb = await withTable(igarape, byClient)
  const empty = await counts(dynamodb)
  // loja 4 + a 1, venda 5 + number 2: 12; cliente 7 + ana 3: 10.
  await put(dynamodb, 1)
  await put(dynamodb, 2, { cliente: { S: 'ana' } })
  const two = await counts(dynamodb)
  await put(dynamodb, 1, { cliente: { S: 'bia' }, nota: { S: 'x'.repeat(96) } })
  const replaced = await counts(dynamodb)
  const forget = { UpdateExpression: 'REMOVE cliente', Key: keyOf('a', 2) }
  await dynamodb.send(new UpdateItemCommand({ TableName, ...forget }))
  await dynamodb.send(new DeleteItemCommand({ TableName, Key: keyOf('a', 99) }))
  await dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName, Item: keyOf('b', 1) } }] }))
  const changed = await counts(dynamodb)
  await dynamodb.send(new DeleteItemCommand({ TableName, Key: keyOf('a', 1) }))

  expect(empty).toEqual([0, 0, 0, 0])
  expect(two).toEqual([2, 34, 1, 22])
  expect(replaced).toEqual([2, 144, 2, 44])
  expect(changed).toEqual([3, 146, 1, 22])
  expect(await counts(dynamodb)).toEqual([2, 24, 0, 0])
})

test('what is written while a table is counted is counted once', async () => {
  const data = mkdtempSync(join(tmpdir(), 'igarape-counts-'))
  let igarape = await startIgarape({ data })
  try {
    let dynamodb = await withTable(igarape, byClient)
    for (let from = 0; from < 4_000; from += 25) {
      const puts = Array.from({ length: 25 }, (_, at) => ({ PutRequest: { Item: keyOf('a', from + at) } }))
      await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: puts } }))
    }
    await igarape.stop()
    igarape = await startIgarape({ data })
    dynamodb = igarape.client(DynamoDBClient)
    const asked = counts(dynamodb)
    const deleted = [0, 1_500, 3_999].map((venda) =>
      dynamodb.send(new DeleteItemCommand({ TableName, Key: keyOf('a', venda) })),
    )
    const made = [-5, 2_000.5, 9_000].map((venda) => put(dynamodb, venda))
    await Promise.all([asked, ...deleted, ...made])

    expect((await counts(dynamodb))[0]).toBe(4_000)
  } finally {
    await igarape.stop()
    rmSync(data, { recursive: true })
  }
})
