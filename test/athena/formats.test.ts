import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { lakeOf } from './lake.ts'

test('ORC gives back what was written, and takes more rows', { timeout: 600_000 }, async ({ igarape }) => {
  const lake = await lakeOf(igarape)

  const made = await lake.run(
    `CREATE TABLE copia WITH (format = 'ORC', partitioned_by = ARRAY['dia']) AS
     SELECT 1 AS id, DECIMAL '1.50' AS valor, ARRAY['a', NULL] AS marcas, TIMESTAMP '2025-10-20 10:11:12.345' AS em, 'x' AS dia`,
  )
  expect(made.reason).toBeUndefined()
  await lake.run(`INSERT INTO copia (id, dia) VALUES (2, 'y')`)

  expect(await lake.rows('SELECT * FROM copia ORDER BY id')).toEqual([
    ['1', '1.50', '[a, null]', '2025-10-20 10:11:12.345', 'x'],
    ['2', undefined, undefined, undefined, 'y'],
  ])
  expect((await lake.text((await lake.keys('resultados/tables/'))[0] as string)).slice(0, 3)).toBe('ORC')
})

test('a number that does not fit is NULL to the OpenX SerDe, and fails the query with the Hive one', async ({
  igarape,
}) => {
  const lake = await lakeOf(igarape, { 'j/a': '{"id": 1, "n": "12"}\n{"id": 2, "n": "abc"}\n' })
  for (const [name, serde] of [
    ['livre', 'org.openx.data.jsonserde.JsonSerDe'],
    ['rigido', 'org.apache.hive.hcatalog.data.JsonSerDe'],
  ]) {
    await lake.run(`CREATE EXTERNAL TABLE ${name} (id int, n int) ROW FORMAT SERDE '${serde}' LOCATION 's3://lago/j/'`)
  }

  expect(await lake.rows('SELECT * FROM livre ORDER BY id')).toEqual([
    ['1', '12'],
    ['2', undefined],
  ])
  expect((await lake.run('SELECT * FROM rigido')).state).toBe('FAILED')
})

test('braces in a text are the text’s own, wherever it stands', async ({ igarape }) => {
  const lake = await lakeOf(igarape)

  const rows = await lake.rows(
    `SELECT upper('a{b}'), regexp_like('é', '\\p{L}'), array_agg('x{y}'), max('it''s{b}'), count(*) FILTER (WHERE 'a{1}' = 'a{1}')`,
  )

  expect(rows).toEqual([['A{B}', 'true', '[x{y}]', "it's{b}", '1']])
})

test('EXPLAIN tells whether a query is valid, or the plan; an error keeps its place in the statement', async ({
  igarape,
}) => {
  const lake = await lakeOf(igarape)

  expect(await lake.rows('EXPLAIN (TYPE VALIDATE) SELECT 1')).toEqual([['true']])
  expect((await lake.rows('EXPLAIN SELECT 1 a')).flat().join('\n')).toContain('PROJECTION')
  expect((await lake.run('EXPLAIN (TYPE VALIDATE)\nSELECT nada')).reason).toBe(
    "COLUMN_NOT_FOUND: line 2:8: Column 'nada' cannot be resolved",
  )
  expect((await lake.run('EXPLAIN ANALYZE SELECT 1')).reason).toContain('EXPLAIN ANALYZE is not supported')
  await expect(lake.run('SELEC 1')).rejects.toThrow("line 1:1: mismatched input 'SELEC'. Expecting: 'ALTER', 'ANALYZE'")
})

test('DESCRIBE FORMATTED and SHOW show the table, and its errors', async ({ igarape }) => {
  const lake = await lakeOf(igarape)
  await lake.run(`CREATE EXTERNAL TABLE vendas_a (id int COMMENT 'a chave') LOCATION 's3://lago/v/'`)

  const shown = (await lake.rows('DESCRIBE FORMATTED vendas_a')).flat().join('\n')
  expect(shown).toMatch(/^id +\tint +\ta chave +$/m)
  expect(shown).toMatch(/^Location: +\ts3:\/\/lago\/v\/ *\t/m)
  expect(shown).toMatch(/^SerDe Library: +\torg.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe/m)
  expect(await lake.rows(`SHOW TABLES 'vendas_*'`)).toEqual([['vendas_a']])
  expect((await lake.run('SHOW PARTITIONS vendas_a')).reason).toContain('Table vendas_a is not a partitioned table')
})
