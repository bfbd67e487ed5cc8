/** How events are stored: they outlive kill -9, are read in order from many batches, and give their disk back. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { test as base, expect } from 'vitest'
import { seededRandom } from '../../src/clock.ts'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'
import { ServerProcess } from '../torture/serverProcess.ts'

const test = base.extend<{ data: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of what a fixture needs
  data: async ({}, use) => {
    const data = mkdtempSync(join(tmpdir(), 'igarape-logs-'))
    await use(data)
    rmSync(data, { recursive: true, force: true })
  },
})

const place = { logGroupName: '/app', logStreamName: 's' }

async function makeStreams(logs: CloudWatchLogsClient, ...names: string[]): Promise<void> {
  await logs.send(new CreateLogGroupCommand({ logGroupName: '/app' }))
  for (const logStreamName of names) await logs.send(new CreateLogStreamCommand({ ...place, logStreamName }))
}

async function allMessages(logs: CloudWatchLogsClient, filterPattern = ''): Promise<string[]> {
  const found: string[] = []
  let nextToken: string | undefined
  do {
    const page = await logs.send(new FilterLogEventsCommand({ logGroupName: '/app', filterPattern, nextToken }))
    found.push(...(page.events ?? []).map(({ message = '' }) => message))
    nextToken = page.nextToken
  } while (nextToken)
  return found
}

test('what was acknowledged is there after kill -9 with puts in flight, once and whole', async ({ data }) => {
  const acknowledged = new Set<string>()
  for (let round = 0; round < 3; round++) {
    const server = await ServerProcess.start(data)
    const logs = server.client(CloudWatchLogsClient)
    if (round === 0) await makeStreams(logs, 's0', 's1', 's2', 's3')
    const found = await allMessages(logs)
    expect(new Set(found).size).toBe(found.length)
    const all = new Set(found)
    expect([...acknowledged].filter((message) => !all.has(message))).toEqual([])

    const writers = [0, 1, 2, 3].map((writer) => putUntilKilled(logs, { round, writer, acknowledged }))
    await enough(acknowledged, (round + 1) * 2_000)
    await server.kill()
    await Promise.all(writers)
  }

  const server = await ServerProcess.start(data)
  const found = new Set(await allMessages(server.client(CloudWatchLogsClient)))
  expect([...acknowledged].filter((message) => !found.has(message))).toEqual([])
  await server.kill('SIGTERM')
}, 120_000)

async function putUntilKilled(
  logs: CloudWatchLogsClient,
  { round, writer, acknowledged }: { round: number; writer: number; acknowledged: Set<string> },
): Promise<void> {
  for (let put = 0; ; put++) {
    // Small batches lie in records, large ones in segments.
    const messages = Array.from(
      { length: put % 2 ? 3 : 100 },
      (_, at) => `${round}/${writer}/${put}/${at} ${'x'.repeat(90)}`,
    )
    const logEvents = messages.map((message) => ({ timestamp: Date.now(), message }))
    try {
      await logs.send(new PutLogEventsCommand({ ...place, logStreamName: `s${writer}`, logEvents }))
    } catch {
      return
    }
    for (const message of messages) acknowledged.add(message)
  }
}

async function enough(acknowledged: Set<string>, count: number): Promise<void> {
  while (acknowledged.size < count) await new Promise((done) => setImmediate(done))
}

test('batches of many sizes and overlapping times come in order both ways, whatever the page', async ({ data }) => {
  const igarape = await startIgarape({ data })
  const logs = igarape.client(CloudWatchLogsClient)
  await makeStreams(logs, 's', 't')
  const chance = seededRandom(20)
  const below = (count: number) => Number.parseInt(chance.hex(8), 16) % count
  const now = igarape.clock.now().getTime()
  const wanted: { timestamp: number; message: string; stream: string }[] = []
  for (let put = 0; put < 60; put++) {
    const start = now - below(600_000)
    const times = Array.from({ length: 1 + below(120) }, () => start + below(200_000)).sort((a, b) => a - b)
    const stream = 'st'[put % 2] as string
    const logEvents = times.map((timestamp, at) => ({ timestamp, message: `${put}.${at} ${'é'.repeat(below(60))}` }))
    wanted.push(...logEvents.map((event) => ({ ...event, stream })))
    await logs.send(new PutLogEventsCommand({ ...place, logStreamName: stream, logEvents }))
  }
  const inOrder = (stream?: string) =>
    wanted
      .filter((event) => stream === undefined || event.stream === stream)
      .map(({ timestamp, message }) => `${timestamp} ${message}`)
      .sort()

  const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: '/app' }))
  const times = events.map(({ timestamp = 0 }) => timestamp)
  expect(times).toEqual([...times].sort((a, b) => a - b))
  expect(events.map(({ timestamp, message }) => `${timestamp} ${message}`).sort()).toEqual(inOrder())
  for (const startFromHead of [true, false]) {
    const pages = await streamPages(logs, { startFromHead, limit: 97 })
    const read = (startFromHead ? pages : pages.reverse()).flat()
    expect(read.map((line) => Number(line.split(' ')[0]))).toEqual(
      read.map((line) => Number(line.split(' ')[0])).sort((a, b) => a - b),
    )
    expect(read.sort()).toEqual(inOrder('s'))
  }
  await igarape.stop()
}, 60_000)

async function streamPages(
  logs: CloudWatchLogsClient,
  { startFromHead, limit }: { startFromHead: boolean; limit: number },
): Promise<string[][]> {
  const pages: string[][] = []
  let nextToken: string | undefined
  for (;;) {
    const page = await logs.send(new GetLogEventsCommand({ ...place, startFromHead, limit, nextToken }))
    const next = startFromHead ? page.nextForwardToken : page.nextBackwardToken
    if (next === nextToken) return pages
    pages.push((page.events ?? []).map(({ timestamp, message }) => `${timestamp} ${message}`))
    nextToken = next
  }
}

test('what retention no longer keeps, and what was deleted, gives its disk back', async ({ data }) => {
  const igarape = await startIgarape({ data })
  const logs = igarape.client(CloudWatchLogsClient)
  await makeStreams(logs, 's')
  await logs.send(new PutRetentionPolicyCommand({ logGroupName: '/app', retentionInDays: 1 }))
  await putMegabyte(igarape)
  await igarape.settled()
  expect(segmentBytes(data)).toBeGreaterThan(900_000)

  await igarape.clock.advance({ hours: 23 })
  expect(await allMessages(logs)).toHaveLength(10)
  await igarape.clock.advance({ hours: 4 })
  await igarape.settled()
  expect(await allMessages(logs)).toEqual([])
  await filesGone(data)

  await putMegabyte(igarape)
  expect(segmentBytes(data)).toBeGreaterThan(900_000)
  await logs.send(new DeleteLogGroupCommand({ logGroupName: '/app' }))
  await igarape.settled()
  await filesGone(data)
  await igarape.stop()
})

async function putMegabyte(igarape: Igarape): Promise<void> {
  const timestamp = igarape.clock.now().getTime()
  const logEvents = Array.from({ length: 10 }, () => ({ timestamp, message: 'x'.repeat(100_000) }))
  await igarape.client(CloudWatchLogsClient).send(new PutLogEventsCommand({ ...place, logEvents }))
}

function segmentBytes(data: string): number {
  const folder = join(data, 'segments')
  const files = readdirSync(folder).filter((name) => name.startsWith('logs-'))
  return files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
}

/** Files are removed after the commit that needs them no more. */
async function filesGone(data: string): Promise<void> {
  await expect.poll(() => segmentBytes(data)).toBe(0)
}
