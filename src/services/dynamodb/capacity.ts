/** What a request consumed: a read unit is 4 KB (half of it when eventually consistent), a write unit 1 KB. */
import type { ConsumedCapacity } from '@aws-sdk/client-dynamodb'
import { entryOf, indexed } from './storage.ts'
import type { Table } from './tables.ts'
import { type Item, itemSize } from './values.ts'

export interface Consumed {
  table: number
  indexes: Record<string, number>
}

export function readUnits(bytes: number, isConsistent: boolean | undefined): number {
  return Math.max(1, Math.ceil(bytes / 4096)) * (isConsistent ? 1 : 0.5)
}

export function writeUnits(table: Table, before: Item | undefined, after: Item | undefined): Consumed {
  const units = (one: Item | undefined, other: Item | undefined) =>
    Math.max(1, Math.ceil(Math.max(one ? itemSize(one) : 0, other ? itemSize(other) : 0) / 1024))
  const indexes: Record<string, number> = {}
  for (const index of table.indexes) {
    const [from, to] = [before && entryOf(before, table, index), after && entryOf(after, table, index)]
    const [old, next] = [from && before && indexed(before, table, index), to && after && indexed(after, table, index)]
    if (!old && !next) continue
    const isMoved = old && next && (from?.partition !== to?.partition || from?.sort !== to?.sort)
    // An entry that moves is deleted and put; one that does not change costs nothing.
    if (isMoved) indexes[index.name] = units(old, undefined) + units(next, undefined)
    else if (JSON.stringify(old) !== JSON.stringify(next)) indexes[index.name] = units(old, next)
  }
  return { table: units(before, after), indexes }
}

export function consumedCapacity(
  wanted: string | undefined,
  table: Table,
  { table: units, indexes }: Consumed,
): ConsumedCapacity | undefined {
  if (wanted !== 'TOTAL' && wanted !== 'INDEXES') return undefined
  const total = Object.values(indexes).reduce((sum, one) => sum + one, units)
  if (wanted === 'TOTAL') return { TableName: table.name, CapacityUnits: total }
  const of = (kind: string) =>
    Object.fromEntries(
      table.indexes
        .filter((index) => index.kind === kind && indexes[index.name] !== undefined)
        .map(({ name }) => [name, { CapacityUnits: indexes[name] as number }]),
    )
  const [global, local] = [of('global'), of('local')]
  return {
    TableName: table.name,
    CapacityUnits: total,
    Table: { CapacityUnits: units },
    ...(Object.keys(global).length > 0 && { GlobalSecondaryIndexes: global }),
    ...(Object.keys(local).length > 0 && { LocalSecondaryIndexes: local }),
  }
}
