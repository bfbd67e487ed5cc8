/** Log events in and out: limits, order, tokens both ways, filters, live tails. */
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  InvalidParameterException,
  PutLogEventsCommand,
  StartLiveTailCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

const place = { logGroupName: '/app', logStreamName: 's' }
const hour = 3_600_000

async function logsWithStreams(igarape: Igarape, ...names: string[]): Promise<CloudWatchLogsClient> {
  const logs = igarape.client(CloudWatchLogsClient)
  await logs.send(new CreateLogGroupCommand({ logGroupName: '/app' }))
  for (const logStreamName of names) await logs.send(new CreateLogStreamCommand({ ...place, logStreamName }))
  return logs
}

function put(logs: CloudWatchLogsClient, events: [number, string][], logStreamName = 's') {
  const logEvents = events.map(([timestamp, message]) => ({ timestamp, message }))
  return logs.send(new PutLogEventsCommand({ ...place, logStreamName, logEvents }))
}

const texts = (events: { message?: string | undefined }[] | undefined) => events?.map(({ message }) => message)

test('a stream is read from its end, and back and forth by tokens that stay where nothing is new', async ({
  igarape,
}) => {
  const logs = await logsWithStreams(igarape, 's')
  const now = igarape.clock.now().getTime()
  await put(
    logs,
    [1, 2, 3, 4, 5, 6, 7].map((number) => [now - hour + number, `e${number}`]),
  )
  const get = (input: object) => logs.send(new GetLogEventsCommand({ ...place, limit: 3, ...input }))

  const last = await get({})
  expect(texts(last.events)).toEqual(['e5', 'e6', 'e7'])
  const before = await get({ nextToken: last.nextBackwardToken })
  expect(texts(before.events)).toEqual(['e2', 'e3', 'e4'])
  const forward = await get({ nextToken: before.nextForwardToken })
  expect(texts(forward.events)).toEqual(['e5', 'e6', 'e7'])
  const end = await get({ nextToken: forward.nextForwardToken })
  expect(end).toMatchObject({ events: [], nextForwardToken: forward.nextForwardToken })
  await put(logs, [[now, 'e8']])
  expect(texts((await get({ nextToken: end.nextForwardToken })).events)).toEqual(['e8'])
  expect(texts((await get({ startFromHead: true })).events)).toEqual(['e1', 'e2', 'e3'])
  const between = await get({ startTime: now - hour + 2, endTime: now - hour + 4 })
  expect(texts(between.events)).toEqual(['e2', 'e3'])
})

test('events put out of order come out in order of time, across batches and streams', async ({ igarape }) => {
  const logs = await logsWithStreams(igarape, 's', 't')
  const now = igarape.clock.now().getTime()
  await put(logs, [
    [now - 3 * hour, 'a'],
    [now - hour, 'd'],
    [now - 10, 'f'],
  ])
  await put(logs, [
    [now - 2 * hour, 'b'],
    [now - hour - 5, 'c'],
    [now - hour + 5, 'e'],
  ])
  await put(logs, [[now - hour + 1, 'other']], 't')

  const { events } = await logs.send(new GetLogEventsCommand({ ...place, startFromHead: true }))
  expect(texts(events)).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  expect(texts((await logs.send(new GetLogEventsCommand({ ...place, limit: 2 }))).events)).toEqual(['e', 'f'])
  const found = await logs.send(new FilterLogEventsCommand({ logGroupName: '/app' }))
  expect(texts(found.events)).toEqual(['a', 'b', 'c', 'd', 'other', 'e', 'f'])
  expect(found.events?.map(({ logStreamName }) => logStreamName).join('')).toBe('sssstss')
})

test('a filter finds its events page by page, each with an id of its own', async ({ igarape }) => {
  const logs = await logsWithStreams(igarape, 's', 't')
  const now = igarape.clock.now().getTime()
  const lines = Array.from({ length: 20 }, (_, at): [number, string] => [now - 100 + at, at % 2 ? 'ERROR x' : 'INFO'])
  await put(logs, lines)
  await put(logs, [[now - 50, '{"level":"ERROR","ms":12}']], 't')
  const filter = (input: object) => logs.send(new FilterLogEventsCommand({ logGroupName: '/app', ...input }))

  const pages = [await filter({ filterPattern: 'ERROR', limit: 6 })]
  for (let token = pages[0]?.nextToken; token; token = pages[pages.length - 1]?.nextToken) {
    pages.push(await filter({ filterPattern: 'ERROR', limit: 6, nextToken: token }))
  }
  const events = pages.flatMap((page) => page.events ?? [])
  expect(events).toHaveLength(11)
  expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(11)
  expect(events[0]?.eventId).toMatch(/^\d{56}$/)
  expect(texts((await filter({ filterPattern: '{ $.ms > 10 }' })).events)).toHaveLength(1)
  expect((await filter({ logStreamNamePrefix: 't' })).events).toHaveLength(1)
  expect((await filter({ startTime: now - 82, endTime: now - 81, logStreamNames: ['s'] })).events).toHaveLength(2)
  await expect(filter({ filterPattern: '{ $.ms > }' })).rejects.toMatchObject({ name: 'InvalidParameterException' })
  await expect(filter({ logStreamNames: ['nope'] })).rejects.toMatchObject({
    message: 'The specified log stream does not exist.',
  })
})

test('what is too old or too new is left out and told of', async ({ igarape }) => {
  const logs = await logsWithStreams(igarape, 's')
  const now = igarape.clock.now().getTime()

  const early = await put(logs, [
    [now, 'good'],
    [now + 3 * hour, 'too new'],
  ])
  expect(early.rejectedLogEventsInfo).toEqual({ tooNewLogEventStartIndex: 1 })
  const late = await put(logs, [[now - 15 * 24 * hour, 'too old']])
  expect(late.rejectedLogEventsInfo).toEqual({ tooOldLogEventEndIndex: 1 })
  expect(late.nextSequenceToken).toMatch(/^\d{56}$/)
  expect(texts((await logs.send(new GetLogEventsCommand(place))).events)).toEqual(['good'])
})

test('a batch beyond the limits is refused whole', async ({ igarape }) => {
  const logs = await logsWithStreams(igarape, 's')
  const now = igarape.clock.now().getTime()

  await expect(
    put(logs, [
      [now, 'b'],
      [now - 1, 'a'],
    ]),
  ).rejects.toMatchObject({
    name: 'InvalidParameterException',
    message: 'Log events in a single PutLogEvents request must be in chronological order.',
  })
  await expect(
    put(logs, [
      [now - 25 * hour, 'a'],
      [now, 'b'],
    ]),
  ).rejects.toMatchObject({
    message: 'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.',
  })
  const big = 'x'.repeat(600_000)
  await expect(
    put(logs, [
      [now, big],
      [now, big],
    ]),
  ).rejects.toMatchObject({
    message: 'Upload too large: 1200052 bytes exceeds limit of 1048576',
  })
  expect((await logs.send(new GetLogEventsCommand(place))).events).toEqual([])
})

test('a live tail gets what is put after it began', async ({ igarape }) => {
  await logsWithStreams(igarape, 's')
  const logs = new CloudWatchLogsClient({ ...igarape.clientSettings, disableHostPrefix: true } as object)
  const identifier = 'arn:aws:logs:us-east-1:000000000000:log-group:/app'
  const { responseStream } = await logs.send(
    new StartLiveTailCommand({ logGroupIdentifiers: [identifier], logEventFilterPattern: 'ERROR' }),
  )
  const now = igarape.clock.now().getTime()

  const seen: string[] = []
  for await (const event of responseStream ?? []) {
    if (event.sessionStart)
      await put(logs, [
        [now, 'INFO'],
        [now, 'ERROR now'],
      ])
    for (const result of event.sessionUpdate?.sessionResults ?? []) seen.push(String(result.message))
    if (seen.length > 0) break
  }
  logs.destroy()
  expect(seen).toEqual(['ERROR now'])
})

test('a live tail names streams by names or by prefixes, and of one group only', async ({ igarape }) => {
  await logsWithStreams(igarape, 's')
  const logs = new CloudWatchLogsClient({ ...igarape.clientSettings, disableHostPrefix: true } as object)
  const group = 'arn:aws:logs:us-east-1:000000000000:log-group:/app'
  const refused = [
    { logGroupIdentifiers: [group], logStreamNames: ['s'], logStreamNamePrefixes: ['s'] },
    { logGroupIdentifiers: [group, group], logStreamNames: ['s'] },
  ]

  for (const input of refused) {
    await expect(logs.send(new StartLiveTailCommand(input))).rejects.toThrow(InvalidParameterException)
  }
  logs.destroy()
})
