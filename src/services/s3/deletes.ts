/** Deleting objects: for good, or, where the bucket keeps versions, under a delete marker. */
import type { Tx } from '../../delivery/context.ts'
import { AwsError } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { dropBody, sequencer } from './bodies.ts'
import { type Bucket, mustGetBucket } from './buckets.ts'
import { listsEtag } from './conditions.ts'
import { MalformedXml, NoSuchKey, PreconditionFailed } from './errors.ts'
import { announce, type Change, type Origin } from './events.ts'
import { tellChanged } from './listedPlaces.ts'
import { checkUnlocked } from './locks.ts'
import { checkKey } from './names.ts'
import { latestOf, newVersionId, objects, putVersion, removeVersion, type StoredObject, versionOf } from './objects.ts'

export interface Deletion {
  key: string
  versionId?: string
  bypassGovernance?: boolean
  reason: 'DeleteObject' | 'Lifecycle Expiration'
}

export interface DeletionConditions {
  IfMatch?: string
  IfMatchLastModifiedTime?: Date
  IfMatchSize?: number
}

export interface Deleted {
  versionId?: string
  /** Whether a marker was made, or the version that went was one. */
  deleteMarker?: true
}

/** A key that is not there is deleted: S3 answers success, and tells nobody. */
export function deleteObject(tx: Tx, origin: Origin, bucket: Bucket, deletion: Deletion): Deleted {
  const { key, versionId } = deletion
  if (versionId !== undefined) return deleteVersion(tx, origin, bucket, { ...deletion, versionId })
  if (bucket.versioning) return hide(tx, origin, bucket, deletion)
  const object = tx.in(objects).get(bucket.name, key)
  if (!object) return {}
  tx.in(objects).delete(bucket.name, key)
  tellChanged(tx, bucket.name, key)
  dropBody(tx, object)
  const sequence = tx.use(sequencer).next(tx.now, object)
  announceDeletion(tx, origin, bucket, { deletion, object: { bucket: bucket.name, key, sequence } })
  return {}
}

function deleteVersion(tx: Tx, origin: Origin, bucket: Bucket, deletion: Deletion & { versionId: string }): Deleted {
  const { key, versionId, bypassGovernance } = deletion
  const version = versionOf(tx, bucket, key, versionId)
  if (!version) return { versionId }
  checkUnlocked(version, tx.now, bypassGovernance)
  const sequence = tx.use(sequencer).next(tx.now, latestOf(tx, bucket, key))
  removeVersion(tx, bucket, version)
  dropBody(tx, version)
  const object = { bucket: bucket.name, key, sequence, ...(version.versionId && { versionId }) }
  announceDeletion(tx, origin, bucket, { deletion, object })
  return { versionId, ...(version.deleteMarker && { deleteMarker: true }) }
}

/** Puts a delete marker on top; while versioning is suspended it takes the place of the `null` version. */
function hide(tx: Tx, origin: Origin, bucket: Bucket, deletion: Deletion): Deleted {
  const latest = latestOf(tx, bucket, deletion.key)
  const sequence = tx.use(sequencer).next(tx.now, latest)
  const marker: StoredObject = {
    bucket: bucket.name,
    key: deletion.key,
    sequence,
    deleteMarker: true,
    size: 0,
    etag: '',
    modifiedAt: tx.now,
    headers: {},
    metadata: {},
  }
  if (bucket.versioning === 'Enabled') marker.versionId = newVersionId(sequence, tx.random)
  const replaced = putVersion(tx, bucket, marker, latest)
  if (replaced) dropBody(tx, replaced)
  announceDeletion(tx, origin, bucket, { deletion, object: marker })
  return { versionId: marker.versionId ?? 'null', deleteMarker: true }
}

function announceDeletion(
  tx: Tx,
  origin: Origin,
  bucket: Bucket,
  { deletion, object }: { deletion: Deletion; object: Extract<Change, { kind: 'deleted' }>['object'] },
): void {
  announce(tx, origin, bucket, { kind: 'deleted', reason: deletion.reason, object })
}

const batchMax = 1000

export const deleteOperations = operations('s3', {
  async DeleteObject(input, ctx) {
    checkKey(input.Key)
    const deleted = await ctx.commit((tx) => {
      const bucket = mustGetBucket(tx, input.Bucket, input.ExpectedBucketOwner)
      checkDeletionConditions(tx, bucket, input.Key, input)
      return deleteObject(tx, ctx, bucket, {
        key: input.Key,
        versionId: input.VersionId,
        bypassGovernance: input.BypassGovernanceRetention,
        reason: 'DeleteObject',
      })
    })
    return { VersionId: deleted.versionId, DeleteMarker: deleted.deleteMarker }
  },

  async DeleteObjects(input, ctx) {
    const wanted = input.Delete.Objects ?? []
    if (wanted.length === 0 || wanted.length > batchMax) throw MalformedXml()
    const results = await ctx.commit((tx) => {
      const bucket = mustGetBucket(tx, input.Bucket, input.ExpectedBucketOwner)
      return wanted.map((entry) =>
        deleteOne(tx, ctx, bucket, { entry, bypassGovernance: input.BypassGovernanceRetention }),
      )
    })
    return {
      Deleted: input.Delete.Quiet ? [] : results.flatMap(({ deleted }) => deleted ?? []),
      Errors: results.flatMap(({ error }) => error ?? []),
    }
  },
})

interface BatchEntry {
  Key?: string
  VersionId?: string
  ETag?: string
  LastModifiedTime?: Date
  Size?: number
}

/** One key's refusal is that key's; it changed nothing, since it is decided before anything is written. */
function deleteOne(
  tx: Tx,
  origin: Origin,
  bucket: Bucket,
  { entry, bypassGovernance }: { entry: BatchEntry; bypassGovernance: boolean | undefined },
) {
  const { Key = '', VersionId, ETag, LastModifiedTime, Size } = entry
  try {
    checkKey(Key)
    checkDeletionConditions(tx, bucket, Key, {
      IfMatch: ETag,
      IfMatchLastModifiedTime: LastModifiedTime,
      IfMatchSize: Size,
    })
    const deletion: Deletion = { key: Key, versionId: VersionId, bypassGovernance, reason: 'DeleteObject' }
    const { deleteMarker, versionId } = deleteObject(tx, origin, bucket, deletion)
    const marker = deleteMarker && { DeleteMarker: true, DeleteMarkerVersionId: versionId }
    return { deleted: { Key, VersionId, ...marker } }
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    return { error: { Key, VersionId, Code: error.code, Message: error.message } }
  }
}

function checkDeletionConditions(tx: Tx, bucket: Bucket, key: string, conditions: DeletionConditions): void {
  const { IfMatch, IfMatchLastModifiedTime, IfMatchSize } = conditions
  if (IfMatch === undefined && IfMatchLastModifiedTime === undefined && IfMatchSize === undefined) return
  const current = tx.in(objects).get(bucket.name, key)
  if (!current) {
    if (IfMatch !== undefined && IfMatch !== '*') throw NoSuchKey(key)
    if (IfMatch === '*') throw PreconditionFailed('If-Match')
    return
  }
  if (IfMatch !== undefined && !listsEtag(IfMatch, current.etag)) throw PreconditionFailed('If-Match')
  const seconds = Math.floor(current.modifiedAt / 1000)
  if (IfMatchLastModifiedTime && Math.floor(IfMatchLastModifiedTime.getTime() / 1000) !== seconds) {
    throw PreconditionFailed('x-amz-if-match-last-modified-time')
  }
  if (IfMatchSize !== undefined && IfMatchSize !== current.size) throw PreconditionFailed('x-amz-if-match-size')
}
