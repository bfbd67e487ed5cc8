/** Reading objects: whole, in part, by part number, or only what is said about them. */
import type { Context } from '../../delivery/context.ts'
import type { ByteSpan } from '../../store/blobFiles.ts'
import { operations } from '../service.ts'
import { loadBody, partsOf } from './bodies.ts'
import type { Bucket } from './buckets.ts'
import { checksumMembers } from './checksums.ts'
import { checkReadConditions, quoted, type ReadConditions } from './conditions.ts'
import { InvalidArgument, InvalidPartNumber, InvalidRequest } from './errors.ts'
import { lockMembers } from './locks.ts'
import { type LayoutPart, layouts, type Reader, type StoredObject } from './objects.ts'
import { spanOf } from './ranges.ts'
import { type Found, mustGetVersion, type VersionInput } from './versioning.ts'
import { encryptionMembers } from './writes.ts'

interface ReadInput extends VersionInput, ReadConditions {
  Range?: string
  PartNumber?: number
  ChecksumMode?: string
  ResponseCacheControl?: string
  ResponseContentDisposition?: string
  ResponseContentEncoding?: string
  ResponseContentLanguage?: string
  ResponseContentType?: string
  ResponseExpires?: Date
}

export const readOperations = operations('s3', {
  async GetObject(input, ctx) {
    const found = mustGetVersion(ctx, input)
    checkReadConditions(input, found.object)
    const span = wantedSpan(ctx, input, found.object)
    const { size } = found.object
    // Read in this turn: the blobs of the record just read are still there.
    const body = size === 0 ? new Uint8Array() : loadBody(ctx, found.object, span)
    return { ...described(found, input, span), Body: (await body) as never }
  },

  async HeadObject(input, ctx) {
    const found = mustGetVersion(ctx, input, 'HEAD')
    checkReadConditions(input, found.object)
    return described(found, input, wantedSpan(ctx, input, found.object))
  },

  async GetObjectAttributes(input, ctx) {
    const { bucket, object } = mustGetVersion(ctx, input)
    const wanted = new Set<string>(input.ObjectAttributes)
    const unknown = [...wanted].find((name) => !attributeNames.has(name))
    if (unknown !== undefined || wanted.size === 0) {
      throw InvalidArgument('Invalid attribute name specified.', 'x-amz-object-attributes', unknown ?? '')
    }
    return {
      LastModified: new Date(object.modifiedAt),
      VersionId: shownVersionId(bucket, object),
      ...(wanted.has('ETag') && { ETag: object.etag }),
      ...(wanted.has('Checksum') && object.checksum && { Checksum: checksumMembers(object.checksum) }),
      ...(wanted.has('ObjectParts') && { ObjectParts: attributeParts(ctx, object, input) }),
      ...(wanted.has('StorageClass') && { StorageClass: (object.storageClass ?? 'STANDARD') as 'STANDARD' }),
      ...(wanted.has('ObjectSize') && { ObjectSize: object.size }),
    }
  },
})

const attributeNames = new Set(['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'])

function attributeParts(
  reader: Reader,
  object: StoredObject,
  { MaxParts = 1000, PartNumberMarker }: { MaxParts?: number; PartNumberMarker?: string },
) {
  if (object.layoutId === undefined) return undefined
  const parts = reader.in(layouts).get(object.layoutId)?.parts ?? []
  const marker = Number(PartNumberMarker ?? 0)
  const after = parts.filter((part) => part.number > marker)
  const page = after.slice(0, MaxParts)
  // Without checksums of their own, parts are counted and not listed.
  const listed = page.every((part) => part.checksum) && object.checksum?.type === 'COMPOSITE'
  return {
    TotalPartsCount: parts.length,
    PartNumberMarker: String(marker),
    NextPartNumberMarker: String(page.at(-1)?.number ?? 0),
    MaxParts,
    IsTruncated: after.length > page.length,
    Parts: listed ? page.map((part) => attributePart(part)) : undefined,
  }
}

function attributePart(part: LayoutPart) {
  const { ChecksumType: _, ...checksum } = checksumMembers(part.checksum)
  return { PartNumber: part.number, Size: part.size, ...checksum }
}

/** The bytes that are asked for: by range or by part number; nothing means all. */
function wantedSpan(ctx: Context, input: ReadInput, object: StoredObject): ByteSpan | undefined {
  const { Range, PartNumber } = input
  if (PartNumber === undefined) return spanOf(Range, object.size)
  if (Range !== undefined) throw InvalidRequest('Cannot specify both Range header and partNumber query parameter')
  if (PartNumber < 1 || PartNumber > 10_000) {
    throw InvalidArgument('Part number must be an integer between 1 and 10000, inclusive', 'partNumber', PartNumber)
  }
  const parts = partsOf(ctx, object)
  const part = parts[PartNumber - 1]
  if (!part) {
    if (PartNumber === 1) return undefined
    throw InvalidPartNumber(PartNumber, Math.max(parts.length, 1))
  }
  const start = parts.slice(0, PartNumber - 1).reduce((sum, { size }) => sum + size, 0)
  return part.size === 0 ? undefined : { start, end: start + part.size - 1 }
}

function described({ bucket, object }: Found, input: ReadInput, span: ByteSpan | undefined) {
  const { headers } = object
  return {
    AcceptRanges: 'bytes',
    ContentLength: span ? span.end - span.start + 1 : object.size,
    ContentRange: span && `bytes ${span.start}-${span.end}/${object.size}`,
    ETag: quoted(object.etag),
    LastModified: new Date(object.modifiedAt),
    VersionId: shownVersionId(bucket, object),
    Metadata: object.metadata,
    ContentType: input.ResponseContentType ?? headers.ContentType,
    CacheControl: input.ResponseCacheControl ?? headers.CacheControl,
    ContentDisposition: input.ResponseContentDisposition ?? headers.ContentDisposition,
    ContentEncoding: input.ResponseContentEncoding ?? headers.ContentEncoding,
    ContentLanguage: input.ResponseContentLanguage ?? headers.ContentLanguage,
    Expires: input.ResponseExpires ?? (headers.Expires ? new Date(headers.Expires) : undefined),
    WebsiteRedirectLocation: headers.WebsiteRedirectLocation,
    StorageClass: object.storageClass as 'STANDARD' | undefined,
    TagCount: object.tags && object.tags.length > 0 ? object.tags.length : undefined,
    PartsCount: input.PartNumber !== undefined ? object.partsCount : undefined,
    // The checksum is of the whole object; for a part of it clients would compare it in vain.
    ...(input.ChecksumMode === 'ENABLED' && !span && checksumMembers(object.checksum)),
    ...lockMembers(object),
    ...encryptionMembers(object),
  }
}

/** The `null` version is named only where the bucket knows versions. */
export function shownVersionId(bucket: Bucket, object: { versionId?: string }): string | undefined {
  return object.versionId ?? (bucket.versioning ? 'null' : undefined)
}
