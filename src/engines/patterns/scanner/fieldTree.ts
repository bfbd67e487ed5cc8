/**
 * The wanted fields as a tree of keys in a scanner's memory: a node is its path's number (or -1), a mask and a table
 * of its children by the bytes of their keys, and which lengths those keys have (a bit each): most keys of an event
 * need no more than a look at those. It only grows; what was removed is left there without a number, until
 * there is more of that than of the living and all is built anew.
 */
import type { ScanMemory } from './scanMemory.ts'

const nodeWords = 5
const slotWords = 4
// The words of a node that say which lengths its keys have, and which those that lead further.
const lengths = 3
const lengthsFurther = 4
const tableSlotsAtFirst = 4
const deadMin = 1_000
/** Longer keys share one bit. */
const lengthsTold = 31

export class FieldTree {
  root: number
  readonly #memory: ScanMemory
  readonly #numbers = new Map<string, number>()
  #dead = 0
  /** Children of a node, for growing its table in time. */
  readonly #crowds = new Map<number, number>()

  constructor(memory: ScanMemory) {
    this.#memory = memory
    this.root = this.#node()
  }

  add(path: string, number: number): void {
    this.#numbers.set(path, number)
    this.#put(path, number)
  }

  remove(path: string): void {
    this.#numbers.delete(path)
    this.#put(path, -1)
    if (++this.#dead > deadMin && this.#dead > this.#numbers.size) this.#rebuild()
  }

  #put(path: string, number: number): void {
    let node = this.root
    const keys = path.split('.').map((key) => Buffer.from(key))
    for (const [depth, key] of keys.entries()) {
      if (depth < keys.length - 1) this.#tellLength(node, lengthsFurther, key.length)
      node = this.#child(node, key)
    }
    this.#memory.words[node >> 2] = number
  }

  #rebuild(): void {
    this.#dead = 0
    this.#memory.freeTree()
    this.#crowds.clear()
    this.root = this.#node()
    for (const [path, number] of this.#numbers) this.#put(path, number)
  }

  #node(): number {
    const node = this.#memory.allocate(nodeWords * 4)
    const table = this.#memory.allocate(tableSlotsAtFirst * slotWords * 4)
    this.#memory.words.set([-1, tableSlotsAtFirst - 1, table], node >> 2)
    return node
  }

  #child(node: number, key: Buffer): number {
    const found = childOf(this.#memory, node, key, 0, key.length)
    if (found !== 0) return found
    const child = this.#node()
    const bytes = this.#memory.allocate(key.length)
    this.#memory.bytes.set(key, bytes)
    this.#tellLength(node, lengths, key.length)
    const crowd = (this.#crowds.get(node) ?? 0) + 1
    this.#crowds.set(node, crowd)
    if (crowd * 2 > (this.#memory.words[(node >> 2) + 1] as number)) this.#growTable(node)
    this.#place(node, [bytes, key.length, hashOf(key, 0, key.length), child])
    return child
  }

  #tellLength(node: number, which: number, length: number): void {
    const at = (node >> 2) + which
    this.#memory.words[at] = (this.#memory.words[at] as number) | (1 << Math.min(length, lengthsTold))
  }

  #growTable(node: number): void {
    const slots = ((this.#memory.words[(node >> 2) + 1] as number) + 1) * 2
    const table = this.#memory.allocate(slots * slotWords * 4)
    const { words } = this.#memory
    const old = (words[(node >> 2) + 2] as number) >> 2
    const entries = words.slice(old, old + (slots / 2) * slotWords)
    words.set([slots - 1, table], (node >> 2) + 1)
    for (let at = 0; at < entries.length; at += slotWords) {
      if (entries[at + 3] !== 0) this.#place(node, [...entries.subarray(at, at + slotWords)])
    }
  }

  #place(node: number, slot: number[]): void {
    const { words } = this.#memory
    const mask = words[(node >> 2) + 1] as number
    const table = (words[(node >> 2) + 2] as number) >> 2
    let at = (slot[2] as number) & mask
    while (words[table + at * slotWords + 3] !== 0) at = (at + 1) & mask
    words.set(slot, table + at * slotWords)
  }
}

/**
 * A bit for each length that a wanted key below the node may have, as in keyTree.as. All bits, if a wanted field lies
 * deeper than that: only then a key with dots, as long as several, may lead to it.
 */
export function lengthsOf({ words }: ScanMemory, node: number): number {
  return words[(node >> 2) + lengthsFurther] !== 0 ? -1 : (words[(node >> 2) + lengths] as number)
}

/** The child by a key's bytes, or 0. keyTree.as does the same in WASM. */
export function childOf(memory: ScanMemory, node: number, key: Buffer, start: number, end: number): number {
  const { words } = memory
  const length = end - start
  const told = words[(node >> 2) + lengths] as number
  return ((told >>> Math.min(length, lengthsTold)) & 1) === 0 ? 0 : childAt(memory, node, key, start, length)
}

function childAt({ words, bytes }: ScanMemory, node: number, key: Buffer, start: number, length: number): number {
  const mask = words[(node >> 2) + 1] as number
  const table = (words[(node >> 2) + 2] as number) >> 2
  const hash = hashOf(key, start, length)
  for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
    const at = table + slot * slotWords
    const child = words[at + 3] as number
    if (child === 0) return 0
    if (words[at + 2] !== hash || words[at + 1] !== length) continue
    const stored = words[at] as number
    let same = 0
    while (same < length && bytes[stored + same] === key[start + same]) same++
    if (same === length) return child
  }
}

/** From the key's length and its first and last four bytes. */
function hashOf(key: Buffer, start: number, length: number): number {
  const first = length < 4 ? shortWordAt(key, start, length) : wordAt(key, start)
  const last = length < 4 ? first : wordAt(key, start + length - 4)
  let hash = ((first ^ Math.imul(last, 0x9e3779b1)) + length) | 0
  hash = Math.imul(hash, 0x85ebca6b)
  return hash ^ (hash >>> 15)
}

function wordAt(key: Buffer, at: number): number {
  const low = (key[at] as number) | ((key[at + 1] as number) << 8)
  return low | ((key[at + 2] as number) << 16) | ((key[at + 3] as number) << 24)
}

function shortWordAt(key: Buffer, start: number, length: number): number {
  let word = 0
  for (let at = 0; at < length; at++) word |= (key[start + at] as number) << (8 * at)
  return word
}
