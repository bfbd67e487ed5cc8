/** Events for queries: every event of some groups between two times, in order, small batches and large ones, and by pointer. */
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { expect } from 'vitest'
import {
  eventAt,
  eventsBetween,
  type StoredEvent,
  type TimeWindow,
} from '../../src/services/cloudwatch-logs/eventReading.ts'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

const contextOf = ({ server: { platform } }: Igarape) =>
  platform.context({ account: '000000000000', region: 'us-east-1' })

async function between(igarape: Igarape, groups: string[], window: TimeWindow): Promise<StoredEvent[]> {
  const found: StoredEvent[] = []
  for await (const events of eventsBetween(contextOf(igarape), groups, window)) found.push(...events)
  return found
}

async function put(igarape: Igarape, group: string, stream: string, events: [number, string][]) {
  const logEvents = events.map(([timestamp, message]) => ({ timestamp, message }))
  const place = { logGroupName: group, logStreamName: stream }
  await igarape.client(CloudWatchLogsClient).send(new PutLogEventsCommand({ ...place, logEvents }))
}

test('events come group after group in order of time, from segments and from records, and are found again', async ({
  igarape,
}) => {
  const logs = igarape.client(CloudWatchLogsClient)
  const now = igarape.clock.now().getTime()
  for (const logGroupName of ['a', 'b']) {
    await logs.send(new CreateLogGroupCommand({ logGroupName }))
    for (const logStreamName of ['s', 't']) await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }))
  }
  const large = 'é'.repeat(500)
  const many = Array.from({ length: 500 }, (_, at): [number, string] => [
    now - 9_000 + at * 10,
    `s${at} ${large.slice(at % 50)}`,
  ])
  await put(igarape, 'a', 's', many.slice(250))
  await put(igarape, 'a', 's', many.slice(0, 250))
  await put(igarape, 'a', 't', [[now - 8_995, 'small']])
  await put(igarape, 'b', 's', [[now, 'other']])

  const all = await between(igarape, ['a', 'b'], { from: 0, to: now })
  expect(all.map(({ message }) => message.split(' ')[0])).toEqual([
    's0',
    'small',
    ...many.slice(1).map((_, at) => `s${at + 1}`),
    'other',
  ])
  expect(all[1]).toMatchObject({ group: 'a', stream: 't', timestamp: now - 8_995, ingestionTime: now })
  const some = await between(igarape, ['a'], { from: now - 8_990, to: now - 8_980 })
  expect(some.map(({ message }) => message)).toEqual(many.slice(1, 3).map(([, message]) => message))
  for (const event of [all[1], all[300]]) expect(await eventAt(contextOf(igarape), event?.ptr ?? '')).toEqual(event)
  expect(await eventAt(contextOf(igarape), 'none')).toBeUndefined()

  await logs.send(new DeleteLogStreamCommand({ logGroupName: 'a', logStreamName: 's' }))
  await igarape.settled()
  expect((await between(igarape, ['a'], { from: 0, to: now })).map(({ message }) => message)).toEqual(['small'])
  expect(await eventAt(contextOf(igarape), all[300]?.ptr ?? '')).toBeUndefined()
})
