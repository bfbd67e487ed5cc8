/**
 * Objects and their versions. A key's newest version lies in `objects`, unless that is a delete marker; all others lie
 * in `versions`, newest first. So listing and reading never step over what is deleted, and a bucket without versioning
 * never touches `versions`.
 */
import type { AccessControlPolicy } from '@aws-sdk/client-s3'
import type { Millis, Random } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import { type Collection, collection, type Records } from '../../store/collection.ts'
import type { Bucket } from './buckets.ts'
import type { Checksum } from './checksums.ts'
import { InvalidArgument } from './errors.ts'
import { tellChanged } from './listedPlaces.ts'

export interface StoredObject {
  bucket: string
  key: string
  /** Grows with every change of a key: orders versions, and becomes the event's sequencer. */
  sequence: number
  /** Absent: the `null` version, made while versioning was off. */
  versionId?: string
  deleteMarker?: true
  size: number
  /** Without quotation marks. */
  etag: string
  modifiedAt: Millis
  /** The body, where it is one blob. */
  blobId?: string
  /** The body, where it was uploaded in parts: in `layouts`. */
  layoutId?: string
  partsCount?: number
  headers: ObjectHeaders
  metadata: Record<string, string>
  tags?: Tag[]
  checksum?: Checksum
  storageClass?: string
  retention?: { mode: 'GOVERNANCE' | 'COMPLIANCE'; until: Millis }
  legalHold?: boolean
  /** Kept, no effect. */
  acl?: AccessControlPolicy
  /** Kept, no effect: encryption and the like, given back as response members. */
  kept?: Record<string, string | boolean>
}

/** Given back as they came. */
export interface ObjectHeaders {
  ContentType?: string
  CacheControl?: string
  ContentDisposition?: string
  ContentEncoding?: string
  ContentLanguage?: string
  Expires?: string
  WebsiteRedirectLocation?: string
}

export interface Tag {
  Key: string
  Value: string
}

/** The parts of a body, in order. */
export interface Layout {
  id: string
  parts: LayoutPart[]
}

export interface LayoutPart {
  number: number
  blobId: string
  size: number
  checksum?: Checksum
}

export const objects = collection<StoredObject>('s3/objects', {
  version: 1,
  scope: 'global',
  key: (object) => [object.bucket, object.key],
})

export const versions = collection<StoredObject>('s3/versions', {
  version: 1,
  scope: 'global',
  key: (object) => [object.bucket, object.key, -object.sequence],
})

export const layouts = collection<Layout>('s3/layouts', { version: 1, scope: 'global', key: (layout) => [layout.id] })

/** What reading versions needs: a context or a transaction. */
export interface Reader {
  in<R>(collection: Collection<R>): Records<R>
}

/** The newest version, be it a delete marker. */
export function latestOf(reader: Reader, bucket: Bucket, key: string): StoredObject | undefined {
  const current = reader.in(objects).get(bucket.name, key)
  if (current || !bucket.versioning) return current
  return reader.in(versions).first({ prefix: [bucket.name, key] })
}

/** One version by its id; `null` names the one made without versioning. */
export function versionOf(reader: Reader, bucket: Bucket, key: string, id: string): StoredObject | undefined {
  if (id !== 'null' && !versionIdShape.test(id)) throw InvalidArgument('Invalid version id specified', 'versionId', id)
  const wanted = id === 'null' ? undefined : id
  const current = reader.in(objects).get(bucket.name, key)
  if (current && current.versionId === wanted) return current
  if (!bucket.versioning) return undefined
  if (wanted !== undefined) {
    const found = reader.in(versions).get(bucket.name, key, -sequenceOf(wanted))
    return found?.versionId === wanted ? found : undefined
  }
  for (const version of reader.in(versions).list({ prefix: [bucket.name, key] })) {
    if (version.versionId === undefined) return version
  }
  return undefined
}

/** Makes `object` the key's newest version, in place of `latest`. Answers what it replaced for good, whose body the caller drops. */
export function putVersion(
  tx: Tx,
  bucket: Bucket,
  object: StoredObject,
  latest: StoredObject | undefined,
): StoredObject | undefined {
  const current = latest?.deleteMarker ? undefined : latest
  let replaced: StoredObject | undefined
  if (!bucket.versioning) replaced = current
  else {
    if (object.versionId === undefined) replaced = takeNullVersion(tx, bucket, object.key)
    if (current && current.sequence !== replaced?.sequence) tx.in(versions).put(current)
  }
  if (object.deleteMarker) {
    tx.in(objects).delete(bucket.name, object.key)
    tx.in(versions).put(object)
  } else {
    tx.in(objects).put(object)
  }
  tellChanged(tx, bucket.name, object.key)
  return replaced
}

/** Removes one version for good; the one before it becomes the newest. */
export function removeVersion(tx: Tx, bucket: Bucket, version: StoredObject): void {
  const { key } = version
  tellChanged(tx, bucket.name, key)
  const current = tx.in(objects).get(bucket.name, key)
  if (current?.sequence === version.sequence) tx.in(objects).delete(bucket.name, key)
  else tx.in(versions).delete(bucket.name, key, -version.sequence)
  if (!bucket.versioning || (current && current.sequence !== version.sequence)) return
  const newest = tx.in(versions).first({ prefix: [bucket.name, key] })
  if (!newest || newest.deleteMarker) return
  tx.in(versions).delete(bucket.name, key, -newest.sequence)
  tx.in(objects).put(newest)
}

/** There is at most one version without an id a key: a new one takes its place, wherever it stood. */
function takeNullVersion(tx: Tx, bucket: Bucket, key: string): StoredObject | undefined {
  const found = versionOf(tx, bucket, key, 'null')
  if (!found) return undefined
  if (tx.in(objects).get(bucket.name, key)?.sequence === found.sequence) tx.in(objects).delete(bucket.name, key)
  else tx.in(versions).delete(bucket.name, key, -found.sequence)
  return found
}

/** A millisecond holds this many changes of one key in order; beyond, they borrow from the next. */
const changesPerMillisecond = 1024

/** Later than all before: of this key by its newest version, of this process by `last`. */
export class Sequencer {
  #last = 0

  next(now: Millis, latest: StoredObject | undefined): number {
    this.#last = Math.max(now * changesPerMillisecond, this.#last + 1, (latest?.sequence ?? 0) + 1)
    return this.#last
  }
}

/** As events write it: seconds, then the fraction, in hexadecimal digits. */
export function sequencerOf(sequence: number): string {
  const unitsPerSecond = 1000 * changesPerMillisecond
  const seconds = Math.floor(sequence / unitsPerSecond)
  return `00${hexadecimal(seconds)}${hexadecimal(sequence % unitsPerSecond)}`
}

const hexadecimal = (value: number) => value.toString(16).toUpperCase().padStart(8, '0')

const versionIdShape = /^[A-Za-z0-9._]{32}$/
const sequenceDigits = 11

/** The sequence in its first characters finds the version; the rest is chance. */
export function newVersionId(sequence: number, random: Random): string {
  return sequence.toString(36).padStart(sequenceDigits, '0') + random.text(32 - sequenceDigits)
}

function sequenceOf(versionId: string): number {
  const sequence = Number.parseInt(versionId.slice(0, sequenceDigits), 36)
  return Number.isSafeInteger(sequence) ? sequence : -1
}
