/**
 * The files behind blobs: written under a temporary name, synced, then renamed to `<folder>/ab/<id>`, whose folder is
 * synced too. Syncs of one folder are shared: those who ask while one runs wait together for the next.
 */
import { closeSync, constants, createReadStream, openSync, type ReadStream, read as readBytes } from 'node:fs'
import { copyFile, link, mkdir, open, readdir, rename, rm, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { type BlockReader, type Chunks, fillFile } from './blobFile.ts'
import { Blocks } from './blocks.ts'
import { asRefusal } from './diskRefused.ts'
import { syncFolder } from './durableWrites.ts'
import { RecentBodies } from './recentBodies.ts'

/** Bytes, from and to included. */
export interface ByteSpan {
  start: number
  end: number
}

const readBytesAtOnce = 256 * 1024
/** Up to here a file is read at once: each piece costs a turn of the thread pool and of the collector. */
export const readWholeBytesMax = 1024 * 1024
/** Of files that were read lately. */
const recentBytesMax = 32 * 1024 * 1024
/** Where files lie until they have their name: longer than two letters, so no id begins with it. */
const staging = 'staging'

export class BlobFiles {
  readonly #folder: string
  readonly #durable: boolean
  readonly #folders = new Map<string, Promise<void>>()
  /** The files of a reset go while others are written. */
  #removal: Promise<void>
  readonly #blocks = new Blocks()
  readonly #recent = new RecentBodies(recentBytesMax)
  readonly #syncs = new Map<string, { running: Promise<void>; next: Promise<void> | undefined }>()

  constructor({ folder, durable }: { folder: string; durable: boolean }) {
    this.#folder = folder
    this.#durable = durable
    // What a reset had to remove when the process ended.
    this.#removal = this.#removeCleared()
  }

  path(id: string): string {
    return join(this.#folder, id.slice(0, 2), id)
  }

  /**
   * Streams into a file that is on disk, under its name, when this resolves. `onBlock` sees every byte in order. Answers
   * the size. Errors: DiskRefused.
   */
  async write(id: string, chunks: Chunks, onBlock: BlockReader = () => undefined): Promise<number> {
    const staged = join(this.#folder, staging, id)
    try {
      await this.#ensure(staging)
      const filling = { blocks: this.#blocks, durable: this.#durable, onBlock }
      const size = await fillFile(staged, chunks, filling)
      await this.#place(staged, id)
      return size
    } catch (error) {
      // What cannot be removed now is swept at the next start.
      await unlinkIfThere(staged).catch(() => undefined)
      throw asRefusal(error)
    }
  }

  /** Takes over a file that lies on the same disk; from another disk it is copied. */
  async adopt(id: string, staged: string): Promise<void> {
    const file = await open(staged, 'r')
    try {
      if (this.#durable) await file.datasync()
    } finally {
      await file.close()
    }
    try {
      await this.#place(staged, id)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
      await this.write(id, createReadStream(staged))
      await unlink(staged)
    }
  }

  /** The same bytes under another id: a second link to the file, not a copy. */
  async duplicate(id: string, sourceId: string): Promise<void> {
    const folder = await this.#ensure(id.slice(0, 2))
    await linkOrCopy(this.path(sourceId), this.path(id))
    await this.#syncFolder(folder)
  }

  /** Links the file to a path outside. */
  async linkTo(id: string, path: string): Promise<void> {
    await linkOrCopy(this.path(id), path)
  }

  /**
   * Opens at once, in the caller's turn: a blob found in a record that was just read is still there, because files are
   * unlinked only after the commit that forgot them is on disk. Once open it can be read to the end.
   */
  read(id: string, span: ByteSpan): ReadStream {
    const descriptor = openNow(this.path(id))
    const bytes = span.end + 1 - span.start
    const highWaterMark = bytes <= readWholeBytesMax ? Math.max(bytes, 1) : readBytesAtOnce
    const stream = createReadStream('', { ...span, fd: descriptor, highWaterMark })
    stream.once('error', () => closeQuietly(descriptor))
    return stream
  }

  /** All of a file of at most `readWholeBytesMax`; opened at once, as by `read`. */
  readWhole(id: string, size: number): Uint8Array | Promise<Uint8Array> {
    const recent = this.#recent.get(id)
    if (recent) return recent
    const descriptor = openNow(this.path(id))
    return readAll(descriptor, size)
      .then((bytes) => {
        this.#recent.set(id, bytes)
        return bytes
      })
      .finally(() => closeQuietly(descriptor))
  }

  async remove(id: string): Promise<void> {
    this.#recent.delete(id)
    const wasPlaced = await unlinkIfThere(this.path(id))
    if (!wasPlaced) await unlinkIfThere(join(this.#folder, staging, id))
  }

  /** Every id that has a file, whole or still being written, a folder at a time. */
  async *ids(): AsyncIterable<string[]> {
    const folders = await readdir(this.#folder).catch(() => [])
    for (const name of folders) yield await readdir(join(this.#folder, name)).catch(() => [])
  }

  /** Removes everything: at once for who writes next, and from the disk in its own time. */
  async clear(): Promise<void> {
    this.#folders.clear()
    this.#recent.clear()
    await this.#removal
    await rename(this.#folder, this.#cleared).catch(() => undefined)
    this.#removal = this.#removeCleared()
  }

  /** Nothing of this process is under way. */
  async close(): Promise<void> {
    await this.#removal
  }

  get #cleared(): string {
    return `${this.#folder}-cleared`
  }

  /** What cannot be removed now is tried again at the next reset or start. */
  async #removeCleared(): Promise<void> {
    await rm(this.#cleared, { recursive: true, force: true }).catch(() => undefined)
  }

  async #place(staged: string, id: string): Promise<void> {
    const folder = await this.#ensure(id.slice(0, 2))
    await rename(staged, this.path(id))
    await this.#syncFolder(folder)
  }

  async #ensure(name: string): Promise<string> {
    const folder = join(this.#folder, name)
    let made = this.#folders.get(name)
    if (!made) {
      made = mkdir(folder, { recursive: true }).then(() => this.#syncFolder(this.#folder))
      this.#folders.set(name, made)
      made.catch(() => this.#folders.delete(name))
    }
    await made
    return folder
  }

  /** A sync that already runs may have begun before the caller's rename, so it waits for the one after. */
  #syncFolder(folder: string): Promise<void> {
    if (!this.#durable) return Promise.resolve()
    const current = this.#syncs.get(folder)
    if (current) {
      current.next ??= current.running
        .catch(() => undefined)
        .then(() => {
          this.#syncs.delete(folder)
          return this.#syncFolder(folder)
        })
      return current.next
    }
    const entry = { running: syncFolder(folder), next: undefined }
    this.#syncs.set(folder, entry)
    const forget = () => {
      if (!entry.next && this.#syncs.get(folder) === entry) this.#syncs.delete(folder)
    }
    entry.running.then(forget, forget)
    return entry.running
  }
}

/** Errors: DiskRefused. */
function readAll(descriptor: number, size: number): Promise<Uint8Array> {
  // Of its own, not of a pool: it may stay for long.
  const bytes = Buffer.allocUnsafeSlow(size)
  return new Promise((resolve, reject) => {
    const from = (done: number) => {
      readBytes(descriptor, bytes, done, size - done, done, (error, count) => {
        if (error) reject(asRefusal(error))
        else if (count === 0) reject(asRefusal(new Error('a body ends before its size')))
        else if (done + count < size) from(done + count)
        else resolve(bytes)
      })
    }
    from(0)
  })
}

function openNow(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY)
  } catch (error) {
    throw asRefusal(error)
  }
}

/** Answers whether it was there. `rm` would look first what it is, and is ready for whole trees. */
async function unlinkIfThere(path: string): Promise<boolean> {
  try {
    await unlink(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return false
  }
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EXDEV' && code !== 'EPERM' && code !== 'EMLINK' && code !== 'ENOTSUP') throw error
    await copyFile(from, to, constants.COPYFILE_FICLONE)
  }
}

function closeQuietly(descriptor: number): void {
  try {
    closeSync(descriptor)
  } catch {
    // The stream had closed it already.
  }
}
