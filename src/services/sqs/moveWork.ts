/** The steps of a move task: each is one commit that moves some messages, counts them, and says when the next one is due. */
import { parseArn } from '../../delivery/arn.ts'
import { arrivals } from '../../delivery/arrivals.ts'
import type { Tx } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { type MoveTask, moveTasks } from './moveTasks.ts'
import { type Queue, queueArn, queues } from './queues.ts'
import { addMessage, getMessage, type Message, marks, removeMessage } from './storage.ts'
import { wakeWaiters } from './waiters.ts'
import { waiting } from './waiting.ts'

interface Move extends Due {
  source: string
  number: number
}

const moves = dueQueue<Move>('sqs/moves')

/** One commit moves so many where no rate was asked for. */
const movedAtOnceMax = 500
const secondMillis = 1_000
/** What lies before them is looked through for messages that may move: others are in flight. */
const lookedAtMax = 10_000

export function startMoving(tx: Tx, { id, source, number }: MoveTask): void {
  tx.due(moves).put({ id, source, number, dueAt: tx.now })
}

export const moveWorker = worker('sqs/moves', {
  queue: moves,
  concurrency: 4,
  async run(move, ctx) {
    let goesOn = true
    while (goesOn) goesOn = await ctx.commit((tx) => step(tx, move))
  },
})

/** True where the next step may follow at once. */
function step(tx: Tx, move: Move): boolean {
  const task = tx.in(moveTasks).get(move.source, move.number)
  const queue = task && tx.in(queues).get(task.source)
  if (task?.status !== 'RUNNING' || !queue) {
    const status = task?.status === 'CANCELLING' ? 'CANCELLED' : 'FAILED'
    if (task) tx.in(moveTasks).put({ ...task, status, ...(!queue && { failure: missing }) })
    tx.due(moves).delete(move.id)
    return false
  }
  const most = task.perSecond ?? movedAtOnceMax
  const after = moveSome(tx, task, queue, most)
  const isOver = after.status !== 'RUNNING' || after.moved - task.moved < most
  const status = isOver && after.status === 'RUNNING' ? 'COMPLETED' : after.status
  tx.in(moveTasks).put({ ...after, status })
  if (isOver) tx.due(moves).delete(move.id)
  else if (task.perSecond !== undefined) tx.due(moves).put({ ...move, dueAt: tx.now + secondMillis })
  return !isOver && task.perSecond === undefined
}

const missing = 'AWS.SimpleQueueService.NonExistentQueue'

function moveSome(tx: Tx, task: MoveTask, queue: Queue, most: number): MoveTask {
  let moved = 0
  for (const message of movable(tx, task, queue, most)) {
    const failure = moveOne(tx, task, message)
    if (failure) return { ...task, moved: task.moved + moved, status: 'FAILED', failure }
    moved++
  }
  return { ...task, moved: task.moved + moved }
}

/** Messages that nobody has in flight, of those that were there when the task began. */
function movable(tx: Tx, task: MoveTask, { storage, settings }: Queue, most: number): Message[] {
  const found: Message[] = []
  let looked = 0
  for (const message of settings.isFifo ? visibleInOrder(tx, storage) : waiting(tx, storage)) {
    if (found.length >= most || ++looked > lookedAtMax + most) break
    if (message && message.sequence < task.beforeSequence) found.push(message)
  }
  return found
}

/** Of a FIFO queue; undefined for each that is passed by. */
function* visibleInOrder(tx: Tx, storage: string): Iterable<Message | undefined> {
  for (const { sequence } of tx.in(marks).list({ prefix: [storage] })) {
    const message = getMessage(tx, storage, sequence)
    yield message && message.visibleAt <= tx.now ? message : undefined
  }
}

/** AWS: a moved message is a new one, with a new id, and its retention begins anew. Answers why it could not be moved. */
function moveOne(tx: Tx, task: MoveTask, message: Message): string | undefined {
  const arn = task.destinationArn ?? message.deadLetterSourceArn
  if (!arn) return 'CouldNotDetermineMessageSource'
  const to = parseArn(arn)
  const there = to && tx.at({ account: to.account, region: to.region })
  const queue = to && there?.in(queues).get(to.resource)
  if (!there || !queue) return missing
  const { deadLetterSourceArn: _, firstReceivedAt: __, ...kept } = message
  const { storage } = queue
  removeMessage(tx, message)
  addMessage(tx, {
    ...kept,
    storage,
    id: tx.random.uuid(),
    sentAt: tx.now,
    visibleAt: tx.now,
    receives: 0,
  })
  wakeWaiters(tx, storage)
  tx.use(arrivals).tell(there, queueArn(queue.name, there), tx.now)
  return undefined
}
