/** Metrics as lines: asked of GetMetricData, over a span that ends now. */
import type { Line } from '../../parts/plot.ts'
import { aws, type Output } from '../../server/aws.ts'
import { serverTime } from '../../server/clock.ts'

export interface Wanted {
  namespace: string
  name: string
  dimensions: { Name: string; Value: string }[]
  stat: string
  periodSeconds: number
  label?: string
}

export function queryOf({ namespace, name, dimensions, stat, periodSeconds, label }: Wanted, at: number): Output {
  return {
    Id: `m${at}`,
    MetricStat: {
      Metric: { Namespace: namespace, MetricName: name, Dimensions: dimensions },
      Period: periodSeconds,
      Stat: stat,
    },
    ...(label && { Label: label }),
  }
}

export interface Drawing {
  lines: Line[]
  span: { from: number; until: number }
}

export async function linesFor(queries: Output[], minutes: number): Promise<Drawing> {
  const { now } = await serverTime()
  const { MetricDataResults } = await aws('cloudwatch', 'GetMetricData', {
    MetricDataQueries: queries,
    StartTime: Math.floor(now / 1000 - minutes * 60),
    EndTime: Math.ceil(now / 1000) + 60,
    ScanBy: 'TimestampAscending',
  })
  const until = Math.ceil(now / stepMillis) * (stepMillis / 1000)
  const lines = MetricDataResults.map(
    ({ Label, Id, Timestamps = [], Values = [] }: Output): Line => ({
      label: Label ?? Id,
      times: Timestamps,
      values: Values,
    }),
  )
  return { lines, span: { from: until - minutes * 60, until } }
}

/** The axis moves on once a minute, not with every look. */
const stepMillis = 60_000

/** As few points as fill a chart. */
export function periodFor(minutes: number): number {
  const wanted = (minutes * 60) / 120
  return [60, 300, 900, 3_600, 21_600, 86_400].find((period) => period >= wanted) ?? 86_400
}
