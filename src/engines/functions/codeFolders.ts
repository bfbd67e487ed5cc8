/**
 * Unpacked code and layers, once for each content. A folder appears under its name only when it is complete; what a
 * killed server left half unpacked is swept before the next one unpacks anything.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { unpackArchive } from './archives.ts'

/** No hash begins with it. */
const stagingMark = '.'

export interface PackedCode {
  /** SHA-256 of the archive, in hexadecimal. */
  hash: string
  read: () => Promise<Buffer>
}

export class CodeFolders {
  readonly #folder: string
  readonly #unpacking = new Map<string, Promise<string>>()
  #swept: Promise<void> | undefined

  constructor(folder: string) {
    this.#folder = folder
  }

  code(archive: PackedCode): Promise<string> {
    return this.#once(archive.hash, 'task', [archive])
  }

  /** Later layers overwrite what earlier ones brought. */
  layers(archives: PackedCode[]): Promise<string> {
    const hash = createHash('sha256')
      .update(archives.map((archive) => archive.hash).join('\n'))
      .digest('hex')
    return this.#once(`layers-${hash}`, 'opt', archives)
  }

  #once(name: string, inner: string, archives: PackedCode[]): Promise<string> {
    let unpacking = this.#unpacking.get(name)
    if (!unpacking) {
      unpacking = this.#unpack(name, inner, archives)
      this.#unpacking.set(name, unpacking)
      unpacking.catch(() => this.#unpacking.delete(name))
    }
    return unpacking
  }

  async #unpack(name: string, inner: string, archives: PackedCode[]): Promise<string> {
    const folder = path.join(this.#folder, name)
    if (existsSync(folder)) return path.join(folder, inner)
    this.#swept ??= sweep(this.#folder)
    await this.#swept
    const staging = await mkdtemp(path.join(this.#folder, `${stagingMark}${name}.`))
    try {
      await mkdir(path.join(staging, inner))
      for (const archive of archives) await unpackArchive(await archive.read(), path.join(staging, inner))
      await rename(staging, folder)
    } catch (error) {
      await rm(staging, { recursive: true, force: true })
      // The same content, unpacked meanwhile by a server that was about to be killed.
      if (!existsSync(folder)) throw error
    }
    return path.join(folder, inner)
  }
}

/** The data folder is one server's, so nobody else is unpacking here. What cannot be removed does no harm. */
async function sweep(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const left = (await readdir(folder)).filter((name) => name.startsWith(stagingMark))
  await Promise.allSettled(left.map((name) => rm(path.join(folder, name), { recursive: true, force: true })))
}
