/** How events get from their segments into a query: many batches, odd messages, and only those that matter. */
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  GetLogRecordCommand,
  GetQueryResultsCommand,
  PutLogEventsCommand,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import fc from 'fast-check'
import { expect, test as plainTest } from 'vitest'
import { joinedMessages } from '../../src/engines/insights/eventBlocks.ts'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

const logGroupName = '/app'
const minute = 60_000
const padding = 'x'.repeat(200)

type Written = { timestamp: number; message: string }

async function put(igarape: Igarape, logStreamName: string, logEvents: Written[]): Promise<void> {
  const logs = igarape.client(CloudWatchLogsClient)
  await logs.send(new CreateLogGroupCommand({ logGroupName })).catch(() => undefined)
  await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName })).catch(() => undefined)
  await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }))
}

async function results(igarape: Igarape, queryString: string, range?: { startTime: number; endTime: number }) {
  const logs = igarape.client(CloudWatchLogsClient)
  const now = Math.floor(igarape.clock.now().getTime() / 1_000)
  const given = range ?? { startTime: now - 7_200, endTime: now }
  const { queryId } = await logs.send(new StartQueryCommand({ logGroupName, queryString, ...given }))
  await igarape.settled()
  const { results: rows = [], statistics, status } = await logs.send(new GetQueryResultsCommand({ queryId }))
  expect(status).toBe('Complete')
  return {
    rows: rows.map((row) => Object.fromEntries(row.map(({ field, value }) => [field, value]))),
    statistics,
  }
}

/** Of two streams, an event a second, from an hour ago on; too large for records. */
async function putHalfAnHour(igarape: Igarape): Promise<Written[]> {
  const start = igarape.clock.now().getTime() - 60 * minute
  const events = Array.from({ length: 1_800 }, (_, n) => ({
    timestamp: start + n * 1_000,
    message: JSON.stringify({ n, level: n % 7 === 0 ? 'ERROR' : 'INFO', padding }),
  }))
  for (const stream of [0, 1]) {
    await put(
      igarape,
      `s${stream}`,
      events.filter((_, n) => n % 2 === stream),
    )
  }
  return events
}

test('the newest and the oldest are found without reading the rest, which is counted nevertheless', async ({
  igarape,
}) => {
  const events = await putHalfAnHour(igarape)

  const newest = await results(igarape, 'fields n | sort @timestamp desc | limit 3')
  const oldest = await results(igarape, 'fields n | sort @timestamp asc | limit 3')
  const byDefault = await results(igarape, 'fields n | limit 2')

  expect(newest.rows.map(({ n }) => n)).toEqual(['1799', '1798', '1797'])
  expect(oldest.rows.map(({ n }) => n)).toEqual(['0', '1', '2'])
  expect(byDefault.rows.map(({ n }) => n)).toEqual(['1799', '1798'])
  const bytesScanned = events.reduce((sum, { message }) => sum + message.length, 0)
  for (const { statistics } of [newest, oldest]) {
    expect(statistics).toMatchObject({ recordsScanned: 1_800, recordsMatched: 1_800, bytesScanned })
  }
  const logRecordPointer = newest.rows[1]?.['@ptr']
  const { logRecord } = await igarape.client(CloudWatchLogsClient).send(new GetLogRecordCommand({ logRecordPointer }))
  expect(logRecord?.n).toBe('1798')
})

test('a time that ends within batches takes of them what lies in it', async ({ igarape }) => {
  const events = await putHalfAnHour(igarape)
  const [first, last] = [events[100] as Written, events[1_000] as Written]
  const range = { startTime: first.timestamp, endTime: last.timestamp }

  const counted = await results(igarape, 'stats count(*) as c, min(n) as least, max(n) as most', range)
  const newest = await results(igarape, 'fields n | limit 1', range)

  expect(counted.rows).toEqual([{ c: '901', least: '100', most: '1000' }])
  expect(newest.rows[0]?.n).toBe('1000')
  expect(newest.statistics?.recordsScanned).toBe(901)
})

test('filters of many batches count what passes, whatever thread looks at it', async ({ igarape }) => {
  await putHalfAnHour(igarape)

  const errors = await results(igarape, 'filter level = "ERROR" | stats count(*) as c, sum(n) as s')

  const sum = Array.from({ length: 1_800 }, (_, n) => n).filter((n) => n % 7 === 0)
  expect(errors.rows).toEqual([{ c: String(sum.length), s: String(sum.reduce((total, n) => total + n, 0)) }])
  expect(errors.statistics).toMatchObject({ recordsScanned: 1_800, recordsMatched: sum.length })
})

test('events of one time are in the order in which they were put, the latest first', async ({ igarape }) => {
  const timestamp = igarape.clock.now().getTime() - minute
  const messages = Array.from({ length: 50 }, (_, n) => `${String(n).padStart(2, '0')} ${padding}`)
  await put(
    igarape,
    's',
    messages.map((message) => ({ timestamp, message })),
  )

  const { rows } = await results(igarape, 'fields @message')

  expect(rows.map((row) => row['@message'])).toEqual(messages.toReversed())
})

test('a message may be anything', async ({ igarape }) => {
  const timestamp = igarape.clock.now().getTime() - minute
  const odd = ['a\x1eb', 'c\x1e\x1f', '\x1fd', 'two\nlines\n', 'água 🐟', ' ', '{"a":"\x1e"', 'nul\0here']
  for (const [n, messages] of [odd, odd.filter((message) => !message.includes('\x1e'))].entries()) {
    await put(
      igarape,
      `s${n}`,
      messages.map((message) => ({ timestamp, message })),
    )
  }

  const { rows } = await results(igarape, 'fields @message | filter @logStream = "s0" | sort @timestamp')
  const separated = await results(igarape, 'fields @message | filter @logStream = "s1" | sort @timestamp')

  expect(rows.map((row) => row['@message'])).toEqual(odd.toReversed())
  expect(separated.rows.length).toBe(odd.length - 3)
  expect(separated.rows[0]?.['@message']).toBe('nul\0here')
})

plainTest('what joins messages parts them again', () => {
  const message = fc.string({ unit: fc.constantFrom('\x1e', '\x1f', 'a'), maxLength: 6 })
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 5 }), (messages) => {
      const { text, separator } = joinedMessages(messages)

      expect(Buffer.from(text).toString().split(separator)).toEqual(messages)
    }),
  )
})
