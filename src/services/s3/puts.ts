/** Putting objects whole, and copying them. */
import type { Context } from '../../delivery/context.ts'
import type { Blob } from '../../store/blobs.ts'
import { BodyStream } from '../../wire/bodyStream.ts'
import { decodePercent } from '../../wire/request.ts'
import { operations } from '../service.ts'
import { checkCannedAcl } from './acls.ts'
import { blobStore, bodySource, readBody } from './bodies.ts'
import { mustGetBucket } from './buckets.ts'
import {
  BodyCheck,
  type BodyClaims,
  type Checksum,
  checksumMembers,
  isChecksumAlgorithm,
  trailingClaims,
} from './checksums.ts'
import { type CopyConditions, checkCopyConditions, checkWriteConditionsMeanSomething, quoted } from './conditions.ts'
import { writeDigested } from './digestedBodies.ts'
import type { ChecksumAlgorithm } from './digests.ts'
import { EntityTooLarge, InvalidArgument, InvalidRequest } from './errors.ts'
import type { StoredObject } from './objects.ts'
import { checkObjectTags } from './tagging.ts'
import { type Found, mustGetVersion } from './versioning.ts'
import { createObject, type Description, type DescriptionInput, descriptionFrom, encryptionMembers } from './writes.ts'

/** The most that one put or one part takes. */
export const bodyBytesMax = 5 * 2 ** 30

export interface ReceivedBody {
  blob: Blob
  etag: string
  checksum: Checksum
}

/** Stores what comes in and checks it against what the client said of it; what fails the check leaves nothing. */
export async function receiveBody(
  ctx: Context,
  input: BodyClaims & { Body?: unknown; ContentLength?: number },
  algorithm?: ChecksumAlgorithm,
): Promise<ReceivedBody> {
  const source = bodySource(input.Body)
  const stream = input.Body instanceof BodyStream ? input.Body : undefined
  const length = stream?.length ?? input.ContentLength ?? 0
  if (length > bodyBytesMax) throw EntityTooLarge(length, bodyBytesMax)
  const check = new BodyCheck(input, { signedSha256: stream?.sha256, algorithm })
  const { blob, digested } = await writeDigested(ctx, source, { order: check.order, length })
  try {
    return { blob, ...check.verify(digested, stream && trailingClaims(stream.trailers)) }
  } catch (error) {
    ctx.use(blobStore).discard(blob)
    throw error
  }
}

export const putOperations = operations('s3', {
  async PutObject(input, ctx) {
    // Before a body is streamed for nothing; one that is here already waits for the commit to ask.
    if (input.ACL !== undefined || bodySource(input.Body) instanceof BodyStream) {
      checkCannedAcl(ctx, mustGetBucket(ctx, input.Bucket, input.ExpectedBucketOwner), input.ACL)
    }
    if (input.WriteOffsetBytes !== undefined)
      throw InvalidArgument(
        'Appending is possible in directory buckets only.',
        'x-amz-write-offset-bytes',
        input.WriteOffsetBytes,
      )
    const description = descriptionFrom(input)
    checkWriteConditionsMeanSomething(input)
    const { blob, etag, checksum } = await receiveBody(ctx, input)
    const object = await createObject(ctx, {
      ...description,
      bucket: input.Bucket,
      expectedOwner: input.ExpectedBucketOwner,
      key: input.Key,
      body: blob,
      size: blob.size,
      etag,
      checksum,
      conditions: input,
      lock: input,
      reason: 'PutObject',
    })
    return {
      ETag: quoted(object.etag),
      VersionId: object.versionId,
      ...checksumMembers(object.checksum),
      ...encryptionMembers(object),
    }
  },

  async CopyObject(input, ctx) {
    const { object: source } = sourceOf(ctx, input)
    mustGetBucket(ctx, input.Bucket, input.ExpectedBucketOwner)
    checkWriteConditionsMeanSomething(input)
    const description = copiedDescription(input, source)
    const { blob, etag, checksum } = await copiedBody(ctx, input, source)
    const object = await createObject(ctx, {
      ...description,
      bucket: input.Bucket,
      expectedOwner: input.ExpectedBucketOwner,
      key: input.Key,
      body: blob,
      size: source.size,
      etag,
      checksum,
      conditions: input,
      lock: input,
      reason: 'CopyObject',
    })
    return {
      CopyObjectResult: {
        ETag: quoted(object.etag),
        LastModified: new Date(object.modifiedAt),
        ...checksumMembers(object.checksum),
      },
      VersionId: object.versionId,
      CopySourceVersionId: source.versionId,
      ...encryptionMembers(object),
    }
  },
})

/** The object that `x-amz-copy-source` names, if its conditions hold. */
export function sourceOf(
  ctx: Context,
  input: CopyConditions & { CopySource: string; ExpectedSourceBucketOwner?: string },
): Found {
  const [path = '', query = ''] = input.CopySource.split('?')
  const arn = /^arn:aws:s3:::(.+)$/.exec(path)
  const decoded = decodePercent((arn?.[1] ?? path).replace(/^\//, ''))
  const slash = decoded.indexOf('/')
  if (slash <= 0 || slash === decoded.length - 1) {
    throw InvalidArgument(
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      'x-amz-copy-source',
      input.CopySource,
    )
  }
  const found = mustGetVersion(ctx, {
    Bucket: decoded.slice(0, slash),
    Key: decoded.slice(slash + 1),
    VersionId: new URLSearchParams(query).get('versionId') ?? undefined,
    ExpectedBucketOwner: input.ExpectedSourceBucketOwner,
  })
  checkCopyConditions(input, found.object)
  return found
}

interface CopyInput extends DescriptionInput {
  Bucket: string
  Key: string
  MetadataDirective?: string
  TaggingDirective?: string
  ChecksumAlgorithm?: string
}

function copiedDescription(input: CopyInput, source: StoredObject): Description {
  const { MetadataDirective: directive = 'COPY', TaggingDirective: tagging = 'COPY' } = input
  if (directive !== 'COPY' && directive !== 'REPLACE') {
    throw InvalidArgument('Unknown metadata directive.', 'x-amz-metadata-directive', directive)
  }
  if (tagging !== 'COPY' && tagging !== 'REPLACE') {
    throw InvalidArgument('Unknown tagging directive.', 'x-amz-tagging-directive', tagging)
  }
  const said = descriptionFrom(input)
  const onItself = source.bucket === input.Bucket && source.key === input.Key
  const changes =
    directive === 'REPLACE' || said.storageClass !== source.storageClass || said.kept || input.WebsiteRedirectLocation
  if (onItself && !changes && source.versionId === undefined) {
    throw InvalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    )
  }
  const { headers, metadata } = directive === 'REPLACE' ? said : source
  const tags = tagging === 'REPLACE' ? said.tags : source.tags && checkObjectTags(source.tags)
  return { headers, metadata, tags, storageClass: said.storageClass, kept: said.kept }
}

/**
 * The body under a blob of its own. It is read through only where its hash is not known yet: for another checksum, or
 * for the plain MD5 of an object that was uploaded in parts.
 */
async function copiedBody(ctx: Context, input: CopyInput, source: StoredObject): Promise<ReceivedBody> {
  if (source.size > bodyBytesMax) {
    throw InvalidRequest(
      `The specified copy source is larger than the maximum allowable size for a copy source: ${bodyBytesMax}`,
    )
  }
  const { checksum } = source
  const algorithm = input.ChecksumAlgorithm ?? checksum?.algorithm
  if (algorithm !== undefined && !isChecksumAlgorithm(algorithm))
    throw InvalidRequest('Checksum algorithm provided is unsupported.')
  if (source.blobId !== undefined && checksum?.algorithm === algorithm && checksum?.type === 'FULL_OBJECT') {
    return { blob: await ctx.use(blobStore).duplicate(source.blobId), etag: source.etag, checksum }
  }
  const check = new BodyCheck({ ChecksumAlgorithm: algorithm })
  const { blob, digested } = await writeDigested(ctx, readBody(ctx, source), {
    order: check.order,
    length: source.size,
  })
  return { blob, ...check.verify(digested) }
}
