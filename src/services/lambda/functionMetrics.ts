/**
 * What AWS measures of functions: `AWS/Lambda`, by function, by alias or version, and of all together.
 * Names: docs.aws.amazon.com, AWS Lambda Developer Guide, "Types of metrics for Lambda functions".
 */
import type { Context, Tx } from '../../delivery/context.ts'
import { type MeasuredThing, measure, measureNow } from '../../delivery/metering.ts'
import type { InvocationResult } from '../../engines/functions/functionSpec.ts'
import type { Dimensions, Measure } from '../../observe/ownMetrics.ts'

export function functionThing(name: string, qualifier?: string): MeasuredThing {
  const ofFunction: Dimensions[] = [{ FunctionName: name }, {}]
  const dimensions = qualifier ? [...ofFunction, { FunctionName: name, Resource: `${name}:${qualifier}` }] : ofFunction
  return { namespace: 'AWS/Lambda', dimensions }
}

export const counted = (name: string, value = 1): Measure => ({ name, unit: 'Count', value })

/** `functionArn` as it was invoked: its last part is the qualifier, if there was one. */
export function measureInvocation(ctx: Context, functionArn: string, result: InvocationResult): void {
  const [name = '', qualifier] = functionArn.split(':').slice(6)
  const Duration = {
    name: 'Duration',
    unit: 'Milliseconds',
    value: Math.round(result.durationMilliseconds * 100) / 100,
  }
  measureNow(
    ctx,
    functionThing(name, qualifier),
    counted('Invocations'),
    counted('Errors', Number(result.functionError !== undefined)),
    // So that a sum of none is 0 and not missing, as on AWS.
    counted('Throttles', 0),
    Duration,
  )
}

/** Of what an asynchronous invocation leaves behind. */
export function measureAsync(tx: Tx, name: string, ...measures: Measure[]): void {
  measure(tx, functionThing(name), ...measures)
}
