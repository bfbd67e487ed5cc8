/** Event source mappings: a queue whose messages a function gets. Polling is in sqsPoller.ts. */
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { compilePattern, type Pattern } from '../../engines/patterns/pattern.ts'
import { collection } from '../../store/collection.ts'
import { AwsError, awsErrors, NotImplemented } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { type FunctionReference, functionArn, functionReference, mappingArn, pageOf, user } from './identifiers.ts'
import { mappingsByQueue, mappingsChanged } from './mappedQueues.ts'
import { startPolling, stopPolling } from './polling.ts'
import { mustGetTarget } from './records.ts'

const { InvalidParameterValueException, ResourceConflictException, ResourceNotFoundException } = awsErrors('lambda')

export interface EventSourceMapping {
  id: string
  queueArn: string
  functionName: string
  qualifier?: string
  enabled: boolean
  batchSize: number
  windowSeconds: number
  concurrencyMax?: number
  /** Filter patterns, as JSON. */
  patterns: string[]
  reportsItemFailures: boolean
  metrics?: string[]
  tags: Record<string, string>
  modifiedAt: Millis
  lastResult?: string
}

export const eventSourceMappings = collection<EventSourceMapping>('lambda/event-source-mappings', {
  version: 1,
  key: (record) => [record.id],
})

export const mappingOperations = operations('lambda', {
  async CreateEventSourceMapping(input, ctx) {
    const reference = functionReference(input.FunctionName)
    const queueArn = sourceQueue(input)
    const { version } = mustGetTarget(ctx, reference)
    const queue = await queueAttributes(ctx, queueArn)
    checkVisibility(queue, version.timeoutSeconds)
    const mapping = await ctx.commit((tx) => {
      const { name, qualifier } = reference
      const fresh = { id: tx.random.uuid(), queueArn, functionName: name, ...(qualifier && { qualifier }) }
      const made = configured({ ...fresh, ...defaults, tags: input.Tags ?? {}, modifiedAt: tx.now }, input, tx.now)
      checkBatch(made)
      refuseTwin(tx, made)
      tx.in(eventSourceMappings).put(made)
      tx.in(mappingsByQueue).put({ queueArn, id: made.id })
      mappingsChanged(tx, queueArn)
      if (made.enabled) startPolling(tx, made.id)
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
      if (after.enabled) startPolling(tx, after.id)
      else stopPolling(tx, after.id)
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
        (!input.EventSourceArn || mapping.queueArn === input.EventSourceArn) &&
        (!name || mapping.functionName === name),
    )
    const { page, ...rest } = pageOf(all, { ...input, MaxItems: input.MaxItems ?? 100 })
    return { EventSourceMappings: page.map((mapping) => output(ctx, mapping)), ...rest }
  },

  async DeleteEventSourceMapping(input, ctx) {
    const mapping = await ctx.commit((tx) => {
      const gone = mustGetMapping(tx, input.UUID)
      tx.in(eventSourceMappings).delete(gone.id)
      tx.in(mappingsByQueue).delete(gone.queueArn, gone.id)
      mappingsChanged(tx, gone.queueArn)
      stopPolling(tx, gone.id)
      return gone
    })
    return { ...output(ctx, mapping), State: 'Deleting' }
  },
})

const defaults = { enabled: true, batchSize: 10, windowSeconds: 0, patterns: [], reportsItemFailures: false }

interface Input {
  Enabled?: boolean | undefined
  BatchSize?: number | undefined
  MaximumBatchingWindowInSeconds?: number | undefined
  ScalingConfig?: { MaximumConcurrency?: number | undefined } | undefined
  FilterCriteria?: { Filters?: { Pattern?: string | undefined }[] | undefined } | undefined
  FunctionResponseTypes?: string[] | undefined
  MetricsConfig?: { Metrics?: string[] | undefined } | undefined
}

function configured(before: EventSourceMapping, input: Input, now: Millis): EventSourceMapping {
  const after: EventSourceMapping = {
    ...before,
    enabled: input.Enabled ?? before.enabled,
    batchSize: input.BatchSize ?? before.batchSize,
    windowSeconds: input.MaximumBatchingWindowInSeconds ?? before.windowSeconds,
    patterns: input.FilterCriteria ? patternsOf(input.FilterCriteria.Filters ?? []) : before.patterns,
    reportsItemFailures: input.FunctionResponseTypes
      ? input.FunctionResponseTypes.includes('ReportBatchItemFailures')
      : before.reportsItemFailures,
    modifiedAt: now,
  }
  if (input.MetricsConfig?.Metrics) after.metrics = input.MetricsConfig.Metrics
  if (input.ScalingConfig) {
    delete after.concurrencyMax
    if (input.ScalingConfig.MaximumConcurrency) after.concurrencyMax = input.ScalingConfig.MaximumConcurrency
  }
  return after
}

function patternsOf(filters: { Pattern?: string | undefined }[]): string[] {
  const patterns = filters.map((filter) => filter.Pattern ?? '{}')
  for (const pattern of patterns) compiled(pattern)
  return patterns
}

function compiled(pattern: string): Pattern {
  try {
    return compilePattern(pattern)
  } catch {
    throw InvalidParameterValueException(
      'Invalid filter pattern definition. (Service: null; Status Code: 0; Error Code: null; Request ID: null; Proxy: null)',
      user,
    )
  }
}

function namesOf({ name, qualifier }: FunctionReference) {
  return { functionName: name, ...(qualifier && { qualifier }) }
}

/** Other sources are refused by name. */
function sourceQueue(input: { EventSourceArn?: string | undefined; SelfManagedEventSource?: unknown }): string {
  const arn = input.EventSourceArn
  if (!arn) {
    if (input.SelfManagedEventSource) throw NotImplemented('lambda: self-managed Kafka as an event source')
    throw InvalidParameterValueException('EventSourceArn cannot be empty.', user)
  }
  const service = arn.split(':')[2]
  if (service === 'sqs') return arn
  throw NotImplemented(`lambda: ${service ?? arn} as an event source (queues of SQS are)`)
}

async function queueAttributes(ctx: Context, queueArn: string): Promise<Record<string, string>> {
  try {
    const sqs = ctx.call('sqs')
    const { QueueUrl } = await sqs.GetQueueUrl({ QueueName: queueArn.split(':')[5] ?? '' })
    const { Attributes } = await sqs.GetQueueAttributes({ QueueUrl, AttributeNames: ['VisibilityTimeout'] })
    return Attributes ?? {}
  } catch (error) {
    if (!(error instanceof AwsError) || error.status === 501) throw error
    const words = `Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: ${error.message}`
    throw InvalidParameterValueException(words, user)
  }
}

function checkVisibility(queue: Record<string, string>, timeoutSeconds: number): void {
  const visibility = Number(queue.VisibilityTimeout ?? 30)
  if (visibility >= timeoutSeconds) return
  const words = `Queue visibility timeout: ${visibility} seconds is less than Function timeout: ${timeoutSeconds} seconds`
  throw InvalidParameterValueException(words, user)
}

function checkBatch({ queueArn, batchSize, windowSeconds }: EventSourceMapping): void {
  const fifo = queueArn.endsWith('.fifo')
  if (fifo && batchSize > 10) {
    throw InvalidParameterValueException('Maximum batch size for a FIFO queue is 10.', user)
  }
  if (fifo && windowSeconds > 0)
    throw InvalidParameterValueException('Batching window is not supported for FIFO queues', user)
  if (batchSize > 10 && windowSeconds === 0) {
    throw InvalidParameterValueException(
      'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
      user,
    )
  }
}

function refuseTwin(tx: Tx, mapping: EventSourceMapping): void {
  for (const { id } of tx.in(mappingsByQueue).list({ prefix: [mapping.queueArn] })) {
    const other = tx.in(eventSourceMappings).get(id)
    if (other?.functionName !== mapping.functionName || other.qualifier !== mapping.qualifier) continue
    throw ResourceConflictException(
      `An event source mapping with SQS arn (" ${mapping.queueArn} ") and function (" ${mapping.functionName} ") already exists. Please update or delete the existing mapping with UUID ${id}`,
      user,
    )
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
    EventSourceArn: mapping.queueArn,
    FunctionArn: functionArn(ctx, mapping.functionName, mapping.qualifier),
    BatchSize: mapping.batchSize,
    MaximumBatchingWindowInSeconds: mapping.windowSeconds,
    LastModified: new Date(mapping.modifiedAt),
    State: mapping.enabled ? 'Enabled' : 'Disabled',
    StateTransitionReason: 'USER_INITIATED',
    FunctionResponseTypes: mapping.reportsItemFailures ? ['ReportBatchItemFailures' as const] : [],
    ...(mapping.lastResult && { LastProcessingResult: mapping.lastResult }),
    ...(mapping.concurrencyMax && { ScalingConfig: { MaximumConcurrency: mapping.concurrencyMax } }),
    ...(mapping.metrics && { MetricsConfig: { Metrics: mapping.metrics as never } }),
    ...(mapping.patterns.length > 0 && {
      FilterCriteria: { Filters: mapping.patterns.map((Pattern) => ({ Pattern })) },
    }),
  }
}
