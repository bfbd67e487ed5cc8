/** Deletes what a group's retention no longer keeps, and gives its disk back. */
import type { Tx } from '../../delivery/context.ts'
import { worker } from '../../delivery/due.ts'
import { batches, batchSpanMillis, deleteBatch, trimSegments } from './batches.ts'
import { type Expiry, expiries, futureMillisMax, keptSince, planExpiry } from './expiries.ts'
import { groups } from './groups.ts'

const batchesInOneCommit = 200

export const expiryWorker = worker('logs/expiries', {
  queue: expiries,
  async run(expiry, ctx) {
    let left = true
    while (left) left = await ctx.commit((tx) => expireSome(tx, expiry))
  },
})

/** Whether some are left. */
function expireSome(tx: Tx, expiry: Expiry): boolean {
  const group = tx.in(groups).get(expiry.group)
  if (group?.id !== expiry.id) {
    tx.due(expiries).delete(expiry.id)
    return false
  }
  const since = keptSince(group, tx.now)
  const found = [...tx.in(batches).list({ prefix: [group.id], before: [group.id, since], limit: batchesInOneCommit })]
  const expired = found.filter(({ lastAt }) => lastAt < since)
  for (const batch of expired) deleteBatch(tx, batch)
  const bytes = expired.reduce((sum, { storedBytes }) => sum + storedBytes, 0)
  tx.in(groups).put({ ...group, storedBytes: Math.max(0, group.storedBytes - bytes) })
  if (found.length === batchesInOneCommit && expired.length > 0) return true
  // What was put earlier than this is older than `since`, however far ahead it was.
  trimSegments(tx, group.id, since - futureMillisMax)
  planExpiry(tx, group)
  // A batch that began before the limit and ends after it waits until its last event is too old.
  const planned = tx.due(expiries).get(expiry.id)
  if (planned && planned.dueAt <= tx.now) tx.due(expiries).put({ ...planned, dueAt: tx.now + batchSpanMillis })
  return false
}
