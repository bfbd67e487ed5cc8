/** Partition indexes of a table: kept and active at once, for the order of the partitions serves what they are for. */
import type { PartitionIndex } from '@aws-sdk/client-glue'
import type { Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { pageOf } from './pages.ts'
import { mustGetTable, type Table } from './tables.ts'

const { AlreadyExistsException, EntityNotFoundException, InvalidInputException, ResourceNumberLimitExceededException } =
  awsErrors('glue')

const indexesMax = 3

export interface KeptIndex {
  database: string
  table: string
  name: string
  keys: string[]
}

export const partitionIndexes = collection<KeptIndex>('glue/partition-indexes', {
  version: 1,
  key: ({ database, table, name }) => [database, table, name],
})

export const partitionIndexOperations = operations('glue', {
  async CreatePartitionIndex(input, ctx) {
    await ctx.commit((tx) => {
      createIndex(tx, mustGetTable(tx, input.DatabaseName, input.TableName), input.PartitionIndex)
    })
    return {}
  },

  async GetPartitionIndexes(input, ctx) {
    const table = mustGetTable(ctx, input.DatabaseName, input.TableName)
    const { items, next } = pageOf(ctx.in(partitionIndexes).list({ prefix: [table.database, table.name] }), input)
    const types = new Map((table.input.PartitionKeys ?? []).map(({ Name, Type }) => [Name, Type]))
    return {
      PartitionIndexDescriptorList: items.map(({ name, keys }) => ({
        IndexName: name,
        Keys: keys.map((key) => ({ Name: key, Type: types.get(key) ?? 'string' })),
        IndexStatus: 'ACTIVE' as const,
      })),
      ...next,
    }
  },

  async DeletePartitionIndex(input, ctx) {
    await ctx.commit((tx) => {
      const { database, name } = mustGetTable(tx, input.DatabaseName, input.TableName)
      if (!tx.in(partitionIndexes).has(database, name, input.IndexName))
        throw EntityNotFoundException(`Index with the given indexName : ${input.IndexName} does not exist`)
      tx.in(partitionIndexes).delete(database, name, input.IndexName)
    })
    return {}
  },
})

/** Errors: AlreadyExistsException, InvalidInputException for keys that are none, ResourceNumberLimitExceededException. */
export function createIndex(tx: Tx, table: Table, { IndexName = '', Keys = [] }: PartitionIndex): void {
  const { database, name } = table
  if (tx.in(partitionIndexes).has(database, name, IndexName))
    throw AlreadyExistsException(`Index with the given indexName : ${IndexName} already exists`)
  const known = (table.input.PartitionKeys ?? []).map((key) => key.Name)
  const stranger = Keys.find((key) => !known.includes(key))
  if (stranger !== undefined || Keys.length === 0)
    throw InvalidInputException(`Keys in the index must be partition keys of the table: ${stranger ?? ''}`)
  if (tx.in(partitionIndexes).count({ prefix: [database, name] }) >= indexesMax)
    throw ResourceNumberLimitExceededException(`A table has at most ${indexesMax} partition indexes.`)
  tx.in(partitionIndexes).put({ database, table: name, name: IndexName, keys: Keys })
}

export function deleteIndexes(tx: Tx, prefix: readonly string[]): void {
  for (const { database, table, name } of [...tx.in(partitionIndexes).list({ prefix })])
    tx.in(partitionIndexes).delete(database, table, name)
}
