/** FIFO queues take a message once: the same deduplication id within five minutes is answered, not queued. */
import type { Millis } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import { idMemory, recall, remember } from './idMemory.ts'
import type { Queue } from './queues.ts'
import type { Message } from './storage.ts'

interface Seen {
  storage: string
  /** The id, after its group where deduplication is by group. */
  id: string
  until: Millis
  message: Message
}

export const seen = idMemory<Seen>('sqs/seen')

type Ids = { deduplicationId: string; groupId: string }

export function duplicateOf(tx: Tx, queue: Queue, ids: Ids): Message | undefined {
  return recall(tx, seen, { storage: queue.storage, id: idOf(queue, ids) })?.message
}

export function rememberDuplicate(tx: Tx, queue: Queue, message: Message): void {
  const { storage } = queue
  const id = idOf(queue, { deduplicationId: message.deduplicationId ?? '', groupId: message.groupId ?? '' })
  remember(tx, seen, storage, (until) => ({ storage, id, until, message: { ...message, body: '' } }))
}

function idOf(queue: Queue, { deduplicationId, groupId }: Ids): string {
  return queue.settings.deduplicationScope === 'messageGroup' ? `${groupId}\n${deduplicationId}` : deduplicationId
}
