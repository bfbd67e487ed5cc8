/** A topic's attributes as the wire has them: strings by name. Names and words: SNS API Reference, "SetTopicAttributes". */
import { actionsOf, policyStatements } from '../../delivery/policyDocuments.ts'
import { documentIn } from '../json.ts'
import { retentionDays } from './archives.ts'
import { checkDeliveryPolicy, shownTopicPolicy } from './deliveryPolicies.ts'
import { checkFeedback, isFeedback } from './deliveryStatus.ts'
import { invalid } from './refusals.ts'
import type { Topic } from './topics.ts'

const flags = new Set(['FifoTopic', 'ContentBasedDeduplication'])

const fifoOnly = ['ContentBasedDeduplication', 'FifoThroughputScope']

const documents = new Set(['Policy', 'DeliveryPolicy'])

/** A map, because a client may name an attribute `constructor`. */
const choices = new Map([
  ['TracingConfig', ['PassThrough', 'Active']],
  ['SignatureVersion', ['1', '2']],
  ['FifoThroughputScope', ['Topic', 'MessageGroup']],
])

/** Kept and given back; encryption means nothing on one machine. */
const kept = new Set(['DisplayName', 'KmsMasterKeyId'])

export function readTopicAttributes(given: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, readTopicAttribute(name, value)]))
}

/** Errors: InvalidParameter in AWS's words. */
export function readTopicAttribute(name: string, value: string): string {
  if (isFeedback(name)) {
    checkFeedback(name, value)
    return value
  }
  if (flags.has(name)) {
    if (value !== 'true' && value !== 'false') throw invalid(`${name} Reason: ${value} is not true or false`)
    return value
  }
  if (documents.has(name)) {
    if (value !== '' && !documentIn(value)) throw invalid(`${name} Reason: failed to parse JSON`)
    if (name === 'Policy' && value !== '') checkPolicy(value)
    if (name === 'DeliveryPolicy' && value !== '') checkDeliveryPolicy(name, value)
    return value
  }
  if (name === 'ArchivePolicy') {
    // `{}` is none, as it is on AWS.
    return retentionDays(value) === undefined ? '' : value
  }
  const allowed = choices.get(name)
  if (allowed && !allowed.includes(value)) throw invalid(`${name} Reason: must be one of ${allowed.join(', ')}`)
  if (name === 'DisplayName' && value.length > 100) throw invalid('DisplayName')
  if (!allowed && !kept.has(name)) throw invalid('AttributeName')
  return value
}

/** Words: those that its clients report of AWS. Errors: InvalidParameter. */
function checkPolicy(text: string): void {
  const statements = policyStatements(text)
  if (!statements) throw invalid('Policy Error: null')
  const actions = statements.flatMap(actionsOf)
  if (!actions.every((action) => /^(sns:|\*$)/i.test(action))) {
    throw invalid('Policy statement action out of service scope!')
  }
}

/** What only a FIFO topic has. Errors: InvalidParameter. */
export function checkFifoAttributes(isFifo: boolean, attributes: Record<string, string>): void {
  const strange = fifoOnly.find((name) => attributes[name] !== undefined)
  if (!isFifo && strange !== undefined) throw invalid(`${strange} Reason: can only be set for FIFO topics`)
}

export function shownTopicAttributes(topic: Topic, arn: string, account: string): Record<string, string> {
  const { attributes } = topic
  return {
    DisplayName: '',
    Policy: defaultPolicy(arn, account),
    EffectiveDeliveryPolicy: shownTopicPolicy(attributes.DeliveryPolicy),
    ...(topic.isFifo && { FifoTopic: 'true', ContentBasedDeduplication: 'false' }),
    ...attributes,
  }
}

/** What AWS writes into each new topic: its owner may do everything. */
function defaultPolicy(arn: string, account: string): string {
  const names = ['GetTopicAttributes', 'SetTopicAttributes', 'AddPermission', 'RemovePermission', 'DeleteTopic']
  const Action = [...names, 'Subscribe', 'ListSubscriptionsByTopic', 'Publish'].map((name) => `SNS:${name}`)
  return JSON.stringify({
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action,
        Resource: arn,
        Condition: { StringEquals: { 'AWS:SourceOwner': account } },
      },
    ],
  })
}
