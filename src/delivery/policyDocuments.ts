/**
 * Whether a text is a resource policy at all. A member that is not IAM's would be ignored for ever, so it is a fault here,
 * as it is on AWS. IAM User Guide, "Grammar of the IAM JSON policy language".
 */
const documentMembers = new Set(['Version', 'Id', 'Statement'])
const statementMembers = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
])
const versions: unknown[] = [undefined, '2008-10-17', '2012-10-17']

type Members = Record<string, unknown>

/** The statements of a policy; undefined where the text is none. */
export function policyStatements(text: string): Members[] | undefined {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isObject(document) || !hasOnly(document, documentMembers) || !versions.includes(document.Version))
    return undefined
  const statements = [document.Statement ?? []].flat() as unknown[]
  return statements.length > 0 && statements.every(isStatement) ? statements : undefined
}

/** The actions that a statement names. */
export function actionsOf({ Action, NotAction }: Members): string[] {
  return [Action ?? NotAction ?? []].flat().map(String)
}

function isStatement(one: unknown): one is Members {
  if (!isObject(one) || !hasOnly(one, statementMembers)) return false
  const isOneOf = (member: string) => (one[member] === undefined) !== (one[`Not${member}`] === undefined)
  return (one.Effect === 'Allow' || one.Effect === 'Deny') && isOneOf('Principal') && isOneOf('Action')
}

function hasOnly(object: Members, members: ReadonlySet<string>): boolean {
  return Object.keys(object).every((member) => members.has(member))
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
