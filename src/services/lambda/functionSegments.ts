/**
 * What Lambda itself tells X-Ray of an invocation: a segment of the service, one of the function below it, and in that one
 * `Initialization`, `Invocation` and `Overhead`. The subsegments that a function's SDK sends name `Invocation` as their parent,
 * which is the invocation's own hop: so X-Ray's traces and ours are one tree.
 */
import { createHash } from 'node:crypto'
import type { Millis } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import type { InvocationResult } from '../../engines/functions/functionSpec.ts'
import type { TraceRef } from '../../observe/traces.ts'
import type { Run } from './runtime.ts'

/** Active traces whatever came without a decision; else the caller's decision holds. AWS samples where nobody decided. */
export function isSampled(tracingMode: string, trace: TraceRef): boolean {
  return trace.sampled ?? tracingMode === 'Active'
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

function segmentsOf(ctx: Context, { run, trace, startedAt, result, errorMessage }: Ended) {
  const { traceId, hopId = '' } = trace
  const { name } = run.version
  const [serviceId, functionId, initId, overheadId] = [1, 2, 3, 4].map((part) => idOf(hopId, part))
  const { initMilliseconds = 0, durationMilliseconds, errorType } = result
  const begun = seconds(startedAt)
  const invoked = seconds(startedAt + initMilliseconds)
  const answered = seconds(startedAt + initMilliseconds + durationMilliseconds)
  const outcome = errorType ? { fault: true, cause: causeOf(idOf(hopId, 5), errorType, errorMessage) } : {}
  const place = { trace_id: traceId, name, resource_arn: run.functionArn }
  const whole = { start_time: begun, end_time: answered }
  const initialization = {
    id: initId,
    name: 'Initialization',
    ...{ start_time: begun, end_time: invoked },
    aws: { function_arn: run.functionArn },
  }
  const service = {
    id: serviceId,
    ...(trace.segmentId && { parent_id: trace.segmentId }),
    ...place,
    ...whole,
    origin: 'AWS::Lambda',
    http: { response: { status: 200 } },
    aws: { request_id: run.requestId },
    ...(errorType && { fault: true }),
  }
  const own = {
    id: functionId,
    parent_id: serviceId,
    ...place,
    ...whole,
    origin: 'AWS::Lambda::Function',
    aws: { account_id: ctx.account, function_arn: run.functionArn, resource_names: [name] },
    ...outcome,
    subsegments: [
      ...(result.initMilliseconds === undefined ? [] : [initialization]),
      { id: hopId, name: 'Invocation', start_time: invoked, end_time: answered, ...outcome },
      { id: overheadId, name: 'Overhead', start_time: answered, end_time: answered },
    ],
  }
  return [service, own]
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
