/** DELETE, UPDATE and MERGE as Trino means them, and what is refused, in its words and at its place. */
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { type Lake, lakeOf } from './lake.ts'

const timeout = 180_000

async function stock(lake: Lake): Promise<void> {
  const { reason } = await lake.run(
    `CREATE TABLE t WITH (table_type = 'ICEBERG', is_external = false, location = 's3://lago/t/', partitioning = ARRAY['loja']) AS
     SELECT * FROM (VALUES (1, 'a', 10), (2, 'a', NULL), (3, 'b', 30), (4, NULL, 40)) AS v(id, loja, qtd)`,
  )
  expect(reason).toBeUndefined()
  await lake.run("CREATE TABLE outra WITH (external_location = 's3://lago/outra/') AS SELECT 1 AS id, 'a' AS loja")
}

const everything = 'SELECT id, loja, qtd FROM t ORDER BY id'
const before = [
  ['1', 'a', '10'],
  ['2', 'a', undefined],
  ['3', 'b', '30'],
  ['4', undefined, '40'],
]

test('a condition that is NULL deletes nothing, and one without rows makes no snapshot', { timeout }, async ({
  igarape,
}) => {
  const lake = await lakeOf(igarape)
  await stock(lake)

  expect((await lake.run("DELETE FROM t WHERE loja <> 'a' AND qtd > 100")).reason).toBeUndefined()
  expect(await lake.rows('SELECT count(*) FROM "t$snapshots"')).toEqual([['1']])
  expect((await lake.run("DELETE FROM t WHERE loja <> 'a' OR qtd < 20")).reason).toBeUndefined()

  expect(await lake.rows(everything)).toEqual([before[1], before[3]])
  expect((await lake.run('DELETE FROM t')).reason).toBeUndefined()
  expect(await lake.rows(everything)).toEqual([])
  await lake.run("INSERT INTO t VALUES (9, 'z', 0)")
  expect(await lake.rows(everything)).toEqual([['9', 'z', '0']])
})

test('a change may ask other tables and its own, and take parameters', { timeout }, async ({ igarape }) => {
  const lake = await lakeOf(igarape)
  await stock(lake)

  const deleted = await lake.run('DELETE FROM t WHERE id IN (SELECT id FROM outra) AND qtd < (SELECT max(qtd) FROM t)')
  const changed = await lake.run('UPDATE t SET qtd = ?, loja = upper(t.loja) WHERE id BETWEEN ? AND ?', {
    ExecutionParameters: ['7', '2', '3'],
  })

  expect([deleted.reason, changed.reason]).toEqual([undefined, undefined])
  expect(await lake.rows(everything)).toEqual([['2', 'A', '7'], ['3', 'B', '7'], before[3]])
})

test('MERGE takes the first clause that applies, and a row that is met twice fails it', { timeout }, async ({
  igarape,
}) => {
  const lake = await lakeOf(igarape)
  await stock(lake)

  const twice = await lake.run(
    'MERGE INTO t USING (VALUES 1, 1, 8) AS n(k) ON id = k WHEN MATCHED THEN UPDATE SET qtd = 0 WHEN NOT MATCHED THEN INSERT (id) VALUES (k)',
  )
  expect(twice.reason).toBe(
    'MERGE_TARGET_ROW_MULTIPLE_MATCHES: One MERGE target table row matched more than one source row',
  )
  expect(await lake.rows(everything)).toEqual(before)

  const merged = await lake.run(
    `MERGE INTO vendas.t AS alvo
     USING (SELECT id AS k, loja AS l FROM outra UNION ALL VALUES (3, 'x'), (5, 'y'), (6, 'w'), (6, 'w')) AS n
     ON alvo.id = n.k
     WHEN MATCHED AND alvo.qtd > 20 THEN DELETE
     WHEN MATCHED THEN UPDATE SET loja = CASE WHEN n.l = 'a' THEN 'primeira' ELSE n.l END, qtd = alvo.qtd * 2
     WHEN NOT MATCHED AND n.k = 5 THEN INSERT VALUES (n.k, n.l, 50)
     WHEN NOT MATCHED THEN INSERT (loja, id) VALUES (n.l, n.k)`,
  )
  expect(merged.reason).toBeUndefined()
  expect(await lake.rows(everything)).toEqual([
    ['1', 'primeira', '20'],
    ['2', 'a', undefined],
    ['4', undefined, '40'],
    ['5', 'y', '50'],
    ['6', 'w', undefined],
    ['6', 'w', undefined],
  ])
})

test.for([
  [
    'DELETE FROM outra WHERE id = 1',
    'NOT_SUPPORTED: line 1:1: Modifying Hive table rows is only supported for transactional tables',
  ],
  ['UPDATE t SET qtd = 1\n WHERE nada = 2', "COLUMN_NOT_FOUND: line 2:8: Column 'nada' cannot be resolved"],
  ['DELETE FROM t WHERE qtd', /^TYPE_MISMATCH: line 1:2\d: /],
  [
    "UPDATE t SET qtd = 'um'",
    "TYPE_MISMATCH: line 1:1: UPDATE table column types don't match SET expressions: Table: [integer], Expressions: [varchar(2)]",
  ],
  ['UPDATE t SET nada = 1', "COLUMN_NOT_FOUND: line 1:1: The UPDATE SET target column nada doesn't exist"],
  ['UPDATE t SET qtd = 1 / 0', /^DIVISION_BY_ZERO/],
  ["INSERT INTO t VALUES (1, 'a', 'b')", /^TYPE_MISMATCH: line 1:1: Insert query has mismatched column types/],
  [
    'INSERT INTO t SELECT CAST(n AS integer), CAST(n AS varchar), 1 FROM UNNEST(sequence(1, 101)) AS a(n)',
    'ICEBERG_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open writers for partitions',
  ],
  [
    'SELECT * FROM outra FOR VERSION AS OF 1',
    'NOT_SUPPORTED: line 1:15: This connector does not support versioned tables',
  ],
  ['SELECT * FROM "outra$files"', /^TABLE_NOT_FOUND/],
  ['OPTIMIZE t REWRITE DATA USING BIN_PACK WHERE qtd > 1', /^NOT_SUPPORTED: OPTIMIZE with a WHERE/],
  [
    'VACUUM outra',
    'NOT_SUPPORTED: VACUUM of a table that is no Iceberg table is not supported by the embedded SQL engine.',
  ],
  ['MSCK REPAIR TABLE t', /^NOT_SUPPORTED/],
  [
    "CREATE TABLE n (a int) LOCATION 's3://lago/n/' TBLPROPERTIES ('table_type'='ICEBERG', 'format'='orc')",
    'NOT_SUPPORTED: An Iceberg table of format orc is not supported by the embedded SQL engine.',
  ],
  [
    "CREATE TABLE n (a tinyint) LOCATION 's3://lago/n/' TBLPROPERTIES ('table_type'='ICEBERG')",
    'NOT_SUPPORTED: The type tinyint in an Iceberg table is not supported by the embedded SQL engine.',
  ],
  [
    "CREATE TABLE n (a int) PARTITIONED BY (b) LOCATION 's3://lago/n/' TBLPROPERTIES ('table_type'='ICEBERG')",
    "COLUMN_NOT_FOUND: Column 'b' of PARTITIONED BY does not exist",
  ],
  [
    "CREATE EXTERNAL TABLE n (a int) LOCATION 's3://lago/n/' TBLPROPERTIES ('table_type'='ICEBERG')",
    /External keyword not supported for table type ICEBERG/,
  ],
  [
    "CREATE TABLE n WITH (table_type = 'ICEBERG', is_external = false, location = 's3://lago/t/') AS SELECT 1 AS a",
    /^ICEBERG_FILESYSTEM_ERROR/,
  ],
] as const)('%s fails, and the table is as it was', { timeout }, async ([sql, reason], { igarape }) => {
  const lake = await lakeOf(igarape)
  await stock(lake)
  const keys = await lake.keys('t/')

  const failed = await lake.run(sql)

  expect(failed.state).toBe('FAILED')
  if (typeof reason === 'string') expect(failed.reason).toBe(reason)
  else expect(failed.reason).toMatch(reason)
  expect(await lake.rows(everything)).toEqual(before)
  expect(await lake.keys('t/')).toEqual(keys)
})

test('a table is described and shown as it was made, and goes by another name', { timeout }, async ({ igarape }) => {
  const lake = await lakeOf(igarape)
  const sql = `CREATE TABLE vendas.t (
  id bigint COMMENT 'chave',
  dia date)
PARTITIONED BY (bucket(4, \`id\`), month(\`dia\`))
LOCATION 's3://lago/t'
TBLPROPERTIES (
  'table_type'='iceberg',
  'write_compression'='zstd',
  'vacuum_min_snapshots_to_keep'='2'
);`
  expect((await lake.run(sql)).reason).toBeUndefined()

  expect((await lake.rows('SHOW CREATE TABLE t')).flat().join('\n')).toBe(sql)
  expect((await lake.rows('SHOW TBLPROPERTIES t')).flat().join('\n')).toContain('vacuum_min_snapshots_to_keep')
  expect((await lake.rows('DESCRIBE t')).flat().join('\n')).toContain('id_bucket')
  await lake.run("INSERT INTO t VALUES (1, DATE '2025-10-20')")
  expect((await lake.run('ALTER TABLE t RENAME TO outro')).reason).toBeUndefined()
  expect(await lake.rows('SELECT id, "$path" LIKE \'s3://lago/t/data/%.parquet\' FROM outro')).toEqual([['1', 'true']])
  expect((await lake.run('SELECT * FROM t')).reason).toMatch(/^TABLE_NOT_FOUND/)
  expect(
    await lake.rows(
      "SELECT data_type FROM information_schema.columns WHERE table_name = 'outro' ORDER BY ordinal_position",
    ),
  ).toEqual([['bigint'], ['date']])
})
