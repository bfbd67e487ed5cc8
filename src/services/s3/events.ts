/**
 * What S3 tells of a change, inside the commit that makes it: an event on the account's bus where the bucket has
 * EventBridge switched on, and classic notifications straight to functions, topics and queues. Shapes:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html and notification-content-structure.html
 */
import type { Context, Tx } from '../../delivery/context.ts'
import type { TraceRef } from '../../observe/traces.ts'
import { objectHostId, objectRequestId } from '../../wire/encode.ts'
import type { Bucket } from './buckets.ts'
import { senderOf } from './destinations.ts'
import { bucketArn, formEncoded, principalOf } from './names.ts'
import { type NotificationRule, ruleMatches } from './notifications.ts'
import { type StoredObject, sequencerOf } from './objects.ts'

export type CreationReason = 'PutObject' | 'POST Object' | 'CopyObject' | 'CompleteMultipartUpload'

export type Change =
  | { kind: 'created'; reason: CreationReason; object: StoredObject }
  | { kind: 'deleted'; reason: 'DeleteObject' | 'Lifecycle Expiration'; object: Removed }
  | { kind: 'tags added' | 'tags deleted' | 'acl updated'; object: StoredObject }

/** What is left to say of an object that is gone, or of the marker that hides it. */
export interface Removed {
  bucket: string
  key: string
  sequence: number
  versionId?: string
  deleteMarker?: true
}

/** Who caused it, as events say it. */
export type Origin = Pick<Context, 'account' | 'requestId' | 'caller'>

/** A marker has no content; AWS gives it the entity tag of nothing. */
const emptyEtag = 'd41d8cd98f00b204e9800998ecf8427e'

export function announce(tx: Tx, origin: Origin, bucket: Bucket, change: Change): void {
  if (!bucket.eventBridge && bucket.notifications.length === 0 && !tx.trace.hopId) return
  const place = tx.at({ account: bucket.account, region: bucket.region, trace: hopOf(tx, bucket, change) })
  if (bucket.eventBridge) {
    place.emit({
      source: 'aws.s3',
      'detail-type': detailTypes[change.kind],
      resources: [bucketArn(bucket.name)],
      detail: bridgeDetail(origin, bucket, change),
    })
  }
  const name = eventName(change)
  for (const rule of bucket.notifications) {
    if (ruleMatches(rule, name, change.object.key)) notify(place, origin, bucket, { rule, change, name })
  }
}

const detailTypes: Record<Change['kind'], string> = {
  created: 'Object Created',
  deleted: 'Object Deleted',
  'tags added': 'Object Tags Added',
  'tags deleted': 'Object Tags Deleted',
  'acl updated': 'Object ACL Updated',
}

function hopOf(tx: Tx, bucket: Bucket, change: Change): TraceRef {
  const { key } = change.object
  const bytes = change.kind === 'created' ? change.object.size : undefined
  return tx.hop({
    service: 's3',
    action: 'reason' in change ? change.reason : detailTypes[change.kind],
    resource: `${bucket.name}/${key}`,
    subjects: [`s3://${bucket.name}/${key}`],
    ...(bytes !== undefined && { bytes }),
  })
}

function bridgeDetail(origin: Origin, bucket: Bucket, change: Change): object {
  return {
    version: '0',
    'event-version': '1.0',
    bucket: { name: bucket.name },
    object: bridgeObject(change),
    'request-id': objectRequestId(origin.requestId),
    requester: requesterOf(origin, change),
    ...('reason' in change && change.reason === 'Lifecycle Expiration' ? {} : { 'source-ip-address': ipOf(origin) }),
    ...('reason' in change && { reason: change.reason }),
    ...(change.kind === 'deleted' && { 'deletion-type': deletionType(change.object) }),
  }
}

function bridgeObject(change: Change): object {
  const { object } = change
  const version = object.versionId === undefined ? {} : { 'version-id': object.versionId }
  if (change.kind === 'created') {
    const { key, size, etag, sequence } = change.object
    return { key, size, etag, ...version, sequencer: sequencerOf(sequence) }
  }
  if (change.kind === 'deleted') {
    const etag = object.deleteMarker ? { etag: emptyEtag } : {}
    return { key: object.key, ...etag, ...version, sequencer: sequencerOf(object.sequence) }
  }
  return { key: object.key, etag: change.object.etag, ...version }
}

function deletionType(removed: Removed): string {
  return removed.deleteMarker ? 'Delete Marker Created' : 'Permanently Deleted'
}

const createdNames: Record<CreationReason, string> = {
  PutObject: 'Put',
  'POST Object': 'Post',
  CopyObject: 'Copy',
  CompleteMultipartUpload: 'CompleteMultipartUpload',
}

/** As configurations name it: `s3:ObjectCreated:Put`. */
function eventName(change: Change): string {
  if (change.kind === 'created') return `s3:ObjectCreated:${createdNames[change.reason]}`
  if (change.kind === 'tags added') return 's3:ObjectTagging:Put'
  if (change.kind === 'tags deleted') return 's3:ObjectTagging:Delete'
  if (change.kind !== 'deleted') return 's3:ObjectAcl:Put'
  const family = change.reason === 'DeleteObject' ? 's3:ObjectRemoved' : 's3:LifecycleExpiration'
  return `${family}:${change.object.deleteMarker ? 'DeleteMarkerCreated' : 'Delete'}`
}

function notify(
  tx: Tx,
  origin: Origin,
  bucket: Bucket,
  { rule, change, name }: { rule: NotificationRule; change: Change; name: string },
): void {
  tx.deliver({
    arn: rule.destinationArn,
    sender: senderOf(bucket),
    payload: JSON.stringify({ Records: [record(tx, origin, bucket, { rule, change, name })] }),
    parameters: rule.kind === 'topic' ? { subject: 'Amazon S3 Notification' } : undefined,
  })
}

function record(
  tx: Tx,
  origin: Origin,
  bucket: Bucket,
  { rule, change, name }: { rule: NotificationRule; change: Change; name: string },
): object {
  const lifecycle = 'reason' in change && change.reason === 'Lifecycle Expiration'
  return {
    eventVersion: change.kind === 'created' || (change.kind === 'deleted' && !lifecycle) ? '2.1' : '2.3',
    eventSource: 'aws:s3',
    awsRegion: bucket.region,
    eventTime: new Date(tx.now).toISOString(),
    eventName: name.slice('s3:'.length),
    userIdentity: { principalId: lifecycle ? 's3.amazonaws.com' : `AWS:${principalOf(origin.account)}` },
    requestParameters: { sourceIPAddress: lifecycle ? 's3.amazonaws.com' : ipOf(origin) },
    responseElements: {
      'x-amz-request-id': objectRequestId(origin.requestId),
      'x-amz-id-2': objectHostId(origin.requestId),
    },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: rule.id,
      bucket: {
        name: bucket.name,
        ownerIdentity: { principalId: principalOf(bucket.account) },
        arn: bucketArn(bucket.name),
      },
      object: classicObject(change),
    },
  }
}

function classicObject(change: Change): object {
  const key = formEncoded(change.object.key)
  const { versionId } = change.object
  const version = versionId === undefined ? {} : { versionId }
  if (change.kind === 'created') {
    const { size, etag, sequence } = change.object
    return { key, size, eTag: etag, ...version, sequencer: sequencerOf(sequence) }
  }
  if (change.kind === 'deleted') {
    const etag = change.object.deleteMarker ? { eTag: emptyEtag } : {}
    return { key, ...etag, ...version, sequencer: sequencerOf(change.object.sequence) }
  }
  return { key, eTag: change.object.etag, ...version }
}

/** The message that a topic or queue gets when it is first configured, so that a wrong set-up shows at once. */
export function testEvent(tx: Tx, origin: Origin, bucket: Bucket): string {
  return JSON.stringify({
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: new Date(tx.now).toISOString(),
    Bucket: bucket.name,
    RequestId: objectRequestId(origin.requestId),
    HostId: objectHostId(origin.requestId),
  })
}

/** Calls between services come from no address; they come from this machine. */
function ipOf(origin: Origin): string {
  return (origin.caller.sourceIp ?? '127.0.0.1').replace(/^::ffff:/, '')
}

function requesterOf(origin: Origin, change: Change): string {
  return 'reason' in change && change.reason === 'Lifecycle Expiration' ? 's3.amazonaws.com' : origin.account
}
