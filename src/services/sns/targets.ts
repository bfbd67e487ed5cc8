/** How something is delivered to a topic, and from a topic to those subscribers that are outside of this process. */
import { parseArn } from '../../delivery/arn.ts'
import { DeliveryRefused, target } from '../../delivery/delivery.ts'
import { failureFrom } from '../../delivery/errorCodes.ts'
import { mayDeliver } from '../../delivery/resourcePolicy.ts'
import { AwsError } from '../../wire/errors.ts'
import { carryMail } from './mail.ts'
import { type PublishInput, readDraft } from './messages.ts'
import { publish, topicAt } from './publishing.ts'
import { takeTurn } from './rates.ts'
import { carryToWeb } from './web.ts'

const isSubscription = (resource: string) => resource.includes(':')

export const topicTarget = target('sns', {
  handles: (resource) => !isSubscription(resource) && !resource.startsWith('endpoint/'),
  accept(tx, { arn, payload, sender, parameters = {} }) {
    const { there, topic } = topicAt(tx, arn)
    if (!topic) throw new DeliveryRefused('NO_RESOURCE', `Topic does not exist: ${arn}`)
    const account = parseArn(arn)?.account ?? tx.account
    const question = { sender, action: 'sns:Publish', resource: arn, account }
    if (!mayDeliver(tx, topic.attributes.Policy, question)) {
      throw new DeliveryRefused(
        'NO_PERMISSIONS',
        `${sender.principal} is not authorized to perform: SNS:Publish on resource: ${arn}`,
      )
    }
    try {
      const draft = readDraft(inputOf(payload, parameters, topic.isFifo))
      publish(there, topic, { draft, principal: sender.principal })
    } catch (error) {
      if (error instanceof AwsError) throw failureFrom(error)
      throw error
    }
  },
})

function inputOf(Message: string, parameters: Record<string, unknown>, isFifo: boolean): PublishInput {
  const { subject, messageAttributes, messageGroupId, messageDeduplicationId } = parameters as {
    subject?: string
    messageAttributes?: PublishInput['MessageAttributes']
    messageGroupId?: string
    messageDeduplicationId?: string
  }
  return {
    Message,
    ...(subject && { Subject: subject }),
    ...(messageAttributes && { MessageAttributes: messageAttributes }),
    ...(messageGroupId && { MessageGroupId: messageGroupId }),
    ...(isFifo && messageDeduplicationId && { MessageDeduplicationId: messageDeduplicationId }),
  }
}

export const subscriberTarget = target('sns', {
  handles: isSubscription,
  turn(tx, { arn, parameters = {} }, end) {
    const { perSecond } = parameters as { perSecond?: number }
    return perSecond === undefined ? tx.now : takeTurn(tx, arn, perSecond, end)
  },
  carry: (delivery, ctx) => (delivery.parameters?.url ? carryToWeb(delivery, ctx) : carryMail(delivery, ctx)),
})
