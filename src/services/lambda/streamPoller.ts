/**
 * Hands a stream's records to a function, batch after batch, in order: a lane does not go on before its batch is dealt with
 * or given up. The place moves in a commit of its own (streamLanes.ts), so a killed server loses nothing.
 */
import { type ChangeStream, changeStreams } from '../../delivery/changeStreams.ts'
import type { Context } from '../../delivery/context.ts'
import { measureNow } from '../../delivery/metering.ts'
import { UnsupportedRuntime } from '../../engines/functions/interpreters.ts'
import { AwsError } from '../../wire/errors.ts'
import { withinConcurrency } from './concurrency.ts'
import { functionThing } from './functionMetrics.ts'
import { functionArn } from './identifiers.ts'
import { eventSourceMappings, type StreamMapping } from './mappings.ts'
import type { Poll, Round } from './polling.ts'
import { getTarget } from './records.ts'
import { type RunResult, runFunction } from './runtime.ts'
import { type Batch, failedFrom, nextBatch, outdated, passed } from './streamBatches.ts'
import { type GivenUp, putFailure, sendFailure } from './streamFailures.ts'
import { type StreamLane, streamLanes } from './streamLanes.ts'
import { firstFailed } from './streamRecords.ts'
import { afterAnswer, begunAnew, recordsPayload, type StreamWindow, windowMembers } from './streamWindows.ts'

/** A stream tells of its records by itself; this is only how long a lane may sleep. */
const idleMillis = 3_600_000
/** What keeps the function from being invoked at all: a throttle, a runtime that is not here. */
const troubleMillis = 10_000
const firstRetryMillis = 1_000
const retryMillisMax = 60_000

const again: Round = { waitMillis: 0, windowed: false }
const idle: Round = { waitMillis: idleMillis, windowed: false }
const gone: Round = { waitMillis: troubleMillis, windowed: false, result: 'PROBLEM: Function not found' }
const failed = 'PROBLEM: Function call failed'

export async function pollStream(ctx: Context, mapping: StreamMapping, lane: number, poll: Poll): Promise<Round> {
  const place = ctx.in(streamLanes).get(mapping.id, lane)
  const stream = ctx.use(changeStreams).get(ctx, mapping.sourceArn)
  if (!place || !stream) return { ...idle, ...(!stream && { result: 'PROBLEM: Stream not found' }) }
  if (place.window?.isTooLarge) return await closing(ctx, { mapping, stream, place, window: place.window }, false)
  const batch = nextBatch(ctx, mapping, stream, place)
  if (batch.records.length === 0) return await emptyRound(ctx, { mapping, stream, place, batch })
  const window = openWindow(ctx, mapping, place, batch, poll)
  if (window) {
    return { waitMillis: window.endsAt - ctx.clock.now(), windowed: true, window }
  }
  return await orTrouble(async () => {
    const old = outdated(batch, ctx.clock.now(), mapping.stream.ageSecondsMax)
    if (!old) return await handOver(ctx, { mapping, stream, place, batch })
    return await givenUp(ctx, passed(place, old.to), ageOf(ctx, { mapping, stream, place, batch: old }), place)
  })
}

async function orTrouble(round: () => Promise<Round>): Promise<Round> {
  try {
    return await round()
  } catch (error) {
    if (!(error instanceof UnsupportedRuntime || error instanceof AwsError)) throw error
    return { waitMillis: troubleMillis, windowed: false, result: `PROBLEM: ${error.message}` }
  }
}

/** A window that is open is closed when its time is over and none of its records is left. */
async function emptyRound(ctx: Context, { mapping, stream, place, batch }: HandOver): Promise<Round> {
  if (batch.to > place.done || place.ends.length > 0) {
    await moved(ctx, place, passed(place, endOf(place, batch)))
    return again
  }
  const { window } = place
  if (!window) return batch.isMore ? again : idle
  const left = window.end - ctx.clock.now()
  if (left > 0) return { waitMillis: left, windowed: false }
  return await closing(ctx, { mapping, stream, place, window }, true)
}

interface Closing {
  mapping: StreamMapping
  stream: ChangeStream
  place: StreamLane
  window: StreamWindow
}

/** The last invocation of a window, or one that ends it early. Until it succeeds the lane does not go on. */
async function closing(ctx: Context, { mapping, stream, place, window }: Closing, isFinal: boolean): Promise<Round> {
  return await orTrouble(async () => {
    const ran = await invoked(ctx, mapping, recordsPayload([], windowMembers(stream, window, isFinal)))
    if (!ran) return gone
    if (ran.result.functionError) {
      const attempts = place.attempts + 1
      await moved(ctx, place, { ...place, attempts })
      return { waitMillis: retryMillis(attempts), windowed: false, result: failed }
    }
    const { window: _closed, ...rest } = place
    await moved(ctx, place, { ...rest, attempts: 0, ...(!isFinal && { window: begunAnew(window) }) })
    return { ...again, result: 'OK' }
  })
}

/** Nothing of a split batch may be left in what is kept of it. */
function endOf(place: StreamLane, { to }: Batch): number {
  return Math.max(to, place.ends[0] ?? 0)
}

/** Records wait for others while they are few; what failed does not wait. */
function openWindow(ctx: Context, mapping: StreamMapping, place: StreamLane, batch: Batch, poll: Poll) {
  const isRetry = place.attempts > 0 || place.ends.length > 0
  if (mapping.windowSeconds === 0 || poll.windowed || isRetry || batch.isMore) return undefined
  const wanted = poll.window?.endsAt ?? ctx.clock.now() + mapping.windowSeconds * 1000
  const endsAt = Math.min(wanted, batch.window?.end ?? wanted)
  return endsAt > ctx.clock.now() ? { endsAt, missing: mapping.batchSize - batch.records.length } : undefined
}

interface HandOver {
  mapping: StreamMapping
  stream: ChangeStream
  place: StreamLane
  batch: Batch
}

async function handOver(ctx: Context, hand: HandOver): Promise<Round> {
  const { mapping, stream, place, batch } = hand
  const { functionName: name, qualifier } = mapping
  const newest = batch.records.at(-1)?.at ?? ctx.clock.now()
  const age = { name: 'IteratorAge', unit: 'Milliseconds', value: Math.max(0, ctx.clock.now() - newest) }
  measureNow(ctx, functionThing(name, qualifier), age)
  const members = batch.window && windowMembers(stream, batch.window, false)
  const ran = await invoked(ctx, mapping, recordsPayload(batch.records, members))
  if (!ran) return gone
  const after = batch.window && !ran.result.functionError ? afterAnswer(batch.window, ran.result.payload) : undefined
  const next = after ? { ...place, window: after } : place
  const isStateless = batch.window !== undefined && !after
  const number = isStateless ? batch.records[0]?.number : failedNumber(mapping, batch, ran.result)
  if (number !== undefined) return await afterFailure(ctx, { ...hand, next }, number, ran)
  await moved(ctx, place, passed(next, batch.to))
  return { ...again, result: 'OK' }
}

type Ran = Required<Pick<GivenUp, 'requestId' | 'version' | 'result'>>

/** Undefined where the function is gone. */
async function invoked(ctx: Context, mapping: StreamMapping, payload: Uint8Array): Promise<Ran | undefined> {
  const { functionName: name, qualifier } = mapping
  const target = getTarget(ctx, { name, ...(qualifier && { qualifier }) }, () => ctx.random.fraction())
  if (!target) return undefined
  const { version } = target
  const requestId = ctx.random.uuid()
  const arn = functionArn(ctx, name, qualifier)
  const run = { version, functionArn: arn, requestId, payload, action: 'Invoke (DynamoDB)' }
  return { requestId, version, result: await withinConcurrency(ctx, name, () => runFunction(ctx, run)) }
}

function failedNumber(mapping: StreamMapping, batch: Batch, result: RunResult): number | undefined {
  const numbers = batch.records.map(({ number }) => number)
  if (result.functionError) return numbers[0]
  return mapping.reportsItemFailures ? firstFailed(result.payload, numbers) : undefined
}

/** What the function made of the records before the failed one is in `next`; of none it made nothing. */
async function afterFailure(
  ctx: Context,
  { mapping, stream, place, batch, next }: HandOver & { next: StreamLane },
  number: number,
  run: Ran,
): Promise<Round> {
  const isProgress = number !== batch.records[0]?.number
  const verdict = failedFrom(isProgress ? next : place, batch, number, mapping.stream)
  if (verdict.kind === 'discard') {
    const { records, attempts } = verdict
    const given = { mapping, stream, records, attempts, condition: 'RetryAttemptsExhausted' as const, ...run }
    return await givenUp(ctx, verdict.place, given, place)
  }
  await moved(ctx, place, verdict.place)
  const waitMillis = verdict.kind === 'split' ? 0 : retryMillis(verdict.place.attempts)
  return { waitMillis, windowed: false, result: failed }
}

function retryMillis(attempts: number): number {
  return Math.min(firstRetryMillis * 2 ** Math.min(attempts - 1, 20), retryMillisMax)
}

function ageOf(ctx: Context, { mapping, stream, place, batch }: HandOver): GivenUp {
  const { records } = batch
  const requestId = ctx.random.uuid()
  const { functionName: name, qualifier } = mapping
  const version = getTarget(ctx, { name, ...(qualifier && { qualifier }) })?.version
  return { mapping, stream, records, condition: 'RecordAgeExceeded', attempts: place.attempts, requestId, version }
}

/** Errors of a bucket that takes nothing keep the records where they are. */
async function givenUp(ctx: Context, next: StreamLane, given: GivenUp, place: StreamLane): Promise<Round> {
  await putFailure(ctx, given)
  await moved(ctx, place, next, given)
  return { ...again, result: `PROBLEM: ${given.condition}` }
}

/** Unless the mapping was changed or deleted meanwhile: then what it has now counts. */
async function moved(ctx: Context, from: StreamLane, to: StreamLane, given?: GivenUp): Promise<void> {
  await ctx.commit((tx) => {
    const present = tx.in(streamLanes).get(from.mappingId, from.lane)
    if (!tx.in(eventSourceMappings).has(from.mappingId)) return
    if (present?.of !== from.of || present.done !== from.done) return
    tx.in(streamLanes).put(to)
    if (given) sendFailure(tx, given)
  })
}
