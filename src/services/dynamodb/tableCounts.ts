/**
 * How many items a table and its indexes have, and how large they are. Counted when somebody asks for the first time since the
 * start, some at a time, and then kept true by every write; a table that nobody asks about costs nothing. While it is counted,
 * a write to what was passed already counts, and one to what is still to come will be met.
 */
import type { Tx } from '../../delivery/context.ts'
import { Remembered } from '../../delivery/remembered.ts'
import { singleton } from '../../delivery/singleton.ts'
import type { Scope } from '../../store/collection.ts'
import { encodeKey } from '../../store/keys.ts'
import type { Store } from '../../store/store.ts'
import { type Place, placeOf } from './keys.ts'
import { entryOf, indexed, items, type StoredItem } from './storage.ts'
import type { Change } from './streamRecords.ts'
import type { Table } from './tables.ts'
import { type Item, itemSize } from './values.ts'

export interface Totals {
  items: number
  bytes: number
}

export interface Count {
  table: Totals
  /** By id. */
  indexes: Map<string, Totals>
  /** Up to which key it is counted; absent where all is. */
  position?: string
  whole: Promise<void>
}

const tablesMax = 10_000
/** The event loop waits for so many. */
const countedAtOnce = 500

class TableCounts {
  readonly #store: Store
  readonly #counts: Remembered<Count>

  constructor(store: Store) {
    this.#store = store
    this.#counts = new Remembered(store, tablesMax)
  }

  async of(scope: Scope, table: Table): Promise<Count> {
    for (;;) {
      const known = this.#counts.get(table.id)
      const count = known && table.indexes.every(({ id }) => known.indexes.has(id)) ? known : this.#begin(scope, table)
      await count.whole
      // A store that lost commits, or was emptied, makes it unknown again.
      if (this.#counts.get(table.id) === count) return count
    }
  }

  /** Whether anybody asked. */
  has(table: Table): boolean {
    return this.#counts.get(table.id) !== undefined
  }

  changed(table: Table, { before, after }: Change): void {
    const count = this.#counts.get(table.id)
    if (!count) return
    const place = placeOf((after ?? before) as Item, table.keys)
    if (count.position !== undefined && positionOf(place) > count.position) return
    if (before) add(count, table, before, -1)
    if (after) add(count, table, after, 1)
  }

  #begin(scope: Scope, table: Table): Count {
    const indexes = new Map(table.indexes.map(({ id }) => [id, { items: 0, bytes: 0 }]))
    const count: Count = { table: { items: 0, bytes: 0 }, indexes, position: '', whole: Promise.resolve() }
    this.#counts.set(table.id, count)
    count.whole = this.#count(scope, table, count)
    return count
  }

  async #count(scope: Scope, table: Table, count: Count): Promise<void> {
    let last: StoredItem | undefined
    do {
      const after: [string, string, string] | undefined = last && [table.id, last.partition, last.sort]
      const range = { prefix: [table.id], limit: countedAtOnce, ...(after && { after }) }
      last = undefined
      let met = 0
      for (const stored of this.#store.newest(items, scope).list(range)) {
        add(count, table, stored.item, 1)
        if (++met === countedAtOnce) last = stored
      }
      if (last) {
        count.position = positionOf(last)
        await new Promise((resolve) => setImmediate(resolve))
      }
    } while (last && this.#counts.get(table.id) === count)
    delete count.position
  }
}

export const tableCounts = singleton('table counts', ({ store }) => new TableCounts(store))

/** Called with every write of an item. */
export function countChange(tx: Tx, table: Table, change: Change): void {
  const counts = tx.use(tableCounts)
  if (counts.has(table)) tx.afterApply(() => counts.changed(table, change))
}

function add(count: Count, table: Table, item: Item, sign: 1 | -1): void {
  addTo(count.table, item, sign)
  for (const index of table.indexes) {
    const totals = count.indexes.get(index.id)
    if (totals && entryOf(item, table, index)) addTo(totals, indexed(item, table, index), sign)
  }
}

function addTo(totals: Totals, item: Item, sign: 1 | -1): void {
  totals.items += sign
  totals.bytes += sign * itemSize(item)
}

/** In the order in which items lie. */
function positionOf({ partition, sort }: Place): string {
  return encodeKey([partition, sort])
}
