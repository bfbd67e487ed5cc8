/**
 * Which alarms look at which metrics, and when an alarm is evaluated next. An alarm has a row only while its result can
 * change: a value came, or one that counts moves on within its periods. What nothing can change waits without a row.
 */
import type { Millis } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import { type Due, dueQueue } from '../../delivery/due.ts'
import { Remembered } from '../../delivery/remembered.ts'
import { singleton } from '../../delivery/singleton.ts'
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

const watchesMax = 100_000

/** Each value asks, and few metrics are watched: most of what is known is that nobody looks. */
const knownWatches = singleton('alarm watches', ({ store }) => new Remembered<readonly AlarmWatch[]>(store, watchesMax))

/** A value came: the alarms that look at its metric are evaluated once its own moment is over, which it may be already. */
export function wakeAlarms(tx: Tx, metric: string, at: Millis): void {
  const known = tx.use(knownWatches)
  const key = watchKey(tx, metric)
  let watches = known.get(key)
  if (!watches) {
    watches = [...tx.in(alarmWatches).list({ prefix: [metric] })]
    known.set(key, watches)
  }
  for (const { alarm, tickMillis } of watches) {
    const slotEnd = at - (at % tickMillis) + tickMillis
    planTurn(tx, alarm, Math.max(tx.now, slotEnd))
  }
}

export function putWatch(tx: Tx, watch: AlarmWatch): void {
  tx.in(alarmWatches).put(watch)
  forgetWatches(tx, watch.metric)
}

export function deleteWatch(tx: Tx, metric: string, alarm: string): void {
  tx.in(alarmWatches).delete(metric, alarm)
  forgetWatches(tx, metric)
}

function forgetWatches(tx: Tx, metric: string): void {
  tx.afterApply(() => tx.use(knownWatches).forget(watchKey(tx, metric)))
}

function watchKey({ account, region }: Tx, metric: string): string {
  return `${account}/${region}/${metric}`
}

export function nextTick(now: Millis, tickMillis: number): Millis {
  return now - (now % tickMillis) + tickMillis
}

/** An earlier turn stays. */
export function planTurn(tx: Tx, alarm: string, dueAt: Millis): void {
  const planned = tx.due(alarmTurns).get(alarm)
  if (!planned || planned.dueAt > dueAt) tx.due(alarmTurns).put({ id: alarm, alarm, dueAt })
}
