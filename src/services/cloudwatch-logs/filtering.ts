/** FilterLogEvents: a group's events that pass a filter, from some or all of its streams. `aws logs tail` polls it. */
import type { Context } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { shownBy } from './dataProtection.ts'
import { overheadBytes } from './eventBodies.ts'
import { eventId } from './eventIds.ts'
import { comparePositions, type LogEvent, type Position, positionOf, type Sought, searchGroup } from './eventOrder.ts'
import { keptSince } from './expiries.ts'
import { compileFilter } from './filters.ts'
import { type LogGroup, mustBeStandard, mustGetGroup, namedGroup } from './groups.ts'
import { decodeToken, encodeToken } from './pages.ts'
import { answerBytesMax, answerEventsMax } from './reading.ts'
import { streams } from './streamRecords.ts'
import { mustGetStream } from './streams.ts'

const { InvalidParameterException } = awsErrors('cloudwatch-logs')
/** Looked at in one request: a longer search goes on with the token, as on AWS. */
const searchedBytesMax = 512 * 1024 * 1024

export const filteringOperations = operations('cloudwatch-logs', {
  async FilterLogEvents(input, ctx) {
    const group = mustGetGroup(ctx, namedGroup(input))
    mustBeStandard(group)
    const names = streamNames(ctx, group, input)
    const shown = input.unmask ? (message: string) => message : shownBy(ctx, group)
    const { passes, anyOf } = compileFilter(input.filterPattern ?? '')
    const after = input.nextToken === undefined ? undefined : decodeToken<Position>(input.nextToken)
    const sought: Sought = {
      from: Math.max(input.startTime ?? 0, keptSince(group, ctx.clock.now()), after?.[0] ?? 0),
      to: input.endTime ?? Number.MAX_SAFE_INTEGER,
      streams: new Set(names.keys()),
      ...(input.filterPattern?.trim() && { passes }),
      ...(anyOf && { anyOf }),
    }
    const found = await search(ctx, group, sought, { limit: input.limit ?? answerEventsMax, after })
    return {
      events: found.events.map((event) => ({
        logStreamName: names.get(event.streamId) as string,
        timestamp: event.timestamp,
        message: shown(event.message, event.ingestedAt),
        ingestionTime: event.ingestedAt,
        eventId: eventId(event),
      })),
      searchedLogStreams: [],
      ...(found.next && { nextToken: encodeToken(found.next) }),
    }
  },
})

/** Those after a position, as many as an answer holds; `next` is where the search goes on, should there be more. */
async function search(
  ctx: Context,
  group: LogGroup,
  sought: Sought,
  { limit, after }: { limit: number; after: Position | undefined },
): Promise<{ events: LogEvent[]; next?: Position }> {
  const events: LogEvent[] = []
  let bytes = 0
  let searched = 0
  for await (const found of searchGroup(ctx, group.id, sought)) {
    for (const event of found.events) {
      if (after && comparePositions(positionOf(event), after) <= 0) continue
      bytes += Buffer.byteLength(event.message) + overheadBytes
      const last = events[events.length - 1]
      if (last && (events.length === limit || bytes > answerBytesMax)) return { events, next: positionOf(last) }
      events.push(event)
    }
    searched += found.bytes
    const isOver = found.until > sought.to
    if (searched > searchedBytesMax && !isOver) return { events, next: [found.until, '', 0, 0] }
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
