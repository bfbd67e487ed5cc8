/** The forms in which subscribers get a message. Shapes: SNS Developer Guide, "Parsing message formats"; Lambda's SNS event. */
import type { Tx } from '../../delivery/context.ts'
import type { Draft, MessageAttribute } from './messages.ts'
import type { Published } from './publishing.ts'
import { signer } from './signing.ts'
import { type Subscription, subscriptionArn } from './subscriptionRecords.ts'

export interface Notice {
  published: Published
  draft: Draft
  /** What this subscriber's protocol gets of the message. */
  text: string
  topicArn: string
  subscriptionArn: string
  signatureVersion: '1' | '2'
  isReplayed: boolean
}

/** JSON for queues, web endpoints and `email-json`. */
export function notification(tx: Tx, notice: Notice): string {
  const { published, draft, text, topicArn } = notice
  const attributes = shownAttributes(draft.attributes)
  return JSON.stringify({
    Type: 'Notification',
    MessageId: published.id,
    ...(published.sequenceNumber && { SequenceNumber: published.sequenceNumber }),
    TopicArn: topicArn,
    ...(draft.subject !== undefined && { Subject: draft.subject }),
    Message: text,
    Timestamp: new Date(published.at).toISOString(),
    SignatureVersion: notice.signatureVersion,
    Signature: signature(tx, notice),
    SigningCertURL: tx.use(signer).certificateUrl,
    UnsubscribeURL: unsubscribeUrl(tx, notice.subscriptionArn),
    ...(notice.isReplayed && { Replayed: 'true' }),
    ...(attributes && { MessageAttributes: attributes }),
  })
}

export function functionEvent(tx: Tx, notice: Notice): string {
  const { published, draft, text, topicArn, subscriptionArn } = notice
  const Sns = {
    Type: 'Notification',
    MessageId: published.id,
    TopicArn: topicArn,
    Subject: draft.subject ?? null,
    Message: text,
    Timestamp: new Date(published.at).toISOString(),
    SignatureVersion: notice.signatureVersion,
    Signature: signature(tx, notice),
    SigningCertUrl: tx.use(signer).certificateUrl,
    UnsubscribeUrl: unsubscribeUrl(tx, subscriptionArn),
    ...(notice.isReplayed && { Replayed: 'true' }),
    MessageAttributes: shownAttributes(draft.attributes) ?? {},
  }
  const record = { EventSource: 'aws:sns', EventVersion: '1.0', EventSubscriptionArn: subscriptionArn, Sns }
  return JSON.stringify({ Records: [record] })
}

export function mailText(tx: Tx, { text, subscriptionArn }: Notice, address: string): string {
  return `${text}\n\n--\nIf you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:\n${unsubscribeUrl(tx, subscriptionArn)}&Endpoint=${encodeURIComponent(address)}\n`
}

/** What an endpoint is sent that has yet to agree. */
export function confirmationRequest(tx: Tx, subscription: Subscription, topicArn: string): string {
  const Message = `You have chosen to subscribe to the topic ${topicArn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`
  return question(tx, subscription, { Type: 'SubscriptionConfirmation', Message, topicArn })
}

/** What an endpoint is sent whose subscription was ended. */
export function endConfirmation(tx: Tx, subscription: Subscription, topicArn: string): string {
  const Message = `You have chosen to deactivate subscription ${subscriptionArn(subscription, tx)}.\nTo cancel this operation and restore the subscription, visit the SubscribeURL included in this message.`
  return question(tx, subscription, { Type: 'UnsubscribeConfirmation', Message, topicArn })
}

function question(
  tx: Tx,
  subscription: Subscription,
  { Type, Message, topicArn }: { Type: string; Message: string; topicArn: string },
): string {
  const id = tx.random.uuid()
  const at = new Date(tx.now).toISOString()
  const SubscribeURL = subscribeUrl(tx, subscription, topicArn)
  const signed = { Message, MessageId: id, SubscribeURL, Timestamp: at, Token: subscription.token, TopicArn: topicArn }
  return JSON.stringify({
    Type,
    MessageId: id,
    Token: subscription.token,
    TopicArn: topicArn,
    Message,
    SubscribeURL,
    Timestamp: at,
    SignatureVersion: '1',
    Signature: tx.use(signer).sign({ ...signed, Type }, '1'),
    SigningCertURL: tx.use(signer).certificateUrl,
  })
}

export function subscribeUrl(tx: Tx, { token }: Subscription, topicArn: string): string {
  const { endpoint } = tx.use(signer)
  return `${endpoint}/?Action=ConfirmSubscription&TopicArn=${encodeURIComponent(topicArn)}&Token=${token}`
}

function unsubscribeUrl(tx: Tx, subscriptionArn: string): string {
  const { endpoint } = tx.use(signer)
  return `${endpoint}/?Action=Unsubscribe&SubscriptionArn=${encodeURIComponent(subscriptionArn)}`
}

function signature(tx: Tx, { published, draft, text, topicArn, signatureVersion }: Notice): string {
  const signed = {
    Message: text,
    MessageId: published.id,
    ...(draft.subject !== undefined && { Subject: draft.subject }),
    Timestamp: new Date(published.at).toISOString(),
    TopicArn: topicArn,
    Type: 'Notification',
  }
  return tx.use(signer).sign(signed, signatureVersion)
}

function shownAttributes(attributes: Record<string, MessageAttribute>) {
  const entries = Object.entries(attributes)
  if (entries.length === 0) return undefined
  const shown = entries.map(([name, { DataType, StringValue, BinaryValue }]) => {
    const Value = BinaryValue ? Buffer.from(BinaryValue).toString('base64') : StringValue
    return [name, { Type: DataType, Value }] as const
  })
  return Object.fromEntries(shown)
}
