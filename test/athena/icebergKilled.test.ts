/** A server that is killed while a statement changes an Iceberg table: the change is there once and whole. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { expect, test } from 'vitest'
import { started } from '../glue/killableServer.ts'
import { clients, ended, keysIn, resultOf, start } from './killedQueries.ts'

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

async function prepare(endpoint: string): Promise<void> {
  await clients(endpoint).s3.send(new CreateBucketCommand({ Bucket: 'lago' }))
  for (const sql of ['CREATE DATABASE vendas', create])
    expect(await ended(endpoint, await start(endpoint, sql))).toBe('SUCCEEDED')
}

async function more(endpoint: string, prefix: string, before: readonly string[]): Promise<void> {
  const known = before.filter((key) => key.startsWith(prefix)).length
  while ((await keysIn(endpoint, prefix)).length === known) await new Promise((done) => setTimeout(done, 1))
}

/** How many data files bear the query's name. */
async function keysOf(endpoint: string, id: string): Promise<number> {
  return (await keysIn(endpoint, 't/data/')).filter((key) => key.includes(id)).length
}
