/** Publishing: a message is checked, and in one commit handed to everyone who is subscribed. */
import { createHash } from 'node:crypto'
import type { Context, Tx } from '../../delivery/context.ts'
import { count, measure } from '../../delivery/metering.ts'
import { traceSegments } from '../../delivery/traceSegments.ts'
import type { TraceRef } from '../../observe/traces.ts'
import { AwsError, awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { archive } from './archives.ts'
import { protectInbound } from './dataProtection.ts'
import { publishedBefore, rememberPublished } from './deduplication.ts'
import { fanOut } from './fanOut.ts'
import { checkForTopic, type Draft, messageBytes, readDraft } from './messages.ts'
import { mustBePhoneNumber, mustBeSms, sendSms } from './phones.ts'
import { isEndpointArn, publishToEndpoint } from './push.ts'
import { invalid } from './refusals.ts'
import { addressed, mustGetTopic, readTopicArn, type Topic, topicArn, topics } from './topics.ts'

const {
  EmptyBatchRequestException,
  TooManyEntriesInBatchRequestException,
  BatchEntryIdsNotDistinctException,
  InvalidBatchEntryIdException,
  BatchRequestTooLongException,
} = awsErrors('sns')

const entriesMax = 10
const batchBytesMax = 262_144

export interface Published {
  id: string
  at: number
  sequenceNumber?: string
}

export interface Submission {
  draft: Draft
  /** Who publishes: an ARN, or a service of AWS's by its name. */
  principal: string
}

export const publishOperations = operations('sns', {
  async Publish(input, ctx) {
    const ends = [input.TopicArn, input.TargetArn, input.PhoneNumber].filter((end) => end !== undefined)
    if (ends.length > 1) throw invalid('TopicArn, TargetArn and PhoneNumber Reason: only one of them can be given')
    if (input.PhoneNumber !== undefined) return publishToPhone(input.PhoneNumber, readDraft(input), ctx)
    const arn = input.TopicArn ?? input.TargetArn
    if (arn === undefined) throw invalid('TopicArn or TargetArn Reason: no value for required parameter')
    if (isEndpointArn(arn)) return answerOf(await publishToEndpoint(arn, readDraft(input), ctx))
    const { place, name } = addressed(ctx, arn)
    const draft = readDraft(input)
    const published = await place.commit((tx) =>
      publish(tx, mustGetTopic(tx, name), { draft, principal: ctx.caller.arn }),
    )
    return answerOf(published)
  },

  async PublishBatch(input, ctx) {
    const { place, name } = addressed(ctx, input.TopicArn)
    const entries = input.PublishBatchRequestEntries
    checkBatch(entries)
    const results = await place.commit((tx) => {
      const topic = mustGetTopic(tx, name)
      return entries.map((entry) => publishEntry(tx, topic.name, entry, ctx.caller.arn))
    })
    return {
      Successful: results.flatMap(({ success }) => success ?? []),
      Failed: results.flatMap(({ failure }) => failure ?? []),
    }
  },
})

async function publishToPhone(to: string, draft: Draft, ctx: Context) {
  mustBePhoneNumber(to)
  mustBeSms(draft)
  const text = draft.byProtocol?.sms ?? draft.byProtocol?.default ?? draft.message
  return ctx.commit((tx) => {
    const published = { id: tx.random.uuid(), at: tx.now }
    sendSms(tx, to, published, { ...draft, text })
    return answerOf(published)
  })
}

function answerOf({ id, sequenceNumber }: Published) {
  return { MessageId: id, ...(sequenceNumber && { SequenceNumber: sequenceNumber }) }
}

type Entry = Parameters<typeof readDraft>[0] & { Id: string | undefined }

interface EntryResult {
  success?: { Id: string; MessageId: string; SequenceNumber?: string }
  failure?: { Id: string; Code: string; Message: string; SenderFault: boolean }
}

/** One entry's own success or failure, whatever the others are. */
function publishEntry(tx: Tx, topicName: string, entry: Entry, principal: string): EntryResult {
  const Id = entry.Id ?? ''
  try {
    // Read anew for each: a FIFO topic counts its messages.
    const published = publish(tx, mustGetTopic(tx, topicName), { draft: readDraft(entry), principal })
    return { success: { Id, ...answerOf(published) } }
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    const Code = error.code.replace(/Exception$/, '')
    return { failure: { Id, Code, Message: error.message, SenderFault: true } }
  }
}

function checkBatch(entries: readonly Entry[]): void {
  if (entries.length === 0) throw EmptyBatchRequestException("The batch request doesn't contain any entries.")
  if (entries.length > entriesMax) {
    throw TooManyEntriesInBatchRequestException('The batch request contains more entries than permissible.')
  }
  const ids = entries.map(({ Id = '' }) => Id)
  if (ids.some((id) => !/^[A-Za-z0-9_-]{1,80}$/.test(id))) {
    throw InvalidBatchEntryIdException("The Id of a batch entry in a batch request doesn't abide by the specification.")
  }
  if (new Set(ids).size < ids.length) {
    throw BatchEntryIdsNotDistinctException('Two or more batch entries in the request have the same Id.')
  }
  const bytes = entries.reduce((sum, entry) => sum + messageBytes(entry), 0)
  if (bytes > batchBytesMax) {
    throw BatchRequestTooLongException('The length of all the batch messages put together is more than the limit.')
  }
}

/** In the topic's own place. A FIFO topic answers a duplicate with the first one and tells nobody again. */
export function publish(tx: Tx, topic: Topic, given: Submission): Published {
  const { draft } = given
  checkForTopic(topic, draft)
  if (!topic.isFifo) {
    const published = { id: tx.random.uuid(), at: tx.now }
    return send(
      tx,
      topic,
      published,
      topic.protection === undefined ? draft : protectInbound(tx, topic, published, given),
    )
  }
  const key = deduplicationKey(topic, draft)
  const before = publishedBefore(tx, topic.name, key)
  if (before) return before
  const sequence = topic.sequence + 1
  tx.in(topics).put({ ...topic, sequence })
  const sequenceNumber = String(10_000_000_000_000_000_000n + BigInt(sequence) * 1000n)
  const published = { id: tx.random.uuid(), at: tx.now, sequenceNumber }
  rememberPublished(tx, topic.name, key, published)
  return send(tx, topic, published, { ...draft, deduplicationId: draft.deduplicationId ?? contentId(draft) })
}

function send(tx: Tx, topic: Topic, published: Published, draft: Draft): Published {
  const subjects = [`message ${published.id}`]
  const trace = tracedBy(tx, topic, tx.hop({ service: 'sns', action: 'Publish', resource: topic.name, subjects }))
  count(tx, topicArn(topic.name, tx), 'messagesPublished')
  const size = { name: 'PublishSize', unit: 'Bytes', value: Buffer.byteLength(draft.message) }
  measure(tx, { namespace: 'AWS/SNS', dimensions: [{ TopicName: topic.name }] }, size)
  archive(tx, topic, published, draft)
  fanOut(tx.at({ trace }), topic, published, draft)
  return published
}

/** An active topic tells X-Ray of what a traced publisher sends, and is the parent of what comes of it. */
function tracedBy(tx: Tx, topic: Topic, trace: TraceRef): TraceRef {
  const { traceId, segmentId, sampled } = trace
  if (topic.attributes.TracingConfig !== 'Active' || !sampled) return trace
  const id = tx.random.hex(16)
  tx.use(traceSegments).tell(tx, {
    id,
    ...(segmentId && { parent_id: segmentId }),
    trace_id: traceId,
    name: topic.name,
    origin: 'AWS::SNS',
    resource_arn: topicArn(topic.name, tx),
    start_time: tx.now / 1000,
    end_time: tx.now / 1000,
  })
  return { ...trace, segmentId: id }
}

function deduplicationKey(topic: Topic, draft: Draft): string {
  const id = draft.deduplicationId ?? contentId(draft)
  return topic.attributes.FifoThroughputScope === 'MessageGroup' ? `${draft.groupId} ${id}` : id
}

function contentId(draft: Draft): string {
  return createHash('sha256').update(draft.message).digest('hex')
}

/** For deliveries: the topic that an ARN names, in its own place. */
export function topicAt(tx: Tx, arn: string): { there: Tx; topic: Topic | undefined } {
  const { account, region, name } = readTopicArn(arn)
  const there = tx.at({ account, region })
  return { there, topic: there.in(topics).get(name) }
}
