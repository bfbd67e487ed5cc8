/** A server that is killed with metrics in flight: what it acknowledged is there after the next start, once each. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricStatisticsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch'
import { expect, test } from 'vitest'
import { ServerProcess } from '../torture/serverProcess.ts'

const writers = 8

test('metrics survive a kill, and the alarm that waited for them is raised by the next start', async () => {
  const data = mkdtempSync(join(tmpdir(), 'igarape-metrics-'))
  const first = await ServerProcess.start(data)
  const cloudwatch = first.client(CloudWatchClient)
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      ...{ AlarmName: 'many', Namespace: 'shop', MetricName: 'orders', Statistic: 'Sum', Period: 3600 },
      ...{ EvaluationPeriods: 1, Threshold: 10, ComparisonOperator: 'GreaterThanThreshold' },
    }),
  )
  let acknowledged = 0
  let isKilled = false
  const datum = { MetricName: 'orders', Value: 1, Unit: 'Count' as const }
  const write = async () => {
    while (!isKilled) {
      await cloudwatch.send(new PutMetricDataCommand({ Namespace: 'shop', MetricData: [datum] }))
      acknowledged++
    }
  }
  const writing = Array.from({ length: writers }, () => write().catch(() => undefined))
  while (acknowledged < 100) await new Promise((resolve) => setImmediate(resolve))
  isKilled = true
  await first.kill()
  await Promise.all(writing)

  const second = await ServerProcess.start(data)
  const again = second.client(CloudWatchClient)
  const { Datapoints = [] } = await again.send(
    new GetMetricStatisticsCommand({
      ...{ Namespace: 'shop', MetricName: 'orders', Period: 86_400, Statistics: ['Sum'] },
      ...{ StartTime: new Date(Date.now() - 3_600_000), EndTime: new Date(Date.now() + 3_600_000) },
    }),
  )
  await second.control('/clock', { advance: '2m' })
  const { MetricAlarms = [] } = await again.send(new DescribeAlarmsCommand({}))
  await second.kill('SIGTERM')
  rmSync(data, { recursive: true, force: true })

  const sum = Datapoints[0]?.Sum ?? 0
  expect(sum).toBeGreaterThanOrEqual(acknowledged)
  // A put that was cut off may be there, and its answer not.
  expect(sum).toBeLessThanOrEqual(acknowledged + writers)
  expect(MetricAlarms[0]?.StateValue).toBe('ALARM')
})
