/**
 * Carries deliveries to their targets. A durable resource of this process takes one inside the commit that caused it;
 * what leaves the process, or failed, is a due row until it arrives, is a dead letter, or is dropped by the very policy
 * that says so. All a worker knows is in the store, so it may be killed at any line: hence at least once, never lost.
 * Defaults and words: docs.aws.amazon.com, EventBridge User Guide, "How EventBridge retries delivering events" and
 * "Using dead-letter queues to process undelivered events".
 */
import type { Random } from '../clock.ts'
import type { Tx } from './context.ts'
import {
  type Delivery,
  DeliveryFailed,
  DeliveryRefused,
  type NewDelivery,
  type Outcome,
  type Target,
} from './delivery.ts'
import { dueQueue, worker } from './due.ts'
import type { Platform } from './platform.ts'

export const deliveries = dueQueue<Delivery>('deliveries')

const defaultRetries = 185
const defaultAgeSeconds = 86_400
/** Deliveries that cause deliveries in one commit, nested; deeper ones become queued work, so a cycle never hangs. */
const nestedDeliveriesMax = 16
/** Deliveries under way at once to everything outside this process. */
const carriersMax = 256

const firstBackoffMillis = 1_000
const backoffMillisMax = 15 * 60_000

export const deliveryWorker = worker('deliveries', {
  queue: deliveries,
  concurrency: carriersMax,
  fairBy: (delivery) => delivery.arn,
  async run(delivery, ctx) {
    const { platform } = ctx.use(platformKey)
    const target = platform.targetOf(delivery.arn)
    if (target?.carry) {
      const outcome = await target.carry(delivery, ctx)
      await ctx.commit((tx) => settle(tx, platform, delivery, outcome))
    } else {
      await ctx.commit((tx) => settle(tx, platform, delivery, tryAccept(tx, target, delivery)))
    }
  },
})

/** The platform, for the delivery worker alone; wrapped, or it would be a part of itself and close itself. */
export const platformKey = { name: 'platform', create: (platform: Platform) => ({ platform }) }

/** First try, inside the commit where the target can. */
export function startDelivery(tx: Tx, platform: Platform, wanted: NewDelivery): void {
  const delivery: Delivery = {
    ...wanted,
    id: tx.random.uuid(),
    createdAt: tx.now,
    dueAt: tx.now,
    attempts: 0,
    trace: tx.trace,
  }
  const depth = platform.use(nesting)
  const target = platform.targetOf(delivery.arn)
  if ((target && !target.accept) || depth.now >= nestedDeliveriesMax) {
    tx.due(deliveries).put(delivery)
    return
  }
  depth.now++
  try {
    const outcome = tryAccept(tx, target, delivery)
    // Most are taken at once, and never were a row.
    if (outcome.kind !== 'delivered') settle(tx, platform, delivery, outcome)
  } finally {
    depth.now--
  }
}

/** How deep deliveries are nested in the commit that runs now. Commits are synchronous, so one number is enough. */
const nesting = { name: 'delivery nesting', create: () => ({ now: 0 }) }

function tryAccept(tx: Tx, target: Target | undefined, delivery: Delivery): Outcome {
  if (!target?.accept) {
    return { kind: 'refused', code: 'NO_RESOURCE', message: `Nothing here takes deliveries to ${delivery.arn}.` }
  }
  const { accept } = target
  try {
    tx.savepoint(() => accept(tx, delivery))
    return { kind: 'delivered' }
  } catch (error) {
    if (!(error instanceof DeliveryFailed)) throw error
    const kind = error instanceof DeliveryRefused ? 'refused' : 'failed'
    return { kind, code: error.code, message: error.message }
  }
}

function settle(tx: Tx, platform: Platform, delivery: Delivery, outcome: Outcome): void {
  const tried = { ...delivery, attempts: delivery.attempts + 1 }
  if (outcome.kind === 'delivered') {
    tx.due(deliveries).delete(delivery.id)
    return
  }
  const wait = (outcome.retryAfterSeconds ?? 0) * 1000
  const dueAt = tx.now + Math.max(wait, backoffMillis(tried.attempts, tx.random))
  const exhausted = outcome.kind === 'refused' ? 'NonRetryable' : exhaustion(tried, dueAt)
  if (!exhausted) tx.due(deliveries).put({ ...tried, dueAt })
  else giveUp(tx, platform, tried, outcome, exhausted)
}

function exhaustion(delivery: Delivery, nextTry: number): string | undefined {
  const { maximumRetryAttempts = defaultRetries, maximumEventAgeSeconds = defaultAgeSeconds } = delivery.policy ?? {}
  if (delivery.attempts > maximumRetryAttempts) return 'MaximumRetryAttempts'
  if (nextTry - delivery.createdAt > maximumEventAgeSeconds * 1000) return 'MaximumEventAgeInSeconds'
  return undefined
}

/** Exponential, with full jitter above half: retries of one outage spread out. */
export function backoffMillis(attempts: number, random: Random): number {
  const ceiling = Math.min(firstBackoffMillis * 2 ** Math.min(attempts - 1, 30), backoffMillisMax)
  return Math.round(ceiling * (0.5 + random.fraction() / 2))
}

type Failure = Exclude<Outcome, { kind: 'delivered' }>

function giveUp(tx: Tx, platform: Platform, delivery: Delivery, failure: Failure, condition: string): void {
  tx.due(deliveries).delete(delivery.id)
  const deadLetterArn = delivery.policy?.deadLetterArn
  const kept = deadLetterArn !== undefined && sendDeadLetter(tx, platform, delivery, failure, condition, deadLetterArn)
  tx.at({ trace: delivery.trace }).hop({
    service: 'eventbridge',
    action: kept ? 'sent to dead-letter queue' : 'dropped',
    resource: delivery.arn,
    status: 'failed',
    error: `${failure.code}: ${failure.message}`,
    detail: { attempts: delivery.attempts, condition },
  })
}

function sendDeadLetter(
  tx: Tx,
  platform: Platform,
  delivery: Delivery,
  failure: Failure,
  condition: string,
  deadLetterArn: string,
): boolean {
  const attributes: Record<string, string> = {
    ...delivery.policy?.deadLetterAttributes,
    ERROR_CODE: failure.code,
    ERROR_MESSAGE: failure.message,
    ...(condition !== 'NonRetryable' && { EXHAUSTED_RETRY_CONDITION: condition }),
    RETRY_ATTEMPTS: String(delivery.attempts - 1),
  }
  const messageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
  )
  const { id, createdAt, dueAt, trace, payload, sender } = delivery
  const letter = { id, createdAt, dueAt, trace, payload, sender, arn: deadLetterArn, attempts: 0 }
  const outcome = tryAccept(tx, platform.targetOf(deadLetterArn), { ...letter, parameters: { messageAttributes } })
  return outcome.kind === 'delivered'
}
