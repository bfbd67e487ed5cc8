/** What a request sets of an event source mapping, checked in AWS's words. */
import type { Millis } from '../../clock.ts'
import { compilePattern } from '../../engines/patterns/pattern.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { user } from './identifiers.ts'
import type { EventSourceMapping, StreamSettings } from './mappings.ts'

const { InvalidParameterValueException } = awsErrors('lambda')

/** Parameters that only a stream has. */
const streamOnly = [
  'BisectBatchOnFunctionError',
  'DestinationConfig',
  'MaximumRecordAgeInSeconds',
  'MaximumRetryAttempts',
  'ParallelizationFactor',
  'StartingPosition',
  'TumblingWindowInSeconds',
] as const

/** Parameters of other sources. */
const neverTaken = [
  'AmazonManagedKafkaEventSourceConfig',
  'DocumentDBEventSourceConfig',
  'KMSKeyArn',
  'ProvisionedPollerConfig',
  'Queues',
  'SelfManagedKafkaEventSourceConfig',
  'SourceAccessConfigurations',
  'StartingPositionTimestamp',
  'Topics',
] as const

interface Input {
  Enabled?: boolean | undefined
  BatchSize?: number | undefined
  MaximumBatchingWindowInSeconds?: number | undefined
  ScalingConfig?: { MaximumConcurrency?: number | undefined } | undefined
  FilterCriteria?: { Filters?: { Pattern?: string | undefined }[] | undefined } | undefined
  FunctionResponseTypes?: string[] | undefined
  MetricsConfig?: { Metrics?: string[] | undefined } | undefined
  StartingPosition?: string | undefined
  ParallelizationFactor?: number | undefined
  BisectBatchOnFunctionError?: boolean | undefined
  MaximumRetryAttempts?: number | undefined
  MaximumRecordAgeInSeconds?: number | undefined
  TumblingWindowInSeconds?: number | undefined
  DestinationConfig?: { OnFailure?: { Destination?: string | undefined } | undefined; OnSuccess?: unknown } | undefined
  Tags?: Record<string, string> | undefined
}

/** With AWS's defaults of its kind of source. */
export function freshMapping(id: string, sourceArn: string, input: Input) {
  const common = { id, sourceArn, enabled: true, windowSeconds: 0, patterns: [], reportsItemFailures: false }
  const tags = input.Tags ?? {}
  if (sourceArn.split(':')[2] === 'sqs') return { ...common, tags, batchSize: 10 }
  const startingPosition = startingPositionFrom(input, sourceArn)
  return {
    ...common,
    ...{ tags, batchSize: 100 },
    stream: { startingPosition, lanes: 1, bisects: false, retriesMax: -1, ageSecondsMax: -1 },
  }
}

function startingPositionFrom({ StartingPosition }: Input, arn: string): StreamSettings['startingPosition'] {
  if (StartingPosition === 'TRIM_HORIZON' || StartingPosition === 'LATEST') return StartingPosition
  if (StartingPosition) throw InvalidParameterValueException(`Unsupported starting position for arn type: ${arn}`, user)
  throw InvalidParameterValueException(
    "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
    user,
  )
}

export function configured(before: EventSourceMapping, input: Input, now: Millis): EventSourceMapping {
  refuseForeign(input, before.stream !== undefined)
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
  if (before.stream) after.stream = streamConfigured(before.stream, input)
  if (input.ScalingConfig) {
    delete after.concurrencyMax
    if (input.ScalingConfig.MaximumConcurrency) after.concurrencyMax = input.ScalingConfig.MaximumConcurrency
  }
  return after
}

function refuseForeign(input: Input, isStream: boolean): void {
  const foreign: readonly string[] = [...neverTaken, ...(isStream ? ['ScalingConfig'] : streamOnly)]
  const found = foreign.find((name) => (input as Record<string, unknown>)[name] !== undefined)
  if (!found) return
  throw InvalidParameterValueException(`Unsupported ${found} parameter for given event source mapping type.`, user)
}

function streamConfigured(before: StreamSettings, input: Input): StreamSettings {
  const { onFailureArn: present, tumblingSeconds: tumbling, ...rest } = before
  const tumblingSeconds = input.TumblingWindowInSeconds ?? tumbling
  const onFailureArn = input.DestinationConfig ? destinationFrom(input.DestinationConfig) : present
  const ageSecondsMax = input.MaximumRecordAgeInSeconds ?? before.ageSecondsMax
  if (ageSecondsMax !== -1 && ageSecondsMax < 60) {
    throw InvalidParameterValueException(
      `Invalid MaximumRecordAgeInSeconds: ${ageSecondsMax}. It must be -1, or between 60 and 604800.`,
      user,
    )
  }
  return {
    ...rest,
    lanes: input.ParallelizationFactor ?? before.lanes,
    bisects: input.BisectBatchOnFunctionError ?? before.bisects,
    retriesMax: input.MaximumRetryAttempts ?? before.retriesMax,
    ageSecondsMax,
    ...(tumblingSeconds && { tumblingSeconds }),
    ...(onFailureArn && { onFailureArn }),
  }
}

function destinationFrom({ OnFailure, OnSuccess }: NonNullable<Input['DestinationConfig']>): string | undefined {
  if (OnSuccess) {
    throw InvalidParameterValueException('OnSuccess destination is not supported for event source mappings.', user)
  }
  const arn = OnFailure?.Destination
  if (!arn) return undefined
  const service = arn.startsWith('kafka://') ? 'kafka' : arn.split(':')[2]
  if (service !== 'sqs' && service !== 'sns' && service !== 's3') {
    throw NotImplemented(`lambda: ${service ?? arn} as an on-failure destination of an event source mapping`)
  }
  if (!arn.endsWith('.fifo')) return arn
  throw InvalidParameterValueException(
    `The destination ARN ${arn} is invalid: FIFO destinations are not supported.`,
    user,
  )
}

function patternsOf(filters: { Pattern?: string | undefined }[]): string[] {
  const patterns = filters.map((filter) => filter.Pattern ?? '{}')
  for (const pattern of patterns) checkPattern(pattern)
  return patterns
}

function checkPattern(pattern: string): void {
  try {
    compilePattern(pattern)
  } catch {
    throw InvalidParameterValueException(
      'Invalid filter pattern definition. (Service: null; Status Code: 0; Error Code: null; Request ID: null; Proxy: null)',
      user,
    )
  }
}

export function checkBatch({ sourceArn, batchSize, windowSeconds, stream }: EventSourceMapping): void {
  if (stream) return
  const fifo = sourceArn.endsWith('.fifo')
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
