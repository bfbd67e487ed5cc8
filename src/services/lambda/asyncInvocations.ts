/**
 * Asynchronous invocations: a durable queue. A function's error is tried again after one minute and after two more; what
 * the function never saw (it was throttled, or could not be started) is tried again for up to six hours. Then the event
 * goes to the on-failure destination and to the function's dead-letter queue, whichever are set.
 * Rules: docs.aws.amazon.com, Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous
 * invocation".
 */
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { UnsupportedRuntime } from '../../engines/functions/interpreters.ts'
import { AwsError } from '../../wire/errors.ts'
import { reservedConcurrency, withinConcurrency } from './concurrency.ts'
import { type EndedInvocation, sendFailure, sendSuccess } from './destinations.ts'
import { defaultAgeSeconds, defaultRetries, eventInvokeConfigs } from './eventInvokeConfigs.ts'
import { counted, measureAsync } from './functionMetrics.ts'
import { type FunctionReference, functionArn, latest } from './identifiers.ts'
import { getTarget, type Target } from './records.ts'
import { type RunResult, runFunction } from './runtime.ts'

/** 1 MB. */
export const asyncPayloadBytesMax = 1_048_576
/** Invocations under way at once; one function gets at most a quarter of them while others wait. */
const invocationsMax = 256
const firstThrottleMillis = 1_000
const throttleMillisMax = 5 * 60_000
const retryMinutes = [1, 2]

export interface AsyncInvocation extends Due {
  functionName: string
  qualifier?: string
  /** JSON text. */
  payload: string
  requestId: string
  createdAt: Millis
  /** Times that the function ran. */
  attempts: number
  /** Times that it could not. */
  throttles: number
}

export const asyncInvocations = dueQueue<AsyncInvocation>('lambda/async')

/** Takes an event inside the commit that caused it. */
export function queueInvocation(
  tx: Tx,
  reference: FunctionReference,
  event: { payload: string; requestId: string },
): void {
  const { name: functionName, qualifier } = reference
  const id = tx.random.uuid()
  measureAsync(tx, functionName, counted('AsyncEventsReceived'))
  tx.due(asyncInvocations).put({
    ...{ id, functionName, ...event, createdAt: tx.now, dueAt: tx.now, attempts: 0, throttles: 0, trace: tx.trace },
    ...(qualifier && { qualifier }),
  })
}

export const asyncInvocationWorker = worker('lambda/async', {
  queue: asyncInvocations,
  concurrency: invocationsMax,
  fairBy: (item) => item.functionName,
  async run(item, ctx) {
    const reference = { name: item.functionName, ...(item.qualifier && { qualifier: item.qualifier }) }
    const target = getTarget(ctx, reference, () => ctx.random.fraction())
    if (!target) return await dropped(item, ctx)
    const outcome = await attempted(item, target, ctx)
    await ctx.commit((tx) => settle(tx, item, target, outcome))
  },
})

type Attempt =
  | { kind: 'ran'; result: RunResult }
  | { kind: 'throttled' | 'broken'; reason: string }
  | { kind: 'hopeless'; condition: 'EventAgeExceeded' | 'ZeroReservedConcurrency' }

async function attempted(item: AsyncInvocation, target: Target, ctx: Context): Promise<Attempt> {
  const { version } = target
  if (isTooOld(item, ctx, ctx.clock.now())) return { kind: 'hopeless', condition: 'EventAgeExceeded' }
  if (reservedConcurrency(ctx, version.name) === 0) return { kind: 'hopeless', condition: 'ZeroReservedConcurrency' }
  const run = {
    version,
    functionArn: functionArn(ctx, item.functionName, item.qualifier),
    requestId: item.requestId,
    payload: Buffer.from(item.payload),
    action: 'Invoke (Event)',
    attempt: { takenAt: item.createdAt, number: item.attempts + 1 },
  }
  try {
    return { kind: 'ran', result: await withinConcurrency(ctx, version.name, () => runFunction(ctx, run)) }
  } catch (error) {
    if (error instanceof AwsError && error.code === 'TooManyRequestsException') {
      return { kind: 'throttled', reason: error.message }
    }
    if (error instanceof UnsupportedRuntime || error instanceof AwsError) {
      return { kind: 'broken', reason: error.message }
    }
    throw error
  }
}

function settle(tx: Tx, item: AsyncInvocation, target: Target, attempt: Attempt): void {
  const queue = tx.due(asyncInvocations)
  if (attempt.kind === 'hopeless') {
    queue.delete(item.id)
    measureAsync(tx, item.functionName, counted('AsyncEventsDropped'))
    sendFailure(tx, endedOf(item, target), attempt.condition)
    return
  }
  if (attempt.kind !== 'ran') {
    const throttles = item.throttles + 1
    queue.put({ ...item, throttles, dueAt: tx.now + throttleMillis(throttles) })
    return
  }
  const tried = { ...item, attempts: item.attempts + 1 }
  const age = { name: 'AsyncEventAge', unit: 'Milliseconds', value: tx.now - item.createdAt }
  measureAsync(tx, item.functionName, age)
  const ended = { ...endedOf(tried, target), result: attempt.result }
  if (!attempt.result.functionError) {
    queue.delete(item.id)
    sendSuccess(tx, ended)
    return
  }
  const dueAt = tx.now + (retryMinutes[item.attempts] ?? 2) * 60_000
  const condition = exhaustion(tx, tried, dueAt)
  if (!condition) {
    queue.put({ ...tried, dueAt })
    return
  }
  queue.delete(item.id)
  measureAsync(tx, item.functionName, counted('AsyncEventsDropped'))
  sendFailure(tx, ended, condition)
}

function endedOf(item: AsyncInvocation, { version }: Target): EndedInvocation {
  return { invocation: item, version }
}

function exhaustion(
  tx: Tx,
  item: AsyncInvocation,
  nextTry: Millis,
): 'RetriesExhausted' | 'EventAgeExceeded' | undefined {
  const retriesMax = configOf(tx, item)?.retriesMax ?? defaultRetries
  if (item.attempts > retriesMax) return 'RetriesExhausted'
  return isTooOld(item, tx, nextTry) ? 'EventAgeExceeded' : undefined
}

function isTooOld(item: AsyncInvocation, reader: Pick<Context, 'in'>, at: Millis): boolean {
  const ageSecondsMax = configOf(reader, item)?.ageSecondsMax ?? defaultAgeSeconds
  return at - item.createdAt > ageSecondsMax * 1000
}

function configOf(reader: Pick<Context, 'in'>, item: AsyncInvocation) {
  return reader.in(eventInvokeConfigs).get(item.functionName, item.qualifier ?? latest)
}

function throttleMillis(throttles: number): number {
  return Math.min(firstThrottleMillis * 2 ** Math.min(throttles - 1, 20), throttleMillisMax)
}

/** The events of a function that is gone go with it. */
async function dropped(item: AsyncInvocation, ctx: Context): Promise<void> {
  await ctx.commit((tx) => {
    tx.due(asyncInvocations).delete(item.id)
    const error = `Function not found: ${functionArn(tx, item.functionName, item.qualifier)}`
    tx.hop({ service: 'lambda', action: 'dropped', resource: item.functionName, status: 'failed', error })
  })
}
