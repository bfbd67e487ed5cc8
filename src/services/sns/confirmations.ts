/**
 * Web endpoints and people are asked before they are sent anything, and told when it ends. The built-in mailbox belongs to whoever runs the
 * server, who just subscribed: it keeps the question and follows the link at once. A real mailbox has to follow it.
 */
import type { Tx } from '../../delivery/context.ts'
import { confirmationRequest, endConfirmation, subscribeUrl } from './envelopes.ts'
import { isBuiltInMailbox, sendMail } from './mail.ts'
import { type Subscription, subscriptionArn } from './subscriptionRecords.ts'
import { topicArn } from './topics.ts'

/** Answers with the subscription as it is to be kept. */
export function askForConfirmation(tx: Tx, subscription: Subscription): Subscription {
  const arn = topicArn(subscription.topicName, tx)
  const sender = { principal: 'sns.amazonaws.com', sourceArn: arn }
  if (subscription.protocol === 'email' || subscription.protocol === 'email-json') {
    const subject = 'AWS Notification - Subscription Confirmation'
    const body =
      subscription.protocol === 'email' ? mailText(tx, subscription, arn) : confirmationRequest(tx, subscription, arn)
    sendMail(tx, { subscription, sender, subject, body })
    return { ...subscription, isConfirmed: isBuiltInMailbox(tx) }
  }
  post(tx, subscription, 'SubscriptionConfirmation', confirmationRequest(tx, subscription, arn))
  return subscription
}

/**
 * What an endpoint is told when its subscription was ended, with the link that restores it: web endpoints always, people
 * where it was done by a link that anyone may have followed.
 */
export function tellOfEnd(tx: Tx, subscription: Subscription, isByLink: boolean): void {
  const arn = topicArn(subscription.topicName, tx)
  if (subscription.protocol === 'http' || subscription.protocol === 'https') {
    post(tx, subscription, 'UnsubscribeConfirmation', endConfirmation(tx, subscription, arn))
  } else if (subscription.protocol.startsWith('email') && isByLink) {
    const sender = { principal: 'sns.amazonaws.com', sourceArn: arn }
    const subject = 'AWS Notification - Unsubscribe Confirmation'
    const body =
      subscription.protocol === 'email' ? endText(tx, subscription, arn) : endConfirmation(tx, subscription, arn)
    sendMail(tx, { subscription, sender, subject, body })
  }
}

function post(tx: Tx, subscription: Subscription, type: string, payload: string): void {
  const arn = topicArn(subscription.topicName, tx)
  const own = subscriptionArn(subscription, tx)
  const headers = {
    'x-amz-sns-message-type': type,
    'x-amz-sns-message-id': (JSON.parse(payload) as { MessageId: string }).MessageId,
    'x-amz-sns-topic-arn': arn,
    ...(type === 'UnsubscribeConfirmation' && { 'x-amz-sns-subscription-arn': own }),
  }
  const sender = { principal: 'sns.amazonaws.com', sourceArn: arn }
  const policy = { maximumRetryAttempts: 3, maximumEventAgeSeconds: 3600 }
  tx.deliver({ arn: own, payload, sender, policy, parameters: { url: subscription.endpoint, headers } })
}

function endText(tx: Tx, subscription: Subscription, arn: string): string {
  return `Your subscription to the topic below has been deleted:\n${arn}\n\nIf this was in error, click or visit the link below to restore it:\n${subscribeUrl(tx, subscription, arn)}\n`
}

function mailText(tx: Tx, subscription: Subscription, arn: string): string {
  return `You have chosen to subscribe to the topic:\n${arn}\n\nTo confirm this subscription, click or visit the link below (If this was in error no action is necessary):\n${subscribeUrl(tx, subscription, arn)}\n`
}
