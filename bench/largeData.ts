/** Made-up sales and log lines for large benches, by DuckDB; and DuckDB itself as the reference, in a process of its own. */
import { execFileSync } from 'node:child_process'

export interface Cost {
  millis: number
  cpuMillis: number
  peakMegabytes: number
}

/** The same statement alone in a process with two threads. */
export function duckdb(statement: string): Cost {
  const script = `
import { DuckDBInstance } from '@duckdb/node-api'
const db = await (await DuckDBInstance.create(':memory:', { threads: '2' })).connect()
await db.run('SET preserve_insertion_order = false')
const start = performance.now()
const before = process.cpuUsage()
await db.run(${JSON.stringify(statement)})
const { user, system } = process.cpuUsage(before)
console.log(JSON.stringify({
  millis: performance.now() - start,
  cpuMillis: (user + system) / 1000,
  peakMegabytes: process.resourceUsage().maxRSS / 1024,
}))`
  const arguments_ = ['--input-type=module', '--eval', script]
  return JSON.parse(execFileSync(process.execPath, arguments_, { encoding: 'utf8', cwd: import.meta.dirname }))
}

const sale = `
  id AS venda_id,
  'PROD-' || lpad((id * 7919 % 50000)::varchar, 6, '0') AS produto_id,
  'Loja ' || (id % 211) || ' - Avenida ' || (id * 31 % 9973) AS loja,
  'cliente' || (id * 104729 % 1000003) || '@exemplo.com.br' AS cliente,
  (id * 37 % 100000) / 100.0 AS valor,
  id % 9 + 1 AS quantidade,
  timestamp '2025-10-01 00:00:00' + interval (id % 2591999) second AS vendida_em,
  date '2025-10-01' + (id % 30)::int AS data,
  CASE id % 4 WHEN 0 THEN 'pix' WHEN 1 THEN 'credito' WHEN 2 THEN 'debito' ELSE 'dinheiro' END AS pagamento`

/** 117 bytes a row; 12 rows of 100 are there twice. */
export function makeSales(file: string, rows: number): void {
  const different = Math.floor(rows * 0.88)
  const ids = `SELECT CASE WHEN i < ${different} THEN i ELSE i * 6700417 % ${different} END AS id FROM range(${rows}) t(i)`
  duckdb(`COPY (SELECT ${sale} FROM (${ids})) TO '${file}' (HEADER)`)
}

/** Two sides of a reconciliation: most of each is in the other, too. */
export function makeSides(left: string, right: string, rows: number): void {
  const side = (from: number) =>
    `SELECT i AS id, (i * 37 % 100000) / 100.0 AS valor, 'conta ' || (i % 9973) AS conta, date '2025-10-01' + (i % 30)::int AS data FROM range(${from}, ${from + rows}) t(i)`
  duckdb(`COPY (${side(0)}) TO '${left}' (HEADER)`)
  duckdb(`COPY (${side(Math.floor(rows / 10))}) TO '${right}' (HEADER)`)
}

export function makeLogs(file: string, rows: number): void {
  duckdb(`COPY (SELECT
    timestamp '2025-10-01 00:00:00' + interval (i) second AS ts,
    CASE i % 20 WHEN 0 THEN 'ERROR' WHEN 1 THEN 'WARN' ELSE 'INFO' END AS level,
    'service-' || (i * 7919 % 40) AS service,
    (i * 104729 % 5000) / 10.0 AS ms,
    i * 31 % 600 AS status,
    '/api/v1/vendas/' || (i * 7919 % 1000003) AS path
  FROM range(${rows}) t(i)) TO '${file}' (FORMAT json)`)
}
