/**
 * Logs Insights over a million events, beside DuckDB itself over the same events in a file of JSON lines, which it reads
 * and queries by hand-written SQL: the same answer, from the same kind of source, in the same run.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  GetQueryResultsCommand,
  PutLogEventsCommand,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { Database } from '../src/engines/sql/duckdb.ts'
import { bench } from './report.ts'
import { clientSettings, cpuMillisOf, startBenchServer } from './server.ts'

const eventsMax = 1_000_000
const eventsPerRequest = 5_000
const requestsAtOnce = 4
const runs = 5
/** Each question is a request, whose processor time counts; AWS's own clients ask once a second. */
const pollMillis = 50
const logGroupName = '/app'

interface Measured {
  what: string
  query: string
  /** Over `events(timestamp, message)`. */
  sql: string
  goal?: string
}

const minute = 'timestamp // 60000 * 60000'
const text = (name: string) => `json_extract_string(message, '$.${name}')`

const measured: readonly Measured[] = [
  {
    what: 'filter level = "ERROR" | stats count(*) by bin(1m)',
    query: 'filter level = "ERROR" | stats count(*) by bin(1m)',
    sql: `SELECT ${minute} AS t, count(*) FROM events WHERE ${text('level')} = 'ERROR' GROUP BY t`,
    goal: '≤ 1.5x',
  },
  {
    what: 'filter @message like /timeout/ | stats count(*) by bin(1m)',
    query: 'filter @message like /timeout/ | stats count(*) by bin(1m)',
    sql: `SELECT ${minute} AS t, count(*) FROM events WHERE regexp_matches(message, 'timeout') GROUP BY t`,
    goal: '≤ 1.5x',
  },
  {
    what: 'filter status >= 500 | stats count(*) by bin(1m)',
    query: 'filter status >= 500 | stats count(*) by bin(1m)',
    sql: `SELECT ${minute} AS t, count(*) FROM events WHERE CAST(${text('status')} AS DOUBLE) >= 500 GROUP BY t`,
    goal: '≤ 1.5x',
  },
  {
    what: 'stats pct(ms, 95), avg(ms) by path',
    query: 'stats pct(ms, 95), avg(ms) by path',
    sql: `SELECT ${text('path')} AS path, quantile_cont(CAST(${text('ms')} AS DOUBLE), 0.95), avg(CAST(${text('ms')} AS DOUBLE)) FROM events GROUP BY path`,
  },
  {
    what: 'fields @timestamp, @message | sort @timestamp desc | limit 20',
    query: 'fields @timestamp, @message | sort @timestamp desc | limit 20',
    sql: 'SELECT timestamp, message FROM events ORDER BY timestamp DESC LIMIT 20',
  },
]

export const insights = bench('Logs Insights, 1 M events of 200 bytes', async (report) => {
  const server = await startBenchServer()
  const folder = await mkdtemp(join(tmpdir(), 'insights-'))
  const logs = new CloudWatchLogsClient(clientSettings(server))
  try {
    const from = Date.now() - 3 * 3_600_000
    await fill(logs, from)
    const file = join(folder, 'events.json')
    await writeFile(file, Array.from({ length: eventsMax }, (_, n) => `${JSON.stringify(eventOf(n, from))}\n`).join(''))
    for (const one of measured) {
      const ours: Taken[] = []
      const raw: Taken[] = []
      for (let run = 0; run < runs; run++) {
        ours.push(await taken(() => answer(logs, one.query), server.pid))
        raw.push(await taken(() => rawAnswer(one.sql, folder, file), process.pid))
      }
      const reference = { what: 'DuckDB on a file', value: least(raw, 'wallMs') }
      const goal = one.goal && { goal: one.goal }
      report({ what: one.what, value: least(ours, 'wallMs'), unit: 'ms', reference, ...goal })
      const cpuReference = { what: 'DuckDB on a file', value: least(raw, 'cpuMs') }
      report({ what: '  its CPU, of all threads', value: least(ours, 'cpuMs'), unit: 'ms', reference: cpuReference })
    }
  } finally {
    logs.destroy()
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
})

/** What a query took. On a machine that others use too, the time by the clock says little. */
interface Taken {
  wallMs: number
  cpuMs: number
}

const least = (runs: readonly Taken[], what: keyof Taken) => Math.min(...runs.map((run) => run[what]))

/** Of the process that carries it out. */
async function taken(call: () => Promise<unknown>, pid: number): Promise<Taken> {
  const [start, cpuStart] = [performance.now(), cpuMillisOf(pid)]
  await call()
  return { wallMs: performance.now() - start, cpuMs: cpuMillisOf(pid) - cpuStart }
}

function eventOf(n: number, from: number): { timestamp: number; message: string } {
  const event = {
    level: n % 10 === 0 ? 'ERROR' : 'INFO',
    status: n % 20 === 0 ? 500 : 200,
    requestId: `4c7e2f0a-1b2c-4d3e-8f90-${String(n).padStart(12, '0')}`,
    path: `/api/v1/orders/${n % 50}`,
    ms: n % 977,
    user: { id: n % 5_000, country: 'BR' },
    text: n % 100 === 0 ? 'upstream timeout after three tries' : 'handled as it should be',
  }
  return { timestamp: from + n * 10, message: JSON.stringify(event) }
}

async function fill(logs: CloudWatchLogsClient, from: number): Promise<void> {
  await logs.send(new CreateLogGroupCommand({ logGroupName }))
  const streams = Array.from({ length: requestsAtOnce }, (_, stream) => `s${stream}`)
  for (const logStreamName of streams) await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }))
  const batches = eventsMax / eventsPerRequest
  const put = async (logStreamName: string, first: number) => {
    for (let batch = first; batch < batches; batch += requestsAtOnce) {
      const logEvents = Array.from({ length: eventsPerRequest }, (_, i) => eventOf(batch * eventsPerRequest + i, from))
      await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }))
    }
  }
  await Promise.all(streams.map(put))
}

async function answer(logs: CloudWatchLogsClient, queryString: string): Promise<number> {
  const now = Math.floor(Date.now() / 1_000)
  const range = { startTime: now - 6 * 3_600, endTime: now }
  const { queryId } = await logs.send(new StartQueryCommand({ logGroupName, queryString, ...range }))
  for (;;) {
    const { status, results = [] } = await logs.send(new GetQueryResultsCommand({ queryId }))
    if (status === 'Complete') return results.length
    if (status !== 'Running' && status !== 'Scheduled') throw new Error(`The query is ${status}.`)
    await new Promise((done) => setTimeout(done, pollMillis))
  }
}

/** A database of its own for each, as a query of ours has. */
async function rawAnswer(sql: string, folder: string, file: string): Promise<number> {
  const limits = { memoryBytesMax: 2 ** 30, threads: 0 }
  const database = await Database.open({ folders: [folder], limits })
  const connection = await database.connect()
  const columns = "{timestamp: 'BIGINT', message: 'VARCHAR'}"
  const events = `SELECT * FROM read_json('${file}', columns = ${columns}, format = 'newline_delimited')`
  const rows = await connection.all(`WITH events AS NOT MATERIALIZED (${events}) ${sql}`)
  connection.close()
  database.close()
  return rows.length
}
