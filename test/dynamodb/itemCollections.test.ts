/** Item collections: their sizes in answers, and their limit. */
import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { expect } from 'vitest'
import { itemCollections } from '../../src/services/dynamodb/itemCollections.ts'
import { itemSize } from '../../src/services/dynamodb/values.ts'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { keyOf, withTable } from './fixture.ts'

const SIZE = { ReturnItemCollectionMetrics: 'SIZE' } as const
const TableName = 'vendas'
const ofLoja = (loja: string) => ({ ItemCollectionKey: { loja: { S: loja } }, SizeEstimateRangeGB: [0, 1] })

const withLocalIndex = (igarape: Igarape) =>
  withTable(igarape, {
    AttributeDefinitions: [
      { AttributeName: 'loja', AttributeType: 'S' },
      { AttributeName: 'venda', AttributeType: 'N' },
      { AttributeName: 'valor', AttributeType: 'N' },
    ],
    LocalSecondaryIndexes: [
      {
        IndexName: 'valores',
        KeySchema: [
          { AttributeName: 'loja', KeyType: 'HASH' },
          { AttributeName: 'valor', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  })

const scope = { account: '000000000000', region: 'us-east-1' }
const kept = (igarape: Igarape) => [...igarape.server.platform.store.in(itemCollections, scope).list()]

test('a write tells how large its collection is, where the table has a local index and it was asked', async ({
  igarape,
}) => {
  const dynamodb = await withLocalIndex(igarape)
  const Item = { ...keyOf('a', 1), valor: { N: '10' } }

  const put = await dynamodb.send(new PutItemCommand({ TableName, Item, ...SIZE }))
  expect(put.ItemCollectionMetrics).toEqual(ofLoja('a'))
  expect((await dynamodb.send(new PutItemCommand({ TableName, Item }))).ItemCollectionMetrics).toBeUndefined()
  const RequestItems = { vendas: [1, 2].map((n) => ({ PutRequest: { Item: keyOf('b', n) } })) }
  const batch = await dynamodb.send(new BatchWriteItemCommand({ RequestItems, ...SIZE }))
  expect(batch.ItemCollectionMetrics).toEqual({ vendas: [ofLoja('b')] })
  const TransactItems = ['c', 'd'].map((loja) => ({ Put: { TableName, Item: keyOf(loja, 1) } }))
  const transaction = await dynamodb.send(new TransactWriteItemsCommand({ TransactItems, ...SIZE }))
  expect(transaction.ItemCollectionMetrics).toEqual({ vendas: [ofLoja('c'), ofLoja('d')] })
})

test('a collection is as large as its items and what the index holds of them, and gone with the last', async ({
  igarape,
}) => {
  const dynamodb = await withLocalIndex(igarape)
  const bytes = () => kept(igarape).map((one) => one.bytes)
  const alone = keyOf('a', 1)
  const entry = { ...keyOf('a', 2), valor: { N: '5' } }
  const inIndex = { ...entry, note: { S: 'not in the index' } }

  await dynamodb.send(new PutItemCommand({ TableName, Item: alone }))
  expect(bytes()).toEqual([itemSize(alone)])
  await dynamodb.send(new PutItemCommand({ TableName, Item: inIndex }))
  expect(bytes()).toEqual([itemSize(alone) + itemSize(inIndex) + itemSize(entry)])
  await dynamodb.send(new DeleteItemCommand({ TableName, Key: keyOf('a', 2) }))
  expect(bytes()).toEqual([itemSize(alone)])
  await dynamodb.send(new DeleteTableCommand({ TableName }))
  await igarape.settled()
  expect(bytes()).toEqual([])
})

test('a collection of ten gigabytes takes nothing more, and what makes it smaller still', async ({ igarape }) => {
  const dynamodb = await withLocalIndex(igarape)
  await dynamodb.send(new PutItemCommand({ TableName, Item: keyOf('a', 1) }))
  const { store } = igarape.server.platform
  const [one] = kept(igarape)
  await store.commit((tx) => tx.in(itemCollections, scope).put({ ...one, bytes: 10 * 2 ** 30 } as never))

  const refused = { name: 'ItemCollectionSizeLimitExceededException', message: 'Collection size exceeded.' }
  await expect(dynamodb.send(new PutItemCommand({ TableName, Item: keyOf('a', 2) }))).rejects.toMatchObject(refused)
  const TransactItems = [{ Put: { TableName, Item: keyOf('a', 2) } }]
  await expect(dynamodb.send(new TransactWriteItemsCommand({ TransactItems }))).rejects.toMatchObject({
    CancellationReasons: [{ Code: 'ItemCollectionSizeLimitExceeded', Message: 'Collection size exceeded.' }],
  })
  await dynamodb.send(new PutItemCommand({ TableName, Item: keyOf('b', 2) }))
  await dynamodb.send(new DeleteItemCommand({ TableName, Key: keyOf('a', 1) }))
  await dynamodb.send(new PutItemCommand({ TableName, Item: keyOf('a', 3) }))
})
