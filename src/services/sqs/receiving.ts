/**
 * Receiving, deleting, and changing visibility. AWS counts a receive even if the client never saw the answer, so a
 * receive commits before it replies; a message received too often goes to the dead-letter queue in the same commit.
 */
import { type Clock, stopwatch } from '../../clock.ts'
import { parseArn } from '../../delivery/arn.ts'
import { arrivals } from '../../delivery/arrivals.ts'
import type { Tx } from '../../delivery/context.ts'
import { awsError, awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { receivedBefore, rememberAttempt } from './attempts.ts'
import { checkBatch, failedEntry } from './batches.ts'
import { lockGroups, selectFifo } from './fifo.ts'
import { hasRoomInFlight, inFlightLimit } from './inFlight.ts'
import { md5Of, md5OfAttributes, selectAttributes } from './messageAttributes.ts'
import { addressed, mustGet, type Queue, queueArn, queues } from './queues.ts'
import { readReceipt, receiptOf } from './receipts.ts'
import { sequenceText } from './sending.ts'
import { addMessage, getStanding, type Message, marks, moveMessage, removeMessage, type Standing } from './storage.ts'
import { waiters, wakeWaiters } from './waiters.ts'
import { nextVisible, waiting } from './waiting.ts'

const { OverLimit, MessageNotInflight } = awsErrors('sqs')

const receivedAtOnceMax = 10
const visibilitySecondsMax = 43_200

export const receiveOperations = operations('sqs', {
  async ReceiveMessage(input, ctx) {
    const place = addressed(ctx, input.QueueUrl)
    const most = checkRange('MaxNumberOfMessages', input.MaxNumberOfMessages ?? 1, {
      least: 1,
      most: receivedAtOnceMax,
    })
    const wait = input.WaitTimeSeconds && checkRange('WaitTimeSeconds', input.WaitTimeSeconds, { least: 0, most: 20 })
    if (input.VisibilityTimeout !== undefined) checkVisibility(input.VisibilityTimeout)
    const { VisibilityTimeout: visibilitySeconds, ReceiveRequestAttemptId: attemptId } = input
    const received = await poll(place, { most, waitSeconds: wait, visibilitySeconds, ...(attemptId && { attemptId }) })
    if (received.length === 0) return {}
    const system = [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])] as string[]
    return {
      Messages: received.map((message) =>
        shown(message, place.name, { system, own: input.MessageAttributeNames ?? [] }),
      ),
    }
  },

  async DeleteMessage(input, ctx) {
    const place = addressed(ctx, input.QueueUrl)
    await place.ctx.commit((tx) => deleteMessage(tx, mustGet(tx, place.name), input.ReceiptHandle))
    return {}
  },

  async DeleteMessageBatch(input, ctx) {
    const place = addressed(ctx, input.QueueUrl)
    return batch(place, checkBatch(input.Entries), (tx, queue, entry) =>
      deleteMessage(tx, queue, entry.ReceiptHandle ?? ''),
    )
  },

  async ChangeMessageVisibility(input, ctx) {
    const place = addressed(ctx, input.QueueUrl)
    await place.ctx.commit((tx) =>
      changeVisibility(tx, mustGet(tx, place.name), input.ReceiptHandle, input.VisibilityTimeout),
    )
    return {}
  },

  async ChangeMessageVisibilityBatch(input, ctx) {
    const place = addressed(ctx, input.QueueUrl)
    return batch(place, checkBatch(input.Entries), (tx, queue, entry) =>
      changeVisibility(
        tx,
        queue,
        entry.ReceiptHandle ?? '',
        entry.VisibilityTimeout ?? queue.settings.visibilityTimeoutSeconds,
      ),
    )
  },
})

type Place = ReturnType<typeof addressed>

interface Wanted {
  most: number
  waitSeconds: number | undefined
  visibilitySeconds: number | undefined
  attemptId?: string
}

/** Receives, and where nothing is there waits for the next message as long as the caller or the queue says. */
async function poll({ ctx, name }: Place, wanted: Wanted): Promise<Message[]> {
  const start = stopwatch.now()
  for (;;) {
    const { received, change } = await ctx.commit((tx) => {
      const queue = mustGet(tx, name)
      const received = receive(tx, queue, wanted)
      const milliseconds = (wanted.waitSeconds ?? queue.settings.waitSeconds) * 1000 - (stopwatch.now() - start)
      const isOver = received.length > 0 || milliseconds <= 0
      return {
        received,
        change: isOver ? undefined : { arrives: changeOf(tx, queue, { milliseconds, clock: ctx.clock }) },
      }
    })
    if (!change) return received
    await change.arrives
  }
}

/**
 * Waits from this very moment: what comes while the commit that found nothing is on its way to the disk is heard of, too.
 * What is visible and could not be had is not waited for.
 */
function changeOf(tx: Tx, queue: Queue, limits: { milliseconds: number; clock: Clock }): Promise<void> {
  const visibleAt = nextVisibleOf(tx, queue, tx.now + 1)
  return tx.use(waiters).wait(queue.storage, { ...limits, ...(visibleAt !== undefined && { visibleAt }) })
}

/** In-flight messages of a FIFO queue among which the next one to be visible is looked for. */
const lookedAheadMax = 1_000

/** When the next message is visible, of those that are so at `from` or later. */
function nextVisibleOf(tx: Tx, { storage, settings }: Queue, from: number): number | undefined {
  if (!settings.isFifo) return nextVisible(tx, storage, from)
  let next: number | undefined
  for (const { hiddenUntil = 0 } of tx.in(marks).list({ prefix: [storage], limit: lookedAheadMax }))
    if (hiddenUntil >= from && (next === undefined || hiddenUntil < next)) next = hiddenUntil
  return next
}

/** Looks of one receive at messages that turn out not to be for it: a bound on its commit. */
const looksMax = 10

type Taking = Pick<Wanted, 'most' | 'visibilitySeconds' | 'attemptId' | 'waitSeconds'>

/** Takes visible messages: hides each for its visibility timeout, moves those received too often to the dead letters. */
export function receive(tx: Tx, queue: Queue, wanted: Taking): Message[] {
  const { storage, settings } = queue
  const { attemptId } = wanted
  if (attemptId !== undefined) checkAttempt(settings.isFifo, attemptId)
  const hiddenUntil = tx.now + (wanted.visibilitySeconds ?? settings.visibilityTimeoutSeconds) * 1000
  const again = attemptId && receivedBefore(tx, storage, { id: attemptId, hiddenUntil })
  if (again) return again
  const received: Message[] = []
  // Behind messages that are over, or go to the dead letters, others may be waiting.
  for (let look = 0; look < looksMax && received.length === 0; look++) {
    const found = visible(tx, queue, wanted.most)
    if (found.length === 0) break
    if (!settings.isFifo && !hasRoomInFlight(tx, storage, found.length)) return overLimit(tx, wanted)
    for (const message of found) {
      if (message.sentAt + settings.retentionSeconds * 1000 <= tx.now) removeMessage(tx, message)
      else if (isPoison(queue, message) && toDeadLetters(tx, queue, message)) removeMessage(tx, message)
      else received.push(hide(tx, message, hiddenUntil))
    }
  }
  if (settings.isFifo) lockGroups(tx, storage, received)
  if (attemptId && received.length > 0) rememberAttempt(tx, storage, attemptId, received)
  return received
}

/** AWS: a short poll is told, a long poll just finds nothing. FIFO queues tell nobody. */
function overLimit(tx: Tx, { waitSeconds = 0 }: Taking): Message[] {
  if (waitSeconds > 0) return []
  throw OverLimit(`The maximum number of in flight messages is reached: ${tx.use(inFlightLimit).most}.`)
}

function checkAttempt(isFifo: boolean, id: string): void {
  const reason = isFifo
    ? 'ReceiveRequestAttemptId can only include alphanumeric and punctuation characters. 1 to 128 in length.'
    : 'The request include parameter that is not valid for this queue type.'
  if (isFifo && /^[\x21-\x7e]{1,128}$/.test(id)) return
  throw invalid(`Value ${id} for parameter ReceiveRequestAttemptId is invalid. Reason: ${reason}`)
}

function visible(tx: Tx, queue: Queue, most: number): Message[] {
  if (queue.settings.isFifo) return selectFifo(tx, queue.storage, most)
  const found: Message[] = []
  for (const message of waiting(tx, queue.storage)) if (found.push(message) === most) break
  return found
}

function hide(tx: Tx, message: Message, visibleAt: number): Message {
  const { receives, firstReceivedAt = tx.now } = message
  return moveMessage(tx, message, { visibleAt, receives: receives + 1, firstReceivedAt })
}

function isPoison(queue: Queue, message: Message): boolean {
  const { redrive } = queue.settings
  return redrive !== undefined && message.receives >= redrive.maxReceiveCount
}

/** False where the dead-letter queue is not there: then the message stays. */
function toDeadLetters(tx: Tx, queue: Queue, message: Message): boolean {
  const arn = parseArn(queue.settings.redrive?.deadLetterTargetArn ?? '')
  const there = arn && tx.at({ account: arn.account, region: arn.region })
  const deadLetters = arn && there?.in(queues).get(arn.resource)
  if (!there || !deadLetters) return false
  const { storage } = deadLetters
  const deadLetterSourceArn = message.deadLetterSourceArn ?? queueArn(queue.name, tx)
  addMessage(tx, { ...message, storage, visibleAt: tx.now, deadLetterSourceArn })
  wakeWaiters(tx, storage)
  tx.use(arrivals).tell(there, queueArn(deadLetters.name, there), tx.now)
  return true
}

export function deleteMessage(tx: Tx, queue: Queue, handle: string): void {
  const found = standingOf(tx, queue, handle)
  if (!found) return
  const { standing, isLatest } = found
  const isOver = queue.settings.isFifo && standing.visibleAt <= tx.now
  if (isOver)
    throw invalid(`Value ${handle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`)
  if (!isLatest) return
  removeMessage(tx, standing)
  // The next message of a FIFO group may be waited for.
  if (!queue.settings.isFifo) return
  wakeWaiters(tx, queue.storage)
  tx.use(arrivals).tell(tx, queueArn(queue.name, tx), tx.now)
}

export function changeVisibility(tx: Tx, queue: Queue, handle: string, seconds: number): void {
  checkVisibility(seconds)
  const found = standingOf(tx, queue, handle)
  if (!found) {
    throw invalid(
      `Value ${handle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
    )
  }
  if (found.standing.visibleAt <= tx.now || !found.isLatest)
    throw MessageNotInflight("The specified message isn't in flight.")
  moveMessage(tx, found.standing, { visibleAt: tx.now + seconds * 1000 })
  if (seconds === 0) wakeWaiters(tx, queue.storage)
  tx.use(arrivals).tell(tx, queueArn(queue.name, tx), tx.now + seconds * 1000)
}

/** Undefined where it is gone, which a delete takes for done. Errors: ReceiptHandleIsInvalid. */
function standingOf(tx: Tx, queue: Queue, handle: string): { standing: Standing; isLatest: boolean } | undefined {
  const { storage, sequence, receives } = readReceipt(queue.name, handle)
  const standing = storage === queue.storage ? getStanding(tx, storage, sequence) : undefined
  return standing && { standing, isLatest: standing.receives === receives }
}

async function batch<E extends { Id: string | undefined }>(
  { ctx, name }: Place,
  entries: readonly E[],
  act: (tx: Tx, queue: Queue, entry: E) => void,
) {
  const results = await ctx.commit((tx) => {
    const queue = mustGet(tx, name)
    return entries.map((entry) => {
      try {
        act(tx, queue, entry)
        return { Id: entry.Id }
      } catch (error) {
        return failedEntry(entry.Id, error)
      }
    })
  })
  return {
    Successful: results.filter((result) => !('Code' in result)) as { Id: string | undefined }[],
    Failed: results.flatMap((result) => ('Code' in result ? [result] : [])),
  }
}

function shown(message: Message, queue: string, wanted: { system: string[]; own: string[] }) {
  const attributes = selectAttributes(message.attributes, wanted.own)
  const system = Object.entries(systemAttributes(message)).filter(
    ([name, value]) => value !== undefined && (wanted.system.includes('All') || wanted.system.includes(name)),
  )
  return {
    MessageId: message.id,
    ReceiptHandle: receiptOf(queue, message),
    MD5OfBody: md5Of(message.body),
    Body: message.body,
    ...(system.length > 0 && { Attributes: Object.fromEntries(system) as Record<string, string> }),
    ...(attributes && { MD5OfMessageAttributes: md5OfAttributes(attributes), MessageAttributes: attributes }),
  }
}

function systemAttributes(message: Message): Record<string, string | undefined> {
  return {
    SenderId: message.senderId,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receives),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    AWSTraceHeader: message.traceHeader,
    MessageGroupId: message.groupId ?? message.fairGroupId,
    MessageDeduplicationId: message.deduplicationId,
    SequenceNumber: message.groupId === undefined ? undefined : sequenceText(message),
    DeadLetterQueueSourceArn: message.deadLetterSourceArn,
  }
}

function checkVisibility(seconds: number): void {
  if (seconds >= 0 && seconds <= visibilitySecondsMax) return
  throw invalid(
    `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and ${visibilitySecondsMax}, if provided.`,
  )
}

function checkRange(name: string, value: number, { least, most }: { least: number; most: number }): number {
  if (value >= least && value <= most) return value
  throw invalid(
    `Value ${value} for parameter ${name} is invalid. Reason: Must be between ${least} and ${most}, if provided.`,
  )
}

function invalid(words: string): Error {
  return awsError('InvalidParameterValue', words)
}
