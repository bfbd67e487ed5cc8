/** A queue's message as a function sees it, as filters see it, and what a function says of a batch. */
import type { Scope } from '../../store/collection.ts'

export interface QueueMessage {
  MessageId: string
  ReceiptHandle: string
  Body: string
  MD5OfBody?: string
  MD5OfMessageAttributes?: string
  Attributes?: Record<string, string>
  MessageAttributes?: Record<string, { DataType?: string; StringValue?: string; BinaryValue?: Uint8Array }>
}

export function eventRecord(scope: Scope, queueArn: string, message: QueueMessage) {
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes ?? {},
    messageAttributes: messageAttributes(message),
    ...(message.MD5OfMessageAttributes && { md5OfMessageAttributes: message.MD5OfMessageAttributes }),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: scope.region,
  }
}

function messageAttributes({ MessageAttributes = {} }: QueueMessage) {
  const entries = Object.entries(MessageAttributes).map(([name, value]) => [
    name,
    {
      ...(value.StringValue !== undefined && { stringValue: value.StringValue }),
      ...(value.BinaryValue !== undefined && { binaryValue: Buffer.from(value.BinaryValue).toString('base64') }),
      stringListValues: [],
      binaryListValues: [],
      dataType: value.DataType,
    },
  ])
  return Object.fromEntries(entries)
}

/** A body that is JSON is matched as JSON, any other as a string. */
export function filterable(message: QueueMessage): object {
  return {
    messageId: message.MessageId,
    body: jsonOr(message.Body),
    attributes: message.Attributes ?? {},
    messageAttributes: messageAttributes(message),
  }
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/**
 * The ids that a partial batch response reports. Nothing reported means that all went well; a response that makes no
 * sense (no list, an empty or unknown id) means that all failed, as AWS has it.
 */
export function failedItems(payload: Uint8Array, messages: readonly QueueMessage[]): Set<string> {
  const all = new Set(messages.map((message) => message.MessageId))
  const response = jsonOr(Buffer.from(payload).toString('utf8'))
  if (response === null || response === undefined) return new Set()
  if (typeof response !== 'object') return typeof response === 'string' && response === '' ? new Set() : all
  const reported = (response as { batchItemFailures?: unknown }).batchItemFailures
  if (reported === undefined || reported === null) return new Set()
  if (!Array.isArray(reported)) return all
  const ids = reported.map((item) => (item as { itemIdentifier?: unknown } | null)?.itemIdentifier)
  return ids.every((id) => typeof id === 'string' && all.has(id)) ? new Set(ids as string[]) : all
}
