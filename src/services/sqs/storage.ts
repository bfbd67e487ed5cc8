/**
 * How messages lie. A message is a record by sequence number. One of a standard queue that was never hidden is found by
 * that alone: it lies behind its queue's `fresh`. Once it is received, or where it comes with a delay, a mark beside it
 * says from when it is visible, in order of that time. So a receive costs the same at any backlog (waiting.ts). FIFO
 * queues mark every message, by sequence number (fifo.ts).
 */
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { collection } from '../../store/collection.ts'
import type { MessageAttribute } from './messageAttributes.ts'
import { queues } from './queues.ts'

export interface Message {
  storage: string
  /** Grows with each message of the queue. */
  sequence: number
  id: string
  body: string
  attributes?: Record<string, MessageAttribute>
  /** `AWSTraceHeader`, kept as it came. */
  traceHeader?: string
  senderId: string
  sentAt: Millis
  visibleAt: Millis
  /** It came with a delay, so that it has a mark though it may lie among the fresh. */
  marked?: true
  receives: number
  firstReceivedAt?: Millis
  /** Of a FIFO queue's message. */
  groupId?: string
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

/** Before version 2 every message had a mark. */
export const depths = collection<Depth>('sqs/depths', {
  version: 2,
  scope: 'global',
  key: (depth) => [depth.storage],
  kept: true,
  migrate: (record) => ({ ...(record as Depth), fresh: (record as Depth).next }),
})

export function emptyDepth(storage: string): Depth {
  return { storage, total: 0, next: 1, fresh: 1 }
}

/** Takes the number of the next message and counts it. */
export function nextSequence(tx: Tx, storage: string): number {
  const depth = tx.in(depths).get(storage) ?? emptyDepth(storage)
  tx.in(depths).put({ ...depth, total: depth.total + 1, next: depth.next + 1 })
  return depth.next
}

/** Writes a new message; its number was taken a moment ago. */
export function placeMessage(tx: Tx, message: Message): void {
  if (message.groupId !== undefined) putMarked(tx, message)
  else if (message.visibleAt <= tx.now) tx.in(messages).put(unmarked(message))
  else {
    putMarked(tx, { ...message, marked: true })
    const depth = tx.in(depths).get(message.storage)
    if (depth?.fresh === message.sequence) passFresh(tx, depth, message.sequence)
  }
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

function isFresh({ sequence, groupId, marked }: Message, depth: Depth | undefined): depth is Depth {
  return groupId === undefined && !marked && depth !== undefined && sequence >= depth.fresh
}

function markOf({ storage, sequence, visibleAt, receives, groupId }: Message, now: Millis): Mark {
  const delayed = receives === 0 && visibleAt > now && { delayed: true }
  if (groupId === undefined) return { storage, at: visibleAt, sequence, ...delayed }
  const hidden = visibleAt > now && { hiddenUntil: visibleAt }
  return { storage, at: 0, sequence, group: groupId, ...hidden, ...delayed }
}

/** The same message with another visibility; `before` is what the store has. Of the fresh, the first goes first. */
export function moveMessage(tx: Tx, before: Message, after: Message): void {
  const depth = tx.in(depths).get(before.storage)
  if (isFresh(before, depth)) passFresh(tx, depth, before.sequence)
  else if (before.groupId === undefined && before.visibleAt !== after.visibleAt)
    tx.in(marks).delete(before.storage, before.visibleAt, before.sequence)
  putMarked(tx, after)
}

export function removeMessage(tx: Tx, message: Message): void {
  const { storage, sequence, groupId, visibleAt } = message
  const depth = tx.in(depths).get(storage)
  tx.in(messages).delete(storage, sequence)
  if (!isFresh(message, depth)) tx.in(marks).delete(storage, groupId === undefined ? visibleAt : 0, sequence)
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

/** Work on what is over: messages past their retention, and whole storages that a purge or a deletion left behind. */
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
  const found = [...tx.in(messages).list({ prefix: [storage], limit: sweptAtOnceMax })]
  for (const message of found) {
    if (message.sentAt > sentBefore) return message.sentAt
    removeMessage(tx, message)
  }
  return tx.in(messages).first({ prefix: [storage] })?.sentAt
}
