/** Events that an older version kept are read by this one, whatever form their batches have. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CloudWatchLogsClient,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  GetQueryResultsCommand,
  PutLogEventsCommand,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { expect, test } from 'vitest'
import { batches, streamBatches } from '../../src/services/cloudwatch-logs/batches.ts'
import { groups } from '../../src/services/cloudwatch-logs/groups.ts'
import { streams } from '../../src/services/cloudwatch-logs/streamRecords.ts'
import { startIgarape } from '../../src/testkit/server.ts'
import { writeOlder } from '../store/olderStore.ts'

const place = { logGroupName: '/app', logStreamName: 's' }
const firstAt = Date.now() - 600_000
const messages = ['{"n":1,"city":"São Paulo"}', '{"n":2}', 'no JSON']
const events = messages.map((message, i) => [firstAt + i, message] as const)
const batch = { groupId: 'g', streamId: 't', number: 1, firstAt, lastAt: firstAt + 2, ingestedAt: firstAt + 9 }

/** Version 2: times, ends, and the messages with nothing between them. */
function bodyOfVersion2(): Buffer {
  const head = Buffer.alloc(8 + events.length * 12)
  head.writeUInt32LE(0, 0)
  head.writeUInt32LE(events.length, 4)
  let end = 0
  for (const [i, [timestamp, message]] of events.entries()) {
    end += Buffer.byteLength(message)
    head.writeDoubleLE(timestamp, 8 + i * 8)
    head.writeUInt32LE(end, 8 + events.length * 8 + i * 4)
  }
  return Buffer.concat([head, Buffer.from(messages.join(''))])
}

const storedBytes = messages.reduce((sum, message) => sum + Buffer.byteLength(message) + 26, 0)

const forms = [
  { version: 1, record: { ...batch, events } },
  { version: 2, record: { ...batch, storedBytes, body: bodyOfVersion2() } },
]

test.for(forms)('a batch of version $version is read, searched, queried, and added to', async ({ version, record }) => {
  const data = mkdtempSync(join(tmpdir(), 'older-logs-'))
  await writeOlder(
    data,
    {
      ...{ of: groups, version: 1 },
      records: [{ name: '/app', id: 'g', createdAt: firstAt, class: 'STANDARD', storedBytes, tags: {} }],
    },
    { of: streams, version: 1, records: [{ groupId: 'g', name: 's', id: 't', createdAt: firstAt, batches: 1 }] },
    { of: streamBatches, version: 1, records: [{ streamId: 't', firstAt, number: 1 }] },
    { of: batches, version, records: [record] },
  )
  const igarape = await startIgarape({ data, clock: 'system' })
  const logs = igarape.client(CloudWatchLogsClient)

  const read = await logs.send(new GetLogEventsCommand({ ...place, startFromHead: true }))
  const found = await logs.send(new FilterLogEventsCommand({ ...place, filterPattern: '{ $.city = "São*" }' }))
  await logs.send(new PutLogEventsCommand({ ...place, logEvents: [{ timestamp: firstAt + 5, message: '{"n":3}' }] }))
  const range = { startTime: firstAt - 1_000, endTime: firstAt + 60_000 }
  const queryString = 'fields n, city | sort @timestamp'
  const { queryId } = await logs.send(new StartQueryCommand({ logGroupName: '/app', queryString, ...range }))
  await igarape.settled()
  const { results = [], statistics } = await logs.send(new GetQueryResultsCommand({ queryId }))
  await igarape.stop()
  rmSync(data, { recursive: true, force: true })

  expect(read.events?.map(({ message }) => message)).toEqual(messages)
  expect(found.events?.map(({ message }) => message)).toEqual([messages[0]])
  expect(results.map((row) => row.filter(({ field }) => field !== '@ptr').map(({ value }) => value))).toEqual([
    ['1', 'São Paulo'],
    ['2'],
    [],
    ['3'],
  ])
  const bytesScanned = [...messages, '{"n":3}'].reduce((sum, message) => sum + Buffer.byteLength(message), 0)
  expect(statistics).toMatchObject({ recordsScanned: 4, bytesScanned })
})
