/**
 * A schedule's target, checked when the schedule is made or changed: a templated one, named by the resource's own ARN,
 * or a universal one, `arn:aws:scheduler:::aws-sdk:glue:startJobRun` (universalTargets.ts).
 */
import type { Target } from '@aws-sdk/client-scheduler'
import { type ArnParts, parseArn } from '../../delivery/arn.ts'
import type { Context } from '../../delivery/context.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { isJson } from '../json.ts'
import { templatedOperations } from './invocations.ts'
import type { ScheduleTarget } from './scheduleRecords.ts'
import { checkUniversal, isUniversal } from './universalTargets.ts'

const { ValidationException } = awsErrors('scheduler')

/** The services that AWS has templates for (User Guide, "Using templated targets"), by the ARN's service. */
const templated = new Set(
  'codebuild codepipeline ecs events firehose inspector kinesis lambda sagemaker sns sqs states'.split(' '),
)
/** What of them is here, and the start of its resource. */
const here: Record<string, RegExp> = {
  lambda: /^function:/,
  sqs: /./,
  sns: /^[^:]+$/,
  events: /^event-bus\//,
}
/** Which service a block of parameters is for. */
const parameterServices = {
  EcsParameters: 'ecs',
  EventBridgeParameters: 'events',
  EventBridgePutEventsV2Parameters: 'events',
  EventBridgePutRawEventsParameters: 'events',
  KinesisParameters: 'kinesis',
  SageMakerPipelineParameters: 'sagemaker',
  SqsParameters: 'sqs',
} as const
/** Of these, the Input is passed on as the JSON it must be. */
const takesJson = new Set(['lambda', 'events', 'states'])
const defaultRetryPolicy = { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 }

/** With AWS's default retry policy in it. Errors: ValidationException; NotImplemented for what is not here. */
export function targetFrom(target: Target | undefined, ctx: Context): ScheduleTarget {
  const { Arn = '', RoleArn = '' } = target ?? {}
  const arn = parseArn(Arn)
  if (!arn) throw ValidationException(`Parameter ${Arn} is not valid. Reason: Provided Arn is not in correct format.`)
  checkParameters(target as Target, arn)
  if (isUniversal(Arn)) checkUniversal(Arn, target?.Input, ctx)
  else checkTemplated(Arn, arn, ctx)
  const isJsonWanted = isUniversal(Arn) || takesJson.has(arn.service)
  if (isJsonWanted && target?.Input !== undefined && !isJson(target.Input)) {
    throw ValidationException('JSON syntax error in input for the target.')
  }
  return { ...target, Arn, RoleArn, RetryPolicy: { ...defaultRetryPolicy, ...target?.RetryPolicy } }
}

function checkTemplated(text: string, { service, region, resource }: ArnParts, ctx: Context): void {
  if (!templated.has(service)) throw ValidationException(`${service} is not a supported service for a target.`)
  if (region !== ctx.region) {
    throw ValidationException(`The target ARN provided does not match the current region ${ctx.region}.`)
  }
  if (!templatedOperations[service] || !here[service]?.test(resource)) {
    throw NotImplemented(`The target ${text} of a schedule (service ${service})`)
  }
}

function checkParameters(target: Target, { service, resource }: ArnParts): void {
  for (const [block, wanted] of Object.entries(parameterServices)) {
    if (target[block as keyof Target] !== undefined && service !== wanted) {
      throw ValidationException(`Parameters ${block} not supported for the target.`)
    }
  }
  if (service === 'sqs') checkQueue(resource, target.SqsParameters?.MessageGroupId)
  if (service !== 'events') return
  for (const block of ['EventBridgePutEventsV2Parameters', 'EventBridgePutRawEventsParameters'] as const) {
    if (target[block]) throw NotImplemented(`${block} of a schedule's target`)
  }
  if (!target.EventBridgeParameters) throw ValidationException('Parameters EventBridgeParameters must be specified.')
}

function checkQueue(name: string, messageGroupId: string | undefined): void {
  const isFifo = name.endsWith('.fifo')
  if (isFifo && messageGroupId === undefined) throw ValidationException('Parameters SqsParameters must be specified.')
  if (!isFifo && messageGroupId !== undefined) {
    throw ValidationException('Parameters MessageGroupId not valid for the target.')
  }
}
