/**
 * What Lambda itself tells X-Ray of an invocation: a segment of the service, one of the function below it, and in that one
 * `Initialization`, `Invocation` and `Overhead`. The subsegments that a function's SDK sends name `Invocation` as their parent,
 * which is the invocation's own hop: so X-Ray's traces and ours are one tree.
 * An asynchronous invocation is one segment of the service, however often it is tried: it begins when the event was taken, and
 * has `Dwell Time`, until it was first tried, and an `Attempt` for each try. These come apart, so that a try need not know of
 * those before it.
 */
import { createHash } from 'node:crypto'
import type { Millis } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import type { InvocationResult } from '../../engines/functions/functionSpec.ts'
import { parseTraceHeader, type TraceRef } from '../../observe/traces.ts'
import type { Run } from './runtime.ts'

/** Active traces whatever came without a decision; else the caller's decision holds. AWS samples where nobody decided. */
export function isSampled(tracingMode: string, trace: TraceRef): boolean {
  return trace.sampled ?? tracingMode === 'Active'
}

/** Of an asynchronous invocation: when its event was taken, and which try of the function this is. */
export interface Attempt {
  takenAt: Millis
  number: number
}

/** As X-Ray's own: https://docs.aws.amazon.com/xray/latest/devguide/xray-tracelinking.html */
const linksMax = 20

export interface SegmentLink {
  trace_id: string
  id: string
  attributes: { 'aws.xray.reserved.reference_type': 'parent' }
}

/** To the traces of the messages that a function is handed, by their `AWSTraceHeader`s. */
export function linksTo(headers: readonly (string | undefined)[]): SegmentLink[] {
  const byTrace = new Map<string, SegmentLink>()
  for (const header of headers) {
    const { traceId, segmentId, sampled } = parseTraceHeader(header) ?? {}
    if (traceId === undefined || segmentId === undefined || !sampled || byTrace.has(traceId)) continue
    const attributes = { 'aws.xray.reserved.reference_type': 'parent' as const }
    byTrace.set(traceId, { trace_id: traceId, id: segmentId, attributes })
  }
  return [...byTrace.values()].slice(0, linksMax)
}

interface Ended {
  run: Run
  /** The invocation's hop. */
  trace: TraceRef
  startedAt: Millis
  result: InvocationResult
  errorMessage: string
}

export async function sendSegments(ctx: Context, ended: Ended): Promise<void> {
  const documents = segmentsOf(ctx, ended).map((document) => JSON.stringify(document))
  await ctx.call('xray').PutTraceSegments({ TraceSegmentDocuments: documents })
}

function segmentsOf(ctx: Context, { run, trace, startedAt, result, errorMessage }: Ended): object[] {
  const { traceId, hopId = '' } = trace
  const { name } = run.version
  const { attempt, links = [] } = run
  const { initMilliseconds = 0, durationMilliseconds, errorType } = result
  const begun = seconds(startedAt)
  const invoked = seconds(startedAt + initMilliseconds)
  const answered = seconds(startedAt + initMilliseconds + durationMilliseconds)
  const outcome = errorType ? { fault: true, cause: causeOf(idOf(hopId, 5), errorType, errorMessage) } : {}
  const place = { trace_id: traceId, name, resource_arn: run.functionArn }
  const initialization = {
    id: idOf(hopId, 3),
    name: 'Initialization',
    ...{ start_time: begun, end_time: invoked },
    aws: { function_arn: run.functionArn },
  }
  const service = {
    // One of all tries.
    id: idOf(attempt ? run.requestId : hopId, 1),
    ...(trace.segmentId && { parent_id: trace.segmentId }),
    ...place,
    ...{ start_time: attempt ? seconds(attempt.takenAt) : begun, end_time: answered },
    origin: 'AWS::Lambda',
    http: { response: { status: attempt ? 202 : 200 } },
    aws: { request_id: run.requestId },
    ...(errorType && { fault: true }),
    ...(links.length > 0 && { links }),
  }
  const tried = attempt
    ? attemptParts(attempt, { traceId, hopId, serviceId: service.id, begun, answered, failed: errorType !== undefined })
    : []
  const own = {
    id: idOf(hopId, 2),
    parent_id: tried.at(-1)?.id ?? service.id,
    ...place,
    ...{ start_time: begun, end_time: answered },
    origin: 'AWS::Lambda::Function',
    aws: { account_id: ctx.account, function_arn: run.functionArn, resource_names: [name] },
    ...outcome,
    subsegments: [
      ...(result.initMilliseconds === undefined ? [] : [initialization]),
      { id: hopId, name: 'Invocation', start_time: invoked, end_time: answered, ...outcome },
      { id: idOf(hopId, 4), name: 'Overhead', start_time: answered, end_time: answered },
    ],
  }
  return [service, ...tried, own]
}

interface Try {
  traceId: string
  hopId: string
  serviceId: string
  begun: number
  answered: number
  failed: boolean
}

function attemptParts({ takenAt, number }: Attempt, { traceId, hopId, serviceId, begun, answered, failed }: Try) {
  const place = { type: 'subsegment', trace_id: traceId, parent_id: serviceId }
  const taken = seconds(takenAt)
  const dwell = { ...place, id: idOf(hopId, 6), name: 'Dwell Time', start_time: taken, end_time: begun }
  const tried = { ...place, id: idOf(hopId, 7), name: `Attempt #${number}`, start_time: begun, end_time: answered }
  return [...(number === 1 ? [dwell] : []), { ...tried, ...(failed && { fault: true }) }]
}

function causeOf(id: string, type: string, message: string) {
  return { exceptions: [{ id, type, message }] }
}

function seconds(at: Millis): number {
  return Math.round(at) / 1000
}

/** Another id for each part of an invocation, the same at every asking. */
function idOf(hopId: string, part: number): string {
  return createHash('sha256').update(`${hopId} ${part}`).digest('hex').slice(0, 16)
}
