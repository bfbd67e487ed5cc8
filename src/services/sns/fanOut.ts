/** From a published message to its subscribers: filtered, put into the form that each understands, and sent on. */
import type { Tx } from '../../delivery/context.ts'
import type { DeliveryPolicy, NewDelivery } from '../../delivery/delivery.ts'
import { count } from '../../delivery/metering.ts'
import { singleton } from '../../delivery/singleton.ts'
import {
  compileSnsFilter,
  type FilterScope,
  isEmptyFilterPolicy,
  type SnsFilter,
} from '../../engines/patterns/snsFilter.ts'
import { madeOnce } from '../../wire/madeOnce.ts'
import { protectOutbound } from './dataProtection.ts'
import { effectivePolicy, phasesOf } from './deliveryPolicies.ts'
import { reportDenial, reportOf } from './deliveryStatus.ts'
import { functionEvent, mailText, type Notice, notification } from './envelopes.ts'
import { sendMail } from './mail.ts'
import type { Draft } from './messages.ts'
import { sendSms } from './phones.ts'
import type { Published } from './publishing.ts'
import { pushText } from './push.ts'
import { isReplaying } from './replays.ts'
import { deadLetterArn, isRaw, scopeOf } from './subscriptionAttributes.ts'
import { principalOf, type Subscription, subscriptionArn, subscriptions } from './subscriptionRecords.ts'
import { type Topic, topicArn } from './topics.ts'

/** AWS: "100,015 retries over 23 days" to its own services, 50 over 6 hours to others. SNS Developer Guide, "Message delivery retries". */
const ownServices: DeliveryPolicy = {
  maximumRetryAttempts: 100_015,
  maximumEventAgeSeconds: 24 * 86_400,
  phases: {
    immediate: 3,
    before: 2,
    backingOff: 10,
    after: 100_000,
    delaySecondsMin: 1,
    delaySecondsMax: 20,
    backoff: 'exponential',
  },
}
const people: DeliveryPolicy = {
  maximumRetryAttempts: 50,
  maximumEventAgeSeconds: 8 * 3600,
  phases: {
    immediate: 0,
    before: 2,
    backingOff: 10,
    after: 38,
    delaySecondsMin: 10,
    delaySecondsMax: 600,
    backoff: 'exponential',
  },
}
const webSecondsMax = 3600

export function fanOut(tx: Tx, topic: Topic, published: Published, draft: Draft): void {
  for (const subscription of [...tx.in(subscriptions).list({ prefix: [topic.name] })]) {
    // One that is sent the archive again gets this message from there, in its turn.
    if (!subscription.isConfirmed || isReplaying(subscription)) continue
    tell(tx, topic, subscription, { published, draft })
  }
}

/** One subscriber of one message, if it wants it. */
export function tell(
  tx: Tx,
  topic: Topic,
  subscription: Subscription,
  { published, draft, isReplayed = false }: { published: Published; draft: Draft; isReplayed?: boolean },
): void {
  const arn = topicArn(topic.name, tx)
  if (!isWanted(tx, subscription, draft)) {
    count(tx, arn, 'notificationsFilteredOut')
    return
  }
  const text = protectedText(tx, topic, subscription, draft)
  const notice: Notice = {
    published,
    draft,
    text: text ?? '',
    topicArn: arn,
    subscriptionArn: subscriptionArn(subscription, tx),
    signatureVersion: topic.attributes.SignatureVersion === '2' ? '2' : '1',
    isReplayed,
  }
  if (text === undefined) {
    count(tx, arn, 'invocationsFailed')
    reportDenial(tx, topic, subscription, notice)
  } else sendTo(tx, topic, subscription, notice)
}

/** Undefined where the topic's data protection policy keeps the message from whoever subscribed. */
function protectedText(tx: Tx, topic: Topic, subscription: Subscription, draft: Draft): string | undefined {
  const text = textFor(subscription, draft)
  return topic.protection === undefined ? text : protectOutbound(tx, topic, principalOf(subscription), text)
}

function textFor({ protocol, endpoint }: Subscription, draft: Draft): string {
  if (protocol === 'application') return pushText(draft, endpoint)
  return draft.byProtocol?.[protocol] ?? draft.byProtocol?.default ?? draft.message
}

/** Compiled filter policies, of each scope by their text; undefined are those that let everything through. */
const filters = singleton('sns filters', () => ({
  MessageAttributes: filtersOf('MessageAttributes'),
  MessageBody: filtersOf('MessageBody'),
}))

function filtersOf(scope: FilterScope): (policy: string) => SnsFilter | undefined {
  return madeOnce(500, (policy) => (isEmptyFilterPolicy(policy) ? undefined : compileSnsFilter(policy, scope)))
}

function isWanted(tx: Tx, { attributes }: Subscription, draft: Draft): boolean {
  const filter = attributes.FilterPolicy && tx.use(filters)[scopeOf(attributes)](attributes.FilterPolicy)
  if (!filter) return true
  const entries = Object.entries(draft.attributes)
  const seen = entries.map(([name, { DataType, StringValue }]) => [
    name,
    { dataType: DataType, stringValue: StringValue },
  ])
  return filter.matches({ body: draft.message, attributes: Object.fromEntries(seen) })
}

function sendTo(tx: Tx, topic: Topic, subscription: Subscription, notice: Notice): void {
  const sender = { principal: 'sns.amazonaws.com', sourceArn: notice.topicArn }
  const told = { sender, ...reportOf(tx, topic, subscription, notice) }
  switch (subscription.protocol) {
    case 'sqs':
      tx.deliver({ arn: subscription.endpoint, ...told, ...toQueue(tx, topic, subscription, notice) })
      break
    case 'lambda': {
      const payload = functionEvent(tx, notice)
      tx.deliver({ arn: subscription.endpoint, ...told, payload, policy: withDeadLetter(ownServices, subscription) })
      break
    }
    case 'http':
    case 'https':
      tx.deliver({ arn: notice.subscriptionArn, ...told, ...toWeb(tx, topic, subscription, notice) })
      break
    case 'sms':
      sendSms(tx, subscription.endpoint, notice.published, { ...notice.draft, text: notice.text })
      break
    case 'application':
      tx.deliver({ arn: subscription.endpoint, ...told, ...toPhone(subscription, notice) })
      break
    default:
      sendMail(tx, {
        subscription,
        sender,
        subject: notice.draft.subject ?? 'AWS Notification Message',
        body:
          subscription.protocol === 'email' ? mailText(tx, notice, subscription.endpoint) : notification(tx, notice),
        policy: withDeadLetter(people, subscription),
      })
  }
}

type Shipment = Pick<NewDelivery, 'payload' | 'policy' | 'parameters'>

function toQueue(tx: Tx, topic: Topic, subscription: Subscription, notice: Notice): Shipment {
  const { draft } = notice
  const raw = isRaw(subscription)
  const isFifo = topic.isFifo && subscription.endpoint.endsWith('.fifo')
  const hasAttributes = raw && Object.keys(draft.attributes).length > 0
  return {
    payload: raw ? notice.text : notification(tx, notice),
    policy: withDeadLetter(ownServices, subscription),
    parameters: {
      ...(hasAttributes && { messageAttributes: draft.attributes }),
      ...(draft.groupId !== undefined && { messageGroupId: draft.groupId }),
      ...(isFifo && { messageDeduplicationId: draft.deduplicationId }),
    },
  }
}

function toPhone(subscription: Subscription, { published, draft, text }: Notice): Shipment {
  const { subject, attributes } = draft
  return {
    payload: text,
    policy: withDeadLetter(people, subscription),
    parameters: { id: published.id, attributes, ...(subject !== undefined && { subject }) },
  }
}

function toWeb(tx: Tx, topic: Topic, subscription: Subscription, notice: Notice): Shipment {
  const raw = isRaw(subscription)
  const { DeliveryPolicy } = subscription.attributes
  const effective = effectivePolicy(DeliveryPolicy, topic.attributes.DeliveryPolicy)
  const { healthyRetryPolicy, headerContentType, maxReceivesPerSecond } = effective
  const policy = {
    maximumRetryAttempts: healthyRetryPolicy.numRetries,
    maximumEventAgeSeconds: webSecondsMax,
    phases: phasesOf(healthyRetryPolicy),
  }
  const headers = {
    'x-amz-sns-message-type': 'Notification',
    'x-amz-sns-message-id': notice.published.id,
    'x-amz-sns-topic-arn': notice.topicArn,
    'x-amz-sns-subscription-arn': notice.subscriptionArn,
    'content-type': headerContentType,
    ...(raw && { 'x-amz-sns-rawdelivery': 'true' }),
  }
  return {
    payload: raw ? notice.text : notification(tx, notice),
    policy: withDeadLetter(policy, subscription),
    parameters: {
      url: subscription.endpoint,
      headers,
      ...(maxReceivesPerSecond !== undefined && { perSecond: maxReceivesPerSecond }),
    },
  }
}

function withDeadLetter(policy: DeliveryPolicy, { attributes }: Subscription): DeliveryPolicy {
  const arn = deadLetterArn(attributes)
  return arn ? { ...policy, deadLetterArn: arn } : policy
}
