/** Resource policies of functions and layers: who may invoke what, and from where. */
import { awsErrors } from '../../wire/errors.ts'
import { user } from './identifiers.ts'

const { ResourceConflictException } = awsErrors('lambda')

export interface Statement {
  Sid: string
  Effect: 'Allow'
  Principal: '*' | { Service: string } | { AWS: string }
  Action: string
  Resource: string
  Condition?: Record<string, Record<string, string>>
}

export interface StatementInput {
  id: string
  principal: string
  action: string
  resource: string
  sourceArn?: string
  sourceAccount?: string
  organizationId?: string
  urlAuthType?: string
}

export function newStatement(input: StatementInput): Statement {
  const condition: Record<string, Record<string, string>> = {
    ...((input.sourceAccount || input.organizationId || input.urlAuthType) && {
      StringEquals: {
        ...(input.sourceAccount && { 'AWS:SourceAccount': input.sourceAccount }),
        ...(input.organizationId && { 'aws:PrincipalOrgID': input.organizationId }),
        ...(input.urlAuthType && { 'lambda:FunctionUrlAuthType': input.urlAuthType }),
      },
    }),
    ...(input.sourceArn && { ArnLike: { 'AWS:SourceArn': input.sourceArn } }),
  }
  return {
    Sid: input.id,
    Effect: 'Allow',
    Principal: principalOf(input.principal),
    Action: input.action,
    Resource: input.resource,
    ...(Object.keys(condition).length > 0 && { Condition: condition }),
  }
}

function principalOf(principal: string): Statement['Principal'] {
  if (principal === '*') return '*'
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:aws:iam::${principal}:root` }
  return principal.startsWith('arn:') ? { AWS: principal } : { Service: principal }
}

export function withStatement(statements: Statement[], added: Statement): Statement[] {
  if (statements.some((statement) => statement.Sid === added.Sid)) {
    const words = `The statement id (${added.Sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`
    throw ResourceConflictException(words, user)
  }
  return [...statements, added]
}

export function policyText(statements: readonly Statement[]): string {
  return JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement: statements })
}
