/** Runs the rounds in which mappings look at their sources, queues and streams. */
import type { Millis } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import { worker } from '../../delivery/due.ts'
import { mappingIdsFor } from './mappedSources.ts'
import { eventSourceMappings, pollersOf } from './mappings.ts'
import { endPoll, polls, wakePoller } from './polling.ts'
import { pollQueue } from './sqsPoller.ts'
import { pollStream } from './streamPoller.ts'

/** Called by queues and streams, in the commit that makes a message or a record receivable. */
export function onArrival(tx: Tx, sourceArn: string, at: Millis): void {
  for (const id of mappingIdsFor(tx, sourceArn)) {
    const mapping = tx.in(eventSourceMappings).get(id)
    if (mapping) for (const poller of pollersOf(mapping)) wakePoller(tx, poller, at)
  }
}

export const pollWorker = worker('lambda/polls', {
  queue: polls,
  concurrency: 64,
  async run(poll, ctx) {
    const mapping = ctx.in(eventSourceMappings).get(poll.mappingId)
    if (!mapping?.enabled) {
      await ctx.commit((tx) => tx.due(polls).delete(poll.id))
      return
    }
    const { stream } = mapping
    const round = await (stream && poll.lane !== undefined
      ? pollStream(ctx, { ...mapping, stream }, poll.lane, poll)
      : pollQueue(ctx, mapping, poll.windowed))
    await ctx.commit((tx) => {
      const { waitMillis, windowed, window, result } = round
      endPoll(tx, poll, { dueAt: tx.now + waitMillis, windowed, ...(window && { window }) })
      const present = tx.in(eventSourceMappings).get(mapping.id)
      if (present && result && result !== present.lastResult)
        tx.in(eventSourceMappings).put({ ...present, lastResult: result })
    })
  },
})
