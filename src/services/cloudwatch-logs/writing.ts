/** PutLogEvents: the limits of a batch, what is too old or too new, and the batches that are kept. */
import type { InputLogEvent, RejectedLogEventsInfo } from '@aws-sdk/client-cloudwatch-logs'
import type { Tx } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { batchSpanMillis, type LogBatch, putBatch } from './batches.ts'
import { keptSince, planFirstExpiry, retentionMillis } from './expiries.ts'
import { bytesOf } from './expiryWorker.ts'
import { groups, type LogGroup, mustGetGroup } from './groups.ts'
import { liveTails } from './liveTails.ts'
import { type LogStream, streams } from './streamRecords.ts'
import { mustGetStream, sequenceToken } from './streams.ts'

const { InvalidParameterException } = awsErrors('cloudwatch-logs')

const batchBytesMax = 1_048_576
const requestSpanMillisMax = 24 * 3_600_000
const pastMillisMax = 14 * 86_400_000
const futureMillisMax = 2 * 3_600_000

export type Written = [timestamp: number, message: string]

export const writingOperations = operations('cloudwatch-logs', {
  async PutLogEvents(input, ctx) {
    const events = input.logEvents.map(
      ({ timestamp, message }: InputLogEvent): Written => [timestamp ?? 0, message ?? ''],
    )
    checkRequest(events)
    return ctx.commit((tx) => {
      const group = mustGetGroup(tx, input.logGroupName)
      const stream = mustGetStream(tx, group, input.logStreamName)
      const { kept, rejected } = sortOut(events, group, tx.now)
      const batches = appendEvents(tx, group, stream, kept)
      return {
        nextSequenceToken: sequenceToken(batches),
        ...(rejected && { rejectedLogEventsInfo: rejected }),
      }
    })
  },
})

/** Adds events to a stream, in the order of their times; returns the stream's number of batches. */
export function appendEvents(tx: Tx, group: LogGroup, stream: LogStream, events: Written[]): number {
  const first = events[0]
  const last = events[events.length - 1]
  if (!first || !last) return stream.batches
  let number = stream.batches
  for (const part of withinSpan(events)) {
    number++
    const batch: LogBatch = {
      groupId: group.id,
      streamId: stream.id,
      number,
      firstAt: (part[0] as Written)[0],
      lastAt: (part[part.length - 1] as Written)[0],
      ingestedAt: tx.now,
      events: part,
    }
    putBatch(tx, batch)
    planFirstExpiry(tx, group, batch.lastAt)
  }
  tx.in(streams).put({
    ...stream,
    batches: number,
    firstEventAt: Math.min(stream.firstEventAt ?? first[0], first[0]),
    lastEventAt: Math.max(stream.lastEventAt ?? last[0], last[0]),
    lastIngestedAt: tx.now,
  })
  tx.in(groups).put({ ...group, storedBytes: group.storedBytes + bytesOf([{ events }]) })
  const tails = tx.use(liveTails)
  if (tails.isWatched) tx.afterCommit(() => tails.publish(tx, group.name, stream.name, events, tx.now))
  return number
}

function* withinSpan(events: Written[]): Iterable<Written[]> {
  let part: Written[] = []
  for (const event of events) {
    if (part[0] && event[0] - part[0][0] > batchSpanMillis) {
      yield part
      part = []
    }
    part.push(event)
  }
  yield part
}

/** Errors: InvalidParameterException in AWS's words. */
function checkRequest(events: Written[]): void {
  const bytes = bytesOf([{ events }])
  if (bytes > batchBytesMax) {
    throw InvalidParameterException(`Upload too large: ${bytes} bytes exceeds limit of ${batchBytesMax}`)
  }
  for (let at = 1; at < events.length; at++) {
    if ((events[at] as Written)[0] < (events[at - 1] as Written)[0]) {
      throw InvalidParameterException('Log events in a single PutLogEvents request must be in chronological order.')
    }
  }
  const [first, last] = [events[0], events[events.length - 1]]
  if (first && last && last[0] - first[0] > requestSpanMillisMax) {
    throw InvalidParameterException(
      'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.',
    )
  }
}

/** Events out of their time are left out and told of by their indexes; the others are taken. */
function sortOut(events: Written[], group: LogGroup, now: number) {
  const isExpired = ([timestamp]: Written) => retentionMillis(group) !== undefined && timestamp < keptSince(group, now)
  const isOld = ([timestamp]: Written) => timestamp < now - pastMillisMax
  const isNew = ([timestamp]: Written) => timestamp > now + futureMillisMax
  const kept = events.filter((event) => !isExpired(event) && !isOld(event) && !isNew(event))
  if (kept.length === events.length) return { kept }
  const expired = events.findLastIndex(isExpired)
  const old = events.findLastIndex(isOld)
  const early = events.findIndex(isNew)
  const rejected: RejectedLogEventsInfo = {
    ...(early >= 0 && { tooNewLogEventStartIndex: early }),
    ...(old >= 0 && { tooOldLogEventEndIndex: old + 1 }),
    ...(expired >= 0 && { expiredLogEventEndIndex: expired + 1 }),
  }
  return { kept, rejected }
}
