/** How many invocations of a function run now, and whether one more may: reserved concurrency and the account's limit. */
import type { Context } from '../../delivery/context.ts'
import { singleton } from '../../delivery/singleton.ts'
import { awsErrors } from '../../wire/errors.ts'
import { functionArn } from './identifiers.ts'
import { functionSettings } from './records.ts'
import { accountConcurrency } from './settings.ts'

const { TooManyRequestsException } = awsErrors('lambda')

/** The counts are of this process's own children, so they need not survive it. */
export const concurrency = singleton('lambda concurrency', () => new Concurrency())

export class Concurrency {
  readonly #running = new Map<string, number>()
  #total = 0

  enter(arn: string, reserved: number | undefined): boolean {
    const running = this.#running.get(arn) ?? 0
    if (running >= (reserved ?? accountConcurrency) || this.#total >= accountConcurrency) return false
    this.#running.set(arn, running + 1)
    this.#total++
    return true
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
  if (!ctx.use(concurrency).enter(arn, reserved)) throw throttled(reserved)
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
