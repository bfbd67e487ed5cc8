/** PutLogEvents: the limits of a batch, and what is too old or too new. */
import type { InputLogEvent, RejectedLogEventsInfo } from '@aws-sdk/client-cloudwatch-logs'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { overheadBytes, type Written } from './eventBodies.ts'
import { futureMillisMax, keptSince, retentionMillis } from './expiries.ts'
import { type LogGroup, mustGetGroup } from './groups.ts'
import { appendEvents } from './ingestion.ts'
import { mustGetStream, sequenceToken } from './streams.ts'

const { InvalidParameterException } = awsErrors('cloudwatch-logs')

const batchBytesMax = 1_048_576
const requestSpanMillisMax = 24 * 3_600_000
const pastMillisMax = 14 * 86_400_000

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

/** Errors: InvalidParameterException in AWS's words. */
function checkRequest(events: Written[]): void {
  const bytes = events.reduce((sum, [, message]) => sum + Buffer.byteLength(message) + overheadBytes, 0)
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
