/** Buckets and their policies as CloudFormation makes them. */
import { AwsError, awsError } from '../../wire/errors.ts'
import { type Properties, type ResourceContext, resource } from '../resource.ts'
import { bucketProperties } from './bucketProperties.ts'
import { buckets, createBucket } from './buckets.ts'
import { bucketArn } from './names.ts'
import type { Tag } from './objects.ts'

export const bucketResource = resource('AWS::S3::Bucket', {
  replaceOn: ['BucketName'],
  async create(properties, context) {
    const name = properties.BucketName ?? context.generatedName({ max: 63, lowerCase: true })
    refuseUnknown(properties)
    if (!isOurs(name, context)) {
      await createBucket(context.ctx, {
        name,
        region: context.region,
        tags: tagsOf(properties, context),
        objectLock: String(properties.ObjectLockEnabled) === 'true',
      })
    }
    await apply(name, properties, {}, context)
    return described(name, context)
  },
  async update(id, properties, before, context) {
    refuseUnknown(properties)
    await context.commit((tx) => {
      const bucket = tx.in(buckets).get(id)
      if (bucket) tx.in(buckets).put({ ...bucket, tags: tagsOf(properties, context) })
    })
    await apply(id, properties, before, context)
    return described(id, context)
  },
  async delete(id, _, context) {
    await ifThere(() => context.call('s3').DeleteBucket({ Bucket: id }))
  },
})

export const bucketPolicyResource = resource('AWS::S3::BucketPolicy', {
  replaceOn: ['Bucket'],
  async create(properties, context) {
    await putPolicy(properties, context)
    return { id: properties.Bucket }
  },
  async update(id, properties, _, context) {
    await putPolicy(properties, context)
    return { id }
  },
  async delete(_, properties, context) {
    await ifThere(() => context.call('s3').DeleteBucketPolicy({ Bucket: properties.Bucket }))
  },
})

async function putPolicy({ Bucket, PolicyDocument }: Properties, context: ResourceContext): Promise<void> {
  const Policy = typeof PolicyDocument === 'string' ? PolicyDocument : JSON.stringify(PolicyDocument)
  await context.call('s3').PutBucketPolicy({ Bucket, Policy })
}

/** Beside those of bucketProperties.ts. */
const otherProperties = new Set(['BucketName', 'Tags', 'ObjectLockEnabled'])

function refuseUnknown(properties: Properties): void {
  const unknown = Object.keys(properties).find((name) => !otherProperties.has(name) && !(name in bucketProperties))
  if (unknown)
    throw awsError('NotImplemented', `The property ${unknown} of AWS::S3::Bucket is not implemented by Igarapé.`, 501)
}

/** A try of this very creation that was cut short made it: its tags say so. */
function isOurs(name: string, context: ResourceContext): boolean {
  const existing = context.in(buckets).get(name)
  if (!existing) return false
  const tag = (key: string) => existing.tags.find((one) => one.Key === key)?.Value
  const ours = ['aws:cloudformation:stack-id', 'aws:cloudformation:logical-id'].every((key) => {
    return context.tags[key] !== undefined && tag(key) === context.tags[key]
  })
  if (!ours) throw awsError('AlreadyExists', `${name} already exists`, 409)
  return true
}

function tagsOf({ Tags = [] }: Properties, context: ResourceContext): Tag[] {
  const named = (Tags as Tag[]).map(({ Key, Value }): [string, string] => [Key, String(Value)])
  return Object.entries({ ...context.tags, ...Object.fromEntries(named) }).map(([Key, Value]) => ({ Key, Value }))
}

/** Makes what the template says, and undoes what it said before and says no more. */
async function apply(
  bucket: string,
  properties: Properties,
  before: Properties,
  context: ResourceContext,
): Promise<void> {
  const s3 = context.call('s3')
  for (const [name, { put, remove }] of Object.entries(bucketProperties)) {
    const value = properties[name]
    if (value !== undefined && value !== null) await put(s3, bucket, value)
    else if (before[name] !== undefined) await remove?.(s3, bucket)
  }
}

function described(name: string, { region }: ResourceContext) {
  return {
    id: name,
    attributes: {
      Arn: bucketArn(name),
      DomainName: `${name}.s3.amazonaws.com`,
      DualStackDomainName: `${name}.s3.dualstack.${region}.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
      WebsiteURL: `http://${name}.s3-website-${region}.amazonaws.com`,
    },
  }
}

async function ifThere(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'NoSuchBucket') throw error
  }
}
