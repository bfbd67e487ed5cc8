/** Retention: events that an archive has kept long enough are forgotten when they are due, and their files with them. */
import type { Tx } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { segmentLogs } from '../../delivery/logs.ts'
import { type Archive, archives } from './archives.ts'

/** One row an archive that forgets at all, by its name. */
export const archiveExpiries = dueQueue<Due>('eventbridge/archive-expiries')
const dayMillis = 86_400_000

/** Called with every change of an archive: what it means for the events that are there is found out at once. */
export function planExpiry(tx: Tx, { name, retentionDays }: Pick<Archive, 'name' | 'retentionDays'>): void {
  if (retentionDays === 0) tx.due(archiveExpiries).delete(name)
  else tx.due(archiveExpiries).put({ id: name, dueAt: tx.now })
}

export const archiveExpiryWorker = worker('eventbridge/archive-expiries', {
  queue: archiveExpiries,
  async run(item, ctx) {
    await ctx.commit((tx) => {
      const archive = tx.in(archives).get(item.id)
      if (!archive || archive.retentionDays === 0) return tx.due(archiveExpiries).delete(item.id)
      const kept = archive.retentionDays * dayMillis
      const oldest = tx.use(segmentLogs).trim(tx, archive.log, tx.now - kept)
      // Nothing that comes from now on is to be forgotten before it was kept that long.
      const next = (oldest ?? tx.now) + kept + 1
      tx.due(archiveExpiries).put({ ...item, dueAt: next === item.dueAt ? next + 1 : next })
    })
  },
})
