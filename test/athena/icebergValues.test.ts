/** What Iceberg's types hold comes back as it went in, and conditions leave out no row. */
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { lakeOf } from './lake.ts'

const timeout = 180_000
const made = (query: string, partitioning = '') =>
  `CREATE TABLE t WITH (table_type = 'ICEBERG', is_external = false, location = 's3://lago/t/'${partitioning && `, partitioning = ARRAY[${partitioning}]`}) AS ${query}`

test.for([
  ['true', 'boolean', 'true'],
  ['2147483647', 'integer', '2147483647'],
  ['-9223372036854775808', 'bigint', '-9223372036854775808'],
  ["REAL '1.5'", 'real', '1.5'],
  ['nan()', 'double', 'NaN'],
  ["DECIMAL '-12345678901234567890123456789012345.678'", 'decimal(38,3)', '-12345678901234567890123456789012345.678'],
  ["DATE '0001-01-01'", 'date', '0001-01-01'],
  ["TIMESTAMP '1969-12-31 23:59:59.999999'", 'timestamp(6)', '1969-12-31 23:59:59.999999'],
  [
    "TIMESTAMP '2025-10-20 08:00:00.000001 America/Sao_Paulo'",
    'timestamp(6) with time zone',
    '2025-10-20 11:00:00.000001 UTC',
  ],
  ["TIME '23:59:59.999999'", 'time(6)', '23:59:59.999999'],
  ["'é\n''x'''", 'varchar', "é\n'x'"],
  ["X'00ff'", 'varbinary', '00 ff'],
  ["UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59'", 'uuid', '12151fd2-7586-11e9-8f9e-2a86e4085a59'],
  ['ARRAY[1, NULL]', 'array(integer)', '[1, null]'],
  ["MAP(ARRAY['a', 'b'], ARRAY[ARRAY[1], NULL])", 'map(varchar, array(integer))', '{a=[1], b=null}'],
  [
    "CAST(ROW(1, ROW(NULL, DATE '2025-01-01')) AS ROW(a integer, b ROW(c varchar, d date)))",
    'row(a integer, b row(c varchar, d date))',
    '{a=1, b={c=null, d=2025-01-01}}',
  ],
] as const)('%s', { timeout }, async ([value, type, text], { igarape }) => {
  const lake = await lakeOf(igarape)

  const { reason } = await lake.run(made(`SELECT 1 AS id, ${value} AS v UNION ALL SELECT 2, NULL`))

  expect(reason).toBeUndefined()
  expect(await lake.rows('SELECT typeof(v), v FROM t ORDER BY id')).toEqual([
    [type, text],
    [type, undefined],
  ])
})

test.for([
  ["'id'", 'identity of a number'],
  ["'bucket(id, 3)'", 'buckets of a number'],
  ["'truncate(nome, 1)'", 'beginnings of a text'],
  ["'truncate(id, 10)'", 'tens of a number'],
  ["'month(dia)'", 'months'],
  ["'hour(quando)', 'nome'", 'hours and a text'],
] as const)(
  'conditions find their rows in a table partitioned by %s',
  { timeout },
  async ([partitioning], { igarape }) => {
    const lake = await lakeOf(igarape)
    const rows = `SELECT n AS id, IF(n = 13, NULL, concat(chr(97 + n % 5), CAST(n AS varchar))) AS nome,
      date_add('day', n * 9, DATE '2025-01-01') AS dia, date_add('minute', n * 25, TIMESTAMP '2025-01-01 00:00:00') AS quando
    FROM UNNEST(sequence(1, 20)) AS a(n)`
    expect((await lake.run(made(rows, partitioning))).reason).toBeUndefined()

    for (const condition of [
      'id = 7',
      'id = 5000000000',
      'id IN (3, 4, 99) AND nome IS NOT NULL',
      "nome > 'c' OR id < 3",
      "nome >= 'b1' AND nome < 'b9'",
      'nome IS NULL',
      "dia BETWEEN DATE '2025-02-01' AND DATE '2025-03-01'",
      "dia <> DATE '2025-01-10'",
      "quando < TIMESTAMP '2025-01-01 03:00:00' AND NOT id = 1",
      'id > 2 AND id < 2',
      "CAST(dia AS varchar) LIKE '2025-04%'",
    ]) {
      const inMemory = await lake.rows(`SELECT id FROM (${rows}) AS s WHERE ${condition} ORDER BY 1`)
      expect({ condition, rows: await lake.rows(`SELECT id FROM t WHERE ${condition} ORDER BY 1`) }).toEqual({
        condition,
        rows: inMemory,
      })
    }
  },
)
