/** GetLogEvents: one stream, forth and back, with tokens that work both ways. */
import type { Context } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { shownBy } from './dataProtection.ts'
import { overheadBytes } from './eventBodies.ts'
import {
  comparePositions,
  type LogEvent,
  type Position,
  positionOf,
  streamEvents,
  streamEventsBack,
} from './eventOrder.ts'
import { keptSince } from './expiries.ts'
import { mustBeStandard, mustGetGroup, namedGroup } from './groups.ts'
import type { LogStream } from './streamRecords.ts'
import { mustGetStream } from './streams.ts'

const { InvalidParameterException } = awsErrors('cloudwatch-logs')

export const answerEventsMax = 10_000
export const answerBytesMax = 1_048_576

interface Wanted {
  /** Included. */
  from: number
  /** Not included. */
  to: number
  limit: number
  isForward: boolean
  position?: Position
}

export const readingOperations = operations('cloudwatch-logs', {
  async GetLogEvents(input, ctx) {
    const group = mustGetGroup(ctx, namedGroup(input))
    mustBeStandard(group)
    const stream = mustGetStream(ctx, group, input.logStreamName)
    const shown = input.unmask ? (message: string) => message : shownBy(ctx, group)
    const { startTime = 0, endTime, startFromHead = false, nextToken, limit = answerEventsMax } = input
    const token = nextToken === undefined ? undefined : readToken(nextToken, stream)
    const events = await read(ctx, stream, {
      from: Math.max(startTime, keptSince(group, ctx.clock.now())),
      to: endTime ?? Number.MAX_SAFE_INTEGER,
      limit,
      isForward: token ? token.isForward : startFromHead,
      ...(token && { position: token.position }),
    })
    const nowhere: Position = token?.position ?? [0, stream.id, 0, 0]
    const [first, last] = [events[0], events[events.length - 1]]
    return {
      events: events.map(({ timestamp, message, ingestedAt }) => ({
        timestamp,
        message: shown(message, ingestedAt),
        ingestionTime: ingestedAt,
      })),
      nextForwardToken: tokenText('f', last ? positionOf(last) : nowhere),
      nextBackwardToken: tokenText('b', first ? positionOf(first) : nowhere),
    }
  },
})

/** In the order of time, whichever way it was read. */
async function read(ctx: Context, stream: LogStream, wanted: Wanted): Promise<LogEvent[]> {
  const { from, to, limit, isForward, position } = wanted
  const events: LogEvent[] = []
  let bytes = 0
  const found = isForward
    ? streamEvents(ctx, stream, Math.max(from, position?.[0] ?? 0))
    : streamEventsBack(ctx, stream, Math.min(to, position?.[0] ?? to))
  for await (const event of found) {
    const { timestamp, message } = event
    if (isForward ? timestamp >= to : timestamp < from) break
    if (isForward ? timestamp < from : timestamp >= to) continue
    const order = position ? comparePositions(positionOf(event), position) : 0
    if (position && (isForward ? order <= 0 : order >= 0)) continue
    bytes += Buffer.byteLength(message) + overheadBytes
    if (events.length === limit || (bytes > answerBytesMax && events.length > 0)) break
    events.push(event)
  }
  return isForward ? events : events.reverse()
}

/** `f/` or `b/`, 56 digits, `/s`, as AWS's tokens look. */
function tokenText(way: 'f' | 'b', [timestamp, , number, index]: Position): string {
  const digits = [
    String(timestamp).padStart(15, '0'),
    String(number).padStart(20, '0'),
    String(index).padStart(21, '0'),
  ]
  return `${way}/${digits.join('')}/s`
}

function readToken(token: string, stream: LogStream): { isForward: boolean; position: Position } {
  const match = /^([fb])\/(\d{15})(\d{20})(\d{21})\/s$/.exec(token)
  if (!match) throw InvalidParameterException('The specified nextToken is invalid.')
  const [, way, timestamp, number, index] = match
  return { isForward: way === 'f', position: [Number(timestamp), stream.id, Number(number), Number(index)] }
}
