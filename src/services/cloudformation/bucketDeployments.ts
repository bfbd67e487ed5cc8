/**
 * CDK's BucketDeployment, done natively: on AWS its function runs the AWS CLI from a layer, which a machine need not
 * have. What the properties ask for is what that function does: archives out of S3 into a prefix of a bucket.
 */
import { unzipSync } from 'fflate'
import { type Properties, type ResourceContext, resource } from '../resource.ts'
import { contentTypeOf } from './contentTypes.ts'
import { TemplateError } from './templates.ts'

export const bucketDeploymentResource = resource('Custom::CDKBucketDeployment', {
  async create(properties, r) {
    await deploy(properties, r)
    return created(`aws.cdk.s3deployment.${r.token}`, properties)
  },
  async update(id, properties, before, r) {
    const hasMoved =
      properties.DestinationBucketName !== before.DestinationBucketName || prefixOf(properties) !== prefixOf(before)
    if (hasMoved && !isTrue(before.RetainOnDelete, true)) await empty(before, r)
    await deploy(properties, r)
    return created(id, properties)
  },
  async delete(_id, properties, r) {
    if (!isTrue(properties.RetainOnDelete, true)) await empty(properties, r)
  },
})

function created(id: string, properties: Properties) {
  return {
    id,
    attributes: {
      DestinationBucketArn: `arn:aws:s3:::${properties.DestinationBucketName}`,
      SourceObjectKeys: properties.SourceObjectKeys ?? [],
    },
  }
}

async function deploy(properties: Properties, r: ResourceContext): Promise<void> {
  if (properties.DistributionId) {
    throw new TemplateError('Custom::CDKBucketDeployment: CloudFront distributions cannot be invalidated here.')
  }
  const isWanted = filterOf(properties)
  const files = new Map<string, Uint8Array>()
  for (const [index, bucket] of (properties.SourceBucketNames ?? []).entries()) {
    const source = { bucket, key: String(properties.SourceObjectKeys?.[index]) }
    for (const [name, bytes] of await sourceFiles(source, isTrue(properties.Extract, true), r)) {
      files.set(name, withMarkers(bytes, properties.SourceMarkers?.[index] ?? {}))
    }
  }
  const prefix = prefixOf(properties)
  for (const [name, bytes] of files) {
    if (isWanted(name)) await put(properties, prefix + name, bytes, r)
  }
  if (!isTrue(properties.Prune, true)) return
  const present = await keysBelow(String(properties.DestinationBucketName), prefix, r)
  const surplus = present.filter((key) => isWanted(key.slice(prefix.length)) && !files.has(key.slice(prefix.length)))
  await remove(String(properties.DestinationBucketName), surplus, r)
}

async function sourceFiles(source: { bucket: string; key: string }, extracts: boolean, r: ResourceContext) {
  const { Body: body } = await r.call('s3').GetObject({ Bucket: source.bucket, Key: source.key })
  const chunks: Uint8Array[] = []
  // A small body comes whole, a large one as a stream.
  for await (const chunk of (body instanceof Uint8Array ? [body] : body) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk)
  }
  const bytes = Buffer.concat(chunks)
  if (!extracts) return [[source.key.slice(source.key.lastIndexOf('/') + 1), bytes as Uint8Array]] as const
  return Object.entries(unzipSync(bytes)).filter(([name]) => !name.endsWith('/'))
}

/** Values that CDK knows only while deploying, put where it left markers; bytes that are no marker stay as they are. */
function withMarkers(bytes: Uint8Array, markers: Record<string, unknown>): Uint8Array {
  let text: string | undefined
  for (const [marker, value] of Object.entries(markers)) {
    text ??= Buffer.from(bytes).toString('latin1')
    text = text.replaceAll(marker, Buffer.from(String(value), 'utf8').toString('latin1'))
  }
  return text === undefined ? bytes : Buffer.from(text, 'latin1')
}

async function put(properties: Properties, key: string, bytes: Uint8Array, r: ResourceContext): Promise<void> {
  const system = properties.SystemMetadata ?? {}
  await r.call('s3').PutObject({
    Bucket: String(properties.DestinationBucketName),
    Key: key,
    Body: bytes,
    ContentType: system['content-type'] ?? contentTypeOf(key),
    CacheControl: system['cache-control'],
    ContentDisposition: system['content-disposition'],
    ContentEncoding: system['content-encoding'],
    ContentLanguage: system['content-language'],
    StorageClass: system['storage-class'],
    WebsiteRedirectLocation: system['website-redirect'],
    ServerSideEncryption: system.sse,
    SSEKMSKeyId: system['sse-kms-key-id'],
    ACL: system.acl,
    Metadata: properties.UserMetadata,
  })
}

function prefixOf(properties: Properties): string {
  const prefix = String(properties.DestinationBucketKeyPrefix ?? '').replace(/^\/+/, '')
  return prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`
}

/** As of `aws s3 sync`: what matches an exclusion is left alone, unless it matches an inclusion after it. */
function filterOf(properties: Properties): (name: string) => boolean {
  const excluded: RegExp[] = (properties.Exclude ?? []).map(patternOf)
  const included: RegExp[] = (properties.Include ?? []).map(patternOf)
  return (name) => included.some((pattern) => pattern.test(name)) || !excluded.some((pattern) => pattern.test(name))
}

function patternOf(glob: string): RegExp {
  const escaped = glob
    .replaceAll(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${escaped.replaceAll('[!', '[^')}$`, 's')
}

async function empty(properties: Properties, r: ResourceContext): Promise<void> {
  const bucket = String(properties.DestinationBucketName)
  try {
    await remove(bucket, await keysBelow(bucket, prefixOf(properties), r), r)
  } catch (error) {
    if ((error as { code?: string }).code !== 'NoSuchBucket') throw error
  }
}

async function keysBelow(bucket: string, prefix: string, r: ResourceContext): Promise<string[]> {
  const keys: string[] = []
  let token: string | undefined
  do {
    const page = await r.call('s3').ListObjectsV2({ Bucket: bucket, Prefix: prefix, ContinuationToken: token })
    keys.push(...(page.Contents ?? []).map((object) => object.Key as string))
    token = page.NextContinuationToken
  } while (token)
  return keys
}

const deletedAtOnce = 1000

async function remove(bucket: string, keys: string[], r: ResourceContext): Promise<void> {
  for (let start = 0; start < keys.length; start += deletedAtOnce) {
    const objects = keys.slice(start, start + deletedAtOnce).map((key) => ({ Key: key }))
    await r.call('s3').DeleteObjects({ Bucket: bucket, Delete: { Objects: objects, Quiet: true } })
  }
}

function isTrue(value: unknown, fallback: boolean): boolean {
  return value === undefined ? fallback : String(value) === 'true'
}
