/** Events for queries: of several groups, between two times, in order; and one again by its pointer (`@ptr`). */
import type { Millis } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import { loaded } from './batchBodies.ts'
import { batches } from './batches.ts'
import { eventAt as eventOf, type LogEvent, searchGroup } from './eventOrder.ts'
import { keptSince } from './expiries.ts'
import { groups, type LogGroup, mustGetGroup } from './groups.ts'
import { streams } from './streamRecords.ts'

export interface StoredEvent {
  timestamp: Millis
  ingestionTime: Millis
  message: string
  stream: string
  group: string
  /** Finds the event again as long as it is kept. */
  ptr: string
}

export interface TimeWindow {
  /** Both included. */
  from: Millis
  to: Millis
  /** Of these streams only. */
  streamIds?: ReadonlySet<string>
  /** Messages that have none of these texts may be left out. */
  anyOf?: readonly string[]
}

/**
 * Group after group, each in the order of its events' times, some hundred events at a time; what retention no longer
 * keeps is not there. Errors: ResourceNotFoundException.
 */
export async function* eventsBetween(
  ctx: Context,
  names: readonly string[],
  { from, to, anyOf, streamIds }: TimeWindow,
): AsyncIterable<StoredEvent[]> {
  for (const group of names.map((name) => mustGetGroup(ctx, name))) {
    const since = Math.max(from, keptSince(group, ctx.clock.now()))
    const nameOf = streamNamesOf(ctx, group)
    const sought = { from: since, to, ...(anyOf && { anyOf }), ...(streamIds && { streams: streamIds }) }
    for await (const { events } of searchGroup(ctx, group.id, sought)) {
      const found = events.flatMap((event) => {
        const stream = nameOf(event.streamId)
        return stream === undefined ? [] : [stored(event, group, stream)]
      })
      if (found.length > 0) yield found
    }
  }
}

/** By id; streams that came since are found too, those that were deleted have none. */
function streamNamesOf(ctx: Context, group: LogGroup): (streamId: string) => string | undefined {
  const known = new Map<string, string | undefined>()
  return (streamId) => {
    if (!known.has(streamId)) {
      known.set(streamId, undefined)
      for (const { id, name } of ctx.in(streams).list({ prefix: [group.id] })) known.set(id, name)
    }
    return known.get(streamId)
  }
}

/** Undefined where the event is gone, or the pointer is none of ours. */
export async function eventAt(ctx: Context, ptr: string): Promise<StoredEvent | undefined> {
  const [groupName = '', streamId = '', batchAt, number, index] = partsOf(ptr)
  const group = ctx.in(groups).get(groupName)
  const batch = group && ctx.in(batches).get(group.id, Number(batchAt), streamId, Number(number))
  if (!batch) return undefined
  const stream = [...ctx.in(streams).list({ prefix: [group.id] })].find(({ id }) => id === streamId)
  const [found] = await loaded(ctx, group.id, [batch])
  if (!stream || !found || !(Number(index) < found.body.count)) return undefined
  return stored(eventOf(batch, found.body, Number(index)), group, stream.name)
}

function stored(event: LogEvent, group: LogGroup, stream: string): StoredEvent {
  const { timestamp, message, ingestedAt } = event
  return { timestamp, ingestionTime: ingestedAt, message, stream, group: group.name, ptr: pointerTo(event, group.name) }
}

export function pointerTo(
  { streamId, batchAt, number, index }: Pick<LogEvent, 'streamId' | 'batchAt' | 'number' | 'index'>,
  groupName: string,
): string {
  return Buffer.from(`${groupName}\n${streamId}\n${batchAt}\n${number}\n${index}`).toString('base64url')
}

function partsOf(ptr: string): string[] {
  return Buffer.from(ptr, 'base64url').toString().split('\n')
}
