import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateDatabaseCommand, CreateTableCommand, GlueClient } from '@aws-sdk/client-glue'
import { CreateClusterCommand, RedshiftClient } from '@aws-sdk/client-redshift'
import {
  BatchExecuteStatementCommand,
  DescribeStatementCommand,
  DescribeTableCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  ListTablesCommand,
  RedshiftDataClient,
  type SqlParameter,
} from '@aws-sdk/client-redshift-data'
import {
  CreateNamespaceCommand,
  CreateWorkgroupCommand,
  GetWorkgroupCommand,
  RedshiftServerlessClient,
} from '@aws-sdk/client-redshift-serverless'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import type { Trace } from '../../src/control/traces.ts'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

const place = { WorkgroupName: 'vendas', Database: 'dev' }

async function workgroup(igarape: Igarape): Promise<void> {
  const serverless = igarape.client(RedshiftServerlessClient)
  await serverless.send(new CreateNamespaceCommand({ namespaceName: 'vendas' }))
  await serverless.send(new CreateWorkgroupCommand({ workgroupName: 'vendas', namespaceName: 'vendas' }))
}

async function execute(igarape: Igarape, Sql: string, Parameters?: SqlParameter[]) {
  const data = igarape.client(RedshiftDataClient)
  const { Id } = await data.send(new ExecuteStatementCommand({ ...place, Sql, Parameters }))
  await igarape.settled()
  return data.send(new DescribeStatementCommand({ Id }))
}

async function rows(igarape: Igarape, sql: string, parameters?: SqlParameter[]) {
  const described = await execute(igarape, sql, parameters)
  expect(described.Error).toBeUndefined()
  const { Records = [] } = await igarape
    .client(RedshiftDataClient)
    .send(new GetStatementResultCommand({ Id: described.Id }))
  return Records.map((record) => record.map((field) => Object.values(field)[0]))
}

test('COPY loads what lies under a prefix of S3 and the rows are read back with their types', async ({ igarape }) => {
  await workgroup(igarape)
  const s3 = igarape.client(S3Client)
  await s3.send(new CreateBucketCommand({ Bucket: 'lago' }))
  await s3.send(new PutObjectCommand({ Bucket: 'lago', Key: 'v/a.csv', Body: 'id,valor\n1,10.50\n2,\n' }))
  await s3.send(new PutObjectCommand({ Bucket: 'lago', Key: 'v/b.csv', Body: 'id,valor\n3,7\n' }))
  await execute(igarape, 'CREATE TABLE vendas (id INT, valor DECIMAL(10,2)) DISTSTYLE EVEN')
  const copied = await execute(igarape, `COPY vendas FROM 's3://lago/v/' IAM_ROLE default CSV IGNOREHEADER 1`)

  expect(copied).toMatchObject({ Status: 'FINISHED', HasResultSet: false, ResultRows: 3 })
  expect(
    await rows(igarape, 'SELECT id, valor FROM vendas WHERE id <= :limite ORDER BY id', [
      { name: 'limite', value: '2' },
    ]),
  ).toEqual([
    [1, '10.50'],
    [2, true],
  ])
})

test('a batch that fails leaves nothing and says which statement it was', async ({ igarape }) => {
  await workgroup(igarape)
  await execute(igarape, 'CREATE TABLE t (id INT)')
  const data = igarape.client(RedshiftDataClient)
  const { Id } = await data.send(
    new BatchExecuteStatementCommand({ ...place, Sqls: ['INSERT INTO t VALUES (1)', 'SELECT 1/0'] }),
  )
  await igarape.settled()
  const batch = await data.send(new DescribeStatementCommand({ Id }))

  expect(batch.Status).toBe('FAILED')
  expect(batch.Error).toContain('Query #2 failed with ERROR: Divide by zero.')
  expect(batch.SubStatements?.map((one) => one.Status)).toEqual(['ABORTED', 'FAILED'])
  expect(await rows(igarape, 'SELECT count(*) FROM t')).toEqual([[0]])
})

test('an external schema reads the tables of the Data Catalog', async ({ igarape }) => {
  await workgroup(igarape)
  const s3 = igarape.client(S3Client)
  const glue = igarape.client(GlueClient)
  await s3.send(new CreateBucketCommand({ Bucket: 'lago' }))
  await s3.send(new PutObjectCommand({ Bucket: 'lago', Key: 'lojas/a.csv', Body: '1,Recife\n2,Natal\n' }))
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'catalogo' } }))
  await glue.send(
    new CreateTableCommand({
      DatabaseName: 'catalogo',
      TableInput: {
        Name: 'lojas',
        TableType: 'EXTERNAL_TABLE',
        StorageDescriptor: {
          Location: 's3://lago/lojas/',
          Columns: [
            { Name: 'id', Type: 'int' },
            { Name: 'cidade', Type: 'string' },
          ],
          SerdeInfo: {
            SerializationLibrary: 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe',
            Parameters: { 'field.delim': ',' },
          },
        },
      },
    }),
  )
  await execute(igarape, `CREATE EXTERNAL SCHEMA lake FROM DATA CATALOG DATABASE 'catalogo' IAM_ROLE default`)

  expect(await rows(igarape, 'SELECT cidade FROM lake.lojas ORDER BY id')).toEqual([['Recife'], ['Natal']])
})

test('an error of the statement is its own, a missing work group is refused at once', async ({ igarape }) => {
  await workgroup(igarape)
  const failed = await execute(igarape, 'SELECT * FROM nada')

  expect(failed).toMatchObject({ Status: 'FAILED', Error: 'ERROR: relation "nada" does not exist' })
  await expect(
    igarape
      .client(RedshiftDataClient)
      .send(new ExecuteStatementCommand({ WorkgroupName: 'outro', Database: 'dev', Sql: 'SELECT 1' })),
  ).rejects.toThrow("Redshift endpoint doesn't exist in this region.")
})

test('tables and their columns are listed as they were declared', async ({ igarape }) => {
  await workgroup(igarape)
  await execute(igarape, 'CREATE TABLE t (id BIGINT NOT NULL, nome VARCHAR(20), valor NUMERIC(12,3))')
  const data = igarape.client(RedshiftDataClient)
  const { Tables } = await data.send(new ListTablesCommand({ ...place, SchemaPattern: 'public' }))
  const { ColumnList } = await data.send(new DescribeTableCommand({ ...place, Schema: 'public', Table: 't' }))

  expect(Tables).toEqual([{ schema: 'public', name: 't', type: 'TABLE' }])
  expect(ColumnList?.map((c) => [c.name, c.typeName, c.length, c.precision, c.scale, c.nullable])).toEqual([
    ['id', 'int8', 0, 0, 0, 0],
    ['nome', 'varchar', 20, 0, 0, 1],
    ['valor', 'numeric', 0, 12, 3, 1],
  ])
})

test('a provisioned cluster takes statements too, and a token makes one statement of two requests', async ({
  igarape,
}) => {
  await igarape.client(RedshiftClient).send(
    new CreateClusterCommand({
      ClusterIdentifier: 'armazem',
      NodeType: 'ra3.large',
      MasterUsername: 'admin',
      MasterUserPassword: 'Senha1234',
    }),
  )
  const data = igarape.client(RedshiftDataClient)
  const send = () =>
    data.send(
      new ExecuteStatementCommand({
        ClusterIdentifier: 'armazem',
        Database: 'dev',
        DbUser: 'admin',
        Sql: 'SELECT 1 AS um',
        ClientToken: 'um',
      }),
    )
  const [first, second] = [await send(), await send()]
  await igarape.settled()
  const result = await data.send(new GetStatementResultCommand({ Id: first.Id }))

  expect(second.Id).toBe(first.Id)
  expect(result.Records).toEqual([[{ longValue: 1 }]])
  expect(result.ColumnMetadata?.[0]).toMatchObject({ name: 'um', typeName: 'int4' })
})

test('rows are there after the server was stopped and started', async () => {
  const data = mkdtempSync(join(tmpdir(), 'redshift-'))
  const first = await startIgarape({ data })
  await workgroup(first)
  await execute(first, 'CREATE TABLE t (id INT IDENTITY(1,1), nome VARCHAR(5))')
  await execute(first, `INSERT INTO t (nome) VALUES ('a'), ('b')`)
  await first.stop()

  const second = await startIgarape({ data })
  try {
    expect(await rows(second, 'SELECT id, nome FROM t ORDER BY id')).toEqual([
      [1, 'a'],
      [2, 'b'],
    ])
    const found = await second
      .client(RedshiftServerlessClient)
      .send(new GetWorkgroupCommand({ workgroupName: 'vendas' }))
    expect(found.workgroup?.status).toBe('AVAILABLE')
  } finally {
    await second.stop()
    rmSync(data, { recursive: true, force: true })
  }
})

test('a merge through a temporary copy of the table runs under its lock, as one transaction', async ({ igarape }) => {
  await workgroup(igarape)
  const s3 = igarape.client(S3Client)
  await s3.send(new CreateBucketCommand({ Bucket: 'lago' }))
  await s3.send(new PutObjectCommand({ Bucket: 'lago', Key: 'a.csv', Body: '1,20\n2,30\n' }))
  await s3.send(new PutObjectCommand({ Bucket: 'lago', Key: 'outra.csv', Body: '9,90\n' }))
  const entries = [{ url: 's3://lago/a.csv', mandatory: true }]
  await s3.send(new PutObjectCommand({ Bucket: 'lago', Key: 'manifesto', Body: JSON.stringify({ entries }) }))
  await execute(igarape, 'CREATE TABLE vendas (id INT, valor DECIMAL(10,2))')
  await execute(igarape, 'INSERT INTO vendas VALUES (1, 10)')
  const data = igarape.client(RedshiftDataClient)
  const { Id } = await data.send(
    new BatchExecuteStatementCommand({
      ...place,
      Sqls: [
        'LOCK vendas',
        'CREATE TEMP TABLE chegada (LIKE vendas)',
        `COPY chegada FROM 's3://lago/manifesto' IAM_ROLE default CSV MANIFEST`,
        'DELETE FROM vendas USING chegada WHERE vendas.id = chegada.id',
        'INSERT INTO vendas SELECT * FROM chegada',
      ],
    }),
  )
  await igarape.settled()

  expect((await data.send(new DescribeStatementCommand({ Id }))).Error).toBeUndefined()
  expect(await rows(igarape, 'SELECT id, valor FROM vendas ORDER BY id')).toEqual([
    [1, '20.00'],
    [2, '30.00'],
  ])
  expect((await execute(igarape, 'LOCK TABLE nenhuma')).Error).toContain('relation "nenhuma" does not exist')
})

test('a statement is a hop with its rows and its price, and tells nothing of its SQL', async ({ igarape }) => {
  await workgroup(igarape)
  await execute(igarape, 'CREATE TABLE lojas (nome VARCHAR)')
  const { Id } = await execute(igarape, "INSERT INTO lojas VALUES ('Recife'), ('Natal')")
  const trace = (await (await fetch(`${igarape.endpoint}/_igarape/traces/${Id}`)).json()) as Trace

  expect(trace.roots).toMatchObject([
    { service: 'redshift-data', action: 'INSERT', resource: 'vendas/dev', status: 'ok', rows: 2 },
  ])
  // 128 RPU, a minute, $0.375 an RPU-hour.
  expect(trace.roots[0]?.costUsd).toBeCloseTo(0.8)
  expect(JSON.stringify(trace)).not.toContain('Recife')
})
