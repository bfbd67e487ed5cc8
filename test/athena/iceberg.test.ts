import { GetTableCommand, GlueClient } from '@aws-sdk/client-glue'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { lakeOf } from './lake.ts'

const timeout = 180_000

test('a table is made, filled and read, and the Catalog has what other readers look for', { timeout }, async ({
  igarape,
}) => {
  const lake = await lakeOf(igarape)

  const made = await lake.run(
    `CREATE TABLE pedidos (id bigint, loja string, valor decimal(10,2), quando timestamp, itens array<struct<sku:string,qtd:int>>)
     PARTITIONED BY (loja, day(quando), bucket(4, id))
     LOCATION 's3://lago/pedidos/' TBLPROPERTIES ('table_type'='ICEBERG', 'format'='parquet', 'write_compression'='snappy')`,
  )
  expect(made.reason).toBeUndefined()
  const added = await lake.run(
    `INSERT INTO pedidos VALUES
       (1, 'centro', DECIMAL '10.50', TIMESTAMP '2025-10-20 08:00:00.123456', ARRAY[CAST(ROW('a', 2) AS ROW(sku varchar, qtd integer))]),
       (2, NULL, NULL, NULL, NULL)`,
  )
  expect(added.reason).toBeUndefined()

  expect(await lake.rows('SELECT * FROM pedidos ORDER BY id')).toEqual([
    ['1', 'centro', '10.50', '2025-10-20 08:00:00.123456', '[{sku=a, qtd=2}]'],
    ['2', undefined, undefined, undefined, undefined],
  ])
  const { Table } = await igarape
    .client(GlueClient)
    .send(new GetTableCommand({ DatabaseName: 'vendas', Name: 'pedidos' }))
  expect(Table?.TableType).toBe('EXTERNAL_TABLE')
  expect(Table?.Parameters?.table_type).toBe('ICEBERG')
  expect(Table?.Parameters?.metadata_location).toMatch(/^s3:\/\/lago\/pedidos\/metadata\/00001-.*\.metadata\.json$/)
  expect(Table?.Parameters?.previous_metadata_location).toMatch(/\/00000-.*\.metadata\.json$/)
  expect(Table?.StorageDescriptor?.Columns?.map(({ Name, Type }) => [Name, Type])).toEqual([
    ['id', 'bigint'],
    ['loja', 'string'],
    ['valor', 'decimal(10,2)'],
    ['quando', 'timestamp'],
    ['itens', 'array<struct<sku:string,qtd:int>>'],
  ])
  expect((await lake.keys('pedidos/data/')).map((key) => key.split('/').slice(2, -1).join('/'))).toEqual([
    'loja=centro/quando_day=2025-10-20/id_bucket=0',
    'loja=null/quando_day=null/id_bucket=0',
  ])
})

test('rows are deleted, changed and merged', { timeout }, async ({ igarape }) => {
  const lake = await lakeOf(igarape)
  await lake.run(
    `CREATE TABLE estoque WITH (table_type = 'ICEBERG', is_external = false, location = 's3://lago/estoque/', partitioning = ARRAY['loja']) AS
     SELECT * FROM (VALUES (1, 'a', 10), (2, 'a', 20), (3, 'b', 30), (4, 'c', 40)) AS t(id, loja, qtd)`,
  )
  expect(await lake.rows('SELECT * FROM estoque ORDER BY id')).toHaveLength(4)

  expect((await lake.run('DELETE FROM estoque WHERE id = 2')).reason).toBeUndefined()
  expect((await lake.run(`UPDATE estoque SET qtd = qtd + 1, loja = 'z' WHERE loja = 'b'`)).reason).toBeUndefined()
  expect(
    (
      await lake.run(
        `MERGE INTO estoque AS e USING (VALUES (1, 5), (4, 0), (9, 90)) AS n(id, qtd) ON e.id = n.id
         WHEN MATCHED AND n.qtd = 0 THEN DELETE
         WHEN MATCHED THEN UPDATE SET qtd = e.qtd + n.qtd
         WHEN NOT MATCHED THEN INSERT (id, loja, qtd) VALUES (n.id, 'nova', n.qtd)`,
      )
    ).reason,
  ).toBeUndefined()

  expect(await lake.rows('SELECT * FROM estoque ORDER BY id')).toEqual([
    ['1', 'a', '15'],
    ['3', 'z', '31'],
    ['9', 'nova', '90'],
  ])
})

test('a query sees an earlier snapshot, and the metadata tables tell of each', { timeout }, async ({ igarape }) => {
  const lake = await lakeOf(igarape)
  await lake.run(
    `CREATE TABLE t (id int, dia date) PARTITIONED BY (dia) LOCATION 's3://lago/t/' TBLPROPERTIES ('table_type'='ICEBERG')`,
  )
  await lake.run(`INSERT INTO t VALUES (1, DATE '2025-10-20')`)
  await igarape.clock.advance({ hours: 1 })
  await lake.run(`INSERT INTO t VALUES (2, DATE '2025-10-21'), (3, DATE '2025-10-20')`)

  const snapshots = await lake.rows(
    `SELECT snapshot_id, parent_id, operation, summary['added-records'] FROM "t$snapshots" ORDER BY committed_at`,
  )
  const [first = '', second = ''] = snapshots.map(([id]) => id)
  expect(snapshots).toEqual([
    [first, undefined, 'append', '1'],
    [second, first, 'append', '2'],
  ])
  expect(await lake.rows(`SELECT id FROM t FOR VERSION AS OF ${first}`)).toEqual([['1']])
  expect(
    await lake.rows(
      `SELECT a.id, b.id FROM t FOR TIMESTAMP AS OF (current_timestamp - interval '30' minute) AS a FULL JOIN t AS b ON a.id = b.id ORDER BY b.id`,
    ),
  ).toEqual([
    ['1', '1'],
    [undefined, '2'],
    [undefined, '3'],
  ])
  expect((await lake.run(`SELECT id FROM t FOR TIMESTAMP AS OF TIMESTAMP '2001-01-01 00:00:00 UTC'`)).reason).toMatch(
    /^INVALID_ARGUMENTS: No version history table/,
  )
  expect((await lake.run('SELECT id FROM t FOR VERSION AS OF 5')).reason).toMatch(/^INVALID_ARGUMENTS: .*snapshot ID/)
  expect(await lake.rows(`SELECT snapshot_id, is_current_ancestor FROM "t$history" ORDER BY made_current_at`)).toEqual([
    [first, 'true'],
    [second, 'true'],
  ])
  expect(await lake.rows(`SELECT name, type, snapshot_id FROM "t$refs"`)).toEqual([['main', 'BRANCH', second]])
  expect(
    await lake.rows(
      `SELECT partition.dia, record_count, file_count, data.id.min, data.id.max FROM "t$partitions" ORDER BY 1`,
    ),
  ).toEqual([
    ['2025-10-20', '2', '2', '1', '3'],
    ['2025-10-21', '1', '1', '2', '2'],
  ])
  expect(await lake.rows(`SELECT sum(added_rows_count), count(*) FROM "t$manifests"`)).toEqual([['3', '2']])
  expect(await lake.rows(`SELECT count(*), sum(record_count), max(lower_bounds[1]) FROM "t$files"`)).toEqual([
    ['3', '3', '3'],
  ])
})

test('only files whose partitions and statistics allow it are opened', { timeout }, async ({ igarape }) => {
  const lake = await lakeOf(igarape)
  await lake.run(
    `CREATE TABLE t WITH (table_type = 'ICEBERG', is_external = false, location = 's3://lago/t/', partitioning = ARRAY['day(quando)']) AS
     SELECT n AS id, date_add('day', n, TIMESTAMP '2025-10-01 00:00:00') AS quando, 'x' AS loja FROM UNNEST(sequence(1, 20)) AS a(n)`,
  )

  const all = await lake.run('SELECT sum(id) FROM t')
  const one = await lake.run('SELECT sum(id) FROM t WHERE id = 7')

  expect(one.bytesScanned).toBeGreaterThan(0)
  expect(one.bytesScanned).toBeLessThan(all.bytesScanned / 10)
  expect(await lake.rows('SELECT quando FROM t WHERE id BETWEEN 7 AND 8 ORDER BY 1')).toEqual([
    ['2025-10-08 00:00:00.000000'],
    ['2025-10-09 00:00:00.000000'],
  ])
})

test('columns are added, renamed, widened, moved and dropped, and old files still say what they mean', {
  timeout,
}, async ({ igarape }) => {
  const lake = await lakeOf(igarape)
  await lake.run(
    `CREATE TABLE t (id int, nome string, velho string) LOCATION 's3://lago/t/' TBLPROPERTIES ('table_type'='ICEBERG')`,
  )
  await lake.run(`INSERT INTO t VALUES (1, 'um', 'x')`)

  for (const change of [
    "ADD COLUMNS (valor double COMMENT 'em reais')",
    'DROP COLUMN velho',
    'CHANGE COLUMN nome titulo string FIRST',
    'CHANGE id id bigint',
    'ADD COLUMNS (velho int)',
    "SET TBLPROPERTIES ('vacuum_min_snapshots_to_keep'='3')",
    "UNSET TBLPROPERTIES ('write_compression')",
  ]) {
    expect((await lake.run(`ALTER TABLE t ${change}`)).reason).toBeUndefined()
  }
  await lake.run(`INSERT INTO t (id, titulo, valor, velho) VALUES (5000000000, 'grande', 1.5e0, 7)`)

  expect(await lake.rows('SELECT * FROM t ORDER BY id')).toEqual([
    ['um', '1', undefined, undefined],
    ['grande', '5000000000', '1.5', '7'],
  ])
  expect((await lake.rows('DESCRIBE t')).flat().join('\n')).toContain('em reais')
  expect((await lake.run('ALTER TABLE t CHANGE id id int')).reason).toMatch(/^INVALID_ARGUMENTS/)
  expect((await lake.run("ALTER TABLE t SET TBLPROPERTIES ('outra'='1')")).reason).toBe(
    'INVALID_TABLE_PROPERTY: Unsupported table property key: outra',
  )
})

test('small files become one, and what old snapshots held alone goes', { timeout }, async ({ igarape }) => {
  const lake = await lakeOf(igarape)
  await lake.run(
    `CREATE TABLE t (id int) LOCATION 's3://lago/t/' TBLPROPERTIES ('table_type'='ICEBERG', 'vacuum_max_snapshot_age_seconds'='60')`,
  )
  for (let id = 1; id <= 5; id++) await lake.run(`INSERT INTO t VALUES (${id})`)

  expect((await lake.run('OPTIMIZE t REWRITE DATA USING BIN_PACK')).reason).toBeUndefined()

  expect(await lake.rows('SELECT sum(id) FROM t')).toEqual([['15']])
  expect(await lake.rows('SELECT count(*) FROM "t$files"')).toEqual([['1']])
  expect(await lake.keys('t/data/')).toHaveLength(6)
  await igarape.clock.advance({ hours: 1 })
  expect((await lake.run('VACUUM t')).reason).toBeUndefined()
  expect(await lake.keys('t/data/')).toHaveLength(1)
  expect(await lake.rows('SELECT count(*) FROM "t$snapshots"')).toEqual([['1']])
  expect(await lake.rows('SELECT sum(id) FROM t')).toEqual([['15']])

  expect((await lake.run('DROP TABLE t')).reason).toBeUndefined()
  expect(await lake.keys('t/')).toEqual([])
})
