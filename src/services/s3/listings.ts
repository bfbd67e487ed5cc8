/** Listing a bucket's objects: version 1 (markers) and version 2 (continuation tokens). */
import type { Context } from '../../delivery/context.ts'
import { operations } from '../service.ts'
import { type Bucket, mustGetBucket } from './buckets.ts'
import { quoted } from './conditions.ts'
import { InvalidArgument } from './errors.ts'
import { formEncoded, ownerOf } from './names.ts'
import { objects, type StoredObject } from './objects.ts'
import { collectPage, entriesMaxFrom, type Page } from './pages.ts'

/** Where a page begins: after a key, or after all that a common prefix rolled up. */
interface Start {
  key?: string
  prefix?: string
}

export const listingOperations = operations('s3', {
  async ListObjectsV2(input, ctx) {
    const bucket = mustGetBucket(ctx, input.Bucket, input.ExpectedBucketOwner)
    const encode = encoder(input.EncodingType)
    const entriesMax = entriesMaxFrom(input.MaxKeys, 'maxKeys')
    const start =
      input.ContinuationToken === undefined
        ? startAfter(input.StartAfter, input.Delimiter)
        : startOf(input.ContinuationToken)
    const page = pageOf(ctx, bucket, input, { start, entriesMax })
    const owner = input.FetchOwner ? ownerOf(bucket.account) : undefined
    return {
      Name: bucket.name,
      Prefix: encode(input.Prefix ?? ''),
      Delimiter: input.Delimiter && encode(input.Delimiter),
      MaxKeys: entriesMax,
      EncodingType: input.EncodingType,
      KeyCount: page.entries.length + page.prefixes.length,
      IsTruncated: page.truncated,
      ContinuationToken: input.ContinuationToken,
      NextContinuationToken: page.truncated ? tokenOf(page) : undefined,
      StartAfter: input.StartAfter && encode(input.StartAfter),
      Contents: page.entries.map((object) => ({ ...listed(object, encode), Owner: owner })),
      CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
    }
  },

  async ListObjects(input, ctx) {
    const bucket = mustGetBucket(ctx, input.Bucket, input.ExpectedBucketOwner)
    const encode = encoder(input.EncodingType)
    const entriesMax = entriesMaxFrom(input.MaxKeys, 'max-keys')
    const page = pageOf(ctx, bucket, input, { start: startAfter(input.Marker, input.Delimiter), entriesMax })
    const owner = ownerOf(bucket.account)
    // Without a delimiter clients take the last key for the marker, and S3 names none.
    const marker = page.truncated && input.Delimiter && page.last
    return {
      Name: bucket.name,
      Prefix: encode(input.Prefix ?? ''),
      Marker: encode(input.Marker ?? ''),
      Delimiter: input.Delimiter && encode(input.Delimiter),
      MaxKeys: entriesMax,
      EncodingType: input.EncodingType,
      IsTruncated: page.truncated,
      NextMarker: marker ? encode('prefix' in marker ? marker.prefix : marker.entry.key) : undefined,
      Contents: page.entries.map((object) => ({ ...listed(object, encode), Owner: owner })),
      CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
    }
  },
})

function pageOf(
  ctx: Context,
  bucket: Bucket,
  { Prefix: prefix = '', Delimiter: delimiter = '' }: { Prefix?: string; Delimiter?: string },
  { start, entriesMax }: { start: Start; entriesMax: number },
): Page<StoredObject> {
  return collectPage<StoredObject>({
    prefix,
    delimiter,
    entriesMax,
    keyOf: (object) => object.key,
    skippedPrefix: start.prefix,
    entries: (from) =>
      ctx.in(objects).list({
        prefix: [bucket.name],
        startsWith: prefix,
        ...(from !== undefined && { from: [bucket.name, from] }),
        ...(start.key !== undefined && { after: [bucket.name, start.key] }),
      }),
  })
}

/** A marker that is itself a common prefix stands for all that it rolls up, as an earlier answer meant it. */
function startAfter(marker: string | undefined, delimiter: string | undefined): Start {
  if (marker === undefined || marker === '') return {}
  return delimiter && marker.endsWith(delimiter) ? { key: marker, prefix: marker } : { key: marker }
}

function tokenOf({ last }: Page<StoredObject>): string | undefined {
  if (!last) return undefined
  const start: Start = 'prefix' in last ? { prefix: last.prefix } : { key: last.entry.key }
  return Buffer.from(JSON.stringify(start)).toString('base64url')
}

function startOf(token: string): Start {
  try {
    const start = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as Start
    const [key, prefix] = [typeof start.key === 'string' && start.key, typeof start.prefix === 'string' && start.prefix]
    if (key !== false || prefix !== false) return { ...(key !== false && { key }), ...(prefix !== false && { prefix }) }
  } catch {
    // Not a token of ours: refused below.
  }
  throw InvalidArgument('The continuation token provided is incorrect', 'continuation-token', token)
}

function listed(object: StoredObject, encode: (text: string) => string) {
  return {
    Key: encode(object.key),
    LastModified: new Date(object.modifiedAt),
    ETag: quoted(object.etag),
    Size: object.size,
    StorageClass: (object.storageClass ?? 'STANDARD') as 'STANDARD',
    ...(object.checksum && {
      ChecksumAlgorithm: [object.checksum.algorithm],
      ChecksumType: object.checksum.type,
    }),
  }
}

/** `encoding-type=url` lets keys through that XML cannot say. */
export function encoder(encodingType: string | undefined): (text: string) => string {
  if (encodingType === undefined) return (text) => text
  if (encodingType !== 'url') {
    throw InvalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', encodingType)
  }
  return (text) => formEncoded(text)
}
