/** What fails as the plan says: queues that do not take a delivery yet, and functions; and the book of their tries. */

import { type Delivery, DeliveryFailed, type Target } from '../../src/delivery/delivery.ts'
import type { FunctionPool } from '../../src/engines/functions/pool.ts'
import { arnParts } from './arns.ts'
import { Endpoints, failureOf, retryAfterSeconds } from './endpoints.ts'
import type { Plan } from './plan.ts'

/** A try of a delivery that fails, or did until it worked. */
export interface Try {
  deliveryId: string
  queue: string
  attempt: number
  at: number
  createdAt: number
  /** Not the usual pauses: SNS has phases of its own, an endpoint has turns and may ask for time. */
  hasOwnTimes: boolean
  /** What the target asked for, at least. */
  pauseMillisMin: number
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
  readonly endpoints: Endpoints
  readonly #plan: Plan
  readonly #now: () => number

  constructor(plan: Plan, now: () => number) {
    this.#plan = plan
    this.#now = now
    this.endpoints = new Endpoints(plan, now)
  }

  readonly inPlaceOf = (target: Target): Target => {
    const { accept, acceptAll, carry, service } = target
    if (service === 'events' && carry) {
      return { ...target, carry: this.endpoints.around({ carry }, (delivery) => this.#noteCall(delivery)) }
    }
    if (service !== 'sqs' || !accept) return target
    const failsOf = ({ arn }: { arn: string }) =>
      this.#plan.queues.find(({ name }) => name === arnParts(arn).name)?.fails
    return {
      ...target,
      // What may fail is tried one by one, and noted then.
      acceptAll: (tx, consignment) => {
        if (failsOf(consignment) !== undefined) throw new DeliveryFailed('Throttled', 'Not all of it.')
        acceptAll?.(tx, consignment)
      },
      accept: (tx, delivery) => {
        const fails = failsOf(delivery)
        if (fails !== undefined) this.#failOrNot(delivery, fails)
        accept(tx, delivery)
      },
    }
  }

  #noteCall(delivery: Delivery): void {
    const { name, fails = 0 } = this.endpoints.planOf(delivery) ?? {}
    if (name === undefined) return
    const isSlow = delivery.attempts > 0 && fails !== 0 && failureOf(delivery.attempts - 1).isSlow
    this.#note(delivery, { name, hasOwnTimes: true, pauseMillisMin: isSlow ? retryAfterSeconds * 1000 : 0 })
  }

  #note(delivery: Delivery, target: { name: string } & Pick<Try, 'hasOwnTimes' | 'pauseMillisMin'>): void {
    this.tries.push({
      deliveryId: delivery.id,
      queue: target.name,
      attempt: delivery.attempts,
      at: this.#now(),
      createdAt: delivery.createdAt,
      hasOwnTimes: target.hasOwnTimes,
      pauseMillisMin: target.pauseMillisMin,
      retriesMax: delivery.policy?.maximumRetryAttempts ?? defaultRetries,
      ageSecondsMax: delivery.policy?.maximumEventAgeSeconds ?? defaultAgeSeconds,
    })
  }

  #failOrNot(delivery: Delivery, fails: number | 'always'): void {
    const { name } = arnParts(delivery.arn)
    this.#note(delivery, { name, hasOwnTimes: delivery.sender.principal === 'sns.amazonaws.com', pauseMillisMin: 0 })
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
