/**
 * From a firing to a delivery: what the target is sent, in whose role, how often it is tried, and what its dead letter
 * says. The delivery mechanism does the rest. Checked with the EventBridge Scheduler User Guide ("Adding context
 * attributes", "Configuring a schedule's dead-letter queue", "Using templated targets").
 */
import type { Millis } from '../../clock.ts'
import { type Arn, parseArn } from '../../delivery/arn.ts'
import type { Tx } from '../../delivery/context.ts'
import type { NewDelivery } from '../../delivery/delivery.ts'
import type { Firing } from './firingRows.ts'
import { type Schedule, scheduleArn } from './scheduleRecords.ts'
import { isUniversal } from './universalTargets.ts'

/** AWS fires within the minute: what comes in it is not late. */
const precisionMillis = 60_000
const defaultAgeSeconds = 86_400
const defaultRetries = 185
/** What a retry says anew; the other attributes stay the same over all tries. */
const attemptMark = '<aws.scheduler.attempt-number>'

/** The operation that a templated target stands for, as dead letters name it. */
export const templatedOperations: Record<string, string> = {
  lambda: 'lambda:invoke',
  sqs: 'sqs:sendMessage',
  sns: 'sns:publish',
  events: 'eventbridge:putEvents',
}

export function maximumAgeMillis({ target }: Schedule): number {
  return (target.RetryPolicy?.MaximumEventAgeInSeconds ?? defaultAgeSeconds) * 1000
}

export function invoke(tx: Tx, schedule: Schedule, firing: Firing): void {
  const { target } = schedule
  const lag = tx.now - firing.dueAt
  const late = lag < precisionMillis ? 0 : lag
  const invocation = { arn: scheduleArn(schedule, tx), executionId: tx.random.hex(16), time: timeText(firing) }
  tx.deliver({
    arn: target.Arn,
    payload: payloadFor(tx, schedule, invocation),
    attemptMark,
    sender: { principal: 'scheduler.amazonaws.com', sourceArn: invocation.arn, roleArn: target.RoleArn },
    policy: {
      maximumRetryAttempts: target.RetryPolicy?.MaximumRetryAttempts ?? defaultRetries,
      // The age counts from when it should have fired.
      maximumEventAgeSeconds: Math.floor((maximumAgeMillis(schedule) - late) / 1000),
      ...(target.DeadLetterConfig?.Arn && { deadLetterArn: target.DeadLetterConfig.Arn }),
      deadLetterAttributes: letterAttributes(target.Arn, invocation),
    },
    ...parametersFor(schedule),
  })
}

/** For a time that was never tried at all. */
export function deadLetter(tx: Tx, schedule: Schedule, firing: Firing, message: string): void {
  const { target } = schedule
  if (!target.DeadLetterConfig?.Arn) return
  const invocation = { arn: scheduleArn(schedule, tx), executionId: tx.random.hex(16), time: timeText(firing) }
  const attributes = {
    ...letterAttributes(target.Arn, invocation),
    ERROR_CODE: 'AWS.Scheduler.InternalServerError',
    ERROR_MESSAGE: message,
    EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds',
    RETRY_ATTEMPTS: '0',
  }
  tx.deliver({
    arn: target.DeadLetterConfig.Arn,
    payload: payloadFor(tx, schedule, invocation).replaceAll(attemptMark, '0'),
    sender: { principal: 'scheduler.amazonaws.com', sourceArn: invocation.arn, roleArn: target.RoleArn },
    parameters: {
      messageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
      ),
    },
  })
}

interface Invocation {
  /** The schedule's. */
  arn: Arn
  executionId: string
  time: string
}

function letterAttributes(targetArn: Arn, { arn, executionId, time }: Invocation): Record<string, string> {
  const operation = templatedOperations[parseArn(targetArn)?.service ?? '']
  return {
    EXECUTION_ID: executionId,
    IS_PAYLOAD_TRUNCATED: 'false',
    SCHEDULED_TIME: time,
    SCHEDULE_ARN: arn,
    TARGET_ARN: isUniversal(targetArn) ? targetArn : `arn:aws:scheduler:::aws-sdk:${operation}`,
  }
}

function payloadFor(tx: Tx, schedule: Schedule, invocation: Invocation): string {
  const { Input, Arn, EventBridgeParameters } = schedule.target
  const input = Input === undefined ? defaultNotification(tx, invocation) : filledIn(Input, invocation)
  if (parseArn(Arn)?.service !== 'events') return input
  const { Source, DetailType } = EventBridgeParameters ?? {}
  const head = envelope(tx, { source: Source, type: DetailType, time: secondsText(tx.now), arn: invocation.arn })
  return `${JSON.stringify(head).slice(0, -1)},"detail":${input}}`
}

function filledIn(input: string, { arn, executionId, time }: Invocation): string {
  return input
    .replaceAll('<aws.scheduler.schedule-arn>', arn)
    .replaceAll('<aws.scheduler.scheduled-time>', time)
    .replaceAll('<aws.scheduler.execution-id>', executionId)
}

/** What AWS sends where the schedule has no Input; its detail is a text. */
function defaultNotification(tx: Tx, { arn, time }: Invocation): string {
  return JSON.stringify({
    ...envelope(tx, { source: 'aws.scheduler', type: 'Scheduled Event', time, arn }),
    detail: '{}',
  })
}

interface Head {
  source: string | undefined
  type: string | undefined
  time: string
  arn: Arn
}

function envelope({ account, region, random }: Tx, { source, type, time, arn }: Head) {
  return { version: '0', id: random.uuid(), 'detail-type': type, source, account, time, region, resources: [arn] }
}

function timeText({ scheduledAt }: Firing): string {
  return secondsText(scheduledAt)
}

function secondsText(time: Millis): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`
}

function parametersFor({ target }: Schedule): Pick<NewDelivery, 'parameters'> {
  const messageGroupId = target.SqsParameters?.MessageGroupId
  return messageGroupId ? { parameters: { messageGroupId } } : {}
}
