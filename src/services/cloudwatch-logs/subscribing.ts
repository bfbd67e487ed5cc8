/** Sends ingested events on to the functions that subscription filters name, in the commit that ingests them. */
import { gzipSync } from 'node:zlib'
import type { Tx } from '../../delivery/context.ts'
import type { Written } from './eventBodies.ts'
import { eventId } from './eventIds.ts'
import { compiledFilters } from './filters.ts'
import { groupArn, type LogGroup } from './groups.ts'
import type { LogStream } from './streamRecords.ts'
import { type SubscriptionFilter, subscriptionFilters } from './subscriptionFilters.ts'

/** So that even what does not compress fits into an asynchronous invocation. */
const messageBytesMax = 150_000

interface SentEvent {
  id: string
  timestamp: number
  message: string
}

/** The events of one batch. */
export function sendOn(
  tx: Tx,
  { group, stream, number }: { group: LogGroup; stream: LogStream; number: number },
  events: readonly Written[],
): void {
  for (const filter of tx.in(subscriptionFilters).list({ prefix: [group.name] })) {
    const { passes } = tx.use(compiledFilters)(filter.pattern)
    const sent = events.flatMap(([timestamp, message], index) =>
      passes(message) ? [{ id: eventId({ timestamp, streamId: stream.id, number, index }), timestamp, message }] : [],
    )
    for (const part of inParts(sent)) deliver(tx, filter, stream, part)
  }
}

function deliver(tx: Tx, filter: SubscriptionFilter, stream: LogStream, logEvents: SentEvent[]): void {
  const { groupName, name, destinationArn, principal } = filter
  const data = {
    messageType: 'DATA_MESSAGE',
    owner: tx.account,
    logGroup: groupName,
    logStream: stream.name,
    subscriptionFilters: [name],
    logEvents,
  }
  tx.deliver({
    arn: destinationArn,
    payload: JSON.stringify({ awslogs: { data: gzipSync(JSON.stringify(data)).toString('base64') } }),
    sender: { principal, sourceArn: `${groupArn(groupName, tx)}:*` },
  })
}

function* inParts(events: readonly SentEvent[]): Iterable<SentEvent[]> {
  let part: SentEvent[] = []
  let bytes = 0
  for (const event of events) {
    bytes += Buffer.byteLength(event.message)
    if (part.length > 0 && bytes > messageBytesMax) {
      yield part
      part = []
      bytes = Buffer.byteLength(event.message)
    }
    part.push(event)
  }
  if (part.length > 0) yield part
}
