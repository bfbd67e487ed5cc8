/** How something is delivered to a queue: the message is in it when the commit that caused it is on disk. */
import { parseArn } from '../../delivery/arn.ts'
import { DeliveryRefused, target } from '../../delivery/delivery.ts'
import { failureFrom } from '../../delivery/errorCodes.ts'
import { count, measure } from '../../delivery/metering.ts'
import { mayDeliver } from '../../delivery/resourcePolicy.ts'
import { AwsError } from '../../wire/errors.ts'
import { attributesMax, type MessageAttribute } from './messageAttributes.ts'
import { queues } from './queues.ts'
import { type Draft, send } from './sending.ts'

export const queueTarget = target('sqs', {
  accept(tx, { arn, payload, sender, parameters = {} }) {
    const { account = '', region = '', resource = '' } = parseArn(arn) ?? {}
    const there = tx.at({ account, region })
    const queue = there.in(queues).get(resource)
    if (!queue)
      throw new DeliveryRefused('AWS.SimpleQueueService.NonExistentQueue', 'The specified queue does not exist.')
    // A dead letter's queue is asked for the same permission.
    if (
      !mayDeliver(tx, queue.settings.policy, {
        sender,
        action: 'sqs:SendMessage',
        resource: arn,
        account,
      })
    ) {
      throw new DeliveryRefused(
        'AccessDenied',
        `User: ${sender.principal} is not authorized to perform: sqs:SendMessage on resource: ${arn}`,
      )
    }
    const draft = draftOf(payload, parameters, queue.settings.isFifo)
    const attributes = Object.keys(draft.attributes ?? {}).length
    // A topic's message may have more; AWS says that such a one is discarded where it is delivered raw.
    if (attributes > attributesMax) {
      throw new DeliveryRefused(
        'InvalidParameterValue',
        `Number of message attributes [${attributes}] exceeds the allowed maximum [${attributesMax}].`,
      )
    }
    try {
      send(there, queue, draft)
      count(tx, arn, 'messagesSent')
      const size = { name: 'SentMessageSize', unit: 'Bytes', value: Buffer.byteLength(draft.body) }
      measure(there, { namespace: 'AWS/SQS', dimensions: [{ QueueName: resource }] }, size)
    } catch (error) {
      if (error instanceof AwsError) throw failureFrom(error)
      throw error
    }
  },
})

function draftOf(body: string, parameters: Record<string, unknown>, isFifo: boolean): Draft {
  const { messageAttributes, messageGroupId, messageDeduplicationId, traceHeader } = parameters as {
    messageAttributes?: Record<string, MessageAttribute>
    messageGroupId?: string
    messageDeduplicationId?: string
    traceHeader?: string
  }
  return {
    body,
    senderId: 'AIDAISMY7JYY5F7RTT6AO',
    ...(messageAttributes && { attributes: messageAttributes }),
    ...(messageGroupId && { groupId: messageGroupId }),
    ...(isFifo && messageDeduplicationId && { deduplicationId: messageDeduplicationId }),
    ...(traceHeader && { traceHeader }),
  }
}
