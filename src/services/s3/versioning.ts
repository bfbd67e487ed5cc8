/** Versioning of a bucket, and finding the version of an object that a request means. */
import type { Tx } from '../../delivery/context.ts'
import { operations } from '../service.ts'
import { type Bucket, changeBucket, mustGetBucket } from './buckets.ts'
import { InvalidBucketState, MalformedXml, MethodNotAllowed, NoSuchKey, NoSuchVersion, withFields } from './errors.ts'
import { latestOf, objects, type Reader, type StoredObject, versionOf, versions } from './objects.ts'

export interface VersionInput {
  Bucket?: string
  Key?: string
  VersionId?: string
  ExpectedBucketOwner?: string
}

export interface Found {
  bucket: Bucket
  object: StoredObject
}

/** The version that is meant: the one named, else the newest. Errors: a delete marker is no object. */
export function mustGetVersion(reader: Reader, input: VersionInput, method = 'GET'): Found {
  const bucket = mustGetBucket(reader, input.Bucket ?? '', input.ExpectedBucketOwner)
  const key = input.Key ?? ''
  if (input.VersionId !== undefined) {
    const object = versionOf(reader, bucket, key, input.VersionId)
    if (!object) throw NoSuchVersion(key, input.VersionId)
    if (object.deleteMarker) throw MethodNotAllowed(method, 'DeleteMarker', markerHeaders(object))
    return { bucket, object }
  }
  const object = latestOf(reader, bucket, key)
  if (!object) throw NoSuchKey(key)
  if (object.deleteMarker) throw withFields(NoSuchKey(key), markerHeaders(object))
  return { bucket, object }
}

/** Rewrites what is said about a version, in place: its body, its time and its order stay. */
export function changeVersion(tx: Tx, input: VersionInput, change: (object: StoredObject) => StoredObject): Found {
  const { bucket, object } = mustGetVersion(tx, input)
  const changed = change(object)
  const current = tx.in(objects).get(bucket.name, object.key)
  tx.in(current?.sequence === object.sequence ? objects : versions).put(changed)
  return { bucket, object: changed }
}

/** An answer about a delete marker says in its headers that it is one. */
function markerHeaders(marker: StoredObject): Record<string, unknown> {
  return {
    headers: {
      'x-amz-delete-marker': 'true',
      'x-amz-version-id': marker.versionId ?? 'null',
      'last-modified': new Date(marker.modifiedAt).toUTCString(),
    },
  }
}

const lockedText = 'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.'

export const versioningOperations = operations('s3', {
  async PutBucketVersioning(input, ctx) {
    const { Status, MFADelete } = input.VersioningConfiguration
    if (Status === undefined && MFADelete === undefined) throw MalformedXml()
    if (Status !== undefined && Status !== 'Enabled' && Status !== 'Suspended') throw MalformedXml()
    await changeBucket(ctx, input, (bucket) => {
      if (bucket.objectLock && Status === 'Suspended') throw InvalidBucketState(lockedText)
      return { ...bucket, versioning: Status ?? bucket.versioning }
    })
    return {}
  },

  async GetBucketVersioning(input, ctx) {
    return { Status: mustGetBucket(ctx, input.Bucket, input.ExpectedBucketOwner).versioning }
  },
})
