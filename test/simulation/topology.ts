/** Makes what a plan names, by AWS's own operations. */
import { zipSync } from 'fflate'
import { arnOf, functionArn, queueArn, topicArn } from './arns.ts'
import type { Machine } from './machine.ts'
import { tagMark } from './marks.ts'
import {
  type FunctionPlan,
  isFifo,
  type Plan,
  type QueuePlan,
  type RulePlan,
  type TargetPlan,
  type TopicPlan,
} from './plan.ts'

export const bucket = 'raw'
const role = 'arn:aws:iam::000000000000:role/any'
const code = zipSync({ 'index.mjs': Buffer.from('export const handler = async () => undefined') })
const nobodyElse = (action: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Deny', Principal: '*', Action: action, Resource: '*' }],
  })

export async function build(machine: Machine, plan: Plan): Promise<void> {
  const queues = new Set(plan.queues.map(({ name }) => name))
  const inOrder = [...plan.queues].sort((left, right) => Number(Boolean(left.redrive)) - Number(Boolean(right.redrive)))
  for (const queue of inOrder) await makeQueue(machine, queue, queues)
  for (const one of plan.functions) await makeFunction(machine, one)
  for (const topic of plan.topics) await makeTopic(machine, topic, plan)
  for (const Name of plan.buses) await machine.call('eventbridge', 'CreateEventBus', { Name })
  for (const rule of plan.rules) if (hasBus(plan, rule)) await makeRule(machine, rule)
  await makeBucket(machine, plan)
}

export function hasBus(plan: Plan, { bus }: { bus: string }): boolean {
  return bus === 'default' || plan.buses.includes(bus)
}

async function makeQueue(machine: Machine, { name, denies, redrive }: QueuePlan, queues: Set<string>): Promise<void> {
  const Attributes = {
    ...(isFifo(name) && { FifoQueue: 'true', ContentBasedDeduplication: 'true' }),
    ...(denies && { Policy: nobodyElse('sqs:SendMessage') }),
    ...(redrive &&
      queues.has(redrive.to) && {
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn(redrive.to), maxReceiveCount: redrive.receives }),
      }),
  }
  await machine.call('sqs', 'CreateQueue', { QueueName: name, Attributes })
}

async function makeFunction(machine: Machine, { name, retries, onFailure, onSuccess }: FunctionPlan): Promise<void> {
  const settings = { Role: role, Runtime: 'nodejs22.x', Handler: 'index.handler', Code: { ZipFile: code } }
  await machine.call('lambda', 'CreateFunction', { FunctionName: name, ...settings })
  await machine.call('lambda', 'PutFunctionEventInvokeConfig', {
    FunctionName: name,
    MaximumRetryAttempts: retries,
    DestinationConfig: {
      ...(onFailure && { OnFailure: { Destination: queueArn(onFailure) } }),
      ...(onSuccess && { OnSuccess: { Destination: queueArn(onSuccess) } }),
    },
  })
}

async function makeTopic(machine: Machine, { name, denies, subscriptions }: TopicPlan, plan: Plan): Promise<void> {
  const Attributes = {
    ...(isFifo(name) && { FifoTopic: 'true', ContentBasedDeduplication: 'true' }),
    ...(denies && { Policy: nobodyElse('sns:Publish') }),
  }
  await machine.call('sns', 'CreateTopic', { Name: name, Attributes })
  for (const { to, raw, wants, deadLetter } of subscriptions) {
    const isFunction = plan.functions.some((one) => one.name === to) || to === 'no-function'
    await machine.call('sns', 'Subscribe', {
      TopicArn: topicArn(name),
      Protocol: isFunction ? 'lambda' : 'sqs',
      Endpoint: isFunction ? functionArn(to) : queueArn(to),
      Attributes: {
        ...(raw && !isFunction && { RawMessageDelivery: 'true' }),
        ...(wants && { FilterPolicy: JSON.stringify({ loja: wants }) }),
        ...(deadLetter && { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn(deadLetter) }) }),
      },
    })
  }
}

async function makeRule(machine: Machine, rule: RulePlan): Promise<void> {
  await machine.call('eventbridge', 'PutRule', {
    Name: rule.name,
    EventBusName: rule.bus,
    ...(rule.pattern && { EventPattern: JSON.stringify(rule.pattern) }),
    ...(rule.everyMinutes && { ScheduleExpression: `rate(${rule.everyMinutes} minutes)` }),
    State: rule.isDisabled ? 'DISABLED' : 'ENABLED',
  })
  if (rule.targets.length === 0) return
  const Targets = rule.targets.map((target) => targetInput(rule, target))
  await machine.call('eventbridge', 'PutTargets', { Rule: rule.name, EventBusName: rule.bus, Targets })
}

function targetInput(rule: RulePlan, { id, kind, to, group, deadLetter, attempts, ageSeconds }: TargetPlan): object {
  return {
    Id: id,
    Arn: arnOf[kind](to),
    ...(group && { SqsParameters: { MessageGroupId: group } }),
    ...(deadLetter && { DeadLetterConfig: { Arn: queueArn(deadLetter) } }),
    ...((attempts !== undefined || ageSeconds !== undefined) && {
      RetryPolicy: {
        ...(attempts !== undefined && { MaximumRetryAttempts: attempts }),
        ...(ageSeconds !== undefined && { MaximumEventAgeInSeconds: ageSeconds }),
      },
    }),
    // A bus takes the event itself; to all others each target tells who it was.
    ...(kind !== 'bus' && {
      InputTransformer: {
        InputTemplate: `{"tag":"${tagMark(rule.name, id)}","event":<aws.events.event.json>}`,
      },
    }),
  }
}

async function makeBucket(machine: Machine, plan: Plan): Promise<void> {
  await machine.call('s3', 'CreateBucket', { Bucket: bucket })
  const QueueConfigurations = plan.notifications.map(({ queue, prefix }) => ({
    QueueArn: queueArn(queue),
    Events: ['s3:ObjectCreated:*'],
    Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: prefix }] } },
  }))
  const NotificationConfiguration = { EventBridgeConfiguration: {}, QueueConfigurations }
  await machine.call('s3', 'PutBucketNotificationConfiguration', {
    Bucket: bucket,
    NotificationConfiguration,
    SkipDestinationValidation: true,
  })
}
