/**
 * Replays: a subscription's `ReplayPolicy` sends it again what a FIFO topic has archived. While it runs, new messages come
 * after the old ones, in their order: they lie in the archive too, and the replay goes on with them until there is nothing
 * that it has not sent. A batch's deliveries and the place to go on from are one commit, so none is left out or sent twice.
 */
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { segmentLogs } from '../../delivery/logs.ts'
import { isBefore, type Position } from '../../store/segments.ts'
import { type Archived, archivedFrom, beginningOf, policyDocument } from './archives.ts'
import { tell } from './fanOut.ts'
import { invalid } from './refusals.ts'
import { type Subscription, subscriptions } from './subscriptionRecords.ts'
import { type Topic, topics } from './topics.ts'

export interface Replay {
  id: string
  status: 'Pending' | 'In progress' | 'Completed' | 'Failed'
  from: Millis
  to?: Millis
  /** What was published since it began lies here and behind. */
  newFrom: Position
  /** Behind the last message that was looked at. */
  next: Position
}

interface ReplayBatch extends Due {
  topicName: string
  subscriptionId: string
}

const replayBatches = dueQueue<ReplayBatch>('sns/replays')
/** Of a batch: other requests wait for one at most. */
const messagesMax = 100

interface Policy {
  from: Millis
  to?: Millis
}

/** Undefined where it is `{}` or none. Errors: InvalidParameter. */
export function readReplayPolicy(policy: string | undefined): Policy | undefined {
  if (!policy) return undefined
  const { PointType, StartingPoint, EndingPoint, ...rest } = policyDocument('ReplayPolicy', policy)
  if (PointType === undefined && StartingPoint === undefined && EndingPoint === undefined) return undefined
  if (PointType !== 'Timestamp') throw invalid('ReplayPolicy Reason: PointType must be Timestamp')
  const [from, to] = [timeOf(StartingPoint), timeOf(EndingPoint)]
  if (from === undefined) throw invalid('ReplayPolicy Reason: StartingPoint must be a timestamp')
  if (EndingPoint !== undefined && to === undefined)
    throw invalid('ReplayPolicy Reason: EndingPoint must be a timestamp')
  if (Object.keys(rest).length > 0) throw invalid(`ReplayPolicy Reason: ${Object.keys(rest)[0]} is not known`)
  if (to !== undefined && to <= from) throw invalid('ReplayPolicy Reason: EndingPoint must be after StartingPoint')
  return { from, ...(to !== undefined && { to }) }
}

function timeOf(text: unknown): Millis | undefined {
  const time = typeof text === 'string' ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) ? undefined : time
}

/** Whether new messages come to it by its replay. */
export function isReplaying({ replay }: Subscription): boolean {
  return replay?.status === 'Pending' || replay?.status === 'In progress'
}

/** The subscription with the replay that its policy asks for, in the place of one that runs. Errors: InvalidParameter. */
export function withReplay(tx: Tx, topic: Topic, { replay: before, ...subscription }: Subscription): Subscription {
  const policy = readReplayPolicy(subscription.attributes.ReplayPolicy)
  if (before) tx.due(replayBatches).delete(before.id)
  if (!policy) return subscription
  const beginning = beginningOf(topic, tx.now)
  if (!topic.archive || beginning === undefined) throw invalid('ReplayPolicy Reason: The topic has no active archive')
  if (!['sqs', 'lambda', 'http', 'https'].includes(subscription.protocol)) {
    throw invalid(`ReplayPolicy Reason: Delivery protocol [${subscription.protocol}] does not support replays`)
  }
  if (policy.from > tx.now) throw invalid('ReplayPolicy Reason: StartingPoint must not be in the future')
  // A starting point before the archive's beginning is that beginning.
  const { topicName, id: subscriptionId } = subscription
  const id = tx.random.uuid()
  tx.due(replayBatches).put({ id, dueAt: tx.now, topicName, subscriptionId })
  const newFrom = tx.use(segmentLogs).end(tx, topic.archive.log)
  const next = { segment: 0, offset: 0 }
  return { ...subscription, replay: { id, status: 'Pending', ...policy, newFrom, next } }
}

interface Batch {
  messages: (Archived & { position: Position })[]
  next: Position
}

export const replayWorker = worker('sns/replays', {
  queue: replayBatches,
  concurrency: 4,
  async run(item, ctx) {
    const { topicName, subscriptionId } = item
    const replay = ctx.in(subscriptions).get(topicName, subscriptionId)?.replay
    const log = ctx.in(topics).get(topicName)?.archive?.log
    const batch = replay?.id === item.id && log !== undefined ? await read(ctx, log, replay.next) : undefined
    await ctx.commit((tx) => {
      tx.due(replayBatches).delete(item.id)
      const subscription = tx.in(subscriptions).get(topicName, subscriptionId)
      // It was stopped, replaced, or went with its subscription.
      if (!subscription?.replay || subscription.replay.id !== item.id) return
      const replayed = afterBatch(tx, subscription, { ...subscription.replay }, log, batch)
      tx.in(subscriptions).put({ ...subscription, replay: replayed })
      if (replayed.id !== item.id) tx.due(replayBatches).put({ ...item, id: replayed.id, dueAt: tx.now })
    })
  },
})

/** In the order in which they were published, from `next` on. */
async function read(ctx: Context, log: string, next: Position): Promise<Batch> {
  const segments = ctx.use(segmentLogs)
  const messages: Batch['messages'] = []
  let behind = next
  for (const block of segments.blocks(log)) {
    const end = { segment: block.segment, offset: block.offset + block.bytes }
    if (!isBefore(next, end)) continue
    for (const { offset, body } of await segments.entries(block)) {
      const position = { segment: block.segment, offset }
      if (isBefore(position, next)) continue
      if (messages.length === messagesMax) return { messages, next: position }
      messages.push({ ...archivedFrom(body), position })
    }
    behind = end
  }
  return { messages, next: behind }
}

/** Sends a batch, and answers the replay after it; one that goes on has another id. */
function afterBatch(
  tx: Tx,
  subscription: Subscription,
  replay: Replay,
  log: string | undefined,
  batch: Batch | undefined,
): Replay {
  const topic = tx.in(topics).get(subscription.topicName)
  if (!topic?.archive || topic.archive.log !== log || !batch) return { ...replay, status: 'Failed' }
  for (const { published, draft, position } of batch.messages) {
    const isNew = !isBefore(position, replay.newFrom)
    const isWanted = published.at >= replay.from && published.at <= (replay.to ?? Number.POSITIVE_INFINITY)
    if (isNew || isWanted) tell(tx, topic, subscription, { published, draft, isReplayed: !isNew })
  }
  const isOver = batch.messages.length === 0 && !isBefore(batch.next, tx.use(segmentLogs).end(tx, topic.archive.log))
  if (isOver) return { ...replay, status: 'Completed', next: batch.next }
  return { ...replay, id: tx.random.uuid(), status: 'In progress', next: batch.next }
}
