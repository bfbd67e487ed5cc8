/**
 * The store: commits that are all or nothing and answered when they are on disk.
 *
 * A commit's callback runs at once, synchronously, on top of every earlier commit; its writes join the batch that goes
 * to the backend next, and all commits of a batch share its one sync. So commits are serial, and nothing waits for a
 * lock. Between callback and disk the writes lie in `pending`, where later commits see them; reads outside a commit see
 * only what is on disk, so no answer ever tells of a write that a crash could still take back.
 */
import type { Backend, Write } from './backend.ts'
import type { AnyCollection, Collection, Records, Scope } from './collection.ts'
import { DiskRefused } from './diskRefused.ts'
import { decodeRecord, encodeRecord } from './encoding.ts'
import { KeptRecords } from './keptRecords.ts'
import { encodeKey } from './keys.ts'
import { migrationWrites, StoreTooNew } from './migration.ts'
import { Overlay } from './overlay.ts'
import { CollectionRecords, type ReadLayer } from './records.ts'
import { memorySegmentFiles, type SegmentFiles, type SegmentWrite } from './segmentFiles.ts'
import { Segments } from './segments.ts'
import { Transaction } from './transaction.ts'

/**
 * The layout of keys and records; a store of a newer layout is refused. Since 2, writes may lie in a log; since 3, bytes of
 * segments too.
 */
const layoutVersion = 3
const layoutKey = encodeKey(['store/layout'])

/** The disk did not take a commit: nothing of it is there. */
export class CommitFailed extends DiskRefused {}

interface Batch {
  writes: Map<string, Uint8Array | undefined>
  segmentWrites: SegmentWrite[]
  committed: (() => void)[]
  done: Promise<void>
  resolve: () => void
  reject: (error: unknown) => void
}

function newBatch(): Batch {
  const batch = { writes: new Map(), segmentWrites: [], committed: [] } as unknown as Batch
  batch.done = new Promise((resolve, reject) => Object.assign(batch, { resolve, reject }))
  // A batch that fails rejects for those who wait; nobody may be waiting.
  batch.done.catch(() => undefined)
  return batch
}

/** The commits of one turn of the event loop share a batch, and with them those whom they wake. */
const endOfTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

export class Store {
  /** Grows when commits that were already visible to later ones were lost to an error or a reset: caches start anew. */
  generation = 0
  /** Append-only logs: a commit's entries are on disk with it, beside the records. */
  readonly segments: Segments
  readonly #backend: Backend
  readonly #pending = new Overlay()
  readonly #kept = new KeptRecords()
  /** Records brought up to date, on the way to the disk: readers take them from here, for the older ones mean nothing to them. */
  readonly #migrating = new Overlay()
  readonly #newest: ReadLayer
  readonly #onDisk: ReadLayer
  #next: Batch | undefined
  #inFlight: Batch | undefined
  #writing: Promise<void> | undefined
  readonly #migrated = new Set<string>()
  #alongside: (transaction: Transaction) => void = () => undefined
  #closed = false

  static async open(backend: Backend, segmentFiles: SegmentFiles = memorySegmentFiles()): Promise<Store> {
    const stored = backend.get(layoutKey)
    const version = stored && decodeRecord<number>(stored)
    if (version !== undefined && version > layoutVersion) {
      throw new StoreTooNew(
        `The data folder was written by a newer Igarapé (layout ${version}, this one reads ${layoutVersion}).`,
      )
    }
    if (version !== layoutVersion) {
      await backend.write([{ key: layoutKey, value: encodeRecord(layoutVersion) }])
      // An older Igarapé would not look into the log: it must see at once that this store is not for it.
      await backend.checkpoint()
    }
    const store = new Store(backend, segmentFiles)
    await store.segments.sweep()
    return store
  }

  private constructor(backend: Backend, segmentFiles: SegmentFiles) {
    this.#backend = backend
    this.segments = new Segments(this, segmentFiles)
    const range = (from: string, to: string, reverse: boolean) => backend.range({ from, to, reverse })
    this.#onDisk = {
      get: (key) => (this.#migrating.has(key) ? this.#migrating.get(key) : backend.get(key)),
      kept: (key) => (this.#pending.has(key) ? decoded(this.#onDisk.get(key)) : this.#newest.kept(key)),
      overlays: (from) => (this.#migrating.isEmpty ? [] : [this.#migrating.near(from)]),
      range,
    }
    this.#newest = {
      get: (key) => (this.#pending.has(key) ? this.#pending.get(key) : backend.get(key)),
      kept: (key) => this.#kept.get(key, () => decoded(this.#newest.get(key))),
      overlays: (from) => [this.#pending.near(from)],
      range,
    }
  }

  /** What is on disk. */
  in<R>(collection: Collection<R>, scope: Scope): Records<R> {
    this.#migrate(collection)
    return new CollectionRecords(this.#onDisk, collection, scope)
  }

  /** What the next commit would see, on disk or not yet: for caches and workers that answer nobody. */
  newest<R>(collection: Collection<R>, scope: Scope): Records<R> {
    this.#migrate(collection)
    return new CollectionRecords(this.#newest, collection, scope)
  }

  /**
   * Runs `decide` at once and answers with its result when everything that it wrote, and everything it saw, is on disk.
   * A throw inside undoes all of it. Errors: CommitFailed where the disk refused.
   */
  async commit<T>(decide: (transaction: Transaction) => T): Promise<T> {
    if (this.#closed) throw new CommitFailed('The store is closed.')
    const transaction = new Transaction(this.#newest, (collection) => this.#migrate(collection))
    let result: T
    try {
      result = decide(transaction)
      transaction.finish()
      if (transaction.writes.size > 0) this.#alongside(transaction)
    } finally {
      transaction.close()
    }
    await this.#enqueue(transaction)
    return result
  }

  /** From here on, what `write` writes is in each commit that writes anything. */
  writeAlongside(write: (transaction: Transaction) => void): void {
    this.#alongside = write
  }

  /** The first use of a collection brings its records up to date. */
  #migrate(collection: AnyCollection): void {
    if (this.#migrated.has(collection.name)) return
    this.#migrated.add(collection.name)
    const writes = migrationWrites(this.#newest, collection)
    if (writes.size === 0) return
    for (const [key, value] of writes) this.#migrating.set(key, value)
    const forget = () => {
      for (const key of writes.keys()) this.#migrating.delete(key)
    }
    // Refused by the disk, it is made again at the next use.
    this.#enqueue({ writes, segmentWrites: [], applied: [], committed: [], keptWrites: new Map() })?.then(
      forget,
      () => {
        forget()
        this.#migrated.delete(collection.name)
      },
    )
  }

  #enqueue(
    transaction: Pick<Transaction, 'writes' | 'segmentWrites' | 'applied' | 'committed' | 'keptWrites'>,
  ): Promise<void> | undefined {
    if (transaction.writes.size === 0) {
      for (const call of [...transaction.applied, ...transaction.committed]) call()
      return (this.#next ?? this.#inFlight)?.done
    }
    this.#next ??= newBatch()
    const batch = this.#next
    for (const [key, value] of transaction.writes) {
      batch.writes.set(key, value)
      this.#pending.set(key, value)
      const record = transaction.keptWrites.get(key)
      if (record === undefined) this.#kept.forget(key)
      else this.#kept.set(key, record)
    }
    batch.segmentWrites.push(...transaction.segmentWrites)
    batch.committed.push(...transaction.committed)
    for (const call of transaction.applied) call()
    this.#writing ??= this.#writeBatches()
    return batch.done
  }

  async #writeBatches(): Promise<void> {
    await endOfTurn()
    try {
      for (let batch = this.#next; batch; batch = this.#next) {
        this.#next = undefined
        this.#inFlight = batch
        await this.#writeBatch(batch)
        this.#inFlight = undefined
      }
    } finally {
      this.#writing = undefined
    }
  }

  async #writeBatch(batch: Batch): Promise<void> {
    const writes: Write[] = []
    for (const [key, value] of batch.writes) writes.push({ key, value })
    try {
      const logged = batch.segmentWrites.length > 0 ? await this.segments.sync(batch.segmentWrites) : []
      await this.#backend.write(logged.length > 0 ? [...logged, ...writes] : writes)
    } catch (error) {
      this.#loseVisible(batch, error)
      return
    }
    for (const { key, value } of writes) if (this.#pending.get(key) === value) this.#pending.delete(key)
    for (const call of batch.committed) call()
    batch.resolve()
  }

  /** A batch that the disk refused takes with it the commits that came after, for they saw its writes. */
  #loseVisible(batch: Batch, cause: unknown): void {
    const failure = new CommitFailed(
      `The disk did not take the write: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    )
    const later = this.#next
    this.#next = undefined
    this.#pending.clear()
    this.#kept.clear()
    this.generation++
    batch.reject(failure)
    later?.reject(failure)
  }

  /** Resolves when all that was committed so far is on disk. */
  async flushed(): Promise<void> {
    while (this.#writing) await this.#writing.catch(() => undefined)
  }

  /** Deletes every record. Commits that come meanwhile are written after it. */
  async clear(): Promise<void> {
    await this.flushed()
    this.#pending.clear()
    const clearing = this.#clearDisk()
    this.#writing = clearing.catch(() => undefined)
    try {
      await clearing
    } finally {
      this.#writing = this.#next && this.#writeBatches()
    }
  }

  async #clearDisk(): Promise<void> {
    await this.#backend.clear([{ key: layoutKey, value: encodeRecord(layoutVersion) }])
    await this.segments.clear()
    this.#kept.clear()
    this.generation++
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.flushed()
    await this.segments.closeFiles()
    await this.#backend.close()
  }
}

function decoded(bytes: Uint8Array | undefined): unknown {
  return bytes && decodeRecord(bytes)
}
