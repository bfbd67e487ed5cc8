/** A function's resource policy, one for each qualifier. */
import type { Context, Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { functionArn, functionReference, user } from './identifiers.ts'
import { newStatement, policyText, type Statement, withStatement } from './policies.ts'
import { mustGetTarget } from './records.ts'

const { PreconditionFailedException, ResourceNotFoundException } = awsErrors('lambda')

export interface FunctionPolicy {
  functionName: string
  /** Empty for the function itself. */
  qualifier: string
  statements: Statement[]
  revisionId: string
}

export const functionPolicies = collection<FunctionPolicy>('lambda/policies', {
  version: 1,
  key: (record) => [record.functionName, record.qualifier],
})

export const permissionOperations = operations('lambda', {
  async AddPermission(input, ctx) {
    const { name, qualifier } = functionReference(input.FunctionName, input.Qualifier)
    const statement = newStatement({
      id: input.StatementId,
      principal: input.Principal,
      action: input.Action,
      resource: functionArn(ctx, name, qualifier),
      ...(input.SourceArn && { sourceArn: input.SourceArn }),
      ...(input.SourceAccount && { sourceAccount: input.SourceAccount }),
      ...(input.PrincipalOrgID && { organizationId: input.PrincipalOrgID }),
      ...(input.FunctionUrlAuthType && { urlAuthType: input.FunctionUrlAuthType }),
    })
    await ctx.commit((tx) => {
      mustGetTarget(tx, { name, ...(qualifier && { qualifier }) })
      change(tx, name, qualifier ?? '', input.RevisionId, (present) => withStatement(present, statement))
    })
    return { Statement: JSON.stringify(statement) }
  },

  async RemovePermission(input, ctx) {
    const { name, qualifier } = functionReference(input.FunctionName, input.Qualifier)
    await ctx.commit((tx) => {
      mustGetTarget(tx, { name, ...(qualifier && { qualifier }) })
      change(tx, name, qualifier ?? '', input.RevisionId, (present) => {
        const rest = present.filter((statement) => statement.Sid !== input.StatementId)
        if (rest.length === present.length) {
          throw ResourceNotFoundException(`Statement ${input.StatementId} is not found in resource policy.`, user)
        }
        return rest
      })
    })
    return {}
  },

  async GetPolicy(input, ctx) {
    const { name, qualifier } = functionReference(input.FunctionName, input.Qualifier)
    mustGetTarget(ctx, { name, ...(qualifier && { qualifier }) })
    const policy = ctx.in(functionPolicies).get(name, qualifier ?? '')
    if (!policy || policy.statements.length === 0) {
      throw ResourceNotFoundException('The resource you requested does not exist.', user)
    }
    return { Policy: policyText(policy.statements), RevisionId: policy.revisionId }
  },
})

export function statementsOf(reader: Pick<Context | Tx, 'in'>, name: string, qualifier?: string): Statement[] {
  return reader.in(functionPolicies).get(name, qualifier ?? '')?.statements ?? []
}

function change(
  tx: Tx,
  functionName: string,
  qualifier: string,
  revisionId: string | undefined,
  apply: (statements: Statement[]) => Statement[],
): void {
  const before = tx.in(functionPolicies).get(functionName, qualifier)
  if (revisionId !== undefined && before && revisionId !== before.revisionId) {
    const words =
      'The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the latest Revision Id'
    throw PreconditionFailedException(words, user)
  }
  const statements = apply(before?.statements ?? [])
  tx.in(functionPolicies).put({ functionName, qualifier, statements, revisionId: tx.random.uuid() })
}
