/** Traces read back: their summaries, and their documents. */
import type { Context } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import type { AssembledTrace, TraceSegment } from './assembly.ts'
import { rootCauses } from './rootCauses.ts'
import * as facts from './traceFacts.ts'
import { checkedRange, type FoundTrace, findTrace, placeIn, searchTraces, tokenOf } from './traceReading.ts'

const { InvalidRequestException } = awsErrors('xray')

const summariesMax = 500
/** AWS Developer Guide, "Retrieving data from X-Ray": five in one call. */
const traceIdsMax = 5

export const traceOperations = operations('xray', {
  async GetTraceSummaries(input, ctx) {
    const range = checkedRange(input)
    const { FilterExpression: filter, TimeRangeType: by, Sampling, SamplingStrategy: strategy } = input
    const share = Sampling && strategy?.Name === 'FixedRate' ? strategy.Value : undefined
    const after = placeIn(input.NextToken)
    const { found, lookedAt, next } = searchTraces(
      ctx,
      { ...range, by, filter, share },
      { limit: summariesMax, ...(after && { after }) },
    )
    return {
      TraceSummaries: found.map((one) => summaryOf(ctx, one)),
      ApproximateTime: new Date(ctx.clock.now()),
      TracesProcessedCount: lookedAt,
      ...(next && { NextToken: tokenOf(next) }),
    }
  },

  async BatchGetTraces(input, ctx) {
    if (input.TraceIds.length > traceIdsMax) {
      throw InvalidRequestException(`A request may name at most ${traceIdsMax} trace ids.`)
    }
    if (input.NextToken !== undefined) throw InvalidRequestException('The NextToken is invalid.')
    const found = input.TraceIds.map((id) => findTrace(ctx, id))
    return {
      Traces: found.filter((one) => one !== undefined).map(documentsOf),
      UnprocessedTraceIds: input.TraceIds.filter((_, index) => found[index] === undefined),
    }
  },
})

function documentsOf({ kept, trace }: FoundTrace) {
  return {
    Id: kept.traceId,
    Duration: facts.traceDuration(trace),
    LimitExceeded: kept.limitExceeded ?? false,
    Segments: trace.segments.map(({ document }) => ({ Id: document.id, Document: JSON.stringify(document) })),
  }
}

function summaryOf(ctx: Context, { kept, trace }: FoundTrace) {
  const { segments } = trace
  const root = facts.rootOf(trace) as TraceSegment
  const has = (test: (document: TraceSegment['document']) => boolean) => segments.some(({ document }) => test(document))
  const arns = [...new Set(segments.map(facts.resourceArnOf))].filter((arn) => arn !== undefined)
  const ofEc2 = (member: string) =>
    [...new Set(segments.map((segment) => facts.awsText(segment, 'ec2', member)))].filter((one) => one !== undefined)
  return {
    Id: kept.traceId,
    StartTime: new Date(root.document.start_time * 1000),
    Duration: facts.traceDuration(trace),
    ResponseTime: facts.durationOf(root.document),
    HasFault: has(facts.isFault),
    HasError: has(facts.isError),
    HasThrottle: has(facts.isThrottle),
    IsPartial: facts.hasUnfinished(trace),
    Http: httpOf(root),
    Annotations: annotationsOf(ctx, trace),
    Users: usersOf(ctx, trace),
    ServiceIds: servicesOf(ctx, segments),
    ResourceARNs: arns.map((ARN) => ({ ARN })),
    InstanceIds: ofEc2('instance_id').map((Id) => ({ Id })),
    AvailabilityZones: ofEc2('availability_zone').map((Name) => ({ Name })),
    EntryPoint: facts.serviceIdOf(root, ctx),
    FaultRootCauses: rootCauses(trace, ctx, facts.isFault),
    ErrorRootCauses: rootCauses(trace, ctx, facts.isError),
    Revision: kept.revision,
    MatchedEventTime: new Date(kept.updatedAt),
  }
}

function httpOf({ document }: TraceSegment) {
  const text = (member: string) => facts.requestText(document, member)
  const status = facts.statusOf(document)
  return {
    ...(text('url') && { HttpURL: text('url') }),
    ...(status !== undefined && { HttpStatus: status }),
    ...(text('method') && { HttpMethod: text('method') }),
    ...(text('user_agent') && { UserAgent: text('user_agent') }),
    ...(text('client_ip') && { ClientIp: text('client_ip') }),
  }
}

function servicesOf(ctx: Context, segments: readonly TraceSegment[]) {
  const byKey = new Map(segments.map((segment) => [facts.serviceKey(segment), facts.serviceIdOf(segment, ctx)]))
  return [...byKey.values()]
}

function annotationsOf(ctx: Context, { segments }: AssembledTrace) {
  const byKey: Record<string, Map<facts.AnnotationValue, TraceSegment[]>> = {}
  for (const segment of segments) {
    for (const [key, value] of facts.annotationsOf(segment)) {
      byKey[key] ??= new Map()
      byKey[key].set(value, [...(byKey[key].get(value) ?? []), segment])
    }
  }
  const entries = Object.entries(byKey).map(([key, values]) => [
    key,
    [...values].map(([value, of]) => ({ AnnotationValue: typed(value), ServiceIds: servicesOf(ctx, of) })),
  ])
  return Object.fromEntries(entries)
}

function typed(value: facts.AnnotationValue) {
  if (typeof value === 'number') return { NumberValue: value }
  return typeof value === 'boolean' ? { BooleanValue: value } : { StringValue: value }
}

function usersOf(ctx: Context, { segments }: AssembledTrace) {
  const byUser = new Map<string, TraceSegment[]>()
  for (const segment of segments) {
    for (const user of facts.usersOf(segment)) byUser.set(user, [...(byUser.get(user) ?? []), segment])
  }
  return [...byUser].map(([UserName, of]) => ({ UserName, ServiceIds: servicesOf(ctx, of) }))
}
