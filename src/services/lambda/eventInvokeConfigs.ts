/** How a function's asynchronous invocations are retried, and where their outcomes go. */
import type { Millis } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { functionArn, functionReference, latest, pageOf, user } from './identifiers.ts'
import { mustGetTarget } from './records.ts'

const { InvalidParameterValueException, ResourceNotFoundException } = awsErrors('lambda')

export interface EventInvokeConfig {
  functionName: string
  qualifier: string
  retriesMax?: number
  ageSecondsMax?: number
  onSuccessArn?: string
  onFailureArn?: string
  modifiedAt: Millis
}

export const eventInvokeConfigs = collection<EventInvokeConfig>('lambda/event-invoke-configs', {
  version: 1,
  key: (record) => [record.functionName, record.qualifier],
})

export const defaultRetries = 2
export const defaultAgeSeconds = 21_600

interface Input {
  FunctionName: string
  Qualifier?: string | undefined
  MaximumRetryAttempts?: number | undefined
  MaximumEventAgeInSeconds?: number | undefined
  DestinationConfig?:
    | {
        OnSuccess?: { Destination?: string | undefined } | undefined
        OnFailure?: { Destination?: string | undefined } | undefined
      }
    | undefined
}

export const eventInvokeOperations = operations('lambda', {
  async PutFunctionEventInvokeConfig(input, ctx) {
    return await store(ctx, input, (key, now) => changed({ ...key, modifiedAt: now }, input, now))
  },

  async UpdateFunctionEventInvokeConfig(input, ctx) {
    return await store(ctx, input, (key, now, before) => {
      if (!before) throw notFound(ctx, key.functionName, key.qualifier)
      return changed(before, input, now)
    })
  },

  async GetFunctionEventInvokeConfig(input, ctx) {
    const { functionName, qualifier } = keyOf(input)
    const config = ctx.in(eventInvokeConfigs).get(functionName, qualifier)
    if (!config) throw notFound(ctx, functionName, qualifier)
    return output(ctx, config)
  },

  async ListFunctionEventInvokeConfigs(input, ctx) {
    const { name } = functionReference(input.FunctionName)
    mustGetTarget(ctx, { name })
    const { page, ...rest } = pageOf([...ctx.in(eventInvokeConfigs).list({ prefix: [name] })], input)
    return { FunctionEventInvokeConfigs: page.map((config) => output(ctx, config)), ...rest }
  },

  async DeleteFunctionEventInvokeConfig(input, ctx) {
    const { functionName, qualifier } = keyOf(input)
    await ctx.commit((tx) => {
      if (!tx.in(eventInvokeConfigs).has(functionName, qualifier)) throw notFound(tx, functionName, qualifier)
      tx.in(eventInvokeConfigs).delete(functionName, qualifier)
    })
    return {}
  },
})

function keyOf(input: Input): { functionName: string; qualifier: string } {
  const { name, qualifier = latest } = functionReference(input.FunctionName, input.Qualifier)
  return { functionName: name, qualifier }
}

async function store(
  ctx: Context,
  input: Input,
  decide: (
    key: { functionName: string; qualifier: string },
    now: Millis,
    before: EventInvokeConfig | undefined,
  ) => EventInvokeConfig,
) {
  const key = keyOf(input)
  const config = await ctx.commit((tx) => {
    mustGetTarget(tx, { name: key.functionName, qualifier: key.qualifier })
    const decided = decide(key, tx.now, tx.in(eventInvokeConfigs).get(key.functionName, key.qualifier))
    tx.in(eventInvokeConfigs).put(decided)
    return decided
  })
  return output(ctx, config)
}

function changed(before: EventInvokeConfig, input: Input, now: Millis): EventInvokeConfig {
  const after = { ...before, modifiedAt: now }
  if (input.MaximumRetryAttempts !== undefined) after.retriesMax = input.MaximumRetryAttempts
  if (input.MaximumEventAgeInSeconds !== undefined) after.ageSecondsMax = input.MaximumEventAgeInSeconds
  if (input.DestinationConfig) {
    const { OnSuccess, OnFailure } = input.DestinationConfig
    delete after.onSuccessArn
    delete after.onFailureArn
    if (OnSuccess?.Destination) after.onSuccessArn = destination(OnSuccess.Destination)
    if (OnFailure?.Destination) after.onFailureArn = destination(OnFailure.Destination)
  }
  return after
}

function destination(arn: string): string {
  if (arn.startsWith('arn:aws:s3:')) throw NotImplemented('lambda: an S3 bucket as a destination of invocations')
  if (/^arn:aws[a-z-]*:(sqs|sns|lambda|events):/.test(arn)) return arn
  throw InvalidParameterValueException(`The provided destination config DestinationConfig is invalid: ${arn}`, user)
}

function notFound(scope: { account: string; region: string }, name: string, qualifier: string): Error {
  const arn = functionArn(scope, name, qualifier)
  return ResourceNotFoundException(`The function ${arn} doesn't have an EventInvokeConfig`, user)
}

function output(ctx: Context, config: EventInvokeConfig) {
  return {
    LastModified: new Date(config.modifiedAt),
    FunctionArn: functionArn(ctx, config.functionName, config.qualifier),
    ...(config.retriesMax !== undefined && { MaximumRetryAttempts: config.retriesMax }),
    ...(config.ageSecondsMax !== undefined && { MaximumEventAgeInSeconds: config.ageSecondsMax }),
    DestinationConfig: {
      OnSuccess: config.onSuccessArn ? { Destination: config.onSuccessArn } : {},
      OnFailure: config.onFailureArn ? { Destination: config.onFailureArn } : {},
    },
  }
}
