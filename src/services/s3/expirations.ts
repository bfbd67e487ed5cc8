/**
 * Ends what lifecycle rules say has lived long enough: objects, older versions, lone delete markers, unfinished
 * uploads. As on AWS it happens at midnight UTC, an age being rounded up to the midnight that follows it.
 */
import type { LifecycleRule } from '@aws-sdk/client-s3'
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { type Bucket, buckets } from './buckets.ts'
import { deleteObject } from './deletes.ts'
import type { Lifecycle } from './lifecycles.ts'
import { checkUnlocked } from './locks.ts'
import { objects, type StoredObject, versions } from './objects.ts'
import { bucketSettings } from './settings.ts'
import { dropParts, type Upload, uploads } from './uploads.ts'

const dayMillis = 86_400_000
/** Ended in one commit: a bound on the memory and time of a pass. */
const endedAtOnce = 500

/** One row for each bucket that has rules: its next pass. */
export const expirations = dueQueue<Due>('s3/expirations')

export function nextMidnight(time: Millis): Millis {
  return (Math.floor(time / dayMillis) + 1) * dayMillis
}

export const expirationWorker = worker('s3/expirations', {
  queue: expirations,
  concurrency: 2,
  async run({ id }, ctx) {
    const bucket = ctx.in(buckets).get(id)
    const kept = ctx.in(bucketSettings).get(id, 'lifecycle', '')?.value as Lifecycle | undefined
    const rules = kept?.rules.filter((rule) => rule.Status === 'Enabled') ?? []
    if (bucket && rules.length > 0) await endAll(ctx, bucket, rules)
    await ctx.commit((tx) => {
      if (bucket && kept) tx.due(expirations).put({ id, dueAt: nextMidnight(tx.now) })
      else tx.due(expirations).delete(id)
    })
  },
})

type Ending = (tx: Tx) => void

async function endAll(ctx: Context, bucket: Bucket, rules: readonly LifecycleRule[]): Promise<void> {
  const now = ctx.clock.now()
  // Read whole before anything is ended, since a range must not be read across an `await`.
  const endings = [
    ...objectEndings(ctx, bucket, rules, now),
    ...versionEndings(ctx, bucket, rules, now),
    ...uploadEndings(ctx, bucket, rules, now),
  ]
  for (let start = 0; start < endings.length; start += endedAtOnce) {
    await ctx.commit((tx) => {
      for (const end of endings.slice(start, start + endedAtOnce)) end(tx)
    })
  }
}

function* objectEndings(ctx: Context, bucket: Bucket, rules: readonly LifecycleRule[], now: Millis): Iterable<Ending> {
  for (const object of ctx.in(objects).list({ prefix: [bucket.name] })) {
    if (!rules.some((rule) => covers(rule, object) && hasExpired(rule, object, now))) continue
    yield (tx) => {
      const current = tx.in(objects).get(bucket.name, object.key)
      if (current?.sequence !== object.sequence) return
      deleteObject(tx, ctx, bucket, { key: object.key, reason: 'Lifecycle Expiration' })
    }
  }
}

function hasExpired({ Expiration }: LifecycleRule, object: StoredObject, now: Millis): boolean {
  if (Expiration?.Date) return now >= Expiration.Date.getTime()
  return Expiration?.Days !== undefined && now >= nextMidnight(object.modifiedAt + Expiration.Days * dayMillis - 1)
}

/** Older versions, newest first a key; a version grows old from when the next one took its place. */
function* versionEndings(ctx: Context, bucket: Bucket, rules: readonly LifecycleRule[], now: Millis): Iterable<Ending> {
  let newer: StoredObject | undefined
  let rank = 0
  for (const version of ctx.in(versions).list({ prefix: [bucket.name] })) {
    if (newer?.key !== version.key) {
      newer = ctx.in(objects).get(bucket.name, version.key)
      rank = 0
    }
    const replacedBy = newer
    newer = version
    if (!replacedBy) {
      if (isLoneMarker(ctx, bucket, version, rules)) yield (tx) => endVersion(tx, ctx, bucket, version)
      continue
    }
    rank++
    const ended = rules.some((rule) => {
      const { NoncurrentDays, NewerNoncurrentVersions = 0 } = rule.NoncurrentVersionExpiration ?? {}
      if (NoncurrentDays === undefined || rank <= NewerNoncurrentVersions || !covers(rule, version)) return false
      return now >= nextMidnight(replacedBy.modifiedAt + NoncurrentDays * dayMillis - 1)
    })
    if (ended) yield (tx) => endVersion(tx, ctx, bucket, version)
  }
}

function isLoneMarker(ctx: Context, bucket: Bucket, version: StoredObject, rules: readonly LifecycleRule[]): boolean {
  if (!version.deleteMarker) return false
  const wanted = rules.some((rule) => rule.Expiration?.ExpiredObjectDeleteMarker && covers(rule, version))
  return wanted && ctx.in(versions).count({ prefix: [bucket.name, version.key], limit: 2 }) === 1
}

function endVersion(tx: Tx, ctx: Context, bucket: Bucket, version: StoredObject): void {
  try {
    checkUnlocked(version, tx.now, false)
  } catch {
    // A locked version outlives its rule.
    return
  }
  const versionId = version.versionId ?? 'null'
  deleteObject(tx, ctx, bucket, { key: version.key, versionId, reason: 'Lifecycle Expiration' })
}

function* uploadEndings(ctx: Context, bucket: Bucket, rules: readonly LifecycleRule[], now: Millis): Iterable<Ending> {
  for (const upload of ctx.in(uploads).list({ prefix: [bucket.name] })) {
    if (!rules.some((rule) => isAbandoned(rule, upload, now))) continue
    yield (tx) => {
      dropParts(tx, upload.uploadId)
      tx.in(uploads).delete(upload.bucket, upload.key, upload.uploadId)
    }
  }
}

function isAbandoned(rule: LifecycleRule, upload: Upload, now: Millis): boolean {
  const days = rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation
  if (days === undefined || !upload.key.startsWith(prefixOf(rule))) return false
  return now >= nextMidnight(upload.initiatedAt + days * dayMillis - 1)
}

function prefixOf({ Filter, Prefix }: LifecycleRule): string {
  return Filter?.Prefix ?? Filter?.And?.Prefix ?? Prefix ?? ''
}

function covers(rule: LifecycleRule, object: StoredObject): boolean {
  const { Filter } = rule
  const tags = Filter?.Tag ? [Filter.Tag] : (Filter?.And?.Tags ?? [])
  const above = Filter?.ObjectSizeGreaterThan ?? Filter?.And?.ObjectSizeGreaterThan ?? -1
  const below = Filter?.ObjectSizeLessThan ?? Filter?.And?.ObjectSizeLessThan ?? Number.POSITIVE_INFINITY
  const tagged = tags.every(({ Key, Value }) => object.tags?.some((tag) => tag.Key === Key && tag.Value === Value))
  return object.key.startsWith(prefixOf(rule)) && tagged && object.size > above && object.size < below
}
