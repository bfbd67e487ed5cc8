/** A server that is killed while a statement writes: what it wrote is there whole, or not at all, and its state says which. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { expect, test } from 'vitest'
import { started } from '../glue/killableServer.ts'
import { clients, ended, keysIn, resultOf, start } from './killedQueries.ts'

const total = 200_000
const perDay = 50_000
const rows = `SELECT n, CAST(n % 4 AS varchar) AS dia FROM UNNEST(sequence(1, 400)) AS a(x)
  CROSS JOIN UNNEST(sequence(1, 500)) AS b(y) CROSS JOIN LATERAL (VALUES (x * 500 + y)) AS c(n)`

/** What each statement leaves: a table's rows by day, or none where there is no table, and how many files lie where it writes. */
const statements = {
  'CREATE TABLE AS': {
    sql: `CREATE TABLE vendas.copia WITH (external_location = 's3://lago/copia/', partitioned_by = ARRAY['dia']) AS ${rows}`,
    folder: 'copia/',
    counted: 'SELECT dia, count(*), count(DISTINCT n) FROM vendas.copia GROUP BY 1 ORDER BY 1',
    files: 4,
  },
  'INSERT INTO': {
    sql: `INSERT INTO vendas.diario ${rows}`,
    folder: 'diario/',
    counted: 'SELECT dia, count(*), count(DISTINCT n) FROM vendas.diario GROUP BY 1 ORDER BY 1',
    files: 4,
  },
  UNLOAD: {
    sql: `UNLOAD (${rows}) TO 's3://lago/fora/' WITH (format = 'PARQUET')`,
    folder: 'fora/',
    counted: 'SELECT dia, count(*), count(DISTINCT n) FROM vendas.fora GROUP BY 1 ORDER BY 1',
    files: 1,
  },
} as const

/** Milliseconds after it was started, and the moment when its objects are first seen. */
const moments = [0, 100, 500, 'written'] as const

test.for(Object.keys(statements) as (keyof typeof statements)[])(
  '%s that a kill cuts is told of in truth',
  { timeout: 300_000 },
  async (name) => {
    const { sql, folder, counted, files } = statements[name]
    for (const moment of moments) {
      const data = mkdtempSync(join(tmpdir(), 'igarape-killed-'))
      const first = await started(data)
      await prepare(first.endpoint)
      const id = await start(first.endpoint, sql)
      if (moment === 'written') await seen(first.endpoint, folder)
      else await new Promise((done) => setTimeout(done, moment))
      const gone = new Promise((done) => first.child.once('exit', done))
      first.child.kill('SIGKILL')
      await gone

      const second = await started(data)
      const state = await ended(second.endpoint, id)
      const keys = await keysIn(second.endpoint, folder)
      const answer = state === 'SUCCEEDED' ? await resultOf(second.endpoint, counted) : undefined
      second.child.kill('SIGTERM')
      await new Promise((done) => second.child.once('exit', done))
      rmSync(data, { recursive: true, force: true })

      expect({ moment, state }).toEqual({ moment, state: 'SUCCEEDED' })
      expect(keys).toHaveLength(files)
      expect(answer).toEqual(['0', '1', '2', '3'].map((day) => [day, String(perDay), String(total / 4)]))
    }
  },
)

async function prepare(endpoint: string): Promise<void> {
  await clients(endpoint).s3.send(new CreateBucketCommand({ Bucket: 'lago' }))
  for (const sql of [
    'CREATE DATABASE vendas',
    `CREATE EXTERNAL TABLE vendas.diario (n bigint) PARTITIONED BY (dia string) STORED AS PARQUET LOCATION 's3://lago/diario/'`,
    `CREATE EXTERNAL TABLE vendas.fora (n bigint, dia string) STORED AS PARQUET LOCATION 's3://lago/fora/'`,
  ]) {
    expect(await ended(endpoint, await start(endpoint, sql))).toBe('SUCCEEDED')
  }
}

async function seen(endpoint: string, folder: string): Promise<void> {
  while ((await keysIn(endpoint, folder)).length === 0) await new Promise((done) => setTimeout(done, 1))
}
