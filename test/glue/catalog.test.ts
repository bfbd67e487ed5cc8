/** The Data Catalog through the SDK. */
import {
  BatchCreatePartitionCommand,
  CreateDatabaseCommand,
  CreateTableCommand,
  DeleteDatabaseCommand,
  GetDatabaseCommand,
  GetPartitionsCommand,
  GetTableCommand,
  GetTablesCommand,
  GetTableVersionsCommand,
  GlueClient,
  UpdateTableCommand,
} from '@aws-sdk/client-glue'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

const place = { DatabaseName: 'loja', TableName: 'vendas' }

async function salesTable(igarape: Igarape): Promise<GlueClient> {
  const glue = igarape.client(GlueClient)
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'Loja' } }))
  const TableInput = {
    Name: 'Vendas',
    PartitionKeys: [
      { Name: 'data', Type: 'date' },
      { Name: 'n', Type: 'int' },
    ],
    StorageDescriptor: { Location: 's3://lago/vendas/', Columns: [{ Name: 'valor', Type: 'double' }] },
  }
  await glue.send(new CreateTableCommand({ DatabaseName: 'loja', TableInput }))
  return glue
}

test('databases and tables are lower case, and what is twice or missing is refused', async ({ igarape }) => {
  const glue = await salesTable(igarape)

  const { Table } = await glue.send(new GetTableCommand({ DatabaseName: 'LOJA', Name: 'VENDAS' }))
  expect(Table).toMatchObject({ Name: 'vendas', DatabaseName: 'loja', VersionId: '0', CatalogId: '000000000000' })
  const twice = glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'loja' } }))
  await expect(twice).rejects.toMatchObject({ name: 'AlreadyExistsException', message: 'Database already exists.' })
  const missing = glue.send(new GetTableCommand({ DatabaseName: 'loja', Name: 'none' }))
  await expect(missing).rejects.toMatchObject({ name: 'EntityNotFoundException' })
  await glue.send(new DeleteDatabaseCommand({ Name: 'loja' }))
  await expect(glue.send(new GetDatabaseCommand({ Name: 'loja' }))).rejects.toMatchObject({
    name: 'EntityNotFoundException',
    message: 'Database loja not found.',
  })
})

test('an update keeps the version before it', async ({ igarape }) => {
  const glue = await salesTable(igarape)
  const TableInput = { Name: 'vendas', Parameters: { classification: 'parquet' } }
  await glue.send(new UpdateTableCommand({ DatabaseName: 'loja', TableInput }))

  const { TableVersions } = await glue.send(new GetTableVersionsCommand(place))
  const { TableList } = await glue.send(new GetTablesCommand({ DatabaseName: 'loja', Expression: 'ven*' }))

  expect(TableVersions?.map(({ VersionId }) => VersionId)).toEqual(['1', '0'])
  expect(TableList).toMatchObject([{ VersionId: '1', Parameters: { classification: 'parquet' } }])
})

test('partitions are found by expressions over their keys, compared by type', async ({ igarape }) => {
  const glue = await salesTable(igarape)
  const all = ['9', '10', '100'].map((n) => ({ Values: ['2025-10-20', n] }))
  const PartitionInputList = [...all, { Values: ['2025-11-01', '5'] }]
  await glue.send(new BatchCreatePartitionCommand({ ...place, PartitionInputList }))
  const again = await glue.send(new BatchCreatePartitionCommand({ ...place, PartitionInputList: all.slice(0, 1) }))
  const find = async (Expression: string) => {
    const { Partitions } = await glue.send(new GetPartitionsCommand({ ...place, Expression }))
    return Partitions?.map(({ Values }) => Values?.[1])
  }

  expect(again.Errors).toMatchObject([{ ErrorDetail: { ErrorCode: 'AlreadyExistsException' } }])
  expect(await find('n > 9')).toEqual(['10', '100'])
  expect(await find("data between '2025-10-01' and '2025-10-31' and n in (9, 100)")).toEqual(['100', '9'])
  expect(await find("not (data like '2025-10%') or n = 10")).toEqual(['10', '5'])
  await expect(find('loja = 1')).rejects.toMatchObject({ name: 'InvalidInputException' })
})
