/**
 * Exact texts by their bytes: an open-addressing table that is asked with a piece of the event, without making a string
 * of it. What is removed leaves an empty list behind, until the table grows.
 */
import type { Waiting } from './waiting.ts'

interface Entry {
  key: Buffer
  hash: number
  waiting: Waiting[]
}

const nobody: readonly Waiting[] = []
const slotsAtFirst = 8
/** Longer texts share one count. */
const lengthsTold = 255

export class TextTable {
  #slots: (Entry | undefined)[] = new Array(slotsAtFirst)
  #used = 0
  #size = 0
  readonly #lengths = new Uint32Array(lengthsTold + 1)

  get size(): number {
    return this.#size
  }

  add(text: string, waiting: Waiting): void {
    const entry = this.#entry(Buffer.from(text))
    entry.waiting.push(waiting)
    this.#size++
    this.#count(entry.key.length, 1)
  }

  remove(text: string, waiting: Waiting): void {
    const { key, waiting: list } = this.#entry(Buffer.from(text))
    list.splice(list.indexOf(waiting), 1)
    this.#size--
    this.#count(key.length, -1)
  }

  crowdAt(text: string): number {
    const key = Buffer.from(text)
    return this.find(key, 0, key.length).length
  }

  find(bytes: Buffer, start: number, end: number): readonly Waiting[] {
    const length = end - start
    if (this.#lengths[Math.min(length, lengthsTold)] === 0) return nobody
    const hash = hashOf(bytes, start, end)
    const mask = this.#slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot]
      if (entry === undefined) return nobody
      if (entry.hash === hash && isSame(entry.key, bytes, start, length)) return entry.waiting
    }
  }

  #count(length: number, change: number): void {
    const at = Math.min(length, lengthsTold)
    this.#lengths[at] = (this.#lengths[at] as number) + change
  }

  #entry(key: Buffer): Entry {
    const hash = hashOf(key, 0, key.length)
    const mask = this.#slots.length - 1
    let slot = hash & mask
    for (let entry = this.#slots[slot]; entry; entry = this.#slots[slot]) {
      if (entry.hash === hash && isSame(entry.key, key, 0, key.length)) return entry
      slot = (slot + 1) & mask
    }
    const entry: Entry = { key, hash, waiting: [] }
    this.#slots[slot] = entry
    if (++this.#used * 2 > mask) this.#grow(entry)
    return entry
  }

  /** Leaves out those that nobody waits for any more. */
  #grow(added: Entry): void {
    const kept = this.#slots.filter((entry) => entry && (entry.waiting.length > 0 || entry === added)) as Entry[]
    this.#slots = new Array(Math.max(slotsAtFirst, 2 ** Math.ceil(Math.log2(kept.length * 4 + 1))))
    this.#used = kept.length
    const mask = this.#slots.length - 1
    for (const entry of kept) {
      let slot = entry.hash & mask
      while (this.#slots[slot]) slot = (slot + 1) & mask
      this.#slots[slot] = entry
    }
  }
}

function isSame(key: Buffer, bytes: Buffer, start: number, length: number): boolean {
  if (key.length !== length) return false
  for (let at = 0; at < length; at++) if (key[at] !== bytes[start + at]) return false
  return true
}

function hashOf(bytes: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193)
  return hash ^ (hash >>> 15)
}
