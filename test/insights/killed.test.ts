/** A server that is killed while queries run: after the next start each has a true status, and nothing is left of the runs. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DescribeQueriesCommand,
  GetQueryResultsCommand,
  PutLogEventsCommand,
  StartQueryCommand,
  StopQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { expect, test } from 'vitest'
import { ServerProcess } from '../torture/serverProcess.ts'

const logGroupName = '/app'
const [puts, eventsOfPut] = [40, 1_000]
const slow = 'stats count(*) as c by @message | stats count(*) as kinds, sum(c) as all'
const quick = 'stats count(*) as c'

async function fill(logs: CloudWatchLogsClient): Promise<void> {
  await logs.send(new CreateLogGroupCommand({ logGroupName }))
  await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName: 's' }))
  const timestamp = Date.now() - 60_000
  for (let put = 0; put < puts; put++) {
    const logEvents = Array.from({ length: eventsOfPut }, (_, i) => ({
      timestamp,
      message: `${put * eventsOfPut + i} ${'x'.repeat(900)}`,
    }))
    await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName: 's', logEvents }))
  }
}

async function start(logs: CloudWatchLogsClient, queryString: string): Promise<string> {
  const endTime = Math.floor(Date.now() / 1_000)
  const input = { logGroupName, queryString, startTime: endTime - 3_600, endTime }
  const { queryId } = await logs.send(new StartQueryCommand(input))
  return queryId as string
}

async function until(logs: CloudWatchLogsClient, queryId: string, isReached: (status: string) => boolean) {
  for (;;) {
    const answer = await logs.send(new GetQueryResultsCommand({ queryId }))
    if (isReached(answer.status as string)) return answer
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const isOver = (status: string) => status !== 'Scheduled' && status !== 'Running'
const values = (answer: Awaited<ReturnType<typeof until>>) => answer.results?.[0]?.map(({ value }) => value)

test('queries that a kill cut are run again and answer; one that was stopped stays so', async () => {
  const data = mkdtempSync(join(tmpdir(), 'igarape-insights-'))
  const first = await ServerProcess.start(data, { options: ['--sql-memory-megabytes', '64'] })
  const logs = first.client(CloudWatchLogsClient)
  await fill(logs)
  const stopped = await start(logs, slow)
  await until(logs, stopped, (status) => status === 'Running')
  await logs.send(new StopQueryCommand({ queryId: stopped }))
  const cut = await Promise.all([slow, slow, slow].map((query) => start(logs, query)))
  await until(logs, cut[0] as string, (status) => status === 'Running')
  await first.kill()

  const second = await ServerProcess.start(data, { options: ['--sql-memory-megabytes', '64'] })
  const again = second.client(CloudWatchLogsClient)
  const ended = await Promise.all(cut.map((queryId) => until(again, queryId, isOver)))
  const later = await until(again, await start(again, quick), isOver)
  const { status } = await again.send(new GetQueryResultsCommand({ queryId: stopped }))
  const open = await again.send(new DescribeQueriesCommand({ status: 'Running' }))
  await expect.poll(() => readdirSync(join(data, 'spill'))).toEqual([])
  await second.kill('SIGTERM')
  rmSync(data, { recursive: true, force: true })

  const events = String(puts * eventsOfPut)
  expect(ended.map((answer) => answer.status)).toEqual(['Complete', 'Complete', 'Complete'])
  expect(ended.map(values)).toEqual([1, 2, 3].map(() => [events, events]))
  expect(values(later)).toEqual([events])
  expect(status).toBe('Cancelled')
  expect(open.queries).toEqual([])
})

test('a query that is stopped in its middle ends there, and those after it answer', async () => {
  const data = mkdtempSync(join(tmpdir(), 'igarape-insights-'))
  const server = await ServerProcess.start(data)
  const logs = server.client(CloudWatchLogsClient)
  await fill(logs)

  const queryId = await start(logs, slow)
  const isReading = async () => {
    const { status, statistics } = await logs.send(new GetQueryResultsCommand({ queryId }))
    return isOver(status as string) || (statistics?.recordsScanned ?? 0) > 0
  }
  while (!(await isReading())) await new Promise((resolve) => setImmediate(resolve))
  const { success } = await logs.send(new StopQueryCommand({ queryId }))
  const after = await until(logs, await start(logs, quick), isOver)
  const { status, results } = await logs.send(new GetQueryResultsCommand({ queryId }))
  await expect.poll(() => readdirSync(join(data, 'spill'))).toEqual([])
  await server.kill('SIGTERM')
  rmSync(data, { recursive: true, force: true })

  expect(success).toBe(true)
  expect({ status, results }).toEqual({ status: 'Cancelled', results: [] })
  expect(values(after)).toEqual([String(puts * eventsOfPut)])
})
