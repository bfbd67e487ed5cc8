/**
 * What was read of the store and need not be read again: commits that change it forget it once they stand (`tx.afterApply`),
 * and a store that lost commits, or was emptied, makes all of it unknown.
 */
import type { Store } from '../store/store.ts'

export class Remembered<V> {
  readonly #store: Pick<Store, 'generation'>
  readonly #most: number
  readonly #values = new Map<string, V>()
  #generation: number

  constructor(store: Pick<Store, 'generation'>, most: number) {
    this.#store = store
    this.#most = most
    this.#generation = store.generation
  }

  get(key: string): V | undefined {
    if (this.#generation !== this.#store.generation) this.#clear()
    return this.#values.get(key)
  }

  set(key: string, value: V): void {
    if (this.#generation !== this.#store.generation || this.#values.size >= this.#most) this.#clear()
    this.#values.set(key, value)
  }

  forget(key: string): void {
    this.#values.delete(key)
  }

  #clear(): void {
    this.#values.clear()
    this.#generation = this.#store.generation
  }
}
