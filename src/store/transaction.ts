/**
 * One commit in the making: reads see what it wrote, then what earlier commits wrote (on disk or on the way there).
 * Its writes are held here until the callback has returned, so a throw undoes all of it, and a savepoint a part of it.
 */
import type { AnyCollection, Collection, Scope, WritableRecords } from './collection.ts'
import { decodeRecord, encodeRecord, withoutUndefined } from './encoding.ts'
import { frozen } from './keptRecords.ts'
import type { KeyPart } from './keys.ts'
import type { Entry } from './laidOver.ts'
import { CollectionRecords, type ReadLayer } from './records.ts'
import type { SegmentWrite } from './segmentFiles.ts'

/** What a write of this transaction took the place of. */
interface Replaced {
  key: string
  /** Undefined: it had written nothing there. */
  before: Before | undefined
}

interface Before {
  value: Uint8Array | undefined
  /** Of a kept collection: what was put, and whether its bytes were still to be made. */
  record: unknown
  wasUnencoded: boolean
}

/** Makes records of what a commit gathered: many small things of one commit are one record. */
export interface Gatherer<T> {
  /** Called once, when the commit's callback has returned. */
  write(transaction: Transaction, gathered: readonly T[]): void
}

export class Transaction implements ReadLayer {
  readonly writes = new Map<string, Uint8Array | undefined>()
  readonly applied: (() => void)[] = []
  readonly committed: (() => void)[] = []
  /** Bytes that the writes refer to: they are on disk first. */
  readonly segmentWrites: SegmentWrite[] = []
  /** What `writes` has of kept collections, as it was put: readers need not decode it. */
  readonly keptWrites = new Map<string, unknown>()
  /** Those of them whose bytes are still to be made: a counter that a commit counts up ten times is encoded once. */
  readonly #unencoded = new Set<string>()
  readonly #below: ReadLayer
  readonly #prepare: (collection: AnyCollection) => void
  /** What writes since the outermost savepoint replaced, oldest first. */
  readonly #replaced: Replaced[] = []
  readonly #gathered: { by: Gatherer<never>; item: unknown }[] = []
  #savepoints = 0
  #open = true

  constructor(below: ReadLayer, prepare: (collection: AnyCollection) => void) {
    this.#below = below
    this.#prepare = prepare
  }

  in<R>(collection: Collection<R>, scope: Scope): WritableRecords<R> {
    this.#prepare(collection)
    return new CollectionWrites(this, collection, scope)
  }

  get(key: string): Uint8Array | undefined {
    if (this.#unencoded.has(key)) this.#encode()
    return this.writes.has(key) ? this.writes.get(key) : this.#below.get(key)
  }

  kept(key: string): unknown {
    const put = this.keptWrites.get(key)
    if (put !== undefined) return put
    const written = this.writes.get(key)
    if (written) return decodeRecord(written)
    return this.writes.has(key) ? undefined : this.#below.kept(key)
  }

  overlays(from: string): ReadonlyMap<string, Uint8Array | undefined>[] {
    this.#encode()
    return [this.writes, ...this.#below.overlays(from)]
  }

  range(from: string, to: string, reverse: boolean): Iterable<Entry<Uint8Array>> {
    return this.#below.range(from, to, reverse)
  }

  write(key: string, value: Uint8Array | undefined): void {
    if (!this.#open) throw new Error('a transaction was written to after its callback had returned')
    if (this.#savepoints > 0) this.#replaced.push({ key, before: this.#before(key) })
    this.writes.set(key, value)
    if (this.keptWrites.size > 0) this.keptWrites.delete(key)
    if (this.#unencoded.size > 0) this.#unencoded.delete(key)
  }

  #before(key: string): Before | undefined {
    if (!this.writes.has(key)) return undefined
    const [value, record] = [this.writes.get(key), this.keptWrites.get(key)]
    return { value, record, wasUnencoded: this.#unencoded.has(key) }
  }

  /** Of a kept collection. */
  writeKept(key: string, record: unknown): void {
    this.write(key, undefined)
    this.keptWrites.set(key, frozen(withoutUndefined(record)))
    this.#unencoded.add(key)
  }

  gather<T>(by: Gatherer<T>, item: T): void {
    this.#gathered.push({ by, item })
  }

  /** The callback has returned. */
  finish(): void {
    const items = new Map<Gatherer<never>, unknown[]>()
    for (const { by, item } of this.#gathered) {
      const others = items.get(by)
      if (others) others.push(item)
      else items.set(by, [item])
    }
    for (const [by, gathered] of items) by.write(this, gathered as never[])
    this.#encode()
  }

  #encode(): void {
    if (this.#unencoded.size === 0) return
    for (const key of this.#unencoded) this.writes.set(key, encodeRecord(this.keptWrites.get(key)))
    this.#unencoded.clear()
  }

  /** Runs `part`; if it throws, what it wrote is undone and the error goes on. */
  savepoint<T>(part: () => T): T {
    const start = this.#replaced.length
    const [applied, committed, gathered] = [this.applied.length, this.committed.length, this.#gathered.length]
    this.#savepoints++
    try {
      return part()
    } catch (error) {
      this.#undo(start)
      this.applied.length = applied
      this.committed.length = committed
      this.#gathered.length = gathered
      throw error
    } finally {
      if (--this.#savepoints === 0) this.#replaced.length = 0
    }
  }

  /** The latest write first, so that the value before the first of a key is what stays. */
  #undo(start: number): void {
    while (this.#replaced.length > start) {
      const { key, before } = this.#replaced.pop() as Replaced
      if (before) this.writes.set(key, before.value)
      else this.writes.delete(key)
      if (before?.record === undefined) this.keptWrites.delete(key)
      else this.keptWrites.set(key, before.record)
      if (before?.wasUnencoded) this.#unencoded.add(key)
      else this.#unencoded.delete(key)
    }
  }

  close(): void {
    this.#open = false
  }
}

class CollectionWrites<R> extends CollectionRecords<R> implements WritableRecords<R> {
  readonly #transaction: Transaction
  readonly #collection: Collection<R>

  constructor(transaction: Transaction, collection: Collection<R>, scope: Scope) {
    super(transaction, collection, scope)
    this.#transaction = transaction
    this.#collection = collection
  }

  put(record: R): void {
    const key = this.keyOf(this.#collection.key(record))
    if (this.#collection.kept) this.#transaction.writeKept(key, record)
    else this.#transaction.write(key, encodeRecord(record))
  }

  delete(...key: KeyPart[]): void {
    this.#transaction.write(this.keyOf(key), undefined)
  }
}
