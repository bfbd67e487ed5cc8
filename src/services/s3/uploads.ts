/**
 * Multipart uploads. A part is a blob of its own, kept as it arrives; completing an upload writes no bytes: the object
 * is the list of its parts.
 */
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import type { Blob } from '../../store/blobs.ts'
import { collection } from '../../store/collection.ts'
import { operations } from '../service.ts'
import { blobStore, readBody } from './bodies.ts'
import { mustGetBucket } from './buckets.ts'
import { BodyCheck, type Checksum, type ChecksumType, checksumMembers, checksumPlan } from './checksums.ts'
import { quoted } from './conditions.ts'
import { writeDigested } from './digestedBodies.ts'
import { InvalidArgument, InvalidRequest, NoSuchUpload } from './errors.ts'
import type { LockRequest } from './locks.ts'
import type { Reader } from './objects.ts'
import { receiveBody, sourceOf } from './puts.ts'
import { copySpanOf } from './ranges.ts'
import { type Description, descriptionFrom, encryptionMembers } from './writes.ts'

export interface Upload extends Description {
  bucket: string
  key: string
  uploadId: string
  /** The account that began it. */
  initiator: string
  initiatedAt: Millis
  /** `stated`: the client named it, so its parts must carry it. */
  checksum: { algorithm: Checksum['algorithm']; type: ChecksumType; stated: boolean }
  lock: LockRequest
}

export interface Part {
  uploadId: string
  number: number
  blobId: string
  size: number
  etag: string
  checksum: Checksum
  modifiedAt: Millis
}

export const uploads = collection<Upload>('s3/uploads', {
  version: 1,
  scope: 'global',
  key: (upload) => [upload.bucket, upload.key, upload.uploadId],
})

export const parts = collection<Part>('s3/parts', {
  version: 1,
  scope: 'global',
  key: (part) => [part.uploadId, part.number],
})

const partNumberMax = 10_000

export interface UploadInput {
  Bucket: string
  Key: string
  UploadId: string
  ExpectedBucketOwner?: string
}

export function mustGetUpload(reader: Reader, input: UploadInput): Upload {
  mustGetBucket(reader, input.Bucket, input.ExpectedBucketOwner)
  const upload = reader.in(uploads).get(input.Bucket, input.Key, input.UploadId)
  if (!upload) throw NoSuchUpload(input.UploadId)
  return upload
}

/** Throws away all that was uploaded. */
export function dropParts(tx: Tx, uploadId: string, except: ReadonlySet<number> = new Set()): void {
  for (const part of [...tx.in(parts).list({ prefix: [uploadId] })]) {
    if (!except.has(part.number)) tx.use(blobStore).drop(tx, part.blobId)
    tx.in(parts).delete(uploadId, part.number)
  }
}

export const uploadOperations = operations('s3', {
  async CreateMultipartUpload(input, ctx) {
    const description = descriptionFrom(input)
    const checksum = checksumPlan(input.ChecksumAlgorithm, input.ChecksumType)
    const { ObjectLockMode, ObjectLockRetainUntilDate, ObjectLockLegalHoldStatus } = input
    const upload: Upload = {
      ...description,
      bucket: input.Bucket,
      key: input.Key,
      uploadId: ctx.random.text(64),
      initiator: ctx.account,
      initiatedAt: ctx.clock.now(),
      checksum,
      lock: { ObjectLockMode, ObjectLockRetainUntilDate, ObjectLockLegalHoldStatus },
    }
    await ctx.commit((tx) => {
      mustGetBucket(tx, input.Bucket, input.ExpectedBucketOwner)
      tx.in(uploads).put(upload)
    })
    return {
      Bucket: upload.bucket,
      Key: upload.key,
      UploadId: upload.uploadId,
      ...(checksum.stated && { ChecksumAlgorithm: checksum.algorithm, ChecksumType: checksum.type }),
      ...encryptionMembers(upload),
    }
  },

  async UploadPart(input, ctx) {
    const number = partNumberFrom(input.PartNumber)
    const upload = mustGetUpload(ctx, input)
    refuseOtherAlgorithm(upload, input.ChecksumAlgorithm)
    const algorithm = upload.checksum.stated ? upload.checksum.algorithm : input.ChecksumAlgorithm
    const { blob, etag, checksum } = await receiveBody(
      ctx,
      { ...input, ChecksumAlgorithm: algorithm },
      upload.checksum.algorithm,
    )
    const part = await keepPart(ctx, input, { number, blob, etag, checksum })
    return { ETag: quoted(part.etag), ...partChecksum(part), ...encryptionMembers(upload) }
  },

  async UploadPartCopy(input, ctx) {
    const number = partNumberFrom(input.PartNumber)
    const upload = mustGetUpload(ctx, input)
    const { object: source } = sourceOf(ctx, input)
    const span = input.CopySourceRange === undefined ? undefined : copySpanOf(input.CopySourceRange, source.size)
    if (input.CopySourceRange !== undefined && !span) {
      throw InvalidArgument(
        'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
        'x-amz-copy-source-range',
        input.CopySourceRange,
      )
    }
    const check = new BodyCheck({ ChecksumAlgorithm: upload.checksum.algorithm })
    const length = span ? span.end - span.start + 1 : source.size
    const body = source.size === 0 ? new Uint8Array() : readBody(ctx, source, span)
    const { blob, digested } = await writeDigested(ctx, body, { order: check.order, length })
    const part = await keepPart(ctx, input, { number, blob, ...check.verify(digested) })
    return {
      CopySourceVersionId: source.versionId,
      CopyPartResult: { ETag: quoted(part.etag), LastModified: new Date(part.modifiedAt), ...partChecksum(part) },
      ...encryptionMembers(upload),
    }
  },

  async AbortMultipartUpload(input, ctx) {
    await ctx.commit((tx) => {
      const upload = mustGetUpload(tx, input)
      dropParts(tx, upload.uploadId)
      tx.in(uploads).delete(upload.bucket, upload.key, upload.uploadId)
    })
    return {}
  },
})

function partNumberFrom(number: number): number {
  if (Number.isInteger(number) && number >= 1 && number <= partNumberMax) return number
  throw InvalidArgument(
    `Part number must be an integer between 1 and ${partNumberMax}, inclusive`,
    'partNumber',
    number,
  )
}

/** Members of one checksum; its type is the whole object's matter. */
export function partChecksum(part: Pick<Part, 'checksum'>) {
  const { ChecksumType: _, ...members } = checksumMembers(part.checksum)
  return members
}

function refuseOtherAlgorithm(upload: Upload, asked: string | undefined): void {
  if (!upload.checksum.stated || asked === undefined || asked === upload.checksum.algorithm) return
  throw InvalidRequest(
    `Checksum Type mismatch occurred, expected checksum Type: ${upload.checksum.algorithm.toLowerCase()}, actual checksum Type: ${asked.toLowerCase()}`,
  )
}

type NewPart = Pick<Part, 'number' | 'etag' | 'checksum'> & { blob: Blob }

/** A part sent again replaces the one before it. */
function keepPart(ctx: Context, input: UploadInput, { number, blob, etag, checksum }: NewPart): Promise<Part> {
  const blobs = ctx.use(blobStore)
  return blobs.keeping([blob], () =>
    ctx.commit((tx) => {
      const { uploadId } = mustGetUpload(tx, input)
      const before = tx.in(parts).get(uploadId, number)
      if (before) blobs.drop(tx, before.blobId)
      blobs.keep(tx, blob)
      const part: Part = { uploadId, number, blobId: blob.id, size: blob.size, etag, checksum, modifiedAt: tx.now }
      tx.in(parts).put(part)
      return part
    }),
  )
}
