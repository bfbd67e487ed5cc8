/**
 * One commit in the making: reads see what it wrote, then what earlier commits wrote (on disk or on the way there).
 * Its writes are held here until the callback has returned, so a throw undoes all of it, and a savepoint a part of it.
 */
import type { AnyCollection, Collection, Scope, WritableRecords } from './collection.ts'
import { encodeRecord } from './encoding.ts'
import type { KeyPart } from './keys.ts'
import { CollectionRecords, type ReadLayer } from './records.ts'

export class Transaction implements ReadLayer {
  readonly writes = new Map<string, Uint8Array | undefined>()
  readonly applied: (() => void)[] = []
  readonly committed: (() => void)[] = []
  readonly #below: ReadLayer
  readonly #prepare: (collection: AnyCollection) => void
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
    return this.writes.has(key) ? this.writes.get(key) : this.#below.get(key)
  }

  overlays(): ReadonlyMap<string, Uint8Array | undefined>[] {
    return [this.writes, ...this.#below.overlays()]
  }

  range(from: string, to: string, reverse: boolean): Iterable<[string, Uint8Array]> {
    return this.#below.range(from, to, reverse)
  }

  write(key: string, value: Uint8Array | undefined): void {
    if (!this.#open) throw new Error('a transaction was written to after its callback had returned')
    this.writes.set(key, value)
  }

  /** Runs `part`; if it throws, what it wrote is undone and the error goes on. */
  savepoint<T>(part: () => T): T {
    const writes = new Map(this.writes)
    const [applied, committed] = [this.applied.length, this.committed.length]
    try {
      return part()
    } catch (error) {
      this.writes.clear()
      for (const [key, value] of writes) this.writes.set(key, value)
      this.applied.length = applied
      this.committed.length = committed
      throw error
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
    this.#transaction.write(this.keyOf(this.#collection.key(record)), encodeRecord(record))
  }

  delete(...key: KeyPart[]): void {
    this.#transaction.write(this.keyOf(key), undefined)
  }
}
