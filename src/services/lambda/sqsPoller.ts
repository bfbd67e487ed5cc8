/**
 * Hands a queue's messages to a function in batches, several at once, and deletes what the function has dealt with. What
 * it has not comes back when its visibility timeout ends, as the queue says; so a killed server loses nothing.
 */
import type { Context } from '../../delivery/context.ts'
import { traceLedger } from '../../delivery/traceLedger.ts'
import { UnsupportedRuntime } from '../../engines/functions/interpreters.ts'
import { compilePattern } from '../../engines/patterns/pattern.ts'
import { AwsError } from '../../wire/errors.ts'
import { reservedConcurrency, withinConcurrency } from './concurrency.ts'
import { linksTo } from './functionSegments.ts'
import { functionArn } from './identifiers.ts'
import type { EventSourceMapping } from './mappings.ts'
import type { Round } from './polling.ts'
import { getTarget } from './records.ts'
import { runFunction } from './runtime.ts'
import { eventRecord, failedItems, filterable, type QueueMessage } from './sqsRecords.ts'

/** Batches of one mapping under way at once, unless its ScalingConfig says otherwise. */
const concurrencyDefault = 5
/** A round ends after so many batches a lane, so that no round lasts for ever. */
const batchesMax = 20
const receiveMax = 10
/** What is in flight or delayed may come back at any second; an empty queue tells of arrivals by itself. */
const watchfulMillis = 1_000
const idleMillis = 20_000
const troubleMillis = 30_000

export async function pollQueue(ctx: Context, mapping: EventSourceMapping, windowed: boolean): Promise<Round> {
  try {
    const queueUrl = await urlOf(ctx, mapping.sourceArn)
    const depth = await depthOf(ctx, queueUrl)
    if (mapping.windowSeconds > 0 && !windowed && depth.visible > 0 && depth.visible < mapping.batchSize) {
      return { waitMillis: mapping.windowSeconds * 1000, windowed: true, result: 'OK' }
    }
    const lanes = Array.from({ length: Math.min(lanesOf(ctx, mapping), depth.visible) }, () =>
      lane(ctx, mapping, queueUrl),
    )
    const results = await Promise.all(lanes)
    const problem = results.find((result) => result !== 'OK')
    const after = await depthOf(ctx, queueUrl)
    if (after.visible > 0 && problem === undefined) return { waitMillis: 0, windowed: false, result: 'OK' }
    const watchful = after.invisible > 0 || after.visible > 0
    return { waitMillis: watchful ? watchfulMillis : idleMillis, windowed: false, result: problem ?? 'OK' }
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    return { waitMillis: troubleMillis, windowed: false, result: `PROBLEM: ${error.message}` }
  }
}

function lanesOf(ctx: Context, mapping: EventSourceMapping): number {
  const wanted = mapping.concurrencyMax ?? concurrencyDefault
  // Messages that a throttled function could not get would only grow older in flight.
  return Math.min(wanted, reservedConcurrency(ctx, mapping.functionName) ?? wanted)
}

/** Takes batch after batch until the queue is empty or something is wrong. */
async function lane(ctx: Context, mapping: EventSourceMapping, queueUrl: string): Promise<string> {
  for (let batches = 0; batches < batchesMax; batches++) {
    const received = await receiveBatch(ctx, mapping, queueUrl)
    if (received.length === 0) return 'OK'
    const messages = await passing(ctx, mapping, queueUrl, received)
    if (messages.length === 0) continue
    const result = await handOver(ctx, mapping, queueUrl, messages)
    if (result !== 'OK') return result
  }
  return 'OK'
}

async function receiveBatch(ctx: Context, mapping: EventSourceMapping, QueueUrl: string): Promise<QueueMessage[]> {
  const messages: QueueMessage[] = []
  while (messages.length < mapping.batchSize) {
    const { Messages = [] } = await ctx.call('sqs').ReceiveMessage({
      QueueUrl,
      MaxNumberOfMessages: Math.min(receiveMax, mapping.batchSize - messages.length),
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
      WaitTimeSeconds: 0,
    })
    if (Messages.length === 0) break
    messages.push(...(Messages as QueueMessage[]))
  }
  return messages
}

/** What no filter lets through is deleted: the function will never want it. */
async function passing(
  ctx: Context,
  mapping: EventSourceMapping,
  queueUrl: string,
  messages: QueueMessage[],
): Promise<QueueMessage[]> {
  if (mapping.patterns.length === 0) return messages
  const patterns = mapping.patterns.map(compilePattern)
  const passes = (message: QueueMessage) => patterns.some((pattern) => pattern.matches(filterable(message)))
  const kept = messages.filter(passes)
  await remove(
    ctx,
    queueUrl,
    messages.filter((message) => !kept.includes(message)),
  )
  return kept
}

async function handOver(
  ctx: Context,
  mapping: EventSourceMapping,
  queueUrl: string,
  messages: QueueMessage[],
): Promise<string> {
  const { functionName: name, qualifier } = mapping
  const target = getTarget(ctx, { name, ...(qualifier && { qualifier }) }, () => ctx.random.fraction())
  if (!target) return 'PROBLEM: Function not found'
  const event = { Records: messages.map((message) => eventRecord(ctx, mapping.sourceArn, message)) }
  const run = {
    version: target.version,
    functionArn: functionArn(ctx, name, qualifier),
    requestId: ctx.random.uuid(),
    payload: Buffer.from(JSON.stringify(event)),
    action: 'Invoke (SQS)',
    links: linksTo(messages.map(({ Attributes }) => Attributes?.AWSTraceHeader)),
  }
  // Each batch has a trace of its own: its messages came by as many.
  const there = ctx.at({ trace: { traceId: ctx.use(traceLedger).newTrace() } })
  try {
    const result = await withinConcurrency(ctx, name, () => runFunction(there, run))
    if (result.functionError) return 'PROBLEM: Function call failed'
    const failed = mapping.reportsItemFailures ? failedItems(result.payload, messages) : new Set<string>()
    await remove(
      ctx,
      queueUrl,
      messages.filter((message) => !failed.has(message.MessageId)),
    )
    return failed.size === 0 ? 'OK' : 'PROBLEM: Function reported batch item failures'
  } catch (error) {
    if (error instanceof UnsupportedRuntime || error instanceof AwsError) return `PROBLEM: ${error.message}`
    throw error
  }
}

async function remove(ctx: Context, QueueUrl: string, messages: QueueMessage[]): Promise<void> {
  for (let start = 0; start < messages.length; start += receiveMax) {
    const Entries = messages
      .slice(start, start + receiveMax)
      .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }))
    await ctx.call('sqs').DeleteMessageBatch({ QueueUrl, Entries })
  }
}

async function urlOf(ctx: Context, queueArn: string): Promise<string> {
  const { QueueUrl } = await ctx.call('sqs').GetQueueUrl({ QueueName: queueArn.split(':')[5] ?? '' })
  return QueueUrl ?? ''
}

async function depthOf(ctx: Context, QueueUrl: string): Promise<{ visible: number; invisible: number }> {
  const AttributeNames = [
    'ApproximateNumberOfMessages' as const,
    'ApproximateNumberOfMessagesNotVisible' as const,
    'ApproximateNumberOfMessagesDelayed' as const,
  ]
  const { Attributes = {} } = await ctx.call('sqs').GetQueueAttributes({ QueueUrl, AttributeNames })
  const count = (name: (typeof AttributeNames)[number]) => Number(Attributes[name] ?? 0)
  return {
    visible: count('ApproximateNumberOfMessages'),
    invisible: count('ApproximateNumberOfMessagesNotVisible') + count('ApproximateNumberOfMessagesDelayed'),
  }
}
