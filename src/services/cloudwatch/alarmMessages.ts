/**
 * What an alarm tells others: the message for a topic, the event for the bus, the payload for a function.
 * Shapes: docs.aws.amazon.com, Amazon CloudWatch User Guide, "Alarm events and EventBridge" and "Invoke a Lambda function
 * from an alarm"; the topic's message as AWS's notifications have it.
 */
import type { Dimension, MetricDataQuery } from '@aws-sdk/client-cloudwatch'
import { longTime } from '../../engines/metrics/alarmReasons.ts'
import { alarmsIn, parseRule } from '../../engines/metrics/compositeRules.ts'
import type { Scope } from '../../store/collection.ts'
import { type Alarm, alarmArn, type CompositeAlarm, type MetricAlarm, type StoredState } from './alarms.ts'
import { regionName } from './regionNames.ts'

export interface Change {
  alarm: Alarm
  before: StoredState
  /** Of a composite alarm: the states of the alarms in its rule. */
  children?: readonly { arn: string; state: StoredState }[]
}

export function topicSubject(scope: Scope, { name, state }: Alarm): string {
  return `${state.value}: "${name}" in ${regionName(scope.region)}`
}

export function topicMessage(scope: Scope, { alarm, before, children }: Change): string {
  return JSON.stringify({
    AlarmName: alarm.name,
    AlarmDescription: alarm.description ?? null,
    AWSAccountId: scope.account,
    AlarmConfigurationUpdatedTimestamp: longTime(alarm.configuredAt),
    NewStateValue: alarm.state.value,
    NewStateReason: alarm.state.reason,
    StateChangeTime: longTime(alarm.state.updatedAt),
    Region: regionName(scope.region),
    AlarmArn: alarmArn(scope, alarm.name),
    OldStateValue: before.value,
    OKActions: alarm.okActions,
    AlarmActions: alarm.alarmActions,
    InsufficientDataActions: alarm.insufficientDataActions,
    ...(alarm.kind === 'metric' ? { Trigger: triggerOf(alarm) } : compositeTrigger(alarm, children ?? [])),
  })
}

function compositeTrigger({ rule }: CompositeAlarm, children: NonNullable<Change['children']>) {
  const TriggeringChildren = children.map(({ arn, state }) => ({
    Arn: arn,
    State: { Value: state.value, Timestamp: longTime(state.updatedAt) },
  }))
  return { AlarmRule: rule, TriggeringChildren }
}

const statisticNames: Record<string, string> = {
  Average: 'AVERAGE',
  Sum: 'SUM',
  Minimum: 'MINIMUM',
  Maximum: 'MAXIMUM',
  SampleCount: 'SAMPLE_COUNT',
}

function triggerOf(alarm: MetricAlarm): object {
  const { single } = alarm
  const metric = single && {
    MetricName: single.metricName,
    Namespace: single.namespace,
    ...(single.extendedStatistic
      ? { ExtendedStatistic: single.extendedStatistic }
      : { StatisticType: 'Statistic', Statistic: statisticNames[single.statistic ?? ''] }),
    Unit: single.unit ?? null,
    Dimensions: lowerDimensions(single.dimensions),
  }
  return {
    ...metric,
    Period: alarm.periodSeconds,
    EvaluationPeriods: alarm.evaluationPeriods,
    ...(alarm.datapointsToAlarm !== undefined && { DatapointsToAlarm: alarm.datapointsToAlarm }),
    ComparisonOperator: alarm.comparison,
    ...(alarm.thresholdMetricId ? { ThresholdMetricId: alarm.thresholdMetricId } : { Threshold: alarm.threshold }),
    TreatMissingData: alarm.missingData ?? 'missing',
    EvaluateLowSampleCountPercentile: alarm.lowSamplePercentile ?? '',
    ...(alarm.queries && { Metrics: alarm.queries.map(topicQuery) }),
  }
}

function lowerDimensions(dimensions: readonly Dimension[] = []) {
  return dimensions.map(({ Name, Value }) => ({ value: Value, name: Name }))
}

function topicQuery({ Id, Expression, Label, MetricStat, ReturnData = true, Period }: MetricDataQuery): object {
  const Metric = MetricStat && { ...MetricStat.Metric, Dimensions: lowerDimensions(MetricStat.Metric?.Dimensions) }
  return {
    ...(Expression && { Expression }),
    Id,
    ...(Label && { Label }),
    ...(Period && { Period }),
    ...(MetricStat && { MetricStat: { ...MetricStat, Metric } }),
    ReturnData,
  }
}

export function eventDetail(change: Change): object {
  const { alarm, before } = change
  const { suppression } = alarm.kind === 'composite' ? alarm : { suppression: undefined }
  const suppressed = suppression && {
    actionsSuppressedBy: suppression.by,
    actionsSuppressedReason: `Actions suppressed by ${suppression.by}`,
  }
  return {
    alarmName: alarm.name,
    configuration: configurationOf(alarm),
    previousState: stateOf(before),
    state: { ...suppressed, ...stateOf(alarm.state) },
  }
}

export function functionPayload(scope: Scope, change: Change): string {
  const { alarm, before } = change
  return JSON.stringify({
    source: 'aws.cloudwatch',
    alarmArn: alarmArn(scope, alarm.name),
    accountId: scope.account,
    time: longTime(alarm.state.updatedAt),
    region: scope.region,
    alarmData: {
      alarmName: alarm.name,
      state: stateOf(alarm.state),
      previousState: stateOf(before),
      configuration: configurationOf(alarm),
    },
  })
}

function stateOf({ value, reason, reasonData, updatedAt }: StoredState): object {
  return { reason, ...(reasonData && { reasonData }), timestamp: longTime(updatedAt), value }
}

/** As events write it. */
export function configurationOf(alarm: Alarm): object {
  const description = alarm.description !== undefined && { description: alarm.description }
  if (alarm.kind === 'metric') return { ...description, metrics: metricsOf(alarm) }
  const { suppressor } = alarm
  return {
    ...(suppressor && {
      actionsSuppressor: suppressor.alarm,
      actionsSuppressorWaitPeriod: suppressor.waitSeconds,
      actionsSuppressorExtensionPeriod: suppressor.extensionSeconds,
    }),
    alarmRule: alarm.rule,
    ...description,
  }
}

function metricsOf({ single, queries = [], periodSeconds }: MetricAlarm): object[] {
  if (!single) return queries.map(eventQuery)
  const { namespace, metricName, dimensions, unit, queryId, statistic, extendedStatistic } = single
  const metric = { dimensions: dimensionMap(dimensions), name: metricName, namespace }
  const stat = extendedStatistic ?? statistic
  return [{ id: queryId, metricStat: { metric, period: periodSeconds, stat, ...(unit && { unit }) }, returnData: true }]
}

function eventQuery({ Id, Expression, Label, MetricStat, ReturnData = true, Period }: MetricDataQuery): object {
  const metricStat = MetricStat && {
    metric: {
      dimensions: dimensionMap(MetricStat.Metric?.Dimensions),
      name: MetricStat.Metric?.MetricName,
      namespace: MetricStat.Metric?.Namespace,
    },
    period: MetricStat.Period,
    stat: MetricStat.Stat,
    ...(MetricStat.Unit && { unit: MetricStat.Unit }),
  }
  return {
    ...(Expression && { expression: Expression }),
    id: Id,
    ...(Label && { label: Label }),
    ...(metricStat && { metricStat }),
    ...(Period && { period: Period }),
    returnData: ReturnData,
  }
}

function dimensionMap(dimensions: readonly Dimension[] = []): Record<string, string | undefined> {
  return Object.fromEntries(dimensions.map(({ Name = '', Value }) => [Name, Value]))
}

/** The alarms of a composite's rule, by name or ARN as it writes them. */
export function ruleAlarms(alarm: CompositeAlarm): string[] {
  return alarmsIn(parseRule(alarm.rule))
}
