/**
 * Buckets. Their names are global: one record a name, whatever account and region it belongs to. What is asked of a
 * bucket at every write (versioning, notifications) lies in its record; its other settings are in settings.ts.
 */
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { operations } from '../service.ts'
import {
  AccessDenied,
  BucketAlreadyExists,
  BucketAlreadyOwnedByYou,
  BucketNotEmpty,
  IllegalLocationConstraint,
  InvalidArgument,
  InvalidLocationConstraint,
  NoSuchBucket,
} from './errors.ts'
import { bucketArn, checkBucketName, ownerOf } from './names.ts'
import type { NotificationRule } from './notifications.ts'
import { objects, type Reader, type Tag, versions } from './objects.ts'
import { bucketSettings, deleteSettings } from './settings.ts'
import { checkTags } from './tagging.ts'
import { dropParts, uploads } from './uploads.ts'

export interface Bucket {
  name: string
  account: string
  region: string
  createdAt: Millis
  /** Absent: never switched on. */
  versioning?: 'Enabled' | 'Suspended'
  objectLock?: ObjectLock
  /** All object events go to EventBridge too. */
  eventBridge: boolean
  notifications: NotificationRule[]
  tags: Tag[]
}

export interface ObjectLock {
  /** What versions get that come without a retention of their own. */
  defaultRetention?: { mode: 'GOVERNANCE' | 'COMPLIANCE'; days?: number; years?: number }
}

export const buckets = collection<Bucket>('s3/buckets', {
  version: 1,
  scope: 'global',
  kept: true,
  key: (bucket) => [bucket.name],
})

/** `expectedOwner`: what `x-amz-expected-bucket-owner` says. */
export function mustGetBucket(reader: Reader, name: string, expectedOwner?: string): Bucket {
  const bucket = reader.in(buckets).get(name)
  if (!bucket) throw NoSuchBucket(name)
  if (expectedOwner !== undefined && expectedOwner !== bucket.account) throw AccessDenied()
  return bucket
}

/** Changes a bucket's record in a commit of its own. */
export async function changeBucket(
  ctx: Context,
  input: { Bucket?: string; ExpectedBucketOwner?: string },
  change: (bucket: Bucket, tx: Tx) => Bucket,
): Promise<void> {
  await ctx.commit((tx) => {
    const bucket = mustGetBucket(tx, input.Bucket ?? '', input.ExpectedBucketOwner)
    tx.in(buckets).put(change(bucket, tx))
  })
}

export interface NewBucket {
  name: string
  region: string
  tags: Tag[]
  objectLock: boolean
  ownership?: string
}

export async function createBucket(ctx: Context, wanted: NewBucket): Promise<void> {
  const { name, region, tags, ownership } = wanted
  checkBucketName(name)
  await ctx.commit((tx) => {
    const existing = tx.in(buckets).get(name)
    if (existing && existing.account !== ctx.account) throw BucketAlreadyExists(name)
    // us-east-1 answers 200 when the owner creates a bucket again; every other region refuses.
    if (existing && region === 'us-east-1' && existing.region === region) return
    if (existing) throw BucketAlreadyOwnedByYou(name)
    const bucket: Bucket = {
      name,
      account: ctx.account,
      region,
      createdAt: tx.now,
      eventBridge: false,
      notifications: [],
      tags,
      // Locked versions need versions.
      ...(wanted.objectLock && { versioning: 'Enabled', objectLock: {} }),
    }
    tx.in(buckets).put(bucket)
    if (ownership) {
      const value = { Rules: [{ ObjectOwnership: ownership }] }
      tx.in(bucketSettings).put({ bucket: name, kind: 'ownershipControls', id: '', value })
    }
  })
}

const listedMax = 10_000

export const bucketOperations = operations('s3', {
  async CreateBucket(input, ctx) {
    const region = regionWanted(input.CreateBucketConfiguration?.LocationConstraint, ctx.region)
    await createBucket(ctx, {
      name: input.Bucket,
      region,
      tags: checkTags(input.CreateBucketConfiguration?.Tags ?? [], 50),
      objectLock: input.ObjectLockEnabledForBucket ?? false,
      ownership: input.ObjectOwnership,
    })
    return { Location: `/${input.Bucket}`, BucketArn: bucketArn(input.Bucket) }
  },

  async HeadBucket(input, ctx) {
    const bucket = mustGetBucket(ctx, input.Bucket, input.ExpectedBucketOwner)
    return { BucketRegion: bucket.region, AccessPointAlias: false, BucketArn: bucketArn(bucket.name) }
  },

  async GetBucketLocation(input, ctx) {
    const { region } = mustGetBucket(ctx, input.Bucket, input.ExpectedBucketOwner)
    // us-east-1 is the empty constraint.
    return { LocationConstraint: (region === 'us-east-1' ? undefined : region) as never }
  },

  async DeleteBucket(input, ctx) {
    await ctx.commit((tx) => {
      const bucket = mustGetBucket(tx, input.Bucket, input.ExpectedBucketOwner)
      if (tx.in(objects).first({ prefix: [bucket.name] })) throw BucketNotEmpty(bucket.name, !!bucket.versioning)
      if (tx.in(versions).first({ prefix: [bucket.name] })) throw BucketNotEmpty(bucket.name, true)
      for (const upload of [...tx.in(uploads).list({ prefix: [bucket.name] })]) {
        dropParts(tx, upload.uploadId)
        tx.in(uploads).delete(bucket.name, upload.key, upload.uploadId)
      }
      deleteSettings(tx, bucket.name)
      tx.in(buckets).delete(bucket.name)
    })
    return {}
  },

  async ListBuckets(input, ctx) {
    const max = input.MaxBuckets ?? listedMax
    if (max < 1 || max > listedMax) {
      throw InvalidArgument(`Argument max-buckets must be an integer between 1 and ${listedMax}`, 'max-buckets', max)
    }
    const after = input.ContinuationToken && tokenName(input.ContinuationToken)
    const found: Bucket[] = []
    for (const bucket of ctx.in(buckets).list({ startsWith: input.Prefix ?? '', after: after ? [after] : undefined })) {
      if (bucket.account !== ctx.account) continue
      if (input.BucketRegion !== undefined && bucket.region !== input.BucketRegion) continue
      found.push(bucket)
      if (found.length > max) break
    }
    const page = found.slice(0, max)
    const last = page.at(-1)
    return {
      Owner: ownerOf(ctx.account),
      Buckets: page.map((bucket) => ({
        Name: bucket.name,
        CreationDate: new Date(bucket.createdAt),
        BucketRegion: bucket.region,
        BucketArn: bucketArn(bucket.name),
      })),
      ContinuationToken: found.length > max && last ? Buffer.from(last.name).toString('base64url') : undefined,
      Prefix: input.Prefix,
    }
  },
})

function tokenName(token: string): string {
  return Buffer.from(token, 'base64url').toString('utf8')
}

/** The region a new bucket lies in; the endpoint asked must be that region's, or us-east-1's. */
function regionWanted(constraint: string | undefined, region: string): string {
  if (constraint === undefined || constraint === '') {
    if (region !== 'us-east-1') throw IllegalLocationConstraint('unspecified')
    return region
  }
  const wanted = constraint === 'EU' ? 'eu-west-1' : constraint
  if (wanted === 'us-east-1' || !/^[a-z]{2}(-[a-z]+)+-\d$/.test(wanted)) throw InvalidLocationConstraint(constraint)
  if (region !== 'us-east-1' && wanted !== region) throw IllegalLocationConstraint(constraint)
  return wanted
}
