/**
 * How full queues are, as metrics: at the end of each minute in which a queue was used, and for as long as an alarm looks at
 * a queue that is not empty. AWS samples every queue each minute; that would keep an idle server awake.
 */

import type { Millis } from '../../clock.ts'
import { parseArn } from '../../delivery/arn.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { queueGauges } from '../../delivery/queueGauges.ts'
import { alarmWatches } from './alarmWatches.ts'
import { keep } from './keeping.ts'
import { metricId, metricName } from './metrics.ts'

/** By the queue's ARN. */
const queueSamples = dueQueue<Due>('cloudwatch/queue-samples')

const minuteMillis = 60_000
const gauges = [
  'ApproximateNumberOfMessagesVisible',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
  'ApproximateAgeOfOldestMessage',
]

export function planQueueSample(tx: Tx, arn: string, at: Millis): void {
  const dueAt = Math.max(at, tx.now)
  const planned = tx.due(queueSamples).get(arn)
  if (!planned || planned.dueAt > dueAt) tx.due(queueSamples).put({ id: arn, dueAt })
}

/** An alarm on a queue that fills or has filled already. */
export function sampleForAlarm(tx: Tx, queue: string): void {
  const { now, account, region } = tx
  planQueueSample(tx, `arn:aws:sqs:${region}:${account}:${queue}`, now - (now % minuteMillis) + minuteMillis)
}

export const queueSampleWorker = worker('cloudwatch/queue-samples', {
  queue: queueSamples,
  async run({ id, dueAt }, ctx) {
    await ctx.commit((tx) => {
      if (sample(tx, id, dueAt)) tx.due(queueSamples).put({ id, dueAt: nextMinute(tx.now) })
      else tx.due(queueSamples).delete(id)
    })
  },
})

function nextMinute(now: Millis): Millis {
  return now - (now % minuteMillis) + minuteMillis
}

/** Whether to look again: it is not empty, and an alarm wants to know. */
function sample(tx: Tx, arn: string, dueAt: Millis): boolean {
  const queue = parseArn(arn)?.resource ?? ''
  const gauge = tx.use(queueGauges).read(tx, queue, tx.now)
  if (!gauge) return false
  const { visible, inFlight, delayed, oldestSeconds } = gauge
  const values = [visible, inFlight, delayed, oldestSeconds]
  const dimensions = [{ name: 'QueueName', value: queue }]
  const at = dueAt - (dueAt % minuteMillis) - minuteMillis
  for (const [index, name] of gauges.entries()) {
    const unit = name === 'ApproximateAgeOfOldestMessage' ? 'Seconds' : 'Count'
    keep(tx, 'AWS/SQS', { name, unit, at, dimensions, values: [values[index] as number] })
  }
  return visible + inFlight + delayed > 0 && isWatched(tx, queue)
}

function isWatched(reader: Pick<Context, 'in'>, queue: string): boolean {
  return gauges.some((name) => {
    const metric = metricId(metricName('AWS/SQS', name, [{ Name: 'QueueName', Value: queue }]))
    return reader.in(alarmWatches).first({ prefix: [metric] }) !== undefined
  })
}
