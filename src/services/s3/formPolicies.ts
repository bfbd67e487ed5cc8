/**
 * The policy of an upload form: what its fields may say, until when. It is signed by whoever may write; the signature
 * is verified where the server demands signatures.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Millis } from '../../clock.ts'
import { awsError } from '../../wire/errors.ts'
import { AccessDenied } from './errors.ts'

export interface SizeLimits {
  min: number
  max: number
}

type Condition = [operator: string, field: string, value: string]

const notCovered = new Set(['policy', 'x-amz-signature', 'signature', 'awsaccesskeyid', 'file'])

const invalidPolicy = (reason: string) =>
  awsError(
    'InvalidPolicyDocument',
    `The content of the form does not meet the conditions specified in the policy document: ${reason}`,
    400,
  )

/** Checks the fields (the bucket among them) against the policy; answers what size the file may have. */
export function checkFormPolicy(fields: ReadonlyMap<string, string>, now: Millis): SizeLimits | undefined {
  const encoded = fields.get('policy')
  if (encoded === undefined) return undefined
  const { expiration, conditions } = parsePolicy(encoded)
  if (expiration <= now) throw AccessDenied('Invalid according to Policy: Policy expired.')
  const covered = new Set<string>()
  let limits: SizeLimits | undefined
  for (const condition of conditions) {
    if (condition[0] === 'content-length-range') {
      limits = { min: Number(condition[1]), max: Number(condition[2]) }
      continue
    }
    covered.add(condition[1])
    if (!holds(condition, fields)) {
      const [operator, field, value] = condition
      const shown = JSON.stringify([operator, `$${field}`, value]).replaceAll('","', '", "')
      throw AccessDenied(`Invalid according to Policy: Policy Condition failed: ${shown}`)
    }
  }
  const extra = [...fields.keys()].filter((name) => {
    return !covered.has(name) && !notCovered.has(name) && name !== 'bucket' && !name.startsWith('x-ignore-')
  })
  if (extra.length > 0) throw AccessDenied(`Invalid according to Policy: Extra input fields: ${extra.join(', ')}`)
  return limits
}

function parsePolicy(encoded: string): { expiration: Millis; conditions: Condition[] } {
  let policy: { expiration?: unknown; conditions?: unknown }
  try {
    policy = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'))
  } catch {
    throw invalidPolicy('Invalid JSON.')
  }
  const expiration = Date.parse(String(policy.expiration))
  if (Number.isNaN(expiration)) throw invalidPolicy('Invalid Policy: Invalid expiration value')
  if (!Array.isArray(policy.conditions)) throw invalidPolicy('Invalid Policy: Conditions must be a list')
  return { expiration, conditions: policy.conditions.flatMap(conditionsFrom) }
}

function conditionsFrom(condition: unknown): Condition[] {
  if (Array.isArray(condition)) {
    const [operator, field, value] = condition.map(String)
    if (operator === undefined || field === undefined || value === undefined) throw invalidPolicy('Invalid Condition')
    const name = operator.toLowerCase()
    if (name === 'content-length-range') return [[name, field, value]]
    if ((name !== 'eq' && name !== 'starts-with') || !field.startsWith('$')) throw invalidPolicy('Invalid Condition')
    return [[name, field.slice(1).toLowerCase(), value]]
  }
  if (typeof condition !== 'object' || condition === null) throw invalidPolicy('Invalid Condition')
  return Object.entries(condition).map(([field, value]) => ['eq', field.toLowerCase(), String(value)])
}

function holds([operator, field, value]: Condition, fields: ReadonlyMap<string, string>): boolean {
  const said = fields.get(field) ?? ''
  return operator === 'eq' ? said === value : said.startsWith(value)
}

/** Signature Version 4 over the policy as it was sent. */
export function checkFormSignature(
  fields: ReadonlyMap<string, string>,
  secretOf: (accessKeyId: string) => string | undefined,
): void {
  const [accessKeyId = '', date = '', region = '', service = ''] = (fields.get('x-amz-credential') ?? '').split('/')
  const policy = fields.get('policy')
  if (policy === undefined || accessKeyId === '') throw AccessDenied()
  const secret = secretOf(accessKeyId)
  if (secret === undefined) {
    throw awsError('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.', 403)
  }
  const key = [date, region, service, 'aws4_request'].reduce<string | Buffer>(
    (signing, part) => createHmac('sha256', signing).update(part).digest(),
    `AWS4${secret}`,
  )
  const expected = createHmac('sha256', key).update(policy).digest()
  const stated = Buffer.from(fields.get('x-amz-signature') ?? '', 'hex')
  if (stated.length !== expected.length || !timingSafeEqual(stated, expected)) {
    throw awsError(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
      403,
    )
  }
}
