/** Requests in the words that came before expressions, as older libraries still send them. */
import {
  type AttributeValueUpdate,
  BatchGetItemCommand,
  type Condition,
  DeleteItemCommand,
  type DynamoDBClient,
  type ExpectedAttributeValue,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { keyOf, withTable } from './fixture.ts'

const TableName = 'vendas'

test('AttributeUpdates puts, adds and deletes, and its deletes alone make no item', async ({ igarape }) => {
  const dynamodb = await withTable(igarape)
  const update = (AttributeUpdates: Record<string, AttributeValueUpdate>, venda = 1) =>
    dynamodb
      .send(new UpdateItemCommand({ TableName, Key: keyOf('a', venda), AttributeUpdates, ReturnValues: 'ALL_NEW' }))
      .then((answer) => answer.Attributes)

  await update({
    valor: { Value: { N: '1' } },
    soma: { Action: 'ADD', Value: { N: '2' } },
    itens: { Action: 'ADD', Value: { L: [{ S: 'x' }] } },
    cores: { Action: 'ADD', Value: { SS: ['azul', 'verde'] } },
  })
  const after = await update({
    valor: { Action: 'DELETE' },
    soma: { Action: 'ADD', Value: { N: '0.5' } },
    itens: { Action: 'ADD', Value: { L: [{ N: '7' }] } },
    cores: { Action: 'DELETE', Value: { SS: ['azul'] } },
  })

  expect(after).toEqual({
    ...keyOf('a', 1),
    soma: { N: '2.5' },
    itens: { L: [{ S: 'x' }, { N: '7' }] },
    cores: { SS: ['verde'] },
  })
  expect(await update({ valor: { Action: 'DELETE' } }, 2)).toBeUndefined()
  const missing = await dynamodb.send(new GetItemCommand({ TableName, Key: keyOf('a', 2) }))
  expect(missing.Item).toBeUndefined()
  await expect(update({ valor: {} })).rejects.toThrow(
    'One or more parameter values were invalid: Only DELETE action is allowed when no attribute value is specified',
  )
  await expect(update({ valor: { Action: 'ADD', Value: { S: 'x' } } })).rejects.toThrow(
    'ADD action is not supported for the type S',
  )
  await expect(update({ loja: { Value: { S: 'x' } } })).rejects.toThrow('Cannot update attribute loja.')
})

const present: Record<string, [ExpectedAttributeValue, boolean]> = {
  'a value that is there': [{ Value: { N: '5' } }, true],
  'another value': [{ Value: { N: '6' } }, false],
  'that nothing is there': [{ Exists: false }, false],
  'a greater one': [{ ComparisonOperator: 'GT', Value: { N: '4' } }, true],
  'a place between': [{ ComparisonOperator: 'BETWEEN', AttributeValueList: [{ N: '6' }, { N: '9' }] }, false],
  'one of some': [{ ComparisonOperator: 'IN', AttributeValueList: [{ N: '1' }, { N: '5' }] }, true],
  'that it is there': [{ ComparisonOperator: 'NOT_NULL' }, true],
  'that it is not': [{ ComparisonOperator: 'NULL' }, false],
  'another than': [{ ComparisonOperator: 'NE', AttributeValueList: [{ N: '6' }] }, true],
}

test('Expected lets a write through or refuses it', async ({ igarape }) => {
  const dynamodb = await withTable(igarape)
  const put = (valor: ExpectedAttributeValue) =>
    dynamodb.send(new PutItemCommand({ TableName, Item: { ...keyOf('a', 1), valor: { N: '5' } }, Expected: { valor } }))
  await put({ Exists: false })

  for (const [what, [expected, passes]] of Object.entries(present)) {
    if (passes) await expect(put(expected), what).resolves.toBeDefined()
    else await expect(put(expected), what).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' })
  }

  await expect(put({})).rejects.toThrow('Value must be provided when Exists is null for Attribute: valor')
  await expect(put({ ComparisonOperator: 'BETWEEN', AttributeValueList: [{ N: '1' }] })).rejects.toThrow(
    'Invalid number of argument(s) for the BETWEEN ComparisonOperator',
  )
  await expect(put({ ComparisonOperator: 'BEGINS_WITH', Value: { N: '1' } })).rejects.toThrow(
    'ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type',
  )
})

test('conditions are joined by AND, or by OR when the request says so', async ({ igarape }) => {
  const dynamodb = await withTable(igarape)
  await dynamodb.send(new PutItemCommand({ TableName, Item: { ...keyOf('a', 1), valor: { N: '5' } } }))
  const remove = (ConditionalOperator?: 'AND' | 'OR') =>
    dynamodb.send(
      new DeleteItemCommand({
        TableName,
        Key: keyOf('a', 1),
        Expected: { valor: { Value: { N: '5' } }, pago: { Exists: true, Value: { BOOL: true } } },
        ...(ConditionalOperator && { ConditionalOperator }),
      }),
    )

  await expect(remove()).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' })
  await expect(remove('AND')).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' })
  await expect(remove('OR')).resolves.toBeDefined()
})

async function withSales(dynamodb: DynamoDBClient): Promise<void> {
  for (let venda = 1; venda <= 9; venda++) {
    const Item = { ...keyOf('a', venda), cor: { S: venda % 2 ? 'azul' : 'verde' }, notas: { SS: [`n${venda}`] } }
    await dynamodb.send(new PutItemCommand({ TableName, Item }))
  }
}

test('KeyConditions and filters read what their expressions would', async ({ igarape }) => {
  const dynamodb = await withTable(igarape)
  await withSales(dynamodb)
  const loja: Condition = { ComparisonOperator: 'EQ', AttributeValueList: [{ S: 'a' }] }

  const between = await dynamodb.send(
    new QueryCommand({
      TableName,
      KeyConditions: {
        loja,
        venda: { ComparisonOperator: 'BETWEEN', AttributeValueList: [{ N: '3' }, { N: '8' }] },
      },
      QueryFilter: { cor: { ComparisonOperator: 'BEGINS_WITH', AttributeValueList: [{ S: 'az' }] } },
      AttributesToGet: ['venda'],
      ScanIndexForward: false,
    }),
  )
  expect(between).toMatchObject({ Items: [7, 5, 3].map((n) => ({ venda: { N: `${n}` } })), ScannedCount: 6 })

  const scanned = await dynamodb.send(
    new ScanCommand({
      TableName,
      ScanFilter: {
        notas: { ComparisonOperator: 'CONTAINS', AttributeValueList: [{ S: 'n4' }] },
        cor: { ComparisonOperator: 'EQ', AttributeValueList: [{ S: 'nenhuma' }] },
      },
      ConditionalOperator: 'OR',
    }),
  )
  expect(scanned.Items?.map((item) => item.venda)).toEqual([{ N: '4' }])

  const got = await dynamodb.send(
    new BatchGetItemCommand({
      RequestItems: { [TableName]: { Keys: [keyOf('a', 1)], AttributesToGet: ['cor', 'nada'] } },
    }),
  )
  expect(got.Responses?.[TableName]).toEqual([{ cor: { S: 'azul' } }])
  await expect(
    dynamodb.send(
      new QueryCommand({
        TableName,
        KeyConditions: { loja: { ComparisonOperator: 'NE', AttributeValueList: [{ S: 'a' }] } },
      }),
    ),
  ).rejects.toThrow('Attempted conditional constraint is not an indexable operation')
})

test('a request speaks one language', async ({ igarape }) => {
  const dynamodb = await withTable(igarape)
  await expect(
    dynamodb.send(
      new GetItemCommand({
        TableName,
        Key: keyOf('a', 1),
        AttributesToGet: ['cor'],
        ProjectionExpression: 'cor',
      }),
    ),
  ).rejects.toThrow(
    'Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}',
  )
  await expect(dynamodb.send(new ScanCommand({ TableName, ConditionalOperator: 'OR' }))).rejects.toThrow(
    'ConditionalOperator cannot be used without Filter or Expected',
  )
})
