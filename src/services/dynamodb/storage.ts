/**
 * How items lie: one record an item, and for each index that it belongs to an entry that says where the item is. Entries are
 * written in the item's own commit, so an index is never behind its table; what it projects is cut from the item when read.
 */
import type { Context, Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { logChange } from './changeLogs.ts'
import { trackExpiry } from './expiries.ts'
import { countCollection } from './itemCollections.ts'
import { attributesOf, checkItemKey, hashOf, keyOf, type Place, placeOf } from './keys.ts'
import { type Change, recordChange } from './streamRecords.ts'
import { countChange } from './tableCounts.ts'
import type { Index, Table } from './tables.ts'
import { type Item, invalid, itemSize, itemSizeMax, typeOf } from './values.ts'

export interface StoredItem extends Place {
  table: string
  item: Item
}

export interface IndexEntry extends Place {
  index: string
  /** Tells apart items of one index key. */
  of: string
  at: Place
}

export const items = collection<StoredItem>('dynamodb/items', {
  version: 1,
  key: ({ table, partition, sort }) => [table, partition, sort],
})

export const indexEntries = collection<IndexEntry>('dynamodb/index-entries', {
  version: 1,
  key: ({ index, partition, sort, of }) => [index, partition, sort, of],
})

type Reader = Pick<Context, 'in'> | Pick<Tx, 'in'>

export function readItem(from: Reader, table: Table, key: Item): Item | undefined {
  const { partition, sort } = placeOf(key, table.keys)
  return from.in(items).get(table.id, partition, sort)?.item
}

/** Puts the item in the place of the one before; `undefined` deletes. All that a write causes is in this commit. */
export function writeItem(tx: Tx, table: Table, change: Change): void {
  const { before, after } = change
  countCollection(tx, table, change)
  const place = placeOf((after ?? before) as Item, table.keys)
  if (after) tx.in(items).put({ table: table.id, ...place, item: after })
  else tx.in(items).delete(table.id, place.partition, place.sort)
  for (const index of table.indexes) {
    const old = before && entryOf(before, table, index)
    const next = after && entryOf(after, table, index)
    if (old && next && old.partition === next.partition && old.sort === next.sort) continue
    if (old) tx.in(indexEntries).delete(old.index, old.partition, old.sort, old.of)
    if (next) tx.in(indexEntries).put(next)
  }
  if (table.stream) recordChange(tx, table, table.stream, change)
  if (table.logs) logChange(tx, table, table.logs, change)
  if (table.timeToLive) trackExpiry(tx, table, table.timeToLive, change)
  countChange(tx, table, change)
}

/** Undefined where the item lacks an attribute of the index's key: it is not in that index. */
export function entryOf(item: Item, table: Table, index: Index): IndexEntry | undefined {
  const isIn = attributesOf(index.keys).every(({ name, type }) => item[name] && typeOf(item[name]) === type)
  if (!isIn) return undefined
  const at = placeOf(item, table.keys)
  return { index: index.id, ...placeOf(item, index.keys), of: hashOf(`${at.partition}\0${at.sort}`), at }
}

export function checkNewItem(item: Item, table: Table, tooBig = 'Item size has exceeded the maximum allowed size') {
  checkItemKey(item, table.keys)
  for (const index of table.indexes) checkIndexKey(item, index)
  if (itemSize(item) > itemSizeMax) throw invalid(tooBig)
}

function checkIndexKey(item: Item, { name: indexName, keys }: Index): void {
  for (const { name, type } of attributesOf(keys)) {
    const value = item[name]
    if (!value) continue
    const actual = typeOf(value)
    if (actual !== type) {
      throw invalid(
        `One or more parameter values were invalid: Type mismatch for Index Key ${name} Expected: ${type} Actual: ${actual} IndexName: ${indexName}`,
      )
    }
    if (value.S !== '' && value.B?.byteLength !== 0) continue
    throw invalid(
      `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty ${value.S === '' ? 'string' : 'binary'} value. IndexName: ${indexName}, IndexKey: ${name}`,
    )
  }
}

/** What an index holds of an item. */
export function indexed(item: Item, table: Table, index: Index): Item {
  if (index.projection.type === 'ALL') return item
  const kept = keyOf(item, table.keys, index.keys)
  for (const name of index.projection.attributes ?? []) if (item[name]) kept[name] = item[name]
  return kept
}
