/** PartiQL through the SDK: the four statements, alone, in batches and in transactions. */
import {
  type AttributeValue,
  BatchExecuteStatementCommand,
  type DynamoDBClient,
  ExecuteStatementCommand,
  ExecuteTransactionCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { keyOf, withTable } from './fixture.ts'

const TableName = 'vendas'
const run = (dynamodb: DynamoDBClient, Statement: string, Parameters?: AttributeValue[], more = {}) =>
  dynamodb.send(new ExecuteStatementCommand({ Statement, Parameters, ...more }))

async function withSales(igarape: Parameters<typeof withTable>[0]) {
  const dynamodb = await withTable(igarape)
  for (const loja of ['1', '2']) {
    for (const venda of [1, 2, 3]) {
      const more = { valor: { N: String(venda * 10) }, tags: { SS: ['a'] }, dono: { M: { nome: { S: `n${venda}` } } } }
      await dynamodb.send(new PutItemCommand({ TableName, Item: { ...keyOf(loja, venda), ...more } }))
    }
  }
  return dynamodb
}

const all = (loja: string) => [1, 2, 3].map((venda) => `${loja}/${venda}`)

test.for([
  ['SELECT * FROM vendas', [...all('1'), ...all('2')]],
  [`SELECT * FROM "vendas" WHERE loja = '1'`, all('1')],
  [`select * from vendas where loja = '1' order by venda desc`, all('1').reverse()],
  [`SELECT * FROM vendas WHERE loja = '1' AND venda >= 2`, ['1/2', '1/3']],
  [`SELECT * FROM vendas WHERE loja IN ['2', '1'] AND valor = 30`, ['2/3', '1/3']],
  [`SELECT * FROM vendas WHERE valor BETWEEN 10 AND 20 AND NOT loja = '2'`, ['1/1', '1/2']],
  [`SELECT * FROM vendas WHERE loja = '1' OR venda = 1`, [...all('1'), '2/1']],
  [`SELECT * FROM vendas WHERE dono.nome = 'n2' AND loja <> '2'`, ['1/2']],
  [`SELECT * FROM vendas WHERE begins_with(dono.nome, 'n1')`, ['1/1', '2/1']],
  [`SELECT * FROM vendas WHERE contains(tags, 'a') AND size(tags) = 1 AND venda = 3`, ['1/3', '2/3']],
  [`SELECT * FROM vendas WHERE attribute_type(valor, 'N') AND loja = '2'`, all('2')],
  [`SELECT * FROM vendas WHERE falta IS MISSING AND loja = '2'`, all('2')],
  [`SELECT * FROM vendas WHERE dono IS NOT MISSING AND dono IS NOT NULL AND loja = '2'`, all('2')],
  [`SELECT * FROM vendas WHERE venda IN (1, 2) AND loja = '2'`, ['2/1', '2/2']],
] as const)('%s', async ([statement, expected], { igarape }) => {
  const dynamodb = await withSales(igarape)

  const { Items = [] } = await run(dynamodb, statement)

  expect(Items.map((item) => `${item.loja?.S}/${item.venda?.N}`)).toEqual(expected)
})

test('a SELECT gives what it names, takes parameters, and goes on from its token', async ({ igarape }) => {
  const dynamodb = await withSales(igarape)
  const statement = `SELECT venda, dono.nome FROM vendas WHERE loja = ?`

  const first = await run(dynamodb, statement, [{ S: '1' }], { Limit: 2 })
  const rest = await run(dynamodb, statement, [{ S: '1' }], { NextToken: first.NextToken })

  expect(first.Items).toEqual([1, 2].map((venda) => ({ venda: { N: String(venda) }, nome: { S: `n${venda}` } })))
  expect(rest.Items).toEqual([{ venda: { N: '3' }, nome: { S: 'n3' } }])
  expect(rest.NextToken).toBeUndefined()
  await expect(run(dynamodb, 'SELECT * FROM vendas', undefined, { NextToken: first.NextToken })).rejects.toThrow(
    'NextToken does not match request',
  )
})

test('items are inserted once, updated and deleted where the whole condition holds', async ({ igarape }) => {
  const dynamodb = await withTable(igarape)
  const item = `{'loja': '1', 'venda': 1, 'valor': 5, 'lista': [1, 'dois'], 'tags': <<'a', 'b'>>, 'm': {'x': NULL, 'y': true}}`
  const insert = `INSERT INTO "vendas" VALUE ${item}`
  const where = `WHERE loja = '1' AND venda = 1`

  await run(dynamodb, insert)
  await expect(run(dynamodb, insert)).rejects.toMatchObject({
    name: 'DuplicateItemException',
    message: 'Duplicate primary key exists in table',
  })
  const changed = await run(
    dynamodb,
    `UPDATE vendas SET valor = valor + 2 SET lista = list_append(lista, ?), tags = set_add(tags, <<'c'>>)
     REMOVE m.x ${where} AND valor = 5 RETURNING ALL NEW *`,
    [{ L: [{ N: '3' }] }],
  )
  await expect(run(dynamodb, `UPDATE vendas SET valor = 0 ${where} AND valor = 5`)).rejects.toMatchObject({
    name: 'ConditionalCheckFailedException',
  })
  await expect(run(dynamodb, `UPDATE vendas SET a = 1 WHERE loja = '9' AND venda = 9`)).rejects.toMatchObject({
    name: 'ConditionalCheckFailedException',
  })
  const gone = await run(dynamodb, `DELETE FROM vendas ${where} RETURNING ALL OLD *`)

  const expected = {
    ...keyOf('1', 1),
    valor: { N: '7' },
    lista: { L: [{ N: '1' }, { S: 'dois' }, { N: '3' }] },
    tags: { SS: ['a', 'b', 'c'] },
    m: { M: { y: { BOOL: true } } },
  }
  expect(changed.Items).toEqual([expected])
  expect(gone.Items).toEqual([expected])
  expect((await run(dynamodb, 'SELECT * FROM vendas')).Items).toEqual([])
})

test.for([
  ['SELECT FROM vendas', "Statement wasn't well formed, can't be processed: Unexpected token"],
  ['SELECT * FROM vendas WHERE loja = ?', "Number of parameters in request and statement don't match."],
  ['DROP TABLE vendas', "Statement wasn't well formed, can't be processed"],
  [
    `UPDATE vendas SET a = 1 WHERE loja = '1'`,
    'Where clause does not contain a mandatory equality on all key attributes',
  ],
  ['SELECT * FROM vendas ORDER BY venda', 'Must have WHERE clause in the statement when using ORDER BY clause.'],
  [`UPDATE vendas SET venda = 2 WHERE loja = '1' AND venda = 1`, 'Cannot update attribute venda'],
] as const)('%s is refused', async ([statement, message], { igarape }) => {
  const dynamodb = await withSales(igarape)

  await expect(run(dynamodb, statement)).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining(message),
  })
})

test('each statement of a batch stands or fails for itself', async ({ igarape }) => {
  const dynamodb = await withSales(igarape)
  const batch = (...statements: string[]) =>
    dynamodb.send(new BatchExecuteStatementCommand({ Statements: statements.map((Statement) => ({ Statement })) }))

  const read = await batch(
    `SELECT valor FROM vendas WHERE loja = '1' AND venda = 2`,
    `SELECT * FROM vendas WHERE loja = '9' AND venda = 2`,
    `SELECT * FROM vendas WHERE loja = '1'`,
  )
  const written = await batch(
    `INSERT INTO vendas VALUE {'loja': '1', 'venda': 1}`,
    `DELETE FROM vendas WHERE loja = '1' AND venda = 2`,
  )

  expect(read.Responses).toMatchObject([
    { TableName, Item: { valor: { N: '20' } } },
    { TableName },
    { TableName, Error: { Code: 'ValidationError' } },
  ])
  expect(written.Responses).toMatchObject([{ TableName, Error: { Code: 'DuplicateItem' } }, { TableName }])
  expect((await run(dynamodb, `SELECT * FROM vendas WHERE loja = '1'`)).Items).toHaveLength(2)
})

test('a transaction of statements happens wholly or not at all, and once for each token', async ({ igarape }) => {
  const dynamodb = await withSales(igarape)
  const transact = (statements: string[], ClientRequestToken?: string) =>
    dynamodb.send(
      new ExecuteTransactionCommand({
        TransactStatements: statements.map((Statement) => ({ Statement })),
        ClientRequestToken,
      }),
    )
  const add = `UPDATE vendas SET valor = valor + 1 WHERE loja = '1' AND venda = 1`
  const exists = (valor: number) => `EXISTS(SELECT * FROM vendas WHERE loja = '1' AND venda = 2 AND valor = ${valor})`

  await transact([add, exists(20)], 'uma-vez')
  await transact([add, exists(20)], 'uma-vez')
  const refused = transact([add, exists(21), `INSERT INTO vendas VALUE {'loja': '1', 'venda': 3}`])

  await expect(refused).rejects.toMatchObject({
    name: 'TransactionCanceledException',
    CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed' }, { Code: 'DuplicateItem' }],
  })
  const { Responses } = await transact([`SELECT valor FROM vendas WHERE loja = '1' AND venda = 1`])
  expect(Responses).toEqual([{ Item: { valor: { N: '11' } } }])
})
