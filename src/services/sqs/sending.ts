/** Sending: checks a message as AWS does, and puts it into a queue inside a commit. */
import type { Millis } from '../../clock.ts'
import { arrivals } from '../../delivery/arrivals.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { type TraceRef, traceHeader } from '../../observe/traces.ts'
import { awsError, awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { checkBatch, failedEntry } from './batches.ts'
import { duplicateOf, rememberDuplicate } from './deduplication.ts'
import {
  attributeBytes,
  type MessageAttribute,
  md5Of,
  md5OfAttributes,
  readMessageAttributes,
} from './messageAttributes.ts'
import { addressed, mustGet, type Queue, queueArn } from './queues.ts'
import { Intake, type Message } from './storage.ts'
import { wakeWaiters } from './waiters.ts'

const { InvalidMessageContents, BatchRequestTooLong } = awsErrors('sqs')

export interface Draft {
  body: string
  attributes?: Record<string, MessageAttribute>
  traceHeader?: string
  delaySeconds?: number
  groupId?: string
  deduplicationId?: string
  senderId: string
}

const batchBytesMax = 1_048_576
// What XML 1.0 cannot carry, AWS does not take.
const forbiddenCharacters =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

export const sendOperations = operations('sqs', {
  async SendMessage(input, ctx) {
    const place = addressed(ctx, input.QueueUrl)
    const draft = draftFrom(input, ctx)
    const message = await place.ctx.commit((tx) => send(tx, mustGet(tx, place.name), draft))
    return sentAnswer(message, draft)
  },

  async SendMessageBatch(input, ctx) {
    const place = addressed(ctx, input.QueueUrl)
    const entries = checkBatch(input.Entries)
    const size = entries.reduce((sum, entry) => sum + bytesOf(entry), 0)
    if (size > batchBytesMax) {
      throw BatchRequestTooLong(
        `Batch requests cannot be longer than ${batchBytesMax} bytes. You have sent ${size} bytes.`,
      )
    }
    const results = await place.ctx.commit((tx) => {
      const sending = new Sending(tx, mustGet(tx, place.name))
      const results = entries.map((entry) => sendEntry(sending, entry, ctx))
      sending.end()
      return results
    })
    return {
      Successful: results.flatMap((result) => ('MessageId' in result ? [result] : [])),
      Failed: results.flatMap((result) => ('Code' in result ? [result] : [])),
    }
  },
})

/** AWS counts names, types and values of attributes too. */
function bytesOf({ MessageBody = '', MessageAttributes = {} }: SendInput): number {
  return Object.entries(MessageAttributes).reduce(
    (sum, [name, { DataType = '', StringValue = '', BinaryValue }]) =>
      sum + Buffer.byteLength(name + DataType + StringValue) + (BinaryValue?.length ?? 0),
    Buffer.byteLength(MessageBody),
  )
}

interface SendInput {
  MessageBody: string | undefined
  MessageAttributes?: Parameters<typeof readMessageAttributes>[0]
  MessageSystemAttributes?:
    | Partial<Record<string, { StringValue?: string | undefined; DataType: string | undefined }>>
    | undefined
  DelaySeconds?: number | undefined
  MessageGroupId?: string | undefined
  MessageDeduplicationId?: string | undefined
}

function draftFrom(input: SendInput, ctx: Context): Draft {
  const attributes = readMessageAttributes(input.MessageAttributes)
  const traceHeader = traceHeaderIn(input.MessageSystemAttributes)
  return {
    body: input.MessageBody ?? '',
    senderId: ctx.caller.arn.split('/').at(-1)?.includes(':')
      ? ctx.account
      : (ctx.caller.arn.split('/').at(-1) ?? ctx.account),
    ...(attributes && { attributes }),
    ...(traceHeader && { traceHeader }),
    ...(input.DelaySeconds !== undefined && { delaySeconds: input.DelaySeconds }),
    ...(input.MessageGroupId && { groupId: input.MessageGroupId }),
    ...(input.MessageDeduplicationId && { deduplicationId: input.MessageDeduplicationId }),
  }
}

/** "The only supported message system attribute is AWSTraceHeader. Its type must be String." Errors: InvalidParameterValue. */
function traceHeaderIn(given: SendInput['MessageSystemAttributes'] = {}): string | undefined {
  const strange = Object.keys(given).find((name) => name !== 'AWSTraceHeader')
  if (strange !== undefined) {
    throw awsError('InvalidParameterValue', `Message system attribute name '${strange}' is invalid.`)
  }
  const { AWSTraceHeader: header } = given
  if (header && header.DataType !== 'String') {
    throw awsError('InvalidParameterValue', `The type of message system attribute 'AWSTraceHeader' must be String.`)
  }
  return header?.StringValue
}

/** One entry of a batch: its own success or failure, whatever the others are. */
function sendEntry(sending: Sending, entry: SendInput & { Id: string | undefined }, ctx: Context) {
  try {
    const draft = draftFrom(entry, ctx)
    return { Id: entry.Id, ...sentAnswer(sending.add(draft), draft) }
  } catch (error) {
    return failedEntry(entry.Id, error)
  }
}

function sentAnswer(message: Message, draft: Draft) {
  return {
    MessageId: message.id,
    MD5OfMessageBody: md5Of(draft.body),
    ...(draft.attributes && { MD5OfMessageAttributes: md5OfAttributes(draft.attributes) }),
    ...(draft.traceHeader && {
      MD5OfMessageSystemAttributes: md5OfAttributes({
        AWSTraceHeader: { DataType: 'String', StringValue: draft.traceHeader },
      }),
    }),
    ...(message.groupId !== undefined &&
      message.deduplicationId !== undefined && { SequenceNumber: sequenceText(message) }),
  }
}

/** Twenty digits, growing, as AWS's are. */
export function sequenceText(message: Message): string {
  return String(18_850_000_000_000_000_000n + BigInt(message.sequence) * 256n)
}

/** A traced caller's trace goes on in the message. */
function headerOf(trace: TraceRef): string | undefined {
  if (trace.sampled !== true) return undefined
  return traceHeader({ ...trace, ...(trace.segmentId && { hopId: trace.segmentId }) })
}

/** Puts a message into a queue; a FIFO queue answers with the first one of a duplicate. Errors: AWS's for a bad message. */
export function send(tx: Tx, queue: Queue, draft: Draft): Message {
  const sending = new Sending(tx, queue)
  const message = sending.add(draft)
  sending.end()
  return message
}

/** Messages that come into a queue by one commit: who waits for them is told once, when all are there. */
export class Sending {
  readonly #tx: Tx
  readonly #queue: Queue
  readonly #intake: Intake
  readonly #visibleAt = new Set<Millis>()

  constructor(tx: Tx, queue: Queue) {
    this.#tx = tx
    this.#queue = queue
    this.#intake = new Intake(tx, queue.storage)
  }

  /** `trace` is what goes on in the message, where the draft names none. */
  add(draft: Draft, trace = this.#tx.trace): Message {
    const [tx, queue] = [this.#tx, this.#queue]
    checkDraft(queue, draft)
    const deduplicationId = queue.settings.isFifo ? (draft.deduplicationId ?? contentId(queue, draft)) : undefined
    if (deduplicationId !== undefined) {
      const duplicate = duplicateOf(tx, queue, { deduplicationId, groupId: draft.groupId ?? '' })
      if (duplicate) return duplicate
    }
    const message = messageFrom(tx, queue, draft, { deduplicationId, trace, sequence: this.#intake.nextSequence() })
    this.#intake.place(message)
    if (deduplicationId !== undefined) rememberDuplicate(tx, queue, message)
    this.#visibleAt.add(message.visibleAt)
    return message
  }

  end(): void {
    if (this.#visibleAt.size === 0) return
    const [tx, queue] = [this.#tx, this.#queue]
    this.#intake.end()
    wakeWaiters(tx, queue.storage)
    for (const at of this.#visibleAt) tx.use(arrivals).tell(tx, queueArn(queue.name, tx), at)
  }
}

interface Place {
  sequence: number
  trace: TraceRef
  deduplicationId: string | undefined
}

function messageFrom(tx: Tx, queue: Queue, draft: Draft, { sequence, trace, deduplicationId }: Place): Message {
  const { isFifo } = queue.settings
  const delay = isFifo ? queue.settings.delaySeconds : (draft.delaySeconds ?? queue.settings.delaySeconds)
  const { body, attributes, senderId, traceHeader = headerOf(trace) } = draft
  return {
    storage: queue.storage,
    sequence,
    id: tx.random.uuid(),
    body,
    senderId,
    sentAt: tx.now,
    visibleAt: tx.now + delay * 1000,
    receives: 0,
    ...(attributes && { attributes }),
    ...(traceHeader && { traceHeader }),
    ...(isFifo && { groupId: draft.groupId ?? '' }),
    ...(!isFifo && draft.groupId !== undefined && { fairGroupId: draft.groupId }),
    ...(deduplicationId !== undefined && { deduplicationId }),
  }
}

function contentId(queue: Queue, draft: Draft): string {
  if (!queue.settings.contentDeduplication) {
    throw invalid(
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    )
  }
  return md5Of(draft.body) + md5Of(`${draft.body.length}:${draft.body}`)
}

function checkDraft(queue: Queue, draft: Draft): void {
  const { settings } = queue
  if (draft.body.length === 0) throw awsError('MissingParameter', 'The request must contain the parameter MessageBody.')
  const bytes = Buffer.byteLength(draft.body) + attributeBytes(draft.attributes)
  if (bytes > settings.messageBytesMax) {
    throw invalid(
      `One or more parameters are invalid. Reason: Message must be shorter than ${settings.messageBytesMax} bytes.`,
    )
  }
  if (forbiddenCharacters.test(draft.body)) {
    throw InvalidMessageContents(
      'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF',
    )
  }
  const { delaySeconds } = draft
  if (delaySeconds !== undefined && (delaySeconds < 0 || delaySeconds > 900)) {
    throw invalid(
      `Value ${delaySeconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`,
    )
  }
  checkFifo(settings.isFifo, draft)
}

function checkFifo(isFifo: boolean, { groupId, deduplicationId, delaySeconds }: Draft): void {
  const isId = (id: string) => /^[A-Za-z0-9!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]{1,128}$/.test(id)
  if (isFifo && groupId === undefined)
    throw awsError('MissingParameter', 'The request must contain the parameter MessageGroupId.')
  if (groupId !== undefined && !isId(groupId)) throw invalid(idWords('MessageGroupId', groupId))
  if (deduplicationId !== undefined && !isFifo) {
    throw invalid(
      `Value ${deduplicationId} for parameter MessageDeduplicationId is invalid. Reason: The request includes a parameter that is not valid for this queue type.`,
    )
  }
  if (deduplicationId !== undefined && !isId(deduplicationId))
    throw invalid(idWords('MessageDeduplicationId', deduplicationId))
  if (isFifo && delaySeconds !== undefined && delaySeconds > 0) {
    throw invalid(
      `Value ${delaySeconds} for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.`,
    )
  }
}

function idWords(name: string, value: string): string {
  return `Value ${value} for parameter ${name} is invalid. Reason: ${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`
}

function invalid(words: string): Error {
  return awsError('InvalidParameterValue', words)
}
