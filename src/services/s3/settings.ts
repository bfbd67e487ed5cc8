/** A bucket's settings that no request needs on its way: kept by kind, and read when they are asked for. */

import type { Context, Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { mustGetBucket } from './buckets.ts'
import { NoSuchSetting } from './errors.ts'

export interface BucketSetting {
  bucket: string
  kind: SettingKind
  /** For kinds of which a bucket has several; else empty. */
  id: string
  value: unknown
}

export type SettingKind =
  | 'abac'
  | 'accelerate'
  | 'acl'
  | 'analytics'
  | 'cors'
  | 'encryption'
  | 'intelligentTiering'
  | 'inventory'
  | 'lifecycle'
  | 'logging'
  | 'metrics'
  | 'ownershipControls'
  | 'policy'
  | 'publicAccessBlock'
  | 'replication'
  | 'requestPayment'
  | 'website'

export const bucketSettings = collection<BucketSetting>('s3/settings', {
  version: 1,
  scope: 'global',
  key: (setting) => [setting.bucket, setting.kind, setting.id],
})

export interface SettingInput {
  Bucket?: string
  ExpectedBucketOwner?: string
  Id?: string
}

export async function keepSetting(ctx: Context, input: SettingInput, kind: SettingKind, value: unknown): Promise<void> {
  await ctx.commit((tx) => {
    const bucket = mustGetBucket(tx, input.Bucket ?? '', input.ExpectedBucketOwner)
    tx.in(bucketSettings).put({ bucket: bucket.name, kind, id: input.Id ?? '', value })
  })
}

export async function forgetSetting(ctx: Context, input: SettingInput, kind: SettingKind): Promise<void> {
  await ctx.commit((tx) => {
    const bucket = mustGetBucket(tx, input.Bucket ?? '', input.ExpectedBucketOwner)
    tx.in(bucketSettings).delete(bucket.name, kind, input.Id ?? '')
  })
}

export function settingOf<T>(ctx: Context, input: SettingInput, kind: SettingKind): T | undefined {
  const bucket = mustGetBucket(ctx, input.Bucket ?? '', input.ExpectedBucketOwner)
  return ctx.in(bucketSettings).get(bucket.name, kind, input.Id ?? '')?.value as T | undefined
}

/** `absent`: S3's code and words for a setting that was never made. */
export function mustGetSetting<T>(
  ctx: Context,
  input: SettingInput,
  kind: SettingKind,
  absent: [code: string, message: string],
): T {
  const value = settingOf<T>(ctx, input, kind)
  if (value === undefined) throw NoSuchSetting(...absent, input.Bucket ?? '')
  return value
}

/** All of a kind that a bucket can have several of, in order of their ids. */
export function settingsOf<T>(ctx: Context, input: SettingInput, kind: SettingKind): T[] {
  const bucket = mustGetBucket(ctx, input.Bucket ?? '', input.ExpectedBucketOwner)
  return Array.from(ctx.in(bucketSettings).list({ prefix: [bucket.name, kind] }), (setting) => setting.value as T)
}

export function deleteSettings(tx: Tx, bucket: string): void {
  for (const setting of [...tx.in(bucketSettings).list({ prefix: [bucket] })]) {
    tx.in(bucketSettings).delete(bucket, setting.kind, setting.id)
  }
}
