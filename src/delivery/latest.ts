/**
 * The latest values by key, within a bound. In two generations: the older one is forgotten whole. A map whose oldest entry is
 * deleted again and again is searched through the holes that the deleted ones left, microseconds each time.
 */
export class Latest<V> {
  readonly #most: number
  #young = new Map<string, V>()
  #old = new Map<string, V>()

  /** At least half as many are kept, and never more. */
  constructor(most: number) {
    this.#most = most
  }

  get(key: string): V | undefined {
    return this.#young.get(key) ?? this.#old.get(key)
  }

  set(key: string, value: V): void {
    this.#young.set(key, value)
    if (this.#young.size < this.#most / 2) return
    this.#old = this.#young
    this.#young = new Map()
  }

  delete(key: string): void {
    this.#young.delete(key)
    this.#old.delete(key)
  }

  clear(): void {
    this.#young.clear()
    this.#old.clear()
  }
}
