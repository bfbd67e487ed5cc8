/**
 * Which messages of a FIFO queue may be received: in order, and none of a group that has one in flight, until that one
 * is deleted or visible again. SQS Developer Guide, "FIFO queue delivery logic".
 */
import type { Tx } from '../../delivery/context.ts'
import { type Message, messages } from './storage.ts'

/** AWS looks at the first 120,000 messages to find groups that are free. */
const lookedAtMax = 120_000

export function selectFifo(tx: Tx, storage: string, most: number): Message[] {
  const locked = new Set<string>()
  const selected: Message[] = []
  let looked = 0
  for (const message of tx.in(messages).list({ prefix: [storage] })) {
    if (selected.length >= most || ++looked > lookedAtMax) break
    const group = message.groupId ?? ''
    if (locked.has(group)) continue
    // A delayed message holds its group back too: order comes first.
    if (message.visibleAt > tx.now) locked.add(group)
    else selected.push(message)
  }
  return selected
}
