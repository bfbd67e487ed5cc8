/** Statements that change one Iceberg table at once: none undoes another, and who comes too late is told. */
import { AthenaClient, GetQueryExecutionCommand, StartQueryExecutionCommand } from '@aws-sdk/client-athena'
import { GetTableCommand, GlueClient, UpdateTableCommand } from '@aws-sdk/client-glue'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { lakeOf } from './lake.ts'

const timeout = 180_000
const create = `CREATE TABLE t (id int, n int) LOCATION 's3://lago/t/' TBLPROPERTIES ('table_type'='ICEBERG')`

test('a change whose table was moved on under it fails, and leaves nothing', { timeout }, async ({ igarape }) => {
  const lake = await lakeOf(igarape)
  await lake.run(create)
  await lake.run('INSERT INTO t VALUES (1, 0), (2, 0)')
  const before = await lake.keys('t/')

  const update = await startedQuery(igarape, 'UPDATE t SET n = n + 1')
  const reason = await movedOnUntilItEnds(igarape, update)

  expect(reason).toBe('ICEBERG_COMMIT_ERROR: Failed to commit Iceberg update to table: vendas.t')
  expect(await lake.rows('SELECT * FROM t ORDER BY id')).toEqual([
    ['1', '0'],
    ['2', '0'],
  ])
  expect(await lake.keys('t/')).toEqual(before)
})

test('rows that are added at once are all there, and each change counts once or says that it failed', {
  timeout,
}, async ({ igarape }) => {
  const lake = await lakeOf(igarape)
  await lake.run(create)
  await lake.run('INSERT INTO t VALUES (1, 0)')

  const inserts = await Promise.all([2, 3, 4].map((id) => startedQuery(igarape, `INSERT INTO t VALUES (${id}, 0)`)))
  await igarape.settled()
  const updates = await Promise.all([1, 2, 3].map(() => startedQuery(igarape, 'UPDATE t SET n = n + 1')))
  await igarape.settled()

  expect(await Promise.all(inserts.map((id) => reasonOf(igarape, id)))).toEqual([undefined, undefined, undefined])
  const failures = (await Promise.all(updates.map((id) => reasonOf(igarape, id)))).filter((one) => one !== undefined)
  for (const failure of failures) expect(failure).toMatch(/^ICEBERG_COMMIT_ERROR/)
  const counted = String(3 - failures.length)
  expect(await lake.rows('SELECT id, n FROM t ORDER BY id')).toEqual(['1', '2', '3', '4'].map((id) => [id, counted]))
})

async function startedQuery(igarape: Igarape, QueryString: string): Promise<string> {
  const { QueryExecutionId = '' } = await igarape.client(AthenaClient).send(
    new StartQueryExecutionCommand({
      QueryString,
      QueryExecutionContext: { Database: 'vendas' },
      ResultConfiguration: { OutputLocation: 's3://lago/resultados/' },
    }),
  )
  return QueryExecutionId
}

async function statusOf(igarape: Igarape, QueryExecutionId: string) {
  const { QueryExecution } = await igarape.client(AthenaClient).send(new GetQueryExecutionCommand({ QueryExecutionId }))
  return QueryExecution?.Status
}

const reasonOf = async (igarape: Igarape, id: string) => (await statusOf(igarape, id))?.StateChangeReason

/** The Catalog's entry is written anew, as it is, all the while. */
async function movedOnUntilItEnds(igarape: Igarape, id: string): Promise<string | undefined> {
  const glue = igarape.client(GlueClient)
  for (;;) {
    const status = await statusOf(igarape, id)
    if (status?.State === 'SUCCEEDED' || status?.State === 'FAILED') return status.StateChangeReason
    const { Table } = await glue.send(new GetTableCommand({ DatabaseName: 'vendas', Name: 't' }))
    const { Name, TableType, Parameters, StorageDescriptor } = Table ?? {}
    const TableInput = { Name, TableType, Parameters, StorageDescriptor }
    await glue.send(new UpdateTableCommand({ DatabaseName: 'vendas', TableInput: TableInput as { Name: string } }))
  }
}
