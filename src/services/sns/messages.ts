/** A message as it is published: its checks and limits. Words: SNS API Reference, "Publish". */
import { awsErrors } from '../../wire/errors.ts'
import { invalid } from './refusals.ts'
import type { Topic } from './topics.ts'

const { InvalidParameterValueException } = awsErrors('sns')

export interface MessageAttribute {
  DataType: string
  StringValue?: string
  BinaryValue?: Uint8Array
}

export interface Draft {
  message: string
  subject?: string
  /** Texts by protocol, where the message is structured so. */
  byProtocol?: Record<string, string>
  attributes: Record<string, MessageAttribute>
  groupId?: string
  deduplicationId?: string
}

const messageBytesMax = 262_144
const id = /^[A-Za-z0-9!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]{1,128}$/

export interface PublishInput {
  Message?: string | undefined
  Subject?: string | undefined
  MessageStructure?: string | undefined
  MessageAttributes?: Record<string, Given> | undefined
  MessageGroupId?: string | undefined
  MessageDeduplicationId?: string | undefined
}

interface Given {
  DataType?: string | undefined
  StringValue?: string | undefined
  BinaryValue?: Uint8Array | undefined
}

/** Errors: InvalidParameter and InvalidParameterValue in AWS's words. */
export function readDraft(input: PublishInput): Draft {
  const { Message: message = '', Subject, MessageStructure, MessageGroupId, MessageDeduplicationId } = input
  if (message === '') throw invalid('Empty message')
  const attributes = readAttributes(input.MessageAttributes ?? {})
  if (messageBytes(input) > messageBytesMax) throw invalid('Message too long')
  if (Subject !== undefined) checkSubject(Subject)
  if (MessageStructure !== undefined && MessageStructure !== 'json') throw invalid('MessageStructure')
  return {
    message,
    attributes,
    ...(Subject !== undefined && { subject: Subject }),
    ...(MessageStructure === 'json' && { byProtocol: readStructure(message) }),
    ...(MessageGroupId !== undefined && { groupId: MessageGroupId }),
    ...(MessageDeduplicationId !== undefined && { deduplicationId: MessageDeduplicationId }),
  }
}

function checkSubject(subject: string): void {
  if (subject.length === 0 || subject.length > 100 || /[\p{Cc}]/u.test(subject) || /^\s/.test(subject)) {
    throw invalid('Subject')
  }
}

function readStructure(message: string): Record<string, string> {
  let texts: unknown
  try {
    texts = JSON.parse(message)
  } catch {
    throw invalid('Message Structure - JSON message body failed to parse')
  }
  if (typeof texts !== 'object' || texts === null || Array.isArray(texts)) {
    throw invalid('Message Structure - JSON message body failed to parse')
  }
  const entries = Object.entries(texts).filter(([, text]) => typeof text === 'string')
  if (!entries.some(([name]) => name === 'default')) {
    throw invalid('Message Structure - No default entry in JSON message body')
  }
  return Object.fromEntries(entries) as Record<string, string>
}

function readAttributes(given: Record<string, Given>): Record<string, MessageAttribute> {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, readAttribute(name, value)]))
}

/** AWS: no period begins or ends it, or follows another. */
const attributeName = /^(?!\.)(?!.*\.\.)[A-Za-z0-9_.-]{1,256}(?<!\.)$/

function readAttribute(name: string, { DataType = '', StringValue, BinaryValue }: Given): MessageAttribute {
  if (!attributeName.test(name)) {
    throw wrongValue(
      `Message (user) attribute name '${name}' is invalid. A message attribute name can contain only the following characters: a-z, A-Z, 0-9, underscore(_), hyphen(-), and period (.).`,
    )
  }
  const [kind = ''] = DataType.split('.', 1)
  if (!['String', 'Number', 'Binary'].includes(kind)) {
    throw wrongValue(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    )
  }
  const value = kind === 'Binary' ? BinaryValue : StringValue
  if (value === undefined || value.length === 0) {
    throw wrongValue(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${DataType}'.`,
    )
  }
  if (kind === 'Number' && !/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(String(value))) {
    throw wrongValue(`Could not cast message attribute '${name}' value to number.`)
  }
  return kind === 'Binary' ? { DataType, BinaryValue: value as Uint8Array } : { DataType, StringValue: value as string }
}

function wrongValue(words: string): Error {
  return InvalidParameterValueException(words)
}

/** "The maximum message size is 256 KiB, with the message attributes": of a batch it is that of all together. */
export function messageBytes({ Message = '', MessageAttributes = {} }: PublishInput): number {
  return Buffer.byteLength(Message) + attributeBytes(MessageAttributes)
}

function attributeBytes(attributes: Record<string, Given>): number {
  return Object.entries(attributes).reduce(
    (sum, [name, { DataType = '', StringValue, BinaryValue }]) =>
      sum + Buffer.byteLength(name + DataType + (StringValue ?? '')) + (BinaryValue?.length ?? 0),
    0,
  )
}

/** Errors: what a FIFO topic demands, and what only it takes. */
export function checkForTopic(topic: Topic, draft: Draft): void {
  if (draft.groupId !== undefined && !id.test(draft.groupId)) throw invalid('MessageGroupId')
  if (draft.deduplicationId !== undefined && !id.test(draft.deduplicationId)) throw invalid('MessageDeduplicationId')
  if (!topic.isFifo) {
    if (draft.deduplicationId === undefined) return
    throw invalid(
      'MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
    )
  }
  if (draft.groupId === undefined) throw invalid('The MessageGroupId parameter is required for FIFO topics')
  if (draft.deduplicationId === undefined && topic.attributes.ContentBasedDeduplication !== 'true') {
    throw invalid(
      'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    )
  }
}
