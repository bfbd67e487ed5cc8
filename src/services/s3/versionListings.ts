/** Listing every version of every object, delete markers among them: by key, newest first. */
import type { Context } from '../../delivery/context.ts'
import { operations } from '../service.ts'
import { type Bucket, mustGetBucket } from './buckets.ts'
import { quoted } from './conditions.ts'
import { InvalidArgument } from './errors.ts'
import { encoder } from './listings.ts'
import { ownerOf } from './names.ts'
import { objects, type StoredObject, versionOf, versions } from './objects.ts'
import { collectPage, compareKeys, entriesMaxFrom } from './pages.ts'

interface Start {
  key: string
  /** The version to begin after; absent, all of the key's are behind us. */
  sequence?: number
}

export const versionListingOperations = operations('s3', {
  async ListObjectVersions(input, ctx) {
    const bucket = mustGetBucket(ctx, input.Bucket, input.ExpectedBucketOwner)
    const encode = encoder(input.EncodingType)
    const entriesMax = entriesMaxFrom(input.MaxKeys, 'max-keys')
    const { Prefix: prefix = '', Delimiter: delimiter = '', KeyMarker: marker } = input
    const start = startFrom(ctx, bucket, input)
    const page = collectPage<StoredObject>({
      prefix,
      delimiter,
      entriesMax,
      keyOf: (version) => version.key,
      skippedPrefix: delimiter && marker?.endsWith(delimiter) ? marker : undefined,
      entries: (from) => merged(ctx, bucket, { prefix, from, start }),
    })
    const owner = ownerOf(bucket.account)
    const latest = latestOfPage(page.entries, start)
    const shown = page.entries.map((version) => ({ version, IsLatest: latest.has(version) }))
    const last = page.truncated ? page.last : undefined
    return {
      Name: bucket.name,
      Prefix: encode(prefix),
      Delimiter: delimiter ? encode(delimiter) : undefined,
      KeyMarker: encode(marker ?? ''),
      VersionIdMarker: input.VersionIdMarker ?? '',
      MaxKeys: entriesMax,
      EncodingType: input.EncodingType,
      IsTruncated: page.truncated,
      NextKeyMarker: last && encode('prefix' in last ? last.prefix : last.entry.key),
      NextVersionIdMarker: last && 'entry' in last ? (last.entry.versionId ?? 'null') : undefined,
      Versions: shown
        .filter(({ version }) => !version.deleteMarker)
        .map(({ version, IsLatest }) => ({
          ...listedVersion(version, encode),
          IsLatest,
          Owner: owner,
          ETag: quoted(version.etag),
          Size: version.size,
          StorageClass: (version.storageClass ?? 'STANDARD') as 'STANDARD',
          ...(version.checksum && {
            ChecksumAlgorithm: [version.checksum.algorithm],
            ChecksumType: version.checksum.type,
          }),
        })),
      DeleteMarkers: shown
        .filter(({ version }) => version.deleteMarker)
        .map(({ version, IsLatest }) => ({ ...listedVersion(version, encode), IsLatest, Owner: owner })),
      CommonPrefixes: page.prefixes.map((common) => ({ Prefix: encode(common) })),
    }
  },
})

function listedVersion(version: StoredObject, encode: (text: string) => string) {
  return {
    Key: encode(version.key),
    VersionId: version.versionId ?? 'null',
    LastModified: new Date(version.modifiedAt),
  }
}

function startFrom(
  ctx: Context,
  bucket: Bucket,
  { KeyMarker: key, VersionIdMarker: id }: { KeyMarker?: string; VersionIdMarker?: string },
): Start | undefined {
  if (id && !key) {
    throw InvalidArgument('A version-id marker cannot be specified without a key marker.', 'version-id-marker', id)
  }
  if (!key) return undefined
  if (!id) return { key }
  const marked = versionOf(ctx, bucket, key, id)
  return marked ? { key, sequence: marked.sequence } : { key }
}

/** The newest versions (in `objects`) and the others, in one order. */
function* merged(
  ctx: Context,
  bucket: Bucket,
  { prefix, from, start }: { prefix: string; from: string | undefined; start: Start | undefined },
): Iterable<StoredObject> {
  const range = {
    prefix: [bucket.name],
    startsWith: prefix,
    ...(from !== undefined && { from: [bucket.name, from] }),
  }
  const within = start?.sequence === undefined ? [] : [-start.sequence]
  const newest = ctx.in(objects).list({ ...range, ...(start && { after: [bucket.name, start.key] }) })
  const others = ctx.in(versions).list({ ...range, ...(start && { after: [bucket.name, start.key, ...within] }) })
  const [left, right] = [newest[Symbol.iterator](), others[Symbol.iterator]()]
  let [a, b] = [left.next(), right.next()]
  while (!a.done || !b.done) {
    // A key's newest version, where it is in `objects`, comes before all others of that key.
    if (b.done || (!a.done && compareKeys(a.value.key, b.value.key) <= 0)) {
      yield a.value as StoredObject
      a = left.next()
    } else {
      yield b.value
      b = right.next()
    }
  }
}

/** The first of each key; a page that begins inside a key begins behind its newest version. */
function latestOfPage(entries: readonly StoredObject[], start: Start | undefined): Set<StoredObject> {
  const latest = new Set<StoredObject>()
  let before = start?.sequence === undefined ? undefined : start.key
  for (const version of entries) {
    if (version.key !== before) latest.add(version)
    before = version.key
  }
  return latest
}
