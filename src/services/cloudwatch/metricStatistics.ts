/** GetMetricStatistics: one metric's statistics, in whatever order, each unit by itself. */
import type { Datapoint, GetMetricStatisticsInput } from '@aws-sdk/client-cloudwatch'
import type { Context } from '../../delivery/context.ts'
import type { Distribution } from '../../engines/metrics/distributions.ts'
import { merged } from '../../engines/metrics/distributions.ts'
import { type Grid, timesOf } from '../../engines/metrics/series.ts'
import { needsValues, parseStatistic, type Statistic, statisticOf } from '../../engines/metrics/statistics.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { flushMeters } from './meterDraining.ts'
import { alignedGrid } from './metricQueries.ts'
import { getMetric, metricName } from './metrics.ts'
import { slotsOf } from './slots.ts'

const { InvalidParameterCombinationException, InvalidParameterValueException, MissingRequiredParameterException } =
  awsErrors('cloudwatch')

const datapointsMax = 1_440

export const statisticsOperations = operations('cloudwatch', {
  async GetMetricStatistics(input, ctx) {
    const statistics = statisticsOf(input)
    const { StartTime, EndTime, Period } = input
    const now = ctx.clock.now()
    mustBePeriod(Period, 'Period')
    if (StartTime >= EndTime) {
      throw InvalidParameterValueException('The parameter StartTime must be less than the parameter EndTime.')
    }
    const grid = alignedGrid({ start: StartTime.getTime(), end: EndTime.getTime(), now }, Period)
    if (grid.length > datapointsMax) {
      throw InvalidParameterCombinationException(
        `You have requested up to ${grid.length.toLocaleString('en')} datapoints, which exceeds the limit of 1,440. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
      )
    }
    await flushMeters(ctx)
    return { Label: input.MetricName, Datapoints: datapointsOf(ctx, input, grid, statistics) }
  },
})

/** Errors: InvalidParameterValue. */
export function mustBePeriod(period: number, name: string): void {
  if ([1, 5, 10, 20, 30].includes(period) || period % 60 === 0) return
  throw InvalidParameterValueException(
    `The value ${period} for parameter ${name} is invalid. Periods must be 1, 5, 10, 20, 30, or a multiple of 60.`,
  )
}

function statisticsOf({ Statistics = [], ExtendedStatistics = [] }: GetMetricStatisticsInput): Map<string, Statistic> {
  const names = [...Statistics, ...ExtendedStatistics]
  if (names.length === 0) {
    throw MissingRequiredParameterException(
      'At least one of the parameters Statistics and ExtendedStatistics must be specified.',
    )
  }
  return new Map(
    names.map((name) => {
      const parsed = parseStatistic(name)
      if (!parsed)
        throw InvalidParameterValueException(`The value ${name} for parameter ExtendedStatistics is invalid.`)
      return [name, parsed]
    }),
  )
}

function datapointsOf(
  ctx: Context,
  { Namespace = '', MetricName = '', Dimensions, Unit }: GetMetricStatisticsInput,
  grid: Grid,
  statistics: ReadonlyMap<string, Statistic>,
): Datapoint[] {
  const metric = getMetric(ctx, metricName(Namespace, MetricName, Dimensions))
  if (!metric) return []
  const withValues = [...statistics.values()].some(needsValues)
  const byUnit = new Map<string, (Distribution | undefined)[]>()
  for (const slot of slotsOf(ctx, metric, { grid, unit: Unit, now: ctx.clock.now() })) {
    const windows = byUnit.get(slot.unit) ?? []
    byUnit.set(slot.unit, windows)
    const index = Math.max(0, Math.floor((slot.start - grid.start) / (grid.periodSeconds * 1000)))
    windows[index] = merged(windows[index], slot, withValues)
  }
  const times = timesOf(grid)
  return [...byUnit].flatMap(([unit, windows]) =>
    [...windows.entries()].flatMap(([index, window]) =>
      window ? [datapointOf(window, unit, new Date(times[index] ?? 0), statistics)] : [],
    ),
  )
}

function datapointOf(
  window: Distribution,
  unit: string,
  Timestamp: Date,
  statistics: ReadonlyMap<string, Statistic>,
): Datapoint {
  const datapoint: Datapoint = { Timestamp, Unit: unit as Datapoint['Unit'] & string }
  const extended: Record<string, number> = {}
  for (const [name, statistic] of statistics) {
    const value = statisticOf(statistic, window)
    if (value === undefined) continue
    if (statistic.kind === 'simple') datapoint[statistic.name] = value
    else extended[name] = value
  }
  return { ...datapoint, ...(Object.keys(extended).length > 0 && { ExtendedStatistics: extended }) }
}
