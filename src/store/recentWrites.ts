/**
 * Writes that are in the log and not yet in the table: by key, and in order where a collection was ever read so. A
 * deleted key is kept as `null` where the table below still has it.
 */
import type { Entry } from './laidOver.ts'
import { ByCollection } from './overlay.ts'
import { SortedKeys } from './sortedKeys.ts'

export type Recent = Uint8Array | null

interface OfCollection {
  entries: Map<string, Recent>
  /**
   * The keys that have a value: at the head of a busy queue lie thousands that are deleted. Made at the first range; most
   * collections are read by key alone.
   */
  order: SortedKeys | undefined
}

/** What an entry takes beside its bytes, about. */
const entryBytes = 200

export class RecentWrites {
  /** About. */
  bytes = 0
  readonly #collections = new ByCollection<OfCollection>()

  /** `null`: deleted; undefined: nothing is known here. */
  get(key: string): Recent | undefined {
    return this.#collections.of(key)?.entries.get(key)
  }

  set(key: string, value: Recent): void {
    const place = this.#collections.of(key) ?? this.#collections.add(key, { entries: new Map(), order: undefined })
    const before = place.entries.get(key)
    place.entries.set(key, value)
    if (value && !before) place.order?.add(key)
    else if (!value && before) place.order?.remove(key)
    if (before === undefined) this.bytes += key.length + entryBytes
    this.bytes += (value?.byteLength ?? 0) - (before?.byteLength ?? 0)
  }

  /** As if it had never been written. */
  forget(key: string): void {
    const place = this.#collections.of(key)
    const before = place?.entries.get(key)
    if (!place || before === undefined) return
    place.entries.delete(key)
    if (before) place.order?.remove(key)
    this.bytes -= key.length + entryBytes + (before?.byteLength ?? 0)
  }

  get isEmpty(): boolean {
    for (const { entries } of this.#collections.values()) if (entries.size > 0) return false
    return true
  }

  /** A collection after the other. */
  *entries(): Iterable<[string, Recent]> {
    for (const { entries } of this.#collections.values()) yield* entries
  }

  /** A deletion above hides the key: ranges need not step over it any more. */
  hide(key: string): void {
    const place = this.#collections.of(key)
    if (place?.entries.get(key)) place.order?.remove(key)
  }

  /** What one collection has, in order, without what is deleted; undefined where nothing is known of it at all. */
  range(from: string, to: string, reverse: boolean): Iterable<Entry<Uint8Array>> | undefined {
    const place = this.#collections.of(from)
    if (!place || place.entries.size === 0) return undefined
    place.order ??= new SortedKeys(valued(place.entries))
    return entriesOf(place.entries, place.order.range(from, to, reverse))
  }
}

function* entriesOf(entries: ReadonlyMap<string, Recent>, keys: Iterable<string>): Iterable<Entry<Uint8Array>> {
  for (const key of keys) {
    const value = entries.get(key)
    if (value) yield [key, value]
  }
}

function* valued(entries: ReadonlyMap<string, Recent>): Iterable<string> {
  for (const [key, value] of entries) if (value) yield key
}
