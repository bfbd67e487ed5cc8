/** Copies of a table's items as they were at one moment, made bit by bit: for backups, restored tables and exports. */
import { type Millis, stopwatch } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { type Due, dueQueue } from '../../delivery/due.ts'
import { withLog } from './changeLogs.ts'
import { items, type StoredItem } from './storage.ts'
import { type Table, tables } from './tables.ts'

const pageItems = 500

export interface TableCopy extends Due {
  /** The ids that items are kept under. */
  from: string
  to: string
  /** The log of changes that are undone, and since when. */
  undo?: { log: string; since: Millis }
  /** The log is of this copy alone, and ends with it; the table that writes it. */
  ownLogOf?: string
  /** The item that was copied last. */
  after?: { partition: string; sort: string }
  phase: 'copy' | 'undo'
  purpose: { kind: 'backup' | 'restore' | 'export'; name: string }
}

export const tableCopies = dueQueue<TableCopy>('dynamodb/table-copies')

type Wanted = Pick<TableCopy, 'to' | 'purpose'>

/** Of a table as it is now, while it is written on; answers the table as it is from now on. */
export function copyNow(tx: Tx, table: Table, wanted: Wanted): Table {
  const log = `dynamodb-copy-${tx.random.uuid()}`
  const logged = withLog(table, log)
  tx.in(tables).put(logged)
  const undo = { log, since: Number.NEGATIVE_INFINITY }
  beginCopy(tx, { ...wanted, from: table.id, undo, ownLogOf: table.name })
  return logged
}

export function beginCopy(tx: Tx, copy: Omit<TableCopy, 'id' | 'dueAt' | 'phase'>): void {
  tx.due(tableCopies).put({ ...copy, id: tx.random.uuid(), dueAt: tx.now, phase: 'copy' })
}

/** Whether its items and its logs must stay for now. */
export function isBeingCopied(tx: Tx, table: Table): boolean {
  for (const { item } of tx.in(tableCopies.rows).list()) if (item.from === table.id) return true
  return false
}

/** Read page by page, so that nothing else waits for a large table. */
export async function* pagesOf(ctx: Context, holder: string): AsyncGenerator<StoredItem[]> {
  let after: readonly [string, string, string] | undefined
  for (;;) {
    const page = [...ctx.in(items).list({ prefix: [holder], limit: pageItems, ...(after && { after }) })]
    if (page.length === 0) return
    yield page
    const last = page.at(-1) as StoredItem
    after = [holder, last.partition, last.sort]
    // A turn for those who wait: everything here is read from memory maps, and would never yield by itself.
    await stopwatch.pause(0)
  }
}
