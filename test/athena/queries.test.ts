import {
  AthenaClient,
  CreateWorkGroupCommand,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  GetWorkGroupCommand,
  ListQueryExecutionsCommand,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena'
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { lakeOf } from './lake.ts'

async function lakeWith(igarape: Igarape, objects: Record<string, string>): Promise<void> {
  const s3 = igarape.client(S3Client)
  await s3.send(new CreateBucketCommand({ Bucket: 'lago' }))
  for (const [Key, Body] of Object.entries(objects)) await s3.send(new PutObjectCommand({ Bucket: 'lago', Key, Body }))
}

async function execute(igarape: Igarape, sql: string, more: { ExecutionParameters?: string[] } = {}) {
  const athena = igarape.client(AthenaClient)
  const { QueryExecutionId } = await athena.send(
    new StartQueryExecutionCommand({
      QueryString: sql,
      QueryExecutionContext: { Database: 'vendas' },
      ResultConfiguration: { OutputLocation: 's3://lago/resultados/' },
      ...more,
    }),
  )
  await igarape.settled()
  const { QueryExecution } = await athena.send(new GetQueryExecutionCommand({ QueryExecutionId }))
  return { id: QueryExecutionId as string, execution: QueryExecution }
}

async function rows(igarape: Igarape, sql: string, more: { ExecutionParameters?: string[] } = {}) {
  const { id, execution } = await execute(igarape, sql, more)
  expect(execution?.Status?.StateChangeReason).toBeUndefined()
  const { ResultSet } = await igarape.client(AthenaClient).send(new GetQueryResultsCommand({ QueryExecutionId: id }))
  return ResultSet?.Rows?.map((row) => row.Data?.map((cell) => cell.VarCharValue))
}

const csvTable = `CREATE EXTERNAL TABLE lojas (id int, nome string, valor decimal(10,2))
  PARTITIONED BY (data string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' STORED AS TEXTFILE
  LOCATION 's3://lago/lojas/' TBLPROPERTIES ('skip.header.line.count'='1')`

test('a partitioned CSV table is found by MSCK REPAIR and queried with its declared types', async ({ igarape }) => {
  await lakeWith(igarape, {
    'lojas/data=2025-10-20/a.csv': 'id,nome,valor\n1,São João,10.50\n2,x,não\n',
    'lojas/data=2025-10-21/b.csv': 'id,nome,valor\n3,"aspas",7\n',
    'lojas/_SUCCESS': '',
  })
  await execute(igarape, 'CREATE DATABASE vendas')
  expect((await execute(igarape, csvTable)).execution?.Status?.State).toBe('SUCCEEDED')
  await execute(igarape, 'MSCK REPAIR TABLE lojas')

  expect(await rows(igarape, 'SELECT * FROM lojas ORDER BY id')).toEqual([
    ['id', 'nome', 'valor', 'data'],
    ['1', 'São João', '10.50', '2025-10-20'],
    ['2', 'x', undefined, '2025-10-20'],
    ['3', '"aspas"', '7.00', '2025-10-21'],
  ])
  expect(await rows(igarape, 'SELECT data, sum(valor), 7/2 FROM vendas.lojas GROUP BY data ORDER BY 1')).toEqual([
    ['data', '_col1', '_col2'],
    ['2025-10-20', '10.50', '3'],
    ['2025-10-21', '7.00', '3'],
  ])
})

test('the result is a CSV object with every value quoted and NULL as nothing', async ({ igarape }) => {
  await lakeWith(igarape, {})
  const { id } = await execute(igarape, `SELECT 1 AS a, 'say "hi"' AS b, CAST(NULL AS varchar) AS c`)

  const object = await igarape
    .client(S3Client)
    .send(new GetObjectCommand({ Bucket: 'lago', Key: `resultados/${id}.csv` }))
  expect(await object.Body?.transformToString()).toBe('"a","b","c"\n"1","say ""hi""",\n')
})

test('results come in pages, the header on the first', async ({ igarape }) => {
  await lakeWith(igarape, {})
  const { id } = await execute(igarape, 'SELECT x FROM UNNEST(sequence(1, 5)) AS t(x)')
  const athena = igarape.client(AthenaClient)
  const values: (string | undefined)[] = []
  let NextToken: string | undefined
  do {
    const page = await athena.send(new GetQueryResultsCommand({ QueryExecutionId: id, MaxResults: 2, NextToken }))
    values.push(...(page.ResultSet?.Rows ?? []).map((row) => row.Data?.[0]?.VarCharValue))
    NextToken = page.NextToken
  } while (NextToken)

  expect(values).toEqual(['x', '1', '2', '3', '4', '5'])
})

test('a query over a table that is not there fails and says where', async ({ igarape }) => {
  await lakeWith(igarape, {})
  await execute(igarape, 'CREATE DATABASE vendas')
  const { execution } = await execute(igarape, 'SELECT * FROM nada')

  expect(execution?.Status?.State).toBe('FAILED')
  expect(execution?.Status?.StateChangeReason).toBe(
    "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.vendas.nada' does not exist",
  )
})

test('a function that is not translated is refused by name, never run as something else', async ({ igarape }) => {
  await lakeWith(igarape, {})
  const { execution } = await execute(igarape, `SELECT read_text('/etc/passwd')`)

  expect(execution?.Status?.State).toBe('FAILED')
  expect(execution?.Status?.StateChangeReason).toContain("Function 'read_text' not registered")
})

test('CREATE TABLE AS writes partitioned Parquet that INSERT adds to and a view reads', async ({ igarape }) => {
  await lakeWith(igarape, {})
  await execute(igarape, 'CREATE DATABASE vendas')
  const made = await execute(
    igarape,
    `CREATE TABLE copia WITH (external_location = 's3://lago/copia/', partitioned_by = ARRAY['dia'])
     AS SELECT 1 AS id, DECIMAL '1.50' AS valor, 'a' AS dia`,
  )
  expect(made.execution?.Status?.StateChangeReason).toBeUndefined()
  await execute(igarape, `INSERT INTO copia VALUES (2, 2.5, 'b')`)
  await execute(igarape, 'CREATE VIEW soma AS SELECT dia, sum(valor) AS total FROM copia GROUP BY dia')

  expect(await rows(igarape, 'SELECT * FROM soma ORDER BY dia')).toEqual([
    ['dia', 'total'],
    ['a', '1.50'],
    ['b', '2.50'],
  ])
})

test('skewness is the population’s, and a percentile takes weights', async ({ igarape }) => {
  await lakeWith(igarape, {})
  await execute(igarape, 'CREATE DATABASE vendas')
  const values = 'FROM (VALUES (1, 1), (2, 1), (2, 1), (3, 9), (10, 1)) AS t (x, w)'

  const answers = await rows(
    igarape,
    `SELECT round(skewness(x), 9), approx_percentile(x, w, 0.5), approx_percentile(CAST(x AS DOUBLE), w, 0.9) ${values}`,
  )
  expect(answers?.slice(1)).toEqual([['1.360892729', '3', '3.0']])
  expect((await rows(igarape, `SELECT skewness(x) ${values} WHERE w = 9`))?.slice(1)).toEqual([[undefined]])
  const { execution } = await execute(igarape, `SELECT approx_percentile(x, w, 1.5) ${values}`)
  expect(execution?.Status?.StateChangeReason).toContain('Percentile must be between 0 and 1')
})

test('the same request token starts one execution', async ({ igarape }) => {
  await lakeWith(igarape, {})
  const athena = igarape.client(AthenaClient)
  const start = () =>
    athena.send(
      new StartQueryExecutionCommand({
        QueryString: 'SELECT 1',
        ClientRequestToken: 'a'.repeat(32),
        ResultConfiguration: { OutputLocation: 's3://lago/' },
      }),
    )
  const [first, second] = [await start(), await start()]

  expect(second.QueryExecutionId).toBe(first.QueryExecutionId)
  expect((await athena.send(new ListQueryExecutionsCommand({}))).QueryExecutionIds).toEqual([first.QueryExecutionId])
})

test('a work group that enforces its configuration decides where results go', async ({ igarape }) => {
  await lakeWith(igarape, {})
  const athena = igarape.client(AthenaClient)
  await athena.send(
    new CreateWorkGroupCommand({
      Name: 'analistas',
      Configuration: { ResultConfiguration: { OutputLocation: 's3://lago/grupo/' } },
    }),
  )
  const { QueryExecutionId } = await athena.send(
    new StartQueryExecutionCommand({
      QueryString: 'SELECT ?',
      ExecutionParameters: ['5'],
      WorkGroup: 'analistas',
      ResultConfiguration: { OutputLocation: 's3://lago/outro/' },
    }),
  )
  await igarape.settled()
  const { QueryExecution } = await athena.send(new GetQueryExecutionCommand({ QueryExecutionId }))
  const group = await athena.send(new GetWorkGroupCommand({ WorkGroup: 'analistas' }))

  expect(QueryExecution?.Status?.State).toBe('SUCCEEDED')
  expect(QueryExecution?.ResultConfiguration?.OutputLocation).toBe(`s3://lago/grupo/${QueryExecutionId}.csv`)
  expect(group.WorkGroup?.Configuration?.EnforceWorkGroupConfiguration).toBe(true)
})

test('a sub-query with a join in it stands on the right of a join', async ({ igarape }) => {
  const lake = await lakeOf(igarape)

  const rows = await lake.rows(
    `SELECT a.x, s.y FROM (VALUES 1, 2) AS a(x)
     LEFT JOIN (SELECT b.y FROM (VALUES 2, 3) AS b(y) JOIN (VALUES 2) AS c(z) ON b.y = c.z) AS s ON a.x = s.y ORDER BY 1`,
  )

  expect(rows).toEqual([
    ['1', undefined],
    ['2', '2'],
  ])
})

test('queries without tables follow one another, whatever the one before came to', async ({ igarape }) => {
  await lakeWith(igarape, {})
  const pattern = `SELECT regexp_extract('loja-123', '(\\d+)', 1) AS n, try_cast('x' AS integer) AS x`

  const found = [await rows(igarape, pattern)]
  const failed = await execute(igarape, `SELECT 1 / 0`)
  found.push(await rows(igarape, pattern), await rows(igarape, pattern))
  const many = await Promise.all(
    [1, 2, 3].map((n) =>
      igarape.client(AthenaClient).send(
        new StartQueryExecutionCommand({
          QueryString: `SELECT ${n}, regexp_replace('a${n}', '[a-z]')`,
          ResultConfiguration: { OutputLocation: 's3://lago/resultados/' },
        }),
      ),
    ),
  )
  await igarape.settled()
  const results = await Promise.all(
    many.map(({ QueryExecutionId }) =>
      igarape.client(AthenaClient).send(new GetQueryResultsCommand({ QueryExecutionId })),
    ),
  )

  expect(found).toEqual(
    Array(3).fill([
      ['n', 'x'],
      ['123', undefined],
    ]),
  )
  expect(failed.execution?.Status?.StateChangeReason).toBe('DIVISION_BY_ZERO: Division by zero')
  expect(results.map(({ ResultSet }) => ResultSet?.Rows?.[1]?.Data?.map((cell) => cell.VarCharValue))).toEqual([
    ['1', '1'],
    ['2', '2'],
    ['3', '3'],
  ])
})
