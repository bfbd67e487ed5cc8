/**
 * When a mapping looks at its queue: at once when something arrived, and now and then otherwise. One due row a mapping;
 * an arrival during a round is remembered, so that the round is followed by another.
 */
import type { Millis } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import { type Due, dueQueue } from '../../delivery/due.ts'
import { collection } from '../../store/collection.ts'

/** One round of looking. */
export interface Poll extends Due {
  mappingId: string
  /** A batching window was waited for already. */
  windowed: boolean
}

export const polls = dueQueue<Poll>('lambda/polls')

interface PollState {
  mappingId: string
  /** The row that is due next, or runs. */
  rowId: string
  dueAt: Millis
  again: boolean
}

const pollStates = collection<PollState>('lambda/poll-states', { version: 1, key: (state) => [state.mappingId] })

export function startPolling(tx: Tx, mappingId: string): void {
  const state = tx.in(pollStates).get(mappingId)
  if (!state) schedule(tx, mappingId, { dueAt: tx.now, windowed: false })
  else wakePoller(tx, mappingId, tx.now)
}

export function stopPolling(tx: Tx, mappingId: string): void {
  const state = tx.in(pollStates).get(mappingId)
  if (!state) return
  tx.due(polls).delete(state.rowId)
  tx.in(pollStates).delete(mappingId)
}

/** Something may be received. A window that is being waited for goes on. */
export function wakePoller(tx: Tx, mappingId: string, at: Millis): void {
  const state = tx.in(pollStates).get(mappingId)
  if (!state) return
  const row = tx.due(polls).get(state.rowId)
  if (row?.windowed) return
  if (state.dueAt > at) schedule(tx, mappingId, { dueAt: at, windowed: false })
  else if (state.dueAt <= tx.now && !state.again) tx.in(pollStates).put({ ...state, again: true })
}

/** Ends a round; the next one comes at once when something arrived meanwhile. */
export function endPoll(tx: Tx, poll: Poll, next: { dueAt: Millis; windowed: boolean }): void {
  tx.due(polls).delete(poll.id)
  const state = tx.in(pollStates).get(poll.mappingId)
  if (state?.rowId !== poll.id) return
  const soon = state.again && !next.windowed
  schedule(tx, poll.mappingId, soon ? { dueAt: tx.now, windowed: false } : next)
}

/** Each round has an id of its own: a row that is put back for the same moment would look untouched. */
function schedule(tx: Tx, mappingId: string, { dueAt, windowed }: { dueAt: Millis; windowed: boolean }): void {
  const before = tx.in(pollStates).get(mappingId)
  if (before) tx.due(polls).delete(before.rowId)
  const rowId = tx.random.uuid()
  tx.due(polls).put({ id: rowId, dueAt, mappingId, windowed })
  tx.in(pollStates).put({ mappingId, rowId, dueAt, again: false })
}
