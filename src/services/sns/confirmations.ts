/**
 * Web endpoints and people are asked before they are sent anything. The built-in mailbox belongs to whoever runs the
 * server, who just subscribed: it keeps the question and follows the link at once. A real mailbox has to follow it.
 */
import type { Tx } from '../../delivery/context.ts'
import { confirmationRequest, subscribeUrl } from './envelopes.ts'
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
  const payload = confirmationRequest(tx, subscription, arn)
  const headers = {
    'x-amz-sns-message-type': 'SubscriptionConfirmation',
    'x-amz-sns-message-id': (JSON.parse(payload) as { MessageId: string }).MessageId,
    'x-amz-sns-topic-arn': arn,
  }
  const policy = { maximumRetryAttempts: 3, maximumEventAgeSeconds: 3600 }
  const parameters = { url: subscription.endpoint, headers }
  tx.deliver({ arn: subscriptionArn(subscription, tx), payload, sender, policy, parameters })
  return subscription
}

function mailText(tx: Tx, subscription: Subscription, arn: string): string {
  return `You have chosen to subscribe to the topic:\n${arn}\n\nTo confirm this subscription, click or visit the link below (If this was in error no action is necessary):\n${subscribeUrl(tx, subscription, arn)}\n`
}
