/** Lifecycle rules: what a configuration may say. What they end is ended in expirations.ts; transitions are kept only. */
import type { LifecycleRule, LifecycleRuleFilter, TransitionDefaultMinimumObjectSize } from '@aws-sdk/client-s3'
import type { Context } from '../../delivery/context.ts'
import { operations } from '../service.ts'
import { mustGetBucket } from './buckets.ts'
import { InvalidArgument, InvalidRequest, MalformedXml, NoSuchSetting } from './errors.ts'
import { expirations, nextMidnight } from './expirations.ts'
import { bucketSettings, forgetSetting, settingOf } from './settings.ts'

export interface Lifecycle {
  rules: LifecycleRule[]
  minimumSize: TransitionDefaultMinimumObjectSize
}

const rulesMax = 1000

export const lifecycleOperations = operations('s3', {
  async PutBucketLifecycleConfiguration(input, ctx) {
    const rules = rulesFrom(input.LifecycleConfiguration?.Rules ?? [], ctx)
    const minimumSize = input.TransitionDefaultMinimumObjectSize ?? 'all_storage_classes_128K'
    await ctx.commit((tx) => {
      const bucket = mustGetBucket(tx, input.Bucket, input.ExpectedBucketOwner)
      tx.in(bucketSettings).put({ bucket: bucket.name, kind: 'lifecycle', id: '', value: { rules, minimumSize } })
      const place = tx.at({ account: bucket.account, region: bucket.region })
      place.due(expirations).put({ id: bucket.name, dueAt: nextMidnight(tx.now) })
    })
    return { TransitionDefaultMinimumObjectSize: minimumSize }
  },

  async GetBucketLifecycleConfiguration(input, ctx) {
    const kept = settingOf<Lifecycle>(ctx, input, 'lifecycle')
    if (!kept) {
      throw NoSuchSetting('NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist', input.Bucket)
    }
    return { Rules: kept.rules, TransitionDefaultMinimumObjectSize: kept.minimumSize }
  },

  async DeleteBucketLifecycle(input, ctx) {
    await forgetSetting(ctx, input, 'lifecycle')
    return {}
  },
})

function rulesFrom(wanted: readonly LifecycleRule[], ctx: Context): LifecycleRule[] {
  if (wanted.length === 0 || wanted.length > rulesMax) throw MalformedXml()
  const rules = wanted.map((rule) => {
    checkRule(rule)
    return { ...rule, ID: rule.ID || ctx.random.uuid() }
  })
  if (new Set(rules.map((rule) => rule.ID)).size < rules.length) {
    throw InvalidArgument('Rule ID must be unique. Found same ID for more than one rule', 'ID')
  }
  return rules
}

function checkRule(rule: LifecycleRule): void {
  const { ID = '', Status, Filter, Prefix, Expiration, NoncurrentVersionExpiration: noncurrent } = rule
  if (Status !== 'Enabled' && Status !== 'Disabled') throw MalformedXml()
  if (ID.length > 255) throw InvalidArgument('ID length should not exceed allowed limit of 255', 'ID', ID)
  if (Filter !== undefined && Prefix !== undefined) throw MalformedXml()
  if (Filter) checkFilter(Filter)
  const actions = [Expiration, noncurrent, rule.AbortIncompleteMultipartUpload]
  const moves = [...(rule.Transitions ?? []), ...(rule.NoncurrentVersionTransitions ?? [])]
  if (moves.length === 0 && actions.every((action) => action === undefined)) {
    throw InvalidRequest('At least one action needs to be specified in a rule')
  }
  if (Expiration) checkExpiration(Expiration)
  const days = [noncurrent?.NoncurrentDays, rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation]
  for (const count of days) {
    if (count !== undefined && count <= 0) throw InvalidArgument("'Days' must be a positive integer", 'Days', count)
  }
}

function checkFilter(filter: LifecycleRuleFilter): void {
  const { Prefix, Tag, And, ObjectSizeGreaterThan, ObjectSizeLessThan } = filter
  const said = [Prefix, Tag, And, ObjectSizeGreaterThan, ObjectSizeLessThan].filter((part) => part !== undefined)
  if (said.length > 1) throw MalformedXml()
}

function checkExpiration({
  Date: date,
  Days,
  ExpiredObjectDeleteMarker,
}: NonNullable<LifecycleRule['Expiration']>): void {
  const said = [date, Days, ExpiredObjectDeleteMarker].filter((part) => part !== undefined)
  if (said.length !== 1) throw MalformedXml()
  if (Days !== undefined && Days <= 0) {
    throw InvalidArgument("'Days' for Expiration action must be a positive integer", 'Days', Days)
  }
  if (date && date.getTime() % 86_400_000 !== 0)
    throw InvalidArgument("'Date' must be at midnight GMT", 'Date', date.toISOString())
}
