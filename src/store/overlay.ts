/** Writes that are not on disk yet: by key for reads, and apart by collection, so that a range looks only at its own. */

type Writes = Map<string, Uint8Array | undefined>

const nothing: ReadonlyMap<string, Uint8Array | undefined> = new Map()

export class Overlay {
  readonly #collections = new ByCollection<Writes>()
  #size = 0

  has(key: string): boolean {
    return this.#collections.of(key)?.has(key) ?? false
  }

  get isEmpty(): boolean {
    return this.#size === 0
  }

  /** Undefined where the key is deleted, too: `has` tells. */
  get(key: string): Uint8Array | undefined {
    return this.#collections.of(key)?.get(key)
  }

  set(key: string, value: Uint8Array | undefined): void {
    const writes = this.#collections.of(key) ?? this.#collections.add(key, new Map())
    this.#size -= writes.size
    writes.set(key, value)
    this.#size += writes.size
  }

  delete(key: string): void {
    if (this.#collections.of(key)?.delete(key)) this.#size--
  }

  clear(): void {
    this.#collections.clear()
    this.#size = 0
  }

  /** The writes of the collection that a key, or the start of one, lies in. */
  near(key: string): ReadonlyMap<string, Uint8Array | undefined> {
    return this.#collections.of(key) ?? nothing
  }
}

const latestMax = 6

/** Something for each collection, by the keys in it. There are as many as there are collections. */
export class ByCollection<T> {
  readonly #byName = new Map<string, T>()
  /** The latest looked at, in turn: a request uses few collections, and a name need not be cut out of every key. */
  readonly #latest: { name: string; place: T }[] = []
  #turn = 0

  of(key: string): T | undefined {
    for (const { name, place } of this.#latest) if (key.startsWith(name)) return place
    const name = nameOf(key)
    const place = this.#byName.get(name)
    if (place !== undefined) this.#latest[this.#turn++ % latestMax] = { name, place }
    return place
  }

  add(key: string, place: T): T {
    this.#byName.set(nameOf(key), place)
    return place
  }

  values(): Iterable<T> {
    return this.#byName.values()
  }

  clear(): void {
    this.#byName.clear()
    this.#latest.length = 0
    this.#turn = 0
  }
}

/** A key's first part, with the zero that ends it. */
function nameOf(key: string): string {
  return key.slice(0, key.indexOf('\0') + 1)
}
