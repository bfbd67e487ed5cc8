/**
 * Carries deliveries to their targets. A durable resource of this process takes one inside the commit that caused it;
 * what leaves the process, or failed, is a due row until it arrives, is a dead letter, or is dropped by the very policy
 * that says so. All a worker knows is in the store, so it may be killed at any line: hence at least once, never lost.
 * Defaults and words: docs.aws.amazon.com, EventBridge User Guide, "How EventBridge retries delivering events" and
 * "Using dead-letter queues to process undelivered events".
 */
import type { Millis, Random } from '../clock.ts'
import type { Context, Tx } from './context.ts'
import {
  type Consignment,
  type Delivery,
  DeliveryFailed,
  DeliveryRefused,
  type NewDelivery,
  type Outcome,
  type Target,
} from './delivery.ts'
import { type DueMark, dueQueue, type Placed, worker } from './due.ts'
import { eventBridgeCode, isThrottling } from './errorCodes.ts'
import { count, countTimes, measure } from './metering.ts'
import type { Platform } from './platform.ts'
import { reportEnd } from './reports.ts'
import { pauseMillis } from './retryPhases.ts'

export const deliveries = dueQueue<Delivery>('deliveries')

const defaultRetries = 185
const defaultAgeSeconds = 86_400
/** Deliveries that cause deliveries in one commit, nested; deeper ones become queued work, so a cycle never hangs. */
const nestedDeliveriesMax = 16
/** Deliveries under way at once to everything outside this process. */
const carriersMax = 256
/** Deliveries to one durable target in one commit, and the characters of their payloads, about. */
const acceptedTogetherMax = 128
const acceptedCharactersMax = 1_000_000

const firstBackoffMillis = 1_000
/** 185 tries then take about a day: AWS's two defaults go together. */
const backoffMillisMax = 10 * 60_000

export const deliveryWorker = worker('deliveries', {
  queue: deliveries,
  concurrency: carriersMax,
  fairBy: (delivery) => delivery.arn,
  async run(delivery, ctx) {
    const { platform } = ctx.use(platformKey)
    const target = platform.targetOf(delivery.arn)
    if (target?.carry) await carry(delivery, ctx, platform, target as Target & { carry: typeof target.carry })
    else await ctx.commit((tx) => settle(tx, platform, delivery, tryAccept(tx, target, delivery)))
  },
  together: {
    takes: (arn, platform) => !platform.targetOf(arn)?.carry,
    itemsMax: acceptedTogetherMax,
    weightMax: acceptedCharactersMax,
    weightOf: ({ payload }) => payload.length,
    async run(placed, ctx) {
      const { platform } = ctx.use(platformKey)
      await ctx.commit((tx) => {
        for (const part of ofOneSender(placed)) acceptPart(tx, platform, part)
      })
    },
  },
})

/** The platform, for the delivery worker alone; wrapped, or it would be a part of itself and close itself. */
export const platformKey = { name: 'platform', create: (platform: Platform) => ({ platform }) }

/** As they lie: their order is kept. */
function* ofOneSender(placed: readonly Placed<Delivery>[]): Iterable<readonly Placed<Delivery>[]> {
  let [part, sender]: [Placed<Delivery>[], string] = [[], '']
  for (const one of placed) {
    const { account, region } = one.mark.scope
    const its = JSON.stringify([account, region, one.item.sender])
    if (its !== sender && part.length > 0) {
      yield part
      part = []
    }
    sender = its
    part.push(one)
  }
  yield part
}

/** Together where the target takes them so; else each by itself, as its failure is its own. */
function acceptPart(tx: Tx, platform: Platform, part: readonly Placed<Delivery>[]): void {
  const { item: first, mark } = part[0] as Placed<Delivery>
  const { arn, sender, trace } = first
  const target = platform.targetOf(arn)
  const acceptAll = part.length > 1 ? target?.acceptAll : undefined
  const consignment = { arn, sender, items: part.map(({ item }) => thisTry(item)) }
  const areAll = acceptAll && areTaken(tx.at({ ...mark.scope, trace }), platform, consignment, acceptAll)
  for (const { item, mark } of part) {
    const there = tx.at({ ...mark.scope, trace: item.trace })
    settle(there, platform, item, areAll ? { kind: 'delivered' } : tryAccept(there, target, item), { mark })
  }
}

async function carry(
  delivery: Delivery,
  ctx: Context,
  platform: Platform,
  target: Target & Required<Pick<Target, 'carry'>>,
): Promise<void> {
  const { turn } = target
  if (turn && delivery.turnAt === undefined) {
    const goes = await ctx.commit((tx) => takeTurn(tx, platform, delivery, turn))
    if (!goes) return
  }
  const startedAt = ctx.clock.now()
  const outcome = await target.carry(thisTry(delivery), ctx)
  await ctx.commit((tx) => settle(tx, platform, delivery, outcome, { startedAt }))
}

/** Whether it may go now; else it waits for its turn, or ends where none comes within its age. */
function takeTurn(tx: Tx, platform: Platform, delivery: Delivery, turn: NonNullable<Target['turn']>): boolean {
  const end = deadlineOf(delivery)
  const at = turn(tx, delivery, end)
  if (at !== undefined && at <= tx.now) return true
  count(tx, delivery.sender.sourceArn, 'invocationsThrottled')
  if (at !== undefined) tx.due(deliveries).put({ ...delivery, dueAt: at, turnAt: at })
  else if (tx.now < end) tx.due(deliveries).put({ ...delivery, dueAt: end })
  else giveUp(tx, platform, delivery, noTurn, 'MaximumEventAgeInSeconds')
  return false
}

const noTurn: Failure = {
  kind: 'failed',
  code: 'THROTTLING',
  message: 'The rate of the target left no room for the event within its age.',
}

/** A UUID of version 7: what comes together lies together in the table, and comes and goes by a few of its pages. */
export function deliveryId({ now, random }: Pick<Tx, 'now' | 'random'>): string {
  const time = now.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.uuid().slice(15)}`
}

/** First try, inside the commit where the target can. */
export function startDelivery(tx: Tx, platform: Platform, wanted: NewDelivery): void {
  // What differs in shape comes last: a literal that begins with it takes eight times as long to make.
  const delivery: Delivery = {
    id: deliveryId(tx),
    createdAt: tx.now,
    dueAt: tx.now,
    attempts: 0,
    trace: tx.trace,
    ...wanted,
  }
  const depth = platform.use(nesting)
  const target = platform.targetOf(delivery.arn)
  if ((target && !target.accept) || depth.now >= nestedDeliveriesMax) {
    if (!target?.turn || takeTurn(tx, platform, delivery, target.turn)) {
      tx.due(deliveries).put(target?.turn ? { ...delivery, turnAt: tx.now } : delivery)
    }
    return
  }
  depth.now++
  try {
    const outcome = tryAccept(tx, target, delivery)
    // Most are taken at once, and never were a row.
    if (outcome.kind === 'delivered') {
      count(tx, delivery.sender.sourceArn, ...takenAtOnce)
      if (delivery.report) reportEnd(tx, { ...delivery, attempts: 1 }, outcome)
    } else settle(tx, platform, delivery, outcome)
  } finally {
    depth.now--
  }
}

/** Together where the target takes them so; else each by itself, which finds out which of them fail. */
export function startDeliveries(tx: Tx, platform: Platform, { items, ...common }: Consignment): void {
  const acceptAll = items.length > 1 ? platform.targetOf(common.arn)?.acceptAll : undefined
  if (acceptAll && areTaken(tx, platform, { items, ...common }, acceptAll)) {
    countTimes(tx, common.sender.sourceArn, items.length, ...takenAtOnce)
    return
  }
  for (const { trace, ...item } of items) startDelivery(tx.at({ trace }), platform, { ...common, ...item })
}

function areTaken(
  tx: Tx,
  platform: Platform,
  consignment: Consignment,
  acceptAll: NonNullable<Target['acceptAll']>,
): boolean {
  const depth = platform.use(nesting)
  if (depth.now >= nestedDeliveriesMax) return false
  depth.now++
  try {
    tx.savepoint(() => acceptAll(tx, consignment))
    return true
  } catch (error) {
    if (!(error instanceof DeliveryFailed)) throw error
    return false
  } finally {
    depth.now--
  }
}

const takenAtOnce = [
  'invocations',
  'invocationAttempts',
  'invocationsDelivered',
  ['ingestionToStartMillis', 0],
  ['ingestionToEndMillis', 0],
] as const

/** How deep deliveries are nested in the commit that runs now. Commits are synchronous, so one number is enough. */
const nesting = { name: 'delivery nesting', create: () => ({ now: 0 }) }

function tryAccept(tx: Tx, target: Target | undefined, delivery: Delivery): Outcome {
  if (!target?.accept) {
    return { kind: 'refused', code: 'NO_RESOURCE', message: `Nothing here takes deliveries to ${delivery.arn}.` }
  }
  const { accept } = target
  try {
    tx.savepoint(() => accept(tx, thisTry(delivery)))
    return { kind: 'delivered' }
  } catch (error) {
    if (!(error instanceof DeliveryFailed)) throw error
    const kind = error instanceof DeliveryRefused ? 'refused' : 'failed'
    return { kind, code: error.code, message: error.message }
  }
}

/** The delivery with the number of this try in its payload, where its sender wants it there. */
function thisTry(delivery: Delivery): Delivery {
  const { attemptMark, payload, attempts } = delivery
  return attemptMark ? { ...delivery, payload: payload.replaceAll(attemptMark, String(attempts + 1)) } : delivery
}

function settle(
  tx: Tx,
  platform: Platform,
  delivery: Delivery,
  outcome: Outcome,
  { startedAt = tx.now, mark }: { startedAt?: Millis; mark?: DueMark } = {},
): void {
  const tried = { ...delivery, attempts: delivery.attempts + 1 }
  countAttempt(tx, delivery, outcome, startedAt)
  if (outcome.kind === 'delivered') {
    tx.due(deliveries).delete(delivery.id, mark)
    if (outcome.hop) tx.at({ trace: delivery.trace }).hop(outcome.hop)
    reportEnd(tx, tried, outcome)
    return
  }
  const next = outcome.kind === 'refused' ? undefined : nextTry(tried, tx.now, outcome, tx.random)
  if (next !== undefined) {
    const { turnAt: _, ...waiting } = tried
    tx.due(deliveries).put({ ...waiting, dueAt: next })
  } else giveUp(tx, platform, tried, outcome, outcome.kind === 'refused' ? undefined : exhaustion(tried))
}

function countAttempt(tx: Tx, delivery: Delivery, outcome: Outcome, startedAt: Millis): void {
  const { attempts, createdAt, sender } = delivery
  const first = ['invocations', ['ingestionToStartMillis', startedAt - createdAt]] as const
  const isThrottled = outcome.kind !== 'delivered' && isThrottling(outcome.code)
  const done = ['invocationsDelivered', ['ingestionToEndMillis', tx.now - createdAt]] as const
  count(
    tx,
    sender.sourceArn,
    'invocationAttempts',
    ...(attempts === 0 ? first : (['invocationRetries'] as const)),
    ...(isThrottled ? (['invocationsThrottled'] as const) : []),
    ...(outcome.kind === 'delivered' ? done : []),
  )
}

function deadlineOf({ createdAt, policy }: Delivery): Millis {
  return createdAt + (policy?.maximumEventAgeSeconds ?? defaultAgeSeconds) * 1000
}

/** Undefined where its policy allows no other. The last one is at the very end of the event's age. */
function nextTry(tried: Delivery, now: Millis, failure: Failure, random: Random): Millis | undefined {
  const { maximumRetryAttempts = defaultRetries, phases } = tried.policy ?? {}
  const end = deadlineOf(tried)
  // What the target asks for counts where it is more than what the policy would wait.
  const earliest = now + (failure.retryAfterSeconds ?? 0) * 1000
  if (tried.attempts > maximumRetryAttempts || now >= end || earliest > end) return undefined
  const pause = phases ? pauseMillis(phases, tried.attempts, random) : backoffMillis(tried.attempts, random)
  // A try has a time of its own: at once is the next moment.
  return Math.max(earliest, Math.min(now + Math.max(pause, 1), end))
}

/** Which limit of its policy ended it. */
function exhaustion({ attempts, policy }: Delivery): string {
  return attempts > (policy?.maximumRetryAttempts ?? defaultRetries)
    ? 'MaximumRetryAttempts'
    : 'MaximumEventAgeInSeconds'
}

/** Exponential, with full jitter above half: retries of one outage spread out. */
export function backoffMillis(attempts: number, random: Random): number {
  const ceiling = Math.min(firstBackoffMillis * 2 ** Math.min(attempts - 1, 30), backoffMillisMax)
  return Math.round(ceiling * (0.5 + random.fraction() / 2))
}

type Failure = Exclude<Outcome, { kind: 'delivered' }>

/** Its end: a dead letter, or dropped as its policy says. `condition` is the limit that was reached, if any was. */
function giveUp(tx: Tx, platform: Platform, delivery: Delivery, failure: Failure, condition: string | undefined): void {
  tx.due(deliveries).delete(delivery.id)
  const deadLetterArn = delivery.policy?.deadLetterArn
  const letter = deadLetterArn && sendDeadLetter(tx, platform, { delivery, failure, condition, deadLetterArn })
  const isKept = letter && letter.kind === 'delivered'
  const end = isKept ? 'sentToDeadLetter' : letter ? 'notSentToDeadLetter' : 'dropped'
  count(tx, delivery.sender.sourceArn, 'invocationsFailed', end)
  if (delivery.failureMetric) {
    const { name, ...thing } = delivery.failureMetric
    measure(tx, thing, { name, unit: 'Count', value: 1 })
  }
  reportEnd(tx, delivery, failure)
  tx.at({ trace: delivery.trace }).hop({
    service: 'eventbridge',
    action: isKept ? 'sent to dead-letter queue' : 'dropped',
    resource: delivery.arn,
    status: 'failed',
    error: `${failure.code}: ${failure.message}`,
    detail: {
      attempts: delivery.attempts,
      condition: condition ?? 'NonRetryable',
      ...(isKept && deadLetterArn && { deadLetterArn }),
      ...(letter && letter.kind !== 'delivered' && { deadLetterError: `${letter.code}: ${letter.message}` }),
    },
  })
}

interface Letter {
  delivery: Delivery
  failure: Failure
  condition: string | undefined
  deadLetterArn: string
}

function sendDeadLetter(tx: Tx, platform: Platform, { delivery, failure, condition, deadLetterArn }: Letter): Outcome {
  const isOfRule = delivery.sender.principal === 'events.amazonaws.com'
  const attributes: Record<string, string> = {
    ...delivery.policy?.deadLetterAttributes,
    ERROR_CODE: isOfRule ? eventBridgeCode(failure.code) : failure.code,
    ERROR_MESSAGE: sendable(failure.message || failure.code),
    ...(condition !== undefined && { EXHAUSTED_RETRY_CONDITION: condition }),
    RETRY_ATTEMPTS: String(Math.max(delivery.attempts - 1, 0)),
  }
  const messageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
  )
  const { id, createdAt, dueAt, trace, sender } = delivery
  // As the last try sent it.
  const { payload } = thisTry({ ...delivery, attempts: delivery.attempts - 1 })
  const letter = { id, createdAt, dueAt, trace, payload, sender, arn: deadLetterArn, attempts: 0 }
  return tryAccept(tx, platform.targetOf(deadLetterArn), { ...letter, parameters: { messageAttributes } })
}

/** What an endpoint answered may be anything; a queue takes no control characters. */
function sendable(text: string): string {
  return text.replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
}
