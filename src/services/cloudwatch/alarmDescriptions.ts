/** An alarm as AWS's answers show it. */
import type { CompositeAlarm as CompositeShown, MetricAlarm as MetricShown } from '@aws-sdk/client-cloudwatch'
import type { Scope } from '../../store/collection.ts'
import { type Alarm, alarmArn, type CompositeAlarm, type MetricAlarm } from './alarms.ts'

export function describeAlarm(scope: Scope, alarm: Alarm): MetricShown | CompositeShown {
  return alarm.kind === 'metric' ? describeMetricAlarm(scope, alarm) : describeComposite(scope, alarm)
}

function describeBase(scope: Scope, alarm: Alarm) {
  const { state } = alarm
  return {
    AlarmName: alarm.name,
    AlarmArn: alarmArn(scope, alarm.name),
    ...(alarm.description !== undefined && { AlarmDescription: alarm.description }),
    AlarmConfigurationUpdatedTimestamp: new Date(alarm.configuredAt),
    ActionsEnabled: alarm.actionsEnabled,
    OKActions: alarm.okActions,
    AlarmActions: alarm.alarmActions,
    InsufficientDataActions: alarm.insufficientDataActions,
    StateValue: state.value,
    StateReason: state.reason,
    ...(state.reasonData && { StateReasonData: state.reasonData }),
    StateUpdatedTimestamp: new Date(state.updatedAt),
    StateTransitionedTimestamp: new Date(state.transitionedAt),
  }
}

export function describeMetricAlarm(scope: Scope, alarm: MetricAlarm): MetricShown {
  const { single } = alarm
  const metric = single && {
    MetricName: single.metricName,
    Namespace: single.namespace,
    ...(single.statistic && { Statistic: single.statistic as MetricShown['Statistic'] & string }),
    ...(single.extendedStatistic && { ExtendedStatistic: single.extendedStatistic }),
    Dimensions: single.dimensions,
    Period: alarm.periodSeconds,
    ...(single.unit && { Unit: single.unit as MetricShown['Unit'] & string }),
  }
  return {
    ...describeBase(scope, alarm),
    ...(metric ?? { Dimensions: [], Metrics: alarm.queries ?? [] }),
    EvaluationPeriods: alarm.evaluationPeriods,
    ...(alarm.datapointsToAlarm !== undefined && { DatapointsToAlarm: alarm.datapointsToAlarm }),
    ...(alarm.threshold !== undefined && { Threshold: alarm.threshold }),
    ...(alarm.thresholdMetricId && { ThresholdMetricId: alarm.thresholdMetricId }),
    ComparisonOperator: alarm.comparison as MetricShown['ComparisonOperator'] & string,
    ...(alarm.missingData && { TreatMissingData: alarm.missingData }),
    ...(alarm.lowSamplePercentile && { EvaluateLowSampleCountPercentile: alarm.lowSamplePercentile }),
  }
}

export function describeComposite(scope: Scope, alarm: CompositeAlarm): CompositeShown {
  const { suppressor, suppression } = alarm
  return {
    ...describeBase(scope, alarm),
    AlarmRule: alarm.rule,
    ...(suppressor && {
      ActionsSuppressor: suppressor.alarm,
      ActionsSuppressorWaitPeriod: suppressor.waitSeconds,
      ActionsSuppressorExtensionPeriod: suppressor.extensionSeconds,
    }),
    ...(suppression && {
      ActionsSuppressedBy: suppression.by,
      ActionsSuppressedReason: `Actions suppressed by ${suppression.by}`,
    }),
  }
}
