/**
 * The messages of a standard queue that may be received, in the order in which they became visible: those with a mark
 * (storage.ts) and the fresh ones, merged. Of the fresh, the order is always that of their numbers, also where the clock
 * was stepped back.
 */
import type { Millis } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import { depths, getMessage, type Mark, type Message, marks, messages, passFresh } from './storage.ts'

export function* waiting(tx: Tx, storage: string): Iterable<Message> {
  const fresh = freshOf(tx, storage)
  try {
    let next = fresh.next()
    for (const mark of tx.in(marks).list({ prefix: [storage], before: [storage, tx.now + 1] })) {
      for (; !next.done && precedes(next.value, mark); next = fresh.next()) yield next.value
      const message = getMessage(tx, storage, mark.sequence)
      if (message) yield message
    }
    for (; !next.done; next = fresh.next()) yield next.value
  } finally {
    fresh.return()
  }
}

function precedes(message: Message, mark: Mark): boolean {
  return message.visibleAt < mark.at || (message.visibleAt === mark.at && message.sequence < mark.sequence)
}

/** Delayed messages at their head are passed by once, not at each receive. */
function* freshOf(tx: Tx, storage: string): Generator<Message, void> {
  const depth = tx.in(depths).get(storage)
  if (!depth) return
  let passed: number | undefined
  let isHead = true
  const endHead = () => {
    if (isHead && passed !== undefined) passFresh(tx, depth, passed)
    isHead = false
  }
  for (const message of tx.in(messages).list({ prefix: [storage], from: [storage, depth.fresh] })) {
    if (message.marked) {
      passed = message.sequence
      continue
    }
    endHead()
    yield message
  }
  endHead()
}

/** When the next message is visible, of those that are so at `from` or later. */
export function nextVisible(tx: Tx, storage: string, from: Millis): Millis | undefined {
  const marked = tx.in(marks).first({ prefix: [storage], from: [storage, from] })?.at
  const { fresh } = tx.in(depths).get(storage) ?? {}
  const first = fresh === undefined ? undefined : tx.in(messages).first({ prefix: [storage], from: [storage, fresh] })
  if (!first || first.marked || first.visibleAt < from) return marked
  return marked === undefined ? first.visibleAt : Math.min(marked, first.visibleAt)
}
