/**
 * When another instance is worth its start. A function that runs shorter than it starts, or very short, has its warm instances
 * take turns; one more is started once somebody has waited, without a pause, for as long as a start takes: so nobody waits much
 * longer than it would have taken to start, and a short burst starts few. Once there is an instance for each processor, what
 * such invocations wait for is mostly a processor: each further one takes twice the wait of the one before. A function that
 * runs longer gets an instance for each invocation. No more start at once than the machine has processors: together each
 * would take longer.
 */
import { availableParallelism } from 'node:os'
import { stopwatch } from '../../clock.ts'

const keysMax = 1_000
/** Of a newest figure in the mean. */
const weight = 0.2
/** A start that takes longer waits for something else than a processor. */
export const startMillisMax = 1_000
/** Quick however soon another one would be there: many at once make each run longer than it would. */
const quickMillis = 50
const processors = Math.max(2, availableParallelism())
export const startsAtOnceMax = processors

interface Taken {
  runMillis?: number
  startMillis?: number
  /** Since when somebody waits, or since the last start for those who wait. */
  waitingSince?: number
}

export class Patience {
  readonly #functions = new Map<string, Taken>()

  ran(key: string, milliseconds: number): void {
    const taken = this.#of(key)
    taken.runMillis = mean(taken.runMillis, milliseconds)
  }

  started(key: string, milliseconds: number): void {
    const taken = this.#of(key)
    taken.startMillis = mean(taken.startMillis, milliseconds)
  }

  /** Whether its warm instances take turns, as far as is known. */
  isQuick(key: string): boolean {
    const { runMillis, startMillis } = this.#of(key)
    return runMillis !== undefined && startMillis !== undefined && runMillis < Math.max(startMillis, quickMillis)
  }

  /** How long those who wait are still to wait before one more instance is started beside those that are there. */
  left(key: string, warm: number): number {
    if (!this.isQuick(key)) return 0
    const now = stopwatch.now()
    const taken = this.#of(key)
    taken.waitingSince ??= now
    const wait = (taken.startMillis ?? 0) * 2 ** Math.max(0, warm - processors)
    return Math.max(0, taken.waitingSince + Math.min(wait, startMillisMax) - now)
  }

  /** One was started for those who wait. */
  startBegan(key: string): void {
    this.#of(key).waitingSince = stopwatch.now()
  }

  nobodyWaits(key: string): void {
    const taken = this.#functions.get(key)
    if (taken) delete taken.waitingSince
  }

  #of(key: string): Taken {
    let taken = this.#functions.get(key)
    if (!taken) {
      if (this.#functions.size >= keysMax) this.#functions.clear()
      taken = {}
      this.#functions.set(key, taken)
    }
    return taken
  }
}

function mean(before: number | undefined, now: number): number {
  return before === undefined ? now : before + weight * (now - before)
}
