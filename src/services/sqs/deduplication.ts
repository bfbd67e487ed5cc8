/** FIFO queues take a message once: the same deduplication id within five minutes is answered, not queued. */
import type { Millis } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import type { Queue } from './queues.ts'
import type { Message } from './storage.ts'

interface Seen {
  storage: string
  /** The id, after its group where deduplication is by group. */
  id: string
  until: Millis
  message: Message
}

export const seen = collection<Seen>('sqs/seen', {
  version: 1,
  scope: 'global',
  key: ({ storage, id }) => [storage, id],
})

/** The same, by time: so that what is over can be forgotten. */
export const seenByTime = collection<{ storage: string; until: Millis; id: string }>('sqs/seen-by-time', {
  version: 1,
  scope: 'global',
  key: ({ storage, until, id }) => [storage, until, id],
})

const windowMillis = 5 * 60_000
const forgottenAtOnceMax = 10

type Ids = { deduplicationId: string; groupId: string }

export function duplicateOf(tx: Tx, queue: Queue, ids: Ids): Message | undefined {
  const found = tx.in(seen).get(queue.storage, idOf(queue, ids))
  return found && found.until > tx.now ? found.message : undefined
}

/** Each send forgets a few that are over, so that the memory stays as long as the window. */
export function rememberDuplicate(tx: Tx, queue: Queue, message: Message): void {
  const { storage } = queue
  const over = [...tx.in(seenByTime).list({ prefix: [storage], before: [storage, tx.now], limit: forgottenAtOnceMax })]
  for (const entry of over) {
    tx.in(seenByTime).delete(storage, entry.until, entry.id)
    if (tx.in(seen).get(storage, entry.id)?.until === entry.until) tx.in(seen).delete(storage, entry.id)
  }
  const id = idOf(queue, { deduplicationId: message.deduplicationId ?? '', groupId: message.groupId ?? '' })
  const until = tx.now + windowMillis
  tx.in(seen).put({ storage, id, until, message: { ...message, body: '' } })
  tx.in(seenByTime).put({ storage, until, id })
}

/** Up to `most` of what a storage remembers; true where nothing is left. */
export function forgetDuplicates(tx: Tx, storage: string, most: number): boolean {
  const found = [...tx.in(seen).list({ prefix: [storage], limit: most })]
  const byTime = [...tx.in(seenByTime).list({ prefix: [storage], limit: most })]
  for (const { id } of found) tx.in(seen).delete(storage, id)
  for (const { until, id } of byTime) tx.in(seenByTime).delete(storage, until, id)
  return found.length < most && byTime.length < most
}

function idOf(queue: Queue, { deduplicationId, groupId }: Ids): string {
  return queue.settings.deduplicationScope === 'messageGroup' ? `${groupId}\n${deduplicationId}` : deduplicationId
}
