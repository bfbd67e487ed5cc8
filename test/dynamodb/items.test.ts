/** Single items through the SDK: written, read, updated, deleted, and refused in AWS's words. */
import { DeleteItemCommand, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { keyOf, withTable } from './fixture.ts'

const TableName = 'vendas'

test('an item comes back as it was put, every type of it', async ({ igarape }) => {
  const dynamodb = await withTable(igarape)
  const Item = {
    ...keyOf('123', 1),
    valor: { N: '-0.5' },
    imagem: { B: new Uint8Array([0, 255]) },
    pago: { BOOL: true },
    nada: { NULL: true },
    itens: { L: [{ S: 'a' }, { M: { b: { N: '2' } } }] },
    cores: { SS: ['azul', 'verde'] },
    notas: { NS: ['1', '2'] },
    partes: { BS: [new Uint8Array([1])] },
  }

  await dynamodb.send(new PutItemCommand({ TableName, Item }))

  const answer = await dynamodb.send(new GetItemCommand({ TableName, Key: keyOf('123', '1.0') }))
  expect(answer.Item).toEqual(Item)
  const missing = await dynamodb.send(new GetItemCommand({ TableName, Key: keyOf('123', 2) }))
  expect(missing.Item).toBeUndefined()
})

test('numbers keep 38 digits exactly, and no more', async ({ igarape }) => {
  const dynamodb = await withTable(igarape)
  const put = (N: string) => dynamodb.send(new PutItemCommand({ TableName, Item: { ...keyOf('1', 1), valor: { N } } }))
  await put('12345678901234567890123456789012345678')

  const answer = await dynamodb.send(
    new UpdateItemCommand({
      TableName,
      Key: keyOf('1', 1),
      UpdateExpression: 'SET valor = valor - :one',
      ExpressionAttributeValues: { ':one': { N: '1.00' } },
      ReturnValues: 'UPDATED_NEW',
    }),
  )

  expect(answer.Attributes).toEqual({ valor: { N: '12345678901234567890123456789012345677' } })
  await expect(put('1'.repeat(39))).rejects.toThrow('Attempting to store more than 38 significant digits in a Number')
  await expect(put('1e126')).rejects.toThrow('Number overflow.')
  await expect(put('abc')).rejects.toThrow('The parameter cannot be converted to a numeric value: abc')
})

test('sixteen writers that ADD lose nothing', async ({ igarape }) => {
  const dynamodb = await withTable(igarape)
  const add = () =>
    dynamodb.send(
      new UpdateItemCommand({
        TableName,
        Key: keyOf('1', 1),
        UpdateExpression: 'ADD soma :one',
        ExpressionAttributeValues: { ':one': { N: '0.1' } },
      }),
    )

  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (let time = 0; time < 10; time++) await add()
    }),
  )

  const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key: keyOf('1', 1) }))
  expect(Item?.soma).toEqual({ N: '16' })
})

test('an update sets, removes, adds and deletes from the item as it was', async ({ igarape }) => {
  const dynamodb = await withTable(igarape)
  const Key = keyOf('1', 1)
  const before = { a: { N: '1' }, lista: { L: [{ N: '0' }, { N: '1' }, { N: '2' }] }, set: { SS: ['x', 'y'] } }
  await dynamodb.send(new PutItemCommand({ TableName, Item: { ...Key, ...before } }))

  const { Attributes } = await dynamodb.send(
    new UpdateItemCommand({
      TableName,
      Key,
      UpdateExpression:
        'SET b = a + :n, a = if_not_exists(c, :n), more = list_append(lista, :l) REMOVE lista[0], lista[2] DELETE #set :x',
      ExpressionAttributeNames: { '#set': 'set' },
      ExpressionAttributeValues: { ':n': { N: '5' }, ':l': { L: [{ S: 'end' }] }, ':x': { SS: ['x'] } },
      ReturnValues: 'ALL_NEW',
    }),
  )

  expect(Attributes).toEqual({
    ...Key,
    a: { N: '5' },
    b: { N: '6' },
    more: { L: [...before.lista.L, { S: 'end' }] },
    lista: { L: [{ N: '1' }] },
    set: { SS: ['y'] },
  })
})

test('a condition that fails changes nothing and gives the item when asked', async ({ igarape }) => {
  const dynamodb = await withTable(igarape)
  const Item = { ...keyOf('1', 1), estado: { S: 'pago' } }
  await dynamodb.send(new PutItemCommand({ TableName, Item }))

  const again = dynamodb.send(
    new PutItemCommand({
      TableName,
      Item: keyOf('1', 1),
      ConditionExpression: 'attribute_not_exists(loja)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }),
  )

  await expect(again).rejects.toMatchObject({
    name: 'ConditionalCheckFailedException',
    message: 'The conditional request failed',
    Item,
  })
  const gone = await dynamodb.send(
    new DeleteItemCommand({
      TableName,
      Key: keyOf('1', 1),
      ConditionExpression: 'begins_with(estado, :p) AND size(estado) BETWEEN :low AND :high',
      ExpressionAttributeValues: { ':p': { S: 'pa' }, ':low': { N: '4' }, ':high': { N: '4' } },
      ReturnValues: 'ALL_OLD',
      ReturnConsumedCapacity: 'TOTAL',
    }),
  )
  expect(gone.Attributes).toEqual(Item)
  expect(gone.ConsumedCapacity).toEqual({ TableName, CapacityUnits: 1 })
})

const value = { ':v': { N: '1' } }
test.for([
  [
    'SET status = :v',
    value,
    'Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: status',
  ],
  [
    'SET a = :w',
    value,
    'Invalid UpdateExpression: An expression attribute value used in expression is not defined; attribute value: :w',
  ],
  [
    'SET #a = :v',
    value,
    'Invalid UpdateExpression: An expression attribute name used in the document path is not defined; attribute name: #a',
  ],
  ['REMOVE a', value, 'Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}'],
  ['SET a :v', value, 'Invalid UpdateExpression: Syntax error; token: ":v", near: "a :v"'],
  [
    'SET a = :v, a.b = :v',
    value,
    'Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a, b]',
  ],
  [
    'SET venda = :v',
    value,
    'One or more parameter values were invalid: Cannot update attribute venda. This attribute is part of the key',
  ],
  ['SET a.b = :v', value, 'The document path provided in the update expression is invalid for update'],
  ['SET a = b + :v', value, 'The provided expression refers to an attribute that does not exist in the item'],
  [
    'ADD a :v',
    { ':v': { S: 'x' } },
    'Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD, operand type: STRING',
  ],
  [
    'SET a = :v SET b = :v',
    value,
    'Invalid UpdateExpression: The "SET" section can only be used once in an update expression;',
  ],
] as const)('%s is refused in the words of AWS', async ([UpdateExpression, values, message], { igarape }) => {
  const dynamodb = await withTable(igarape)

  const update = dynamodb.send(
    new UpdateItemCommand({
      TableName,
      Key: keyOf('1', 1),
      UpdateExpression,
      ExpressionAttributeValues: values as never,
    }),
  )

  await expect(update).rejects.toMatchObject({ name: 'ValidationException', message })
})

test('a key must fit the schema, and an item its size', async ({ igarape }) => {
  const dynamodb = await withTable(igarape)
  const put = (Item: object) => dynamodb.send(new PutItemCommand({ TableName, Item: Item as never }))

  await expect(put({ loja: { S: '1' } })).rejects.toThrow(
    'One or more parameter values were invalid: Missing the key venda in the item',
  )
  await expect(put({ loja: { S: '1' }, venda: { S: '1' } })).rejects.toThrow(
    'One or more parameter values were invalid: Type mismatch for key venda expected: N actual: S',
  )
  await expect(put({ ...keyOf('', 1) })).rejects.toThrow('cannot contain an empty string value. Key: loja')
  await expect(put({ ...keyOf('1', 1), a: { S: 'x'.repeat(410_000) } })).rejects.toThrow(
    'Item size has exceeded the maximum allowed size',
  )
  await expect(dynamodb.send(new GetItemCommand({ TableName, Key: { loja: { S: '1' } } }))).rejects.toThrow(
    'The provided key element does not match the schema',
  )
  await expect(dynamodb.send(new GetItemCommand({ TableName: 'nenhuma', Key: keyOf('1', 1) }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'Requested resource not found',
  })
})
