/** Listing uploads that are under way, and the parts of one. */
import { operations } from '../service.ts'
import { mustGetBucket } from './buckets.ts'
import { quoted } from './conditions.ts'
import { InvalidArgument } from './errors.ts'
import { encoder } from './listings.ts'
import { ownerOf } from './names.ts'
import { collectPage, entriesMaxFrom } from './pages.ts'
import { mustGetUpload, partChecksum, parts, type Upload, uploads } from './uploads.ts'

export const uploadListingOperations = operations('s3', {
  async ListMultipartUploads(input, ctx) {
    const bucket = mustGetBucket(ctx, input.Bucket, input.ExpectedBucketOwner)
    const encode = encoder(input.EncodingType)
    const entriesMax = entriesMaxFrom(input.MaxUploads, 'max-uploads')
    const { Prefix: prefix = '', Delimiter: delimiter = '', KeyMarker: marker = '' } = input
    const after = marker === '' ? undefined : markerKey(bucket.name, marker, input.UploadIdMarker)
    const page = collectPage<Upload>({
      prefix,
      delimiter,
      entriesMax,
      keyOf: (upload) => upload.key,
      skippedPrefix: delimiter && marker.endsWith(delimiter) ? marker : undefined,
      entries: (from) =>
        ctx.in(uploads).list({
          prefix: [bucket.name],
          startsWith: prefix,
          ...(from !== undefined && { from: [bucket.name, from] }),
          ...(after && { after }),
        }),
    })
    const last = page.truncated ? page.last : undefined
    return {
      Bucket: bucket.name,
      Prefix: encode(prefix),
      Delimiter: delimiter ? encode(delimiter) : undefined,
      KeyMarker: encode(marker),
      UploadIdMarker: input.UploadIdMarker ?? '',
      MaxUploads: entriesMax,
      EncodingType: input.EncodingType,
      IsTruncated: page.truncated,
      NextKeyMarker: last && encode('prefix' in last ? last.prefix : last.entry.key),
      NextUploadIdMarker: last && 'entry' in last ? last.entry.uploadId : undefined,
      Uploads: page.entries.map((upload) => ({
        Key: encode(upload.key),
        UploadId: upload.uploadId,
        Initiated: new Date(upload.initiatedAt),
        StorageClass: (upload.storageClass ?? 'STANDARD') as 'STANDARD',
        Owner: ownerOf(bucket.account),
        Initiator: ownerOf(upload.initiator),
        ...statedChecksumKind(upload),
      })),
      CommonPrefixes: page.prefixes.map((common) => ({ Prefix: encode(common) })),
    }
  },

  async ListParts(input, ctx) {
    const upload = mustGetUpload(ctx, input)
    const bucket = mustGetBucket(ctx, input.Bucket)
    const entriesMax = entriesMaxFrom(input.MaxParts, 'max-parts')
    const marker = Number(input.PartNumberMarker ?? 0)
    if (!Number.isInteger(marker) || marker < 0) {
      throw InvalidArgument(
        'Provided part-number-marker is not an integer or within integer range',
        'part-number-marker',
        input.PartNumberMarker,
      )
    }
    const found = [
      ...ctx.in(parts).list({ prefix: [upload.uploadId], after: [upload.uploadId, marker], limit: entriesMax + 1 }),
    ]
    const page = found.slice(0, entriesMax)
    return {
      Bucket: upload.bucket,
      Key: upload.key,
      UploadId: upload.uploadId,
      PartNumberMarker: String(marker),
      NextPartNumberMarker: String(page.at(-1)?.number ?? 0),
      MaxParts: entriesMax,
      IsTruncated: found.length > page.length,
      StorageClass: (upload.storageClass ?? 'STANDARD') as 'STANDARD',
      Owner: ownerOf(bucket.account),
      Initiator: ownerOf(upload.initiator),
      ...statedChecksumKind(upload),
      Parts: page.map((part) => ({
        PartNumber: part.number,
        LastModified: new Date(part.modifiedAt),
        ETag: quoted(part.etag),
        Size: part.size,
        ...(upload.checksum.stated && partChecksum(part)),
      })),
    }
  },
})

function markerKey(bucket: string, key: string, uploadId: string | undefined): string[] {
  return uploadId ? [bucket, key, uploadId] : [bucket, key]
}

function statedChecksumKind({ checksum }: Upload) {
  return checksum.stated ? { ChecksumAlgorithm: checksum.algorithm, ChecksumType: checksum.type } : {}
}
