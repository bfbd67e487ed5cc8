/** Traces are kept for thirty days after the moment that their id names; then a due row deletes them, some at a time. */
import type { Millis } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { retentionMillis } from './segmentDocuments.ts'
import { keptTraces, segments, traceUpdates } from './segments.ts'

/** One row a region at most. */
export const traceExpiries = dueQueue<Due>('xray/expiries')
const rowId = 'traces'
const expiredAtOnceMax = 100

/** Called with every new trace: only one that is older than all others plans anything. */
export function planExpiry(tx: Tx, at: Millis): void {
  const dueAt = at + retentionMillis + 1
  const planned = tx.due(traceExpiries).get(rowId)
  if (!planned || planned.dueAt > dueAt) tx.due(traceExpiries).put({ id: rowId, dueAt })
}

export const traceExpiryWorker = worker('xray/expiries', {
  queue: traceExpiries,
  async run(_item, ctx) {
    let left = true
    while (left) left = await ctx.commit(expireSome)
  },
})

/** Whether some are left that are due. */
function expireSome(tx: Tx): boolean {
  const before: [Millis] = [tx.now - retentionMillis]
  const expired = [...tx.in(keptTraces).list({ before, limit: expiredAtOnceMax })]
  for (const { at, traceId, updatedAt } of expired) {
    tx.in(keptTraces).delete(at, traceId)
    tx.in(traceUpdates).delete(updatedAt, traceId)
    for (const { id } of [...tx.in(segments).list({ prefix: [traceId] })]) tx.in(segments).delete(traceId, id)
  }
  if (expired.length === expiredAtOnceMax) return true
  const first = tx.in(keptTraces).first()
  tx.due(traceExpiries).delete(rowId)
  if (first) tx.due(traceExpiries).put({ id: rowId, dueAt: first.at + retentionMillis + 1 })
  return false
}
