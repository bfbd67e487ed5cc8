/**
 * Segment files behind the log. What a batch appends to a log of brief entries goes into the store's log with the records
 * that tell of it, one synced write for both; it lies in memory with the other recent writes, and comes into its file when
 * those go to the table: many batches by one write. What is not brief would be felt twice: it is written to its file at once,
 * and synced before the records. Files are on disk before the table's part of a slice, and a generation counts as applied
 * after both, so a start finds in the log what a crash kept from a file, and writes it again where it belongs.
 */
import type { Backend, ByteRange, Write } from './backend.ts'
import { encodeKey, endOf } from './keys.ts'
import type { Entry } from './laidOver.ts'
import type { SegmentFiles, SegmentWrite } from './segmentFiles.ts'

const collection = 'segments/bytes'
/** Offsets as text of one length, in order, and read back from a key. */
const offsetDigits = 16

/** `open` puts the log above the table that it is given. */
export async function openSegmented(
  table: Backend,
  files: SegmentFiles,
  open: (table: Backend) => Promise<Backend>,
): Promise<{ backend: Backend; segmentFiles: SegmentFiles }> {
  const below = new SegmentedTable(table, files)
  const backend = await open(below)
  return { backend, segmentFiles: new LoggedSegments(backend, files, below) }
}

/** Under the log: what is for segments goes into their files, all else to the table. */
class SegmentedTable implements Backend {
  /** Files that were removed while the log had bytes for them. */
  readonly removed = new Set<string>()
  /** Resolves when no file is being written. */
  writing: Promise<void> = Promise.resolve()
  readonly #table: Backend
  readonly #files: SegmentFiles

  constructor(table: Backend, files: SegmentFiles) {
    this.#table = table
    this.#files = files
  }

  get(key: string): Uint8Array | undefined {
    return this.#table.get(key)
  }

  range(range: ByteRange): Iterable<Entry<Uint8Array>> {
    return this.#table.range(range)
  }

  async write(batch: readonly Write[]): Promise<void> {
    const appends: SegmentWrite[] = []
    const records: Write[] = []
    for (const write of batch) {
      const append = appendOf(write)
      if (!append) records.push(write)
      else if (!this.removed.has(append.file)) appends.push(append)
    }
    if (appends.length > 0) await this.writeFiles(appends)
    if (records.length > 0) await this.#table.write(records)
  }

  /** One after the other: what the log gives up, and what goes to files of its own at the same time. */
  writeFiles(writes: readonly SegmentWrite[]): Promise<void> {
    const written = this.writing.then(() => this.#files.write(writes))
    this.writing = written.catch(() => undefined)
    return written
  }

  checkpoint(): Promise<void> {
    return this.#table.checkpoint()
  }

  clear(left?: readonly Write[]): Promise<void> {
    return this.#table.clear(left)
  }

  async close(): Promise<void> {
    await this.#files.close()
    await this.#table.close()
  }
}

/** Above the log: files with what the log still has of them. */
class LoggedSegments implements SegmentFiles {
  readonly #backend: Backend
  readonly #files: SegmentFiles
  readonly #below: SegmentedTable

  constructor(backend: Backend, files: SegmentFiles, below: SegmentedTable) {
    this.#backend = backend
    this.#files = files
    this.#below = below
  }

  get limits() {
    return this.#files.limits
  }

  readonly inLog = (writes: readonly SegmentWrite[]): Write[] =>
    writes.map(({ file, offset, bytes }) => ({ key: keyOf(file, offset), value: bytes }))

  /** What is not brief: it has files, and a sync, of its own. */
  write(writes: readonly SegmentWrite[]): Promise<void> {
    return this.#below.writeFiles(writes)
  }

  async read(file: string, offset: number, length: number, into?: Buffer): Promise<Buffer> {
    // Now, before anything is awaited: what goes into the file meanwhile is what it is here.
    const recent = this.#below.removed.has(file) ? [] : [...this.#recent(file, offset, offset + length)]
    const from = recent[0]?.offset
    if (from === undefined) return this.#files.read(file, offset, length, into)
    const bytes = into?.subarray(0, length) ?? Buffer.allocUnsafe(length)
    // Files may answer with memory of their own.
    if (from > offset) (await this.#files.read(file, offset, from - offset, bytes)).copy(bytes)
    for (const part of recent) {
      const begins = part.offset - offset
      part.bytes.copy(bytes, Math.max(begins, 0), Math.max(-begins, 0), Math.min(part.bytes.length, length - begins))
    }
    return bytes
  }

  async remove(file: string): Promise<void> {
    const { removed } = this.#below
    for (const name of removed) if (!this.#isRecent(name)) removed.delete(name)
    if (this.#isRecent(file)) removed.add(file)
    await this.#below.writing
    await this.#files.remove(file)
  }

  async list(): Promise<string[]> {
    const recent = [...this.#recentFiles()].filter((file) => !this.#below.removed.has(file))
    return [...new Set([...(await this.#files.list()), ...recent])]
  }

  async clear(): Promise<void> {
    this.#below.removed.clear()
    await this.#files.clear()
  }

  /** The log closes them, after it has given up what it holds. */
  async close(): Promise<void> {}

  /** Bytes of a file that may not be in it yet, in order: all from the first of them on. */
  *#recent(file: string, from: number, to: number): Iterable<SegmentWrite> {
    const before = { from: keyOf(file, 0), to: keyOf(file, from + 1), reverse: true }
    for (const write of this.#in(before)) {
      if (write.offset + write.bytes.length > from) yield write
      break
    }
    yield* this.#in({ from: keyOf(file, from + 1), to: keyOf(file, to) })
  }

  #isRecent(file: string): boolean {
    const prefix = encodeKey([collection, file])
    for (const _ of this.#in({ from: prefix, to: endOf(prefix) })) return true
    return false
  }

  *#recentFiles(): Iterable<string> {
    const all = encodeKey([collection])
    for (let from: string | undefined = all; from !== undefined; ) {
      const range = { from, to: endOf(all) }
      from = undefined
      for (const { file } of this.#in(range)) {
        yield file
        from = endOf(encodeKey([collection, file]))
        break
      }
    }
  }

  *#in(range: ByteRange): Iterable<SegmentWrite> {
    for (const [key, value] of this.#backend.range(range)) {
      const append = appendOf({ key, value })
      if (append) yield append
    }
  }
}

function keyOf(file: string, offset: number): string {
  return encodeKey([collection, file, String(offset).padStart(offsetDigits, '0')])
}

const head = encodeKey([collection])

/** Undefined for a record. */
function appendOf({ key, value }: Write): SegmentWrite | undefined {
  if (!value || !key.startsWith(head)) return undefined
  // Each part of a key begins with its kind and ends with a zero (keys.ts).
  const [file = '', offset = ''] = key
    .slice(head.length)
    .split('\0')
    .map((part) => part.slice(1))
  return { file, offset: Number(offset), bytes: Buffer.from(value.buffer, value.byteOffset, value.byteLength) }
}
