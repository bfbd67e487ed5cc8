/** Queries that need more memory than they may take: they answer all the same, and leave nothing on disk. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AthenaClient, GetQueryResultsCommand, StartQueryExecutionCommand } from '@aws-sdk/client-athena'
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  GetQueryResultsCommand as GetLogsResultsCommand,
  PutLogEventsCommand,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Database } from '../../src/engines/sql/duckdb.ts'
import { SpareDatabase } from '../../src/engines/sql/spareDatabase.ts'
import { SpillFolders } from '../../src/engines/sql/spillFolders.ts'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'

const limits = { memoryBytesMax: 48 * 2 ** 20, threads: 1 }
const large = `SELECT sum(n), count(*) FROM (
  SELECT md5(CAST(x AS VARCHAR)) AS k, count(*) AS n FROM range(1000000) AS t(x) GROUP BY 1)`

let data = ''
let igarape: Igarape

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'spilling-'))
  mkdirSync(join(data, 'spill', '7'), { recursive: true })
  writeFileSync(join(data, 'spill', '7', 'duckdb_temp_block-1.block'), 'of a server that was killed')
  igarape = await startIgarape({ data, options: { sqlMemoryMegabytes: 64, sqlThreads: 1 } })
})
afterAll(async () => {
  await igarape.stop()
  rmSync(data, { recursive: true, force: true })
})

test('a query that may spill is right, and its folder goes with it; one that may not fails', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spill-'))
  const engines = new SpareDatabase(limits, new SpillFolders(folder))
  const database = await engines.open({ folders: [] })
  const connection = await database.connect()
  const unspilled = await Database.open({ folders: [], limits })
  const without = await unspilled.connect()

  expect(await connection.all(large)).toEqual([[1_000_000n, 1_000_000n]])
  await expect(without.all(large)).rejects.toThrow('could not allocate')
  connection.close()
  engines.discard(database)
  await engines.close()
  without.close()
  unspilled.close()
  expect(readdirSync(folder)).toEqual([])
  rmSync(folder, { recursive: true })
})

test('what a killed server left is gone when the next one has started', () => {
  expect(existsSync(join(data, 'spill', '7'))).toBe(false)
})

test('an Athena query larger than its memory answers', async () => {
  await igarape.client(S3Client).send(new CreateBucketCommand({ Bucket: 'lago' }))
  const athena = igarape.client(AthenaClient)
  const { QueryExecutionId } = await athena.send(
    new StartQueryExecutionCommand({
      QueryString: `SELECT count(*), sum(n) FROM (
        SELECT to_hex(md5(to_utf8(CAST(x * 1000 + y AS varchar)))) AS k, count(*) AS n
        FROM UNNEST(sequence(1, 1000)) AS a(x) CROSS JOIN UNNEST(sequence(0, 999)) AS b(y) GROUP BY 1)`,
      ResultConfiguration: { OutputLocation: 's3://lago/r/' },
    }),
  )
  await igarape.settled()

  const { ResultSet } = await athena.send(new GetQueryResultsCommand({ QueryExecutionId }))
  expect(ResultSet?.Rows?.[1]?.Data?.map(({ VarCharValue }) => VarCharValue)).toEqual(['1000000', '1000000'])
})

test('a Logs Insights query larger than its memory answers', async () => {
  const [puts, events] = [100, 1_000]
  const logs = igarape.client(CloudWatchLogsClient)
  const place = { logGroupName: '/large', logStreamName: 's' }
  await logs.send(new CreateLogGroupCommand(place))
  await logs.send(new CreateLogStreamCommand(place))
  const timestamp = igarape.clock.now().getTime() - 60_000
  for (let put = 0; put < puts; put++) {
    const logEvents = Array.from({ length: events }, (_, i) => {
      const n = String(put * events + i).padStart(6, '0')
      return { timestamp, message: `n${n} ${'x'.repeat(950)}` }
    })
    await logs.send(new PutLogEventsCommand({ ...place, logEvents }))
  }
  const now = Math.floor(igarape.clock.now().getTime() / 1_000)
  const queryString = 'fields @message | sort @message desc | limit 2'
  const range = { startTime: now - 3_600, endTime: now }
  const { queryId } = await logs.send(
    new StartQueryCommand({ logGroupName: place.logGroupName, queryString, ...range }),
  )
  await igarape.settled()

  const { status, results = [] } = await logs.send(new GetLogsResultsCommand({ queryId }))
  expect(status).toBe('Complete')
  expect(results.map((row) => row[0]?.value?.slice(0, 7))).toEqual(['n099999', 'n099998'])
})

test('none of them left anything behind', async () => {
  await expect.poll(() => readdirSync(join(data, 'spill'))).toEqual([])
})
