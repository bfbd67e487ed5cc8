/** What else the Catalog keeps: connections, functions, policies, indexes, versions, statistics; and its search. */
import {
  BatchDeleteConnectionCommand,
  BatchDeleteTableVersionCommand,
  CreateConnectionCommand,
  CreateDatabaseCommand,
  CreatePartitionIndexCommand,
  CreateSecurityConfigurationCommand,
  CreateTableCommand,
  CreateUserDefinedFunctionCommand,
  DeleteDatabaseCommand,
  GetColumnStatisticsForTableCommand,
  GetColumnStatisticsTaskRunCommand,
  GetConnectionCommand,
  GetConnectionsCommand,
  GetDataCatalogEncryptionSettingsCommand,
  GetPartitionIndexesCommand,
  GetResourcePolicyCommand,
  GetSecurityConfigurationsCommand,
  GetTableVersionsCommand,
  GetUserDefinedFunctionsCommand,
  GlueClient,
  PutResourcePolicyCommand,
  SearchTablesCommand,
  StartColumnStatisticsTaskRunCommand,
  TestConnectionCommand,
  UpdateColumnStatisticsForTableCommand,
  UpdateConnectionCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-glue'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { lakeOfFiles } from './lakeOfFiles.ts'

const place = { DatabaseName: 'loja', TableName: 'vendas' }

async function catalog(igarape: Igarape): Promise<GlueClient> {
  const glue = igarape.client(GlueClient)
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'loja' } }))
  const PartitionKeys = ['ano', 'mes'].map((Name) => ({ Name, Type: 'string' }))
  const Columns = [{ Name: 'valor', Type: 'double', Comment: 'em reais' }]
  const TableInput = {
    Name: 'vendas',
    PartitionKeys,
    StorageDescriptor: { Columns },
    Parameters: { classification: 'csv' },
  }
  const PartitionIndexes = [{ IndexName: 'por_ano', Keys: ['ano'] }]
  await glue.send(new CreateTableCommand({ DatabaseName: 'loja', TableInput, PartitionIndexes }))
  return glue
}

test('a connection is kept, changed and shown without its password', async ({ igarape }) => {
  const glue = await catalog(igarape)
  const properties = { JDBC_CONNECTION_URL: 'jdbc:postgresql://banco/loja', USERNAME: 'ana', PASSWORD: 'segredo' }
  const ConnectionInput = { Name: 'banco', ConnectionType: 'JDBC' as const, ConnectionProperties: properties }
  await glue.send(new CreateConnectionCommand({ ConnectionInput }))
  await expect(glue.send(new CreateConnectionCommand({ ConnectionInput }))).rejects.toMatchObject({
    name: 'AlreadyExistsException',
    message: 'Connection already exists.',
  })
  const changed = { ...ConnectionInput, Description: 'o banco', MatchCriteria: ['vendas'] }
  await glue.send(new UpdateConnectionCommand({ Name: 'banco', ConnectionInput: changed }))

  const { Connection } = await glue.send(new GetConnectionCommand({ Name: 'banco', HidePassword: true }))
  const { ConnectionList } = await glue.send(new GetConnectionsCommand({ Filter: { MatchCriteria: ['vendas'] } }))
  expect(Connection?.ConnectionProperties).toEqual({
    JDBC_CONNECTION_URL: properties.JDBC_CONNECTION_URL,
    USERNAME: 'ana',
  })
  expect(ConnectionList).toMatchObject([{ Name: 'banco', Description: 'o banco', ConnectionProperties: properties }])
  const tested = glue.send(new TestConnectionCommand({ ConnectionName: 'banco' }))
  await expect(tested).rejects.toMatchObject({ name: 'InvalidInputException', message: /Failed to test connection/ })
  const deleted = await glue.send(new BatchDeleteConnectionCommand({ ConnectionNameList: ['banco', 'outro'] }))
  expect(deleted).toMatchObject({ Succeeded: ['banco'], Errors: { outro: { ErrorCode: 'EntityNotFoundException' } } })
})

test('functions belong to a database and go with it', async ({ igarape }) => {
  const glue = await catalog(igarape)
  const FunctionInput = { FunctionName: 'Limpar', ClassName: 'br.loja.Limpar', OwnerName: 'ana' }
  await glue.send(new CreateUserDefinedFunctionCommand({ DatabaseName: 'loja', FunctionInput }))
  const functions = async () =>
    (await glue.send(new GetUserDefinedFunctionsCommand({ Pattern: 'lim*' }))).UserDefinedFunctions

  expect(await functions()).toMatchObject([
    { FunctionName: 'limpar', DatabaseName: 'loja', ClassName: 'br.loja.Limpar' },
  ])
  await glue.send(new DeleteDatabaseCommand({ Name: 'loja' }))
  expect(await functions()).toEqual([])
})

test('a resource policy is put under its conditions', async ({ igarape }) => {
  const glue = await catalog(igarape)
  await expect(glue.send(new GetResourcePolicyCommand({}))).rejects.toMatchObject({ message: 'Policy not found' })
  const PolicyInJson = '{"Version":"2012-10-17","Statement":[]}'
  const { PolicyHash } = await glue.send(
    new PutResourcePolicyCommand({ PolicyInJson, PolicyExistsCondition: 'NOT_EXIST' }),
  )
  const again = glue.send(new PutResourcePolicyCommand({ PolicyInJson, PolicyHashCondition: 'other' }))
  await expect(again).rejects.toMatchObject({ name: 'ConditionCheckFailureException' })

  expect(await glue.send(new GetResourcePolicyCommand({}))).toMatchObject({ PolicyInJson, PolicyHash })
})

test('indexes, versions and settings are kept', async ({ igarape }) => {
  const glue = await catalog(igarape)
  const both = { IndexName: 'por_mes', Keys: ['ano', 'mes'] }
  await glue.send(new CreatePartitionIndexCommand({ ...place, PartitionIndex: both }))
  const strange = glue.send(
    new CreatePartitionIndexCommand({ ...place, PartitionIndex: { IndexName: 'x', Keys: ['valor'] } }),
  )
  await expect(strange).rejects.toMatchObject({ name: 'InvalidInputException' })
  const { PartitionIndexDescriptorList } = await glue.send(new GetPartitionIndexesCommand(place))
  expect(PartitionIndexDescriptorList).toMatchObject([
    { IndexName: 'por_ano', IndexStatus: 'ACTIVE', Keys: [{ Name: 'ano', Type: 'string' }] },
    { IndexName: 'por_mes', Keys: [{ Name: 'ano' }, { Name: 'mes' }] },
  ])

  for (const Description of ['um', 'dois'])
    await glue.send(new UpdateTableCommand({ DatabaseName: 'loja', TableInput: { Name: 'vendas', Description } }))
  const removed = await glue.send(new BatchDeleteTableVersionCommand({ ...place, VersionIds: ['0', '7'] }))
  expect(removed.Errors).toMatchObject([{ VersionId: '7', ErrorDetail: { ErrorCode: 'EntityNotFoundException' } }])
  const { TableVersions } = await glue.send(new GetTableVersionsCommand(place))
  expect(TableVersions?.map(({ VersionId }) => VersionId)).toEqual(['2', '1'])

  const EncryptionConfiguration = { S3Encryption: [{ S3EncryptionMode: 'SSE-S3' as const }] }
  await glue.send(new CreateSecurityConfigurationCommand({ Name: 'seguro', EncryptionConfiguration }))
  const { SecurityConfigurations } = await glue.send(new GetSecurityConfigurationsCommand({}))
  expect(SecurityConfigurations).toMatchObject([{ Name: 'seguro', EncryptionConfiguration }])
  const { DataCatalogEncryptionSettings } = await glue.send(new GetDataCatalogEncryptionSettingsCommand({}))
  expect(DataCatalogEncryptionSettings?.EncryptionAtRest).toEqual({ CatalogEncryptionMode: 'DISABLED' })
})

test('tables are searched by text and by property', async ({ igarape }) => {
  const glue = await catalog(igarape)
  await glue.send(new CreateTableCommand({ DatabaseName: 'loja', TableInput: { Name: 'clientes', Owner: 'ana' } }))
  const names = async (search: object) =>
    (await glue.send(new SearchTablesCommand(search))).TableList?.map(({ Name }) => Name)

  expect(await names({ SearchText: 'reais' })).toEqual(['vendas'])
  expect(await names({ SearchText: '"venda"' })).toEqual([])
  expect(await names({ Filters: [{ Key: 'classification', Value: 'csv' }] })).toEqual(['vendas'])
  expect(
    await names({ Filters: [{ Key: 'DatabaseName', Value: 'loja' }], SortCriteria: [{ FieldName: 'Name' }] }),
  ).toEqual(['clientes', 'vendas'])
})

test('statistics are put and given back, and what has none is told', async ({ igarape }) => {
  const glue = await catalog(igarape)
  const DoubleColumnStatisticsData = { NumberOfNulls: 1, NumberOfDistinctValues: 3, MinimumValue: 0.5 }
  const statistics = {
    ColumnName: 'valor',
    ColumnType: 'double',
    AnalyzedTime: new Date('2025-10-20T10:00:00Z'),
    StatisticsData: { Type: 'DOUBLE' as const, DoubleColumnStatisticsData },
  }
  await glue.send(new UpdateColumnStatisticsForTableCommand({ ...place, ColumnStatisticsList: [statistics] }))

  const found = await glue.send(new GetColumnStatisticsForTableCommand({ ...place, ColumnNames: ['valor', 'outra'] }))
  expect(found.ColumnStatisticsList).toEqual([statistics])
  expect(found.Errors).toMatchObject([{ ColumnName: 'outra', Error: { ErrorCode: 'EntityNotFoundException' } }])
})

test('a task run computes the statistics of a table from its files', async ({ igarape }) => {
  const lake = await lakeOfFiles(igarape, {})
  await lake.glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'lago' } }))
  await lake.query(
    "CREATE TABLE itens WITH (format = 'PARQUET', external_location = 's3://lago/itens/') AS SELECT * FROM (VALUES (1, 'ab', DECIMAL '-1.50', DATE '2025-10-20', true, 1.5e0), (2, 'abcd', DECIMAL '300.25', DATE '2025-10-21', false, NULL), (2, NULL, NULL, NULL, true, 2.5e0)) AS t (id, nome, preco, dia, ativo, nota)",
  )
  const itens = { DatabaseName: 'lago', TableName: 'itens' }
  const { ColumnStatisticsTaskRunId } = await lake.glue.send(
    new StartColumnStatisticsTaskRunCommand({ ...itens, Role: 'glue' }),
  )
  await igarape.settled()

  const run = await lake.glue.send(new GetColumnStatisticsTaskRunCommand({ ColumnStatisticsTaskRunId }))
  const ColumnNames = ['id', 'nome', 'preco', 'dia', 'ativo', 'nota']
  const { ColumnStatisticsList = [] } = await lake.glue.send(
    new GetColumnStatisticsForTableCommand({ ...itens, ColumnNames }),
  )
  const data = ColumnStatisticsList.map(({ StatisticsData }) => {
    const { Type: _type, ...rest } = StatisticsData ?? { Type: undefined }
    return Object.values(rest)[0]
  })
  expect(run.ColumnStatisticsTaskRun).toMatchObject({ Status: 'SUCCEEDED', SampleSize: 100 })
  expect(data).toEqual([
    { NumberOfNulls: 0, NumberOfDistinctValues: 2, MinimumValue: 1, MaximumValue: 2 },
    { NumberOfNulls: 1, NumberOfDistinctValues: 2, MaximumLength: 4, AverageLength: 3 },
    {
      NumberOfNulls: 1,
      NumberOfDistinctValues: 2,
      MinimumValue: { UnscaledValue: Uint8Array.from([0xff, 0x6a]), Scale: 2 },
      MaximumValue: { UnscaledValue: Uint8Array.from([0x75, 0x49]), Scale: 2 },
    },
    {
      NumberOfNulls: 1,
      NumberOfDistinctValues: 2,
      MinimumValue: new Date('2025-10-20T00:00:00Z'),
      MaximumValue: new Date('2025-10-21T00:00:00Z'),
    },
    { NumberOfNulls: 0, NumberOfTrues: 2, NumberOfFalses: 1 },
    { NumberOfNulls: 1, NumberOfDistinctValues: 2, MinimumValue: 1.5, MaximumValue: 2.5 },
  ])
})
