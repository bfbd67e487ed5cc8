/** How something is delivered to a queue: the message is in it when the commit that caused it is on disk. */
import { parseArn } from '../../delivery/arn.ts'
import type { Tx } from '../../delivery/context.ts'
import { type Consignment, DeliveryRefused, type Item, target } from '../../delivery/delivery.ts'
import { failureFrom } from '../../delivery/errorCodes.ts'
import { countTimes, measure } from '../../delivery/metering.ts'
import { mayDeliver } from '../../delivery/resourcePolicy.ts'
import type { TraceRef } from '../../observe/traces.ts'
import { AwsError } from '../../wire/errors.ts'
import { attributesMax, type MessageAttribute } from './messageAttributes.ts'
import { queues } from './queues.ts'
import { type Draft, Sending } from './sending.ts'

export const queueTarget = target('sqs', {
  accept: (tx, delivery) => take(tx, { ...delivery, items: [delivery] }),
  acceptAll: take,
})

function take(tx: Tx, { arn, sender, items }: Consignment): void {
  const { account = '', region = '', resource = '' } = parseArn(arn) ?? {}
  const there = tx.at({ account, region })
  const queue = there.in(queues).get(resource)
  if (!queue)
    throw new DeliveryRefused('AWS.SimpleQueueService.NonExistentQueue', 'The specified queue does not exist.')
  // A dead letter's queue is asked for the same permission.
  if (!mayDeliver(tx, queue.settings.policy, { sender, action: 'sqs:SendMessage', resource: arn, account })) {
    throw new DeliveryRefused(
      'AccessDenied',
      `User: ${sender.principal} is not authorized to perform: sqs:SendMessage on resource: ${arn}`,
    )
  }
  const sizes = new Map<number, number>()
  const sending = new Sending(there, queue)
  for (const item of items) {
    const draft = draftOf(item, queue.settings.isFifo)
    put(sending, draft, item.trace)
    const size = Buffer.byteLength(draft.body)
    sizes.set(size, (sizes.get(size) ?? 0) + 1)
  }
  sending.end()
  countTimes(tx, arn, items.length, 'messagesSent')
  const measures = [...sizes].map(([value, times]) => ({ name: 'SentMessageSize', unit: 'Bytes', value, times }))
  measure(there, { namespace: 'AWS/SQS', dimensions: [{ QueueName: resource }] }, ...measures)
}

/** Errors: DeliveryFailed, DeliveryRefused. */
function put(sending: Sending, draft: Draft, trace: TraceRef): void {
  const attributes = Object.keys(draft.attributes ?? {}).length
  // A topic's message may have more; AWS says that such a one is discarded where it is delivered raw.
  if (attributes > attributesMax) {
    throw new DeliveryRefused(
      'InvalidParameterValue',
      `Number of message attributes [${attributes}] exceeds the allowed maximum [${attributesMax}].`,
    )
  }
  try {
    sending.add(draft, trace)
  } catch (error) {
    if (error instanceof AwsError) throw failureFrom(error)
    throw error
  }
}

function draftOf({ payload, parameters = {} }: Item, isFifo: boolean): Draft {
  const { messageAttributes, messageGroupId, messageDeduplicationId, traceHeader } = parameters as {
    messageAttributes?: Record<string, MessageAttribute>
    messageGroupId?: string
    messageDeduplicationId?: string
    traceHeader?: string
  }
  return {
    body: payload,
    senderId: 'AIDAISMY7JYY5F7RTT6AO',
    ...(messageAttributes && { attributes: messageAttributes }),
    ...(messageGroupId && { groupId: messageGroupId }),
    ...(isFifo && messageDeduplicationId && { deduplicationId: messageDeduplicationId }),
    ...(traceHeader && { traceHeader }),
  }
}
