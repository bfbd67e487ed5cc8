/**
 * Blobs: immutable bodies of any size. A small one lies in its record, so that storing it costs nothing beside the
 * commit; a larger one is a file, on disk before the commit that keeps it. A blob exists once its record is committed;
 * a file without a record is what a crash left between the two, and is swept at the next start.
 */
import { createReadStream, writeFileSync } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Random } from '../clock.ts'
import type { BlockReader, Chunks } from './blobFile.ts'
import { BlobFiles, type ByteSpan, readWholeBytesMax } from './blobFiles.ts'
import { collection, type Records, type WritableRecords } from './collection.ts'

/** A body as it is stored: written, but not yet kept by a commit. */
export interface Blob {
  id: string
  size: number
  /** A small body itself; absent, it is a file. */
  bytes?: Uint8Array
}

export const blobRecords = collection<Blob>('blobs', { version: 1, scope: 'global', key: (blob) => [blob.id] })

export type BlobSource = Uint8Array | AsyncIterable<Uint8Array>

/** Up to here a body is kept in its record: one shared sync of the store costs less than two of a file of its own. */
export const inlineBytesMax = 32 * 1024
const idDigits = 32
const hashedBytesAtOnce = 1024 * 1024

/** The part of a transaction that blobs need. */
export interface BlobTransaction {
  in(collection: typeof blobRecords): WritableRecords<Blob>
  /** Called once the commit is on disk. */
  afterCommit(call: () => void): void
}

export interface TreeFile {
  /** Bodies, one after the other. */
  blobIds: readonly string[]
  /** Relative to the tree's folder, which already holds the folders on the way. */
  name: string
  /** Is asked before a small body is laid out, and answers whether it took it. */
  take?: ((body: Uint8Array) => boolean) | undefined
}

export interface BlobStoreSettings {
  folder: string
  durable: boolean
  random: Random
  /** The committed records. */
  records: Records<Blob>
}

export class BlobStore {
  readonly #files: BlobFiles
  readonly #random: Random
  readonly #records: Records<Blob>
  /** Files of this process that no commit has kept yet: the sweep leaves them. */
  readonly #unkept = new Set<string>()
  /** How many still want to open or link a file: it outlives its deletion until they have. */
  readonly #leases = new Map<string, number>()
  readonly #removedWhileLeased = new Set<string>()
  readonly #removals = new Set<Promise<void>>()
  /** Of this process: no other has these digits first. */
  readonly #session: string
  #inlineCount = 0
  #closed = false

  constructor(settings: BlobStoreSettings) {
    this.#files = new BlobFiles(settings)
    this.#random = settings.random
    this.#records = settings.records
    this.#session = settings.random.hex(idDigits / 2)
  }

  /**
   * Stores a body. `onBlock` sees every byte in order, in few pieces: for hashes; the body is there when it is done with
   * them too. What is never kept must be `discard`ed.
   */
  async write(source: BlobSource, onBlock?: BlockReader): Promise<Blob> {
    if (source instanceof Uint8Array) {
      if (source.byteLength > inlineBytesMax) return this.#writeFile([source], onBlock)
      return onBlock ? this.#readInline(source, onBlock) : this.#inline(source)
    }
    const chunks = source[Symbol.asyncIterator]()
    const gathered: Uint8Array[] = []
    let size = 0
    while (size <= inlineBytesMax) {
      const { done, value } = await chunks.next()
      if (done) return this.write((gathered.length === 1 && gathered[0]) || Buffer.concat(gathered), onBlock)
      gathered.push(value)
      size += value.byteLength
    }
    try {
      return await this.#writeFile(continued(gathered, chunks), onBlock)
    } catch (error) {
      // A file that could not even be opened has read nothing: whoever sends must not wait for it.
      await chunks.return?.()
      throw error
    }
  }

  /** Takes over a file that an engine wrote, without a copy when it lies on the same disk. */
  async adopt(path: string, onChunk?: (chunk: Uint8Array) => void): Promise<Blob> {
    const { size } = await stat(path)
    if (size <= inlineBytesMax) {
      const bytes = await readFile(path)
      onChunk?.(bytes)
      return this.#inline(bytes)
    }
    const id = this.#newFileId()
    if (onChunk) for await (const chunk of createReadStream(path, { highWaterMark: hashedBytesAtOnce })) onChunk(chunk)
    this.#unkept.add(id)
    await this.#files.adopt(id, path)
    return { id, size }
  }

  /** The same bytes as another blob of its own: a link where that is a file. */
  async duplicate(sourceId: string): Promise<Blob> {
    const source = this.#mustGet(sourceId)
    if (source.bytes) return this.#inline(source.bytes)
    const id = this.#newFileId()
    this.#unkept.add(id)
    this.#lease(sourceId)
    try {
      await this.#files.duplicate(id, sourceId)
    } catch (error) {
      this.#unkept.delete(id)
      throw error
    } finally {
      this.#endLease(sourceId)
    }
    return { id, size: source.size }
  }

  /** Makes the blob exist, in this commit. */
  keep(tx: BlobTransaction, blob: Blob): void {
    tx.in(blobRecords).put(blob)
    if (!blob.bytes) tx.afterCommit(() => this.#unkept.delete(blob.id))
  }

  /** Ends the blob's existence in this commit; its file goes when the commit is on disk. */
  drop(tx: BlobTransaction, id: string): void {
    const blob = tx.in(blobRecords).get(id)
    tx.in(blobRecords).delete(id)
    if (blob && !blob.bytes) tx.afterCommit(() => this.#removeFile(id))
  }

  /** Runs a commit that keeps these blobs; should it fail, they are thrown away. */
  async keeping<T>(blobs: readonly Blob[], commit: () => Promise<T>): Promise<T> {
    try {
      return await commit()
    } catch (error) {
      for (const blob of blobs) this.discard(blob)
      throw error
    }
  }

  /** Throws away a blob that no commit has kept. */
  discard(blob: Blob): void {
    if (!blob.bytes && this.#unkept.has(blob.id)) this.#removeFile(blob.id)
  }

  /** A small body at once, a larger one as a stream, or the part of it that is asked for (both ends included). */
  read(id: string, span?: ByteSpan): Uint8Array | Readable {
    const blob = this.#mustGet(id)
    return this.#open(blob, span)
  }

  /** As `read`, and one that is not too long as a whole: there are fewer steps to it than to a stream. */
  load(id: string, span?: ByteSpan): Uint8Array | Readable | Promise<Uint8Array> {
    const blob = this.#mustGet(id)
    if (blob.bytes || blob.size > readWholeBytesMax) return this.#open(blob, span)
    const part = (whole: Uint8Array) => (span ? whole.subarray(span.start, span.end + 1) : whole)
    const whole = this.#files.readWhole(id, blob.size)
    return whole instanceof Uint8Array ? part(whole) : whole.then(part)
  }

  /** Several bodies as one. Those that are still to come are leased, so that a deletion cannot cut a begun answer. */
  readAll(parts: readonly { id: string; span?: ByteSpan }[]): Uint8Array | Readable {
    const [first, ...more] = parts
    if (!first) return new Uint8Array()
    if (more.length === 0) return this.read(first.id, first.span)
    const pieces = parts.map(({ id, span }) => ({ blob: this.#mustGet(id), span }))
    for (const { blob } of pieces) this.#lease(blob.id)
    const stream = Readable.from(this.#oneAfterTheOther(pieces), { objectMode: false })
    stream.once('close', () => {
      for (const { blob } of pieces) this.#endLease(blob.id)
    })
    return stream
  }

  /**
   * Lays bodies out as files for an engine: links, not copies; small bodies are written out. What is deleted meanwhile
   * is laid out all the same, if it was there when this was called. Small ones are written at once, some in a turn: one by one
   * through the thread pool each takes five times as long.
   */
  async linkTree(files: readonly TreeFile[], folder: string): Promise<void> {
    const leased = files.map(({ blobIds, name, take }) => ({
      path: join(folder, name),
      take,
      blobs: blobIds.map((id) => this.#mustGet(id)),
    }))
    for (const { blobs } of leased) for (const { id } of blobs) this.#lease(id)
    const atOnce = 16
    try {
      for (let start = 0; start < leased.length; start += atOnce) {
        await Promise.all(leased.slice(start, start + atOnce).map((one) => this.#layOut(one)))
        await new Promise((resolve) => setImmediate(resolve))
      }
    } finally {
      for (const { blobs } of leased) for (const { id } of blobs) this.#endLease(id)
    }
  }

  /** Removes the files that no commit kept: what a crash left. Safe at any time. */
  async sweep(): Promise<number> {
    let swept = 0
    for await (const ids of this.#files.ids()) {
      for (const id of ids) {
        if (this.#closed) return swept
        if (this.#unkept.has(id) || this.#records.has(id)) continue
        await this.#files.remove(id)
        swept++
      }
    }
    return swept
  }

  /** Every blob is gone: their records were cleared. */
  async reset(): Promise<void> {
    this.#unkept.clear()
    await this.#files.clear()
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.#removals)
    await this.#files.close()
  }

  #open(blob: Blob, span: ByteSpan | undefined): Uint8Array | Readable {
    if (blob.bytes) return span ? blob.bytes.subarray(span.start, span.end + 1) : blob.bytes
    return this.#files.read(blob.id, span ?? { start: 0, end: blob.size - 1 })
  }

  async *#oneAfterTheOther(pieces: readonly { blob: Blob; span?: ByteSpan }[]): AsyncIterable<Uint8Array> {
    for (const { blob, span } of pieces) {
      const body = this.#open(blob, span)
      if (body instanceof Uint8Array) yield body
      else yield* body as AsyncIterable<Uint8Array>
    }
  }

  #endLease(id: string): void {
    const left = (this.#leases.get(id) ?? 1) - 1
    if (left > 0) this.#leases.set(id, left)
    else this.#leases.delete(id)
    if (left <= 0 && this.#removedWhileLeased.delete(id)) this.#removeFile(id)
  }

  async #layOut({ blobs, path, take }: LeasedFile): Promise<void> {
    const [only, ...more] = blobs
    if (!only || more.length > 0) return writeFile(path, this.#oneAfterTheOther(blobs.map((blob) => ({ blob }))))
    if (!only.bytes) return this.#files.linkTo(only.id, path)
    if (!take?.(only.bytes)) writeFileSync(path, only.bytes)
  }

  #lease(id: string): void {
    this.#leases.set(id, (this.#leases.get(id) ?? 0) + 1)
  }

  async #writeFile(chunks: Chunks, onBlock?: BlockReader): Promise<Blob> {
    const id = this.#newFileId()
    this.#unkept.add(id)
    try {
      return { id, size: await this.#files.write(id, chunks, onBlock) }
    } catch (error) {
      this.#unkept.delete(id)
      throw error
    }
  }

  #removeFile(id: string): void {
    if (this.#leases.has(id)) {
      this.#removedWhileLeased.add(id)
      return
    }
    // A file that cannot be removed now is swept at the next start.
    const removal = this.#files.remove(id).catch(() => undefined)
    this.#removals.add(removal)
    void removal.then(() => {
      this.#removals.delete(removal)
      this.#unkept.delete(id)
    })
  }

  #mustGet(id: string): Blob {
    const blob = this.#records.get(id)
    if (!blob) throw new Error(`blob ${id} is referred to, but not there`)
    return blob
  }

  async #readInline(bytes: Uint8Array, onBlock: BlockReader): Promise<Blob> {
    await onBlock(bytes)
    return this.#inline(bytes)
  }

  /** One after the other: records that come together lie together, and the store appends to one page. */
  #inline(bytes: Uint8Array): Blob {
    const id = this.#session + (this.#inlineCount++).toString(16).padStart(idDigits / 2, '0')
    return { id, size: bytes.byteLength, bytes }
  }

  /** All over, because its first digits are the folder of its file. */
  #newFileId(): string {
    return this.#random.hex(idDigits)
  }
}

interface LeasedFile {
  path: string
  blobs: readonly Blob[]
  take: TreeFile['take']
}

async function* continued(gathered: Uint8Array[], chunks: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  yield* gathered
  try {
    for (;;) {
      const { done, value } = await chunks.next()
      if (done) return
      yield value
    }
  } finally {
    await chunks.return?.()
  }
}
