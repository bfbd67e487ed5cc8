/** Makes what a plan names, by AWS's own operations. */
import { zipSync } from 'fflate'
import { arnOf, functionArn, queueArn, topicArn } from './arns.ts'
import { addressOf, credentials, tokenAddressOf } from './endpoints.ts'
import { account, type Machine } from './machine.ts'
import { tagMark } from './marks.ts'
import {
  type ChangePlan,
  type EndpointPlan,
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
  for (const endpoint of plan.endpoints) await makeEndpoint(machine, endpoint)
  for (const Name of plan.buses) await machine.call('eventbridge', 'CreateEventBus', { Name })
  for (const rule of plan.rules) if (hasBus(plan, rule)) await makeRule(machine, rule)
  await makeBucket(machine, plan)
  // Connections are authorized, which takes work.
  await machine.advance(0)
}

/** Errors: what AWS says, where it is refused. */
export async function makeChange(machine: Machine, plan: Plan, change: ChangePlan): Promise<void> {
  const queueUrl = (name: string) => `http://127.0.0.1/${account}/${name}`
  const call = (operation: string, input: object) => machine.call('eventbridge', operation, input)
  switch (change.kind) {
    case 'no queue':
      return void (await machine.call('sqs', 'DeleteQueue', { QueueUrl: queueUrl(change.queue) }))
    case 'policy': {
      const Attributes = { Policy: change.denies ? nobodyElse('sqs:SendMessage') : '' }
      return void (await machine.call('sqs', 'SetQueueAttributes', { QueueUrl: queueUrl(change.queue), Attributes }))
    }
    case 'no endpoint':
      return void (await call('DeleteApiDestination', { Name: change.endpoint }))
    case 'new rule':
      return makeRule(machine, change.rule)
  }
  const rule = plan.rules.find(({ name }) => name === change.rule)
  if (!rule) throw new Error(`There is no rule ${change.rule}.`)
  const [Rule, EventBusName] = [rule.name, rule.bus]
  switch (change.kind) {
    case 'pattern':
      return putRule(machine, { ...rule, pattern: change.pattern })
    case 'state':
      return void (await call(change.isDisabled ? 'DisableRule' : 'EnableRule', { Name: Rule, EventBusName }))
    case 'target':
      return void (await call('PutTargets', {
        Rule,
        EventBusName,
        Targets: [targetInput(machine, rule, change.target)],
      }))
    case 'no target':
      return void (await call('RemoveTargets', { Rule, EventBusName, Ids: [change.id] }))
    case 'no rule':
      return void (await call('DeleteRule', { Name: Rule, EventBusName }))
  }
}

async function makeEndpoint(machine: Machine, { name, authorization, perSecond }: EndpointPlan): Promise<void> {
  const { user, secret, header } = credentials
  const client = { ClientID: user, ClientSecret: secret }
  const authorizations = {
    basic: ['BASIC', { BasicAuthParameters: { Username: user, Password: secret } }],
    key: ['API_KEY', { ApiKeyAuthParameters: { ApiKeyName: header, ApiKeyValue: secret } }],
    oauth: [
      'OAUTH_CLIENT_CREDENTIALS',
      {
        OAuthParameters: {
          AuthorizationEndpoint: tokenAddressOf(name),
          HttpMethod: 'POST',
          ClientParameters: client,
        },
      },
    ],
  }
  const [AuthorizationType, AuthParameters] = authorizations[authorization]
  const asked = { Name: name, AuthorizationType, AuthParameters }
  const { ConnectionArn } = await machine.call('eventbridge', 'CreateConnection', asked)
  const { ApiDestinationArn } = await machine.call('eventbridge', 'CreateApiDestination', {
    Name: name,
    ConnectionArn,
    InvocationEndpoint: addressOf(name),
    HttpMethod: 'POST',
    InvocationRateLimitPerSecond: perSecond,
  })
  machine.endpointArns.set(name, String(ApiDestinationArn))
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
  await putRule(machine, rule)
  if (rule.targets.length === 0) return
  const Targets = rule.targets.map((target) => targetInput(machine, rule, target))
  await machine.call('eventbridge', 'PutTargets', { Rule: rule.name, EventBusName: rule.bus, Targets })
}

async function putRule(machine: Machine, rule: RulePlan): Promise<void> {
  await machine.call('eventbridge', 'PutRule', {
    Name: rule.name,
    EventBusName: rule.bus,
    ...(rule.pattern && { EventPattern: JSON.stringify(rule.pattern) }),
    ...(rule.everyMinutes && { ScheduleExpression: `rate(${rule.everyMinutes} minutes)` }),
    State: rule.isDisabled ? 'DISABLED' : 'ENABLED',
  })
}

function targetInput(
  machine: Machine,
  rule: RulePlan,
  { id, kind, to, group, deadLetter, attempts, ageSeconds }: TargetPlan,
): object {
  const nowhere = `${arnOf.endpoint(to)}/00000000-0000-4000-8000-000000000000`
  return {
    Id: id,
    Arn: kind === 'endpoint' ? (machine.endpointArns.get(to) ?? nowhere) : arnOf[kind](to),
    ...(kind === 'endpoint' && { RoleArn: role }),
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
