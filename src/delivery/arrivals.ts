/**
 * Queues tell of arrivals, so that whoever polls one need not ask again and again: inside the commit that made a message
 * receivable, and so never lost. Those who listen register when the server starts.
 */
import type { Arn } from './arn.ts'
import type { Tx } from './context.ts'
import { singleton } from './singleton.ts'

export type ArrivalListener = (tx: Tx, queueArn: Arn) => void

export class Arrivals {
  readonly #listeners: ArrivalListener[] = []

  listen(listener: ArrivalListener): void {
    this.#listeners.push(listener)
  }

  /** Called by a queue, in the commit, for each message that came or may be received again. */
  tell(tx: Tx, queueArn: Arn): void {
    for (const listener of this.#listeners) listener(tx, queueArn)
  }
}

export const arrivals = singleton('arrivals', () => new Arrivals())
