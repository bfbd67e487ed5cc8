import {
  AthenaClient,
  BatchGetPreparedStatementCommand,
  CreateNamedQueryCommand,
  CreatePreparedStatementCommand,
  CreateWorkGroupCommand,
  DeletePreparedStatementCommand,
  GetDataCatalogCommand,
  GetPreparedStatementCommand,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  GetQueryRuntimeStatisticsCommand,
  ListEngineVersionsCommand,
  ListNamedQueriesCommand,
  ListQueryExecutionsCommand,
  ListTagsForResourceCommand,
  ListWorkGroupsCommand,
  StartQueryExecutionCommand,
  StartSessionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdatePreparedStatementCommand,
} from '@aws-sdk/client-athena'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { lakeOf } from './lake.ts'

test('executions are listed newest first, in pages', async ({ igarape }) => {
  const lake = await lakeOf(igarape)
  const ids: string[] = []
  for (let i = 0; i < 4; i++) {
    await igarape.clock.advance({ seconds: 1 })
    ids.unshift((await lake.run(`SELECT ${i}`)).id)
  }
  const athena = igarape.client(AthenaClient)

  const first = await athena.send(new ListQueryExecutionsCommand({ MaxResults: 3 }))
  const second = await athena.send(new ListQueryExecutionsCommand({ MaxResults: 3, NextToken: first.NextToken }))

  // The fifth is the CREATE DATABASE.
  expect([...(first.QueryExecutionIds ?? []), ...(second.QueryExecutionIds ?? [])].slice(0, 4)).toEqual(ids)
  expect(second.NextToken).toBeUndefined()
})

test('a result is given again to the same query while it is young enough', async ({ igarape }) => {
  await lakeOf(igarape)
  const athena = igarape.client(AthenaClient)
  const reused = async () => {
    const { QueryExecutionId } = await athena.send(
      new StartQueryExecutionCommand({
        QueryString: 'SELECT 41 + 1 AS n',
        ResultConfiguration: { OutputLocation: 's3://lago/resultados/' },
        ResultReuseConfiguration: { ResultReuseByAgeConfiguration: { Enabled: true, MaxAgeInMinutes: 5 } },
      }),
    )
    await igarape.settled()
    const { QueryExecution } = await athena.send(new GetQueryExecutionCommand({ QueryExecutionId }))
    const { ResultSet } = await athena.send(new GetQueryResultsCommand({ QueryExecutionId }))
    expect(ResultSet?.Rows?.[1]?.Data?.[0]?.VarCharValue).toBe('42')
    return QueryExecution?.Statistics?.ResultReuseInformation?.ReusedPreviousResult
  }

  expect(await reused()).toBe(false)
  expect(await reused()).toBe(true)
  await igarape.clock.advance({ minutes: 6 })
  expect(await reused()).toBe(false)
})

test('an execution tells its kind and where its time went', async ({ igarape }) => {
  const lake = await lakeOf(igarape)
  const athena = igarape.client(AthenaClient)
  const { id } = await lake.run('CREATE TABLE t AS SELECT 1 a')

  const { QueryExecution } = await athena.send(new GetQueryExecutionCommand({ QueryExecutionId: id }))
  const { QueryRuntimeStatistics } = await athena.send(new GetQueryRuntimeStatisticsCommand({ QueryExecutionId: id }))

  expect(QueryExecution).toMatchObject({ StatementType: 'DDL', SubstatementType: 'CREATE_TABLE_AS_SELECT' })
  expect(QueryRuntimeStatistics?.Timeline?.EngineExecutionTimeInMillis).toBeGreaterThan(0)
})

test('a prepared statement is made once, changed, executed and gone', async ({ igarape }) => {
  const lake = await lakeOf(igarape)
  const athena = igarape.client(AthenaClient)
  const name = { WorkGroup: 'primary', StatementName: 'soma' }

  await athena.send(new CreatePreparedStatementCommand({ ...name, QueryStatement: 'SELECT ?' }))
  await expect(
    athena.send(new CreatePreparedStatementCommand({ ...name, QueryStatement: 'SELECT ?' })),
  ).rejects.toThrow('already exists')
  await athena.send(new UpdatePreparedStatementCommand({ ...name, QueryStatement: 'SELECT ? + ?' }))
  expect(await lake.rows('EXECUTE soma USING 1, 2')).toEqual([['3']])
  const batch = await athena.send(
    new BatchGetPreparedStatementCommand({ WorkGroup: 'primary', PreparedStatementNames: ['soma', 'nada'] }),
  )
  await athena.send(new DeletePreparedStatementCommand(name))

  expect(batch.PreparedStatements?.map((one) => one.QueryStatement)).toEqual(['SELECT ? + ?'])
  expect(batch.UnprocessedPreparedStatementNames?.map((one) => one.StatementName)).toEqual(['nada'])
  await expect(athena.send(new GetPreparedStatementCommand(name))).rejects.toThrow('was not found')
})

test('named queries and work groups are listed in pages', async ({ igarape }) => {
  const athena = igarape.client(AthenaClient)
  for (const Name of ['a', 'b', 'c']) {
    await athena.send(new CreateNamedQueryCommand({ Name, Database: 'vendas', QueryString: 'SELECT 1' }))
    await athena.send(new CreateWorkGroupCommand({ Name }))
  }

  const queries = await athena.send(new ListNamedQueriesCommand({ MaxResults: 2 }))
  const groups = await athena.send(new ListWorkGroupsCommand({ MaxResults: 3 }))
  const rest = await athena.send(new ListWorkGroupsCommand({ MaxResults: 3, NextToken: groups.NextToken }))

  expect(queries.NamedQueryIds).toHaveLength(2)
  expect(queries.NextToken).toBeDefined()
  expect([...(groups.WorkGroups ?? []), ...(rest.WorkGroups ?? [])]).toHaveLength(4)
})

test('work groups bear tags', async ({ igarape }) => {
  const athena = igarape.client(AthenaClient)
  await athena.send(new CreateWorkGroupCommand({ Name: 'analistas', Tags: [{ Key: 'time', Value: 'dados' }] }))
  const ResourceARN = 'arn:aws:athena:us-east-1:000000000000:workgroup/analistas'

  await athena.send(new TagResourceCommand({ ResourceARN, Tags: [{ Key: 'custo', Value: '7' }] }))
  await athena.send(new UntagResourceCommand({ ResourceARN, TagKeys: ['time'] }))

  expect((await athena.send(new ListTagsForResourceCommand({ ResourceARN }))).Tags).toEqual([
    { Key: 'custo', Value: '7' },
  ])
})

test('there is one catalog and one engine; Spark sessions are refused by name', async ({ igarape }) => {
  const athena = igarape.client(AthenaClient)

  const { DataCatalog } = await athena.send(new GetDataCatalogCommand({ Name: 'AwsDataCatalog' }))
  const { EngineVersions } = await athena.send(new ListEngineVersionsCommand({}))

  expect(DataCatalog).toMatchObject({ Name: 'AwsDataCatalog', Type: 'GLUE' })
  expect(EngineVersions).toHaveLength(1)
  await expect(
    athena.send(new StartSessionCommand({ WorkGroup: 'primary', EngineConfiguration: { MaxConcurrentDpus: 4 } })),
  ).rejects.toThrow(/StartSession/)
})
