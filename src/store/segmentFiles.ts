/**
 * The files that segments lie in. A write says where its bytes belong, so a write that was lost or torn is written over;
 * it resolves when the bytes, and the file's name, are on disk. Simulations put their own in its place.
 */
import { constants, mkdirSync } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Write } from './backend.ts'
import { syncData, syncFolder, syncsByWriting, writeWhole } from './durableWrites.ts'
import { ReadHandles } from './readHandles.ts'

export interface SegmentWrite {
  file: string
  offset: number
  bytes: Buffer
  /** It goes by the store's log, as all of its file. */
  brief?: true | undefined
}

/** How long things grow. */
export interface SegmentLimits {
  /** A segment that is as long gets no new block. */
  segmentBytesMax: number
  /** What is read at once, and forgotten at once. */
  blockBytesMax: number
}

export interface SegmentFiles {
  readonly limits?: SegmentLimits | undefined
  /** What the log writes of what is brief, with the records of the same batch. Absent where there is no log. */
  readonly inLog?: (writes: readonly SegmentWrite[]) => Write[]
  /** Resolves when all of it is on disk. Writes to one file follow each other without a gap. One call at a time. */
  write(writes: readonly SegmentWrite[]): Promise<void>
  /** Into memory that is given, or its own. Errors: ENOENT where the file was removed; fewer bytes never come. */
  read(file: string, offset: number, length: number, into?: Buffer): Promise<Buffer>
  remove(file: string): Promise<void>
  list(): Promise<string[]>
  clear(): Promise<void>
  close(): Promise<void>
}

/** Files kept open for the next write. */
const openMax = 64
/** A file grows by more than it needs, filled with zeros: writing over them changes no metadata, and syncs faster. */
const growthBytes = { least: 64 * 1024, most: 1024 * 1024 }
const zeros = Buffer.alloc(growthBytes.most)

interface OpenFile {
  handle: FileHandle
  /** With the zeros. */
  size: number
}

/** `durable: false` leaves syncing to the host. */
export function segmentFiles(folder: string, { durable }: { durable: boolean }): SegmentFiles {
  mkdirSync(folder, { recursive: true })
  return new SegmentFolder(folder, durable)
}

class SegmentFolder implements SegmentFiles {
  readonly #folder: string
  readonly #durable: boolean
  /** The latest to be written to comes last. */
  readonly #open = new Map<string, OpenFile>()
  readonly #read = new ReadHandles()

  constructor(folder: string, durable: boolean) {
    this.#folder = folder
    this.#durable = durable
  }

  async write(writes: readonly SegmentWrite[]): Promise<void> {
    const byFile = new Map<string, { offset: number; parts: Buffer[] }>()
    for (const { file, offset, bytes } of writes) {
      const run = byFile.get(file)
      if (run) run.parts.push(bytes)
      else byFile.set(file, { offset, parts: [bytes] })
    }
    const files = [...byFile]
    for (let start = 0; start < files.length; start += openMax) {
      const some = files.slice(start, start + openMax)
      const opened = await this.#opened(some.map(([file, { offset }]) => ({ file, offset })))
      await Promise.all(some.map(([, run], index) => this.#append(opened[index] as OpenFile, run)))
    }
  }

  async read(file: string, offset: number, length: number, into?: Buffer): Promise<Buffer> {
    return this.#read.use(join(this.#folder, file), async (handle) => {
      const bytes = into?.subarray(0, length) ?? Buffer.allocUnsafe(length)
      for (let filled = 0; filled < length; ) {
        const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled)
        if (bytesRead === 0) throw new Error(`the segment ${file} ends at ${offset + filled}, before its last entry`)
        filled += bytesRead
      }
      return bytes
    })
  }

  async remove(file: string): Promise<void> {
    await this.#forget(file)
    this.#read.giveUp(join(this.#folder, file))
    await rm(join(this.#folder, file), { force: true })
  }

  async list(): Promise<string[]> {
    return readdir(this.#folder)
  }

  async clear(): Promise<void> {
    await this.close()
    // Aside first: who writes next finds the folder empty at once.
    const doomed = `${this.#folder}-cleared`
    await rm(doomed, { recursive: true, force: true })
    await rename(this.#folder, doomed)
    await mkdir(this.#folder, { recursive: true })
    await rm(doomed, { recursive: true, force: true })
  }

  async close(): Promise<void> {
    this.#read.giveUpAll()
    for (const file of [...this.#open.keys()]) await this.#forget(file)
  }

  async #opened(wanted: { file: string; offset: number }[]): Promise<OpenFile[]> {
    let named = false
    const opened: OpenFile[] = []
    for (const { file, offset } of wanted) {
      let here = this.#open.get(file)
      if (!here) {
        here = await this.#openToWrite(file, offset)
        // Even if the file is there: it may be what is left of a write that failed before its name was on disk.
        named ||= offset === 0
      }
      this.#open.delete(file)
      this.#open.set(file, here)
      opened.push(here)
    }
    for (const file of this.#open.keys()) {
      if (this.#open.size <= openMax) break
      await this.#forget(file)
    }
    if (named && this.#durable) await syncFolder(this.#folder)
    return opened
  }

  async #openToWrite(file: string, offset: number): Promise<OpenFile> {
    const syncing = this.#durable && syncsByWriting ? constants.O_DSYNC : 0
    const handle = await open(join(this.#folder, file), constants.O_RDWR | constants.O_CREAT | syncing, 0o644)
    // What a crash left behind the last entry that a record knows of.
    await handle.truncate(offset)
    return { handle, size: offset }
  }

  async #append(file: OpenFile, { offset, parts }: { offset: number; parts: Buffer[] }): Promise<void> {
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    const end = offset + length
    const grows = this.#durable && end > file.size
    if (grows) file.size = end + Math.min(Math.max(end, growthBytes.least), growthBytes.most)
    if (grows) parts.push(zeros.subarray(0, file.size - end))
    await writeWhole(file.handle.fd, parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts), offset)
    if (this.#durable && !syncsByWriting) await syncData(file.handle.fd)
  }

  async #forget(file: string): Promise<void> {
    const opened = this.#open.get(file)
    this.#open.delete(file)
    await opened?.handle.close()
  }
}

/** For stores that keep nothing: the segments of a test. */
export function memorySegmentFiles(): SegmentFiles {
  const files = new Map<string, Buffer>()
  return {
    async write(writes) {
      for (const { file, offset, bytes } of writes) {
        files.set(file, Buffer.concat([(files.get(file) ?? Buffer.alloc(0)).subarray(0, offset), bytes]))
      }
    },
    async read(file, offset, length) {
      const bytes = files.get(file)
      if (!bytes) throw Object.assign(new Error(`there is no segment ${file}`), { code: 'ENOENT' })
      return bytes.subarray(offset, offset + length)
    },
    async remove(file) {
      files.delete(file)
    },
    list: async () => [...files.keys()],
    clear: async () => files.clear(),
    close: async () => undefined,
  }
}
