/** Who may put events on a bus from another account: the statements of its resource policy. */
import type { Arn } from '../../delivery/arn.ts'
import type { Tx } from '../../delivery/context.ts'
import { mayCross } from '../../delivery/resourcePolicy.ts'
import { awsError, awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { busArn, buses, busName, type EventBus, mustGetBus } from './buses.ts'

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

/** An event from another account: put there, or forwarded by a rule. */
export interface Crossing {
  /** The account that sends it. */
  account: string
  source: string
  detailType: string
  /** The rule that forwards it. */
  ruleArn?: Arn
}

/** Whether the bus's policy lets it in. No account here is part of an organization, so conditions on one never hold. */
export function mayCrossInto(tx: Tx, bus: EventBus, { account, source, detailType, ruleArn }: Crossing): boolean {
  const resource = busArn(bus.name, tx)
  return mayCross(
    tx,
    { Statement: bus.statements },
    {
      sender: { principal: account, sourceArn: ruleArn ?? '' },
      action: 'events:PutEvents',
      resource,
      account: tx.account,
      caller: account,
      keys: {
        'events:source': source,
        'events:detail-type': detailType,
        'events:eventbusinvocation': String(ruleArn !== undefined),
        'aws:sourceaccount': account,
        ...(ruleArn !== undefined && { 'aws:sourcearn': ruleArn }),
      },
    },
  )
}

/** Errors: ValidationException unless each statement is whole and its Sid its own. */
function statementsOf(policy: string): PolicyStatement[] {
  try {
    const { Statement = [] } = JSON.parse(policy) as { Statement?: PolicyStatement | PolicyStatement[] }
    const statements = [Statement].flat()
    const sids = statements.flatMap(({ Sid }) => Sid ?? [])
    if (statements.length > 0 && statements.every(isWhole) && new Set(sids).size === sids.length) return statements
  } catch {
    // The same answer as for JSON without statements.
  }
  throw awsError(
    'ValidationException',
    'Parameter Policy is not valid. Reason: The policy is not a valid JSON document.',
  )
}

function isWhole(statement: PolicyStatement): boolean {
  const { Effect, Principal, Action, Resource } = statement
  return /^(Allow|Deny)$/.test(Effect) && [Principal, Action, Resource].every((member) => member !== undefined)
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
  if (Action !== 'events:PutEvents') {
    throw awsError('ValidationException', "Provided value in parameter 'action' is not supported.")
  }
  if (Condition && (Condition.Type !== 'StringEquals' || Condition.Key !== 'aws:PrincipalOrgID')) {
    throw awsError('ValidationException', "Provided value in parameter 'condition' is not supported.")
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
