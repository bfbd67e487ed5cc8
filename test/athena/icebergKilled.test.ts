/** A server that is killed while a statement changes an Iceberg table: the change is there once and whole. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena'
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { expect, test } from 'vitest'
import { started } from '../glue/killableServer.ts'

const rows = `SELECT n AS id, CAST(n % 4 AS varchar) AS loja, 1 AS qtd FROM UNNEST(sequence(1, 10000)) AS a(n)`
const create = `CREATE TABLE vendas.t WITH (table_type = 'ICEBERG', is_external = false, location = 's3://lago/t/', partitioning = ARRAY['loja']) AS ${rows}`

/** What each leaves, and how many data files the table then has. */
const statements = {
  'INSERT INTO': { sql: `INSERT INTO vendas.t ${rows}`, total: ['20000', '20000'], files: '8' },
  UPDATE: { sql: `UPDATE vendas.t SET qtd = qtd + 1 WHERE loja = '1'`, total: ['10000', '12500'], files: '4' },
} as const

/** Milliseconds after it was started, and the moments when its data and its metadata are first seen. */
const moments = [200, 'data/', 'metadata/'] as const

test.for(Object.keys(statements) as (keyof typeof statements)[])(
  '%s that a kill cuts is done once',
  { timeout: 300_000 },
  async (name) => {
    const { sql, total, files } = statements[name]
    for (const moment of moments) {
      const data = mkdtempSync(join(tmpdir(), 'igarape-iceberg-killed-'))
      const first = await started(data)
      await prepare(first.endpoint)
      const before = await keysIn(first.endpoint, 't/')
      const id = await start(first.endpoint, sql)
      if (typeof moment === 'number') await new Promise((done) => setTimeout(done, moment))
      else await more(first.endpoint, `t/${moment}`, before)
      const gone = new Promise((done) => first.child.once('exit', done))
      first.child.kill('SIGKILL')
      await gone

      const second = await started(data)
      const state = await ended(second.endpoint, id)
      const sum = await resultOf(second.endpoint, 'SELECT count(*), sum(qtd) FROM vendas.t')
      const named = await resultOf(second.endpoint, `SELECT count(*) FROM vendas."t$files"`)
      const own = await keysOf(second.endpoint, id)
      second.child.kill('SIGTERM')
      await new Promise((done) => second.child.once('exit', done))
      rmSync(data, { recursive: true, force: true })

      expect({ moment, state }).toEqual({ moment, state: 'SUCCEEDED' })
      expect(sum).toEqual([total])
      expect(named).toEqual([[files]])
      expect(own).toBe(name === 'UPDATE' ? 1 : 4)
    }
  },
)

function clients(endpoint: string) {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const settings = { endpoint, region: 'us-east-1', credentials, forcePathStyle: true }
  return { athena: new AthenaClient(settings), s3: new S3Client(settings) }
}

async function start(endpoint: string, QueryString: string): Promise<string> {
  const ResultConfiguration = { OutputLocation: 's3://lago/resultados/' }
  const command = new StartQueryExecutionCommand({ QueryString, ResultConfiguration })
  const { QueryExecutionId = '' } = await clients(endpoint).athena.send(command)
  return QueryExecutionId
}

async function prepare(endpoint: string): Promise<void> {
  await clients(endpoint).s3.send(new CreateBucketCommand({ Bucket: 'lago' }))
  for (const sql of ['CREATE DATABASE vendas', create])
    expect(await ended(endpoint, await start(endpoint, sql))).toBe('SUCCEEDED')
}

/** The state that it ends in; the reason where it is another than SUCCEEDED. */
async function ended(endpoint: string, QueryExecutionId: string): Promise<string> {
  for (;;) {
    const { QueryExecution } = await clients(endpoint).athena.send(new GetQueryExecutionCommand({ QueryExecutionId }))
    const { State = '', StateChangeReason } = QueryExecution?.Status ?? {}
    if (State !== 'QUEUED' && State !== 'RUNNING') return StateChangeReason ?? State
    await new Promise((done) => setTimeout(done, 20))
  }
}

async function resultOf(endpoint: string, sql: string): Promise<(string | undefined)[][]> {
  const id = await start(endpoint, sql)
  expect(await ended(endpoint, id)).toBe('SUCCEEDED')
  const { ResultSet } = await clients(endpoint).athena.send(new GetQueryResultsCommand({ QueryExecutionId: id }))
  return (ResultSet?.Rows ?? []).slice(1).map((row) => (row.Data ?? []).map((cell) => cell.VarCharValue))
}

async function more(endpoint: string, prefix: string, before: readonly string[]): Promise<void> {
  const known = before.filter((key) => key.startsWith(prefix)).length
  while ((await keysIn(endpoint, prefix)).length === known) await new Promise((done) => setTimeout(done, 1))
}

/** How many data files bear the query's name. */
async function keysOf(endpoint: string, id: string): Promise<number> {
  return (await keysIn(endpoint, 't/data/')).filter((key) => key.includes(id)).length
}

async function keysIn(endpoint: string, Prefix: string): Promise<string[]> {
  const { Contents = [] } = await clients(endpoint).s3.send(new ListObjectsV2Command({ Bucket: 'lago', Prefix }))
  return Contents.map(({ Key = '' }) => Key)
}
