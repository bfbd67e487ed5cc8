/** A subscription's attributes. Names and words: SNS API Reference, "SetSubscriptionAttributes". */
import { parseArn } from '../../delivery/arn.ts'
import {
  compileSnsFilter,
  type FilterScope,
  InvalidFilterPolicy,
  isEmptyFilterPolicy,
} from '../../engines/patterns/snsFilter.ts'
import { documentIn } from '../json.ts'
import { checkDeliveryPolicy } from './deliveryPolicies.ts'
import { invalid } from './refusals.ts'
import { readReplayPolicy } from './replays.ts'
import type { Protocol, Subscription } from './subscriptionRecords.ts'

const names = new Set([
  'DeliveryPolicy',
  'FilterPolicy',
  'FilterPolicyScope',
  'RawMessageDelivery',
  'RedrivePolicy',
  'SubscriptionRoleArn',
  'ReplayPolicy',
])

export const rawProtocols: ReadonlySet<Protocol> = new Set(['sqs', 'http', 'https'])

/** Errors: InvalidParameter in AWS's words. */
export function checkSubscriptionAttributes(protocol: Protocol, attributes: Record<string, string>): void {
  for (const name of Object.keys(attributes)) if (!names.has(name)) throw invalid('AttributeName')
  const { RawMessageDelivery, FilterPolicyScope, FilterPolicy, RedrivePolicy, DeliveryPolicy, ReplayPolicy } =
    attributes
  if (RawMessageDelivery !== undefined) checkRaw(protocol, RawMessageDelivery)
  if (FilterPolicyScope && FilterPolicyScope !== 'MessageAttributes' && FilterPolicyScope !== 'MessageBody') {
    throw invalid(
      `FilterPolicyScope: Invalid value [${FilterPolicyScope}]. Please use either MessageBody or MessageAttributes`,
    )
  }
  if (FilterPolicy) checkFilter(FilterPolicy, scopeOf(attributes))
  if (RedrivePolicy) deadLetterArn(attributes)
  if (DeliveryPolicy) checkDeliveryPolicy('DeliveryPolicy', DeliveryPolicy)
  readReplayPolicy(ReplayPolicy)
}

function checkRaw(protocol: Protocol, value: string): void {
  if (!/^(true|false)$/i.test(value)) {
    throw invalid(`RawMessageDelivery: Invalid value [${value}]. Must be true or false.`)
  }
  if (value.toLowerCase() === 'true' && !rawProtocols.has(protocol)) {
    throw invalid(`RawMessageDelivery: Delivery protocol [${protocol}] does not support raw message delivery.`)
  }
}

function checkFilter(policy: string, scope: FilterScope): void {
  if (isEmptyFilterPolicy(policy)) return
  try {
    compileSnsFilter(policy, scope)
  } catch (error) {
    if (error instanceof InvalidFilterPolicy) throw invalid(`FilterPolicy: ${error.reason}`)
    throw error
  }
}

export function scopeOf(attributes: Record<string, string>): FilterScope {
  return attributes.FilterPolicyScope === 'MessageBody' ? 'MessageBody' : 'MessageAttributes'
}

export function isRaw({ attributes }: Subscription): boolean {
  return attributes.RawMessageDelivery?.toLowerCase() === 'true'
}

/** Errors: InvalidParameter where the redrive policy names no queue. */
export function deadLetterArn({ RedrivePolicy }: Record<string, string>): string | undefined {
  if (!RedrivePolicy) return undefined
  const { deadLetterTargetArn } = parseDocument('RedrivePolicy', RedrivePolicy) as { deadLetterTargetArn?: unknown }
  if (deadLetterTargetArn === undefined) return undefined
  if (parseArn(String(deadLetterTargetArn))?.service !== 'sqs') {
    throw invalid('RedrivePolicy: deadLetterTargetArn is an invalid arn')
  }
  return String(deadLetterTargetArn)
}

function parseDocument(name: string, text: string): object {
  const document = documentIn(text)
  if (!document) throw invalid(`${name}: failed to parse JSON.`)
  return document
}
