/**
 * Evaluates a metric alarm: its datapoints as they are now, its state by them, and when to look again. Periods end at the
 * tick of the evaluation, as on AWS: a period of five minutes moves on each minute.
 */
import type { Millis } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import { worker } from '../../delivery/due.ts'
import { longTime, reasonOf } from '../../engines/metrics/alarmReasons.ts'
import { type AlarmRules, type Datapoint, evaluate, extraPeriods } from '../../engines/metrics/alarmStates.ts'
import { MathError } from '../../engines/metrics/mathSyntax.ts'
import type { MathValue } from '../../engines/metrics/mathValues.ts'
import { type Grid, type Series, timesOf } from '../../engines/metrics/series.ts'
import { parseStatistic, statisticOf } from '../../engines/metrics/statistics.ts'
import { alarms, type MetricAlarm, type SingleMetric } from './alarms.ts'
import { transition } from './alarmTransitions.ts'
import { alarmTurns } from './alarmWatches.ts'
import { tickMillisOf } from './metricAlarms.ts'
import { distributionsOf, metricQueryOf, QueryRun } from './metricQueries.ts'
import { getMetric, type Metric, metricName } from './metrics.ts'
import { slotsOf } from './slots.ts'

/** Values may be given so far ahead. */
const futureMillis = 2 * 3_600_000

export const alarmWorker = worker('cloudwatch/alarm-turns', {
  queue: alarmTurns,
  async run({ id }, ctx) {
    await ctx.commit((tx) => {
      const alarm = tx.in(alarms).get(id)
      if (alarm?.kind !== 'metric') {
        tx.due(alarmTurns).delete(id)
        return
      }
      const next = evaluateAlarm(tx, alarm)
      if (next === undefined) tx.due(alarmTurns).delete(id)
      else tx.due(alarmTurns).put({ id, alarm: id, dueAt: next })
    })
  },
})

/** Answers when its result can change next by what is known now. */
function evaluateAlarm(tx: Tx, alarm: MetricAlarm): Millis | undefined {
  const tickMillis = tickMillisOf(alarm)
  const tick = tx.now - (tx.now % tickMillis)
  const length = alarm.evaluationPeriods + extraPeriods
  const grid = { start: tick - length * alarm.periodSeconds * 1000, periodSeconds: alarm.periodSeconds, length }
  const rules = rulesOf(alarm)
  const range = rangeOf(tx, alarm, grid, tick)
  if (range) {
    const evaluation = evaluate(rules, range)
    if (evaluation.state && evaluation.state !== alarm.state.value) {
      const reasonData = reasonDataOf(alarm, evaluation.evaluated, grid, tx.now)
      transition(tx, alarm, { value: evaluation.state, reason: reasonOf(rules, evaluation), reasonData })
    }
  }
  // Where periods are as long as the tick, any value moves into the period before at the next.
  const moves = alarm.periodSeconds * 1000 === tickMillis && range?.some((point) => point !== undefined)
  return moves ? tick + tickMillis : nextChange(tx, alarm, grid, tick)
}

/** `AWS/DynamoDB` keeps its state where data are missing, whatever the alarm says. */
function rulesOf(alarm: MetricAlarm): AlarmRules {
  const isDynamoDb = alarm.single?.namespace === 'AWS/DynamoDB'
  return {
    comparison: alarm.comparison,
    evaluationPeriods: alarm.evaluationPeriods,
    datapointsToAlarm: alarm.datapointsToAlarm ?? alarm.evaluationPeriods,
    missingData: isDynamoDb ? 'ignore' : (alarm.missingData ?? 'missing'),
  }
}

/** The oldest first; undefined where an expression cannot be computed now: the state stays. */
function rangeOf(tx: Tx, alarm: MetricAlarm, grid: Grid, tick: Millis): (Datapoint | undefined)[] | undefined {
  if (alarm.single) return singleRange(tx, alarm, alarm.single, grid, tick)
  const { queries = [], thresholdMetricId, threshold } = alarm
  const returned = queries.find(({ Id, ReturnData }) => (ReturnData ?? true) && Id !== thresholdMetricId)
  const run = new QueryRun(tx, queries, { start: grid.start, end: tick, now: tick }, { isAlarm: true })
  try {
    const values = byTime(run.byName(returned?.Id ?? ''))
    const band = thresholdMetricId ? run.byName(thresholdMetricId) : undefined
    const [lower, upper] = Array.isArray(band) ? band.map(byTime) : []
    return timesOf(grid).map((at) => {
      const value = values.get(at)
      const thresholds = thresholdMetricId ? [lower?.get(at), upper?.get(at)] : [threshold]
      if (value === undefined || thresholds.includes(undefined)) return undefined
      return { at, value, thresholds: thresholds as number[] }
    })
  } catch (error) {
    if (error instanceof MathError) return undefined
    throw error
  }
}

function byTime(value: MathValue | undefined): Map<Millis, number> {
  const series: Series | undefined = Array.isArray(value) ? value[0] : typeof value === 'object' ? value : undefined
  return new Map(series?.timestamps.map((at, index) => [at, series.values[index] as number]))
}

function singleRange(tx: Tx, alarm: MetricAlarm, single: SingleMetric, grid: Grid, tick: Millis) {
  const statistic = single.extendedStatistic ?? single.statistic ?? ''
  const parsed = parseStatistic(statistic)
  const metric = metricName(single.namespace, single.metricName, single.dimensions)
  const query = { metric, statistic, periodSeconds: alarm.periodSeconds, unit: single.unit }
  const windows = distributionsOf(tx, query, { start: grid.start, end: tick, now: tick }, grid)
  const thresholds = [alarm.threshold ?? 0]
  return timesOf(grid).map((at, index): Datapoint | undefined => {
    const window = windows[index]
    const value = window && parsed && statisticOf(parsed, window)
    if (!window || value === undefined || isTooFew(alarm, statistic, window.count)) return undefined
    return { at, value, sampleCount: window.count, thresholds }
  })
}

/** A percentile of few samples says little: `ignore` takes it for missing. */
function isTooFew({ lowSamplePercentile }: MetricAlarm, statistic: string, count: number): boolean {
  const percent = Number(/^p(\d+(?:\.\d+)?)$/.exec(statistic)?.[1])
  if (lowSamplePercentile !== 'ignore' || Number.isNaN(percent)) return false
  const part = percent / 100
  return count < (part >= 0.5 ? 10 / (1 - part) : 10 / part)
}

function reasonDataOf(alarm: MetricAlarm, all: readonly Datapoint[], grid: Grid, now: Millis): string {
  const { single, threshold, periodSeconds } = alarm
  const evaluated = all.slice(0, reasonDatapointsMax)
  const oldestFirst = [...evaluated].reverse()
  const band = alarm.thresholdMetricId
    ? {
        recentLowerThresholds: oldestFirst.map(({ thresholds }) => thresholds[0]),
        recentUpperThresholds: oldestFirst.map(({ thresholds }) => thresholds[1]),
      }
    : { threshold }
  return JSON.stringify({
    version: '1.0',
    queryDate: longTime(now),
    startDate: longTime(oldestFirst[0]?.at ?? grid.start),
    ...(single?.unit && { unit: single.unit }),
    ...(single && { statistic: single.extendedStatistic ?? single.statistic }),
    period: periodSeconds,
    recentDatapoints: oldestFirst.map(({ value }) => value),
    ...band,
    evaluatedDatapoints: evaluated.map(({ at, value, sampleCount }) => ({
      timestamp: longTime(at),
      ...(sampleCount !== undefined && { sampleCount }),
      value,
    })),
  })
}

/** So that it stays within AWS's 4,000 characters. */
const reasonDatapointsMax = 25

/** When a value that is known enters a period, moves into the one before, or leaves the last. */
function nextChange(tx: Tx, alarm: MetricAlarm, grid: Grid, tick: Millis): Millis | undefined {
  const tickMillis = tickMillisOf(alarm)
  const periodMillis = alarm.periodSeconds * 1000
  if (alarm.isOpen) return tick + Math.max(periodMillis, tickMillis)
  let next: Millis | undefined
  const wide = { ...grid, length: grid.length + Math.ceil((futureMillis + periodMillis) / periodMillis) }
  for (const metric of watchedMetrics(tx, alarm)) {
    for (const { start } of slotsOf(tx, metric, { grid: wide, now: tick })) {
      const at = changeOf(start - (start % tickMillis), { tick, tickMillis, periodMillis, periods: grid.length })
      if (at !== undefined && (next === undefined || at < next)) next = at
      if (next === tick + tickMillis) return next
    }
  }
  return next
}

function changeOf(
  start: Millis,
  {
    tick,
    tickMillis,
    periodMillis,
    periods,
  }: { tick: Millis; tickMillis: number; periodMillis: number; periods: number },
): Millis | undefined {
  if (start >= tick) return start + tickMillis
  const period = Math.ceil((tick - start) / periodMillis)
  return period > periods ? undefined : start + period * periodMillis + tickMillis
}

function watchedMetrics(tx: Tx, { single, queries = [] }: MetricAlarm): Metric[] {
  const names = single
    ? [metricName(single.namespace, single.metricName, single.dimensions)]
    : queries.flatMap((query) => metricQueryOf(query)?.metric ?? [])
  return names.flatMap((name) => getMetric(tx, name) ?? [])
}
