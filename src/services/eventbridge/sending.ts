/** From a matched event to a delivery: what the target is sent, as whom, and how often it is tried. */
import { parseArn } from '../../delivery/arn.ts'
import type { Tx } from '../../delivery/context.ts'
import type { NewDelivery } from '../../delivery/delivery.ts'
import { payloadFor, type RuleRef } from './inputs.ts'
import type { RoutedEvent } from './routing.ts'
import type { RuleTarget } from './targets.ts'

export function sendToTarget(tx: Tx, target: RuleTarget, event: RoutedEvent, rule: RuleRef): void {
  const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = target.RetryPolicy ?? {}
  const deadLetterArn = target.DeadLetterConfig?.Arn
  tx.deliver({
    arn: target.Arn,
    payload: payloadFor(target, event, rule),
    sender: {
      principal: 'events.amazonaws.com',
      sourceArn: rule.ruleArn,
      ...(target.RoleArn !== undefined && { roleArn: target.RoleArn }),
    },
    policy: {
      ...(MaximumRetryAttempts !== undefined && { maximumRetryAttempts: MaximumRetryAttempts }),
      ...(MaximumEventAgeInSeconds !== undefined && { maximumEventAgeSeconds: MaximumEventAgeInSeconds }),
      ...(deadLetterArn !== undefined && { deadLetterArn }),
      deadLetterAttributes: { RULE_ARN: rule.ruleArn, TARGET_ARN: target.Arn },
    },
    ...parametersFor(target, event),
  })
}

/** What only one kind of target understands. */
function parametersFor(target: RuleTarget, event: RoutedEvent): Pick<NewDelivery, 'parameters'> {
  const service = parseArn(target.Arn)?.service
  if (service === 'sqs' && target.SqsParameters?.MessageGroupId) {
    return { parameters: { messageGroupId: target.SqsParameters.MessageGroupId } }
  }
  if (service === 'events') return { parameters: { event } }
  if (service === 'logs') return { parameters: { timestamp: event.ingestedAt } }
  if (service === 'glue') return { parameters: { eventId: event.id } }
  if (target.RedshiftDataParameters) return { parameters: { ...target.RedshiftDataParameters } }
  return {}
}
