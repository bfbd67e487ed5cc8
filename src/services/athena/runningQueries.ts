/** The queries that run right now, so that a stop reaches them. */
import { stopwatch, type Wake } from '../../clock.ts'
import { singleton } from '../../delivery/singleton.ts'

const askAgainMilliseconds = 100

/** Cuts a query of the embedded engine, whether it has begun or is about to: an engine that runs nothing yet forgets that it was asked. */
export class QueryCut {
  #interrupt: (() => void) | undefined
  #asking: Wake | undefined

  begins(interrupt: () => void): void {
    this.#interrupt = interrupt
  }

  ask(): void {
    this.#asking ??= stopwatch.every(askAgainMilliseconds, () => this.#interrupt?.())
    this.#interrupt?.()
  }

  /** The query's connection is closed. */
  end(): void {
    this.#interrupt = undefined
    this.#asking?.cancel()
  }
}

export class RunningQueries {
  /** The server stops, or is reset: what was cut is not over. */
  isInterrupted = false
  readonly #cancels = new Map<string, () => void>()

  add(id: string, cancel: () => void): void {
    this.#cancels.set(id, cancel)
  }

  remove(id: string): void {
    this.#cancels.delete(id)
  }

  cancel(id: string): void {
    this.#cancels.get(id)?.()
  }

  /** The server stops: what runs is cut and run again at the next start. */
  interrupt(): void {
    this.isInterrupted = true
    for (const cancel of this.#cancels.values()) cancel()
  }

  reset(): void {
    this.isInterrupted = false
  }
}

export const runningQueries = singleton('athena running queries', () => new RunningQueries())
