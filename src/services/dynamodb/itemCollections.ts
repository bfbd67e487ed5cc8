/**
 * How large item collections are, in tables with local indexes: the items of one partition key and what those indexes hold of
 * them. Counted by the first write to a collection, from the items that are there, and then kept true in each write's commit.
 */
import type { ItemCollectionMetrics } from '@aws-sdk/client-dynamodb'
import type { Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { placeOf } from './keys.ts'
import { entryOf, indexed, items } from './storage.ts'
import type { Change } from './streamRecords.ts'
import type { Table } from './tables.ts'
import { type Item, itemSize } from './values.ts'

const { ItemCollectionSizeLimitExceededException } = awsErrors('dynamodb')

interface ItemCollection {
  table: string
  partition: string
  bytes: number
}

export const itemCollections = collection<ItemCollection>('dynamodb/item-collections', {
  version: 1,
  key: ({ table, partition }) => [table, partition],
})

const gigabyte = 2 ** 30
const bytesMax = 10 * gigabyte

/** Before the item is written. Errors: ItemCollectionSizeLimitExceededException. */
export function countCollection(tx: Tx, table: Table, { before, after }: Change): void {
  if (!hasLocalIndex(table)) return
  const { partition } = placeOf((after ?? before) as Item, table.keys)
  const counted = bytesOf(tx, table, partition)
  const grown = (after ? heldBytes(after, table) : 0) - (before ? heldBytes(before, table) : 0)
  const bytes = counted + grown
  // The words of the developer guide, "Error messages and codes".
  if (grown > 0 && bytes > bytesMax) throw ItemCollectionSizeLimitExceededException('Collection size exceeded.')
  if (bytes > 0) tx.in(itemCollections).put({ table: table.id, partition, bytes })
  else tx.in(itemCollections).delete(table.id, partition)
}

/** Undefined where the table has no local index, as on AWS. The range is a whole gigabyte, as in AWS's own samples. */
export function collectionMetrics(tx: Tx, table: Table, item: Item): ItemCollectionMetrics | undefined {
  if (!hasLocalIndex(table)) return undefined
  const { name } = table.keys.partition
  const gigabytes = Math.floor(bytesOf(tx, table, placeOf(item, table.keys).partition) / gigabyte)
  return { ItemCollectionKey: { [name]: item[name] } as never, SizeEstimateRangeGB: [gigabytes, gigabytes + 1] }
}

export interface Measured {
  table: Table
  metrics: ItemCollectionMetrics | undefined
}

/** Of several writes, each collection once, by the names of their tables; undefined where there is none. */
export function metricsByTable(all: readonly Measured[]): Record<string, ItemCollectionMetrics[]> | undefined {
  const found: Record<string, Map<string, ItemCollectionMetrics>> = {}
  for (const { table, metrics } of all) {
    if (!metrics) continue
    const ofTable = found[table.name] ?? new Map<string, ItemCollectionMetrics>()
    found[table.name] = ofTable.set(JSON.stringify(metrics.ItemCollectionKey), metrics)
  }
  const entries = Object.entries(found).map(([name, metrics]) => [name, [...metrics.values()]])
  return entries.length > 0 ? Object.fromEntries(entries) : undefined
}

function hasLocalIndex({ indexes }: Table): boolean {
  return indexes.some(({ kind }) => kind === 'local')
}

function bytesOf(tx: Tx, table: Table, partition: string): number {
  const known = tx.in(itemCollections).get(table.id, partition)
  if (known) return known.bytes
  let bytes = 0
  for (const { item } of tx.in(items).list({ prefix: [table.id, partition] })) bytes += heldBytes(item, table)
  return bytes
}

/** The item's own, and those of what local indexes hold of it. */
function heldBytes(item: Item, table: Table): number {
  const local = table.indexes.filter((index) => index.kind === 'local' && entryOf(item, table, index))
  return local.reduce((sum, index) => sum + itemSize(indexed(item, table, index)), itemSize(item))
}
