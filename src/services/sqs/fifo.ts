/**
 * Which messages of a FIFO queue may be received: in order, and none of a group that has any in flight, until all of
 * those are deleted or visible again. SQS Developer Guide, "FIFO queue delivery logic".
 */
import type { Tx } from '../../delivery/context.ts'
import { getMessage, getStanding, groupLocks, type Mark, type Message, marks } from './storage.ts'

/** AWS looks at the first 120,000 messages to find groups that are free. */
const lookedAtMax = 120_000

export function selectFifo(tx: Tx, storage: string, most: number): Message[] {
  const free = new Map<string, boolean>()
  const selected: Message[] = []
  let looked = 0
  for (const mark of tx.in(marks).list({ prefix: [storage] })) {
    if (selected.length >= most || ++looked > lookedAtMax) break
    const { group, hiddenUntil } = seenIn(tx, mark)
    const isFree = free.get(group) ?? !hasInFlight(tx, storage, group)
    // A delayed message holds its group back too: order comes first.
    free.set(group, isFree && hiddenUntil <= tx.now)
    if (!free.get(group)) continue
    const message = getMessage(tx, storage, mark.sequence)
    if (message) selected.push(message)
  }
  return selected
}

/** Of several received together the first may be visible again while a later one is still worked on. */
function hasInFlight(tx: Tx, storage: string, group: string): boolean {
  const { sequences = [] } = tx.in(groupLocks).get(storage, group) ?? {}
  return sequences.some((sequence) => (tx.in(marks).get(storage, 0, sequence)?.hiddenUntil ?? 0) > tx.now)
}

/** Called with what was just received: groups of which more than one message is in flight are noted. */
export function lockGroups(tx: Tx, storage: string, received: readonly Message[]): void {
  const byGroup = new Map<string, number[]>()
  for (const { groupId = '', sequence } of received) byGroup.set(groupId, [...(byGroup.get(groupId) ?? []), sequence])
  for (const [group, sequences] of byGroup)
    if (sequences.length > 1) tx.in(groupLocks).put({ storage, group, sequences })
}

/** Marks of an older store know neither group nor time: the message does. */
function seenIn(tx: Tx, mark: Mark): { group: string; hiddenUntil: number } {
  if (mark.group !== undefined) return { group: mark.group, hiddenUntil: mark.hiddenUntil ?? 0 }
  const { groupId = '', visibleAt = 0 } = getStanding(tx, mark.storage, mark.sequence) ?? {}
  return { group: groupId, hiddenUntil: visibleAt }
}
