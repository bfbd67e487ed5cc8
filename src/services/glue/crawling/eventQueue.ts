/**
 * CRAWL_EVENT_MODE: S3's events in a queue tell which folders changed. Messages are deleted when the crawl is done, so
 * that one that was killed reads them again.
 */
import type { Context } from '../../../delivery/context.ts'

export interface EventMessages {
  /** `bucket/key` of every object that came or went. */
  changed: { bucket: string; key: string }[]
  receipts: string[]
  queueUrl: string
}

const messagesMax = 10_000

/** Errors: SQS's, for a queue that is not there. */
export async function queuedEvents(ctx: Context, queueArn: string): Promise<EventMessages> {
  const sqs = ctx.call('sqs')
  const [, , , , account, QueueName] = queueArn.split(':')
  const { QueueUrl } = await sqs.GetQueueUrl({ QueueName, ...(account && { QueueOwnerAWSAccountId: account }) })
  const found: EventMessages = { changed: [], receipts: [], queueUrl: QueueUrl ?? '' }
  while (found.receipts.length < messagesMax) {
    const { Messages = [] } = await sqs.ReceiveMessage({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 3600 })
    if (Messages.length === 0) break
    for (const { Body = '', ReceiptHandle = '' } of Messages) {
      found.receipts.push(ReceiptHandle)
      found.changed.push(...changesIn(Body))
    }
  }
  return found
}

export async function deleteMessages(ctx: Context, { queueUrl, receipts }: EventMessages): Promise<void> {
  for (let start = 0; start < receipts.length; start += 10) {
    const Entries = receipts.slice(start, start + 10).map((ReceiptHandle, at) => ({ Id: String(at), ReceiptHandle }))
    await ctx.call('sqs').DeleteMessageBatch({ QueueUrl: queueUrl, Entries })
  }
}

interface Notification {
  /** S3's own. */
  Records?: { s3?: { bucket?: { name?: string }; object?: { key?: string } } }[]
  /** By way of a topic. */
  Message?: string
  /** By way of a bus. */
  detail?: { bucket?: { name?: string }; object?: { key?: string } }
}

function changesIn(body: string): { bucket: string; key: string }[] {
  let told: Notification
  try {
    told = JSON.parse(body) as Notification
  } catch {
    return []
  }
  if (typeof told.Message === 'string') return changesIn(told.Message)
  if (told.detail) return changeOf(told.detail.bucket?.name, told.detail.object?.key)
  return (told.Records ?? []).flatMap(({ s3 }) => changeOf(s3?.bucket?.name, decodedKey(s3?.object?.key)))
}

function changeOf(bucket: string | undefined, key: string | undefined): { bucket: string; key: string }[] {
  return bucket && key ? [{ bucket, key }] : []
}

/** Notifications write keys as forms do. */
function decodedKey(key: string | undefined): string | undefined {
  try {
    return key && decodeURIComponent(key.replaceAll('+', ' '))
  } catch {
    return key
  }
}
