/** Anomaly detectors: for which metrics a band is wanted, and which times are left out of what it is trained on. */
import type {
  AnomalyDetectorConfiguration,
  DescribeAnomalyDetectorsInput,
  SingleMetricAnomalyDetector,
} from '@aws-sdk/client-cloudwatch'
import type { Millis } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import type { MetricName } from '../../engines/metrics/series.ts'
import { parseStatistic } from '../../engines/metrics/statistics.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { trainedOn } from './bands.ts'
import { dimensionsOf, metricId, metricName } from './metrics.ts'
import { listPage } from './pages.ts'

const { InvalidParameterValueException, MissingRequiredParameterException, ResourceNotFoundException } =
  awsErrors('cloudwatch')

interface Detector {
  metric: MetricName
  statistic: string
  configuration: AnomalyDetectorConfiguration
  periodicSpikes?: boolean
}

const detectors = collection<Detector>('cloudwatch/anomaly-detectors', {
  version: 1,
  key: ({ metric, statistic }) => [metric.namespace, metric.name, metricId(metric), statistic],
})

const dayMillis = 86_400_000

type Named = SingleMetricAnomalyDetector & {
  SingleMetricAnomalyDetector?: SingleMetricAnomalyDetector | undefined
  MetricMathAnomalyDetector?: object | undefined
  AnomalyDetectorId?: string | undefined
}

export const anomalyDetectorOperations = operations('cloudwatch', {
  async PutAnomalyDetector(input, ctx) {
    const named = namedBy(input)
    if (!parseStatistic(named.statistic)) {
      throw InvalidParameterValueException(`The value ${named.statistic} for parameter Stat is invalid.`)
    }
    const configuration = input.Configuration ?? {}
    const periodicSpikes = input.MetricCharacteristics?.PeriodicSpikes
    await ctx.commit((tx) =>
      tx.in(detectors).put({ ...named, configuration, ...(periodicSpikes !== undefined && { periodicSpikes }) }),
    )
    return {}
  },

  async DeleteAnomalyDetector(input, ctx) {
    const { metric, statistic } = namedBy(input)
    await ctx.commit((tx) => {
      const key = [metric.namespace, metric.name, metricId(metric), statistic]
      if (!tx.in(detectors).has(...key)) throw ResourceNotFoundException('The anomaly detector was not found.')
      tx.in(detectors).delete(...key)
    })
    return {}
  },

  async DescribeAnomalyDetectors(input, ctx) {
    const found = [...ctx.in(detectors).list()].filter((detector) => isWanted(detector, input))
    const { items, nextToken } = listPage(
      found,
      ({ metric, statistic }) => [metric.namespace, metric.name, metricId(metric), statistic],
      { token: input.NextToken, limit: input.MaxResults ?? 10 },
    )
    return {
      AnomalyDetectors: items.map((detector) => describe(ctx, detector)),
      ...(nextToken && { NextToken: nextToken }),
    }
  },
})

function namedBy(input: Named): { metric: MetricName; statistic: string } {
  if (input.MetricMathAnomalyDetector) throw NotImplemented('cloudwatch: anomaly detectors of metric math')
  if (input.AnomalyDetectorId) throw NotImplemented('cloudwatch: anomaly detectors by their id')
  const { Namespace, MetricName, Dimensions, Stat } = input.SingleMetricAnomalyDetector ?? input
  for (const [name, value] of Object.entries({ Namespace, MetricName, Stat })) {
    if (!value) throw MissingRequiredParameterException(`The parameter ${name} is required.`)
  }
  return { metric: metricName(Namespace as string, MetricName as string, Dimensions), statistic: Stat as string }
}

function isWanted({ metric }: Detector, input: DescribeAnomalyDetectorsInput): boolean {
  if (input.AnomalyDetectorTypes && !input.AnomalyDetectorTypes.includes('SINGLE_METRIC')) return false
  return (
    (input.Namespace === undefined || input.Namespace === metric.namespace) &&
    (input.MetricName === undefined || input.MetricName === metric.name) &&
    (input.Dimensions ?? []).every(({ Name, Value }) =>
      metric.dimensions.some(({ name, value }) => name === Name && value === Value),
    )
  )
}

function describe(ctx: Context, { metric, statistic, configuration, periodicSpikes }: Detector) {
  const now = ctx.clock.now()
  const model = trainedOn(ctx, { metric, statistic, periodSeconds: 300 }, { start: now, end: now, now })
  const trained = model && model.spanMillis >= dayMillis ? 'TRAINED' : 'TRAINED_INSUFFICIENT_DATA'
  const names = {
    Namespace: metric.namespace,
    MetricName: metric.name,
    Dimensions: dimensionsOf(metric),
    Stat: statistic,
  }
  return {
    ...names,
    SingleMetricAnomalyDetector: names,
    Configuration: configuration,
    StateValue: model ? trained : 'PENDING_TRAINING',
    ...(periodicSpikes !== undefined && { MetricCharacteristics: { PeriodicSpikes: periodicSpikes } }),
  } as const
}

export function excludedRanges(
  reader: Pick<Context, 'in'>,
  metric: MetricName,
  statistic: string,
): { from: Millis; to: Millis }[] {
  const detector = reader.in(detectors).get(metric.namespace, metric.name, metricId(metric), statistic)
  return (detector?.configuration.ExcludedTimeRanges ?? []).map(({ StartTime, EndTime }) => ({
    from: StartTime?.getTime() ?? 0,
    to: EndTime?.getTime() ?? 0,
  }))
}
