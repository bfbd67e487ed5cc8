/**
 * Policy documents: checked as JSON and for the parts that a policy must have, in IAM's words. They are kept and given
 * back; nothing on one machine is refused for want of a permission.
 */
import { awsErrors } from '../../wire/errors.ts'

const { MalformedPolicyDocumentException } = awsErrors('iam')

export type PolicyKind = 'identity' | 'trust'

const versions = new Set<unknown>(['2012-10-17', '2008-10-17', undefined])

export function checkPolicyDocument(text: string, kind: PolicyKind): void {
  const document = parse(text, kind)
  if (!isObject(document)) throw MalformedPolicyDocumentException('Syntax errors in policy.')
  if (!versions.has(document.Version)) {
    throw MalformedPolicyDocumentException('The policy must contain a valid version string')
  }
  const statements = Array.isArray(document.Statement) ? document.Statement : [document.Statement]
  if (statements.length === 0 || document.Statement === undefined) {
    throw MalformedPolicyDocumentException('Syntax errors in policy.')
  }
  for (const statement of statements) checkStatement(statement, kind)
}

function parse(text: string, kind: PolicyKind): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw MalformedPolicyDocumentException(
      kind === 'trust' ? 'This policy contains invalid Json' : 'Syntax errors in policy.',
    )
  }
}

function checkStatement(statement: unknown, kind: PolicyKind): void {
  if (!isObject(statement)) throw MalformedPolicyDocumentException('Syntax errors in policy.')
  if (statement.Effect === undefined) throw MalformedPolicyDocumentException('Missing required field Effect')
  if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') {
    throw MalformedPolicyDocumentException(`Invalid effect: ${String(statement.Effect)}`)
  }
  if (statement.Action === undefined && statement.NotAction === undefined) {
    throw MalformedPolicyDocumentException(
      kind === 'trust' ? 'Missing required field Action' : 'Policy statement must contain actions.',
    )
  }
  for (const action of [statement.Action ?? statement.NotAction].flat()) checkAction(action)
  if (kind === 'trust') checkTrust(statement)
  else checkIdentity(statement)
}

function checkAction(action: unknown): void {
  if (action === '*' || (typeof action === 'string' && /^[\w*-]+:[\w*?-]+$/.test(action))) return
  throw MalformedPolicyDocumentException('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.')
}

function checkTrust(statement: Record<string, unknown>): void {
  if (statement.Resource !== undefined || statement.NotResource !== undefined) {
    throw MalformedPolicyDocumentException('Has prohibited field Resource')
  }
  if (statement.Principal === undefined && statement.NotPrincipal === undefined) {
    throw MalformedPolicyDocumentException('Missing required field Principal')
  }
}

function checkIdentity(statement: Record<string, unknown>): void {
  if (statement.Principal !== undefined || statement.NotPrincipal !== undefined) {
    throw MalformedPolicyDocumentException('Policy document should not specify a principal.')
  }
  const resources = statement.Resource ?? statement.NotResource
  if (resources === undefined) throw MalformedPolicyDocumentException('Policy statement must contain resources.')
  for (const resource of [resources].flat()) {
    if (typeof resource === 'string' && /^(\*|arn:.+|\$\{.+)$/s.test(resource)) continue
    throw MalformedPolicyDocumentException(`Resource ${String(resource)} must be in ARN format or "*".`)
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** IAM gives documents back percent-encoded, as RFC 3986 has it. */
export function encodedDocument(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}
