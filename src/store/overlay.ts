/** Writes that are not on disk yet: by key for reads, and apart by collection, so that a range looks only at its own. */

type Writes = Map<string, Uint8Array | undefined>

const nothing: ReadonlyMap<string, Uint8Array | undefined> = new Map()

export class Overlay {
  readonly #all: Writes = new Map()
  readonly #collections = new Map<string, Writes>()

  has(key: string): boolean {
    return this.#all.has(key)
  }

  get isEmpty(): boolean {
    return this.#all.size === 0
  }

  /** Undefined where the key is deleted, too: `has` tells. */
  get(key: string): Uint8Array | undefined {
    return this.#all.get(key)
  }

  set(key: string, value: Uint8Array | undefined): void {
    this.#all.set(key, value)
    const name = collectionOf(key)
    const writes = this.#collections.get(name)
    if (writes) writes.set(key, value)
    else this.#collections.set(name, new Map([[key, value]]))
  }

  delete(key: string): void {
    this.#all.delete(key)
    this.#collections.get(collectionOf(key))?.delete(key)
  }

  clear(): void {
    this.#all.clear()
    this.#collections.clear()
  }

  /** The writes of the collection that a key, or the start of one, lies in. */
  near(key: string): ReadonlyMap<string, Uint8Array | undefined> {
    return this.#collections.get(collectionOf(key)) ?? nothing
  }
}

/** A key's first part: there are as many as there are collections. */
export function collectionOf(key: string): string {
  return key.slice(0, key.indexOf('\0'))
}
