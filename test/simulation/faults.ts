/** What fails as the plan says: queues that do not take a delivery yet, and functions; and the book of their tries. */

import { type Delivery, DeliveryFailed, type Target } from '../../src/delivery/delivery.ts'
import type { FunctionPool } from '../../src/engines/functions/pool.ts'
import { arnParts } from './arns.ts'
import type { Plan } from './plan.ts'

/** A try of a delivery that fails, or did until it worked. */
export interface Try {
  deliveryId: string
  queue: string
  attempt: number
  at: number
  createdAt: number
  /** SNS tries by phases of its own: at once, then each second, then later. */
  hasPhases: boolean
  retriesMax: number
  ageSecondsMax: number
}

export interface Invocation {
  name: string
  /** The event, as the function sees it: the same in each try. */
  event: string
}

const defaultRetries = 185
const defaultAgeSeconds = 86_400

export class Faults {
  readonly tries: Try[] = []
  readonly invocations: Invocation[] = []
  readonly #plan: Plan
  readonly #now: () => number

  constructor(plan: Plan, now: () => number) {
    this.#plan = plan
    this.#now = now
  }

  readonly inPlaceOf = (target: Target): Target => {
    const { accept, service } = target
    if (service !== 'sqs' || !accept) return target
    return {
      ...target,
      accept: (tx, delivery) => {
        const { fails } = this.#plan.queues.find(({ name }) => name === arnParts(delivery.arn).name) ?? {}
        if (fails !== undefined) this.#failOrNot(delivery, fails)
        accept(tx, delivery)
      },
    }
  }

  #failOrNot(delivery: Delivery, fails: number | 'always'): void {
    this.tries.push({
      deliveryId: delivery.id,
      queue: arnParts(delivery.arn).name,
      attempt: delivery.attempts,
      at: this.#now(),
      createdAt: delivery.createdAt,
      hasPhases: delivery.sender.principal === 'sns.amazonaws.com',
      retriesMax: delivery.policy?.maximumRetryAttempts ?? defaultRetries,
      ageSecondsMax: delivery.policy?.maximumEventAgeSeconds ?? defaultAgeSeconds,
    })
    if (fails === 'always' || delivery.attempts < fails) throw new DeliveryFailed('Throttled', 'Not yet.')
  }

  /** Stands where the processes are. A function takes a few turns; it counts what it sees, as a process cannot. */
  functionPool(): FunctionPool {
    const invoke = async (spec: { name: string }, payload: Uint8Array) => {
      const event = Buffer.from(payload).toString()
      this.invocations.push({ name: spec.name, event })
      const seen = this.invocations.filter((one) => one.name === spec.name && one.event === event).length
      const { fails = 0 } = this.#plan.functions.find(({ name }) => name === spec.name) ?? {}
      const isFailure = fails === 'always' || seen <= fails
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
      const measured = { durationMilliseconds: 1, billedMilliseconds: 1, memoryMegabytesMax: 64, logStream: 'stream' }
      const answer = Buffer.from(isFailure ? '{"errorMessage":"no"}' : '{}')
      return { payload: answer, ...measured, ...(isFailure && { functionError: 'Unhandled', errorType: 'Error' }) }
    }
    const idle = { interrupt: () => undefined, retire: () => undefined, obstacle: async () => undefined }
    return { invoke, ...idle, close: async () => undefined } as unknown as FunctionPool
  }
}
