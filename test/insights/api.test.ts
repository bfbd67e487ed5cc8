/** Logs Insights by its API: from StartQuery to its results, errors with their places, stops, limits, seven days. */
import { CloudFormationClient, CreateStackCommand, DeleteStackCommand } from '@aws-sdk/client-cloudformation'
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteQueryDefinitionCommand,
  DescribeQueriesCommand,
  DescribeQueryDefinitionsCommand,
  GetLogGroupFieldsCommand,
  GetLogRecordCommand,
  GetQueryResultsCommand,
  MalformedQueryException,
  PutDataProtectionPolicyCommand,
  PutLogEventsCommand,
  PutQueryDefinitionCommand,
  StartQueryCommand,
  type StartQueryCommandInput,
  StopQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

const hour = 3_600_000
const day = 24 * hour

async function logsWith(igarape: Igarape, groups: Record<string, (string | object)[]>): Promise<CloudWatchLogsClient> {
  const logs = igarape.client(CloudWatchLogsClient)
  const now = igarape.clock.now().getTime()
  for (const [logGroupName, given] of Object.entries(groups)) {
    await logs.send(new CreateLogGroupCommand({ logGroupName }))
    await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName: 's' }))
    const logEvents = given.map((one, i) => ({
      timestamp: now - hour + i * 1_000,
      message: typeof one === 'string' ? one : JSON.stringify(one),
    }))
    if (given.length > 0) await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName: 's', logEvents }))
  }
  return logs
}

function start(igarape: Igarape, queryString: string, input: Partial<StartQueryCommandInput> = {}) {
  const now = Math.floor(igarape.clock.now().getTime() / 1_000)
  const range = { startTime: now - 2 * 3_600, endTime: now }
  return igarape.client(CloudWatchLogsClient).send(new StartQueryCommand({ ...range, queryString, ...input }))
}

async function results(igarape: Igarape, queryString: string, input: Partial<StartQueryCommandInput> = {}) {
  const { queryId } = await start(igarape, queryString, input)
  await igarape.settled()
  const answer = await igarape.client(CloudWatchLogsClient).send(new GetQueryResultsCommand({ queryId }))
  const rows = answer.results?.map((row) => Object.fromEntries(row.map(({ field, value }) => [field, value])))
  return { ...answer, rows: rows ?? [], queryId }
}

const app = [
  { level: 'ERROR', status: 500, user: 'ana' },
  { level: 'INFO', status: 200, user: 'bia' },
  { level: 'ERROR', status: 503, user: 'ana' },
]

test('a query is complete with its rows, their pointers, and what was read for it', async ({ igarape }) => {
  const logs = await logsWith(igarape, { '/app': app })

  const found = await results(igarape, 'fields status, user | filter level = "ERROR" | sort status desc', {
    logGroupName: '/app',
  })

  expect(found.status).toBe('Complete')
  expect(found.queryLanguage).toBe('CWLI')
  expect(found.rows).toEqual([
    { status: '503', user: 'ana', '@ptr': expect.any(String) },
    { status: '500', user: 'ana', '@ptr': expect.any(String) },
  ])
  const bytesScanned = app.reduce((sum, event) => sum + JSON.stringify(event).length, 0)
  expect(found.statistics).toMatchObject({ recordsMatched: 2, recordsScanned: 3, bytesScanned, resultCount: 2 })
  const { logRecord } = await logs.send(new GetLogRecordCommand({ logRecordPointer: found.rows[0]?.['@ptr'] }))
  expect(logRecord).toMatchObject({
    '@message': JSON.stringify(app[2]),
    '@logStream': 's',
    '@log': '000000000000:/app',
    status: '503',
  })
  await expect(logs.send(new GetLogRecordCommand({ logRecordPointer: 'bm9uZQ' }))).rejects.toMatchObject({
    name: 'InvalidParameterException',
  })
})

test('groups are read by names, by ARNs and by a SOURCE with prefixes', async ({ igarape }) => {
  await logsWith(igarape, { '/app/a': [{ n: 1 }], '/app/b': [{ n: 2 }], '/other': [{ n: 4 }] })
  const sum = async (query: string, input: Partial<StartQueryCommandInput>) =>
    (await results(igarape, query, input)).rows[0]?.total
  const arn = (name: string) => `arn:aws:logs:us-east-1:000000000000:log-group:${name}`

  expect(await sum('stats sum(n) as total', { logGroupNames: ['/app/a', '/other'] })).toBe('5')
  expect(await sum('stats sum(n) as total', { logGroupIdentifiers: [arn('/app/b')] })).toBe('2')
  expect(await sum("SOURCE logGroups(namePrefix: ['/app']) | stats sum(n) as total", {})).toBe('3')
  expect(await sum("SOURCE '/app/a' | SOURCE '/other' | stats sum(n) as total", {})).toBe('5')
  expect(await sum("SOURCE logGroups(class: ['INFREQUENT_ACCESS']) | stats sum(n) as total", {})).toBeUndefined()
  expect(await sum("SOURCE '/app/a' START=-60s END=0s | stats count(*) as total", {})).toBe('0')
})

test('only events within the times are read, both ends included', async ({ igarape }) => {
  const logs = await logsWith(igarape, { '/app': [] })
  const second = Math.floor(igarape.clock.now().getTime() / 1_000) - 600
  const logEvents = [-1, 0, 999, 1_000, 1_999, 2_000].map((ms) => ({
    timestamp: second * 1_000 + ms,
    message: String(ms),
  }))
  await logs.send(new PutLogEventsCommand({ logGroupName: '/app', logStreamName: 's', logEvents }))

  const inSeconds = { logGroupName: '/app', startTime: second, endTime: second + 1 }
  const inMillis = { logGroupName: '/app', startTime: second * 1_000 + 999, endTime: second * 1_000 + 1_000 }

  const messages = async (range: Partial<StartQueryCommandInput>) =>
    (await results(igarape, 'fields @message | sort @timestamp', range)).rows.map((row) => row['@message'])
  expect(await messages(inSeconds)).toEqual(['0', '999', '1000', '1999'])
  expect(await messages(inMillis)).toEqual(['999', '1000'])
})

test('a malformed query is told where it is wrong', async ({ igarape }) => {
  await logsWith(igarape, { '/app': app })
  const queryString = 'fields @message | filter level == "ERROR"'

  const error = await start(igarape, queryString, { logGroupName: '/app' }).catch((reason: unknown) => reason)

  expect(error).toBeInstanceOf(MalformedQueryException)
  const { message, queryCompileError } = error as MalformedQueryException
  expect(message).toBe("unexpected symbol found '=' at line 1 and position 32, expected an expression")
  expect(queryCompileError).toEqual({ location: { startCharOffset: 32, endCharOffset: 33 }, message })
})

test('what does not go together or is not there is refused by name', async ({ igarape }) => {
  await logsWith(igarape, { '/app': app })
  const refused = (query: string, input: Partial<StartQueryCommandInput>) =>
    expect(start(igarape, query, input)).rejects

  await refused('fields a', { logGroupName: '/nope' }).toMatchObject({
    name: 'ResourceNotFoundException',
    message: "Log group '/nope' does not exist for account ID '000000000000'",
  })
  await refused('fields a', {}).toMatchObject({ name: 'InvalidParameterException' })
  await refused("SOURCE '/app' | fields a", { logGroupName: '/app' }).toMatchObject({
    name: 'InvalidParameterException',
  })
  await refused('SELECT 1', { logGroupName: '/app', queryLanguage: 'SQL' }).toMatchObject({ name: 'NotImplemented' })
  await refused('fields a | anomaly', { logGroupName: '/app' }).toMatchObject({
    name: 'NotImplemented',
    message: "'anomaly' in Logs Insights is not implemented by Igarapé.",
  })
  const arn = 'arn:aws:logs:us-east-1:111122223333:log-group:/app'
  await refused('fields a', { logGroupIdentifiers: [arn] }).toMatchObject({ name: 'NotImplemented' })
  await refused('fields a', { logGroupName: '/app', startTime: 2, endTime: 1 }).toMatchObject({
    name: 'InvalidParameterException',
  })
})

test('results of many rows come in pages', async ({ igarape }) => {
  const logs = await logsWith(igarape, { '/app': Array.from({ length: 2_500 }, (_, n) => ({ n })) })
  const { queryId } = await results(igarape, 'fields n | sort n | limit 2400', { logGroupName: '/app' })

  const found: (string | undefined)[] = []
  let nextToken: string | undefined
  do {
    const page = await logs.send(new GetQueryResultsCommand({ queryId, maxItems: 1_100, nextToken }))
    found.push(...(page.results ?? []).map((row) => row[0]?.value))
    nextToken = page.nextToken
  } while (nextToken)

  expect(found).toEqual(Array.from({ length: 2_400 }, (_, n) => String(n)))
})

test('queries are listed from the newest on, and gone with their results after seven days', async ({ igarape }) => {
  const logs = await logsWith(igarape, { '/app': app, '/other': app })
  const first = await results(igarape, 'fields level', { logGroupName: '/app' })
  await igarape.clock.advance({ seconds: 1 })
  const second = await results(igarape, 'fields status', { logGroupName: '/other' })

  const all = await logs.send(new DescribeQueriesCommand({ status: 'Complete' }))
  expect(all.queries?.map(({ queryId }) => queryId)).toEqual([second.queryId, first.queryId])
  expect(all.queries?.[0]).toMatchObject({ queryString: 'fields status', logGroupName: '/other', status: 'Complete' })
  const page = await logs.send(new DescribeQueriesCommand({ maxResults: 1 }))
  const rest = await logs.send(new DescribeQueriesCommand({ nextToken: page.nextToken }))
  expect(rest.queries?.map(({ queryId }) => queryId)).toEqual([first.queryId])
  const ofGroup = await logs.send(new DescribeQueriesCommand({ logGroupName: '/app' }))
  expect(ofGroup.queries).toHaveLength(1)

  await igarape.clock.advance({ seconds: (7 * day) / 1_000 + 2 })
  expect((await logs.send(new DescribeQueriesCommand({}))).queries).toEqual([])
  await expect(logs.send(new GetQueryResultsCommand({ queryId: first.queryId }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
})

test('a query that is over cannot be stopped, one that is not ends Cancelled', async ({ igarape }) => {
  const logs = await logsWith(igarape, { '/app': app })
  const over = await results(igarape, 'fields level', { logGroupName: '/app' })

  await expect(logs.send(new StopQueryCommand({ queryId: over.queryId }))).rejects.toMatchObject({
    name: 'InvalidParameterException',
  })
  const started = await Promise.all(
    Array.from({ length: 12 }, () => start(igarape, 'stats count(*) by level', { logGroupName: '/app' })),
  )
  const stopped = await Promise.allSettled(started.map(({ queryId }) => logs.send(new StopQueryCommand({ queryId }))))
  await igarape.settled()

  for (const [i, { queryId }] of started.entries()) {
    const { status } = await logs.send(new GetQueryResultsCommand({ queryId }))
    expect(status).toBe(stopped[i]?.status === 'fulfilled' ? 'Cancelled' : 'Complete')
  }
  expect(stopped.some(({ status }) => status === 'fulfilled')).toBe(true)
})

test('saved queries are kept, changed, found by prefix and deleted', async ({ igarape }) => {
  const logs = igarape.client(CloudWatchLogsClient)
  const put = (input: object) =>
    logs.send(new PutQueryDefinitionCommand({ name: 'errors/all', queryString: 'fields @message', ...input }))

  const { queryDefinitionId } = await put({ logGroupNames: ['/app'] })
  await put({ name: 'other' })
  await put({ queryDefinitionId, queryString: 'stats count(*)' })

  const found = await logs.send(new DescribeQueryDefinitionsCommand({ queryDefinitionNamePrefix: 'errors/' }))
  expect(found.queryDefinitions).toEqual([
    {
      queryLanguage: 'CWLI',
      queryDefinitionId,
      name: 'errors/all',
      queryString: 'stats count(*)',
      lastModified: igarape.clock.now().getTime(),
      logGroupNames: [],
    },
  ])
  expect(await logs.send(new DeleteQueryDefinitionCommand({ queryDefinitionId }))).toMatchObject({ success: true })
  await expect(logs.send(new DeleteQueryDefinitionCommand({ queryDefinitionId }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
})

test('no more than 30 queries are open at a time', async ({ igarape }) => {
  await logsWith(igarape, { '/app': app })

  const started = await Promise.allSettled(
    Array.from({ length: 60 }, () => start(igarape, 'stats count(*)', { logGroupName: '/app' })),
  )
  await igarape.settled()

  const refused = started.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  expect(started.length - refused.length).toBeGreaterThanOrEqual(30)
  for (const reason of refused) {
    expect(reason).toMatchObject({
      name: 'LimitExceededException',
      message: 'Account maximum query concurrency limit of [30] reached.',
    })
  }
  expect((await results(igarape, 'stats count(*)', { logGroupName: '/app' })).status).toBe('Complete')
})

test('what data protection masks is shown to who asks for it', async ({ igarape }) => {
  const logs = igarape.client(CloudWatchLogsClient)
  await logs.send(new CreateLogGroupCommand({ logGroupName: '/app' }))
  const DataIdentifier = ['arn:aws:dataprotection::aws:data-identifier/EmailAddress']
  const Statement = [
    { Sid: 'audit', DataIdentifier, Operation: { Audit: { FindingsDestination: {} } } },
    { Sid: 'mask', DataIdentifier, Operation: { Deidentify: { MaskConfig: {} } } },
  ]
  const policyDocument = JSON.stringify({ Name: 'p', Version: '2021-06-01', Statement })
  await logs.send(new PutDataProtectionPolicyCommand({ logGroupIdentifier: '/app', policyDocument }))
  await logs.send(new CreateLogStreamCommand({ logGroupName: '/app', logStreamName: 's' }))
  const logEvents = [{ timestamp: igarape.clock.now().getTime(), message: '{"to":"ana@example.com"}' }]
  await logs.send(new PutLogEventsCommand({ logGroupName: '/app', logStreamName: 's', logEvents }))

  const masked = await results(igarape, 'fields to', { logGroupName: '/app' })
  const unmasked = await results(igarape, 'fields unmask(to) as to', { logGroupName: '/app' })

  expect(masked.rows[0]?.to).toBe('***************')
  expect(unmasked.rows[0]?.to).toBe('ana@example.com')
  const logRecordPointer = masked.rows[0]?.['@ptr']
  expect((await logs.send(new GetLogRecordCommand({ logRecordPointer }))).logRecord?.to).toBe('***************')
  const whole = await logs.send(new GetLogRecordCommand({ logRecordPointer, unmask: true }))
  expect(whole.logRecord?.to).toBe('ana@example.com')
})

test('a template makes a saved query', async ({ igarape }) => {
  const [stacks, logs] = [igarape.client(CloudFormationClient), igarape.client(CloudWatchLogsClient)]
  const properties = { Name: 'errors', QueryString: 'fields @message', LogGroupNames: ['/app'] }
  const Resources = { Errors: { Type: 'AWS::Logs::QueryDefinition', Properties: properties } }
  const saved = async () => (await logs.send(new DescribeQueryDefinitionsCommand({}))).queryDefinitions

  await stacks.send(new CreateStackCommand({ StackName: 's', TemplateBody: JSON.stringify({ Resources }) }))
  await igarape.settled()
  expect(await saved()).toMatchObject([{ name: 'errors', queryString: 'fields @message', logGroupNames: ['/app'] }])

  await stacks.send(new DeleteStackCommand({ StackName: 's' }))
  await igarape.settled()
  expect(await saved()).toEqual([])
})

test("a group's fields are told with how many of its events have them", async ({ igarape }) => {
  const logs = await logsWith(igarape, { '/app': [...app, 'plain'] })
  const time = Math.floor((igarape.clock.now().getTime() - hour) / 1_000)

  const { logGroupFields } = await logs.send(new GetLogGroupFieldsCommand({ logGroupName: '/app', time }))

  expect(logGroupFields).toContainEqual({ name: '@message', percent: 100 })
  expect(logGroupFields).toContainEqual({ name: 'status', percent: 75 })
})

test('groups of infrequent access are queried, but not for patterns, differences, or what is masked', async ({
  igarape,
}) => {
  const logs = igarape.client(CloudWatchLogsClient)
  const logGroupName = '/rare'
  await logs.send(new CreateLogGroupCommand({ logGroupName, logGroupClass: 'INFREQUENT_ACCESS' }))

  const { rows } = await results(igarape, 'stats count(*) as c', { logGroupName })

  expect(rows).toEqual([{ c: '0' }])
  for (const query of ['pattern @message', 'diff', 'fields unmask(@message)']) {
    await expect(start(igarape, query, { logGroupName })).rejects.toThrow(
      'is not supported for log groups of the class INFREQUENT_ACCESS',
    )
  }
})
