/** PutCompositeAlarm: an alarm on the states of other alarms. */
import type { PutCompositeAlarmInput } from '@aws-sdk/client-cloudwatch'
import type { Tx } from '../../delivery/context.ts'
import { alarmsIn, parseRule, RuleError } from '../../engines/metrics/compositeRules.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { recordConfiguration } from './alarmHistory.ts'
import { alarmArn, alarmNameIn, alarms, baseOf, type CompositeAlarm } from './alarms.ts'
import { alarmLinks, evaluateComposite, forgetSuppression } from './alarmTransitions.ts'
import { putTags } from './tags.ts'

const { MissingRequiredParameterException, ValidationException } = awsErrors('cloudwatch')

const childrenMax = 100

export const compositeAlarmOperations = operations('cloudwatch', {
  async PutCompositeAlarm(input, ctx) {
    if (input.ActionConfiguration) throw NotImplemented('cloudwatch:PutCompositeAlarm with ActionConfiguration')
    const children = childrenIn(input.AlarmRule)
    const suppressor = suppressorOf(input)
    const { AlarmName, AlarmRule } = input
    await ctx.commit((tx) => {
      const before = tx.in(alarms).get(AlarmName)
      if (before?.kind === 'metric') {
        throw ValidationException(`An alarm of another type with the name ${AlarmName} exists already.`)
      }
      mustExist(tx, suppressor ? [...children, suppressor.alarm] : children)
      if (reaches(tx, children, AlarmName)) {
        throw ValidationException(`The alarm rule of ${AlarmName} leads back to itself.`)
      }
      const alarm: CompositeAlarm = {
        ...baseOf(input, before, tx.now),
        kind: 'composite',
        rule: AlarmRule,
        ...(suppressor && { suppressor }),
      }
      if (before) unlink(tx, before)
      tx.in(alarms).put(alarm)
      link(tx, alarm, children)
      if (!before) putTags(tx, alarmArn(tx, AlarmName), input.Tags ?? [])
      recordConfiguration(tx, alarm, before)
      evaluateComposite(tx, alarm)
    })
    return {}
  },
})

function childrenIn(rule: string): string[] {
  try {
    const children = alarmsIn(parseRule(rule))
    if (children.length <= childrenMax) return children
    throw new RuleError(`more than ${childrenMax} alarms`)
  } catch (error) {
    if (error instanceof RuleError)
      throw ValidationException(`AlarmRule must not contain syntax errors: ${error.message}`)
    throw error
  }
}

function suppressorOf(input: PutCompositeAlarmInput): CompositeAlarm['suppressor'] {
  const { ActionsSuppressor, ActionsSuppressorWaitPeriod, ActionsSuppressorExtensionPeriod } = input
  if (ActionsSuppressor === undefined) return undefined
  if (ActionsSuppressorWaitPeriod === undefined || ActionsSuppressorExtensionPeriod === undefined) {
    throw MissingRequiredParameterException(
      'ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod are required with ActionsSuppressor.',
    )
  }
  return {
    alarm: ActionsSuppressor,
    waitSeconds: ActionsSuppressorWaitPeriod,
    extensionSeconds: ActionsSuppressorExtensionPeriod,
  }
}

function mustExist(tx: Tx, written: readonly string[]): void {
  const missing = written.filter((alarm) => !tx.in(alarms).has(alarmNameIn(alarm)))
  if (missing.length === 0) return
  throw ValidationException(
    `Could not save the composite alarm as alarms [${missing.join(', ')}] in the alarm rule do not exist`,
  )
}

/** Whether a composite alarm of that name is among what the rule looks at, near or far. */
function reaches(tx: Tx, written: readonly string[], name: string): boolean {
  const seen = new Set<string>()
  const open = written.map(alarmNameIn)
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === name) return true
    const alarm = seen.has(next) ? undefined : tx.in(alarms).get(next)
    seen.add(next)
    if (alarm?.kind === 'composite') open.push(...alarmsIn(parseRule(alarm.rule)).map(alarmNameIn))
  }
  return false
}

function link(tx: Tx, { name: composite, suppressor }: CompositeAlarm, children: readonly string[]): void {
  for (const child of children) tx.in(alarmLinks).put({ of: alarmNameIn(child), role: 'child', composite })
  if (suppressor) tx.in(alarmLinks).put({ of: alarmNameIn(suppressor.alarm), role: 'suppressor', composite })
}

export function unlink(tx: Tx, { name, rule, suppressor }: CompositeAlarm): void {
  for (const child of alarmsIn(parseRule(rule))) tx.in(alarmLinks).delete(alarmNameIn(child), 'child', name)
  if (suppressor) tx.in(alarmLinks).delete(alarmNameIn(suppressor.alarm), 'suppressor', name)
  forgetSuppression(tx, name)
}
