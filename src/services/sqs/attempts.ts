/**
 * A receive from a FIFO queue that is tried again under the same ReceiveRequestAttemptId answers with the same messages
 * and receipt handles, for five minutes and as long as none of them was changed. SQS API Reference, "ReceiveMessage".
 */
import type { Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { type Message, messages, moveMessage } from './storage.ts'

interface Attempt {
  storage: string
  id: string
  until: number
  received: { sequence: number; receives: number; visibleAt: number }[]
}

export const attempts = collection<Attempt>('sqs/attempts', {
  version: 1,
  scope: 'global',
  key: ({ storage, id }) => [storage, id],
})

/** The same by time, so that what is over can be forgotten. */
export const attemptsByTime = collection<Omit<Attempt, 'received'>>('sqs/attempts-by-time', {
  version: 1,
  scope: 'global',
  key: ({ storage, until, id }) => [storage, until, id],
})

const windowMillis = 5 * 60_000
const forgottenAtOnceMax = 10

/** What the first try received, hidden anew; undefined where there was none, or a message has changed since. */
export function receivedBefore(
  tx: Tx,
  storage: string,
  { id, hiddenUntil }: { id: string; hiddenUntil: number },
): Message[] | undefined {
  const attempt = tx.in(attempts).get(storage, id)
  if (!attempt || attempt.until <= tx.now) return undefined
  const found = attempt.received.flatMap(({ sequence, receives, visibleAt }) => {
    const message = tx.in(messages).get(storage, sequence)
    const isSame = message?.receives === receives && message.visibleAt === visibleAt && visibleAt > tx.now
    return isSame ? [message] : []
  })
  if (found.length < attempt.received.length) return undefined
  const hidden = found.map((message) => ({ ...message, visibleAt: hiddenUntil }))
  for (const [index, message] of found.entries()) moveMessage(tx, message, hidden[index] as Message)
  rememberAttempt(tx, storage, id, hidden)
  return hidden
}

/** Each one forgets a few that are over, so that the memory stays as long as the window. */
export function rememberAttempt(tx: Tx, storage: string, id: string, received: readonly Message[]): void {
  const range = { prefix: [storage], before: [storage, tx.now], limit: forgottenAtOnceMax }
  for (const over of [...tx.in(attemptsByTime).list(range)]) {
    tx.in(attemptsByTime).delete(storage, over.until, over.id)
    if (tx.in(attempts).get(storage, over.id)?.until === over.until) tx.in(attempts).delete(storage, over.id)
  }
  const until = tx.now + windowMillis
  const kept = received.map(({ sequence, receives, visibleAt }) => ({ sequence, receives, visibleAt }))
  tx.in(attempts).put({ storage, id, until, received: kept })
  tx.in(attemptsByTime).put({ storage, until, id })
}

/** Up to `most` of what a storage remembers; true where nothing is left. */
export function forgetAttempts(tx: Tx, storage: string, most: number): boolean {
  const found = [...tx.in(attempts).list({ prefix: [storage], limit: most })]
  const byTime = [...tx.in(attemptsByTime).list({ prefix: [storage], limit: most })]
  for (const { id } of found) tx.in(attempts).delete(storage, id)
  for (const { until, id } of byTime) tx.in(attemptsByTime).delete(storage, until, id)
  return found.length < most && byTime.length < most
}
