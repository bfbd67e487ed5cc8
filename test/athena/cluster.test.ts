/** Athena's queries on a Trino coordinator, here a small server of its protocol: what is sent, paged, told and cancelled. */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'
import { type Lake, lakeOf } from './lake.ts'

interface Sent {
  method: string | undefined
  path: string | undefined
  headers: IncomingMessage['headers']
  body: string
}

let coordinator: Server
let sent: Sent[]
/** What the coordinator answers, one after the other; `next` makes a further page. */
let answers: ((next: string) => { status?: number; body: string })[]
let igarape: Igarape
let lake: Lake

beforeEach(async () => {
  sent = []
  answers = []
  coordinator = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    sent.push({ method: request.method, path: request.url, headers: request.headers, body })
    const { port } = coordinator.address() as AddressInfo
    const make = request.method === 'DELETE' ? () => ({ status: 204, body: '' }) : answers.shift()
    const answer = make?.(`http://127.0.0.1:${port}/v1/statement/executing/q/${sent.length}`)
    response.writeHead(answer?.status ?? 200, { 'Content-Type': 'application/json' }).end(answer?.body ?? '{}')
  })
  await new Promise<void>((done) => coordinator.listen(0, '127.0.0.1', done))
  const { port } = coordinator.address() as AddressInfo
  igarape = await startIgarape({ options: { athenaTrino: `http://ana:segredo@127.0.0.1:${port}/lago` } })
  lake = await lakeOf(igarape)
})
afterEach(async () => {
  await igarape.stop()
  coordinator.closeAllConnections()
  await new Promise((done) => coordinator.close(done))
})

const page = (content: object) => (next: string) => ({ body: JSON.stringify({ id: 'q', nextUri: next, ...content }) })
const last = (content: object) => () => ({ body: JSON.stringify({ id: 'q', ...content }) })

test('a query is sent as it is, and its pages become rows in the form of Athena', async () => {
  const types = {
    grande: 'bigint',
    preco: 'decimal(10,2)',
    duplo: 'double',
    quando: 'timestamp(6)',
    aqui: 'timestamp(3) with time zone',
    bytes: 'varbinary',
    lista: 'array(integer)',
    mapa: 'map(varchar, double)',
    linha: 'row(a integer, "b" varchar(3))',
    letra: 'char(3)',
  }
  const columns = Object.entries(types).map(([name, type]) => ({ name, type }))
  const row = `[9007199254740993, "1.50", 1.0E10, "2025-01-02 03:04:05.678912", "2025-01-02 03:04:05.000 UTC", "AP8=", [1, null], {"x": 1.5}, [1, "9007199254740993"], "a  "]`
  answers = [
    page({ stats: { state: 'QUEUED' } }),
    () => ({ status: 503, body: '' }),
    page({ columns }),
    (next) => ({ body: `{"id":"q","nextUri":"${next}","columns":${JSON.stringify(columns)},"data":[${row}]}` }),
    last({ columns, data: [columns.map(() => null)], stats: { physicalInputBytes: 1234 } }),
  ]

  const ended = await lake.run('SELECT * FROM pedidos')

  expect(ended).toMatchObject({ state: 'SUCCEEDED', bytesScanned: 1234 })
  const { ResultSet } = await igarape
    .client(AthenaClient)
    .send(new GetQueryResultsCommand({ QueryExecutionId: ended.id }))
  expect(ResultSet?.ResultSetMetadata?.ColumnInfo?.map(({ Type }) => Type).join()).toBe(
    'bigint,decimal,double,timestamp,timestamp with time zone,varbinary,array,map,row,char',
  )
  expect(ResultSet?.Rows?.slice(1).map((one) => one.Data?.map(({ VarCharValue }) => VarCharValue))).toEqual([
    [
      ...['9007199254740993', '1.50', '1.0E10', '2025-01-02 03:04:05.678', '2025-01-02 03:04:05.000 UTC', '00 ff'],
      ...['[1, null]', '{x=1.5}', '{a=1, b=9007199254740993}', 'a  '],
    ],
    columns.map(() => undefined),
  ])
  expect(sent.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /v1/statement',
    'GET /v1/statement/executing/q/1',
    'GET /v1/statement/executing/q/1',
    'GET /v1/statement/executing/q/3',
    'GET /v1/statement/executing/q/4',
  ])
  expect(sent[0]?.body.trim()).toBe('SELECT * FROM pedidos')
  expect(sent[0]?.headers).toMatchObject({
    'x-trino-user': 'ana',
    'x-trino-catalog': 'lago',
    'x-trino-schema': 'vendas',
    'x-trino-source': 'igarape',
    'x-trino-time-zone': 'UTC',
    authorization: `Basic ${Buffer.from('ana:segredo').toString('base64')}`,
  })
})

test('execution parameters go with EXECUTE IMMEDIATE', async () => {
  answers = [last({ columns: [{ name: '_col0', type: 'integer' }], data: [[1]] })]

  const rows = await lake.rows(`SELECT id FROM t WHERE nome = ?`, { ExecutionParameters: ["'d''água'"] })

  expect(rows).toEqual([['1']])
  expect(sent[0]?.body).toBe(`EXECUTE IMMEDIATE 'SELECT id FROM t WHERE nome = ?' USING 'd''água'`)
})

test("an error is told in the coordinator's words", async () => {
  const error = { message: "line 1:8: Column 'nada' cannot be resolved", errorName: 'COLUMN_NOT_FOUND' }
  answers = [page({}), last({ error })]

  expect(await lake.run('SELECT nada')).toMatchObject({
    state: 'FAILED',
    reason: "COLUMN_NOT_FOUND: line 1:8: Column 'nada' cannot be resolved",
  })
})

test('a table is made by the coordinator; the Catalog and UNLOAD are not its own', async () => {
  answers = [last({ updateType: 'CREATE TABLE', updateCount: 3, columns: [{ name: 'rows', type: 'bigint' }] })]

  expect((await lake.run('CREATE TABLE t AS SELECT 1 AS a')).state).toBe('SUCCEEDED')
  expect(await lake.rows('SHOW DATABASES')).toEqual([['vendas']])
  expect((await lake.run(`UNLOAD (SELECT 1) TO 's3://lago/x/' WITH (format = 'JSON')`)).reason).toContain(
    'UNLOAD on a Trino cluster is not supported',
  )
  expect(sent.map(({ body }) => body)).toEqual(['CREATE TABLE t AS SELECT 1 AS a'])
})

test('a stopped query is cancelled at the coordinator', async () => {
  const athena = igarape.client(AthenaClient)
  const asked = new Promise<void>((done) => {
    answers = [
      page({}),
      ...Array.from({ length: 10_000 }, () => (next: string) => {
        done()
        return page({})(next)
      }),
    ]
  })
  const { QueryExecutionId } = await athena.send(
    new StartQueryExecutionCommand({
      QueryString: 'SELECT 1',
      ResultConfiguration: { OutputLocation: 's3://lago/resultados/' },
    }),
  )
  await asked

  await athena.send(new StopQueryExecutionCommand({ QueryExecutionId }))
  await igarape.settled()

  const { QueryExecution } = await athena.send(new GetQueryExecutionCommand({ QueryExecutionId }))
  expect(QueryExecution?.Status?.State).toBe('CANCELLED')
  expect(await lake.keys('resultados/')).not.toContain(`resultados/${QueryExecutionId}.csv`)
  expect(sent.some(({ method, path }) => method === 'DELETE' && path?.startsWith('/v1/statement/executing/q/'))).toBe(
    true,
  )
})

test('a coordinator that is not there fails the query', async () => {
  coordinator.closeAllConnections()
  await new Promise((done) => coordinator.close(done))

  expect((await lake.run('SELECT 1')).reason).toMatch(
    /^GENERIC_INTERNAL_ERROR: The Trino coordinator .* gave no answer/,
  )
})
