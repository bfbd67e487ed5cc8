/**
 * A receive from a FIFO queue that is tried again under the same ReceiveRequestAttemptId answers with the same messages
 * and receipt handles, for five minutes and as long as none of them was changed. SQS API Reference, "ReceiveMessage".
 */
import type { Tx } from '../../delivery/context.ts'
import { idMemory, recall, remember } from './idMemory.ts'
import { getMessage, type Message, moveMessage } from './storage.ts'

interface Attempt {
  storage: string
  id: string
  until: number
  received: { sequence: number; receives: number; visibleAt: number }[]
}

export const attempts = idMemory<Attempt>('sqs/attempts')

/** What the first try received, hidden anew; undefined where there was none, or a message has changed since. */
export function receivedBefore(
  tx: Tx,
  storage: string,
  { id, hiddenUntil }: { id: string; hiddenUntil: number },
): Message[] | undefined {
  const attempt = recall(tx, attempts, { storage, id })
  if (!attempt) return undefined
  const found = attempt.received.flatMap(({ sequence, receives, visibleAt }) => {
    const message = getMessage(tx, storage, sequence)
    const isSame = message?.receives === receives && message.visibleAt === visibleAt && visibleAt > tx.now
    return isSame ? [message] : []
  })
  if (found.length < attempt.received.length) return undefined
  const hidden = found.map((message) => moveMessage(tx, message, { visibleAt: hiddenUntil }))
  rememberAttempt(tx, storage, id, hidden)
  return hidden
}

export function rememberAttempt(tx: Tx, storage: string, id: string, received: readonly Message[]): void {
  const kept = received.map(({ sequence, receives, visibleAt }) => ({ sequence, receives, visibleAt }))
  remember(tx, attempts, storage, (until) => ({ storage, id, until, received: kept }))
}
