/** An event source mapping: a queue or a stream whose messages or records a function gets. */
import type { Millis } from '../../clock.ts'
import { collection } from '../../store/collection.ts'
import type { Poller } from './polling.ts'

export interface EventSourceMapping {
  id: string
  sourceArn: string
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
  /** Of a stream. */
  stream?: StreamSettings
  tags: Record<string, string>
  modifiedAt: Millis
  lastResult?: string
}

export interface StreamSettings {
  startingPosition: 'TRIM_HORIZON' | 'LATEST'
  /** ParallelizationFactor: batches under way at once, each of other items. */
  lanes: number
  bisects: boolean
  /** -1: until the records are gone. */
  retriesMax: number
  ageSecondsMax: number
  /** TumblingWindowInSeconds. */
  tumblingSeconds?: number
  onFailureArn?: string
}

export type StreamMapping = EventSourceMapping & { stream: StreamSettings }

export const eventSourceMappings = collection<EventSourceMapping>('lambda/event-source-mappings', {
  version: 2,
  kept: true,
  key: (record) => [record.id],
  migrate: (record) => {
    const { queueArn, ...rest } = record as Omit<EventSourceMapping, 'sourceArn'> & { queueArn: string }
    return { ...rest, sourceArn: queueArn }
  },
})

export function pollersOf({ id, stream }: EventSourceMapping): Poller[] {
  if (!stream) return [{ mappingId: id }]
  return Array.from({ length: stream.lanes }, (_, lane) => ({ mappingId: id, lane }))
}
