/** Making an object: the one commit behind puts, copies, forms, finished uploads and files of engines. */
import type { Context, Tx } from '../../delivery/context.ts'
import type { Blob } from '../../store/blobs.ts'
import { blobStore, dropBody, sequencer } from './bodies.ts'
import { type Bucket, mustGetBucket } from './buckets.ts'
import type { Checksum } from './checksums.ts'
import { checkWriteConditions, type WriteConditions } from './conditions.ts'
import { InvalidArgument, InvalidRequest, InvalidStorageClass, MetadataTooLarge } from './errors.ts'
import { announce, type CreationReason, type Origin } from './events.ts'
import { checkLockRequest, type LockRequest, lockOf } from './locks.ts'
import { checkKey } from './names.ts'
import {
  type LayoutPart,
  latestOf,
  layouts,
  newVersionId,
  type ObjectHeaders,
  putVersion,
  type StoredObject,
  type Tag,
} from './objects.ts'
import { tagsFromHeader } from './tagging.ts'

/** What is said about an object beside its body. */
export interface Description {
  headers: ObjectHeaders
  metadata: Record<string, string>
  tags?: Tag[]
  storageClass?: string
  kept?: Record<string, string | boolean>
}

export interface NewObject extends Description {
  bucket: string
  expectedOwner?: string
  key: string
  etag: string
  size: number
  checksum?: Checksum
  /** The body: one blob that was just written, or parts whose blobs are kept already. */
  body: Blob | { parts: LayoutPart[] }
  conditions?: WriteConditions
  lock?: LockRequest
  reason: CreationReason
}

/** Commits an object with its events. Should that fail, a body that was just written is thrown away. */
export async function createObject(ctx: Context, wanted: NewObject): Promise<StoredObject> {
  const written = 'id' in wanted.body ? [wanted.body] : []
  return ctx.use(blobStore).keeping(written, () => ctx.commit((tx) => storeObject(tx, ctx, wanted)))
}

/** The same inside a commit that does more. */
export function storeObject(tx: Tx, origin: Origin, wanted: NewObject): StoredObject {
  const bucket = mustGetBucket(tx, wanted.bucket, wanted.expectedOwner)
  const latest = latestOf(tx, bucket, wanted.key)
  if (wanted.conditions) {
    checkWriteConditions(wanted.conditions, wanted.key, latest?.deleteMarker ? undefined : latest)
  }
  const object = objectFrom(tx, bucket, wanted, tx.use(sequencer).next(tx.now, latest))
  const replaced = putVersion(tx, bucket, object, latest)
  if (replaced) dropBody(tx, replaced)
  if ('id' in wanted.body) tx.use(blobStore).keep(tx, wanted.body)
  announce(tx, origin, bucket, { kind: 'created', reason: wanted.reason, object })
  return object
}

function objectFrom(tx: Tx, bucket: Bucket, wanted: NewObject, sequence: number): StoredObject {
  const object: StoredObject = {
    bucket: bucket.name,
    key: wanted.key,
    sequence,
    size: wanted.size,
    etag: wanted.etag,
    modifiedAt: tx.now,
    headers: wanted.headers,
    metadata: wanted.metadata,
  }
  if (bucket.versioning === 'Enabled') object.versionId = newVersionId(sequence, tx.random)
  if (wanted.tags) object.tags = wanted.tags
  if (wanted.storageClass) object.storageClass = wanted.storageClass
  if (wanted.checksum) object.checksum = wanted.checksum
  if (wanted.kept) object.kept = wanted.kept
  if (bucket.objectLock || wanted.lock) Object.assign(object, lockOf(bucket, wanted.lock, tx.now))
  if ('id' in wanted.body) object.blobId = wanted.body.id
  else {
    const id = tx.random.hex(32)
    tx.in(layouts).put({ id, parts: wanted.body.parts })
    object.layoutId = id
    object.partsCount = wanted.body.parts.length
  }
  return object
}

/** The members by which every operation that makes an object describes it. */
export interface DescriptionInput extends LockRequest {
  Key?: string
  ContentType?: string
  CacheControl?: string
  ContentDisposition?: string
  ContentEncoding?: string
  ContentLanguage?: string
  Expires?: Date
  WebsiteRedirectLocation?: string
  Metadata?: Record<string, string>
  StorageClass?: string
  Tagging?: string
  ServerSideEncryption?: string
  SSEKMSKeyId?: string
  BucketKeyEnabled?: boolean
  SSECustomerAlgorithm?: string
  SSECustomerKeyMD5?: string
}

const metadataBytesMax = 2048

/** Checks and keeps what a request says about an object. */
export function descriptionFrom(input: DescriptionInput): Description {
  checkKey(input.Key ?? '')
  checkLockRequest(input)
  return {
    headers: headersFrom(input),
    metadata: metadataFrom(input.Metadata),
    tags: tagsFromHeader(input.Tagging),
    storageClass: storageClassFrom(input.StorageClass),
    kept: encryptionFrom(input),
  }
}

function headersFrom(input: DescriptionInput): ObjectHeaders {
  const headers: ObjectHeaders = { ContentType: input.ContentType ?? 'binary/octet-stream' }
  if (input.CacheControl !== undefined) headers.CacheControl = input.CacheControl
  if (input.ContentDisposition !== undefined) headers.ContentDisposition = input.ContentDisposition
  if (input.ContentLanguage !== undefined) headers.ContentLanguage = input.ContentLanguage
  // `aws-chunked` is how the body travelled, not what it is.
  const encoding = input.ContentEncoding?.split(',').filter((part) => part.trim() !== 'aws-chunked')
  if (encoding && encoding.length > 0) headers.ContentEncoding = encoding.join(',')
  if (input.Expires) headers.Expires = input.Expires.toUTCString()
  if (input.WebsiteRedirectLocation !== undefined) {
    if (!/^(\/|https?:\/\/)/.test(input.WebsiteRedirectLocation)) {
      throw InvalidArgument(
        "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.",
        'WebsiteRedirectLocation',
        input.WebsiteRedirectLocation,
      )
    }
    headers.WebsiteRedirectLocation = input.WebsiteRedirectLocation
  }
  return headers
}

function metadataFrom(metadata: Record<string, string> = {}): Record<string, string> {
  let size = 0
  for (const [name, value] of Object.entries(metadata)) size += Buffer.byteLength(name) + Buffer.byteLength(value)
  if (size > metadataBytesMax) throw MetadataTooLarge(size)
  return metadata
}

const storageClasses = new Set([
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'DEEP_ARCHIVE',
  'GLACIER_IR',
])

/** All classes store alike here; objects in an archive class can be read at once. STANDARD is not kept: it is the default. */
function storageClassFrom(storageClass: string | undefined): string | undefined {
  if (storageClass === undefined || storageClass === 'STANDARD') return undefined
  if (!storageClasses.has(storageClass)) throw InvalidStorageClass(storageClass)
  return storageClass
}

/** Nothing is encrypted; what was asked for is said again. A customer's own key would have to be demanded at every read, so it is refused. */
function encryptionFrom(input: DescriptionInput): Record<string, string | boolean> | undefined {
  if (input.SSECustomerAlgorithm !== undefined) {
    throw InvalidRequest('Server-side encryption with customer-provided keys (SSE-C) is not supported by Igarapé.')
  }
  const { ServerSideEncryption, SSEKMSKeyId, BucketKeyEnabled } = input
  if (ServerSideEncryption === undefined) return undefined
  if (!['AES256', 'aws:kms', 'aws:kms:dsse'].includes(ServerSideEncryption)) {
    throw InvalidArgument(
      'The encryption method specified is not supported',
      'x-amz-server-side-encryption',
      ServerSideEncryption,
    )
  }
  if (ServerSideEncryption === 'AES256') {
    if (SSEKMSKeyId === undefined) return undefined
    throw InvalidArgument(
      'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms',
      'x-amz-server-side-encryption',
      ServerSideEncryption,
    )
  }
  return { ServerSideEncryption, ...(SSEKMSKeyId && { SSEKMSKeyId }), ...(BucketKeyEnabled && { BucketKeyEnabled }) }
}

/** How every object is said to be encrypted: SSE-S3 unless it asked for more. */
export function encryptionMembers(object: Pick<StoredObject, 'kept'>) {
  return { ServerSideEncryption: 'AES256' as const, ...(object.kept as Record<string, never> | undefined) }
}
