/** Batches and transactions through the SDK. */
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  GetItemCommand,
  PutItemCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { keyOf, withTable } from './fixture.ts'

const TableName = 'vendas'

test('a transaction that fails tells why for each action, and changes nothing', async ({ igarape }) => {
  const dynamodb = await withTable(igarape)
  await dynamodb.send(new PutItemCommand({ TableName, Item: keyOf('1', 1) }))

  const failed = dynamodb.send(
    new TransactWriteItemsCommand({
      TransactItems: [
        { Put: { TableName, Item: keyOf('1', 2) } },
        {
          ConditionCheck: {
            TableName,
            Key: keyOf('1', 1),
            ConditionExpression: 'attribute_not_exists(loja)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          },
        },
      ],
    }),
  )

  await expect(failed).rejects.toMatchObject({
    name: 'TransactionCanceledException',
    message:
      'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]',
    CancellationReasons: [
      { Code: 'None' },
      { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed', Item: keyOf('1', 1) },
    ],
  })
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key: keyOf('1', 2) }))
  expect(Item).toBeUndefined()
})

test('a transaction repeated with its token within ten minutes happens once', async ({ igarape }) => {
  const dynamodb = await withTable(igarape)
  const add = (by: string) =>
    dynamodb.send(
      new TransactWriteItemsCommand({
        ClientRequestToken: 'uma-vez',
        TransactItems: [
          {
            Update: {
              TableName,
              Key: keyOf('1', 1),
              UpdateExpression: 'ADD soma :n',
              ExpressionAttributeValues: { ':n': { N: by } },
            },
          },
        ],
      }),
    )
  const total = async () => {
    const get = { Get: { TableName, Key: keyOf('1', 1) } }
    const { Responses } = await dynamodb.send(new TransactGetItemsCommand({ TransactItems: [get] }))
    return Responses?.[0]?.Item?.soma?.N
  }

  await add('1')
  await add('1')

  expect(await total()).toBe('1')
  await expect(add('2')).rejects.toMatchObject({ name: 'IdempotentParameterMismatchException' })
  await igarape.clock.advance({ minutes: 11 })
  await add('1')
  expect(await total()).toBe('2')
})

test('two actions on one item are refused', async ({ igarape }) => {
  const dynamodb = await withTable(igarape)
  const Put = { TableName, Item: keyOf('1', 1) }

  await expect(dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [{ Put }, { Put }] }))).rejects.toThrow(
    'Transaction request cannot include multiple operations on one item',
  )
})

test('a batch writes and reads many items, and refuses the same one twice', async ({ igarape }) => {
  const dynamodb = await withTable(igarape)
  const keys = Array.from({ length: 25 }, (_, at) => keyOf('1', at))
  const write = (requests: object[]) =>
    dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests as never } }))
  await write(keys.map((Item) => ({ PutRequest: { Item } })))
  await write([{ DeleteRequest: { Key: keys[0] } }])

  const { Responses, UnprocessedKeys } = await dynamodb.send(
    new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: keys } } }),
  )

  expect(Responses?.[TableName]).toEqual(keys.slice(1))
  expect(UnprocessedKeys).toEqual({})
  const put = { PutRequest: { Item: keyOf('1', 1) } }
  await expect(write([put, put])).rejects.toThrow('Provided list of item keys contains duplicates')
  await expect(
    dynamodb.send(
      new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [keys[1] as never, keys[1] as never] } } }),
    ),
  ).rejects.toThrow('Provided list of item keys contains duplicates')
})
