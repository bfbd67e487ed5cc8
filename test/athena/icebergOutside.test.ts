/** Iceberg tables between this server and others: what one writes, the other reads. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import { preparePython } from '../../src/engines/python/environment.ts'
import { test } from '../fixture.ts'
import { lakeOf } from './lake.ts'

test('plain pyiceberg reads a table, adds to it, and what it deletes by position is gone here too', {
  timeout: 300_000,
}, async ({ igarape }) => {
  const lake = await lakeOf(igarape)
  await lake.run(
    `CREATE TABLE t (id bigint, nome string) LOCATION 's3://lago/t/' TBLPROPERTIES ('table_type'='ICEBERG')`,
  )
  await lake.run(`INSERT INTO t VALUES (1, 'um'), (2, 'dois'), (3, NULL)`)

  const outside = await usedOutside(igarape.endpoint)

  expect(outside.found).toEqual([
    [1, 'um'],
    [2, 'dois'],
    [3, null],
  ])
  expect(outside.after).toHaveLength(4)
  const expected = [
    ['2', 'dois'],
    ['3', undefined],
    ['50', 'de fora'],
    ['51', undefined],
  ]
  expect(await lake.rows('SELECT * FROM t ORDER BY id')).toEqual(expected)
  expect((await lake.run('UPDATE t SET id = id + 1 WHERE id = 3')).reason).toBeUndefined()
  expect(await lake.rows('SELECT id FROM t ORDER BY 1')).toEqual([['2'], ['4'], ['50'], ['51']])
})

async function usedOutside(endpoint: string): Promise<{ found: unknown[]; after: unknown[] }> {
  const hostEnvironment = process.env as Record<string, string>
  const home = join(process.env.IGARAPE_CACHE ?? join(process.env.HOME ?? '', '.igarape'), 'python')
  const { python } = await preparePython({ home, python: '', hostEnvironment })
  const program = join(import.meta.dirname, 'iceberg_outside.py')
  const { stdout } = await promisify(execFile)(python, [program, endpoint, 'vendas.t'])
  return JSON.parse(stdout) as { found: unknown[]; after: unknown[] }
}
