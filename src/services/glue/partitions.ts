/** Partitions of a table: the values of its partition keys, and where their files lie. */
import type { PartitionError, PartitionInput, Partition as PartitionOutput } from '@aws-sdk/client-glue'
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { deleteStatistics } from './columnStatistics.ts'
import { dateOf } from './names.ts'
import { partitionFilter } from './partitionExpressions.ts'
import { foundPartitions } from './partitionSearch.ts'
import { errorsOf, mustGetTable, type Table } from './tables.ts'

const { AlreadyExistsException, EntityNotFoundException, InvalidInputException } = awsErrors('glue')

export interface Partition {
  database: string
  table: string
  values: string[]
  input: PartitionInput
  createdAt: Millis
}

export const partitions = collection<Partition>('glue/partitions', {
  version: 1,
  key: ({ database, table, values }) => [database, table, ...values],
})

const pageMax = 1000

export const partitionOperations = operations('glue', {
  async CreatePartition(input, ctx) {
    await ctx.commit((tx) => {
      const table = mustGetTable(tx, input.DatabaseName, input.TableName)
      createPartition(tx, table, input.PartitionInput as PartitionInput)
    })
    return {}
  },

  async BatchCreatePartition(input, ctx) {
    const Errors = await ctx.commit((tx) => {
      const table = mustGetTable(tx, input.DatabaseName, input.TableName)
      return input.PartitionInputList.flatMap((wanted): PartitionError[] =>
        errorsOf(() => createPartition(tx, table, wanted)).map((ErrorDetail) => ({
          PartitionValues: wanted.Values,
          ErrorDetail,
        })),
      )
    })
    return { ...(Errors.length > 0 && { Errors }) }
  },

  async GetPartition(input, ctx) {
    const table = mustGetTable(ctx, input.DatabaseName, input.TableName)
    return { Partition: partitionOutput(ctx, mustGetPartition(ctx, table, input.PartitionValues)) }
  },

  async BatchGetPartition(input, ctx) {
    const table = mustGetTable(ctx, input.DatabaseName, input.TableName)
    const wanted = input.PartitionsToGet.map(({ Values }) => Values ?? [])
    const found = wanted.map((values) => ctx.in(partitions).get(table.database, table.name, ...values))
    return {
      Partitions: found
        .filter((partition) => partition !== undefined)
        .map((partition) => partitionOutput(ctx, partition)),
      UnprocessedKeys: [],
    }
  },

  async GetPartitions(input, ctx) {
    const table = mustGetTable(ctx, input.DatabaseName, input.TableName)
    const filter = partitionFilter(input.Expression ?? '', table.input.PartitionKeys ?? [])
    const found = foundPartitions(ctx, table, filter, placeOf(input.NextToken))
    const { items, next } = pageAfter(segmentOf(found, input.Segment), input.MaxResults)
    const show = (partition: Partition) => partitionOutput(ctx, partition, input.ExcludeColumnSchema)
    return { Partitions: items.map(show), ...next }
  },

  async UpdatePartition(input, ctx) {
    await ctx.commit((tx) => {
      const table = mustGetTable(tx, input.DatabaseName, input.TableName)
      updatePartition(tx, table, input.PartitionValueList, input.PartitionInput as PartitionInput)
    })
    return {}
  },

  async BatchUpdatePartition(input, ctx) {
    const Errors = await ctx.commit((tx) => {
      const table = mustGetTable(tx, input.DatabaseName, input.TableName)
      return input.Entries.flatMap(({ PartitionValueList = [], PartitionInput = {} }) =>
        errorsOf(() => updatePartition(tx, table, PartitionValueList, PartitionInput)).map((ErrorDetail) => ({
          PartitionValueList,
          ErrorDetail,
        })),
      )
    })
    return { ...(Errors.length > 0 && { Errors }) }
  },

  async DeletePartition(input, ctx) {
    await ctx.commit((tx) => {
      deletePartition(tx, mustGetTable(tx, input.DatabaseName, input.TableName), input.PartitionValues)
    })
    return {}
  },

  async BatchDeletePartition(input, ctx) {
    const Errors = await ctx.commit((tx) => {
      const table = mustGetTable(tx, input.DatabaseName, input.TableName)
      return input.PartitionsToDelete.flatMap(({ Values = [] }): PartitionError[] =>
        errorsOf(() => deletePartition(tx, table, Values)).map((ErrorDetail) => ({
          PartitionValues: Values,
          ErrorDetail,
        })),
      )
    })
    return { ...(Errors.length > 0 && { Errors }) }
  },
})

function createPartition(tx: Tx, table: Table, input: PartitionInput): void {
  const values = input.Values ?? []
  checkCount(table, values)
  if (tx.in(partitions).has(table.database, table.name, ...values))
    throw AlreadyExistsException('Partition already exists.')
  tx.in(partitions).put({ database: table.database, table: table.name, values, input, createdAt: tx.now })
}

function updatePartition(tx: Tx, table: Table, values: string[], input: PartitionInput): void {
  const there = mustGetPartition(tx, table, values)
  const newValues = input.Values ?? values
  checkCount(table, newValues)
  const moved = newValues.join('\0') !== values.join('\0')
  if (moved && tx.in(partitions).has(table.database, table.name, ...newValues))
    throw AlreadyExistsException('Partition already exists.')
  if (moved) tx.in(partitions).delete(table.database, table.name, ...values)
  tx.in(partitions).put({ ...there, values: newValues, input })
}

function deletePartition(tx: Tx, table: Table, values: string[]): void {
  mustGetPartition(tx, table, values)
  tx.in(partitions).delete(table.database, table.name, ...values)
  deleteStatistics(tx, [table.database, table.name, JSON.stringify(values)])
}

function checkCount(table: Table, values: string[]): void {
  const keys = table.input.PartitionKeys?.length ?? 0
  if (values.length !== keys)
    throw InvalidInputException(`The number of partition keys do not match the number of partition values`)
}

/** Errors: EntityNotFoundException. */
export function mustGetPartition(ctx: Pick<Context | Tx, 'in'>, table: Table, values: string[]): Partition {
  const partition = ctx.in(partitions).get(table.database, table.name, ...values)
  if (!partition) throw EntityNotFoundException('Cannot find partition.')
  return partition
}

/** Readers that share the work take each its part, by the values: a page's place does not matter. */
function* segmentOf(
  all: Iterable<Partition>,
  segment: { SegmentNumber: number | undefined; TotalSegments: number | undefined } | undefined,
): Iterable<Partition> {
  const total = segment?.TotalSegments ?? 1
  for (const partition of all)
    if (!segment || hashOf(partition.values.join('\0')) % total === segment.SegmentNumber) yield partition
}

function hashOf(text: string): number {
  let hash = 0
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) >>> 0
  return hash
}

/** A page ends where its last partition lies: the next begins behind it, whatever came or went meanwhile. */
function pageAfter(found: Iterable<Partition>, sizeWanted = pageMax) {
  const size = Math.min(sizeWanted, pageMax)
  const items: Partition[] = []
  for (const partition of found) {
    if (items.length === size) return { items, next: { NextToken: tokenOf(items.at(-1) as Partition) } }
    items.push(partition)
  }
  return { items, next: {} }
}

function tokenOf({ values }: Partition): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url')
}

function placeOf(token: string | undefined): string[] | undefined {
  if (!token) return undefined
  try {
    const values: unknown = JSON.parse(Buffer.from(token, 'base64url').toString())
    if (Array.isArray(values) && values.every((value) => typeof value === 'string')) return values
  } catch {
    // The same answer as for JSON of another shape.
  }
  throw InvalidInputException('Invalid NextToken')
}

function partitionOutput(ctx: Context, partition: Partition, withoutColumns = false): PartitionOutput {
  const { database, table, values, input, createdAt } = partition
  const { Columns: _columns, ...descriptor } = input.StorageDescriptor ?? {}
  return {
    ...input,
    ...(withoutColumns && input.StorageDescriptor && { StorageDescriptor: descriptor }),
    Values: values,
    DatabaseName: database,
    TableName: table,
    CreationTime: dateOf(createdAt),
    CatalogId: ctx.account,
  }
}
