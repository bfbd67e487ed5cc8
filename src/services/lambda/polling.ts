/**
 * When a mapping looks at its source: at once when something arrived, and now and then otherwise. One due row a poller (a
 * queue's mapping is one, a stream's has one a lane); an arrival during a round is remembered, so that the round is
 * followed by another.
 */
import type { Millis } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import { type Due, dueQueue } from '../../delivery/due.ts'
import { collection } from '../../store/collection.ts'

export interface Poller {
  mappingId: string
  /** Of a stream's mapping. */
  lane?: number
}

/** One round of looking. */
export interface Poll extends Due, Poller {
  /** A batching window was waited for already. */
  windowed: boolean
  /** When the batching window ends that is open; so many arrivals more fill its batch before that. */
  window?: { endsAt: Millis; missing: number }
}

/** How a round ended, and when the next one is. */
export interface Round {
  waitMillis: Millis
  windowed: boolean
  /** Of a window that ends early when its batch is full. */
  window?: { endsAt: Millis; missing: number }
  /** Absent where there was nothing to do. */
  result?: string
}

export const polls = dueQueue<Poll>('lambda/polls')

interface PollState extends Poller {
  /** The row that is due next, or runs. */
  rowId: string
  dueAt: Millis
  again: boolean
}

const pollStates = collection<PollState>('lambda/poll-states', { version: 1, key: keyOf })

function keyOf({ mappingId, lane }: Poller): [string] | [string, number] {
  return lane === undefined ? [mappingId] : [mappingId, lane]
}

export function startPolling(tx: Tx, poller: Poller): void {
  const state = tx.in(pollStates).get(...keyOf(poller))
  if (!state) schedule(tx, poller, { dueAt: tx.now, windowed: false })
  else wakePoller(tx, poller, tx.now)
}

export function stopPolling(tx: Tx, mappingId: string): void {
  for (const state of [...tx.in(pollStates).list({ prefix: [mappingId] })]) {
    tx.due(polls).delete(state.rowId)
    tx.in(pollStates).delete(...keyOf(state))
  }
}

/** Something may be received. A window that is being waited for goes on until its batch is full. */
export function wakePoller(tx: Tx, poller: Poller, at: Millis): void {
  const state = tx.in(pollStates).get(...keyOf(poller))
  if (!state) return
  const row = tx.due(polls).get(state.rowId)
  if (row?.windowed && row.dueAt > tx.now) {
    if (row.window) gather(tx, row, row.window)
    return
  }
  if (state.dueAt > at) schedule(tx, poller, { dueAt: at, windowed: false })
  else if (state.dueAt <= tx.now && !state.again) tx.in(pollStates).put({ ...state, again: true })
}

/** When enough have come, the poller looks before the window ends, and opens it again if a filter leaves too few. */
function gather(tx: Tx, row: Poll, { endsAt, missing }: NonNullable<Poll['window']>): void {
  const window = { endsAt, missing: missing - 1 }
  if (window.missing > 0) tx.due(polls).put({ ...row, window })
  else schedule(tx, row, { dueAt: tx.now, windowed: false, window })
}

/** Ends a round; the next one comes at once when something arrived meanwhile. */
export function endPoll(tx: Tx, poll: Poll, next: Pick<Poll, 'dueAt' | 'windowed' | 'window'>): void {
  tx.due(polls).delete(poll.id)
  const state = tx.in(pollStates).get(...keyOf(poll))
  if (state?.rowId !== poll.id) return
  const soon = state.again && !next.windowed
  schedule(tx, poll, soon ? { dueAt: tx.now, windowed: false } : next)
}

/** Each round has an id of its own: a row that is put back for the same moment would look untouched. */
function schedule(
  tx: Tx,
  { mappingId, lane }: Poller,
  { dueAt, windowed, window }: Pick<Poll, 'dueAt' | 'windowed' | 'window'>,
): void {
  const poller = { mappingId, ...(lane !== undefined && { lane }) }
  const before = tx.in(pollStates).get(...keyOf(poller))
  if (before) tx.due(polls).delete(before.rowId)
  const rowId = tx.random.uuid()
  tx.due(polls).put({ ...poller, id: rowId, dueAt, windowed, ...(window && { window }) })
  tx.in(pollStates).put({ ...poller, rowId, dueAt, again: false })
}
