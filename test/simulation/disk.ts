/**
 * A disk that forgets what was not synced. It lives longer than the servers that use it: after a crash the next server
 * finds what had been synced, and either all or nothing of the batch that was under way.
 */

import type { Random } from '../../src/clock.ts'
import type { Backend, ByteRange, Write } from '../../src/store/backend.ts'

/** Turns of the event loop that a sync may take. */
const syncTurnsMax = 4

export class SimulatedDisk {
  readonly #synced = new Map<string, Uint8Array>()
  readonly #random: Random
  #sorted: string[] | undefined
  #life = 0
  #underWay: readonly Write[] | undefined
  /** Batches that were made durable. */
  batches = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** What the next server opens. */
  backend(): Backend {
    const life = ++this.#life
    return {
      get: (key) => this.#synced.get(key),
      range: (range) => this.#range(range),
      write: (batch) => this.#write(batch, life),
      clear: async () => this.#apply([...this.#synced.keys()].map((key) => ({ key, value: undefined }))),
      close: async () => undefined,
    }
  }

  /** The power goes: a batch under way reached the plates, or it did not; its server never hears. */
  crash(): void {
    const { underWay } = { underWay: this.#underWay }
    if (underWay && this.#random.fraction() < 0.5) this.#apply(underWay)
    this.#underWay = undefined
    this.#life++
  }

  async #write(batch: readonly Write[], life: number): Promise<void> {
    // A server that was killed waits for ever.
    if (life !== this.#life) return new Promise(() => undefined)
    this.#underWay = batch
    const turns = Math.floor(this.#random.fraction() * syncTurnsMax)
    for (let turn = 0; turn <= turns; turn++) await new Promise((resolve) => setImmediate(resolve))
    if (life !== this.#life) return new Promise(() => undefined)
    this.#apply(batch)
    this.#underWay = undefined
    this.batches++
  }

  #apply(batch: readonly Write[]): void {
    for (const { key, value } of batch) {
      if (value) this.#synced.set(key, value)
      else this.#synced.delete(key)
    }
    this.#sorted = undefined
  }

  *#range({ from, to, reverse }: ByteRange): Iterable<[string, Uint8Array]> {
    this.#sorted ??= [...this.#synced.keys()].sort()
    const keys = this.#sorted
    const [first, end] = [lowerBound(keys, from), lowerBound(keys, to)]
    for (let step = 0; step < end - first; step++) {
      const key = keys[reverse ? end - 1 - step : first + step] as string
      const value = this.#synced.get(key)
      if (value) yield [key, value]
    }
  }
}

function lowerBound(keys: readonly string[], wanted: string): number {
  let [low, high] = [0, keys.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((keys[middle] as string) < wanted) low = middle + 1
    else high = middle
  }
  return low
}
