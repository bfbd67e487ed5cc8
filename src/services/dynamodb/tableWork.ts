/** What takes long about a table is done bit by bit: filling a new index, removing what a deleted table or index held. */
import type { Context, Tx } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { expect, expiries, expiryOf } from './expiries.ts'
import { itemCollections } from './itemCollections.ts'
import { entryOf, indexEntries, items } from './storage.ts'
import { type Table, tables } from './tables.ts'
import type { Item } from './values.ts'

const atOnce = 500

interface TableWork extends Due {
  kind: 'purge' | 'backfill' | 'expiries'
  /** The id of the table, of the index or of the time to live. */
  holder: string
  table?: string
  /** The item that was done last. */
  after?: { partition: string; sort: string }
}

export const tableWork = dueQueue<TableWork>('dynamodb/table-work')

export const tableWorker = worker('dynamodb/table-work', {
  queue: tableWork,
  concurrency: 2,
  async run(work, ctx) {
    if (work.kind === 'purge') await purge(work, ctx)
    else await ctx.commit((tx) => (work.kind === 'backfill' ? backfill(work, tx) : trackAll(work, tx)))
  },
})

async function purge(work: TableWork, ctx: Context): Promise<void> {
  await ctx.commit((tx) => {
    const range = { prefix: [work.holder], limit: atOnce }
    const gone = [...tx.in(items).list(range)]
    for (const { table, partition, sort } of gone) tx.in(items).delete(table, partition, sort)
    const entries = [...tx.in(indexEntries).list(range)]
    for (const { index, partition, sort, of } of entries) tx.in(indexEntries).delete(index, partition, sort, of)
    const expired = [...tx.in(expiries).list(range)]
    for (const { holder, seconds, of } of expired) tx.in(expiries).delete(holder, seconds, of)
    const collections = [...tx.in(itemCollections).list(range)]
    for (const { table, partition } of collections) tx.in(itemCollections).delete(table, partition)
    if (gone.length + entries.length + expired.length + collections.length === 0) tx.due(tableWork).delete(work.id)
    else goOn(tx, work)
  })
}

/** Writes that come meanwhile keep the index themselves, so what is read here in the commit is what it must hold. */
function backfill(work: TableWork, tx: Tx): void {
  const table = tx.in(tables).get(work.table as string)
  const index = table?.indexes.find((one) => one.id === work.holder)
  if (!table || !index) {
    tx.due(tableWork).delete(work.id)
    return
  }
  const isDone = eachOfPage(work, tx, table, (item) => {
    const entry = entryOf(item, table, index)
    if (entry) tx.in(indexEntries).put(entry)
  })
  if (isDone) tx.in(tables).put(activated(table, index.id))
}

/** The same for the entries of a time to live. */
function trackAll(work: TableWork, tx: Tx): void {
  const table = tx.in(tables).get(work.table as string)
  const { timeToLive } = table ?? {}
  if (!table || timeToLive?.id !== work.holder) {
    tx.due(tableWork).delete(work.id)
    return
  }
  const isDone = eachOfPage(work, tx, table, (item) => {
    const expiry = expiryOf(item, table, timeToLive)
    if (expiry) expect(tx, table, expiry)
  })
  if (isDone) tx.in(tables).put({ ...table, timeToLive: { ...timeToLive, status: 'ENABLED' } })
}

/** Does it with some items, and puts the work back to go on after them; true where there were none left. */
function eachOfPage(work: TableWork, tx: Tx, table: Table, each: (item: Item) => void): boolean {
  const { after } = work
  const from = after ? { after: [table.id, after.partition, after.sort] } : {}
  const page = [...tx.in(items).list({ prefix: [table.id], limit: atOnce, ...from })]
  for (const { item } of page) each(item)
  const last = page.at(-1)
  if (last) {
    const { partition, sort } = last
    goOn(tx, { ...work, after: { partition, sort } })
  } else tx.due(tableWork).delete(work.id)
  return !last
}

/** Each part is a row of its own: one that is put back for the same moment would look untouched. */
function goOn(tx: Tx, work: TableWork): void {
  tx.due(tableWork).delete(work.id)
  tx.due(tableWork).put({ ...work, id: tx.random.uuid(), dueAt: tx.now })
}

function activated(table: Table, indexId: string): Table {
  const status = 'ACTIVE' as const
  const indexes = table.indexes.map((one) => (one.id === indexId ? { ...one, status } : one))
  const { isBeingMade, ...whole } = table
  // A restored table opens with the last of its indexes.
  const isOpen = !isBeingMade || indexes.every((one) => one.status === 'ACTIVE')
  return isOpen ? { ...whole, indexes } : { ...table, indexes }
}
