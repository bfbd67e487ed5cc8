/** The lake for engines, on this service's objects: prefixes as trees of links, staged files as objects. */
import { mkdirSync, rmSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import type { Context, Tx } from '../../delivery/context.ts'
import type {
  CommittedObject,
  Lake,
  LakeCommit,
  LakeFile,
  LakeObject,
  LakeView,
  OpenOptions,
  StagedFile,
} from '../../delivery/lake.ts'
import type { Platform } from '../../delivery/platform.ts'
import type { Blob } from '../../store/blobs.ts'
import type { Scope } from '../../store/collection.ts'
import { blobStore, loadBody, partsOf } from './bodies.ts'
import { mustGetBucket } from './buckets.ts'
import { BodyCheck, type Checksum } from './checksums.ts'
import { deleteObject } from './deletes.ts'
import { Digests } from './digests.ts'
import { NoSuchKey } from './errors.ts'
import { listedPlaces } from './listedPlaces.ts'
import { checkKey } from './names.ts'
import { objects, type StoredObject } from './objects.ts'
import { storeObject } from './writes.ts'

/** Files taken over at once: their hashes are computed on one thread, their syncs are not. */
const adoptedAtOnce = 8
/** Objects listed before other work of the process has its turn. */
const listedAtOnce = 5_000
const filteredAtOnce = 20_000

export class ObjectLake implements Lake {
  readonly #platform: Platform
  readonly #folder: string

  constructor(platform: Platform) {
    this.#platform = platform
    this.#folder = join(platform.dataFolder, 'lake')
    // Views and staged files of an earlier process belong to nobody.
    rmSync(this.#folder, { recursive: true, force: true })
    mkdirSync(this.#folder, { recursive: true })
  }

  async open(
    { scope, bucket, prefix }: { scope: Scope; bucket: string; prefix: string },
    options: OpenOptions = {},
  ): Promise<LakeView> {
    const ctx = this.#platform.context(scope)
    const folder = this.#newFolder('view')
    const found = objectsOf(ctx, { bucket, prefix, options })
    const names = namesFor(found, options.names ?? 'mirrored')
    const files = found.map(({ key, size, modifiedAt, etag }, index) => ({
      path: join(folder, names[index] as string),
      key,
      bytes: size,
      modifiedAt,
      etag,
    }))
    const { filesMin, take } = options.taking ?? { filesMin: Number.POSITIVE_INFINITY }
    const tree = found.map((object, index) => ({
      blobIds: partsOf(ctx, object).map((part) => part.blobId),
      name: names[index] as string,
      ...(take && found.length >= filesMin && { take: (body: Uint8Array) => take(files[index] as LakeFile, body) }),
    }))
    for (const parent of new Set(names.map((name) => dirname(join(folder, name)))))
      mkdirSync(parent, { recursive: true })
    await ctx.use(blobStore).linkTree(tree, folder)
    return { folder, files, close: () => rm(folder, { recursive: true, force: true }) }
  }

  async list(
    { scope, bucket, prefix }: { scope: Scope; bucket: string; prefix: string },
    accepts: (object: LakeObject) => boolean = () => true,
  ): Promise<LakeObject[]> {
    const ctx = this.#platform.context(scope)
    mustGetBucket(ctx, bucket)
    const places = ctx.use(listedPlaces)
    const all = places.get({ bucket, prefix }, (key) => listed(ctx.in(objects).get(bucket, key)))
    if (!all) return this.#scan(ctx, { bucket, prefix }, accepts)
    const found: LakeObject[] = []
    for (let start = 0; start < all.length; start += filteredAtOnce) {
      if (start > 0) await othersTurn()
      for (const object of all.slice(start, start + filteredAtOnce)) if (accepts(object)) found.push(object)
    }
    return found
  }

  /** From disk, and kept for the next time where it is worth it. */
  async #scan(
    ctx: Context,
    { bucket, prefix }: { bucket: string; prefix: string },
    accepts: (object: LakeObject) => boolean,
  ): Promise<LakeObject[]> {
    const watch = ctx.use(listedPlaces).watch({ bucket, prefix })
    const all: LakeObject[] = []
    let isWhole = false
    try {
      let last = ''
      for (let more = true; more; ) {
        let seen = 0
        const after = last && { after: [bucket, last] }
        for (const stored of ctx
          .in(objects)
          .list({ prefix: [bucket], startsWith: prefix, limit: listedAtOnce, ...after })) {
          const object = listed(stored)
          if (object) all.push(object)
          last = stored.key
          seen += 1
        }
        more = seen === listedAtOnce
        if (more) await othersTurn()
      }
      isWhole = true
    } finally {
      watch.done(isWhole ? all : undefined)
    }
    return all.filter(accepts)
  }

  async read(
    { scope, bucket, key }: { scope: Scope; bucket: string; key: string },
    { start, bytesMax }: { start: number; bytesMax: number },
  ): Promise<{ bytes: Uint8Array; size: number }> {
    const ctx = this.#platform.context(scope)
    mustGetBucket(ctx, bucket)
    const object = ctx.in(objects).get(bucket, key)
    if (!object) throw NoSuchKey(key)
    const { size } = object
    if (start >= size || bytesMax <= 0) return { bytes: new Uint8Array(), size }
    const body = await loadBody(ctx, object, { start, end: Math.min(start + bytesMax, size) - 1 })
    if (body instanceof Uint8Array) return { bytes: body, size }
    const pieces: Uint8Array[] = []
    for await (const piece of body) pieces.push(piece)
    return { bytes: pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces), size }
  }

  async commit(wanted: LakeCommit): Promise<CommittedObject[]> {
    const { scope, trace } = wanted
    const ctx = this.#platform.context({ ...scope, ...(trace && { trace }) })
    mustGetBucket(ctx, wanted.bucket)
    for (const { key } of wanted.files) checkKey(key)
    const adopted: Adopted[] = []
    try {
      for (let start = 0; start < wanted.files.length; start += adoptedAtOnce) {
        const batch = wanted.files.slice(start, start + adoptedAtOnce).map((file) => adopt(ctx, file))
        for (const outcome of await Promise.allSettled(batch)) {
          if (outcome.status === 'rejected') throw outcome.reason
          adopted.push(outcome.value)
        }
      }
      return await ctx.commit((tx) => {
        deleteWanted(tx, ctx, wanted)
        const stored = adopted.map((file) => committed(storeAdopted(tx, ctx, wanted.bucket, file)))
        wanted.also?.(tx)
        return stored
      })
    } catch (error) {
      for (const { blob } of adopted) ctx.use(blobStore).discard(blob)
      throw error
    }
  }

  async stagingFolder(): Promise<string> {
    const folder = this.#newFolder('staging')
    await mkdir(folder, { recursive: true })
    return folder
  }

  async reset(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
    await mkdir(this.#folder, { recursive: true })
  }

  #newFolder(kind: string): string {
    const folder = join(this.#folder, `${kind}-${this.#platform.random.hex(16)}`)
    mkdirSync(folder, { recursive: true })
    return folder
  }
}

/** Folder markers are no objects to an engine. */
function listed(object: StoredObject | undefined): LakeObject | undefined {
  if (!object || object.key.endsWith('/')) return undefined
  const { key, size: bytes, modifiedAt, etag } = object
  return { key, bytes, modifiedAt, etag }
}

function othersTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function objectsOf(
  ctx: Context,
  { bucket, prefix, options }: { bucket: string; prefix: string; options: OpenOptions },
): StoredObject[] {
  mustGetBucket(ctx, bucket)
  if (options.keys) {
    return options.keys.map((key) => {
      const object = ctx.in(objects).get(bucket, key)
      if (!object) throw NoSuchKey(key)
      return object
    })
  }
  const found: StoredObject[] = []
  for (const object of ctx.in(objects).list({ prefix: [bucket], startsWith: prefix })) {
    const isMarker = object.key.endsWith('/')
    const isDeeper = options.recursive === false && object.key.indexOf('/', prefix.length) >= 0
    if (!isMarker && !isDeeper) found.push(object)
  }
  return found
}

const segmentBytesMax = 255
const pathBytesMax = 1024

/** A path for each key; those that no path can say lie numbered in a folder of their own. */
function namesFor(found: readonly StoredObject[], how: 'mirrored' | 'numbered'): string[] {
  const numbered = (index: number, key: string) => `${String(index + 1).padStart(6, '0')}${extensionOf(key)}`
  if (how === 'numbered') return found.map(({ key }, index) => numbered(index, key))
  const folders = new Set<string>()
  for (const { key } of found) {
    for (let slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1)) folders.add(key.slice(0, slash))
  }
  return found.map(({ key }, index) => {
    // `a` beside `a/b`: a path is a file or a folder, never both.
    const sayable = isSayable(key) && !folders.has(key)
    return sayable ? key : join('.unnamed', numbered(index, key))
  })
}

function isSayable(key: string): boolean {
  if (Buffer.byteLength(key) > pathBytesMax || key.includes('\0')) return false
  return key.split('/').every((segment) => {
    return (
      segment !== '' &&
      segment !== '.' &&
      segment !== '..' &&
      segment !== '.unnamed' &&
      Buffer.byteLength(segment) <= segmentBytesMax
    )
  })
}

/** Engines tell formats and packing by it: `.csv.gz` keeps both. */
function extensionOf(key: string): string {
  const name = key.slice(key.lastIndexOf('/') + 1)
  const last = extname(name)
  const before = extname(name.slice(0, name.length - last.length))
  const extension = before.length <= 9 ? before + last : last
  return /^[\w.-]{0,32}$/.test(extension) ? extension : ''
}

interface Adopted {
  file: StagedFile
  blob: Blob
  etag: string
  checksum: Checksum
}

async function adopt(ctx: Context, file: StagedFile): Promise<Adopted> {
  const check = new BodyCheck({ ChecksumAlgorithm: 'CRC32' })
  const blobs = ctx.use(blobStore)
  const digests = new Digests(check.order)
  const blob = await ('path' in file ? blobs.adopt(file.path, digests.update) : blobs.write(file.bytes, digests.update))
  return { file, blob, ...check.verify(digests.finish()) }
}

function storeAdopted(tx: Tx, ctx: Context, bucket: string, { file, blob, etag, checksum }: Adopted): StoredObject {
  return storeObject(tx, ctx, {
    bucket,
    key: file.key,
    body: blob,
    size: blob.size,
    etag,
    checksum,
    headers: { ContentType: file.contentType ?? 'binary/octet-stream' },
    metadata: {},
    reason: 'PutObject',
  })
}

function deleteWanted(tx: Tx, ctx: Context, { bucket: name, files, delete: wanted = {} }: LakeCommit): void {
  const written = new Set(files.map((file) => file.key))
  const doomed = new Set(wanted.keys ?? [])
  for (const prefix of wanted.prefixes ?? []) {
    for (const { key } of tx.in(objects).list({ prefix: [name], startsWith: prefix })) doomed.add(key)
  }
  const bucket = mustGetBucket(tx, name)
  for (const key of doomed) {
    if (!written.has(key)) deleteObject(tx, ctx, bucket, { key, reason: 'DeleteObject' })
  }
}

function committed({ key, size, etag, versionId }: StoredObject): CommittedObject {
  return { key, bytes: size, etag, ...(versionId && { versionId }) }
}
