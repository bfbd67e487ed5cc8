/** What takes long about a table is done bit by bit: filling a new index, removing what a deleted table or index held. */
import type { Context } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { entryOf, indexEntries, items } from './storage.ts'
import { type Table, tables } from './tables.ts'

const atOnce = 500

interface TableWork extends Due {
  kind: 'purge' | 'backfill'
  /** The id of the table or of the index. */
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
    else await backfill(work, ctx)
  },
})

async function purge(work: TableWork, ctx: Context): Promise<void> {
  await ctx.commit((tx) => {
    const range = { prefix: [work.holder], limit: atOnce }
    const gone = [...tx.in(items).list(range)]
    for (const { table, partition, sort } of gone) tx.in(items).delete(table, partition, sort)
    const entries = [...tx.in(indexEntries).list(range)]
    for (const { index, partition, sort, of } of entries) tx.in(indexEntries).delete(index, partition, sort, of)
    if (gone.length + entries.length === 0) tx.due(tableWork).delete(work.id)
    else tx.due(tableWork).put({ ...work, dueAt: tx.now })
  })
}

/** Writes that come meanwhile keep the index themselves, so what is read here in the commit is what it must hold. */
async function backfill(work: TableWork, ctx: Context): Promise<void> {
  await ctx.commit((tx) => {
    const table = tx.in(tables).get(work.table as string)
    const index = table?.indexes.find((one) => one.id === work.holder)
    if (!table || !index) {
      tx.due(tableWork).delete(work.id)
      return
    }
    const { after } = work
    const from = after ? { after: [table.id, after.partition, after.sort] } : {}
    const page = [...tx.in(items).list({ prefix: [table.id], limit: atOnce, ...from })]
    for (const { item } of page) {
      const entry = entryOf(item, table, index)
      if (entry) tx.in(indexEntries).put(entry)
    }
    const last = page.at(-1)
    if (last) {
      const { partition, sort } = last
      tx.due(tableWork).put({ ...work, dueAt: tx.now, after: { partition, sort } })
      return
    }
    tx.in(tables).put(activated(table, index.id))
    tx.due(tableWork).delete(work.id)
  })
}

function activated(table: Table, indexId: string): Table {
  const status = 'ACTIVE' as const
  return { ...table, indexes: table.indexes.map((one) => (one.id === indexId ? { ...one, status } : one)) }
}
