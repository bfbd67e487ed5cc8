/** Does the copying of tableCopies.ts. Killed at any line, it goes on with the page it was at, or undoes once more. */
import type { Context } from '../../delivery/context.ts'
import { worker } from '../../delivery/due.ts'
import { finishBackup } from './backups.ts'
import { blocksSince, changesOf, withoutLog } from './changeLogs.ts'
import { finishExport } from './exportFiles.ts'
import { finishRestore } from './restores.ts'
import { items } from './storage.ts'
import { type TableCopy, tableCopies } from './tableCopies.ts'
import { tables } from './tables.ts'

const itemsAtOnce = 500

const finishers = { backup: finishBackup, restore: finishRestore, export: finishExport }

export const copyWorker = worker('dynamodb/table-copies', {
  queue: tableCopies,
  concurrency: 2,
  async run(copy, ctx) {
    if (copy.phase === 'copy') return await copyPage(ctx, copy)
    if (copy.undo) await undo(ctx, copy, copy.undo)
    const finish = await finishers[copy.purpose.kind](ctx, copy.purpose.name, copy.to)
    await ctx.commit((tx) => {
      finish(tx)
      tx.due(tableCopies).delete(copy.id)
      const table = copy.ownLogOf === undefined ? undefined : tx.in(tables).get(copy.ownLogOf)
      if (table?.id === copy.from && copy.undo) tx.in(tables).put(withoutLog(tx, table, copy.undo.log))
    })
  },
})

/** Each page is a row of its own: one that is put back for the same moment would look untouched. */
async function copyPage(ctx: Context, copy: TableCopy): Promise<void> {
  await ctx.commit((tx) => {
    const { from, to, after } = copy
    const start = after ? { after: [from, after.partition, after.sort] } : {}
    const page = [...tx.in(items).list({ prefix: [from], limit: itemsAtOnce, ...start })]
    for (const stored of page) tx.in(items).put({ ...stored, table: to })
    const last = page.at(-1)
    tx.due(tableCopies).delete(copy.id)
    const next = { ...copy, id: tx.random.uuid(), dueAt: tx.now }
    if (last) tx.due(tableCopies).put({ ...next, after: { partition: last.partition, sort: last.sort } })
    else tx.due(tableCopies).put({ ...next, phase: 'undo' })
  })
}

async function undo(ctx: Context, { to }: TableCopy, { log, since }: NonNullable<TableCopy['undo']>): Promise<void> {
  for (const block of blocksSince(ctx, log, since)) {
    const changes = await changesOf(ctx, block, since)
    await ctx.commit((tx) => {
      for (const { partition, sort, before } of changes) {
        if (before) tx.in(items).put({ table: to, partition, sort, item: before })
        else tx.in(items).delete(to, partition, sort)
      }
    })
  }
}
