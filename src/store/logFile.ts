/**
 * A file of the log, which is written over again and again: a write into bytes that exist already changes no metadata, so
 * that its sync is one journey to the disk. It grows by more than it needs, for the same reason.
 */
import { constants, ftruncate } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { syncData, syncFolder, syncsByWriting, writeWhole } from './durableWrites.ts'

export interface LogFile {
  /** All of it. */
  read(): Promise<Buffer>
  /** On disk when it resolves. Errors: the disk's; then nobody knows what lies at `at` and after it. */
  write(bytes: Uint8Array, at: number): Promise<void>
  /** Forgets what lies at `at` and after it; on disk when it resolves. */
  cut(at: number): Promise<void>
  close(): Promise<void>
}

/** How much the file grows at once, filled with zeros. */
const growthBytes = 1024 * 1024
const zeros = Buffer.alloc(growthBytes)

export async function openLogFile(path: string): Promise<LogFile> {
  const flags = constants.O_RDWR | constants.O_CREAT | (syncsByWriting ? constants.O_DSYNC : 0)
  const handle = await open(path, flags, 0o644)
  await syncFolder(dirname(path))
  return new DiskLogFile(handle, (await handle.stat()).size)
}

class DiskLogFile implements LogFile {
  readonly #handle: FileHandle
  #size: number

  constructor(handle: FileHandle, size: number) {
    this.#handle = handle
    this.#size = size
  }

  async read(): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(this.#size)
    let at = 0
    while (at < bytes.length) {
      const { bytesRead } = await this.#handle.read(bytes, at, bytes.length - at, at)
      if (bytesRead === 0) throw new Error('the log is shorter than it was a moment ago')
      at += bytesRead
    }
    return bytes
  }

  async write(bytes: Uint8Array, at: number): Promise<void> {
    const end = at + bytes.byteLength
    if (end <= this.#size) await writeWhole(this.#handle.fd, bytes, at)
    else {
      const grown = Math.ceil(end / growthBytes) * growthBytes
      await writeWhole(this.#handle.fd, Buffer.concat([bytes, zeros.subarray(0, grown - end)]), at)
      this.#size = grown
    }
    if (!syncsByWriting) await syncData(this.#handle.fd)
  }

  async cut(at: number): Promise<void> {
    await promisify(ftruncate)(this.#handle.fd, at)
    await syncData(this.#handle.fd)
    this.#size = at
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}
