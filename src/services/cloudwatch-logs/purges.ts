/** The batches of a deleted group or stream go bit by bit, so that the deletion itself is one short commit. */
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { batches, deleteBatch, streamBatches } from './batches.ts'

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
    const { groupId, streamId } = purge
    await ctx.commit((tx) => {
      const found = streamId
        ? [...tx.in(streamBatches).list({ prefix: [streamId], limit: batchesInOneCommit })]
        : [...tx.in(batches).list({ prefix: [groupId], limit: batchesInOneCommit })]
      for (const batch of found) deleteBatch(tx, { lastAt: 0, ingestedAt: 0, ...batch, groupId })
      if (found.length === batchesInOneCommit) tx.due(purges).put({ ...purge, dueAt: tx.now })
      else tx.due(purges).delete(purge.id)
    })
  },
})
