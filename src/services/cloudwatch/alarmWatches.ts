/**
 * Which alarms look at which metrics, and when an alarm is evaluated next. An alarm has a row only while its result can
 * change: a value came, or one that counts moves on within its periods. What nothing can change waits without a row.
 */
import type { Millis } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import { type Due, dueQueue } from '../../delivery/due.ts'
import { collection } from '../../store/collection.ts'

export interface AlarmWatch {
  metric: string
  alarm: string
  /** How often the alarm is evaluated: each minute, or each ten seconds where its period is shorter. */
  tickMillis: number
}

export const alarmWatches = collection<AlarmWatch>('cloudwatch/alarm-watches', {
  version: 1,
  key: ({ metric, alarm }) => [metric, alarm],
})

/** By the alarm's name. */
export interface AlarmTurn extends Due {
  alarm: string
}

export const alarmTurns = dueQueue<AlarmTurn>('cloudwatch/alarm-turns')

/** A value came: the alarms that look at its metric are evaluated once its own moment is over, which it may be already. */
export function wakeAlarms(tx: Tx, metric: string, at: Millis): void {
  for (const { alarm, tickMillis } of [...tx.in(alarmWatches).list({ prefix: [metric] })]) {
    const slotEnd = at - (at % tickMillis) + tickMillis
    planTurn(tx, alarm, Math.max(tx.now, slotEnd))
  }
}

export function nextTick(now: Millis, tickMillis: number): Millis {
  return now - (now % tickMillis) + tickMillis
}

/** An earlier turn stays. */
export function planTurn(tx: Tx, alarm: string, dueAt: Millis): void {
  const planned = tx.due(alarmTurns).get(alarm)
  if (!planned || planned.dueAt > dueAt) tx.due(alarmTurns).put({ id: alarm, alarm, dueAt })
}
