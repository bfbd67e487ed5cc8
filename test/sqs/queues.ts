/** Queues made and read by the SDK, as the tests of this folder need them. */
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'

export interface MadeQueue {
  url: string
  arn: string
}

export async function makeQueue(
  sqs: SQSClient,
  name: string,
  attributes: Record<string, string> = {},
): Promise<MadeQueue> {
  const Attributes = { ...(name.endsWith('.fifo') && { FifoQueue: 'true' }), ...attributes }
  const { QueueUrl: url = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }))
  return { url, arn: (await attributesOf(sqs, url)).QueueArn ?? '' }
}

export async function queueWithDeadLetters(sqs: SQSClient, { receivesMax = 1, suffix = '' } = {}) {
  const deadLetters = await makeQueue(sqs, `mortas${suffix}`)
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: receivesMax })
  return { deadLetters, queue: await makeQueue(sqs, `vendas${suffix}`, { RedrivePolicy, VisibilityTimeout: '30' }) }
}

export async function attributesOf(sqs: SQSClient, QueueUrl: string): Promise<Record<string, string>> {
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))
  return Attributes
}

export async function sendAll(
  sqs: SQSClient,
  QueueUrl: string,
  bodies: readonly string[],
  more: { MessageGroupId?: string } = {},
): Promise<void> {
  for (let start = 0; start < bodies.length; start += 10) {
    const Entries = bodies.slice(start, start + 10).map((MessageBody, index) => ({
      Id: String(index),
      MessageBody,
      ...more,
      ...(QueueUrl.endsWith('.fifo') && { MessageDeduplicationId: `${more.MessageGroupId}-${MessageBody}` }),
    }))
    const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }))
    if (Failed.length > 0) throw new Error(JSON.stringify(Failed))
  }
}

export async function receive(
  sqs: SQSClient,
  QueueUrl: string,
  more: Partial<ConstructorParameters<typeof ReceiveMessageCommand>[0]> = {},
): Promise<Message[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['All'],
      ...more,
    }),
  )
  return Messages
}

export async function bodies(sqs: SQSClient, QueueUrl: string): Promise<(string | undefined)[]> {
  return (await receive(sqs, QueueUrl)).map(({ Body }) => Body)
}
