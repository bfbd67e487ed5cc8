/**
 * PutMetricAlarm: an alarm on one metric, on metric math, or on a band.
 * Rules: docs.aws.amazon.com, CloudWatch API Reference, "PutMetricAlarm".
 */
import type { MetricDataQuery, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch'
import type { Context, Tx } from '../../delivery/context.ts'
import { bandComparisons, type MissingData } from '../../engines/metrics/alarmStates.ts'
import { isInsightsQuery, parseInsights } from '../../engines/metrics/insightsQueries.ts'
import { callsIn, MathError, parseMath } from '../../engines/metrics/mathSyntax.ts'
import { parseStatistic } from '../../engines/metrics/statistics.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { recordConfiguration } from './alarmHistory.ts'
import { alarmArn, alarms, baseOf, type MetricAlarm, type SingleMetric } from './alarms.ts'
import { deleteWatch, nextTick, planTurn, putWatch } from './alarmWatches.ts'
import { checkQueries } from './metricData.ts'
import { metricQueryOf } from './metricQueries.ts'
import { metricId, metricName } from './metrics.ts'
import { sampleForAlarm } from './queueSamples.ts'
import { putTags } from './tags.ts'

const { InvalidParameterCombinationException, MissingRequiredParameterException, ValidationException } =
  awsErrors('cloudwatch')

const daySeconds = 86_400
const weekSeconds = 7 * daySeconds
const missingDataValues: readonly string[] = ['breaching', 'notBreaching', 'ignore', 'missing']
const queriesMax = 20

type Input = PutMetricAlarmInput & { AlarmName: string }
type Watching = Pick<MetricAlarm, 'single' | 'queries' | 'periodSeconds' | 'watched' | 'isOpen'>

export const metricAlarmOperations = operations('cloudwatch', {
  async PutMetricAlarm(input, ctx) {
    refuseUnknown(input)
    const watching = input.Metrics ? watchingMany(input, input.Metrics) : watchingOne(input, ctx)
    const rules = rulesOf(input, watching.periodSeconds)
    const { AlarmName } = input
    await ctx.commit((tx) => {
      const before = tx.in(alarms).get(AlarmName)
      if (before?.kind === 'composite') {
        throw ValidationException(`An alarm of another type with the name ${AlarmName} exists already.`)
      }
      const alarm: MetricAlarm = { ...baseOf(input, before, tx.now), kind: 'metric', ...rules, ...watching }
      if (before) unwatch(tx, before)
      tx.in(alarms).put(alarm)
      watch(tx, alarm)
      if (!before) putTags(tx, alarmArn(tx, AlarmName), input.Tags ?? [])
      recordConfiguration(tx, alarm, before)
    })
    return {}
  },
})

function refuseUnknown(input: Input): void {
  const unknown = ['EvaluationCriteria', 'WarmUpConfiguration', 'EvaluationInterval', 'ActionConfiguration'] as const
  for (const name of unknown) if (input[name]) throw NotImplemented(`cloudwatch:PutMetricAlarm with ${name}`)
  if (input.EvaluationWindow?.WallClockWindow) throw NotImplemented('cloudwatch:PutMetricAlarm with WallClockWindow')
}

export function tickMillisOf({ periodSeconds }: Pick<MetricAlarm, 'periodSeconds'>): number {
  return Math.min(periodSeconds, 60) * 1000
}

function watch(tx: Tx, alarm: MetricAlarm): void {
  const tickMillis = tickMillisOf(alarm)
  for (const metric of alarm.watched) putWatch(tx, { metric, alarm: alarm.name, tickMillis })
  planTurn(tx, alarm.name, nextTick(tx.now, tickMillis))
  for (const queue of watchedQueues(alarm)) sampleForAlarm(tx, queue)
}

function watchedQueues({ single, queries = [] }: MetricAlarm): string[] {
  const dimensions = single?.namespace === 'AWS/SQS' ? single.dimensions : []
  const ofQueries = queries.flatMap(({ MetricStat }) =>
    MetricStat?.Metric?.Namespace === 'AWS/SQS' ? (MetricStat.Metric.Dimensions ?? []) : [],
  )
  return [...dimensions, ...ofQueries].flatMap(({ Name, Value }) => (Name === 'QueueName' && Value ? [Value] : []))
}

export function unwatch(tx: Tx, alarm: MetricAlarm): void {
  for (const metric of alarm.watched) deleteWatch(tx, metric, alarm.name)
}

function watchingOne(input: Input, ctx: Context): Watching {
  const { Namespace, MetricName, Dimensions = [], Period, Statistic, ExtendedStatistic, Unit } = input
  for (const [name, value] of Object.entries({ MetricName, Namespace, Period })) {
    if (value === undefined) throw MissingRequiredParameterException(`The parameter ${name} is required.`)
  }
  if ((Statistic === undefined) === (ExtendedStatistic === undefined)) {
    throw InvalidParameterCombinationException('Exactly one of Statistic and ExtendedStatistic must be specified.')
  }
  if (ExtendedStatistic !== undefined && !parseStatistic(ExtendedStatistic)) {
    throw ValidationException(`The value ${ExtendedStatistic} for parameter ExtendedStatistic is not supported.`)
  }
  const single: SingleMetric = {
    namespace: Namespace as string,
    metricName: MetricName as string,
    dimensions: Dimensions.map(({ Name = '', Value = '' }) => ({ Name, Value })),
    ...(Statistic && { statistic: Statistic }),
    ...(ExtendedStatistic && { extendedStatistic: ExtendedStatistic }),
    ...(Unit && { unit: Unit }),
    queryId: ctx.random.uuid(),
  }
  const id = metricId(metricName(single.namespace, single.metricName, single.dimensions))
  return { single, periodSeconds: mustBeAlarmPeriod(Period as number), watched: [id] }
}

function watchingMany(input: Input, queries: MetricDataQuery[]): Watching {
  if (input.MetricName || input.Namespace || input.Statistic || input.ExtendedStatistic || input.Period) {
    throw InvalidParameterCombinationException('A metric and a list of metrics must not both be specified.')
  }
  checkQueries(queries)
  if (queries.length > queriesMax)
    throw ValidationException(`The collection Metrics must not have a size greater than ${queriesMax}.`)
  const returned = queries.filter(({ Id, ReturnData }) => (ReturnData ?? true) && Id !== input.ThresholdMetricId)
  if (returned.length !== 1) throw ValidationException('Exactly one element of the metrics list should return data.')
  if (input.ThresholdMetricId && !queries.some(({ Id }) => Id === input.ThresholdMetricId)) {
    throw ValidationException(`The ThresholdMetricId ${input.ThresholdMetricId} is none of the metrics.`)
  }
  const isOpen = queries.some(checkedExpression)
  const periods = new Set(queries.flatMap(({ MetricStat, Period }) => [MetricStat?.Period, Period].filter(Boolean)))
  if (periods.size !== 1) throw ValidationException('All metrics of an alarm must have one period.')
  const watched = queries.flatMap((query) => {
    const metric = metricQueryOf(query)?.metric
    return metric ? [metricId(metric)] : []
  })
  const periodSeconds = mustBeAlarmPeriod([...periods][0] as number)
  return { queries, periodSeconds, watched: [...new Set(watched)], ...(isOpen && { isOpen }) }
}

/** Whether it looks at metrics that it does not name. Errors: ValidationError. */
function checkedExpression({ Id, Expression, MetricStat }: MetricDataQuery): boolean {
  try {
    if (MetricStat && !parseStatistic(MetricStat.Stat ?? ''))
      throw new MathError(`Unknown statistic '${MetricStat.Stat}'.`)
    if (Expression === undefined) return false
    if (!isInsightsQuery(Expression)) {
      if (callsIn(parseMath(Expression)).includes('SEARCH')) throw new MathError('SEARCH is not supported in alarms.')
      return false
    }
    if (parseInsights(Expression).groupBy.length > 0) {
      throw NotImplemented('cloudwatch: alarms on Metrics Insights queries with GROUP BY')
    }
    return true
  } catch (error) {
    if (error instanceof MathError) throw ValidationException(`Error in expression '${Id}': ${error.message}`)
    throw error
  }
}

function mustBeAlarmPeriod(period: number): number {
  if ([10, 20, 30].includes(period) || period % 60 === 0) return period
  throw ValidationException('Period must be 10, 20, 30 or a multiple of 60')
}

function rulesOf(input: Input, periodSeconds: number) {
  const { EvaluationPeriods, DatapointsToAlarm, ComparisonOperator, Threshold, ThresholdMetricId } = input
  for (const [name, value] of Object.entries({ ComparisonOperator, EvaluationPeriods })) {
    if (value === undefined) throw MissingRequiredParameterException(`The parameter ${name} is required.`)
  }
  const periods = EvaluationPeriods as number
  const [limit, span] = periodSeconds >= 3600 ? [weekSeconds, 'seven days'] : [daySeconds, 'a day']
  if (periods * periodSeconds > limit) {
    throw ValidationException(
      `Metrics cannot be checked across more than ${span} (EvaluationPeriods * Period must be <= ${limit}).`,
    )
  }
  if (DatapointsToAlarm !== undefined && DatapointsToAlarm > periods) {
    throw ValidationException('DatapointsToAlarm must be less than or equal to EvaluationPeriods')
  }
  if (input.TreatMissingData !== undefined && !missingDataValues.includes(input.TreatMissingData)) {
    throw ValidationException(
      `Value '${input.TreatMissingData}' at 'treatMissingData' failed to satisfy constraint: Member must satisfy enum value set: [${missingDataValues.join(', ')}]`,
    )
  }
  const low = input.EvaluateLowSampleCountPercentile
  if (low !== undefined && low !== 'evaluate' && low !== 'ignore') {
    throw ValidationException('EvaluateLowSampleCountPercentile must be evaluate or ignore.')
  }
  const isBand = bandComparisons.has(ComparisonOperator as string)
  if (isBand !== (ThresholdMetricId !== undefined)) {
    throw ValidationException(
      `The comparison operator ${ComparisonOperator} ${isBand ? 'needs a' : 'takes no'} ThresholdMetricId.`,
    )
  }
  if (!isBand && Threshold === undefined)
    throw MissingRequiredParameterException('The parameter Threshold is required.')
  return {
    comparison: ComparisonOperator as string,
    evaluationPeriods: periods,
    ...(DatapointsToAlarm !== undefined && { datapointsToAlarm: DatapointsToAlarm }),
    ...(input.TreatMissingData && { missingData: input.TreatMissingData as MissingData }),
    ...(low && { lowSamplePercentile: low }),
    ...(Threshold !== undefined && { threshold: Threshold }),
    ...(ThresholdMetricId && { thresholdMetricId: ThresholdMetricId }),
  }
}
