/** What is asked of alarms whatever their kind: describing, deleting, setting by hand, switching their actions. */
import type { DescribeAlarmsForMetricInput, DescribeAlarmsInput } from '@aws-sdk/client-cloudwatch'
import type { Context, Tx } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import { isJson } from '../json.ts'
import { operations } from '../service.ts'
import { describeComposite, describeMetricAlarm } from './alarmDescriptions.ts'
import { recordConfiguration } from './alarmHistory.ts'
import { ruleAlarms } from './alarmMessages.ts'
import {
  type Alarm,
  alarmArn,
  alarmNameIn,
  alarms,
  type CompositeAlarm,
  type MetricAlarm,
  mustGetAlarm,
} from './alarms.ts'
import { alarmLinks, transition } from './alarmTransitions.ts'
import { alarmTurns, nextTick, planTurn } from './alarmWatches.ts'
import { unlink } from './compositeAlarms.ts'
import { tickMillisOf, unwatch } from './metricAlarms.ts'
import { metricId, metricName } from './metrics.ts'
import { listPage } from './pages.ts'
import { forgetTags } from './tags.ts'

const { InvalidFormatFault, ValidationException } = awsErrors('cloudwatch')

const pageSize = 50

export const alarmOperations = operations('cloudwatch', {
  async DescribeAlarms(input, ctx) {
    const found = alarmsWanted(ctx, input)
    const wanted = { token: input.NextToken, limit: input.MaxRecords ?? pageSize }
    const { items, nextToken } = listPage(found, ({ name }) => [name], wanted)
    return {
      MetricAlarms: items.filter((alarm) => alarm.kind === 'metric').map((alarm) => describeMetricAlarm(ctx, alarm)),
      CompositeAlarms: items
        .filter((alarm) => alarm.kind === 'composite')
        .map((alarm) => describeComposite(ctx, alarm)),
      ...(nextToken && { NextToken: nextToken }),
    }
  },

  async DescribeAlarmsForMetric(input, ctx) {
    const wanted = metricId(metricName(input.Namespace, input.MetricName, input.Dimensions))
    const found = [...ctx.in(alarms).list()].filter(
      (alarm) => alarm.kind === 'metric' && alarm.single && isOfMetric(alarm, input, wanted),
    )
    return { MetricAlarms: found.map((alarm) => describeMetricAlarm(ctx, alarm as MetricAlarm)) }
  },

  async DeleteAlarms({ AlarmNames }, ctx) {
    await ctx.commit((tx) => {
      for (const name of new Set(AlarmNames)) {
        const alarm = tx.in(alarms).get(name)
        if (alarm) deleteAlarm(tx, alarm)
      }
    })
    return {}
  },

  async SetAlarmState({ AlarmName, StateValue, StateReason, StateReasonData }, ctx) {
    if (StateReasonData !== undefined && !isJson(StateReasonData)) {
      throw InvalidFormatFault('StateReasonData must be valid JSON.')
    }
    await ctx.commit((tx) => {
      const alarm = mustGetAlarm(tx, AlarmName)
      const reasonData = StateReasonData !== undefined && { reasonData: StateReasonData }
      transition(tx, alarm, { value: StateValue, reason: StateReason, ...reasonData })
      // By hand it stays only until its next evaluation.
      if (alarm.kind === 'metric') planTurn(tx, alarm.name, nextTick(tx.now, tickMillisOf(alarm)))
    })
    return {}
  },

  async EnableAlarmActions({ AlarmNames }, ctx) {
    await switchActions(ctx, AlarmNames, true)
    return {}
  },

  async DisableAlarmActions({ AlarmNames }, ctx) {
    await switchActions(ctx, AlarmNames, false)
    return {}
  },
})

async function switchActions(ctx: Context, names: readonly string[], actionsEnabled: boolean): Promise<void> {
  await ctx.commit((tx) => {
    for (const name of names) {
      const before = tx.in(alarms).get(name)
      if (!before || before.actionsEnabled === actionsEnabled) continue
      const alarm = { ...before, actionsEnabled, configuredAt: tx.now }
      tx.in(alarms).put(alarm)
      recordConfiguration(tx, alarm, before)
    }
  })
}

function deleteAlarm(tx: Tx, alarm: Alarm): void {
  if (alarm.kind === 'metric') {
    unwatch(tx, alarm)
    tx.due(alarmTurns).delete(alarm.name)
  } else unlink(tx, alarm)
  tx.in(alarms).delete(alarm.name)
  forgetTags(tx, alarmArn(tx, alarm.name))
  recordConfiguration(tx, alarm, alarm, true)
}

/** Errors: ValidationError for two ways of naming them at once. */
function alarmsWanted(ctx: Context, input: DescribeAlarmsInput): Alarm[] {
  const { AlarmNames, AlarmNamePrefix, ChildrenOfAlarmName, ParentsOfAlarmName, StateValue, ActionPrefix } = input
  if (AlarmNames && AlarmNamePrefix) {
    throw ValidationException('AlarmNames and AlarmNamePrefix must not both be specified.')
  }
  if (ChildrenOfAlarmName) return childrenOf(ctx, ChildrenOfAlarmName)
  if (ParentsOfAlarmName) return parentsOf(ctx, ParentsOfAlarmName)
  // Without types AWS shows metric alarms alone.
  const kinds = (input.AlarmTypes ?? ['MetricAlarm']).map((type) =>
    type === 'CompositeAlarm' ? 'composite' : 'metric',
  )
  const all = AlarmNames
    ? [...new Set(AlarmNames)].sort().flatMap((name) => ctx.in(alarms).get(name) ?? [])
    : [...ctx.in(alarms).list(AlarmNamePrefix ? { startsWith: AlarmNamePrefix } : {})]
  return all.filter(
    (alarm) =>
      kinds.includes(alarm.kind) &&
      (StateValue === undefined || alarm.state.value === StateValue) &&
      (ActionPrefix === undefined || actionsOf(alarm).some((arn) => arn.startsWith(ActionPrefix))),
  )
}

function actionsOf({ okActions, alarmActions, insufficientDataActions }: Alarm): string[] {
  return [...okActions, ...alarmActions, ...insufficientDataActions]
}

function childrenOf(ctx: Context, name: string): Alarm[] {
  const composite = mustGetAlarm(ctx, name)
  if (composite.kind === 'metric') return []
  const names = ruleAlarms(composite as CompositeAlarm).map(alarmNameIn)
  return names.sort().flatMap((child) => ctx.in(alarms).get(child) ?? [])
}

function parentsOf(ctx: Context, name: string): Alarm[] {
  const links = [...ctx.in(alarmLinks).list({ prefix: [name, 'child'] })]
  return links.flatMap(({ composite }) => ctx.in(alarms).get(composite) ?? [])
}

function isOfMetric(
  { single, periodSeconds }: MetricAlarm,
  input: DescribeAlarmsForMetricInput,
  wanted: string,
): boolean {
  if (!single || metricId(metricName(single.namespace, single.metricName, single.dimensions)) !== wanted) return false
  return (
    (input.Statistic === undefined || input.Statistic === single.statistic) &&
    (input.ExtendedStatistic === undefined || input.ExtendedStatistic === single.extendedStatistic) &&
    (input.Period === undefined || input.Period === periodSeconds) &&
    (input.Unit === undefined || input.Unit === single.unit)
  )
}
