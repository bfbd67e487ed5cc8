/**
 * An alarm becomes another state: its history, its event, its actions, and the composite alarms that look at it; all in
 * the commit that found it. A composite alarm's actions may be held back by its suppressor.
 * Rules of suppression: docs.aws.amazon.com, Amazon CloudWatch User Guide, "Composite alarm action suppression".
 */
import type { Millis } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { longTime } from '../../engines/metrics/alarmReasons.ts'
import { holds, parseRule } from '../../engines/metrics/compositeRules.ts'
import { collection } from '../../store/collection.ts'
import { act } from './alarmActions.ts'
import { recordState } from './alarmHistory.ts'
import { eventDetail, ruleAlarms } from './alarmMessages.ts'
import { type Alarm, alarmArn, alarmNameIn, alarms, type CompositeAlarm, type StoredState } from './alarms.ts'

/** Which composite alarms look at an alarm, and as what. */
export interface AlarmLink {
  of: string
  role: 'child' | 'suppressor'
  composite: string
}

export const alarmLinks = collection<AlarmLink>('cloudwatch/alarm-links', {
  version: 1,
  key: ({ of, role, composite }) => [of, role, composite],
})

/** The end of a composite alarm's wait or extension period; by its name. */
const suppressionEnds = dueQueue<Due>('cloudwatch/suppressions')

export type NewState = Pick<StoredState, 'value' | 'reason' | 'reasonData'>

/** Also where the value stays, by hand: then nothing follows. */
export function transition<A extends Alarm>(tx: Tx, alarm: A, to: NewState): void {
  const before = alarm.state
  const isOther = before.value !== to.value
  const state: StoredState = {
    value: to.value,
    reason: to.reason,
    ...(to.reasonData && { reasonData: to.reasonData }),
    updatedAt: tx.now,
    transitionedAt: isOther ? tx.now : before.transitionedAt,
  }
  const after = { ...alarm, state }
  tx.in(alarms).put(after)
  if (!isOther) return
  recordState(tx, after, before)
  const subjects = [`alarm ${alarm.name}`]
  const action = `${before.value} → ${to.value}`
  const here = tx.at({ trace: tx.hop({ service: 'cloudwatch', action, resource: alarm.name, subjects }) })
  const kept = after.kind === 'composite' ? suppressed(here, after) : after
  const change = { alarm: kept, before, ...(kept.kind === 'composite' && { children: childrenOf(here, kept) }) }
  here.emit({
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    resources: [alarmArn(here, alarm.name)],
    detail: eventDetail(change),
  })
  if (kept.kind === 'metric' || !kept.suppression?.isHolding) act(here, change)
  tellComposites(here, kept, before)
}

function tellComposites(tx: Tx, alarm: Alarm, before: StoredState): void {
  for (const { composite } of [...tx.in(alarmLinks).list({ prefix: [alarm.name, 'suppressor'] })]) {
    const found = tx.in(alarms).get(composite)
    if (found?.kind === 'composite') suppressorChanged(tx, found, alarm, before)
  }
  for (const { composite } of [...tx.in(alarmLinks).list({ prefix: [alarm.name, 'child'] })]) {
    const found = tx.in(alarms).get(composite)
    if (found?.kind === 'composite') evaluateComposite(tx, found, alarm)
  }
}

/** `cause` is the alarm whose change asks for it; absent where the composite itself is new. */
export function evaluateComposite(tx: Tx, composite: CompositeAlarm, cause?: Alarm): void {
  const stateOf = (written: string) => tx.in(alarms).get(alarmNameIn(written))?.state.value ?? 'INSUFFICIENT_DATA'
  const value = holds(parseRule(composite.rule), stateOf) ? 'ALARM' : 'OK'
  if (value === composite.state.value) return
  const reason = cause
    ? `${alarmArn(tx, cause.name)} transitioned to ${cause.state.value} at ${sentenceTime(cause.state.updatedAt)}`
    : `${alarmArn(tx, composite.name)} was created and its alarm rule evaluates to ${value}`
  const triggeringAlarms = cause ? [cause] : []
  const reasonData = JSON.stringify({
    triggeringAlarms: triggeringAlarms.map(({ name, state }) => ({
      arn: alarmArn(tx, name),
      state: { value: state.value, timestamp: longTime(state.updatedAt) },
    })),
  })
  transition(tx, composite, { value, reason, reasonData })
}

function childrenOf(tx: Tx, composite: CompositeAlarm) {
  return ruleAlarms(composite).flatMap((written) => {
    const child = tx.in(alarms).get(alarmNameIn(written))
    return child?.state.value === 'ALARM' ? [{ arn: alarmArn(tx, child.name), state: child.state }] : []
  })
}

/** `Friday 14 January, 2022 01:22:00 UTC` */
function sentenceTime(at: Millis): string {
  const date = new Date(at)
  const day = String(date.getUTCDate()).padStart(2, '0')
  const time = date.toISOString().slice(11, 19)
  const named = (name: 'weekday' | 'month') => date.toLocaleString('en-US', { [name]: 'long', timeZone: 'UTC' })
  return `${named('weekday')} ${day} ${named('month')}, ${date.getUTCFullYear()} ${time} UTC`
}

/** What a change of the composite's state means for its suppression: its actions are held while there is one. */
function suppressed(tx: Tx, composite: CompositeAlarm): CompositeAlarm {
  const { suppressor, suppression } = composite
  if (!suppressor) return composite
  if (suppression) return hold(tx, composite, { ...suppression, isHolding: true })
  const isOn = tx.in(alarms).get(alarmNameIn(suppressor.alarm))?.state.value === 'ALARM'
  if (isOn) return hold(tx, composite, { by: 'Alarm', isHolding: true })
  if (suppressor.waitSeconds === 0) return composite
  return hold(tx, composite, { by: 'WaitPeriod', until: tx.now + suppressor.waitSeconds * 1000, isHolding: true })
}

function hold(
  tx: Tx,
  composite: CompositeAlarm,
  suppression: NonNullable<CompositeAlarm['suppression']>,
): CompositeAlarm {
  const held = { ...composite, suppression }
  tx.in(alarms).put(held)
  if (suppression.until === undefined) tx.due(suppressionEnds).delete(composite.name)
  else tx.due(suppressionEnds).put({ id: composite.name, dueAt: suppression.until })
  return held
}

function suppressorChanged(tx: Tx, composite: CompositeAlarm, suppressor: Alarm, before: StoredState): void {
  const { suppression, suppressor: settings } = composite
  if (!settings) return
  if (suppressor.state.value === 'ALARM') {
    if (suppression) hold(tx, composite, { by: 'Alarm', isHolding: suppression.isHolding })
    return
  }
  if (before.value !== 'ALARM' || suppression?.by !== 'Alarm') return
  const until = tx.now + settings.extensionSeconds * 1000
  if (settings.extensionSeconds > 0)
    hold(tx, composite, { by: 'ExtensionPeriod', until, isHolding: suppression.isHolding })
  else release(tx, composite)
}

/** What was held is done now, by the state that the alarm is in by now. */
function release(tx: Tx, composite: CompositeAlarm): void {
  const { suppression, ...free } = composite
  tx.in(alarms).put(free)
  tx.due(suppressionEnds).delete(composite.name)
  if (suppression?.isHolding) act(tx, { alarm: free, before: composite.state, children: childrenOf(tx, free) })
}

export function forgetSuppression(tx: Tx, name: string): void {
  tx.due(suppressionEnds).delete(name)
}

export const suppressionWorker = worker('cloudwatch/suppressions', {
  queue: suppressionEnds,
  async run({ id }, ctx) {
    await ctx.commit((tx) => {
      const composite = tx.in(alarms).get(id)
      if (composite?.kind === 'composite' && composite.suppression) release(tx, composite)
      else tx.due(suppressionEnds).delete(id)
    })
  },
})
