/**
 * Does the work of replays, a batch at a time: other work comes between, and so does a cancellation. A batch's deliveries
 * and the place to go on from are one commit, so a replay that was killed goes on with the next event, once.
 */
import type { Context, Tx } from '../../delivery/context.ts'
import { worker } from '../../delivery/due.ts'
import { segmentLogs } from '../../delivery/logs.ts'
import { singleton } from '../../delivery/singleton.ts'
import { newTraceId } from '../../observe/traces.ts'
import { archives } from './archives.ts'
import { buses, getBus } from './buses.ts'
import { type ArchivedEvent, ReplayReader } from './replayReader.ts'
import { batchId, type Replay, replayBatches, replays, ruleOf } from './replays.ts'
import { type RoutedEvent, router } from './routing.ts'

const batch = { eventsMax: 256, bytesMax: 2 ** 20 }
const replaysAtOnce = 10

/** Readers of replays under way: what they have gathered saves the next batch from reading it again. */
const replayReaders = singleton('replay readers', () => {
  const readers = new Map<string, ReplayReader>()
  return { readers, reset: () => readers.clear() }
})

export const replayWorker = worker('eventbridge/replays', {
  queue: replayBatches,
  concurrency: replaysAtOnce,
  async run(item, ctx) {
    const { readers } = ctx.use(replayReaders)
    const key = `${ctx.account}/${ctx.region}/${item.replay}`
    const replay = ctx.in(replays).get(item.replay)
    const events = replay?.state === 'CANCELLING' ? [] : await nextEvents(replay, readers, key, ctx)
    const trace = { traceId: newTraceId(ctx.clock, ctx.random) }
    const goesOn = await ctx.commit((tx) => {
      tx.due(replayBatches).delete(item.id)
      const now = tx.in(replays).get(item.replay)
      if (!now) return false
      const after = replayed(tx.at({ trace }), now, events)
      tx.in(replays).put(after)
      if (after.endedAt !== undefined) return false
      tx.due(replayBatches).put({ ...item, id: batchId(after), dueAt: tx.now })
      return true
    })
    if (!goesOn) readers.delete(key)
  },
})

async function nextEvents(
  replay: Replay | undefined,
  readers: Map<string, ReplayReader>,
  key: string,
  ctx: Context,
): Promise<ArchivedEvent[]> {
  if (!replay) return []
  let reader = readers.get(key)
  // One that has gone ahead of what was committed belongs to a commit that failed.
  if (reader?.cursor?.offset !== replay.cursor?.offset || reader?.cursor?.segment !== replay.cursor?.segment) {
    reader = undefined
  }
  reader ??= new ReplayReader(ctx.use(segmentLogs), replay, replay.cursor)
  readers.set(key, reader)
  return reader.next(batch)
}

/** The replay after a batch. */
function replayed(tx: Tx, replay: Replay, events: readonly ArchivedEvent[]): Replay {
  if (replay.state === 'CANCELLING') return { ...replay, state: 'CANCELLED', endedAt: tx.now }
  const failure = obstacle(tx, replay)
  if (failure) return { ...replay, state: 'FAILED', stateReason: failure, endedAt: tx.now }
  const last = events.at(-1)
  if (!last) return { ...replay, state: 'COMPLETED', endedAt: tx.now }
  const hop = tx.hop({
    service: 'eventbridge',
    action: 'replayed',
    resource: replay.name,
    subjects: [`replay/${replay.name}`],
    detail: { bus: replay.bus, events: events.length },
  })
  const here = tx.at({ trace: hop })
  const only =
    replay.destination.filterArns && new Set(replay.destination.filterArns.map((arn) => ruleOf(arn)?.name ?? ''))
  const way = router(tx)
  for (const event of events) way.replay(here, replay.bus, routed(event, replay.name), only)
  const { minute, segment, offset, at } = last
  return {
    ...replay,
    state: 'RUNNING',
    cursor: { minute, segment, offset },
    lastReplayedAt: at,
    batches: replay.batches + 1,
  }
}

function obstacle(tx: Tx, { bus, archive, log }: Replay): string | undefined {
  if (!getBus(tx.in(buses), bus)) return `Event bus ${bus} does not exist.`
  if (tx.in(archives).get(archive)?.log !== log) return `Archive ${archive} does not exist.`
  return undefined
}

/** The event as it was, with the name of the replay in it; `id` and `time` are its own. */
function routed({ json, appendedAt }: ArchivedEvent, replay: string): RoutedEvent {
  const event = JSON.parse(json) as Record<string, unknown>
  return {
    id: String(event.id),
    json: withReplayName(json, replay),
    source: String(event.source),
    detailType: String(event['detail-type']),
    account: String(event.account),
    ingestedAt: appendedAt,
    forwards: 0,
  }
}

/** Where AWS has it: before `resources`. Numbers stay as they were written, so the text is not made anew. */
export function withReplayName(json: string, replay: string): string {
  const member = `"replay-name":${JSON.stringify(replay)},`
  const resources = json.indexOf('"resources":[')
  const detail = json.indexOf('"detail":')
  const at = resources > 0 && (detail < 0 || resources < detail) ? resources : json.indexOf('{') + 1
  return json.slice(0, at) + member + json.slice(at)
}
