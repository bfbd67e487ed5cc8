/** From a matched event to a delivery: what the target is sent, as whom, and how often it is tried. */
import { type ArnParts, parseArn } from '../../delivery/arn.ts'
import type { Tx } from '../../delivery/context.ts'
import type { NewDelivery } from '../../delivery/delivery.ts'
import { type JsonNode, readJson, writeJson } from '../../engines/patterns/jsonText.ts'
import { payloadFor, type RuleRef } from './inputs.ts'
import { parsePath, valueAt } from './jsonPaths.ts'
import type { Arrival, RoutedEvent } from './routing.ts'
import type { RuleTarget } from './targets.ts'

/** A target of a rule, with all that is the same for each event. */
export interface Sending {
  target: RuleTarget
  /** The target's, in its parts. */
  arn: Partial<ArnParts>
  rule: RuleRef
  sender: NewDelivery['sender']
  policy: NewDelivery['policy']
}

export function sendingTo(target: RuleTarget, rule: RuleRef): Sending {
  const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = target.RetryPolicy ?? {}
  const deadLetterArn = target.DeadLetterConfig?.Arn
  return {
    target,
    arn: parseArn(target.Arn) ?? {},
    rule,
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
  }
}

export function sendToTarget(
  tx: Tx,
  { target, arn, rule, sender, policy }: Sending,
  arrivals: readonly Arrival[],
): void {
  const items = arrivals.map(({ event, trace }) => ({
    payload: payloadFor(target, event, rule),
    trace,
    ...parametersFor(target, arn, event),
  }))
  tx.deliverAll({ arn: target.Arn, sender, policy, items })
}

/** What only one kind of target understands. */
function parametersFor(
  target: RuleTarget,
  { service, resource }: Sending['arn'],
  event: RoutedEvent,
): Pick<NewDelivery, 'parameters'> {
  if (service === 'sqs' && target.SqsParameters?.MessageGroupId) {
    return { parameters: { messageGroupId: target.SqsParameters.MessageGroupId } }
  }
  if (service === 'events' && resource?.startsWith('api-destination/')) {
    return target.HttpParameters ? { parameters: { http: withPathsFilled(target.HttpParameters, event) } } : {}
  }
  if (service === 'events') return { parameters: { event } }
  if (service === 'logs') return { parameters: { timestamp: event.ingestedAt } }
  if (service === 'glue') return { parameters: { eventId: event.id } }
  if (target.RedshiftDataParameters) return { parameters: withPathsFilled(target.RedshiftDataParameters, event) }
  return {}
}

/**
 * Values that are JSON paths become what the event has there, as text; a map's keys stay. EventBridge User Guide,
 * "Amazon EventBridge targets", on HttpParameters and RedshiftDataParameters.
 */
function withPathsFilled<T extends object>(parameters: T, event: RoutedEvent): Record<string, unknown> {
  let root: JsonNode | undefined
  const filled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(filled)
    if (value !== null && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filled(each)]))
    }
    if (typeof value !== 'string' || !value.startsWith('$.')) return value
    root ??= readJson(event.json)
    return textOf(valueAt(root, parsePath(value)))
  }
  return filled(parameters) as Record<string, unknown>
}

function textOf(node: JsonNode | undefined): string {
  if (!node) return ''
  return node.kind === 'object' || node.kind === 'array' ? writeJson(node) : node.text
}
