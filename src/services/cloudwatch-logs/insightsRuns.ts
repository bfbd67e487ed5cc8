/** The queries that run right now: a stop reaches them, and how far they are can be told. */
import { singleton } from '../../delivery/singleton.ts'
import type { InsightsRun } from '../../engines/insights/running.ts'

export class QueryRuns {
  readonly #runs = new Map<string, InsightsRun>()

  add(id: string, run: InsightsRun): void {
    this.#runs.set(id, run)
  }

  remove(id: string): void {
    this.#runs.delete(id)
  }

  get(id: string): InsightsRun | undefined {
    return this.#runs.get(id)
  }

  cancel(id: string): void {
    this.#runs.get(id)?.cancel()
  }
}

export const queryRuns = singleton('logs query runs', () => new QueryRuns())
