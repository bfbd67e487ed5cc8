/**
 * Which of AWS's metrics a meter's count is, by what it was counted of: a rule, a bus, a topic, a queue, a schedule.
 * Names and dimensions: the "metrics" pages of each service's guide ("Monitoring Amazon EventBridge", "Amazon SNS metrics",
 * "Available CloudWatch metrics for Amazon SQS", "Monitoring Amazon EventBridge Scheduler with CloudWatch metrics").
 */
import { type ArnParts, parseArn } from '../../delivery/arn.ts'
import type { Measurement } from '../../delivery/metrics.ts'
import type { Meter, MinuteOfSource, Tally } from '../../observe/meters.ts'
import type { Dimensions } from '../../observe/ownMetrics.ts'

export interface MeteredMetrics {
  account: string
  region: string
  namespace: string
  measurements: Measurement[]
}

type Names = Partial<Record<Meter, string>>

const ofRules: Names = {
  rulesTriggered: 'TriggeredRules',
  invocations: 'Invocations',
  invocationAttempts: 'InvocationAttempts',
  invocationRetries: 'RetryInvocationAttempts',
  invocationsDelivered: 'SuccessfulInvocationAttempts',
  invocationsFailed: 'FailedInvocations',
  invocationsThrottled: 'ThrottledRules',
  sentToDeadLetter: 'InvocationsSentToDlq',
  notSentToDeadLetter: 'InvocationsFailedToBeSentToDlq',
  ingestionToStartMillis: 'IngestionToInvocationStartLatency',
  ingestionToEndMillis: 'IngestionToInvocationSuccessLatency',
}
const ofBuses: Names = { eventsMatched: 'MatchedEvents', eventsReceived: 'PutEventsEntriesCount' }
const ofTopics: Names = {
  messagesPublished: 'NumberOfMessagesPublished',
  invocationsDelivered: 'NumberOfNotificationsDelivered',
  invocationsFailed: 'NumberOfNotificationsFailed',
  notificationsFilteredOut: 'NumberOfNotificationsFilteredOut',
  sentToDeadLetter: 'NumberOfNotificationsRedrivenToDlq',
  notSentToDeadLetter: 'NumberOfNotificationsFailedToRedriveToDlq',
}
const ofQueues: Names = {
  messagesSent: 'NumberOfMessagesSent',
  messagesReceived: 'NumberOfMessagesReceived',
  messagesDeleted: 'NumberOfMessagesDeleted',
  emptyReceives: 'NumberOfEmptyReceives',
}
const ofSchedules: Names = {
  invocationAttempts: 'InvocationAttemptCount',
  invocationsThrottled: 'TargetErrorThrottledCount',
  dropped: 'InvocationDroppedCount',
  sentToDeadLetter: 'InvocationsSentToDeadLetterCount',
  notSentToDeadLetter: 'InvocationsFailedToBeSentToDeadLetterCount',
}

const ofLogGroups: Names = { incomingLogEvents: 'IncomingLogEvents', incomingBytes: 'IncomingBytes' }

interface Kind {
  namespace: string
  names: Names
  dimensions: Dimensions[]
}

/** Undefined where AWS has no metrics of such a source by these counts. */
export function meteredMetrics({ source, minute, meters }: MinuteOfSource): MeteredMetrics | undefined {
  const parts = parseArn(source)
  const kind = parts && kindOf(parts)
  if (!parts || !kind) return undefined
  const tallies = Object.entries(meters) as [Meter, Tally][]
  const named = tallies.flatMap(([meter, tally]) => {
    const name = kind.names[meter]
    return name ? [{ name, unit: unitOf(meter), tally }] : []
  })
  const failed = (meters.invocationAttempts?.count ?? 0) - (meters.invocationsDelivered?.count ?? 0)
  if (kind.names === ofSchedules && failed > 0) {
    named.push({ name: 'TargetErrorCount', unit: 'Count', tally: { count: failed, sum: failed, min: 1, max: 1 } })
  }
  const measurements = named.flatMap(({ name, unit, tally: { count, sum, min, max } }) =>
    kind.dimensions.map((set) => ({
      name,
      unit,
      at: minute,
      dimensions: Object.entries(set).map(([dimension, value]) => ({ name: dimension, value })),
      statistics: { sampleCount: count, sum, minimum: min, maximum: max },
    })),
  )
  return { account: parts.account, region: parts.region, namespace: kind.namespace, measurements }
}

function unitOf(meter: Meter): string {
  if (meter.endsWith('Millis')) return 'Milliseconds'
  return meter.endsWith('Bytes') ? 'Bytes' : 'Count'
}

function kindOf({ service, resource }: ArnParts): Kind | undefined {
  const [first = '', second = '', third] = resource.split('/')
  if (service === 'events' && first === 'rule') {
    const isCustom = third !== undefined
    const dimensions: Dimensions[] = isCustom
      ? [{ EventBusName: second, RuleName: third }, {}]
      : [{ RuleName: second }, {}]
    return { namespace: 'AWS/Events', names: ofRules, dimensions }
  }
  if (service === 'events' && first === 'event-bus') {
    return { namespace: 'AWS/Events', names: ofBuses, dimensions: [{ EventBusName: second }, {}] }
  }
  if (service === 'sns' && !resource.includes(':')) {
    return { namespace: 'AWS/SNS', names: ofTopics, dimensions: [{ TopicName: resource }] }
  }
  if (service === 'sqs') return { namespace: 'AWS/SQS', names: ofQueues, dimensions: [{ QueueName: resource }] }
  if (service === 'logs' && resource.startsWith('log-group:')) {
    const LogGroupName = resource.slice('log-group:'.length)
    return { namespace: 'AWS/Logs', names: ofLogGroups, dimensions: [{ LogGroupName }, {}] }
  }
  if (service === 'scheduler' && first === 'schedule') {
    return { namespace: 'AWS/Scheduler', names: ofSchedules, dimensions: [{ ScheduleGroup: second }, {}] }
  }
  return undefined
}
