/**
 * Zip archives of function code and layers. Nothing leaves the folder it is unpacked into: a name or a link that points
 * outside refuses the archive, and so does one that unpacks to more than Lambda takes.
 */
import { createWriteStream } from 'node:fs'
import { chmod, mkdir, symlink } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { buffer as bufferOf } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { type Entry, fromBuffer, type ZipFile } from 'yauzl'

/** 250 MB, the limit for code and layers together. */
export const unzippedBytesMax = 262_144_000
const linkBytesMax = 4096

export class BadArchive extends Error {
  readonly reason: 'unreadable' | 'unsafe' | 'large'

  constructor(reason: BadArchive['reason'], message: string) {
    super(message)
    this.reason = reason
  }
}

export interface ArchiveEntry {
  name: string
  bytes: number
}

/** Checks the whole directory of the archive, without unpacking it. */
export async function inspectArchive(archive: Buffer): Promise<ArchiveEntry[]> {
  const entries: ArchiveEntry[] = []
  let unzippedBytes = 0
  await eachEntry(archive, async (entry) => {
    unzippedBytes += entry.uncompressedSize
    if (unzippedBytes > unzippedBytesMax) {
      throw new BadArchive('large', `Unzipped size must be smaller than ${unzippedBytesMax} bytes`)
    }
    safePath('/', entry.fileName)
    entries.push({ name: entry.fileName, bytes: entry.uncompressedSize })
  })
  return entries
}

export async function unpackArchive(archive: Buffer, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const links: { from: string; to: string }[] = []
  await eachEntry(archive, async (entry, zip) => {
    const target = safePath(folder, entry.fileName)
    if (entry.fileName.endsWith('/')) return void (await mkdir(target, { recursive: true }))
    await mkdir(path.dirname(target), { recursive: true })
    const content = await promisify(zip.openReadStream.bind(zip) as OpenStream)(entry)
    const mode = entry.externalFileAttributes >>> 16
    if ((mode & 0o170000) === 0o120000) links.push({ from: target, to: await linkTarget(content, entry) })
    else await writeFileFrom(content, target, mode & 0o777)
  })
  // Links come last, so that no entry is ever written through one.
  for (const link of links) {
    if (!isInside(folder, path.resolve(path.dirname(link.from), link.to))) {
      throw new BadArchive('unsafe', `The link ${path.relative(folder, link.from)} points outside of the archive.`)
    }
    await symlink(link.to, link.from)
  }
}

type OpenStream = (entry: Entry, callback: (error: Error | null, stream: Readable) => void) => void

async function writeFileFrom(content: Readable, target: string, permissions: number): Promise<void> {
  await pipeline(content, createWriteStream(target))
  await chmod(target, permissions === 0 ? 0o644 : permissions | 0o400)
}

async function linkTarget(content: Readable, entry: Entry): Promise<string> {
  if (entry.uncompressedSize > linkBytesMax) throw new BadArchive('unsafe', `The link ${entry.fileName} is too long.`)
  return (await bufferOf(content)).toString('utf8')
}

async function eachEntry(archive: Buffer, visit: (entry: Entry, zip: ZipFile) => Promise<void>): Promise<void> {
  const zip = await opened(archive)
  await new Promise<void>((resolve, reject) => {
    zip.on('error', (error: Error) => reject(unreadable(error)))
    zip.on('end', resolve)
    zip.on('entry', (entry: Entry) => {
      visit(entry, zip).then(
        () => zip.readEntry(),
        (error: Error) => reject(error instanceof BadArchive ? error : unreadable(error)),
      )
    })
    zip.readEntry()
  })
}

function opened(archive: Buffer): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    fromBuffer(archive, { lazyEntries: true, strictFileNames: false }, (error, zip) => {
      if (error) reject(unreadable(error))
      else resolve(zip)
    })
  })
}

function unreadable(error: Error): BadArchive {
  const unsafe = /invalid relative path|absolute path/.test(error.message)
  return new BadArchive(unsafe ? 'unsafe' : 'unreadable', error.message)
}

function safePath(folder: string, name: string): string {
  const target = path.resolve(folder, name)
  if (name.includes('\0') || path.isAbsolute(name) || name.split(/[/\\]/).includes('..') || !isInside(folder, target)) {
    throw new BadArchive('unsafe', `The entry ${JSON.stringify(name)} would be written outside of its folder.`)
  }
  return target
}

function isInside(folder: string, target: string): boolean {
  const relative = path.relative(folder, target)
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative)
}
