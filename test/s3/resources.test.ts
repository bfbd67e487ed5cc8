import {
  GetBucketLifecycleConfigurationCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import type { ResourceContext } from '../../src/services/resource.ts'
import { bucketPolicyResource, bucketResource } from '../../src/services/s3/resources.ts'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { failureOf } from './samples.ts'

/** As the cloudformation service hands it to a resource type. */
function contextOf(igarape: Igarape): ResourceContext {
  const ctx = igarape.server.platform.context({ account: '000000000000', region: 'us-east-1' })
  return {
    ...ctx,
    ctx,
    stackName: 'pilha',
    stackId: 'arn:aws:cloudformation:us-east-1:000000000000:stack/pilha/1',
    logicalId: 'Balde',
    tags: { 'aws:cloudformation:stack-id': 'pilha/1', 'aws:cloudformation:logical-id': 'Balde' },
    generatedName: () => 'pilha-balde-1a2b3c',
    token: 't',
  } as ResourceContext
}

test('a stack makes a bucket with all that its template says, changes it and deletes it', async ({ igarape }) => {
  const s3 = igarape.client(S3Client)
  const context = contextOf(igarape)
  const properties = {
    VersioningConfiguration: { Status: 'Enabled' },
    NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: 'true' } },
    LifecycleConfiguration: { Rules: [{ Id: 'um', Status: 'Enabled', ExpirationInDays: '7', Prefix: 'tmp/' }] },
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
    },
    PublicAccessBlockConfiguration: { BlockPublicAcls: 'true' },
    Tags: [{ Key: 'equipe', Value: 'dados' }],
  }

  const created = await bucketResource.create(properties, context)
  const again = await bucketResource.create(properties, context)
  const Bucket = created.id
  const lifecycle = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))
  const notifications = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }))
  const { TagSet } = await s3.send(new GetBucketTaggingCommand({ Bucket }))

  expect(again.id).toBe(Bucket)
  expect(created.attributes).toMatchObject({ Arn: `arn:aws:s3:::${Bucket}`, DomainName: `${Bucket}.s3.amazonaws.com` })
  expect(lifecycle.Rules?.[0]).toMatchObject({ ID: 'um', Expiration: { Days: 7 }, Filter: { Prefix: 'tmp/' } })
  expect(notifications.EventBridgeConfiguration).toEqual({})
  expect(TagSet).toContainEqual({ Key: 'equipe', Value: 'dados' })

  const { NotificationConfiguration: _, ...changed } = properties
  await bucketResource.update?.(Bucket, changed, properties, context)
  const after = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }))
  expect(after.EventBridgeConfiguration).toBeUndefined()
  expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe('Enabled')

  await bucketResource.delete(Bucket, changed, context)
  await bucketResource.delete(Bucket, changed, context)
  expect(await failureOf(s3.send(new HeadBucketCommand({ Bucket })))).toMatchObject({ status: 404 })
})

test('a bucket of that name that is not of the stack is not taken over', async ({ igarape }) => {
  const context = contextOf(igarape)
  await bucketResource.create({ BucketName: 'meu' }, { ...context, tags: {} })

  expect(await failureOf(bucketResource.create({ BucketName: 'meu' }, context))).toMatchObject({
    message: 'meu already exists',
  })
})

test('a policy is a resource of its own', async ({ igarape }) => {
  const s3 = igarape.client(S3Client)
  const context = contextOf(igarape)
  const { id: Bucket } = await bucketResource.create({}, context)
  const Statement = [{ Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: `arn:aws:s3:::${Bucket}/*` }]
  const properties = { Bucket, PolicyDocument: { Version: '2012-10-17', Statement } }

  await bucketPolicyResource.create(properties, context)
  const { Policy } = await s3.send(new GetBucketPolicyCommand({ Bucket }))
  await bucketPolicyResource.delete(Bucket, properties, context)

  expect(JSON.parse(Policy ?? '')).toEqual(properties.PolicyDocument)
  expect(await failureOf(s3.send(new GetBucketPolicyCommand({ Bucket })))).toMatchObject({ code: 'NoSuchBucketPolicy' })
})
