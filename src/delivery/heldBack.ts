/** Runs that threw: each is tried again after a second, then two, up to five minutes, until one ends well. */
import { stopwatch } from '../clock.ts'

const backoffMillis = 1_000
const backoffMillisMax = 5 * 60_000

export class HeldBack {
  readonly #runs = new Map<string, { count: number; held: boolean }>()
  #held = 0

  has(runId: string): boolean {
    return this.#runs.get(runId)?.held ?? false
  }

  get isEmpty(): boolean {
    return this.#held === 0
  }

  /** In real time, whatever the clock says: a bug must not spin, nor stop a virtual day. */
  hold(runId: string, letGo: () => void): void {
    const run = { count: (this.#runs.get(runId)?.count ?? 0) + 1, held: true }
    this.#runs.set(runId, run)
    this.#held++
    // The timer itself lets go: a timer may fire a fraction early, and a time compared then would hold for ever.
    stopwatch.after(Math.min(backoffMillis * 2 ** (run.count - 1), backoffMillisMax), () => {
      run.held = false
      this.#held--
      letGo()
    })
  }

  endedWell(runId: string): void {
    if (this.#runs.size > 0) this.#runs.delete(runId)
  }
}
