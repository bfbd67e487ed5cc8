/** Keys in order, in chunks small enough to insert into: a tree of one level. */

const chunkKeysMax = 512

export class SortedKeys {
  /** None is empty, but the only one. */
  #chunks: string[][]

  constructor(keys: Iterable<string>) {
    const sorted = [...keys].sort()
    this.#chunks = []
    for (let at = 0; at < sorted.length; at += chunkKeysMax / 2)
      this.#chunks.push(sorted.slice(at, at + chunkKeysMax / 2))
    if (this.#chunks.length === 0) this.#chunks.push([])
  }

  /** The key is not in it yet. */
  add(key: string): void {
    const at = this.#chunkOf(key)
    const chunk = this.#chunks[at] as string[]
    const last = chunk[chunk.length - 1]
    if (last === undefined || last < key) chunk.push(key)
    else chunk.splice(lowerBound(chunk, key), 0, key)
    if (chunk.length > chunkKeysMax) this.#chunks.splice(at + 1, 0, chunk.splice(chunkKeysMax / 2))
  }

  /** Nothing happens where it is not in it. */
  remove(key: string): void {
    const at = this.#chunkOf(key)
    const chunk = this.#chunks[at] as string[]
    const index = lowerBound(chunk, key)
    if (chunk[index] !== key) return
    chunk.splice(index, 1)
    if (chunk.length === 0 && this.#chunks.length > 1) this.#chunks.splice(at, 1)
  }

  /** Up to `to`, excluded. Nothing is added or removed meanwhile. */
  *range(from: string, to: string, reverse = false): Iterable<string> {
    if (reverse) return yield* this.#backwards(from, to)
    for (let at = this.#chunkOf(from); at < this.#chunks.length; at++) {
      const chunk = this.#chunks[at] as string[]
      for (let index = lowerBound(chunk, from); index < chunk.length; index++) {
        const key = chunk[index] as string
        if (key >= to) return
        yield key
      }
    }
  }

  *#backwards(from: string, to: string): Iterable<string> {
    for (let at = this.#chunkOf(to); at >= 0; at--) {
      const chunk = this.#chunks[at] as string[]
      for (let index = lowerBound(chunk, to) - 1; index >= 0; index--) {
        const key = chunk[index] as string
        if (key < from) return
        yield key
      }
    }
  }

  /** The first chunk whose last key is not before `key`; the last chunk for a key after all. */
  #chunkOf(key: string): number {
    let [low, high] = [0, this.#chunks.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      const chunk = this.#chunks[middle] as string[]
      if ((chunk[chunk.length - 1] as string) < key) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** Where `key` is, or would be. */
function lowerBound(keys: readonly string[], key: string): number {
  let [low, high] = [0, keys.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((keys[middle] as string) < key) low = middle + 1
    else high = middle
  }
  return low
}
