/** Work on what is over: messages past their retention, and whole storages that a purge or a deletion left behind. */
import type { Millis } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { queues } from './queues.ts'
import { listMessages, messages, removeMessage } from './storage.ts'

interface Sweep extends Due {
  storage: string
  /** Absent: the storage belongs to no queue any more. */
  queue?: string
}

const sweeps = dueQueue<Sweep>('sqs/sweeps')
const sweptAtOnceMax = 2_000
const sweepPauseMillis = 60_000

export function startSweeping(tx: Tx, queue: string, storage: string): void {
  const retention = tx.in(queues).get(queue)?.settings.retentionSeconds ?? 60
  tx.due(sweeps).put({ id: storage, storage, queue, dueAt: tx.now + retention * 1000 })
}

export function sweepLater(tx: Tx, storage: string): void {
  tx.due(sweeps).put({ id: storage, storage, dueAt: tx.now })
}

/** Deletes what is over, a bounded number at once. It only deletes, so running twice is harmless. */
export const sweepWorker = worker('sqs/sweeps', {
  queue: sweeps,
  concurrency: 2,
  async run(sweep, ctx) {
    await ctx.commit((tx) => {
      const queue = sweep.queue === undefined ? undefined : tx.in(queues).get(sweep.queue)
      const isCurrent = queue?.storage === sweep.storage
      const expired = isCurrent ? tx.now - queue.settings.retentionSeconds * 1000 : Number.POSITIVE_INFINITY
      const oldest = deleteExpired(tx, sweep.storage, expired)
      if (!isCurrent) {
        if (oldest === undefined) tx.due(sweeps).delete(sweep.id)
        else tx.due(sweeps).put({ ...sweep, dueAt: tx.now + 1 })
        return
      }
      const retention = queue.settings.retentionSeconds * 1000
      const next = oldest === undefined ? tx.now + retention : Math.max(oldest + retention, tx.now + 1)
      tx.due(sweeps).put({ ...sweep, dueAt: oldest === undefined ? next : Math.max(next, tx.now + sweepPauseMillis) })
    })
  },
})

/** When the oldest message that is left was sent; undefined where none is left. */
function deleteExpired(tx: Tx, storage: string, sentBefore: Millis): Millis | undefined {
  const found = [...listMessages(tx, { prefix: [storage], limit: sweptAtOnceMax })]
  for (const message of found) {
    if (message.sentAt > sentBefore) return message.sentAt
    removeMessage(tx, message)
  }
  return tx.in(messages).first({ prefix: [storage] })?.sentAt
}
