/** Athena: TPC-H beside raw DuckDB on the same files, the API's own cost, a large result, a large repair. */
import { createReadStream, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena'
import { BatchGetPartitionCommand, GlueClient } from '@aws-sdk/client-glue'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { bench, percentile } from './report.ts'
import { type BenchServer, clientSettings, cpuMillisOf, memoryOf, startBenchServer } from './server.ts'
import { tpchFolder, tpchQueries, tpchTables } from './tpchData.ts'

const rounds = 3
const pollMillis = 1
const resultRows = 1_000_000
const partitionCount = 10_000
const tinyFileCount = 10_000
const putsAtOnce = 16
const overheadRuns = 120
const warmingRuns = 20

interface World {
  server: BenchServer
  athena: AthenaClient
  s3: S3Client
  glue: GlueClient
}

async function withWorld(use: (world: World) => Promise<void>): Promise<void> {
  const server = await startBenchServer()
  const settings = clientSettings(server)
  const world = {
    server,
    athena: new AthenaClient(settings),
    s3: new S3Client(settings),
    glue: new GlueClient(settings),
  }
  try {
    await world.s3.send(new CreateBucketCommand({ Bucket: 'lago' }))
    await ran(world, 'CREATE DATABASE loja')
    await use(world)
  } finally {
    for (const client of [world.athena, world.s3, world.glue]) client.destroy()
    await server.stop()
  }
}

/** Milliseconds from StartQueryExecution until it is seen to have SUCCEEDED. */
async function ran({ athena }: World, QueryString: string): Promise<{ id: string; millis: number }> {
  const start = performance.now()
  const { QueryExecutionId: id = '' } = await athena.send(
    new StartQueryExecutionCommand({
      QueryString,
      QueryExecutionContext: { Database: 'loja' },
      ResultConfiguration: { OutputLocation: 's3://lago/resultados/' },
    }),
  )
  for (;;) {
    const { QueryExecution } = await athena.send(new GetQueryExecutionCommand({ QueryExecutionId: id }))
    const { State, StateChangeReason } = QueryExecution?.Status ?? {}
    if (State === 'SUCCEEDED') return { id, millis: performance.now() - start }
    if (State === 'FAILED' || State === 'CANCELLED') throw new Error(`${StateChangeReason}: ${QueryString}`)
    await new Promise((done) => setTimeout(done, pollMillis))
  }
}

async function resultOf({ athena }: World, id: string): Promise<(string | undefined)[][]> {
  const rows: (string | undefined)[][] = []
  let NextToken: string | undefined
  do {
    const page = await athena.send(
      new GetQueryResultsCommand({ QueryExecutionId: id, ...(NextToken && { NextToken }) }),
    )
    for (const row of page.ResultSet?.Rows ?? []) rows.push((row.Data ?? []).map((cell) => cell.VarCharValue))
    NextToken = page.NextToken
  } while (NextToken)
  return rows.slice(1)
}

export const tpch = bench('Athena: TPC-H SF1 over Parquet', (report) =>
  withWorld(async (world) => {
    const folder = tpchFolder(1)
    await loadTables(world, folder)
    const duckdb = await rawDatabase(folder)
    const times = { ours: 0, theirs: 0 }
    let right = 0
    let slowest = 0
    for (const query of tpchQueries()) {
      const ours: number[] = []
      const theirs: number[] = []
      let expected: unknown[][] = []
      let id = ''
      for (let round = 0; round < rounds; round++) {
        const start = performance.now()
        expected = (await duckdb.runAndReadAll(query)).getRows()
        theirs.push(performance.now() - start)
        const ended = await ran(world, query)
        ours.push(ended.millis)
        id = ended.id
      }
      times.ours += Math.min(...ours)
      times.theirs += Math.min(...theirs)
      if (same(await resultOf(world, id), expected)) right++
      slowest = Math.max(slowest, Math.min(...ours) / Math.min(...theirs))
    }
    report({ what: 'right answers of 22', value: right, unit: 'queries', goal: '≥ 22 queries' })
    const reference = { what: 'raw DuckDB', value: times.theirs }
    report({ what: 'all 22, best of three each', value: times.ours, unit: 'ms', reference, goal: '≤ 1.15x' })
    report({ what: 'the slowest beside raw DuckDB', value: slowest, unit: 'x' })
  }),
)

async function loadTables(world: World, folder: string): Promise<void> {
  for (const [table, columns] of Object.entries(tpchTables)) {
    const path = join(folder, `${table}.parquet`)
    const Key = `tpch/${table}/${table}.parquet`
    const ContentLength = statSync(path).size
    await world.s3.send(new PutObjectCommand({ Bucket: 'lago', Key, Body: createReadStream(path), ContentLength }))
    await ran(
      world,
      `CREATE EXTERNAL TABLE ${table} (${columns}) STORED AS PARQUET LOCATION 's3://lago/tpch/${table}/'`,
    )
  }
}

async function rawDatabase(folder: string): Promise<DuckDBConnection> {
  const connection = await (await DuckDBInstance.create(':memory:', { memory_limit: '2GiB' })).connect()
  for (const table of Object.keys(tpchTables))
    await connection.run(`CREATE VIEW ${table} AS SELECT * FROM read_parquet('${join(folder, `${table}.parquet`)}')`)
  return connection
}

/** Cell by cell: numbers to their sixth digit (an average of decimals is a decimal in Trino, a double in DuckDB). */
function same(ours: (string | undefined)[][], theirs: unknown[][]): boolean {
  if (ours.length !== theirs.length) return false
  return ours.every((row, i) =>
    row.every((cell, j) => {
      const other = theirs[i]?.[j]
      if (cell === undefined || other === null) return cell === undefined && other === null
      const [left, right] = [Number(cell), Number(String(other))]
      if (Number.isNaN(left) || Number.isNaN(right)) return cell === String(other)
      return Math.abs(left - right) <= Math.max(0.01, Math.abs(right) * 1e-6)
    }),
  )
}

export const overhead = bench('Athena: SELECT 1 from StartQueryExecution to SUCCEEDED', (report) =>
  withWorld(async (world) => {
    const [millis, references]: [number[], number[]] = [[], []]
    let cpu = 0
    for (let run = 0; run < overheadRuns; run++) {
      const before = cpuMillisOf(world.server.pid)
      millis.push((await ran(world, 'SELECT 1')).millis)
      // Between two queries of a person there is time to make the next engine.
      await new Promise((done) => setTimeout(done, 20))
      if (run >= warmingRuns) cpu += cpuMillisOf(world.server.pid) - before
      references.push(await twoPuts(world))
    }
    const p50 = (values: number[]) => percentile(values.slice(warmingRuns), 0.5)
    const reference = { what: 'two PutObjects in turn', value: p50(references) }
    report({ what: 'p50', value: p50(millis), unit: 'ms', reference, goal: '≤ 15 ms' })
    report({ what: 'p95', value: percentile(millis.slice(warmingRuns), 0.95), unit: 'ms' })
    report({ what: "the server's processor time", value: cpu / (overheadRuns - warmingRuns), unit: 'ms' })
  }),
)

/** A query is two commits that somebody waits for, and so is this: it tells how busy the machine is. */
async function twoPuts({ s3 }: World): Promise<number> {
  const start = performance.now()
  for (const Key of ['um', 'dois']) await s3.send(new PutObjectCommand({ Bucket: 'lago', Key, Body: Key }))
  return performance.now() - start
}

export const largeResult = bench('Athena: a result of 1,000,000 rows', (report) =>
  withWorld(async (world) => {
    await ran(world, 'SELECT 1')
    const before = memoryOf(world.server.pid).own
    let most = before
    const watch = setInterval(() => {
      most = Math.max(most, memoryOf(world.server.pid).own)
    }, 50)
    const sequence = (name: string, count: number) => `UNNEST(sequence(1, ${count})) AS ${name}(${name})`
    const { id, millis } = await ran(
      world,
      `SELECT a * 1000 + b AS id, 'produto ' || CAST(b AS varchar) AS nome, DECIMAL '1.25' * b AS valor
       FROM ${sequence('a', 1000)} CROSS JOIN ${sequence('b', 1000)}`,
    )
    report({ what: 'written', value: millis, unit: 'ms' })
    const [start, cpuStart, oursStart] = [performance.now(), cpuMillisOf(world.server.pid), process.cpuUsage()]
    const count = (await resultOf(world, id)).length
    if (count !== resultRows) throw new Error(`${count} rows came back`)
    const { user, system } = process.cpuUsage(oursStart)
    report({ what: 'paged, 1,000 rows each', value: performance.now() - start, unit: 'ms' })
    const reference = { what: "the SDK's", value: (user + system) / 1000 }
    report({
      what: "the server's processor time for it",
      value: cpuMillisOf(world.server.pid) - cpuStart,
      unit: 'ms',
      reference,
    })
    clearInterval(watch)
    report({ what: 'growth of the server', value: most - before, unit: 'MB', goal: '≤ 200 MB' })
  }),
)

/** Events as a function writes them: one small object each. */
export const tinyFiles = bench('Athena: a query over 10,000 tiny files', (report) =>
  withWorld(async (world) => {
    const folder = mkdtempSync(join(tmpdir(), 'igarape-bench-tiny-'))
    try {
      await putEach(world, tinyFileCount, (n) => {
        const Body = `{"id": ${n}, "tipo": "t${n % 7}", "valor": ${n / 4}}\n`
        writeFileSync(join(folder, `${n}.json`), Body)
        return { Key: `eventos/${n}.json`, Body }
      })
      await ran(
        world,
        `CREATE EXTERNAL TABLE eventos (id int, tipo string, valor double)
         ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' LOCATION 's3://lago/eventos/'`,
      )
      const aggregates = 'SELECT tipo, count(*), sum(valor) FROM'
      const duckdb = await (await DuckDBInstance.create()).connect()
      const start = performance.now()
      await duckdb.runAndReadAll(
        `${aggregates} read_json('${folder}/*.json', columns = {id: 'INT', tipo: 'VARCHAR', valor: 'DOUBLE'}) GROUP BY tipo`,
      )
      const reference = { what: 'raw DuckDB on files of a folder', value: performance.now() - start }
      const cpuStart = cpuMillisOf(world.server.pid)
      const { id, millis } = await ran(world, `${aggregates} eventos GROUP BY tipo`)
      const cpu = cpuMillisOf(world.server.pid) - cpuStart
      if ((await resultOf(world, id)).length !== 7) throw new Error('not all kinds were counted')
      report({ what: 'grouped', value: millis, unit: 'ms', reference, goal: '≤ 5000 ms' })
      report({ what: "the server's processor time", value: cpu, unit: 'ms' })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }),
)

async function putEach({ s3 }: World, count: number, object: (n: number) => { Key: string; Body: string }) {
  let next = 0
  const put = async () => {
    for (let n = next++; n < count; n = next++) await s3.send(new PutObjectCommand({ Bucket: 'lago', ...object(n) }))
  }
  await Promise.all(Array.from({ length: putsAtOnce }, put))
}

export const repair = bench('Athena: MSCK REPAIR TABLE over 10,000 partitions', (report) =>
  withWorld(async (world) => {
    await putEach(world, partitionCount, (n) => ({
      Key: `vendas/dia=${Math.floor(n / 100)}/loja=${n % 100}/a.csv`,
      Body: `${n},1.5\n`,
    }))
    await ran(
      world,
      `CREATE EXTERNAL TABLE vendas (id int, valor double) PARTITIONED BY (dia int, loja int)
       ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://lago/vendas/'`,
    )
    const { millis } = await ran(world, 'MSCK REPAIR TABLE vendas')
    report({ what: 'all new', value: millis, unit: 'ms', goal: '≤ 5000 ms' })
    const found = await world.glue.send(
      new BatchGetPartitionCommand({
        DatabaseName: 'loja',
        TableName: 'vendas',
        PartitionsToGet: [{ Values: ['99', '99'] }],
      }),
    )
    if (found.Partitions?.length !== 1) throw new Error('the last partition is not there')
    report({ what: 'again, none new', value: (await ran(world, 'MSCK REPAIR TABLE vendas')).millis, unit: 'ms' })
    const counted = await ran(world, 'SELECT count(*) FROM vendas')
    report({ what: 'all 10,000 counted by a query', value: counted.millis, unit: 'ms' })
  }),
)
