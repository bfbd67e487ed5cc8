/**
 * Signature Version 4, from the server's side: who signed (cheap, for every request), and whether the signature holds.
 * Pure: the secret, the time and the body's hash are handed in.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { ChunkVerifier } from './bodyStream.ts'
import { type AwsError, awsError } from './errors.ts'
import { madeOnce } from './madeOnce.ts'
import { decodePercent, parseQuery, type RequestHead, splitUrl } from './request.ts'

export interface Credential {
  readonly accessKeyId: string
  readonly date: string
  readonly region: string
  readonly service: string
}

export interface Verification {
  now: number
  secretOf: (accessKeyId: string) => string | undefined
  /** The hash of the body as it came, for clients that do not send it in a header. */
  bodySha256?: string
}

const algorithm = 'AWS4-HMAC-SHA256'
const skewMax = 15 * 60_000
const presignedSecondsMax = 7 * 24 * 3600
const emptySha256 = createHash('sha256').digest('hex')

/** From the header or a presigned query; a quick look, nothing is verified. */
export function credentialOf(head: RequestHead): Credential | undefined {
  const header = head.headers.authorization
  let text: string | undefined
  if (header !== undefined) text = /Credential=([^,\s]+)/.exec(header)?.[1]
  else {
    const found = /[?&]X-Amz-Credential=([^&]+)/i.exec(head.url)?.[1]
    text = found && decodePercent(found)
  }
  return text === undefined ? undefined : credentialIn(text)
}

/** A client's requests of one day all name the same. */
const credentialIn = madeOnce(1_000, readCredential)

function readCredential(text: string): Credential | undefined {
  const parts = text.split('/')
  if (parts.length < 5) return undefined
  const [date, region, service] = parts.slice(-4) as [string, string, string]
  return { accessKeyId: parts.slice(0, -4).join('/'), date, region, service }
}

export interface Verified {
  credential: Credential
  /** To be handed to `decode` where each chunk of the body is signed. */
  verifyChunk?: ChunkVerifier
}

/** Throws AWS's error where the request is unsigned, wrongly signed, or too old. */
export function verifySignature(head: RequestHead, verification: Verification): Verified {
  const credential = credentialOf(head)
  if (!credential) throw refusal('', 'missing')
  return head.headers.authorization !== undefined
    ? verifyHeader(head, credential, verification)
    : verifyPresigned(head, credential, verification)
}

function verifyHeader(head: RequestHead, credential: Credential, verification: Verification): Verified {
  const header = head.headers.authorization!
  const signedHeaders = /SignedHeaders=([^,\s]+)/.exec(header)?.[1]
  const signature = /Signature=([0-9a-f]+)/.exec(header)?.[1]
  const { service } = credential
  const time = head.headers['x-amz-date'] ?? ''
  const signedAt = parseTime(time)
  if (!header.startsWith(algorithm) || !signedHeaders || !signature || signedAt === undefined) {
    throw refusal(service, 'incomplete')
  }
  if (Math.abs(verification.now - signedAt) > skewMax) throw refusal(service, 'skewed')
  const secret = mustGetSecret(credential, verification)
  const bodyHash = head.headers['x-amz-content-sha256'] ?? verification.bodySha256 ?? emptySha256
  const { path, query } = splitUrl(head.url)
  const canonical = canonicalRequest(head, { path, query, signedHeaders, bodyHash, service })
  const key = signingKey(secret, credential)
  const wanted = sign(key, stringToSign(time, credential, canonical))
  if (!sameText(wanted, signature)) throw refusal(service, 'mismatch')
  if (!bodyHash.startsWith('STREAMING-AWS4-HMAC-SHA256-PAYLOAD')) return { credential }
  return { credential, verifyChunk: chunkVerifier({ key, time, credential, seed: signature }) }
}

function verifyPresigned(head: RequestHead, credential: Credential, verification: Verification): Verified {
  const { path, query } = splitUrl(head.url)
  const parameters = parseQuery(query)
  const { service } = credential
  const get = (name: string) => parameters.get(name)?.[0] ?? ''
  const time = get('X-Amz-Date')
  const signedAt = parseTime(time)
  const expires = Number(get('X-Amz-Expires') || (service === 's3' ? Number.NaN : 900))
  const signature = get('X-Amz-Signature')
  if (get('X-Amz-Algorithm') !== algorithm || signedAt === undefined || !signature || Number.isNaN(expires)) {
    throw refusal(service, 'incompleteQuery')
  }
  if (expires < 0 || expires > presignedSecondsMax) throw refusal(service, 'tooLong')
  if (verification.now > signedAt + expires * 1000) throw refusal(service, 'expired')
  if (signedAt > verification.now + skewMax) throw refusal(service, 'notYet')
  const secret = mustGetSecret(credential, verification)
  const unsigned = query
    .split('&')
    .filter((part) => !part.startsWith('X-Amz-Signature='))
    .join('&')
  const bodyHash =
    head.headers['x-amz-content-sha256'] ??
    (service === 's3' ? 'UNSIGNED-PAYLOAD' : (verification.bodySha256 ?? emptySha256))
  const signedHeaders = get('X-Amz-SignedHeaders')
  const canonical = canonicalRequest(head, { path, query: unsigned, signedHeaders, bodyHash, service })
  const wanted = sign(signingKey(secret, credential), stringToSign(time, credential, canonical))
  if (!sameText(wanted, signature)) throw refusal(service, 'mismatch')
  return { credential }
}

interface Canonical {
  path: string
  query: string
  signedHeaders: string
  bodyHash: string
  service: string
}

function canonicalRequest(head: RequestHead, canonical: Canonical): string {
  const { path, query, signedHeaders, bodyHash, service } = canonical
  const names = signedHeaders.toLowerCase().split(';')
  const headers = names.map((name) => `${name}:${(head.headers[name] ?? '').trim().replace(/\s+/g, ' ')}\n`).join('')
  const canonicalPath = service === 's3' ? encodePath(decodePercent(path)) : encodePath(normalizePath(path))
  return [head.method, canonicalPath, canonicalQuery(query), headers, names.join(';'), bodyHash].join('\n')
}

/** All services but S3 take `.` and `..` out of a path and encode it once more before signing it. */
function normalizePath(path: string): string {
  const kept: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop()
    else if (segment !== '' && segment !== '.') kept.push(segment)
  }
  return `/${kept.join('/')}${path.endsWith('/') && kept.length > 0 ? '/' : ''}`
}

function encodePath(path: string): string {
  return path.split('/').map(encodeStrictly).join('/') || '/'
}

function canonicalQuery(query: string): string {
  if (query === '') return ''
  const pairs = query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const equals = part.indexOf('=')
      const [name, value] = equals < 0 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)]
      return [encodeStrictly(decodePercent(name)), encodeStrictly(decodePercent(value))] as const
    })
  pairs.sort(([left, leftValue], [right, rightValue]) => compare(left, right) || compare(leftValue, rightValue))
  return pairs.map(([name, value]) => `${name}=${value}`).join('&')
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
}

function stringToSign(time: string, credential: Credential, canonical: string): string {
  return [algorithm, time, scopeOf(credential), createHash('sha256').update(canonical).digest('hex')].join('\n')
}

function scopeOf({ date, region, service }: Credential): string {
  return `${date}/${region}/${service}/aws4_request`
}

function signingKey(secret: string, { date, region, service }: Credential): Buffer {
  return [date, region, service, 'aws4_request'].reduce<Buffer>(
    (key, part) => createHmac('sha256', key).update(part).digest(),
    Buffer.from(`AWS4${secret}`),
  )
}

function sign(key: Buffer, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex')
}

interface ChunkChain {
  key: Buffer
  time: string
  credential: Credential
  seed: string
}

/** Each chunk's signature covers the one before, so chunks can be neither changed, nor swapped, nor left out. */
function chunkVerifier({ key, time, credential, seed }: ChunkChain): ChunkVerifier {
  let previous = seed
  return (signature, data) => {
    const hash = createHash('sha256').update(data).digest('hex')
    const text = [`${algorithm}-PAYLOAD`, time, scopeOf(credential), previous, emptySha256, hash].join('\n')
    if (!sameText(sign(key, text), signature)) throw refusal(credential.service, 'mismatch')
    previous = signature
  }
}

function sameText(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right))
}

function parseTime(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  if (!match) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

function mustGetSecret(credential: Credential, { secretOf }: Verification): string {
  const secret = secretOf(credential.accessKeyId)
  if (secret === undefined) throw refusal(credential.service, 'unknownKey', credential.accessKeyId)
  return secret
}

type Reason =
  | 'missing'
  | 'incomplete'
  | 'incompleteQuery'
  | 'skewed'
  | 'expired'
  | 'notYet'
  | 'tooLong'
  | 'unknownKey'
  | 'mismatch'

/** S3 and the other services use different codes and words for the same fault. */
function refusal(service: string, reason: Reason, accessKeyId?: string): AwsError {
  return service === 's3' || service === '' ? objectStoreRefusal(reason, accessKeyId) : serviceRefusal(reason)
}

function objectStoreRefusal(reason: Reason, accessKeyId?: string): AwsError {
  switch (reason) {
    case 'missing':
      return awsError('AccessDenied', 'Access Denied', 403)
    case 'incomplete':
      return awsError('AuthorizationHeaderMalformed', 'The authorization header is malformed.', 400)
    case 'incompleteQuery':
      return awsError(
        'AuthorizationQueryParametersError',
        'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
      )
    case 'tooLong':
      return awsError(
        'AuthorizationQueryParametersError',
        'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
      )
    case 'skewed':
      return awsError(
        'RequestTimeTooSkewed',
        'The difference between the request time and the current time is too large.',
        403,
      )
    case 'expired':
      return awsError('AccessDenied', 'Request has expired', 403)
    case 'notYet':
      return awsError('AccessDenied', 'Request is not valid yet', 403)
    case 'unknownKey': {
      const text = 'The AWS Access Key Id you provided does not exist in our records.'
      return awsError('InvalidAccessKeyId', text, 403, { AWSAccessKeyId: accessKeyId })
    }
    default:
      return awsError(
        'SignatureDoesNotMatch',
        'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
        403,
      )
  }
}

function serviceRefusal(reason: Reason): AwsError {
  switch (reason) {
    case 'missing':
      return awsError('MissingAuthenticationToken', 'Missing Authentication Token', 403)
    case 'unknownKey':
      return awsError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403)
    case 'incomplete':
    case 'incompleteQuery':
    case 'tooLong':
      return awsError('IncompleteSignature', 'The request signature does not conform to AWS standards.', 403)
    case 'skewed':
    case 'expired':
    case 'notYet':
      return awsError(
        'SignatureDoesNotMatch',
        'Signature expired: the request time is too far from the current time.',
        403,
      )
    default:
      return awsError(
        'SignatureDoesNotMatch',
        'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
        403,
      )
  }
}
