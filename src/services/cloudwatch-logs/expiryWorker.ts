/** Deletes what a group's retention no longer keeps. */
import { worker } from '../../delivery/due.ts'
import { batches, batchSpanMillis, deleteBatch, type LogBatch } from './batches.ts'
import { type Expiry, expiries, keptSince, planExpiry } from './expiries.ts'
import { groups } from './groups.ts'

const batchesInOneCommit = 200

export const expiryWorker = worker('logs/expiries', {
  queue: expiries,
  async run(expiry: Expiry, ctx) {
    await ctx.commit((tx) => {
      const group = tx.in(groups).get(expiry.group)
      if (group?.id !== expiry.id) return tx.due(expiries).delete(expiry.id)
      const since = keptSince(group, tx.now)
      const found = tx.in(batches).list({ prefix: [group.id], before: [group.id, since], limit: batchesInOneCommit })
      const expired = [...found].filter(({ lastAt }) => lastAt < since)
      for (const batch of expired) deleteBatch(tx, batch)
      tx.in(groups).put({ ...group, storedBytes: Math.max(0, group.storedBytes - bytesOf(expired)) })
      planExpiry(tx, group)
      const planned = tx.due(expiries).get(expiry.id)
      // What overlaps the limit by less than a minute waits until its last event is too old.
      if (planned && planned.dueAt <= tx.now && expired.length === 0) {
        tx.due(expiries).put({ ...planned, dueAt: tx.now + batchSpanMillis })
      }
    })
  },
})

export function bytesOf(found: readonly Pick<LogBatch, 'events'>[]): number {
  const eventBytes = ([, message]: [number, string]) => Buffer.byteLength(message) + 26
  return found.reduce((sum, { events }) => sum + events.reduce((inner, event) => inner + eventBytes(event), 0), 0)
}
