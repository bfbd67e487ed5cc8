/**
 * Queues tell of arrivals, so that whoever polls one need not ask again and again: inside the commit that made a message
 * receivable, and so never lost. Those who listen register when the server starts.
 */
import type { Millis } from '../clock.ts'
import type { Arn } from './arn.ts'
import type { Tx } from './context.ts'
import { singleton } from './singleton.ts'

/** `at` is when the message can be received: now, or after its delay. */
export type ArrivalListener = (tx: Tx, queueArn: Arn, at: Millis) => void

export class Arrivals {
  readonly #listeners: ArrivalListener[] = []

  listen(listener: ArrivalListener): void {
    this.#listeners.push(listener)
  }

  /** Called by a queue, in the commit, for each message that came or may be received again. */
  tell(tx: Tx, queueArn: Arn, at: Millis): void {
    for (const listener of this.#listeners) listener(tx, queueArn, at)
  }
}

export const arrivals = singleton('arrivals', () => new Arrivals())
