/** The queries that run right now, so that a stop reaches them. */
import { singleton } from '../../delivery/singleton.ts'

export class RunningQueries {
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
    for (const cancel of this.#cancels.values()) cancel()
  }
}

export const runningQueries = singleton('athena running queries', () => new RunningQueries())
