/** A queue's settings, its name and its address. Its messages are in messages.ts. */
import type { Arn } from '../../delivery/arn.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { singleton } from '../../delivery/singleton.ts'
import { type Collection, collection } from '../../store/collection.ts'
import { awsError, awsErrors } from '../../wire/errors.ts'
import { pagesOf, tokenOf } from '../pages.ts'
import { operations } from '../service.ts'
import { attributesOf, type QueueSettings, readAttributes } from './attributes.ts'
import { forgetLater } from './fifoMemory.ts'
import { mustTakeDeadLetters } from './redrive.ts'
import { counts, depths, emptyDepth } from './storage.ts'
import { startSweeping, sweepLater } from './sweeping.ts'
import { mustBeTags } from './tagLimits.ts'

const {
  QueueDoesNotExist,
  QueueNameExists,
  InvalidAddress,
  InvalidAttributeName,
  PurgeQueueInProgress,
  QueueDeletedRecently,
} = awsErrors('sqs')

export interface Queue {
  name: string
  createdAt: number
  modifiedAt: number
  settings: QueueSettings
  tags: Record<string, string>
  /** Under which its messages lie. A purge or a new queue of the same name takes another one. */
  storage: string
  purgedAt?: number
}

/** By name. The store adds account and region to every key. */
export const queues: Collection<Queue> = collection('sqs/queues', {
  version: 1,
  kept: true,
  key: (queue) => [queue.name],
})

/** Names of queues that were deleted, for as long as they are not given out again. */
const deletedQueues = collection<{ name: string; at: number }>('sqs/deleted-queues', {
  version: 1,
  key: ({ name }) => [name],
})

const purgePauseMillis = 60_000
const pageMax = 1000

export const queueOperations = operations('sqs', {
  async CreateQueue(input, ctx) {
    const name = input.QueueName
    const settings = readAttributes(name, input.Attributes ?? {}, ctx)
    mustBeTags(name, input.tags ?? {})
    await ctx.commit((tx) => {
      const existing = tx.in(queues).get(name)
      if (existing && !sameSettings(existing, input.Attributes ?? {}, ctx)) throw QueueNameExists(existsText)
      if (!existing) createQueue(tx, { name, settings, tags: input.tags ?? {} })
    })
    return { QueueUrl: queueUrl(name, ctx) }
  },

  async GetQueueUrl(input, ctx) {
    const owner = input.QueueOwnerAWSAccountId ? ctx.at({ account: input.QueueOwnerAWSAccountId }) : ctx
    mustGetQueue(owner, input.QueueName)
    return { QueueUrl: queueUrl(input.QueueName, owner) }
  },

  async ListQueues(input, ctx) {
    const limit = pageSize(input.MaxResults)
    const after = input.NextToken ? keyIn(input.NextToken) : undefined
    const found = [
      ...ctx.in(queues).list({ startsWith: input.QueueNamePrefix ?? '', ...(after && { after }), limit: limit + 1 }),
    ]
    const page = found.slice(0, limit)
    const last = page.at(-1)
    const isMore = found.length > limit && input.MaxResults !== undefined && last
    return {
      ...(page.length > 0 && { QueueUrls: page.map((queue) => queueUrl(queue.name, ctx)) }),
      ...(isMore && { NextToken: tokenOf([last.name]) }),
    }
  },

  async DeleteQueue(input, ctx) {
    const place = addressed(ctx, input.QueueUrl)
    await place.ctx.commit((tx) => {
      const queue = mustGet(tx, place.name)
      tx.in(queues).delete(queue.name)
      rememberDeleted(tx, queue.name)
      tx.in(depths).delete(queue.storage)
      sweepLater(tx, queue.storage)
      if (queue.settings.isFifo) forgetLater(tx, queue.storage)
    })
    return {}
  },

  async GetQueueAttributes(input, ctx) {
    const place = addressed(ctx, input.QueueUrl)
    const queue = mustGetQueue(place.ctx, place.name)
    const all = { ...attributesOf(queue.settings), ...runtimeAttributes(queue, place.ctx) }
    const names = (input.AttributeNames ?? []) as string[]
    const wanted = names.includes('All') ? Object.keys(all) : names
    for (const name of wanted) if (!knownAttributes.has(name)) throw InvalidAttributeName(`Unknown Attribute ${name}.`)
    const found = wanted.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]] as const]))
    return found.length > 0 ? { Attributes: Object.fromEntries(found) } : {}
  },

  async SetQueueAttributes(input, ctx) {
    const place = addressed(ctx, input.QueueUrl)
    await place.ctx.commit((tx) => {
      const queue = mustGet(tx, place.name)
      const settings = readAttributes(queue.name, input.Attributes, ctx, queue.settings)
      if (input.Attributes.RedrivePolicy && settings.redrive) mustTakeDeadLetters(tx, queue.name, settings.redrive)
      tx.in(queues).put({ ...queue, settings, modifiedAt: tx.now })
    })
    return {}
  },

  async PurgeQueue(input, ctx) {
    const place = addressed(ctx, input.QueueUrl)
    await place.ctx.commit((tx) => {
      const queue = mustGet(tx, place.name)
      if (queue.purgedAt !== undefined && tx.now - queue.purgedAt < purgePauseMillis) {
        throw PurgeQueueInProgress(`Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`)
      }
      const storage = tx.random.hex(16)
      tx.in(queues).put({ ...queue, storage, purgedAt: tx.now })
      tx.in(depths).put(emptyDepth(storage))
      sweepLater(tx, queue.storage)
      if (queue.settings.isFifo) forgetLater(tx, queue.storage)
      startSweeping(tx, queue.name, storage)
    })
    return {}
  },

  async ListDeadLetterSourceQueues(input, ctx) {
    const place = addressed(ctx, input.QueueUrl)
    mustGetQueue(place.ctx, place.name)
    const arn = queueArn(place.name, place.ctx)
    const sources = [...place.ctx.in(queues).list()].filter(
      (queue) => queue.settings.redrive?.deadLetterTargetArn === arn,
    )
    const wanted = { token: input.NextToken, limit: pageSize(input.MaxResults) }
    const { items, nextToken } = pageOf(sources, ({ name }) => [name], wanted)
    return {
      queueUrls: items.map(({ name }) => queueUrl(name, place.ctx)),
      ...(nextToken && input.MaxResults !== undefined && { NextToken: nextToken }),
    }
  },
})

const { keyIn, pageOf } = pagesOf(() => awsError('InvalidParameterValue', 'Invalid or expired next token.'))

/** Errors: InvalidParameterValue. */
function pageSize(given: number | undefined): number {
  if (given === undefined || (given >= 1 && given <= pageMax)) return given ?? pageMax
  throw awsError(
    'InvalidParameterValue',
    `Value ${given} for parameter MaxResults is invalid. Reason: Must be between 1 and ${pageMax}, if provided.`,
  )
}

const existsText = 'A queue already exists with the same name and a different value for attribute(s).'

const knownAttributes = new Set([
  'QueueArn',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
  'VisibilityTimeout',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'DelaySeconds',
  'ReceiveMessageWaitTimeSeconds',
  'Policy',
  'RedrivePolicy',
  'RedriveAllowPolicy',
  'FifoQueue',
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'FifoThroughputLimit',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'SqsManagedSseEnabled',
])

export function createQueue(tx: Tx, { name, settings, tags }: Pick<Queue, 'name' | 'settings' | 'tags'>): void {
  if (deletedRecently(tx, name)) {
    throw QueueDeletedRecently(
      `You must wait ${tx.use(deletedPause)} seconds after deleting a queue before you can create another with the same name.`,
    )
  }
  if (settings.redrive) mustTakeDeadLetters(tx, name, settings.redrive)
  const storage = tx.random.hex(16)
  tx.in(queues).put({ name, settings, tags, storage, createdAt: tx.now, modifiedAt: tx.now })
  tx.in(depths).put(emptyDepth(storage))
  startSweeping(tx, name, storage)
}

/** Seconds. None unless it is asked for: here a stack is made anew in less than AWS's minute. */
const deletedPause = singleton('pause of deleted queue names', (platform) => platform.options.deletedQueueSeconds)

function deletedRecently(tx: Tx, name: string): boolean {
  const deleted = tx.in(deletedQueues).get(name)
  return deleted !== undefined && tx.now - deleted.at < tx.use(deletedPause) * 1000
}

/** Each deletion forgets those that are over, so that the memory stays as long as the pause. */
function rememberDeleted(tx: Tx, name: string): void {
  const pauseMillis = tx.use(deletedPause) * 1000
  const over = [...tx.in(deletedQueues).list()].filter(({ at }) => tx.now - at >= pauseMillis)
  for (const { name } of over) tx.in(deletedQueues).delete(name)
  if (pauseMillis > 0) tx.in(deletedQueues).put({ name, at: tx.now })
}

/** A second CreateQueue may leave attributes out, but not change one. */
function sameSettings(queue: Queue, asked: Record<string, string>, ctx: Context): boolean {
  const has = attributesOf(queue.settings)
  const wanted = attributesOf(readAttributes(queue.name, asked, ctx))
  return Object.keys(asked).every((name) => has[name] === wanted[name])
}

function runtimeAttributes(queue: Queue, ctx: Context): Record<string, string> {
  const { visible, inFlight, delayed } = counts(ctx.in, queue.storage, ctx.clock.now())
  return {
    QueueArn: queueArn(queue.name, ctx),
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedAt / 1000)),
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
  }
}

export function queueUrl(name: string, ctx: Context): string {
  return `${ctx.caller.endpoint}/${ctx.account}/${name}`
}

export function queueArn(name: string, { account, region }: { account: string; region: string }): Arn {
  return `arn:aws:sqs:${region}:${account}:${name}`
}

/** The queue that a URL names: its last two parts are account and name, whatever host the client knows us by. */
export function addressed(ctx: Context, url: string): { ctx: Context; name: string } {
  const parts = /(?:^|\/)(?:(\d{12})\/)?([A-Za-z0-9_-]{1,80}(?:\.fifo)?)\/?$/.exec(url)
  if (!parts) throw InvalidAddress(`The address ${url} is not valid for this endpoint.`)
  const [, account, name] = parts as unknown as [string, string | undefined, string]
  return { ctx: account && account !== ctx.account ? ctx.at({ account }) : ctx, name }
}

export function mustGetQueue(ctx: Context, name: string): Queue {
  const queue = ctx.in(queues).get(name)
  if (!queue) throw QueueDoesNotExist(missingText)
  return queue
}

export function mustGet(tx: Tx, name: string): Queue {
  const queue = tx.in(queues).get(name)
  if (!queue) throw QueueDoesNotExist(missingText)
  return queue
}

const missingText = 'The specified queue does not exist.'
