/**
 * How often each table of DynamoDB was written to in the last day, by its own metrics: a write is too small and too frequent to be a
 * hop of a trace.
 */
import { aws, type Output, pages } from '../../server/aws.ts'
import { serverTime } from '../../server/clock.ts'
import { idOf } from './things.ts'

const metric = { Namespace: 'AWS/DynamoDB', MetricName: 'ConsumedWriteCapacityUnits' }
const daySeconds = 86_400
const periodSeconds = 3_600

export async function tableWrites(): Promise<Record<string, number>> {
  const metrics = await pages('cloudwatch', 'ListMetrics', metric, 'Metrics')
  const ofTables = metrics.filter(({ Dimensions }) => Dimensions.length === 1)
  if (ofTables.length === 0) return {}
  const { now } = await serverTime()
  const { MetricDataResults } = await aws('cloudwatch', 'GetMetricData', {
    MetricDataQueries: ofTables.map(({ Dimensions }, at) => ({
      Id: `t${at}`,
      MetricStat: { Metric: { ...metric, Dimensions }, Period: periodSeconds, Stat: 'SampleCount' },
    })),
    StartTime: Math.floor(now / 1000) - daySeconds,
    EndTime: Math.ceil(now / 1000) + periodSeconds,
  })
  const countOf = ({ Values = [] }: Output): number => Values.reduce((sum: number, value: number) => sum + value, 0)
  return Object.fromEntries(
    ofTables.map(({ Dimensions }, at) => [idOf('table', Dimensions[0].Value), countOf(MetricDataResults[at])]),
  )
}
