/** The batches of a deleted group or stream go bit by bit, so that the deletion itself is one short commit. */
import type { Tx } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { batches, deleteBatch, dropSegments, streamBatches } from './batches.ts'

export interface Purge extends Due {
  groupId: string
  /** Absent: the whole group. */
  streamId?: string
}

export const purges = dueQueue<Purge>('logs/purges')

const batchesInOneCommit = 200

export const purgeWorker = worker('logs/purges', {
  queue: purges,
  async run(purge, ctx) {
    let left = true
    while (left) left = await ctx.commit((tx) => purgeSome(tx, purge))
  },
})

/** Whether some are left. */
function purgeSome(tx: Tx, { id, groupId, streamId }: Purge): boolean {
  const found = streamId
    ? [...tx.in(streamBatches).list({ prefix: [streamId], limit: batchesInOneCommit })]
    : [...tx.in(batches).list({ prefix: [groupId], limit: batchesInOneCommit })]
  for (const batch of found) deleteBatch(tx, { ...batch, groupId })
  if (found.length === batchesInOneCommit) return true
  if (!streamId) dropSegments(tx, groupId)
  tx.due(purges).delete(id)
  return false
}
