/** How full a queue is, for whoever draws it; provided by the sqs service. */

import type { Scope } from '../store/collection.ts'
import type { Context } from './context.ts'
import { singleton } from './singleton.ts'

export interface QueueGauge {
  visible: number
  inFlight: number
  delayed: number
  /** Of the message that waits longest; 0 where none does. */
  oldestSeconds: number
}

export interface QueueGauges {
  /** Undefined where there is no such queue. */
  read(reader: Pick<Context, 'in'> & Scope, queue: string, now: number): QueueGauge | undefined
}

export const queueGauges = singleton<QueueGauges>('queue gauges')
