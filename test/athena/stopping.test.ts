/** Queries whose first row is hours away: stopped by their user, or with the server. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AthenaClient,
  GetQueryExecutionCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { expect, test } from 'vitest'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'

const endless = `SELECT count(*) FROM UNNEST(sequence(1, 10000)) a(x), UNNEST(sequence(1, 10000)) b(y),
  UNNEST(sequence(1, 10000)) c(z), UNNEST(sequence(1, 10000)) d(u) WHERE x * y * z * u % 7 = 3`

test('a query that is stopped stops, and holds up nothing', async () => {
  const igarape = await startIgarape({ clock: 'system' })
  const id = await running(igarape)
  await igarape.client(AthenaClient).send(new StopQueryExecutionCommand({ QueryExecutionId: id }))

  await igarape.settled()
  expect(await stateOf(igarape, id)).toBe('CANCELLED')
  await igarape.stop()
})

test('a query that a stopping server cuts is not over: it runs again at the next start', async () => {
  const data = mkdtempSync(join(tmpdir(), 'igarape-stopping-'))
  const first = await startIgarape({ data, clock: 'system' })
  const id = await running(first)
  await first.stop()

  const second = await startIgarape({ data, clock: 'system' })
  expect(await stateOf(second, id)).toBe('RUNNING')
  await second.client(AthenaClient).send(new StopQueryExecutionCommand({ QueryExecutionId: id }))
  await second.settled()
  expect(await stateOf(second, id)).toBe('CANCELLED')
  await second.stop()
  rmSync(data, { recursive: true })
})

async function running(igarape: Igarape): Promise<string> {
  await igarape.client(S3Client).send(new CreateBucketCommand({ Bucket: 'resultados' }))
  const { QueryExecutionId = '' } = await igarape.client(AthenaClient).send(
    new StartQueryExecutionCommand({
      QueryString: endless,
      ResultConfiguration: { OutputLocation: 's3://resultados/' },
    }),
  )
  while ((await stateOf(igarape, QueryExecutionId)) !== 'RUNNING');
  return QueryExecutionId
}

async function stateOf(igarape: Igarape, QueryExecutionId: string): Promise<string | undefined> {
  const { QueryExecution } = await igarape.client(AthenaClient).send(new GetQueryExecutionCommand({ QueryExecutionId }))
  return QueryExecution?.Status?.State
}
