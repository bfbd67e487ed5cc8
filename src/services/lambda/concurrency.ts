/** How many invocations of a function run now, and whether one more may: reserved concurrency and the account's limit. */
import type { Context } from '../../delivery/context.ts'
import { measureNow } from '../../delivery/metering.ts'
import { singleton } from '../../delivery/singleton.ts'
import { awsErrors } from '../../wire/errors.ts'
import { counted, functionThing } from './functionMetrics.ts'
import { functionArn } from './identifiers.ts'
import { functionSettings } from './records.ts'
import { accountConcurrency } from './settings.ts'

const { TooManyRequestsException } = awsErrors('lambda')

/** The counts are of this process's own children, so they need not survive it. */
export const concurrency = singleton('lambda concurrency', () => new Concurrency())

export class Concurrency {
  readonly #running = new Map<string, number>()
  #total = 0

  /** How many run now, of the function and of all; undefined where there is no room. */
  enter(arn: string, reserved: number | undefined): { running: number; total: number } | undefined {
    const running = this.#running.get(arn) ?? 0
    if (running >= (reserved ?? accountConcurrency) || this.#total >= accountConcurrency) return undefined
    this.#running.set(arn, running + 1)
    this.#total++
    return { running: running + 1, total: this.#total }
  }

  leave(arn: string): void {
    const left = (this.#running.get(arn) ?? 1) - 1
    if (left > 0) this.#running.set(arn, left)
    else this.#running.delete(arn)
    this.#total--
  }
}

export function reservedConcurrency(ctx: Pick<Context, 'in'>, name: string): number | undefined {
  return ctx.in(functionSettings).get(name)?.reservedConcurrency
}

/** Runs `part` as one invocation of the function. Errors: TooManyRequestsException. */
export async function withinConcurrency<T>(ctx: Context, name: string, part: () => Promise<T>): Promise<T> {
  const arn = functionArn(ctx, name)
  const reserved = reservedConcurrency(ctx, name)
  const entered = ctx.use(concurrency).enter(arn, reserved)
  if (!entered) {
    measureNow(ctx, functionThing(name), counted('Throttles'))
    throw throttled(reserved)
  }
  const ofFunction = { namespace: 'AWS/Lambda', dimensions: [{ FunctionName: name }] }
  measureNow(ctx, ofFunction, counted('ConcurrentExecutions', entered.running))
  measureNow(ctx, { ...ofFunction, dimensions: [{}] }, counted('ConcurrentExecutions', entered.total))
  try {
    return await part()
  } finally {
    ctx.use(concurrency).leave(arn)
  }
}

function throttled(reserved: number | undefined): Error {
  const whose =
    reserved === undefined ? 'ConcurrentInvocationLimitExceeded' : 'ReservedFunctionConcurrentInvocationLimitExceeded'
  return TooManyRequestsException('Rate Exceeded.', { Type: 'User', Reason: whose })
}
