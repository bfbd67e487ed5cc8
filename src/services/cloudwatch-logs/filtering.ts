/** FilterLogEvents: a group's events that pass a filter, from some or all of its streams. `aws logs tail` polls it. */
import { createHash } from 'node:crypto'
import type { Context } from '../../delivery/context.ts'
import { compileLogFilter, type LogFilter } from '../../engines/patterns/logFilter.ts'
import { InvalidLogFilter } from '../../engines/patterns/logFilterText.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { comparePositions, groupEvents, type LogEvent, type Position, positionOf } from './batches.ts'
import { keptSince } from './expiries.ts'
import { type LogGroup, mustGetGroup, namedGroup } from './groups.ts'
import { decodeToken, encodeToken } from './pages.ts'
import { answerBytesMax, answerEventsMax } from './reading.ts'
import { streams } from './streamRecords.ts'
import { mustGetStream } from './streams.ts'

const { InvalidParameterException } = awsErrors('cloudwatch-logs')
/** Looked at in one request: a long search goes on with the token, as on AWS, and holds nobody up. */
const scannedEventsMax = 100_000

export const filteringOperations = operations('cloudwatch-logs', {
  async FilterLogEvents(input, ctx) {
    const group = mustGetGroup(ctx, namedGroup(input))
    const names = streamNames(ctx, group, input)
    const found = search(ctx, group, {
      names,
      passes: compileFilter(input.filterPattern ?? ''),
      from: Math.max(input.startTime ?? 0, keptSince(group, ctx.clock.now())),
      to: input.endTime ?? Number.MAX_SAFE_INTEGER,
      limit: input.limit ?? answerEventsMax,
      ...(input.nextToken !== undefined && { after: decodeToken<Position>(input.nextToken) }),
    })
    return {
      events: found.events.map((event) => ({
        logStreamName: names.get(event.streamId) as string,
        timestamp: event.timestamp,
        message: event.message,
        ingestionTime: event.ingestedAt,
        eventId: eventId(event),
      })),
      searchedLogStreams: [],
      ...(found.next && { nextToken: encodeToken(found.next) }),
    }
  },

  async TestMetricFilter(input) {
    const passes = compileFilter(input.filterPattern)
    const matches = input.logEventMessages.flatMap((eventMessage, index) =>
      passes(eventMessage) ? [{ eventNumber: index + 1, eventMessage, extractedValues: {} }] : [],
    )
    return { matches }
  },
})

/** Errors: InvalidParameterException. */
export function compileFilter(pattern: string): LogFilter {
  try {
    return compileLogFilter(pattern)
  } catch (error) {
    if (error instanceof InvalidLogFilter) throw InvalidParameterException(error.message)
    throw error
  }
}

interface Search {
  names: ReadonlyMap<string, string>
  passes: LogFilter
  /** Both included. */
  from: number
  to: number
  limit: number
  after?: Position
}

function search(ctx: Context, group: LogGroup, { names, passes, from, to, limit, after }: Search) {
  const events: LogEvent[] = []
  let bytes = 0
  let scanned = 0
  let last = after
  for (const event of groupEvents(ctx, group.id, Math.max(from, after?.[0] ?? 0))) {
    if (event.timestamp > to) break
    if (event.timestamp < from || !names.has(event.streamId)) continue
    if (after && comparePositions(positionOf(event), after) <= 0) continue
    if (passes(event.message)) {
      bytes += Buffer.byteLength(event.message) + 26
      if (events.length === limit || (bytes > answerBytesMax && events.length > 0)) return { events, next: last }
      events.push(event)
    }
    last = positionOf(event)
    if (++scanned === scannedEventsMax) return { events, next: last }
  }
  return { events }
}

/** Names by id of the streams that are searched. */
function streamNames(
  ctx: Context,
  group: LogGroup,
  input: { logStreamNames?: string[] | undefined; logStreamNamePrefix?: string | undefined },
): Map<string, string> {
  if (input.logStreamNames && input.logStreamNamePrefix !== undefined) {
    throw InvalidParameterException('logStreamNamePrefix and logStreamNames cannot be used together.')
  }
  const found = input.logStreamNames
    ? input.logStreamNames.map((name) => mustGetStream(ctx, group, name))
    : [...ctx.in(streams).list({ prefix: [group.id], startsWith: input.logStreamNamePrefix ?? '' })]
  return new Map(found.map(({ id, name }) => [id, name]))
}

/** 56 digits that are always the same for the same event: clients tell repeats by them. */
function eventId({ timestamp, streamId, number, index }: LogEvent): string {
  const hash = createHash('sha1').update(`${streamId}/${number}/${index}`).digest('hex')
  const digits = (BigInt(`0x${hash}`) % 10n ** 42n).toString().padStart(42, '0')
  return String(timestamp).padStart(14, '3') + digits
}
