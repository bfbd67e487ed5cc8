/**
 * Object Lock: retention and legal holds. A protected version cannot be deleted or have its retention shortened; S3's
 * own clock decides, so it ends on the virtual clock too.
 */
import type { Millis } from '../../clock.ts'
import { operations } from '../service.ts'
import { type Bucket, changeBucket, mustGetBucket, type ObjectLock } from './buckets.ts'
import {
  AccessDenied,
  InvalidArgument,
  InvalidBucketState,
  InvalidRequest,
  MalformedXml,
  NoSuchSetting,
} from './errors.ts'
import type { StoredObject } from './objects.ts'
import { changeVersion, mustGetVersion } from './versioning.ts'

export interface LockRequest {
  ObjectLockMode?: string
  ObjectLockRetainUntilDate?: Date
  ObjectLockLegalHoldStatus?: string
}

export function checkLockRequest({ ObjectLockMode: mode, ObjectLockRetainUntilDate: until }: LockRequest): void {
  if ((mode === undefined) !== (until === undefined)) {
    throw InvalidArgument('x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied')
  }
  if (mode !== undefined && mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE') {
    throw InvalidArgument('Unknown wormMode directive.', 'x-amz-object-lock-mode', mode)
  }
}

/** What a new version is protected by: what its request says, else the bucket's default. */
export function lockOf(
  bucket: Bucket,
  request: LockRequest | undefined,
  now: Millis,
): Pick<StoredObject, 'retention' | 'legalHold'> {
  const { ObjectLockMode: mode, ObjectLockRetainUntilDate: until, ObjectLockLegalHoldStatus: hold } = request ?? {}
  if (!bucket.objectLock) {
    if (mode === undefined && hold === undefined) return {}
    throw InvalidRequest('Bucket is missing Object Lock Configuration')
  }
  if (until && until.getTime() <= now) {
    throw InvalidArgument(
      'The retain until date must be in the future!',
      'x-amz-object-lock-retain-until-date',
      until.toISOString(),
    )
  }
  const lock: Pick<StoredObject, 'retention' | 'legalHold'> = {}
  if (hold === 'ON') lock.legalHold = true
  if (mode && until) lock.retention = { mode: mode as 'GOVERNANCE', until: until.getTime() }
  else if (bucket.objectLock.defaultRetention) {
    const { mode, days = 0, years = 0 } = bucket.objectLock.defaultRetention
    lock.retention = { mode, until: now + (days + years * 365) * 86_400_000 }
  }
  return lock
}

/** Refuses to delete a protected version. */
export function checkUnlocked(version: StoredObject, now: Millis, bypassGovernance: boolean | undefined): void {
  const { retention, legalHold } = version
  const retained = retention && retention.until > now && !(retention.mode === 'GOVERNANCE' && bypassGovernance)
  if (legalHold || retained) throw AccessDenied('Access Denied because object protected by object lock.')
}

export function lockMembers({ retention, legalHold }: StoredObject) {
  return {
    ObjectLockMode: retention?.mode,
    ObjectLockRetainUntilDate: retention && new Date(retention.until),
    ObjectLockLegalHoldStatus: legalHold ? ('ON' as const) : undefined,
  }
}

export const lockOperations = operations('s3', {
  async PutObjectLockConfiguration(input, ctx) {
    const configuration = input.ObjectLockConfiguration
    if (configuration?.ObjectLockEnabled !== 'Enabled') throw MalformedXml()
    const objectLock = defaultLockFrom(configuration.Rule?.DefaultRetention)
    await changeBucket(ctx, input, (bucket) => {
      if (bucket.versioning !== 'Enabled') {
        throw InvalidBucketState("Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration")
      }
      return { ...bucket, objectLock }
    })
    return {}
  },

  async GetObjectLockConfiguration(input, ctx) {
    const { objectLock } = mustGetBucket(ctx, input.Bucket, input.ExpectedBucketOwner)
    if (!objectLock) {
      const text = 'Object Lock configuration does not exist for this bucket'
      throw NoSuchSetting('ObjectLockConfigurationNotFoundError', text, input.Bucket)
    }
    const { mode, days, years } = objectLock.defaultRetention ?? {}
    const Rule = mode && { DefaultRetention: { Mode: mode, Days: days, Years: years } }
    return { ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled' as const, Rule } }
  },

  async PutObjectRetention(input, ctx) {
    const { Mode, RetainUntilDate } = input.Retention ?? {}
    if ((Mode === undefined) !== (RetainUntilDate === undefined)) throw MalformedXml()
    await ctx.commit((tx) => {
      const { object } = changeVersion(tx, input, (object) => {
        checkLengthened(object, RetainUntilDate?.getTime(), tx.now, input.BypassGovernanceRetention)
        const retention = Mode && RetainUntilDate && { mode: Mode, until: RetainUntilDate.getTime() }
        return { ...object, retention }
      })
      mustBeLockable(mustGetBucket(tx, object.bucket))
    })
    return {}
  },

  async GetObjectRetention(input, ctx) {
    const { bucket, object } = mustGetVersion(ctx, input)
    mustBeLockable(bucket)
    if (!object.retention) throw noSuchLock(input.Bucket)
    return { Retention: { Mode: object.retention.mode, RetainUntilDate: new Date(object.retention.until) } }
  },

  async PutObjectLegalHold(input, ctx) {
    const status = input.LegalHold?.Status
    if (status !== 'ON' && status !== 'OFF') throw MalformedXml()
    await ctx.commit((tx) => {
      const { bucket } = changeVersion(tx, input, (object) => ({ ...object, legalHold: status === 'ON' }))
      mustBeLockable(bucket)
    })
    return {}
  },

  async GetObjectLegalHold(input, ctx) {
    const { bucket, object } = mustGetVersion(ctx, input)
    mustBeLockable(bucket)
    if (object.legalHold === undefined) throw noSuchLock(input.Bucket)
    return { LegalHold: { Status: object.legalHold ? ('ON' as const) : ('OFF' as const) } }
  },
})

function defaultLockFrom(retention: { Mode?: string; Days?: number; Years?: number } | undefined): ObjectLock {
  if (!retention) return {}
  const { Mode, Days, Years } = retention
  if ((Mode !== 'GOVERNANCE' && Mode !== 'COMPLIANCE') || (Days === undefined) === (Years === undefined)) {
    throw MalformedXml()
  }
  if ((Days ?? Years ?? 0) <= 0) throw InvalidArgument('Default retention period must be a positive integer value.')
  return { defaultRetention: { mode: Mode, days: Days, years: Years } }
}

function checkLengthened(
  object: StoredObject,
  until: Millis | undefined,
  now: Millis,
  bypass: boolean | undefined,
): void {
  if (until !== undefined && until <= now) {
    throw InvalidArgument(
      'The retain until date must be in the future!',
      'RetainUntilDate',
      new Date(until).toISOString(),
    )
  }
  const { retention } = object
  if (!retention || retention.until <= now || (until !== undefined && until >= retention.until)) return
  if (retention.mode === 'COMPLIANCE' || !bypass) {
    throw AccessDenied('Access Denied because object protected by object lock.')
  }
}

function mustBeLockable(bucket: Bucket): void {
  if (!bucket.objectLock) throw InvalidRequest('Bucket is missing Object Lock Configuration')
}

function noSuchLock(bucket: string) {
  const text = 'The specified object does not have a ObjectLock configuration'
  return NoSuchSetting('NoSuchObjectLockConfiguration', text, bucket)
}
