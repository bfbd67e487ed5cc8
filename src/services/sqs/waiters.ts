/** Long polls: those who wait for a queue's next message, woken when one is there or becomes visible. */

import type { Clock } from '../../clock.ts'
import { type Millis, stopwatch } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import { singleton } from '../../delivery/singleton.ts'

export class Waiters {
  readonly #byStorage = new Map<string, Set<() => void>>()

  /** Wakes all who wait: one of them gets the message, the others wait on. */
  wake(storage: string): void {
    for (const wake of this.#byStorage.get(storage) ?? []) wake()
  }

  /**
   * Resolves when a message may be there: woken, or at `visibleAt` on the clock, or after real `milliseconds`, for a
   * client waits in real time.
   */
  wait(
    storage: string,
    { milliseconds, clock, visibleAt }: { milliseconds: number; clock: Clock; visibleAt?: Millis },
  ): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#byStorage.get(storage) ?? new Set()
      this.#byStorage.set(storage, waiting)
      const done = () => {
        timer.cancel()
        visible?.cancel()
        waiting.delete(done)
        if (waiting.size === 0) this.#byStorage.delete(storage)
        resolve()
      }
      const timer = stopwatch.after(milliseconds, done)
      const visible = visibleAt === undefined ? undefined : clock.wakeAt(visibleAt, done)
      waiting.add(done)
    })
  }

  close(): void {
    for (const waiting of this.#byStorage.values()) for (const wake of [...waiting]) wake()
  }
}

/**
 * They look as soon as the commit stands, and need not wait for the disk twice: what they take is written in the same step
 * as what woke them, or after it, and they answer when that is on disk.
 */
export function wakeWaiters(tx: Tx, storage: string): void {
  tx.afterApply(() => tx.use(waiters).wake(storage))
}

export const waiters = singleton('sqs waiters', () => new Waiters())
