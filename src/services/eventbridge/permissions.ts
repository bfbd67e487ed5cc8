/** Who may put events on a bus from another account: the statements of its resource policy. */
import { awsError, awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { busArn, buses, busName, mustGetBus } from './buses.ts'

export interface PolicyStatement {
  Sid?: string
  Effect: string
  Principal: unknown
  Action: unknown
  Resource: unknown
  Condition?: unknown
}

const { PolicyLengthExceededException, ResourceNotFoundException } = awsErrors('eventbridge')
const policyBytesMax = 10_240

export const permissionOperations = operations('eventbridge', {
  async PutPermission(input, ctx) {
    const name = busName(input.EventBusName)
    await ctx.commit((tx) => {
      const bus = mustGetBus(tx.in(buses), name)
      const statements = input.Policy
        ? statementsOf(input.Policy)
        : [...bus.statements.filter(({ Sid }) => Sid !== input.StatementId), statementFrom(input, busArn(name, tx))]
      if (JSON.stringify(statements).length > policyBytesMax) {
        throw PolicyLengthExceededException(`The policy exceeds the maximum length of ${policyBytesMax} characters.`)
      }
      tx.in(buses).put({ ...bus, statements, modifiedAt: tx.now })
    })
    return {}
  },

  async RemovePermission(input, ctx) {
    const name = busName(input.EventBusName)
    await ctx.commit((tx) => {
      const bus = mustGetBus(tx.in(buses), name)
      const statements = input.RemoveAllPermissions ? [] : bus.statements.filter(({ Sid }) => Sid !== input.StatementId)
      if (!input.RemoveAllPermissions && bus.statements.length === 0) {
        throw ResourceNotFoundException('EventBus does not have a policy.')
      }
      if (!input.RemoveAllPermissions && statements.length === bus.statements.length) {
        throw ResourceNotFoundException('Statement with the provided id does not exist.')
      }
      tx.in(buses).put({ ...bus, statements, modifiedAt: tx.now })
    })
    return {}
  },
})

/** Whether a policy lets another account put events. Conditions on organizations are not known here and refuse. */
export function allowsAccount(statements: PolicyStatement[], account: string): boolean {
  return statements.some(
    ({ Effect, Principal, Action, Condition }) =>
      Effect === 'Allow' &&
      Condition === undefined &&
      asList(Action).some((action) => ['events:PutEvents', 'events:*', '*'].includes(String(action))) &&
      asList(principalOf(Principal)).some((principal) => isAccount(String(principal), account)),
  )
}

function principalOf(principal: unknown): unknown {
  return principal !== null && typeof principal === 'object' ? (principal as { AWS?: unknown }).AWS : principal
}

function isAccount(principal: string, account: string): boolean {
  return principal === '*' || principal === account || principal.startsWith(`arn:aws:iam::${account}:`)
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value]
}

function statementsOf(policy: string): PolicyStatement[] {
  try {
    const document = JSON.parse(policy) as { Statement?: PolicyStatement | PolicyStatement[] }
    const statements = asList(document.Statement) as PolicyStatement[]
    if (statements.length > 0) return statements
  } catch {
    // The same answer as for JSON without statements.
  }
  throw awsError(
    'ValidationException',
    'Parameter Policy is not valid. Reason: The policy is not a valid JSON document.',
  )
}

interface PermissionInput {
  Action?: string | undefined
  Principal?: string | undefined
  StatementId?: string | undefined
  Condition?: { Type: string | undefined; Key: string | undefined; Value: string | undefined } | undefined
}

function statementFrom(input: PermissionInput, resource: string): PolicyStatement {
  const { Action, Principal, StatementId, Condition } = input
  if (!Action || !Principal || !StatementId) {
    throw awsError('ValidationException', 'Parameters Action, Principal and StatementId must be specified together.')
  }
  return {
    Sid: StatementId,
    Effect: 'Allow',
    Principal: Principal === '*' ? '*' : { AWS: `arn:aws:iam::${Principal}:root` },
    Action,
    Resource: resource,
    ...(Condition && { Condition: { [String(Condition.Type)]: { [String(Condition.Key)]: Condition.Value } } }),
  }
}
