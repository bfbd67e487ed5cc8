/**
 * How messages lie. A message is a record by sequence number, written once. One of a standard queue that was never hidden
 * is found by that alone: it lies behind its queue's `fresh`. Once it is received, or where it comes with a delay, a mark
 * beside it says from when it is visible, in order of that time. So a receive costs the same at any backlog (waiting.ts).
 * FIFO queues mark every message, by sequence number (fifo.ts). How often a message was received, and until when it is
 * hidden, is its standing: a record of its own, so that a receive costs the same whatever the body's length.
 */
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { type Collection, collection, type Range, type Records } from '../../store/collection.ts'
import type { MessageAttribute } from './messageAttributes.ts'

/** Of a message that was received: what is true of it by now. */
export interface Standing {
  storage: string
  /** Grows with each message of the queue. */
  sequence: number
  visibleAt: Millis
  receives: number
  firstReceivedAt?: Millis
  /** It came with a delay, so that it has a mark though it may lie among the fresh. */
  marked?: true
  /** Of a FIFO queue's message. */
  groupId?: string
}

/** `standings` has what became of it since it was sent; of stores from before there were any, the message itself. */
export interface Message extends Standing {
  id: string
  body: string
  attributes?: Record<string, MessageAttribute>
  /** `AWSTraceHeader`, kept as it came. */
  traceHeader?: string
  senderId: string
  sentAt: Millis
  /** Of a standard queue's: given back, and otherwise without effect. */
  fairGroupId?: string
  deduplicationId?: string
  /** The queue that gave it up, on a dead-letter queue. */
  deadLetterSourceArn?: string
}

export const messages = collection<Message>('sqs/messages', {
  version: 1,
  scope: 'global',
  key: ({ storage, sequence }) => [storage, sequence],
})

export const standings = collection<Standing>('sqs/standings', {
  version: 1,
  scope: 'global',
  key: ({ storage, sequence }) => [storage, sequence],
})

/** A context or a transaction. */
export interface Reader {
  in<R>(collection: Collection<R>): Records<R>
}

export function getMessage(reader: Reader, storage: string, sequence: number): Message | undefined {
  const message = reader.in(messages).get(storage, sequence)
  return message && asItStands(reader, message)
}

export function* listMessages(reader: Reader, range: Range): Iterable<Message> {
  for (const message of reader.in(messages).list(range)) yield asItStands(reader, message)
}

function asItStands(reader: Reader, message: Message): Message {
  const standing = reader.in(standings).get(message.storage, message.sequence)
  return standing ? { ...message, ...standing } : message
}

/** Without its body, which may be long. */
export function getStanding(reader: Reader, storage: string, sequence: number): Standing | undefined {
  return reader.in(standings).get(storage, sequence) ?? reader.in(messages).get(storage, sequence)
}

/** Standard queues: by the time from which a message is visible. FIFO queues: `at` is 0, so by sequence alone. */
export interface Mark {
  storage: string
  at: Millis
  sequence: number
  /** Never received and hidden: it is delayed, not in flight. */
  delayed?: boolean
  /** FIFO: what a receive has to know of a message that it passes by. */
  group?: string
  hiddenUntil?: Millis
}

export const marks = collection<Mark>('sqs/marks', {
  version: 1,
  scope: 'global',
  key: ({ storage, at, sequence }) => [storage, at, sequence],
})

/** Messages of one FIFO group that were received together, two or more. */
export const groupLocks = collection<{ storage: string; group: string; sequences: number[] }>('sqs/group-locks', {
  version: 1,
  scope: 'global',
  key: ({ storage, group }) => [storage, group],
})

/** How many messages a queue has, and the next one's number. */
export interface Depth {
  storage: string
  total: number
  next: number
  /** Of a standard queue: from this number on, messages have no mark, but those that came with a delay. */
  fresh: number
}

/** Before version 2 every message had a mark, and before version 3 it was written anew by each receive. */
export const depths = collection<Depth>('sqs/depths', {
  version: 3,
  scope: 'global',
  key: (depth) => [depth.storage],
  kept: true,
  migrate: (record, version) =>
    version === 1 ? { ...(record as Depth), fresh: (record as Depth).next } : (record as Depth),
})

export function emptyDepth(storage: string): Depth {
  return { storage, total: 0, next: 1, fresh: 1 }
}

/** Takes new messages into a storage, within one commit: how many there are is written once, by `end`. */
export class Intake {
  readonly #tx: Tx
  readonly #depth: Depth

  constructor(tx: Tx, storage: string) {
    this.#tx = tx
    this.#depth = { ...(tx.in(depths).get(storage) ?? emptyDepth(storage)) }
  }

  /** The number of the next message, which is placed for certain. */
  nextSequence(): number {
    this.#depth.total++
    return this.#depth.next++
  }

  place(message: Message): void {
    const tx = this.#tx
    if (message.groupId !== undefined) putMarked(tx, message)
    else if (message.visibleAt <= tx.now) tx.in(messages).put(unmarked(message))
    else {
      putMarked(tx, { ...message, marked: true })
      if (this.#depth.fresh === message.sequence) this.#depth.fresh++
    }
  }

  end(): void {
    this.#tx.in(depths).put(this.#depth)
  }
}

/** One that lay elsewhere. */
export function addMessage(tx: Tx, message: Omit<Message, 'sequence'>): void {
  const intake = new Intake(tx, message.storage)
  intake.place({ ...message, sequence: intake.nextSequence() })
  intake.end()
}

/** It may come from another queue, where it was delayed. */
function unmarked(message: Message): Message {
  if (!message.marked) return message
  const { marked: _, ...others } = message
  return others
}

function putMarked(tx: Tx, message: Message): void {
  tx.in(messages).put(message)
  tx.in(marks).put(markOf(message, tx.now))
}

/** All up to this number have marks, or are gone. */
export function passFresh(tx: Tx, depth: Depth, sequence: number): void {
  tx.in(depths).put({ ...depth, fresh: sequence + 1 })
}

function isFresh({ sequence, groupId, marked }: Standing, depth: Depth | undefined): depth is Depth {
  return groupId === undefined && !marked && depth !== undefined && sequence >= depth.fresh
}

function markOf({ storage, sequence, visibleAt, receives, groupId }: Standing, now: Millis): Mark {
  const delayed = receives === 0 && visibleAt > now && { delayed: true }
  if (groupId === undefined) return { storage, at: visibleAt, sequence, ...delayed }
  const hidden = visibleAt > now && { hiddenUntil: visibleAt }
  return { storage, at: 0, sequence, group: groupId, ...hidden, ...delayed }
}

/** Gives a message another standing; `before` is what the store has. Of the fresh, the first goes first. */
export function moveMessage<S extends Standing>(tx: Tx, before: S, change: Partial<Standing>): S {
  const depth = tx.in(depths).get(before.storage)
  const after = { ...before, ...change }
  if (isFresh(before, depth)) passFresh(tx, depth, before.sequence)
  else if (before.groupId === undefined && before.visibleAt !== after.visibleAt)
    tx.in(marks).delete(before.storage, before.visibleAt, before.sequence)
  tx.in(standings).put(standingOf(after))
  tx.in(marks).put(markOf(after, tx.now))
  return after
}

function standingOf({ storage, sequence, visibleAt, receives, firstReceivedAt, marked, groupId }: Standing): Standing {
  const always = { storage, sequence, visibleAt, receives }
  return {
    ...always,
    ...(firstReceivedAt !== undefined && { firstReceivedAt }),
    ...(marked && { marked }),
    ...(groupId !== undefined && { groupId }),
  }
}

export function removeMessage(tx: Tx, standing: Standing): void {
  const { storage, sequence, groupId, visibleAt, receives } = standing
  const depth = tx.in(depths).get(storage)
  tx.in(messages).delete(storage, sequence)
  if (receives > 0) tx.in(standings).delete(storage, sequence)
  if (!isFresh(standing, depth)) tx.in(marks).delete(storage, groupId === undefined ? visibleAt : 0, sequence)
  if (groupId !== undefined) unlock(tx, storage, groupId, sequence)
  if (depth) tx.in(depths).put({ ...depth, total: depth.total - 1 })
}

function unlock(tx: Tx, storage: string, group: string, sequence: number): void {
  const lock = tx.in(groupLocks).get(storage, group)
  if (!lock?.sequences.includes(sequence)) return
  const sequences = lock.sequences.filter((one) => one !== sequence)
  if (sequences.length === 0) tx.in(groupLocks).delete(storage, group)
  else tx.in(groupLocks).put({ ...lock, sequences })
}

/** Counted from the total and what is hidden, of which there is never more than the in-flight limit and what is delayed. */
export function counts(
  read: Context['in'],
  storage: string,
  now: Millis,
): { visible: number; inFlight: number; delayed: number } {
  const total = read(depths).get(storage)?.total ?? 0
  const found = { inFlight: 0, delayed: 0 }
  const isFifo = read(marks).first({ prefix: [storage] })?.at === 0
  const range = isFifo ? {} : { from: [storage, now + 1] }
  for (const mark of read(marks).list({ prefix: [storage], ...range })) {
    const hiddenUntil = isFifo ? (mark.hiddenUntil ?? 0) : mark.at
    if (hiddenUntil > now) found[mark.delayed ? 'delayed' : 'inFlight']++
  }
  return { ...found, visible: Math.max(0, total - found.inFlight - found.delayed) }
}
