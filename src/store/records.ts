/** Reading a collection: single records, and ordered ranges merged from what is on disk and what is on the way there. */
import type { Collection, Range, Records, Scope } from './collection.ts'
import { decodeRecord } from './encoding.ts'
import { encodeKey, encodePartial, endOf, type KeyPart } from './keys.ts'
import { type Entry, laidOver } from './laidOver.ts'

/** What a range reads through: newest writes first, the disk last. */
export interface ReadLayer {
  get(key: string): Uint8Array | undefined
  /** The record itself, of a collection whose records are kept decoded. */
  kept(key: string): unknown
  /** Writes above the disk, newest first; at least those of the collection that `from` lies in. */
  overlays(from: string): ReadonlyMap<string, Uint8Array | undefined>[]
  /** The disk. */
  range(from: string, to: string, reverse: boolean): Iterable<Entry<Uint8Array>>
}

/** A class, not closures: a request opens a dozen of them. */
export class CollectionRecords<R> implements Records<R> {
  readonly #layer: ReadLayer
  readonly #collection: Collection<R>
  readonly #scope: Scope

  constructor(layer: ReadLayer, collection: Collection<R>, scope: Scope) {
    this.#layer = layer
    this.#collection = collection
    this.#scope = scope
  }

  get(...key: KeyPart[]): R | undefined {
    if (this.#collection.kept) return this.#layer.kept(this.keyOf(key)) as R | undefined
    const bytes = this.#layer.get(this.keyOf(key))
    return bytes && decodeRecord<R>(bytes)
  }

  has(...key: KeyPart[]): boolean {
    return this.#layer.get(this.keyOf(key)) !== undefined
  }

  list(range: Range = {}): Iterable<R> {
    return listRecords(this.#layer, this.#collection, this.#scope, range)
  }

  first(range?: Range): R | undefined {
    for (const record of this.list({ ...range, limit: 1 })) return record
    return undefined
  }

  count(range: Range = {}): number {
    let count = 0
    for (const _ of listBytes(this.#layer, this.#collection, this.#scope, range)) count++
    return count
  }

  protected keyOf(key: readonly KeyPart[]): string {
    return fullKey(this.#collection, this.#scope, key)
  }
}

export function fullKey<R>(collection: Collection<R>, scope: Scope, key: readonly KeyPart[]): string {
  return scopePrefix(collection, scope) + encodeKey(key)
}

/** Of each collection the latest: nearly all requests are of one account and region. */
const latestPrefixes = new WeakMap<object, Scope & { prefix: string }>()

function scopePrefix<R>(collection: Collection<R>, { account, region }: Scope): string {
  const latest = latestPrefixes.get(collection)
  if (latest?.account === account && latest.region === region) return latest.prefix
  const prefix = makePrefix(collection, { account, region })
  latestPrefixes.set(collection, { account, region, prefix })
  return prefix
}

function makePrefix<R>(collection: Collection<R>, scope: Scope): string {
  if (collection.scope === 'global') return encodeKey([collection.name])
  if (collection.scope === 'account') return encodeKey([collection.name, scope.account])
  return encodeKey([collection.name, scope.account, scope.region])
}

function* listRecords<R>(layer: ReadLayer, collection: Collection<R>, scope: Scope, range: Range): Iterable<R> {
  for (const value of listBytes(layer, collection, scope, range)) yield decodeRecord<R>(value)
}

function* listBytes<R>(layer: ReadLayer, collection: Collection<R>, scope: Scope, range: Range): Iterable<Uint8Array> {
  const base = scopePrefix(collection, scope)
  const prefix = base + encodeKey(range.prefix ?? [])
  const start = range.startsWith === undefined ? prefix : prefix + encodePartial(range.startsWith)
  const bounds = { from: start, to: endOf(start) }
  if (range.from) bounds.from = max(bounds.from, base + encodeKey(range.from))
  if (range.after) bounds.from = max(bounds.from, endOf(base + encodeKey(range.after)))
  if (range.before) bounds.to = min(bounds.to, base + encodeKey(range.before))
  let left = range.limit ?? Number.POSITIVE_INFINITY
  if (left <= 0) return
  for (const value of merged(layer, bounds, range.reverse ?? false)) {
    yield value
    if (--left <= 0) return
  }
}

const max = (a: string, b: string) => (a > b ? a : b)
const min = (a: string, b: string) => (a < b ? a : b)

/** The disk's range with the writes above it laid over: a write hides the disk's value, a deletion the key. */
function* merged(layer: ReadLayer, { from, to }: { from: string; to: string }, reverse: boolean): Iterable<Uint8Array> {
  if (from >= to) return
  const disk = layer.range(from, to, reverse)
  const above = overlaid(layer, from, to)
  for (const [, value] of above.size === 0 ? disk : laidOver(inOrder(above, reverse), disk, reverse)) yield value
}

function inOrder(writes: ReadonlyMap<string, Uint8Array | undefined>, reverse: boolean) {
  const sorted = [...writes].sort(([a], [b]) => (a < b ? -1 : 1))
  return reverse ? sorted.reverse() : sorted
}

function overlaid(layer: ReadLayer, from: string, to: string): Map<string, Uint8Array | undefined> {
  const found = new Map<string, Uint8Array | undefined>()
  for (const overlay of layer.overlays(from)) {
    for (const [key, value] of overlay) if (key >= from && key < to && !found.has(key)) found.set(key, value)
  }
  return found
}
