/**
 * Message move tasks: the messages of a dead-letter queue go back to where they came from, or to another queue. The task
 * is a record, its next step a due row, and each step moves its messages and counts them in one commit, so a killed
 * server goes on where it was. Rules: SQS API Reference, "StartMessageMoveTask"; SQS Developer Guide, "Learn how to
 * configure a dead-letter queue redrive".
 */
import { type Arn, parseArn } from '../../delivery/arn.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsError, awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { startMoving } from './moveWork.ts'
import { queueArn, queues } from './queues.ts'
import { depths } from './storage.ts'

const { ResourceNotFoundException, UnsupportedOperation } = awsErrors('sqs')

export interface MoveTask {
  /** The queue that is emptied. */
  source: string
  /** Counts the tasks of a queue. */
  number: number
  id: string
  status: 'RUNNING' | 'COMPLETED' | 'CANCELLING' | 'CANCELLED' | 'FAILED'
  /** Absent: each message goes back to the queue that gave it up. */
  destinationArn?: Arn
  perSecond?: number
  moved: number
  toMove: number
  /** Only what was there at the start is moved: a message that fails again is not moved in circles. */
  beforeSequence: number
  startedAt: number
  failure?: string
}

export const moveTasks = collection<MoveTask>('sqs/move-tasks', {
  version: 1,
  key: ({ source, number }) => [source, number],
})

/** AWS lists no more than the ten newest. */
const tasksKeptMax = 10
const perSecondMax = 500

export const moveTaskOperations = operations('sqs', {
  async StartMessageMoveTask(input, ctx) {
    const perSecond = input.MaxNumberOfMessagesPerSecond
    if (perSecond !== undefined && (perSecond < 1 || perSecond > perSecondMax)) {
      throw invalid(
        `Value ${perSecond} for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: Must be between 1 and ${perSecondMax}, if provided.`,
      )
    }
    const place = placeOf(ctx, input.SourceArn, 'SourceArn')
    const task = await place.ctx.commit((tx) => {
      mustBeDeadLetterQueue(tx, place.name, input.DestinationArn)
      const wanted = { ...(input.DestinationArn && { destinationArn: input.DestinationArn }) }
      return startTask(tx, { source: place.name, ...wanted, ...(perSecond !== undefined && { perSecond }) })
    })
    return { TaskHandle: handleOf(task, place.ctx) }
  },

  async CancelMessageMoveTask(input, ctx) {
    const { taskId, sourceArn } = readHandle(input.TaskHandle)
    const place = placeOf(ctx, sourceArn, 'TaskHandle')
    const task = await place.ctx.commit((tx) => {
      const found = tasksOf(tx, place.name).find(({ id }) => id === taskId)
      if (!found) throw ResourceNotFoundException('Task does not exist.')
      if (found.status !== 'RUNNING') throw UnsupportedOperation('Only active tasks can be cancelled.')
      tx.in(moveTasks).put({ ...found, status: 'CANCELLING' })
      startMoving(tx, found)
      return found
    })
    return { ApproximateNumberOfMessagesMoved: task.moved }
  },

  async ListMessageMoveTasks(input, ctx) {
    const most = input.MaxResults ?? 1
    if (most < 1 || most > tasksKeptMax) {
      throw invalid(
        `Value ${most} for parameter MaxResults is invalid. Reason: Must be between 1 and ${tasksKeptMax}, if provided.`,
      )
    }
    const place = placeOf(ctx, input.SourceArn, 'SourceArn')
    if (!place.ctx.in(queues).has(place.name)) throw noSource()
    const tasks = tasksOf(place.ctx, place.name).slice(0, most)
    return { Results: tasks.map((task) => shown(task, place.ctx)) }
  },
})

type Reader = Pick<Tx, 'in'> | Pick<Context, 'in'>

/** The newest first. */
function tasksOf(from: Reader, source: string): MoveTask[] {
  return [...from.in(moveTasks).list({ prefix: [source], reverse: true })]
}

function startTask(
  tx: Tx,
  wanted: Pick<MoveTask, 'source'> & Partial<Pick<MoveTask, 'destinationArn' | 'perSecond'>>,
): MoveTask {
  const before = tasksOf(tx, wanted.source)
  if (before.some(({ status }) => status === 'RUNNING' || status === 'CANCELLING')) {
    throw invalid(
      'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
    )
  }
  const depth = tx.in(depths).get(tx.in(queues).get(wanted.source)?.storage ?? '')
  const task: MoveTask = {
    ...wanted,
    number: (before[0]?.number ?? 0) + 1,
    id: tx.random.uuid(),
    status: 'RUNNING',
    moved: 0,
    toMove: depth?.total ?? 0,
    beforeSequence: depth?.next ?? 1,
    startedAt: tx.now,
  }
  tx.in(moveTasks).put(task)
  for (const old of before.slice(tasksKeptMax - 1)) tx.in(moveTasks).delete(old.source, old.number)
  startMoving(tx, task)
  return task
}

/** Errors: AWS's, where the source is no dead-letter queue of another queue, or the destination is not there. */
function mustBeDeadLetterQueue(tx: Tx, name: string, destination: Arn | undefined): void {
  const source = tx.in(queues).get(name)
  if (!source) throw noSource()
  const arn = queueArn(name, tx)
  const isDeadLetters = [...tx.in(queues).list()].some(({ settings }) => settings.redrive?.deadLetterTargetArn === arn)
  if (!isDeadLetters) throw invalid('Source queue must be configured as a Dead Letter Queue.')
  if (destination === undefined) return
  const to = parseArn(destination)
  if (to?.service !== 'sqs') throw invalid('Invalid value for the parameter DestinationArn.')
  if (destination === arn) throw invalid('Source queue arn and destination queue arn cannot be the same.')
  const queue = tx.at({ account: to.account, region: to.region }).in(queues).get(to.resource)
  if (!queue) {
    throw ResourceNotFoundException("The resource that you specified for the DestinationArn parameter doesn't exist.")
  }
  if (queue.settings.isFifo !== source.settings.isFifo) {
    throw invalid('Source queue and destination queue must be of the same type.')
  }
}

function shown(task: MoveTask, ctx: Context) {
  return {
    ...(task.status === 'RUNNING' && { TaskHandle: handleOf(task, ctx) }),
    Status: task.status,
    SourceArn: queueArn(task.source, ctx),
    ...(task.destinationArn && { DestinationArn: task.destinationArn }),
    ...(task.perSecond !== undefined && { MaxNumberOfMessagesPerSecond: task.perSecond }),
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.toMove,
    ...(task.failure && { FailureReason: task.failure }),
    StartedTimestamp: task.startedAt,
  }
}

function handleOf({ id, source }: MoveTask, ctx: Context): string {
  return Buffer.from(JSON.stringify({ taskId: id, sourceArn: queueArn(source, ctx) })).toString('base64')
}

function readHandle(handle: string): { taskId: string; sourceArn: Arn } {
  try {
    const read = JSON.parse(Buffer.from(handle, 'base64').toString()) as { taskId?: unknown; sourceArn?: unknown }
    if (typeof read.taskId === 'string' && typeof read.sourceArn === 'string') {
      return { taskId: read.taskId, sourceArn: read.sourceArn }
    }
  } catch {
    // No JSON: no handle of ours.
  }
  throw invalid('Value for parameter TaskHandle is invalid.')
}

function placeOf(ctx: Context, arn: Arn, parameter: string): { ctx: Context; name: string } {
  const parts = parseArn(arn)
  if (parts?.service !== 'sqs') throw invalid(`Invalid value for the parameter ${parameter}.`)
  return { ctx: ctx.at({ account: parts.account, region: parts.region }), name: parts.resource }
}

function noSource(): Error {
  return ResourceNotFoundException("The resource that you specified for the SourceArn parameter doesn't exist.")
}

function invalid(words: string): Error {
  return awsError('InvalidParameterValue', words)
}
