/** What lies in a queue. */
import { DeleteMessageBatchCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'

/** The messages' bodies, which are JSON, in the order in which they come; the queue is empty afterwards. */
export async function drainedQueue<T>(sqs: SQSClient, QueueUrl: string): Promise<T[]> {
  const found: T[] = []
  for (;;) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
    if (Messages.length === 0) return found
    found.push(...Messages.map(({ Body = '' }) => JSON.parse(Body) as T))
    const Entries = Messages.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }))
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }))
  }
}
