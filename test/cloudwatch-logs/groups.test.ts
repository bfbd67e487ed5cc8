/** Log groups and streams: made, described in pages, tagged, kept for a time, deleted. */
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteLogStreamCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  DescribeResourcePoliciesCommand,
  GetLogEventsCommand,
  ListTagsForResourceCommand,
  PutLogEventsCommand,
  PutResourcePolicyCommand,
  PutRetentionPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { expect } from 'vitest'
import { test } from '../fixture.ts'

const arn = 'arn:aws:logs:us-east-1:000000000000:log-group:/app'

test('a group is made once and described as AWS does', async ({ igarape }) => {
  const logs = igarape.client(CloudWatchLogsClient)
  await logs.send(new CreateLogGroupCommand({ logGroupName: '/app', tags: { team: 'data' } }))
  await logs.send(new PutRetentionPolicyCommand({ logGroupName: '/app', retentionInDays: 7 }))

  const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/app' }))
  expect(logGroups).toEqual([
    {
      logGroupName: '/app',
      creationTime: igarape.clock.now().getTime(),
      retentionInDays: 7,
      metricFilterCount: 0,
      arn: `${arn}:*`,
      logGroupArn: arn,
      storedBytes: 0,
      logGroupClass: 'STANDARD',
      deletionProtectionEnabled: false,
    },
  ])
  await expect(logs.send(new CreateLogGroupCommand({ logGroupName: '/app' }))).rejects.toMatchObject({
    name: 'ResourceAlreadyExistsException',
    message: 'The specified log group already exists',
  })
})

test('groups come in pages, by prefix or by a part of the name', async ({ igarape }) => {
  const logs = igarape.client(CloudWatchLogsClient)
  for (const logGroupName of ['/a/1', '/a/2', '/a/3', '/b/Job']) {
    await logs.send(new CreateLogGroupCommand({ logGroupName }))
  }

  const first = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/a', limit: 2 }))
  const { nextToken } = first
  const second = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/a', limit: 2, nextToken }))
  const matching = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePattern: 'job' }))
  const names = [first, second, matching].map((page) => page.logGroups?.map(({ logGroupName }) => logGroupName))
  expect(names).toEqual([['/a/1', '/a/2'], ['/a/3'], ['/b/Job']])
  expect(second.nextToken).toBeUndefined()
})

test('streams are ordered by name or by their last event', async ({ igarape }) => {
  const logs = igarape.client(CloudWatchLogsClient)
  const now = igarape.clock.now().getTime()
  await logs.send(new CreateLogGroupCommand({ logGroupName: '/app' }))
  for (const [logStreamName, timestamp] of [
    ['a', now - 1],
    ['b', now - 3],
    ['c', now - 2],
  ] as const) {
    const place = { logGroupName: '/app', logStreamName }
    await logs.send(new CreateLogStreamCommand(place))
    await logs.send(new PutLogEventsCommand({ ...place, logEvents: [{ timestamp, message: 'x' }] }))
  }

  const order = async (input: object) => {
    const { logStreams } = await logs.send(new DescribeLogStreamsCommand({ logGroupName: '/app', ...input }))
    return logStreams?.map(({ logStreamName }) => logStreamName)
  }
  expect(await order({})).toEqual(['a', 'b', 'c'])
  expect(await order({ orderBy: 'LastEventTime' })).toEqual(['b', 'c', 'a'])
  expect(await order({ orderBy: 'LastEventTime', descending: true, limit: 1 })).toEqual(['a'])
  await expect(order({ orderBy: 'LastEventTime', logStreamNamePrefix: 'a' })).rejects.toMatchObject({
    message: 'Cannot order by LastEventTime with a logStreamNamePrefix.',
  })
})

test('a deleted group is gone with its events, and made anew it is empty', async ({ igarape }) => {
  const logs = igarape.client(CloudWatchLogsClient)
  const place = { logGroupName: '/app', logStreamName: 's' }
  const logEvents = [{ timestamp: igarape.clock.now().getTime(), message: 'old' }]
  for (let round = 0; round < 2; round++) {
    await logs.send(new CreateLogGroupCommand({ logGroupName: '/app' }))
    await logs.send(new CreateLogStreamCommand(place))
    expect((await logs.send(new GetLogEventsCommand(place))).events).toEqual([])
    await logs.send(new PutLogEventsCommand({ ...place, logEvents }))
    await logs.send(new DeleteLogGroupCommand({ logGroupName: '/app' }))
    await igarape.settled()
  }

  await expect(logs.send(new GetLogEventsCommand(place))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'The specified log group does not exist.',
  })
})

test('a deleted stream takes only its own events', async ({ igarape }) => {
  const logs = igarape.client(CloudWatchLogsClient)
  await logs.send(new CreateLogGroupCommand({ logGroupName: '/app' }))
  const logEvents = [{ timestamp: igarape.clock.now().getTime(), message: 'kept' }]
  for (const logStreamName of ['gone', 'stays']) {
    await logs.send(new CreateLogStreamCommand({ logGroupName: '/app', logStreamName }))
    await logs.send(new PutLogEventsCommand({ logGroupName: '/app', logStreamName, logEvents }))
  }
  await logs.send(new DeleteLogStreamCommand({ logGroupName: '/app', logStreamName: 'gone' }))
  await igarape.settled()

  const kept = await logs.send(new GetLogEventsCommand({ logGroupName: '/app', logStreamName: 'stays' }))
  expect(kept.events?.map(({ message }) => message)).toEqual(['kept'])
  await expect(
    logs.send(new GetLogEventsCommand({ logGroupName: '/app', logStreamName: 'gone' })),
  ).rejects.toMatchObject({ message: 'The specified log stream does not exist.' })
})

test('what is older than the retention is deleted when its time has come', async ({ igarape }) => {
  const logs = igarape.client(CloudWatchLogsClient)
  const place = { logGroupName: '/app', logStreamName: 's' }
  const put = (message: string) =>
    logs.send(new PutLogEventsCommand({ ...place, logEvents: [{ timestamp: igarape.clock.now().getTime(), message }] }))
  const messages = async () => (await logs.send(new GetLogEventsCommand(place))).events?.map(({ message }) => message)
  await logs.send(new CreateLogGroupCommand({ logGroupName: '/app' }))
  await logs.send(new PutRetentionPolicyCommand({ logGroupName: '/app', retentionInDays: 1 }))
  await logs.send(new CreateLogStreamCommand(place))
  await put('first')
  await igarape.clock.advance({ hours: 20 })
  await put('second')

  await igarape.clock.advance({ hours: 5 })
  await igarape.settled()
  expect(await messages()).toEqual(['second'])
  const { logGroups } = await logs.send(new DescribeLogGroupsCommand({}))
  expect(logGroups?.[0]?.storedBytes).toBe('second'.length + 26)

  await logs.send(new DeleteRetentionPolicyCommand({ logGroupName: '/app' }))
  await igarape.clock.advance({ days: 30 })
  expect(await messages()).toEqual(['second'])
})

test('tags and resource policies are kept and given back', async ({ igarape }) => {
  const logs = igarape.client(CloudWatchLogsClient)
  await logs.send(new CreateLogGroupCommand({ logGroupName: '/app', tags: { a: '1' } }))
  await logs.send(new TagResourceCommand({ resourceArn: arn, tags: { b: '2' } }))
  await logs.send(new UntagResourceCommand({ resourceArn: arn, tagKeys: ['a'] }))
  await logs.send(new PutResourcePolicyCommand({ policyName: 'events', policyDocument: '{"Version":"2012-10-17"}' }))

  expect((await logs.send(new ListTagsForResourceCommand({ resourceArn: arn }))).tags).toEqual({ b: '2' })
  const { resourcePolicies } = await logs.send(new DescribeResourcePoliciesCommand({}))
  expect(resourcePolicies).toMatchObject([{ policyName: 'events', policyDocument: '{"Version":"2012-10-17"}' }])
})
