/** What AWS lets a queue's policy say, and how much. Quotas: SQS Developer Guide, "Amazon SQS policy quotas". */
import { awsError, awsErrors } from '../../wire/errors.ts'

const { OverLimit } = awsErrors('sqs')

const statementsMax = 20
const actionsMax = 7

/** What another account may be allowed; the rest is the owner's. */
const shareable = new Set([
  '*',
  'ChangeMessageVisibility',
  'ChangeMessageVisibilityBatch',
  'DeleteMessage',
  'DeleteMessageBatch',
  'GetQueueAttributes',
  'GetQueueUrl',
  'ListDeadLetterSourceQueues',
  'PurgeQueue',
  'ReceiveMessage',
  'SendMessage',
  'SendMessageBatch',
])
const owners = new Set([
  'AddPermission',
  'CancelMessageMoveTask',
  'CreateQueue',
  'DeleteQueue',
  'ListMessageMoveTasks',
  'ListQueues',
  'ListQueueTags',
  'RemovePermission',
  'SetQueueAttributes',
  'StartMessageMoveTask',
  'TagQueue',
  'UntagQueue',
])

/** Errors: InvalidParameterValue in AWS's words. */
export function mustBeShareable(action: string): void {
  if (shareable.has(action)) return
  const reason = owners.has(action)
    ? 'Only the queue owner is allowed to invoke this action.'
    : 'Please refer to the appropriate WSDL for a list of valid actions.'
  throw awsError('InvalidParameterValue', `Value SQS:${action} for parameter ActionName is invalid. Reason: ${reason}`)
}

/** Answers with the policy. Errors: OverLimit in AWS's words. */
export function mustBeWithinLimits(policy: string): string {
  const { Statement = [] } = (JSON.parse(policy) ?? {}) as { Statement?: { Action?: unknown } | { Action?: unknown }[] }
  const statements = [Statement].flat()
  if (statements.length > statementsMax) {
    throw OverLimit(
      `${statements.length} statements were found in the submitted policy, max allowed is ${statementsMax}`,
    )
  }
  for (const statement of statements) {
    const actions = [statement?.Action ?? []].flat().length
    if (actions > actionsMax) {
      throw OverLimit(
        `${actions} actions were found in a statement from the submitted policy, max allowed is ${actionsMax}`,
      )
    }
  }
  return policy
}
