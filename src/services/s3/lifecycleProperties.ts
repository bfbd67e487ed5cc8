/** A lifecycle rule as templates write it, to the one that S3's operation takes. */
import type { LifecycleRule, LifecycleRuleFilter, Tag, Transition } from '@aws-sdk/client-s3'
import type { Properties } from '../resource.ts'

export function lifecycleRuleFrom(rule: Properties): LifecycleRule {
  const { AbortIncompleteMultipartUpload: abort } = rule
  const moves: Properties[] = rule.Transitions ?? (rule.Transition ? [rule.Transition] : [])
  const olderMoves: Properties[] =
    rule.NoncurrentVersionTransitions ?? (rule.NoncurrentVersionTransition ? [rule.NoncurrentVersionTransition] : [])
  return {
    ID: rule.Id,
    Status: rule.Status,
    Filter: filterFrom(rule),
    Expiration: expirationFrom(rule),
    NoncurrentVersionExpiration: olderExpirationFrom(rule),
    AbortIncompleteMultipartUpload: abort && { DaysAfterInitiation: numberFrom(abort.DaysAfterInitiation) },
    Transitions: moves.length > 0 ? moves.map(transitionFrom) : undefined,
    NoncurrentVersionTransitions:
      olderMoves.length > 0
        ? olderMoves.map(({ StorageClass, TransitionInDays, NewerNoncurrentVersions }) => ({
            StorageClass,
            NoncurrentDays: numberFrom(TransitionInDays),
            NewerNoncurrentVersions: numberFrom(NewerNoncurrentVersions),
          }))
        : undefined,
  }
}

function transitionFrom({ StorageClass, TransitionInDays, TransitionDate }: Properties): Transition {
  return { StorageClass, Days: numberFrom(TransitionInDays), Date: dateFrom(TransitionDate) }
}

function expirationFrom(rule: Properties): LifecycleRule['Expiration'] {
  const { ExpirationInDays, ExpirationDate, ExpiredObjectDeleteMarker } = rule
  if (ExpirationInDays !== undefined) return { Days: numberFrom(ExpirationInDays) }
  if (ExpirationDate !== undefined) return { Date: dateFrom(ExpirationDate) }
  return ExpiredObjectDeleteMarker === undefined
    ? undefined
    : { ExpiredObjectDeleteMarker: truth(ExpiredObjectDeleteMarker) }
}

function olderExpirationFrom(rule: Properties): LifecycleRule['NoncurrentVersionExpiration'] {
  const { NoncurrentVersionExpiration: expiration, NoncurrentVersionExpirationInDays: days } = rule
  if (!expiration) return days === undefined ? undefined : { NoncurrentDays: numberFrom(days) }
  return {
    NoncurrentDays: numberFrom(expiration.NoncurrentDays),
    NewerNoncurrentVersions: numberFrom(expiration.NewerNoncurrentVersions),
  }
}

/** S3 takes one condition by itself, and several in `And`. */
function filterFrom({
  Prefix,
  TagFilters,
  ObjectSizeGreaterThan,
  ObjectSizeLessThan,
}: Properties): LifecycleRuleFilter {
  const sizes = {
    ObjectSizeGreaterThan: numberFrom(ObjectSizeGreaterThan),
    ObjectSizeLessThan: numberFrom(ObjectSizeLessThan),
  }
  const tags = (TagFilters as Tag[] | undefined) ?? []
  const said = [Prefix, sizes.ObjectSizeGreaterThan, sizes.ObjectSizeLessThan].filter((part) => part !== undefined)
  if (said.length + tags.length > 1) return { And: { Prefix, Tags: tags.length > 0 ? tags : undefined, ...sizes } }
  const [tag] = tags
  if (tag) return { Tag: tag }
  return said.length === 0 ? { Prefix: '' } : { Prefix, ...sizes }
}

/** Templates write numbers and truths as text too. */
export function numberFrom(value: unknown): number | undefined {
  return value === undefined || value === null ? undefined : Number(value)
}

export function truth(value: unknown): boolean {
  return value === true || value === 'true'
}

function dateFrom(value: unknown): Date | undefined {
  return value === undefined ? undefined : new Date(String(value))
}
