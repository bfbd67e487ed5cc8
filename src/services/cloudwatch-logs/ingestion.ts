/** Events into a stream, in the commit of whoever brings them: kept, counted, and handed to all that follow the group. */
import type { Tx } from '../../delivery/context.ts'
import { count } from '../../delivery/metering.ts'
import { batchSpanMillis, putBatch } from './batches.ts'
import { shownBy } from './dataProtection.ts'
import type { Written } from './eventBodies.ts'
import { planFirstExpiry } from './expiries.ts'
import { groupArn, groups, type LogGroup } from './groups.ts'
import { liveTails } from './liveTails.ts'
import { measureEvents } from './measuring.ts'
import { type LogStream, streams } from './streamRecords.ts'
import { sendOn } from './subscribing.ts'

/** Adds events to a stream, in the order of their times; returns the stream's number of batches. */
export function appendEvents(tx: Tx, group: LogGroup, stream: LogStream, events: readonly Written[]): number {
  const first = events[0]
  const last = events[events.length - 1]
  if (!first || !last) return stream.batches
  let number = stream.batches
  let storedBytes = 0
  for (const part of withinSpan(events)) {
    number++
    storedBytes += putBatch(tx, { groupId: group.id, streamId: stream.id, number }, part)
    if (group.subscriptionFilters) sendOn(tx, { group, stream, number }, shownEvents(tx, group, part))
    planFirstExpiry(tx, group, (part[part.length - 1] as Written)[0])
  }
  tx.in(streams).put({
    ...stream,
    batches: number,
    firstEventAt: Math.min(stream.firstEventAt ?? first[0], first[0]),
    lastEventAt: Math.max(stream.lastEventAt ?? last[0], last[0]),
    lastIngestedAt: tx.now,
  })
  tx.in(groups).put({ ...group, storedBytes: group.storedBytes + storedBytes })
  count(tx, groupArn(group.name, tx), ['incomingLogEvents', events.length], ['incomingBytes', storedBytes])
  if (group.class === 'STANDARD') measureEvents(tx, group, shownEvents(tx, group, events))
  const tails = tx.use(liveTails)
  if (tails.isWatched)
    tx.afterCommit(() => tails.publish(tx, group.name, stream.name, shownEvents(tx, group, events), tx.now))
  return number
}

/** As they leave the group: masked, where its data is protected. */
function shownEvents(tx: Tx, group: LogGroup, events: readonly Written[]): readonly Written[] {
  if (!group.protection) return events
  const shown = shownBy(tx, group)
  return events.map(([timestamp, message]) => [timestamp, shown(message, tx.now)])
}

function* withinSpan(events: readonly Written[]): Iterable<readonly Written[]> {
  let start = 0
  for (const [index, [timestamp]] of events.entries()) {
    if (timestamp - (events[start] as Written)[0] <= batchSpanMillis) continue
    yield events.slice(start, index)
    start = index
  }
  yield start === 0 ? events : events.slice(start)
}
