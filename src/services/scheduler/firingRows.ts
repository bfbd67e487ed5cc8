/** When schedules fire next: a row each. */
import type { Millis } from '../../clock.ts'
import { type Due, dueQueue } from '../../delivery/due.ts'

export interface Firing extends Due {
  group: string
  name: string
  /** The time that the expression names; `dueAt` lies in the flexible window after it. */
  scheduledAt: Millis
}

/** By `group/name`. */
export const firings = dueQueue<Firing>('scheduler/firings')
