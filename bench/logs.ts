/**
 * Log events in and out over HTTP: a million of 200 bytes in batches of 500, each answered when it is on disk, beside
 * bare Node that appends the same bytes to a file and syncs each batch; then filters over all of them, beside bare Node
 * that reads the same bytes and looks for the same text in each line.
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CloudWatchLogsClient, CreateLogGroupCommand, CreateLogStreamCommand } from '@aws-sdk/client-cloudwatch-logs'
import { type Load, repeated } from './lanes.ts'
import { bench, type Figure } from './report.ts'
import { type BenchServer, clientSettings, cpuMillisOf, memoryOf, startBenchServer } from './server.ts'

const eventsMax = Number(process.env.IGARAPE_BENCH_EVENTS ?? 1_000_000)
const eventsPerPut = 500
const connections = 8
const group = '/app'

type Report = (figure: Figure) => void

export const logs = bench('CloudWatch Logs', async (report) => {
  const server = await startBenchServer()
  const folder = mkdtempSync(join(tmpdir(), 'igarape-bench-lines-'))
  const client = new CloudWatchLogsClient(clientSettings(server))
  try {
    await client.send(new CreateLogGroupCommand({ logGroupName: group }))
    for (let lane = 0; lane < connections; lane++) {
      await client.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: `s${lane}` }))
    }
    await ingest(server, report, folder)
    for (const filter of filters) await search(server, report, folder, filter)
    report({ what: "the server's own memory", value: memoryOf(server.pid).own, unit: 'MB' })
  } finally {
    client.destroy()
    await server.stop()
    rmSync(folder, { recursive: true })
  }
})

/** 200 bytes; one in a thousand is an error. */
function message(number: number): string {
  const level = number % 1_000 === 7 ? 'ERROR' : 'INFO'
  const text = JSON.stringify({ level, number, ms: (number * 7) % 1000, user: `u${number % 5000}`, path: '/vendas' })
  return `${text.slice(0, -1)},"pad":"${'x'.repeat(Math.max(0, 190 - text.length))}"}`
}

function puts(): { logStreamName: string; messages: string[]; at: number }[] {
  const start = Date.now() - eventsMax / 2
  return Array.from({ length: eventsMax / eventsPerPut }, (_, put) => ({
    logStreamName: `s${put % connections}`,
    messages: Array.from({ length: eventsPerPut }, (_, index) => message(put * eventsPerPut + index)),
    at: start + (put * eventsPerPut) / 2,
  }))
}

async function ingest(server: BenchServer, report: Report, folder: string): Promise<void> {
  const all = puts()
  const requests = all.map(({ logStreamName, messages, at }) => {
    const logEvents = messages.map((text, index) => ({ timestamp: at + Math.floor(index / 2), message: text }))
    return request('PutLogEvents', { logGroupName: group, logStreamName, logEvents })
  })
  const load: Load = { connections, request: (_lane, count) => requests[count] as Buffer }
  const [start, cpu] = [performance.now(), cpuMillisOf(server.pid)]
  await repeated(server.endpoint, load, requests.length)
  const seconds = (performance.now() - start) / 1000
  const bare = appended(
    join(folder, 'lines'),
    all.map(({ messages }) => `${messages.join('\n')}\n`),
  )
  report({
    what: `PutLogEvents(${eventsPerPut}) of 200 bytes at ${connections} connections`,
    value: eventsMax / seconds,
    unit: 'events/s',
    reference: { what: 'bare Node, appending and syncing', value: eventsMax / bare },
    goal: '≥ 60000 events/s',
  })
  report({
    what: '… CPU of the server for an event',
    value: ((cpuMillisOf(server.pid) - cpu) * 1000) / eventsMax,
    unit: 'µs',
  })
}

function appended(file: string, parts: readonly string[]): number {
  const start = performance.now()
  const descriptor = openSync(file, 'w')
  for (const part of parts) {
    writeSync(descriptor, part)
    fdatasyncSync(descriptor)
  }
  closeSync(descriptor)
  return (performance.now() - start) / 1000
}

interface BenchFilter {
  filterPattern: string
  matches: (line: string) => boolean
}

const filters: BenchFilter[] = [
  { filterPattern: 'ERROR', matches: (line) => line.includes('ERROR') },
  { filterPattern: '{ $.level = "ERROR" && $.ms > 100 }', matches: (line) => isSlowError(JSON.parse(line)) },
  { filterPattern: '{ $.ms = 993 }', matches: (line) => (JSON.parse(line) as { ms: number }).ms === 993 },
]

const isSlowError = ({ level, ms }: { level: string; ms: number }) => level === 'ERROR' && ms > 100

async function search(
  server: BenchServer,
  report: Report,
  folder: string,
  { filterPattern, matches }: BenchFilter,
): Promise<void> {
  const start = performance.now()
  let found = 0
  let nextToken: string | undefined
  do {
    const page = await filtered(server, { logGroupName: group, filterPattern, ...(nextToken && { nextToken }) })
    found += page.events.length
    nextToken = page.nextToken
  } while (nextToken)
  const millis = performance.now() - start
  const bareStart = performance.now()
  const wanted = readFileSync(join(folder, 'lines'), 'latin1').split('\n').slice(0, -1).filter(matches).length
  if (found !== wanted) throw new Error(`${filterPattern} found ${found} of ${wanted}`)
  report({
    what: `FilterLogEvents ${filterPattern} over ${eventsMax / 1000}k events`,
    value: millis,
    unit: 'ms',
    reference: { what: 'bare Node, reading and filtering the lines', value: performance.now() - bareStart },
    goal: '≤ 500 ms',
  })
}

async function filtered(server: BenchServer, input: object): Promise<{ events: unknown[]; nextToken?: string }> {
  const answer = await fetch(server.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'Logs_20140328.FilterLogEvents' },
    body: JSON.stringify(input),
  })
  return (await answer.json()) as { events: unknown[]; nextToken?: string }
}

function request(operation: string, input: object): Buffer {
  const body = Buffer.from(JSON.stringify(input))
  const head = `POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-amz-json-1.1\r\nx-amz-target: Logs_20140328.${operation}\r\ncontent-length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}
