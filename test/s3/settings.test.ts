import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeletePublicAccessBlockCommand,
  GetBucketAclCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketWebsiteCommand,
  GetPublicAccessBlockCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketAclCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { describe } from 'vitest'
import { test } from '../fixture.ts'
import { bucketIn, failureOf, putAll } from './samples.ts'

describe('a setting that was never made', () => {
  test('answers with its default, or its own error', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'ajustes')

    const encryption = await s3.send(new GetBucketEncryptionCommand({ Bucket }))
    const ownership = await s3.send(new GetBucketOwnershipControlsCommand({ Bucket }))
    const access = await s3.send(new GetPublicAccessBlockCommand({ Bucket }))
    const codes = [
      await failureOf(s3.send(new GetBucketPolicyCommand({ Bucket }))),
      await failureOf(s3.send(new GetBucketTaggingCommand({ Bucket }))),
      await failureOf(s3.send(new GetBucketWebsiteCommand({ Bucket }))),
      await failureOf(s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))),
    ].map(({ code }) => code)

    const rule = encryption.ServerSideEncryptionConfiguration?.Rules?.[0]
    expect(rule?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm).toBe('AES256')
    expect(ownership.OwnershipControls?.Rules).toEqual([{ ObjectOwnership: 'BucketOwnerEnforced' }])
    expect(access.PublicAccessBlockConfiguration?.BlockPublicAcls).toBe(true)
    expect(codes).toEqual([
      'NoSuchBucketPolicy',
      'NoSuchTagSet',
      'NoSuchWebsiteConfiguration',
      'NoSuchLifecycleConfiguration',
    ])
  })

  test('differs from one that was taken away', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'ajustes')
    const PublicAccessBlockConfiguration = { BlockPublicAcls: true }
    await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }))
    const kept = await s3.send(new GetPublicAccessBlockCommand({ Bucket }))
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket }))

    expect(kept.PublicAccessBlockConfiguration).toMatchObject({ BlockPublicAcls: true, BlockPublicPolicy: false })
    const gone = await failureOf(s3.send(new GetPublicAccessBlockCommand({ Bucket })))
    expect(gone.code).toBe('NoSuchPublicAccessBlockConfiguration')
  })
})

test('a policy comes back to the letter, and one that is none is refused', async ({ igarape, expect }) => {
  const { s3, Bucket } = await bucketIn(igarape, 'ajustes')
  const statement = { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: [`arn:aws:s3:::${Bucket}/*`] }
  const Policy = `{ "Version": "2012-10-17", "Statement": [${JSON.stringify(statement)}] }`
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }))
  const put = (text: string) => failureOf(s3.send(new PutBucketPolicyCommand({ Bucket, Policy: text })))

  expect((await s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy).toBe(Policy)
  expect(await put('nonsense')).toMatchObject({ code: 'MalformedPolicy' })
  expect(await put(Policy.replace(Bucket, 'another'))).toMatchObject({
    code: 'MalformedPolicy',
    message: 'Policy has invalid resource',
  })
})

test('lists are refused until ownership allows them', async ({ igarape, expect }) => {
  const { s3, Bucket } = await bucketIn(igarape, 'ajustes')
  const put = () => s3.send(new PutBucketAclCommand({ Bucket, ACL: 'public-read' }))
  const refused = await failureOf(put())
  const OwnershipControls = { Rules: [{ ObjectOwnership: 'ObjectWriter' as const }] }
  await s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }))
  await put()

  const { Grants = [] } = await s3.send(new GetBucketAclCommand({ Bucket }))
  expect(refused.code).toBe('AccessControlListNotSupported')
  expect(Grants.map((grant) => grant.Permission)).toEqual(['FULL_CONTROL', 'READ'])
})

test('tags of a bucket are kept', async ({ igarape, expect }) => {
  const { s3, Bucket } = await bucketIn(igarape, 'ajustes')
  const TagSet = [{ Key: 'equipe', Value: 'dados' }]
  await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }))
  expect((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet).toEqual(TagSet)
})

describe('a lifecycle rule', () => {
  test('ends objects at the midnight after their days are over', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'ajustes')
    await putAll(s3, Bucket, ['tmp/a', 'tmp/b', 'kept'])
    const Rules = [{ ID: 'tmp', Status: 'Enabled' as const, Filter: { Prefix: 'tmp/' }, Expiration: { Days: 2 } }]
    await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }))
    const keys = async () => (await s3.send(new ListObjectsV2Command({ Bucket }))).Contents?.map((one) => one.Key)

    await igarape.clock.advance({ hours: 47 })
    const before = await keys()
    await igarape.clock.advance({ hours: 26 })

    expect(before).toEqual(['kept', 'tmp/a', 'tmp/b'])
    expect(await keys()).toEqual(['kept'])
  })

  test('that says nothing to do is refused', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'ajustes')
    const Rules = [{ Status: 'Enabled' as const, Filter: { Prefix: '' } }]
    const put = s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }))
    expect(await failureOf(put)).toMatchObject({ code: 'InvalidRequest' })
  })
})

test('a locked version cannot be deleted until its time is over', async ({ igarape, expect }) => {
  const s3 = igarape.client(S3Client)
  const Bucket = 'cofre'
  await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }))
  const until = new Date(igarape.clock.now().getTime() + 3_600_000)
  const { VersionId } = await s3.send(
    new PutObjectCommand({
      Bucket,
      Key: 'k',
      Body: 'x',
      ObjectLockMode: 'COMPLIANCE',
      ObjectLockRetainUntilDate: until,
    }),
  )
  const remove = () => s3.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId }))

  const early = await failureOf(remove())
  await igarape.clock.advance({ hours: 2 })
  await s3.send(new PutObjectLegalHoldCommand({ Bucket, Key: 'k', VersionId, LegalHold: { Status: 'ON' } }))
  const held = await failureOf(remove())
  await s3.send(new PutObjectLegalHoldCommand({ Bucket, Key: 'k', VersionId, LegalHold: { Status: 'OFF' } }))
  await remove()

  expect([early.code, held.code]).toEqual(['AccessDenied', 'AccessDenied'])
  expect(await failureOf(s3.send(new HeadObjectCommand({ Bucket, Key: 'k' })))).toMatchObject({ status: 404 })
  const suspend = new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Suspended' } })
  expect(await failureOf(s3.send(suspend))).toMatchObject({ code: 'InvalidBucketState' })
})
