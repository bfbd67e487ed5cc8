/** The Data Catalog seen through Athena: one catalog, AwsDataCatalog, which is glue's. */
import type { Column, TableMetadata } from '@aws-sdk/client-athena'
import type { Table } from '@aws-sdk/client-glue'
import { AwsError, awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'

const { MetadataException, InvalidRequestException } = awsErrors('athena')

export const metadataOperations = operations('athena', {
  async ListDataCatalogs() {
    return { DataCatalogsSummary: [{ CatalogName: 'AwsDataCatalog', Type: 'GLUE' as const }] }
  },

  async GetDataCatalog(input) {
    checkCatalog(input.Name)
    return { DataCatalog: { Name: 'AwsDataCatalog', Type: 'GLUE' as const } }
  },

  async ListDatabases(input, ctx) {
    checkCatalog(input.CatalogName)
    const page = await ctx.call('glue').GetDatabases({ NextToken: input.NextToken, MaxResults: input.MaxResults })
    return {
      DatabaseList: (page.DatabaseList ?? []).map((database) => ({
        Name: database.Name,
        Description: database.Description,
        Parameters: database.Parameters,
      })),
      NextToken: page.NextToken,
    }
  },

  async GetDatabase(input, ctx) {
    checkCatalog(input.CatalogName)
    const { Database } = await found(() => ctx.call('glue').GetDatabase({ Name: input.DatabaseName }))
    return { Database: { Name: Database?.Name, Description: Database?.Description, Parameters: Database?.Parameters } }
  },

  async ListTableMetadata(input, ctx) {
    checkCatalog(input.CatalogName)
    const page = await found(() =>
      ctx.call('glue').GetTables({
        DatabaseName: input.DatabaseName,
        Expression: input.Expression,
        NextToken: input.NextToken,
        MaxResults: input.MaxResults,
      }),
    )
    return { TableMetadataList: (page.TableList ?? []).map(shown), NextToken: page.NextToken }
  },

  async GetTableMetadata(input, ctx) {
    checkCatalog(input.CatalogName)
    const { Table } = await found(() =>
      ctx.call('glue').GetTable({ DatabaseName: input.DatabaseName, Name: input.TableName }),
    )
    return { TableMetadata: shown(Table as Table) }
  },
})

function checkCatalog(name: string): void {
  if (name.toLowerCase() !== 'awsdatacatalog') throw InvalidRequestException(`DataCatalog ${name} was not found`)
}

async function found<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof AwsError && error.code === 'EntityNotFoundException') throw MetadataException(error.message)
    throw error
  }
}

function shown(table: Table): TableMetadata {
  const column = (c: { Name?: string | undefined; Type?: string | undefined; Comment?: string | undefined }) =>
    ({ Name: c.Name, Type: c.Type, Comment: c.Comment }) as Column
  return {
    Name: table.Name,
    CreateTime: table.CreateTime,
    TableType: table.TableType,
    Columns: (table.StorageDescriptor?.Columns ?? []).map(column),
    PartitionKeys: (table.PartitionKeys ?? []).map(column),
    Parameters: {
      ...table.Parameters,
      ...(table.StorageDescriptor?.Location && { location: table.StorageDescriptor.Location }),
      ...(table.StorageDescriptor?.InputFormat && { inputformat: table.StorageDescriptor.InputFormat }),
      ...(table.StorageDescriptor?.SerdeInfo?.SerializationLibrary && {
        'serde.serialization.lib': table.StorageDescriptor.SerdeInfo.SerializationLibrary,
      }),
    },
  }
}
