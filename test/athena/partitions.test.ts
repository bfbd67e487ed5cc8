import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { lakeOf } from './lake.ts'

/** Three days of a table whose files are 2, 20 and 200 bytes long. */
async function days(igarape: Igarape) {
  const lake = await lakeOf(igarape, {
    'dias/dt=2025-01-01/regiao=sul/a': '1\n',
    'dias/dt=2025-01-02/regiao=sul/a': '22222\n'.padStart(20, '0'),
    'dias/dt=2025-01-03/regiao=norte/a': '333\n'.padStart(200, '0'),
  })
  await lake.run(
    `CREATE EXTERNAL TABLE dias (id int) PARTITIONED BY (dt date, regiao string) LOCATION 's3://lago/dias/'`,
  )
  await lake.run('MSCK REPAIR TABLE dias')
  return lake
}

test.for([
  [`dt = DATE '2025-01-02'`, 20],
  [`d.dt > DATE '2025-01-01' AND regiao = 'norte'`, 200],
  [`dt BETWEEN DATE '2025-01-01' AND DATE '2025-01-02'`, 22],
  [`regiao IN ('sul', 'leste')`, 22],
  [`NOT (regiao = 'sul') OR dt = cast('2025-01-01' as date)`, 202],
  [`regiao IS NULL`, 0],
  [`regiao LIKE 'n%'`, 200],
  [`regiao NOT LIKE '_ul'`, 200],
  [`regiao LIKE 'n!%' ESCAPE '!'`, 0],
  [`CAST(dt AS varchar) || '/' || regiao >= '2025-01-03/'`, 200],
  [`concat(regiao, '-', CAST(dt AS varchar)) = 'sul-2025-01-01'`, 2],
  [`CAST(CAST(dt AS varchar) AS date) < DATE '2025-01-02'`, 2],
  [`dt = date_add('day', -1, date_parse('2025-01-03', '%Y-%m-%d'))`, 20],
  [`day(dt) = 2 OR length(regiao) = 5`, 220],
  [`date_parse(CAST(dt AS varchar), '%Y-%m-%d') < TIMESTAMP '2025-01-02 12:00' AND id > 0`, 22],
  [`substr(regiao, 1, 1) = 'n' AND regexp_like(regiao, 'te$')`, 200],
  [`year(dt) = 2025 AND id + day(dt) = 4`, 222],
  [`day(dt) > 1 AND d.regiao IN (SELECT 'norte')`, 220],
  [`dt >= CAST(date_add('day', -1, date_parse('2025-01-04', '%Y-%m-%d')) AS date)`, 200],
  [`CAST(dt AS varchar) IN (substr('2025-01-01 08:00', 1, 10), 'x')`, 2],
  [`regiao = lower('NORTE') AND id < 4 + 0 * random(9)`, 200],
  [`dt BETWEEN current_date AND current_date + INTERVAL '1' DAY`, 0],
  [`CAST(dt AS varchar) = CAST(1 / (id - id + 1) AS varchar)`, 222],
  [`TRY_CAST(regiao AS date) = DATE '2025-01-02'`, 0],
  [`id = 1`, 222],
] as const)('WHERE %s scans the files of the partitions that it leaves', async ([where, bytes], { igarape }) => {
  const lake = await days(igarape)

  expect((await lake.run(`SELECT * FROM dias d WHERE ${where}`)).bytesScanned).toBe(bytes)
})

test("a value that cannot be computed is the query's own error", async ({ igarape }) => {
  const lake = await days(igarape)

  const reason = async (where: string) => (await lake.run(`SELECT * FROM dias WHERE ${where}`)).reason
  expect(await reason('regiao = CAST(1 / (2 - 2) AS varchar)')).toMatch(/^DIVISION_BY_ZERO/)
  expect(await reason('CAST(substr(regiao, 1) AS date) = dt')).toMatch(/^INVALID_CAST_ARGUMENT/)
})

test('a table that a statement reads twice is read as far as either use needs', async ({ igarape }) => {
  const lake = await days(igarape)

  const twice = await lake.run(
    `SELECT * FROM dias a WHERE dt = DATE '2025-01-01' UNION ALL SELECT * FROM dias b WHERE dt = DATE '2025-01-02'`,
  )

  expect(twice.bytesScanned).toBe(22)
})

test('below an outer join a condition on NULLs keeps the rows that have a partner', async ({ igarape }) => {
  const lake = await days(igarape)

  const rows = await lake.rows(
    `SELECT v.x, d.id FROM (VALUES 1, 9) v(x) LEFT JOIN dias d ON d.id = v.x WHERE d.regiao IS NULL`,
  )

  expect(rows).toEqual([['9', undefined]])
})

const first = `dt = DATE '2025-01-01'`

test.for([
  [`SELECT * FROM (SELECT * FROM dias) x WHERE ${first}`, 2],
  [
    `SELECT * FROM (SELECT regiao AS r, dt AS dia FROM dias WHERE regiao = 'sul') x WHERE x.dia > DATE '2025-01-01'`,
    20,
  ],
  [`SELECT * FROM (SELECT d.* FROM dias d, (VALUES 1) v(x)) WHERE ${first}`, 2],
  [`WITH w AS (SELECT * FROM dias) SELECT * FROM w WHERE ${first}`, 2],
  [`WITH w(a, b, c) AS (SELECT id, dt, regiao FROM dias) SELECT * FROM w x(k, l, m) WHERE m = 'norte'`, 200],
  [`WITH w AS (SELECT * FROM dias), z AS (SELECT * FROM w WHERE regiao = 'sul') SELECT * FROM z WHERE ${first}`, 2],
  [
    `WITH w AS (SELECT * FROM dias) SELECT * FROM w WHERE ${first} UNION ALL SELECT * FROM w WHERE regiao = 'norte'`,
    202,
  ],
  [`SELECT * FROM (SELECT dt, count(*) n FROM dias GROUP BY dt) WHERE ${first}`, 2],
  [`SELECT * FROM (SELECT DISTINCT dt, regiao FROM dias) WHERE regiao = 'norte'`, 200],
  [`SELECT * FROM (SELECT dt, id FROM dias UNION SELECT dt, id + 1 FROM dias) WHERE ${first}`, 2],
  [`SELECT * FROM tudo WHERE dia = DATE '2025-01-02'`, 20],
  [`SELECT a.id FROM tudo a JOIN tudo b ON a.id = b.id AND b.dia = DATE '2025-01-02' WHERE a.lugar = 'norte'`, 220],
  [`WITH w AS (SELECT lugar, dia FROM tudo) SELECT * FROM w WHERE lugar = 'norte'`, 200],
  [`SELECT * FROM tudo WHERE day(dia) = 2`, 20],
  [
    `SELECT id FROM dias WHERE day(dt) = 3 UNION ALL SELECT id FROM tudo WHERE upper(lugar) = 'SUL' AND day(dia) = 1`,
    202,
  ],
] as const)(
  'what is asked of a query, a name of WITH or a view is asked of its tables: %s',
  async ([sql, bytes], { igarape }) => {
    const lake = await days(igarape)
    await lake.run(`CREATE VIEW partes AS SELECT id, dt, regiao AS lugar FROM dias`)
    await lake.run(`CREATE VIEW tudo AS SELECT id, dt AS dia, lugar FROM partes`)

    expect((await lake.run(sql)).bytesScanned).toBe(bytes)
  },
)

test.for([
  ['the first rows only', `SELECT * FROM (SELECT * FROM dias ORDER BY id LIMIT 1) WHERE regiao = 'norte'`],
  [
    'rows around a row',
    `SELECT * FROM (SELECT dt, lag(id) OVER (ORDER BY id) p FROM dias) WHERE dt = DATE '2025-01-03'`,
  ],
  ['subtotals', `SELECT * FROM (SELECT dt, sum(id) FROM dias GROUP BY ROLLUP (dt)) WHERE dt IS NULL`],
  ['a value under a name of a key', `SELECT * FROM (SELECT id, 'sul' AS regiao FROM dias) WHERE regiao = 'sul'`],
  ['other names in a FROM', `SELECT * FROM dias AS d(id, regiao, dt) WHERE regiao >= DATE '2025-01-01'`],
  [
    'a branch that is read elsewhere',
    `WITH w AS (SELECT * FROM dias) SELECT (SELECT max(id) FROM w) FROM w WHERE ${first}`,
  ],
  [
    'NULLs of an outer join',
    `SELECT v.x FROM (VALUES 1, 9) v(x) LEFT JOIN (SELECT id, dt FROM dias) d ON d.id = v.x WHERE d.dt IS NULL`,
  ],
] as const)('a condition leaves no partition out for %s', async ([, sql], { igarape }) => {
  const lake = await days(igarape)

  expect((await lake.run(sql)).bytesScanned).toBe(222)
})

test('a parameter chooses the partition', async ({ igarape }) => {
  const lake = await days(igarape)

  const { bytesScanned } = await lake.run('SELECT * FROM dias WHERE regiao = ?', { ExecutionParameters: [`'norte'`] })

  expect(bytesScanned).toBe(200)
})

test('projected days, whole numbers and names are read without a partition in the Catalog', async ({ igarape }) => {
  const lake = await lakeOf(igarape, {
    'p/2025/01/31/a-07/x': '1\n',
    'p/2025/02/01/b-08/x': '2\n',
    'p/2025/02/02/a-99/x': '3\n',
  })
  await lake.run(
    `CREATE EXTERNAL TABLE p (id int) PARTITIONED BY (dia string, tipo string, n int) LOCATION 's3://lago/p/'
     TBLPROPERTIES ('projection.enabled'='true',
       'projection.dia.type'='date', 'projection.dia.format'='yyyy/MM/dd', 'projection.dia.range'='2025/01/01,2025/02/28',
       'projection.tipo.type'='enum', 'projection.tipo.values'='a,b',
       'projection.n.type'='integer', 'projection.n.range'='1,20', 'projection.n.digits'='2',
       'storage.location.template'='s3://lago/p/\${dia}/\${tipo}-\${n}/')`,
  )

  expect(await lake.rows('SELECT * FROM p ORDER BY id')).toEqual([
    ['1', '2025/01/31', 'a', '7'],
    ['2', '2025/02/01', 'b', '8'],
  ])
  expect(await lake.rows(`SELECT id FROM p WHERE dia >= '2025/02/01' AND n > 7`)).toEqual([['2']])
})

test('of a huge range only what the condition names is made', async ({ igarape }) => {
  const lake = await lakeOf(igarape, { 'h/cliente=123456789/x': '1\n' })
  await lake.run(
    `CREATE EXTERNAL TABLE h (id int) PARTITIONED BY (cliente bigint) LOCATION 's3://lago/h/'
     TBLPROPERTIES ('projection.enabled'='true', 'projection.cliente.type'='integer', 'projection.cliente.range'='0,9999999999')`,
  )

  expect(await lake.rows('SELECT id FROM h WHERE cliente = 123456789')).toEqual([['1']])
  expect(await lake.rows(`SELECT id FROM h WHERE cliente = CAST('12345' || '6789' AS bigint)`)).toEqual([['1']])
  expect(await lake.rows('SELECT id FROM h WHERE cliente = abs(-123456789)')).toEqual([['1']])
  expect(await lake.rows('SELECT id FROM h WHERE cliente BETWEEN 123456780 AND 123456790')).toEqual([['1']])
  expect((await lake.run('SELECT id FROM h')).reason).toContain('more than 1000000 values')
})

test('a range from NOW follows the clock', async ({ igarape }) => {
  const day = (ago: number) => new Date(igarape.clock.now().getTime() - ago * 86_400_000).toISOString().slice(0, 10)
  const objects = Object.fromEntries([3, 2, 0].map((ago) => [`r/${day(ago)}/x`, `${ago}\n`]))
  const lake = await lakeOf(igarape, objects)
  await lake.run(
    `CREATE EXTERNAL TABLE r (id int) PARTITIONED BY (dia date) LOCATION 's3://lago/r/'
     TBLPROPERTIES ('projection.enabled'='true', 'projection.dia.type'='date', 'projection.dia.format'='yyyy-MM-dd',
       'projection.dia.range'='NOW-2DAYS,NOW', 'storage.location.template'='s3://lago/r/\${dia}')`,
  )

  expect(await lake.rows('SELECT id, dia FROM r ORDER BY id')).toEqual([
    ['0', day(0)],
    ['2', day(2)],
  ])
})

test('an injected key must be given', async ({ igarape }) => {
  const lake = await lakeOf(igarape, { 'i/a7/x': '7\n', 'i/a8/x': '8\n' })
  await lake.run(
    `CREATE EXTERNAL TABLE i (id int) PARTITIONED BY (conta string) LOCATION 's3://lago/i/'
     TBLPROPERTIES ('projection.enabled'='true', 'projection.conta.type'='injected',
       'storage.location.template'='s3://lago/i/\${conta}')`,
  )

  expect(await lake.rows(`SELECT id, conta FROM i WHERE conta IN ('a7', 'a8') ORDER BY id`)).toEqual([
    ['7', 'a7'],
    ['8', 'a8'],
  ])
  await lake.run('CREATE VIEW contas AS SELECT conta AS c, id FROM i')
  expect(await lake.rows(`WITH w AS (SELECT * FROM contas) SELECT id FROM w WHERE c = 'a8'`)).toEqual([['8']])
  expect((await lake.run('SELECT id FROM i')).reason).toMatch(/^CONSTRAINT_VIOLATION: For the injected projected/)
})

test.for([
  ['text', `ROW FORMAT DELIMITED FIELDS TERMINATED BY ','`, (n: number) => `${n},"a"\n`],
  ['JSON', `ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'`, (n: number) => `{"id":${n},"nome":"\\"a\\""}\n`],
] as const)('many partitions of %s are read with their values, and $path', async ([, format, line], { igarape }) => {
  const numbers = Array.from({ length: 30 }, (_, n) => n)
  const lake = await lakeOf(
    igarape,
    Object.fromEntries(numbers.map((n) => [`muitas/dia=${n}/loja=x%20${n % 3}/a`, line(n)])),
  )
  await lake.run(
    `CREATE EXTERNAL TABLE muitas (id int, nome string) PARTITIONED BY (dia int, loja string) ${format} LOCATION 's3://lago/muitas/'`,
  )
  await lake.run('MSCK REPAIR TABLE muitas')

  expect(await lake.rows(`SELECT count(*), sum(id), sum(dia), count_if(id = dia), max(nome) FROM muitas`)).toEqual([
    ['30', '435', '435', '30', '"a"'],
  ])
  expect(await lake.rows(`SELECT id, loja, "$path" FROM muitas WHERE id IN (7, 29) ORDER BY id`)).toEqual([
    ['7', 'x 1', 's3://lago/muitas/dia=7/loja=x%201/a'],
    ['29', 'x 2', 's3://lago/muitas/dia=29/loja=x%202/a'],
  ])
})

test('many partitions of Parquet are read though their files differ', async ({ igarape }) => {
  const lake = await lakeOf(igarape)
  const made = async (value: string, first: number) =>
    lake.run(
      `INSERT INTO muitas SELECT ${value}, CAST(dia AS varchar) FROM UNNEST(sequence(${first}, ${first + 14})) AS t(dia)`,
    )
  await lake.run(
    `CREATE TABLE muitas WITH (external_location = 's3://lago/muitas/', partitioned_by = ARRAY['dia'])
     AS SELECT CAST(dia AS integer) AS id, CAST(dia AS varchar) AS dia FROM UNNEST(sequence(1, 15)) AS t(dia)`,
  )
  await lake.run(`ALTER TABLE muitas REPLACE COLUMNS (id bigint)`)
  await made('dia', 16)

  expect(await lake.rows('SELECT count(*), sum(id), sum(CAST(dia AS integer)) FROM muitas')).toEqual([
    ['30', '465', '465'],
  ])
})
