import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Value } from '../../src/engines/sql/duckdb.ts'
import { Warehouse } from '../../src/engines/sql/redshift/warehouse.ts'

let folder = ''
let warehouse: Warehouse
let count = 0

async function open(): Promise<Warehouse> {
  return Warehouse.open({
    path: join(folder, 'dev.duckdb'),
    folders: [join(folder, 'lake')],
    spillFolder: join(folder, 'spill'),
    limits: { memoryBytesMax: 500_000_000, threads: 1 },
  })
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'warehouse-'))
  mkdirSync(join(folder, 'lake'))
  warehouse = await open()
})
afterEach(() => {
  warehouse.close()
  rmSync(folder, { recursive: true, force: true })
})

async function run(...statements: string[]) {
  const rows: Value[][] = []
  const outcomes = await warehouse.run(statements, {
    id: `s${count++}`,
    now: '2025-10-20 08:00:00.000',
    parameters: new Map(),
    lake: {
      objects: async () => ({
        files: [{ path: join(folder, 'lake', 'a'), uri: 's3://lago/a' }],
        close: async () => undefined,
      }),
      text: async () => '',
      table: () => Promise.reject(new Error('no table')),
    },
    onRows: (_, batch) => void rows.push(...batch),
  })
  return {
    outcomes,
    rows: rows.map((row) =>
      row.map((value) =>
        typeof value === 'bigint'
          ? Number(value)
          : value === null
            ? null
            : typeof value === 'object'
              ? String(value)
              : value,
      ),
    ),
  }
}

const table = `CREATE TABLE vendas (id INT NOT NULL ENCODE az64, loja VARCHAR(5), valor DECIMAL(10,2), data DATE, PRIMARY KEY (id)) DISTKEY(id) SORTKEY(data)`
const file = (text: string) => writeFileSync(join(folder, 'lake', 'a'), text)

test('a table keeps its rows when the warehouse is closed and opened', async () => {
  await run(table, `INSERT INTO vendas VALUES (1, 'a', 1.5, '2025-10-20'), (1, 'b', 2, NULL)`)
  warehouse.close()
  warehouse = await open()

  expect((await run('SELECT id, loja, valor FROM vendas ORDER BY loja')).rows).toEqual([
    [1, 'a', '1.50'],
    [1, 'b', '2.00'],
  ])
})

test('COPY loads CSV with its options and counts the rows', async () => {
  file('id,loja,valor,data\n1,"a,b",10.5,20/10/2025\n2,,,\n')
  await run(table)
  const { outcomes } = await run(
    `COPY vendas FROM 's3://lago/a' IAM_ROLE 'arn:aws:iam::000000000000:role/r' CSV IGNOREHEADER 1 DATEFORMAT 'DD/MM/YYYY' REGION 'us-east-1'`,
  )

  expect(outcomes[0]?.rows).toBe(2)
  expect((await run('SELECT id, loja, valor, data FROM vendas ORDER BY id')).rows).toEqual([
    [1, 'a,b', '10.50', '2025-10-20'],
    [2, '', null, null],
  ])
})

test('a COPY with a bad value loads nothing and says where in stl_load_errors', async () => {
  file('1|a|1|2025-10-20\n2x|b|2|2025-10-20\n')
  await run(table)
  await expect(run(`COPY vendas FROM 's3://lago/a' IAM_ROLE default`)).rejects.toThrow(
    "ERROR: Load into table 'vendas' failed.  Check 'stl_load_errors' system table for details.",
  )

  expect((await run('SELECT count(*) FROM vendas')).rows).toEqual([[0]])
  expect(
    (await run('SELECT filename, line_number, colname, raw_field_value, err_reason FROM stl_load_errors')).rows,
  ).toEqual([['s3://lago/a', 2, 'id', '2x', "Invalid digit, Value 'x', Pos 1, Type: int4"]])
})

test('an option that COPY here does not honour is refused by name', async () => {
  file('')
  await run(table)
  await expect(run(`COPY vendas FROM 's3://lago/a' IAM_ROLE default FIXEDWIDTH 'a:1'`)).rejects.toThrow(
    'The COPY option FIXEDWIDTH',
  )
})

test('a merge through a staging table is one transaction', async () => {
  await run(table, `INSERT INTO vendas VALUES (1, 'a', 1, NULL)`)
  await run(
    'BEGIN',
    'CREATE TEMP TABLE stage (LIKE vendas)',
    `INSERT INTO stage VALUES (1, 'b', 2, NULL), (2, 'c', 3, NULL)`,
    'DELETE FROM vendas USING stage WHERE vendas.id = stage.id',
    'INSERT INTO vendas SELECT * FROM stage',
    'COMMIT',
  )
  await expect(run('DELETE FROM vendas', 'SELECT nothing FROM vendas')).rejects.toThrow()

  expect((await run('SELECT id, loja FROM vendas ORDER BY id')).rows).toEqual([
    [1, 'b'],
    [2, 'c'],
  ])
})

test('a text longer than its column is refused, an integer divides as an integer', async () => {
  await run(table)
  await expect(run(`INSERT INTO vendas VALUES (1, 'abcdef', 1, NULL)`)).rejects.toThrow()

  expect(
    (
      await run(
        `SELECT 7/2, NVL(NULL, 'x'), DATEDIFF(day, '2025-10-01', '2025-10-20'), DATEADD(month, 1, '2025-01-31'::date)`,
      )
    ).rows,
  ).toEqual([[3, 'x', 19, '2025-02-28 00:00:00']])
})

test('what was committed is known afterwards by its id', async () => {
  await run(table)

  expect(await warehouse.committed(`s${count - 1}`)).toEqual([{ rows: 0 }])
  expect(await warehouse.committed('never')).toBeUndefined()
})
