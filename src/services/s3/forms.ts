/**
 * Uploads by HTML form ("browser-based uploads using POST"): the fields, the policy that allows them, then the file,
 * which streams. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html
 */
import type { Context } from '../../delivery/context.ts'
import type { Platform } from '../../delivery/platform.ts'
import { encodeError, objectHostId, objectRequestId } from '../../wire/encode.ts'
import { AwsError } from '../../wire/errors.ts'
import { type RequestHead, splitUrl, type WireResponse } from '../../wire/request.ts'
import { objectAddress } from '../../wire/routes.ts'
import { escapeXml } from '../../wire/xmlReader.ts'
import { type RouteRequest, route } from '../route.ts'
import { checkCannedAcl } from './acls.ts'
import { blobStore } from './bodies.ts'
import { mustGetBucket } from './buckets.ts'
import { quoted } from './conditions.ts'
import { EntityTooLarge, EntityTooSmall, InvalidArgument } from './errors.ts'
import { type Form, readForm } from './formFields.ts'
import { checkFormPolicy, checkFormSignature, type SizeLimits } from './formPolicies.ts'
import type { StoredObject } from './objects.ts'
import { bodyBytesMax, receiveBody } from './puts.ts'
import { formSecrets } from './secrets.ts'
import { tagsFromXml } from './tagging.ts'
import { createObject, descriptionFrom } from './writes.ts'

export const formRoute = route('POST', '/*address', answerForm, (head) => bucketOf(head) !== undefined)

function bucketOf(head: Pick<RequestHead, 'headers' | 'url' | 'method'>): string | undefined {
  if (!head.headers['content-type']?.startsWith('multipart/form-data')) return undefined
  const { path } = splitUrl(head.url)
  const { bucket, key } = objectAddress(head, path)
  return key === undefined && bucket !== undefined && !bucket.startsWith('_') ? bucket : undefined
}

async function answerForm(request: RouteRequest, platform: Platform): Promise<WireResponse> {
  const requestId = platform.random.uuid()
  try {
    const form = await readForm(request.headers['content-type'] ?? '', request.stream)
    form.fields.set('bucket', bucketOf(request) ?? '')
    const ctx = contextOf(form, request, { platform, requestId })
    return answerFor(ctx, form, await storeForm(ctx, form))
  } catch (error) {
    if (error instanceof AwsError) return encodeError('s3', 'restXml', error, requestId)
    throw error
  }
}

function contextOf(
  { fields }: Form,
  request: RouteRequest,
  { platform, requestId }: { platform: Platform; requestId: string },
): Context {
  const { options, endpoint } = platform
  const [accessKeyId, , region] = (fields.get('x-amz-credential') ?? '').split('/')
  const account = accessKeyId && /^\d{12}$/.test(accessKeyId) ? accessKeyId : options.account
  const { host } = request.headers
  const sourceIp = request.stream.socket?.remoteAddress
  return platform.context({
    account,
    region: region || options.region,
    requestId,
    caller: {
      arn: `arn:aws:iam::${account}:root`,
      endpoint: host ? `http://${host}` : endpoint,
      ...(accessKeyId && { accessKeyId }),
      ...(sourceIp && { sourceIp }),
    },
  })
}

async function storeForm(ctx: Context, { fields, file, fileName }: Form): Promise<StoredObject> {
  const bucket = mustGetBucket(ctx, fields.get('bucket') ?? '')
  const secrets = ctx.use(formSecrets)
  if (secrets.demanded)
    checkFormSignature(fields, (accessKeyId) => secrets.of(accessKeyId, fields.get('x-amz-security-token')))
  const template = fields.get('key')
  if (!template)
    throw InvalidArgument(
      "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
      'key',
      '',
    )
  const key = template.replace(/\$\{filename\}/g, () => fileName)
  checkCannedAcl(ctx, bucket, fields.get('acl'))
  const limits = checkFormPolicy(new Map([...fields, ['key', key]]), ctx.clock.now())
  const description = descriptionFrom({
    Key: key,
    ContentType: fields.get('content-type'),
    CacheControl: fields.get('cache-control'),
    ContentDisposition: fields.get('content-disposition'),
    ContentEncoding: fields.get('content-encoding'),
    StorageClass: fields.get('x-amz-storage-class'),
    ServerSideEncryption: fields.get('x-amz-server-side-encryption'),
    WebsiteRedirectLocation: fields.get('x-amz-website-redirect-location'),
    Metadata: metadataFrom(fields),
  })
  const tagging = fields.get('tagging')
  const tags = tagging ? tagsFromXml(tagging) : undefined
  const { blob, etag, checksum } = await receiveBody(ctx, { Body: limited(file, limits) })
  if (limits && blob.size < limits.min) {
    ctx.use(blobStore).discard(blob)
    throw EntityTooSmall(blob.size, limits.min)
  }
  return createObject(ctx, {
    ...description,
    ...(tags && { tags }),
    bucket: bucket.name,
    key,
    body: blob,
    size: blob.size,
    etag,
    checksum,
    reason: 'POST Object',
  })
}

function metadataFrom(fields: ReadonlyMap<string, string>): Record<string, string> {
  const prefix = 'x-amz-meta-'
  const named = [...fields].filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(named.map(([name, value]) => [name.slice(prefix.length), value]))
}

/** Ends an upload as soon as it is too large, not when all of it has come. */
async function* limited(file: AsyncIterable<Uint8Array>, limits: SizeLimits | undefined): AsyncIterable<Uint8Array> {
  const max = Math.min(limits?.max ?? bodyBytesMax, bodyBytesMax)
  let size = 0
  for await (const part of file) {
    size += part.byteLength
    if (size > max) throw EntityTooLarge(size, max)
    yield part
  }
}

function answerFor(ctx: Context, { fields }: Form, object: StoredObject): WireResponse {
  const etag = quoted(object.etag)
  const location = `${ctx.caller.endpoint}/${object.bucket}/${encodeURIComponent(object.key)}`
  const headers: Record<string, string> = {
    'x-amz-request-id': objectRequestId(ctx.requestId),
    'x-amz-id-2': objectHostId(ctx.requestId),
    etag,
    location,
    ...(object.versionId && { 'x-amz-version-id': object.versionId }),
  }
  const redirect = redirectFrom(fields, object)
  if (redirect) return { status: 303, headers: { ...headers, location: redirect } }
  const status = fields.get('success_action_status')
  if (status === '200') return { status: 200, headers }
  if (status !== '201') return { status: 204, headers }
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse><Location>${escapeXml(location)}</Location><Bucket>${object.bucket}</Bucket><Key>${escapeXml(object.key)}</Key><ETag>${escapeXml(etag)}</ETag></PostResponse>`
  return { status: 201, headers: { ...headers, 'content-type': 'application/xml' }, body }
}

/** An address that cannot be one is as if it had not been given. */
function redirectFrom(fields: ReadonlyMap<string, string>, object: StoredObject): string | undefined {
  const wanted = fields.get('success_action_redirect') ?? fields.get('redirect')
  if (!wanted || !URL.canParse(wanted)) return undefined
  const url = new URL(wanted)
  url.searchParams.set('bucket', object.bucket)
  url.searchParams.set('key', object.key)
  url.searchParams.set('etag', quoted(object.etag))
  return url.href
}
