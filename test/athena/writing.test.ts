import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { lakeOf } from './lake.ts'

test('a table made of a query without a location lies beside the results, and a manifest lists its objects', async ({
  igarape,
}) => {
  const lake = await lakeOf(igarape)

  const made = await lake.run(`CREATE TABLE copia AS SELECT 1 AS id, 'a' AS nome`)

  expect(made.state).toBe('SUCCEEDED')
  const keys = await lake.keys(`resultados/tables/${made.id}/`)
  expect(keys).toHaveLength(1)
  expect(made.manifest).toBe(`s3://lago/resultados/${made.id}-manifest.csv`)
  expect(await lake.text(`resultados/${made.id}-manifest.csv`)).toBe(`s3://lago/${keys[0]}\n`)
  expect(await lake.rows('SELECT * FROM copia')).toEqual([['1', 'a']])
})

test.for([
  ['TEXTFILE', `format = 'TEXTFILE', field_delimiter = '|', write_compression = 'NONE'`],
  ['gzipped TEXTFILE', `format = 'TEXTFILE'`],
  ['JSON', `format = 'JSON'`],
  ['Avro', `format = 'AVRO'`],
  ['Avro without compression', `format = 'AVRO', write_compression = 'NONE'`],
  ['Parquet', `format = 'PARQUET', write_compression = 'SNAPPY'`],
] as const)('%s gives back what was written, and takes more rows', async ([, properties], { igarape }) => {
  const lake = await lakeOf(igarape)

  const made = await lake.run(
    `CREATE TABLE copia WITH (${properties}, partitioned_by = ARRAY['dia']) AS
     SELECT * FROM (VALUES (1, CAST(NULL AS varchar), DECIMAL '1.50', ARRAY['a', NULL], DATE '2025-10-20', 'x/y'),
                           (2, 'dois', DECIMAL '2.25', ARRAY[], DATE '2025-10-21', CAST(NULL AS varchar)))
     AS t(id, nome, valor, marcas, data, dia)`,
  )
  expect(made.reason).toBeUndefined()
  const added = await lake.run(`INSERT INTO copia (dia, id) VALUES ('novo', 3)`)
  expect(added.reason).toBeUndefined()

  expect(await lake.rows('SELECT id, nome, valor, marcas, data, dia FROM copia ORDER BY id')).toEqual([
    ['1', undefined, '1.50', '[a, null]', '2025-10-20', 'x/y'],
    ['2', 'dois', '2.25', '[]', '2025-10-21', undefined],
    ['3', undefined, undefined, undefined, undefined, 'novo'],
  ])
})

test('UNLOAD writes gzipped lines, each value of a CSV in quotation marks', async ({ igarape }) => {
  const lake = await lakeOf(igarape)

  await lake.run(
    `UNLOAD (SELECT 1 AS a, 'diz "oi"' AS b, CAST(NULL AS varchar) AS c) TO 's3://lago/fora/' WITH (format = 'CSV')`,
  )

  const [key = ''] = await lake.keys('fora/')
  expect(key).toMatch(/\.gz$/)
  expect(await lake.text(key)).toBe('"1","diz \\"oi\\"",\n')
})

test.for([
  ['SELECT 1, 2', 'MISSING_COLUMN_NAME: line 1:1: Column name not specified at position 1'],
  ['SELECT 1 a, 2 a', "DUPLICATE_COLUMN_NAME: line 1:1: Column name 'a' specified more than once"],
  ['SELECT NULL a', 'COLUMN_TYPE_UNKNOWN: line 1:1: Column type is unknown: a'],
  ['SELECT a, a b FROM UNNEST(sequence(1, 101)) t(a)', undefined],
] as const)('CREATE TABLE AS %s is checked as Trino does', async ([query, reason], { igarape }) => {
  const lake = await lakeOf(igarape)

  expect((await lake.run(`CREATE TABLE copia AS ${query}`)).reason).toBe(reason)
})

test('more than a hundred partitions are refused, and nothing of them is seen', async ({ igarape }) => {
  const lake = await lakeOf(igarape)

  const { reason } = await lake.run(
    `CREATE TABLE copia WITH (external_location = 's3://lago/copia/', partitioned_by = ARRAY['b'])
     AS SELECT a, a b FROM UNNEST(sequence(1, 101)) t(a)`,
  )

  expect(reason).toBe('HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open writers for partitions/buckets')
  expect(await lake.keys('copia/')).toEqual([])
  expect((await lake.run('SELECT * FROM copia')).reason).toContain('does not exist')
})

test('a text that is too long for its column fails the INSERT', async ({ igarape }) => {
  const lake = await lakeOf(igarape)
  await lake.run(`CREATE TABLE copia AS SELECT CAST('ab' AS varchar(2)) AS a`)

  expect((await lake.run(`INSERT INTO copia VALUES ('abc')`)).reason).toBe(
    'INVALID_CAST_ARGUMENT: Cannot truncate non-space characters when casting from varchar(3) to varchar(2) on INSERT',
  )
  expect((await lake.run(`INSERT INTO copia VALUES (1)`)).reason).toBe(
    'TYPE_MISMATCH: line 1:1: Insert query has mismatched column types: Table: [varchar(2)], Query: [integer]',
  )
})

test('buckets are files that Hive names, and each row is in the file of its hash', async ({ igarape }) => {
  const lake = await lakeOf(igarape)

  const made = await lake.run(
    `CREATE TABLE copia WITH (format = 'JSON', write_compression = 'NONE', external_location = 's3://lago/copia/',
       partitioned_by = ARRAY['dia'], bucketed_by = ARRAY['nome'], bucket_count = 4)
     AS SELECT * FROM (VALUES (1, 'a', '2025'), (2, 'b', '2025'), (3, 'e', '2025'), (4, CAST(NULL AS varchar), '2026')) AS t(id, nome, dia)`,
  )

  expect(made.reason).toBeUndefined()
  // The bytes of a, b and e are 97, 98 and 101: of four buckets, 1, 2 and 1. NULL is in the first.
  const files = await Promise.all((await lake.keys('copia/')).map(async (key) => [key, await lake.text(key)]))
  expect(files).toEqual([
    [`copia/dia=2025/000001_0_${made.id}.json`, '{"id":1,"nome":"a"}\n{"id":3,"nome":"e"}\n'],
    [`copia/dia=2025/000002_0_${made.id}.json`, '{"id":2,"nome":"b"}\n'],
    [`copia/dia=2026/000000_0_${made.id}.json`, '{"id":4,"nome":null}\n'],
  ])
  expect(await lake.rows(`SELECT id, "$bucket" FROM copia WHERE nome = 'e'`)).toEqual([['3', '1']])
  expect((await lake.run(`INSERT INTO copia VALUES (1, 'a', '2025')`)).reason).toContain('INSERT INTO a bucketed table')
})

test.for([
  ['integer', '-7', 1],
  ['bigint', '4294967297', 0],
  ['boolean', 'true', 1],
  ['date', "DATE '1970-01-06'", 1],
  ['varchar', "'olá'", 3],
] as const)('a row is in the bucket of its %s', async ([type, value, bucket], { igarape }) => {
  const lake = await lakeOf(igarape)

  await lake.run(
    `CREATE TABLE copia WITH (external_location = 's3://lago/copia/', bucketed_by = ARRAY['a'], bucket_count = 4)
     AS SELECT CAST(${value} AS ${type}) AS a`,
  )

  expect((await lake.keys('copia/'))[0]).toMatch(new RegExp(`^copia/00000${bucket}_0_`))
})

test.for([
  ["bucketed_by = ARRAY['a']", 'bucketed_by and bucket_count must be specified together'],
  ["bucketed_by = ARRAY['b'], bucket_count = 2", 'Bucketing columns [b] not present in schema'],
  ["bucketed_by = ARRAY['a'], bucket_count = 0", 'bucket_count must be greater than zero'],
] as const)('%s is refused', async ([properties, message], { igarape }) => {
  const lake = await lakeOf(igarape)

  expect((await lake.run(`CREATE TABLE copia WITH (${properties}) AS SELECT 1 AS a`)).reason).toBe(
    `INVALID_TABLE_PROPERTY: ${message}`,
  )
})

test('Avro keeps every type', async ({ igarape }) => {
  const lake = await lakeOf(igarape)
  const row = `9007199254740993 AS grande, DECIMAL '-12.30' AS preco, 1.5E0 AS duplo, nan() AS nada, true AS sim,
    DATE '1969-12-31' AS dia, TIMESTAMP '2025-01-02 03:04:05.678' AS quando, X'00ff' AS bytes, CAST('ação' AS varchar) AS nome,
    ARRAY[1, NULL] AS lista, MAP(ARRAY['a'], ARRAY[DATE '2025-01-01']) AS mapa,
    CAST(ROW(1, ROW('x')) AS ROW(a integer, b ROW(c varchar))) AS linha, CAST(NULL AS bigint) AS nulo`

  expect((await lake.run(`CREATE TABLE copia WITH (format = 'AVRO') AS SELECT ${row}`)).reason).toBeUndefined()

  expect(await lake.rows('SELECT * FROM copia')).toEqual(await lake.rows(`SELECT ${row}`))
})
