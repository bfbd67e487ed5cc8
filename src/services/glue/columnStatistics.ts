/** Statistics of columns, of a table and of its partitions: put by whoever knows them, or computed by a task run. */
import type { ColumnError, ColumnStatistics } from '@aws-sdk/client-glue'
import type { Context, Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { mustGetPartition } from './partitions.ts'
import { mustGetTable } from './tables.ts'

const { EntityNotFoundException } = awsErrors('glue')

export interface KeptStatistics {
  database: string
  table: string
  /** Empty: the table's own. Else the partition's values as JSON. */
  partition: string
  column: string
  statistics: ColumnStatistics
}

export const columnStatistics = collection<KeptStatistics>('glue/column-statistics', {
  version: 1,
  key: ({ database, table, partition, column }) => [database, table, partition, column],
})

interface Place {
  database: string
  table: string
  partition: string
}

export const columnStatisticsOperations = operations('glue', {
  async UpdateColumnStatisticsForTable(input, ctx) {
    await ctx.commit((tx) => putStatistics(tx, tablePlace(tx, input), input.ColumnStatisticsList))
    return { Errors: [] }
  },

  async GetColumnStatisticsForTable(input, ctx) {
    return found(ctx, tablePlace(ctx, input), input.ColumnNames)
  },

  async DeleteColumnStatisticsForTable(input, ctx) {
    await ctx.commit((tx) => deleteOne(tx, tablePlace(tx, input), input.ColumnName))
    return {}
  },

  async UpdateColumnStatisticsForPartition(input, ctx) {
    await ctx.commit((tx) => putStatistics(tx, partitionPlace(tx, input), input.ColumnStatisticsList))
    return { Errors: [] }
  },

  async GetColumnStatisticsForPartition(input, ctx) {
    return found(ctx, partitionPlace(ctx, input), input.ColumnNames)
  },

  async DeleteColumnStatisticsForPartition(input, ctx) {
    await ctx.commit((tx) => deleteOne(tx, partitionPlace(tx, input), input.ColumnName))
    return {}
  },
})

type Named = { DatabaseName: string; TableName: string }

function tablePlace(ctx: Pick<Context | Tx, 'in'>, { DatabaseName, TableName }: Named): Place {
  const { database, name } = mustGetTable(ctx, DatabaseName, TableName)
  return { database, table: name, partition: '' }
}

function partitionPlace(ctx: Pick<Context | Tx, 'in'>, input: Named & { PartitionValues: string[] }): Place {
  const table = mustGetTable(ctx, input.DatabaseName, input.TableName)
  mustGetPartition(ctx, table, input.PartitionValues)
  return { database: table.database, table: table.name, partition: JSON.stringify(input.PartitionValues) }
}

export function putStatistics(tx: Tx, place: Place, all: readonly ColumnStatistics[]): void {
  for (const statistics of all)
    tx.in(columnStatistics).put({ ...place, column: (statistics.ColumnName ?? '').toLowerCase(), statistics })
}

function found(ctx: Context, { database, table, partition }: Place, names: readonly string[]) {
  const ColumnStatisticsList: ColumnStatistics[] = []
  const Errors: ColumnError[] = []
  for (const ColumnName of names) {
    const kept = ctx.in(columnStatistics).get(database, table, partition, ColumnName.toLowerCase())
    if (kept) ColumnStatisticsList.push(kept.statistics)
    else Errors.push({ ColumnName, Error: { ErrorCode: 'EntityNotFoundException', ErrorMessage: missing(ColumnName) } })
  }
  return { ColumnStatisticsList, Errors }
}

const missing = (column: string) => `Column statistics of ${column} not found.`

function deleteOne(tx: Tx, { database, table, partition }: Place, name: string): void {
  const key = [database, table, partition, name.toLowerCase()] as const
  if (!tx.in(columnStatistics).has(...key)) throw EntityNotFoundException(missing(name))
  tx.in(columnStatistics).delete(...key)
}

export function deleteStatistics(tx: Tx, prefix: readonly string[]): void {
  for (const { database, table, partition, column } of [...tx.in(columnStatistics).list({ prefix })])
    tx.in(columnStatistics).delete(database, table, partition, column)
}
