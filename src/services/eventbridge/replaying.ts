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

/**
 * Of a batch: other requests wait for one at most. Of batches on their way to the disk, which need not wait for each other's
 * sync. And of a run.
 */
export const replayLimits = singleton('replay limits', () => ({
  eventsMax: 256,
  bytesMax: 2 ** 20,
  batchesAtOnce: 8,
  batchesARun: 32,
}))
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
    const limits = ctx.use(replayLimits)
    const key = `${ctx.account}/${ctx.region}/${item.replay}`
    const reader = readerOf(ctx, item.replay, readers.get(key))
    if (reader) readers.set(key, reader)
    const underWay: Promise<void>[] = []
    let goesOn = true
    for (let count = 1; count <= limits.batchesARun && goesOn; count++) {
      const events = (await reader?.next(limits)) ?? []
      const trace = { traceId: newTraceId(ctx.clock, ctx.random) }
      const commit = ctx.commit((tx) => {
        goesOn = replayBatch(tx.at({ trace }), item.replay, events)
        // The row stays until the last batch of this run: no second run begins beside it.
        if (!goesOn || count === limits.batchesARun) nextRow(tx, item, goesOn)
      })
      // Awaited below; a refusal must not be unhandled until then.
      commit.catch(() => undefined)
      underWay.push(commit)
      if (underWay.length >= limits.batchesAtOnce) await underWay.shift()
      await new Promise((resolve) => setImmediate(resolve))
    }
    await Promise.all(underWay)
    if (!goesOn) readers.delete(key)
  },
})

/** Undefined where there is no such replay any more. */
function readerOf(ctx: Context, name: string, before: ReplayReader | undefined): ReplayReader | undefined {
  const replay = ctx.in(replays).get(name)
  if (!replay) return undefined
  const { cursor } = replay
  // One that has gone ahead of what was committed belongs to commits that failed.
  const isThere = before && before.cursor?.segment === cursor?.segment && before.cursor?.offset === cursor?.offset
  return isThere ? before : new ReplayReader(ctx.use(segmentLogs), replay, cursor)
}

/** Answers whether there is more to do. */
function replayBatch(tx: Tx, name: string, events: readonly ArchivedEvent[]): boolean {
  const replay = tx.in(replays).get(name)
  if (!replay) return false
  const after = replayed(tx, replay, events)
  tx.in(replays).put(after)
  return after.endedAt === undefined
}

function nextRow(tx: Tx, item: { id: string; replay: string }, goesOn: boolean): void {
  tx.due(replayBatches).delete(item.id)
  const replay = goesOn ? tx.in(replays).get(item.replay) : undefined
  if (replay) tx.due(replayBatches).put({ id: batchId(replay), dueAt: tx.now, replay: item.replay })
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
  const again = events.map((event) => routed(event, replay.name))
  router(tx).replay(here, replay.bus, again, only)
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
  const { id, source, 'detail-type': detailType, account } = envelopeOf(json)
  return { id, json: withReplayName(json, replay), source, detailType, account, ingestedAt: appendedAt, forwards: 0 }
}

interface Envelope {
  id: string
  source: string
  'detail-type': string
  account: string
}

/** Ours has all that is wanted before the detail, which may be long and is not read for it. */
function envelopeOf(json: string): Envelope {
  const detail = json.indexOf(',"detail":')
  try {
    const head = JSON.parse(`${json.slice(0, detail)}}`) as Partial<Envelope>
    if (head.id && head.source && head['detail-type'] && head.account) return head as Envelope
  } catch {
    // Members in another order.
  }
  return JSON.parse(json) as Envelope
}

/** Where AWS has it: before `resources`. Numbers stay as they were written, so the text is not made anew. */
export function withReplayName(json: string, replay: string): string {
  const member = `"replay-name":${JSON.stringify(replay)},`
  const resources = json.indexOf('"resources":[')
  const detail = json.indexOf('"detail":')
  const at = resources > 0 && (detail < 0 || resources < detail) ? resources : json.indexOf('{') + 1
  return json.slice(0, at) + member + json.slice(at)
}
