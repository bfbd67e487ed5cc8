/** Events as EventBridge knows them. Any service emits; whoever provides `eventSink` routes. */
import type { Millis } from '../clock.ts'
import type { TraceRef } from '../observe/traces.ts'
import type { Arn } from './arn.ts'
import type { Tx } from './context.ts'
import { singleton } from './singleton.ts'

/** What happened, as `tx.emit` is told it; account, region, id and time are filled in. */
export interface NewEvent {
  source: string
  'detail-type': string
  detail: unknown
  resources?: Arn[]
  time?: Millis
  /** AWS services' own events go to the default bus. */
  bus?: string
}

/** The envelope that patterns match and targets receive. */
export interface EventEnvelope {
  version: '0'
  id: string
  'detail-type': string
  source: string
  account: string
  /** `2025-10-20T08:00:00Z` */
  time: string
  region: string
  resources: Arn[]
  detail: unknown
}

export interface EventSink {
  /** Routes an event inside the commit that caused it. */
  put(tx: Tx, event: EventEnvelope, way: { bus: string; trace: TraceRef }): void
}

/** Provided by the eventbridge service. */
export const eventSink = singleton<EventSink>('event sink')
