/** Operations on event source mappings. What may be set is in mappingSettings.ts; the polling in sqsPoller.ts and streamPoller.ts. */
import type { Context, Tx } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { type FunctionReference, functionArn, functionReference, mappingArn, pageOf, user } from './identifiers.ts'
import { mappingsBySource, mappingsChanged } from './mappedSources.ts'
import { checkBatch, configured, freshMapping } from './mappingSettings.ts'
import { checkedSource } from './mappingSources.ts'
import { type EventSourceMapping, eventSourceMappings, pollersOf, type StreamSettings } from './mappings.ts'
import { startPolling, stopPolling } from './polling.ts'
import { mustGetTarget } from './records.ts'
import { beginLanes, endLanes, relane } from './streamLanes.ts'

const { ResourceConflictException, ResourceNotFoundException } = awsErrors('lambda')

export const mappingOperations = operations('lambda', {
  async CreateEventSourceMapping(input, ctx) {
    const reference = functionReference(input.FunctionName)
    const { version } = mustGetTarget(ctx, reference)
    const sourceArn = await checkedSource(ctx, input, version.timeoutSeconds)
    const mapping = await ctx.commit((tx) => {
      const fresh = freshMapping(tx.random.uuid(), sourceArn, input)
      const made = configured({ ...fresh, ...namesOf(reference), modifiedAt: tx.now }, input, tx.now)
      checkBatch(made)
      refuseTwin(tx, made)
      tx.in(eventSourceMappings).put(made)
      tx.in(mappingsBySource).put({ sourceArn, id: made.id })
      mappingsChanged(tx, sourceArn)
      beginLanes(tx, made)
      if (made.enabled) for (const poller of pollersOf(made)) startPolling(tx, poller)
      return made
    })
    return output(ctx, mapping)
  },

  async UpdateEventSourceMapping(input, ctx) {
    const mapping = await ctx.commit((tx) => {
      const before = mustGetMapping(tx, input.UUID)
      const reference = input.FunctionName ? functionReference(input.FunctionName) : undefined
      if (reference) mustGetTarget(tx, reference)
      const after = configured({ ...before, ...(reference && namesOf(reference)) }, input, tx.now)
      checkBatch(after)
      tx.in(eventSourceMappings).put(after)
      if (!after.enabled || after.stream?.lanes !== before.stream?.lanes) stopPolling(tx, after.id)
      relane(tx, after)
      if (after.enabled) for (const poller of pollersOf(after)) startPolling(tx, poller)
      return after
    })
    return output(ctx, mapping)
  },

  async GetEventSourceMapping(input, ctx) {
    return output(ctx, mustGetMapping(ctx, input.UUID))
  },

  async ListEventSourceMappings(input, ctx) {
    const name = input.FunctionName ? functionReference(input.FunctionName).name : undefined
    const all = [...ctx.in(eventSourceMappings).list()].filter(
      (mapping) =>
        (!input.EventSourceArn || mapping.sourceArn === input.EventSourceArn) &&
        (!name || mapping.functionName === name),
    )
    const { page, ...rest } = pageOf(all, { ...input, MaxItems: input.MaxItems ?? 100 })
    return { EventSourceMappings: page.map((mapping) => output(ctx, mapping)), ...rest }
  },

  async DeleteEventSourceMapping(input, ctx) {
    const mapping = await ctx.commit((tx) => {
      const gone = mustGetMapping(tx, input.UUID)
      tx.in(eventSourceMappings).delete(gone.id)
      tx.in(mappingsBySource).delete(gone.sourceArn, gone.id)
      mappingsChanged(tx, gone.sourceArn)
      stopPolling(tx, gone.id)
      endLanes(tx, gone.id)
      return gone
    })
    return { ...output(ctx, mapping), State: 'Deleting' }
  },
})

function namesOf({ name, qualifier }: FunctionReference) {
  return { functionName: name, ...(qualifier && { qualifier }) }
}

function refuseTwin(tx: Tx, mapping: EventSourceMapping): void {
  const { sourceArn, functionName, qualifier, stream } = mapping
  for (const { id } of tx.in(mappingsBySource).list({ prefix: [sourceArn] })) {
    const other = tx.in(eventSourceMappings).get(id)
    if (other?.functionName !== functionName || other.qualifier !== qualifier) continue
    const same = stream
      ? `The event source arn (" ${sourceArn} ") and function (" ${functionName} ") provided mapping already exists.`
      : `An event source mapping with SQS arn (" ${sourceArn} ") and function (" ${functionName} ") already exists.`
    throw ResourceConflictException(`${same} Please update or delete the existing mapping with UUID ${id}`, user)
  }
}

function mustGetMapping(reader: Pick<Context, 'in'>, id: string): EventSourceMapping {
  const mapping = reader.in(eventSourceMappings).get(id)
  if (!mapping) throw ResourceNotFoundException('The resource you requested does not exist.', user)
  return mapping
}

function output(ctx: Context, mapping: EventSourceMapping) {
  return {
    UUID: mapping.id,
    EventSourceMappingArn: mappingArn(ctx, mapping.id),
    EventSourceArn: mapping.sourceArn,
    FunctionArn: functionArn(ctx, mapping.functionName, mapping.qualifier),
    BatchSize: mapping.batchSize,
    MaximumBatchingWindowInSeconds: mapping.windowSeconds,
    LastModified: new Date(mapping.modifiedAt),
    State: mapping.enabled ? 'Enabled' : 'Disabled',
    StateTransitionReason: 'USER_INITIATED',
    FunctionResponseTypes: mapping.reportsItemFailures ? ['ReportBatchItemFailures' as const] : [],
    ...(mapping.stream && streamOutput(mapping.stream)),
    ...(mapping.lastResult && { LastProcessingResult: mapping.lastResult }),
    ...(mapping.concurrencyMax && { ScalingConfig: { MaximumConcurrency: mapping.concurrencyMax } }),
    ...(mapping.metrics && { MetricsConfig: { Metrics: mapping.metrics as never } }),
    ...(mapping.patterns.length > 0 && {
      FilterCriteria: { Filters: mapping.patterns.map((Pattern) => ({ Pattern })) },
    }),
  }
}

function streamOutput(stream: StreamSettings) {
  return {
    LastProcessingResult: 'No records processed',
    StartingPosition: stream.startingPosition,
    ParallelizationFactor: stream.lanes,
    BisectBatchOnFunctionError: stream.bisects,
    MaximumRetryAttempts: stream.retriesMax,
    MaximumRecordAgeInSeconds: stream.ageSecondsMax,
    TumblingWindowInSeconds: stream.tumblingSeconds ?? 0,
    DestinationConfig: { OnFailure: stream.onFailureArn ? { Destination: stream.onFailureArn } : {} },
  }
}
