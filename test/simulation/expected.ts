/**
 * Where each write must turn up, worked out from the plan alone, by rules as plain as they can be said. It shares no
 * code with the server: what the server does is held against it.
 */
import { referenceMatches } from '../patterns/referenceMatcher.ts'
import { arnOf } from './arns.ts'
import type { Unsteady } from './changes.ts'
import { tagMark } from './marks.ts'
import type { FunctionPlan, Plan, RulePlan, SubscriptionPlan, TargetPlan, WritePlan } from './plan.ts'
import { hasBus } from './topology.ts'

/** A queue, and how the message there is told from others of the same write. */
export interface Place {
  queue: string
  /** The mark of the rule's target; or of a dead letter of it; or `plain`. */
  key: string
}

export interface Expectation {
  /** For people: `rule0/target1 → queue2`. */
  what: string
  /** At least one of these. */
  anyOf: Place[]
  /** A policy says that it may go: there is no dead-letter queue, or none that takes it. */
  mayBeDropped: boolean
}

export const plain = 'plain'
export const deadKey = (rule: string, targetArn: string): string => `dead letter of ${rule} for ${targetArn}`

interface Sending {
  what: string
  key: string
  deadLetter?: Place
  attempts?: number
  ageSeconds?: number
  /** Sent in a role of its own, so the queue's policy does not count. */
  hasRole?: boolean
}

const defaultRetries = 185
/** Buses that one event passes, beside the first. */
const forwardsMax = 32

/** Of one version of the plan; what is unsteady may be otherwise when a delivery is tried later. */
export class Expected {
  readonly #plan: Plan
  readonly #unsteady: Unsteady

  constructor(plan: Plan, unsteady: Unsteady) {
    this.#plan = plan
    this.#unsteady = unsteady
  }

  /** `id` is the write's mark, `at` its number. */
  of(write: WritePlan, { key }: { key: string }): Expectation[] {
    switch (write.kind) {
      case 'event':
        return this.#onBus(write.bus, { source: 'loja', 'detail-type': 'venda', detail: write.detail })
      case 'put':
        return this.#ofObject(key)
      case 'send':
        return [this.#sent(write.to)]
      case 'publish':
        return this.#toTopic(write.to, { what: 'Publish', key: plain }, write.loja)
      case 'invoke':
        return this.#toFunction(write.to, { what: 'Invoke', key: plain })
      case 'receive':
        return []
    }
  }

  #sent(queue: string): Expectation {
    const mayBeDropped = this.#unsteady.lostQueues.has(queue)
    return { what: `SendMessage → ${queue}`, anyOf: this.#places(queue, plain), mayBeDropped }
  }

  #ofObject(key: string): Expectation[] {
    const event = { source: 'aws.s3', 'detail-type': 'Object Created', detail: { object: { key } } }
    const told = this.#plan.notifications.filter(({ prefix }) => key.startsWith(prefix))
    return [
      ...this.#onBus('default', event),
      ...told.flatMap(({ queue }) => this.#toQueue(queue, { what: `notification`, key: plain })),
    ]
  }

  /** A cycle of buses ends. */
  #onBus(bus: string, event: object, forwards = 0): Expectation[] {
    return this.#plan.rules
      .filter((rule) => rule.bus === bus && hasBus(this.#plan, rule) && !rule.isDisabled)
      .filter(({ pattern }) => pattern && referenceMatches(JSON.stringify(pattern), JSON.stringify(event)))
      .flatMap((rule) => rule.targets.flatMap((target) => this.#toTarget(rule, target, { event, forwards })))
  }

  #toTarget(
    rule: RulePlan,
    target: TargetPlan,
    { event, forwards }: { event: object; forwards: number },
  ): Expectation[] {
    const { kind, to, deadLetter, attempts, ageSeconds } = target
    const sending: Sending = {
      what: `${rule.name}/${target.id}`,
      key: tagMark(rule.name, target.id),
      ...(deadLetter && { deadLetter: { queue: deadLetter, key: deadKey(rule.name, arnOf[kind](to)) } }),
      ...(attempts !== undefined && { attempts }),
      ...(ageSeconds !== undefined && { ageSeconds }),
    }
    if (kind === 'queue') return this.#toQueue(to, sending)
    if (kind === 'function') return this.#toFunction(to, sending)
    if (kind === 'topic') return this.#toTopic(to, sending, undefined)
    if (kind === 'endpoint') return [this.#toEndpoint(to, sending)]
    const isPassed = this.#plan.buses.includes(to) && forwards < forwardsMax
    return isPassed ? this.#onBus(to, event, forwards + 1) : [this.#undelivered(to, sending)]
  }

  #toQueue(name: string, sending: Sending): Expectation[] {
    const queue = this.#plan.queues.find((one) => one.name === name)
    const dead = this.#undelivered(name, sending)
    if (!queue) return [dead]
    const { fails = 0 } = queue
    const arrived = { what: dead.what, anyOf: this.#places(name, sending.key), mayBeDropped: false }
    const either = { ...dead, anyOf: [...arrived.anyOf, ...dead.anyOf] }
    if (this.#unsteady.lostQueues.has(name)) return [{ ...either, mayBeDropped: true }]
    const isTriedLater = fails !== 0 && this.#unsteady.queues.has(name)
    if (queue.denies && !sending.hasRole && !isTriedLater) return [dead]
    if (fails === 'always' || fails > (sending.attempts ?? defaultRetries)) return [dead]
    // Whether tries that take longer come in time is the clock's to say.
    if (fails > 0 && (sending.ageSeconds !== undefined || isTriedLater)) return [either]
    return [arrived]
  }

  /** Calls take turns, so that an event may grow too old before its first. */
  #toEndpoint(name: string, sending: Sending): Expectation {
    const endpoint = this.#plan.endpoints.find((one) => one.name === name)
    const dead = this.#undelivered(name, sending)
    if (!endpoint || endpoint.refuses) return dead
    const { fails = 0 } = endpoint
    if (fails === 'always' || fails > (sending.attempts ?? defaultRetries)) return dead
    const anyOf = [{ queue: name, key: sending.key }]
    const isUncertain = sending.ageSeconds !== undefined || this.#unsteady.endpoints.has(name)
    return isUncertain ? { ...dead, anyOf: [...anyOf, ...dead.anyOf] } : { ...dead, anyOf, mayBeDropped: false }
  }

  #toTopic(name: string, sending: Sending, loja: string | undefined): Expectation[] {
    const topic = this.#plan.topics.find((one) => one.name === name)
    if (!topic || (topic.denies && sending.what !== 'Publish')) return [this.#undelivered(name, sending)]
    const wanted = topic.subscriptions.filter(({ wants }) => !wants || (loja !== undefined && wants.includes(loja)))
    return wanted.flatMap((subscription) => this.#toSubscriber(subscription, sending, name))
  }

  #toSubscriber({ to, deadLetter }: SubscriptionPlan, { what, key }: Sending, topic: string): Expectation[] {
    const sending = { what: `${what} → ${topic}`, key, ...(deadLetter && { deadLetter: { queue: deadLetter, key } }) }
    const isFunction = this.#plan.functions.some(({ name }) => name === to) || to === 'no-function'
    if (isFunction) return this.#toFunction(to, sending)
    // SNS tries for 23 days, which is longer than a run.
    const isTriedOn = this.#plan.queues.some(({ name, fails, denies }) => name === to && fails === 'always' && !denies)
    return this.#toQueue(to, { ...sending, attempts: 100_015 }).map((one) =>
      isTriedOn ? { ...one, mayBeDropped: true } : one,
    )
  }

  #toFunction(name: string, sending: Sending): Expectation[] {
    const one = this.#plan.functions.find((candidate) => candidate.name === name)
    return one ? this.#outcome(one, sending) : [this.#undelivered(name, sending)]
  }

  /** A function that raises is no failed delivery: its own retries and destinations take over. */
  #outcome({ name, fails, onFailure, onSuccess }: FunctionPlan, { what, key }: Sending): Expectation[] {
    const sending = { what: `${what} → ${name}`, key, hasRole: true }
    const outcomes = [...(fails === 'always' ? [] : [onSuccess]), ...(fails === 0 ? [] : [onFailure])].map(
      (queue) => (queue ? this.#toQueue(queue, sending) : undefined)?.[0],
    )
    return [
      {
        what: sending.what,
        anyOf: outcomes.flatMap((one) => one?.anyOf ?? []),
        mayBeDropped: outcomes.some((one) => !one || one.mayBeDropped),
      },
    ]
  }

  #undelivered(to: string, { what, deadLetter }: Sending): Expectation {
    const isThere = deadLetter && this.#plan.queues.some(({ name }) => name === deadLetter.queue)
    const anyOf = isThere ? this.#places(deadLetter.queue, deadLetter.key) : []
    return { what: `${what} → ${to}`, anyOf, mayBeDropped: anyOf.length === 0 }
  }

  /** A queue, and where a consumer that fails too often sends what lies in it. */
  #places(queue: string, key: string): Place[] {
    const { redrive } = this.#plan.queues.find(({ name }) => name === queue) ?? {}
    const isThere = redrive && this.#plan.queues.some(({ name }) => name === redrive.to)
    return [{ queue, key }, ...(isThere ? [{ queue: redrive.to, key }] : [])]
  }
}
