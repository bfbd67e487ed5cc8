/**
 * Files that are read again and again stay open: opening one takes longer than reading a part of it. A file that is
 * given up while it is read is closed when the last of its readers is done.
 */
import { type FileHandle, open } from 'node:fs/promises'

const openMax = 8

interface Shared {
  opened: Promise<FileHandle>
  readers: number
  isGivenUp: boolean
}

export class ReadHandles {
  /** The latest to be read comes last. */
  readonly #files = new Map<string, Shared>()

  /** Errors: ENOENT, and what `read` throws. */
  async use<T>(path: string, read: (handle: FileHandle) => Promise<T>): Promise<T> {
    const file = this.#files.get(path) ?? { opened: open(path, 'r'), readers: 0, isGivenUp: false }
    this.#files.delete(path)
    this.#files.set(path, file)
    file.readers++
    const [first] = this.#files.keys()
    if (this.#files.size > openMax && first !== undefined) this.giveUp(first)
    try {
      return await read(await file.opened)
    } catch (error) {
      // It may not be there, or be another than it was: who comes next opens it again.
      if (this.#files.get(path) === file) this.giveUp(path)
      throw error
    } finally {
      file.readers--
      await closeUnread(file)
    }
  }

  giveUp(path: string): void {
    const file = this.#files.get(path)
    if (!file) return
    this.#files.delete(path)
    file.isGivenUp = true
    void closeUnread(file)
  }

  giveUpAll(): void {
    for (const path of [...this.#files.keys()]) this.giveUp(path)
  }
}

async function closeUnread(file: Shared): Promise<void> {
  if (!file.isGivenUp || file.readers > 0) return
  const handle = await file.opened.catch(() => undefined)
  await handle?.close()
}
