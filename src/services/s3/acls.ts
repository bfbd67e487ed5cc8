/**
 * Access control lists: kept, no effect. As on AWS, a bucket made today refuses them (`BucketOwnerEnforced`) until its
 * ownership controls allow them.
 */
import type { AccessControlPolicy, Grant, OwnershipControls } from '@aws-sdk/client-s3'
import type { Context, Tx } from '../../delivery/context.ts'
import { operations } from '../service.ts'
import { type Bucket, mustGetBucket } from './buckets.ts'
import { AccessControlListNotSupported, InvalidArgument, MalformedXml } from './errors.ts'
import { announce } from './events.ts'
import { ownerOf } from './names.ts'
import type { Reader } from './objects.ts'
import { bucketSettings, settingOf } from './settings.ts'
import { changeVersion, mustGetVersion } from './versioning.ts'

interface AclInput {
  ACL?: string
  AccessControlPolicy?: AccessControlPolicy
  GrantFullControl?: string
  GrantRead?: string
  GrantReadACP?: string
  GrantWrite?: string
  GrantWriteACP?: string
}

const groups = 'http://acs.amazonaws.com/groups'
const everybody: Grant['Grantee'] = { Type: 'Group', URI: `${groups}/global/AllUsers` }
const anyAccount: Grant['Grantee'] = { Type: 'Group', URI: `${groups}/global/AuthenticatedUsers` }
const logDelivery: Grant['Grantee'] = { Type: 'Group', URI: `${groups}/s3/LogDelivery` }

/** What a canned list grants beside the owner's full control. */
const canned: Record<string, Grant[]> = {
  private: [],
  'public-read': [{ Grantee: everybody, Permission: 'READ' }],
  'public-read-write': [
    { Grantee: everybody, Permission: 'READ' },
    { Grantee: everybody, Permission: 'WRITE' },
  ],
  'authenticated-read': [{ Grantee: anyAccount, Permission: 'READ' }],
  'aws-exec-read': [],
  'bucket-owner-read': [],
  'bucket-owner-full-control': [],
  'log-delivery-write': [
    { Grantee: logDelivery, Permission: 'WRITE' },
    { Grantee: logDelivery, Permission: 'READ_ACP' },
  ],
}

export const aclOperations = operations('s3', {
  async PutBucketAcl(input, ctx) {
    await ctx.commit((tx) => {
      const bucket = mustGetBucket(tx, input.Bucket, input.ExpectedBucketOwner)
      const value = aclFrom(tx, bucket, input)
      if (value) tx.in(bucketSettings).put({ bucket: bucket.name, kind: 'acl', id: '', value })
    })
    return {}
  },

  async GetBucketAcl(input, ctx) {
    const bucket = mustGetBucket(ctx, input.Bucket, input.ExpectedBucketOwner)
    const kept = settingOf<AccessControlPolicy>(ctx, input, 'acl')
    return kept ?? ownersAlone(bucket)
  },

  async PutObjectAcl(input, ctx) {
    await ctx.commit((tx) => {
      const { bucket, object } = mustGetVersion(tx, input)
      const acl = aclFrom(tx, bucket, input)
      if (acl) putObjectAcl(tx, ctx, { ...input, acl })
      else announce(tx, ctx, bucket, { kind: 'acl updated', object })
    })
    return {}
  },

  async GetObjectAcl(input, ctx) {
    const { bucket, object } = mustGetVersion(ctx, input)
    return object.acl ?? ownersAlone(bucket)
  },
})

function putObjectAcl(
  tx: Tx,
  ctx: Context,
  input: { Bucket: string; Key: string; VersionId?: string; acl: AccessControlPolicy },
): void {
  const { bucket, object } = changeVersion(tx, input, (object) => ({ ...object, acl: input.acl }))
  announce(tx, ctx, bucket, { kind: 'acl updated', object })
}

/** Refuses the `ACL` of a request that makes a bucket's content, where the bucket does not take lists. */
export function checkCannedAcl(reader: Reader, bucket: Bucket, acl: string | undefined): void {
  if (acl === undefined || acl === 'private' || acl === 'bucket-owner-full-control') return
  if (!(acl in canned)) throw InvalidArgument('', 'x-amz-acl', acl)
  if (ownershipOf(reader, bucket) === 'BucketOwnerEnforced') throw AccessControlListNotSupported()
}

/** Nothing where the list says what is so anyway: the owner has full control. */
function aclFrom(reader: Reader, bucket: Bucket, input: AclInput): AccessControlPolicy | undefined {
  checkCannedAcl(reader, bucket, input.ACL)
  const enforced = ownershipOf(reader, bucket) === 'BucketOwnerEnforced'
  const { Owner, Grants = [] } = ownersAlone(bucket)
  const named = namedGrants(input)
  if (input.AccessControlPolicy) {
    if (!input.AccessControlPolicy.Owner) throw MalformedXml()
    if (enforced && !isOwnersAlone(input.AccessControlPolicy, bucket)) throw AccessControlListNotSupported()
    return enforced ? undefined : input.AccessControlPolicy
  }
  if (named.length > 0) {
    if (enforced) throw AccessControlListNotSupported()
    return { Owner, Grants: named }
  }
  if (input.ACL === undefined) throw MalformedXml()
  return enforced ? undefined : { Owner, Grants: [...Grants, ...(canned[input.ACL] ?? [])] }
}

function ownersAlone(bucket: Bucket): AccessControlPolicy {
  const Owner = ownerOf(bucket.account)
  return { Owner, Grants: [{ Grantee: { Type: 'CanonicalUser', ...Owner }, Permission: 'FULL_CONTROL' }] }
}

function isOwnersAlone({ Grants = [] }: AccessControlPolicy, bucket: Bucket): boolean {
  const owner = ownerOf(bucket.account).ID
  return Grants.every((grant) => grant.Grantee?.ID === owner && grant.Permission === 'FULL_CONTROL')
}

function ownershipOf(reader: Reader, bucket: Bucket): string {
  const kept = reader.in(bucketSettings).get(bucket.name, 'ownershipControls', '')?.value as
    | OwnershipControls
    | undefined
  return kept ? (kept.Rules?.[0]?.ObjectOwnership ?? 'ObjectWriter') : 'BucketOwnerEnforced'
}

/** `x-amz-grant-read: id="…", uri="…"`. */
function namedGrants(input: AclInput): Grant[] {
  const members = [
    ['FULL_CONTROL', input.GrantFullControl],
    ['READ', input.GrantRead],
    ['READ_ACP', input.GrantReadACP],
    ['WRITE', input.GrantWrite],
    ['WRITE_ACP', input.GrantWriteACP],
  ] as const
  return members.flatMap(([Permission, header]) =>
    header === undefined
      ? []
      : header.split(',').map((grantee) => ({ Grantee: granteeFrom(grantee.trim()), Permission })),
  )
}

function granteeFrom(text: string): Grant['Grantee'] {
  const [, kind, value] = /^(id|uri|emailAddress)="?([^"]+)"?$/.exec(text) ?? []
  if (kind === 'id') return { Type: 'CanonicalUser', ID: value }
  if (kind === 'uri') return { Type: 'Group', URI: value }
  if (kind === 'emailAddress') return { Type: 'AmazonCustomerByEmail', EmailAddress: value }
  throw InvalidArgument('Argument format not recognized', 'x-amz-grant', text)
}
