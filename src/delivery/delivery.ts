/** A delivery: something sent on to a resource by its ARN, and what is done when it does not arrive. */
import type { Millis } from '../clock.ts'
import type { Dimensions } from '../observe/ownMetrics.ts'
import type { TraceRef } from '../observe/traces.ts'
import type { Arn } from './arn.ts'
import type { Context, NewHop, Tx } from './context.ts'
import type { Due } from './due.ts'
import type { Reporting } from './reports.ts'
import type { RetryPhases } from './retryPhases.ts'

/** What a caller of `tx.deliver` says. */
export interface NewDelivery {
  /** The target: a queue, a topic, a function … */
  arn: Arn
  /** What the target receives, as text; most often JSON. */
  payload: string
  /** Text in the payload that stands for the number of the try, from 1. */
  attemptMark?: string
  /** Who sends it, as resource policies see it. */
  sender: Sender
  policy?: DeliveryPolicy
  /** What only this kind of target understands: `messageGroupId`, `messageAttributes`, `jobArguments` … */
  parameters?: Record<string, unknown>
  /** What is measured where it fails for good: Lambda's `DeadLetterErrors`. */
  failureMetric?: { namespace: string; name: string; dimensions: readonly Dimensions[] }
  /** Present where the sender, a service, wants to be told how it ended: what it has to know then. */
  report?: { to: Reporting } & Record<string, unknown>
}

export interface Sender {
  /** `events.amazonaws.com`, `s3.amazonaws.com`, `sns.amazonaws.com`, `lambda.amazonaws.com`. */
  principal: string
  /** The rule, bucket or topic it comes from: `aws:SourceArn`. */
  sourceArn: Arn
  /** `aws:SourceAccount`, where the ARN does not tell (a bucket's). */
  sourceAccount?: string
  /** A role it acts in; then the role's permissions count, not the resource policy. */
  roleArn?: Arn
}

export interface DeliveryPolicy {
  /** Tries after the first. AWS's default for rules: 185. */
  maximumRetryAttempts?: number
  /** AWS's default for rules: 86,400. */
  maximumEventAgeSeconds?: number
  /** When the tries after the first are; absent: exponentially later. */
  phases?: RetryPhases
  /** A queue that takes what could not be delivered. */
  deadLetterArn?: Arn
  /** Attributes of the dead letter beside those of the failure: `RULE_ARN`, `TARGET_ARN`. */
  deadLetterAttributes?: Record<string, string>
}

/** What differs among deliveries of one sender to one target. */
export interface Item extends Pick<NewDelivery, 'payload' | 'parameters'> {
  trace: TraceRef
}

/** Deliveries of one sender to one target, in one commit. */
export interface Consignment extends Pick<NewDelivery, 'arn' | 'sender' | 'policy'> {
  items: readonly Item[]
}

/** A delivery under way. */
export interface Delivery extends NewDelivery, Due {
  /** When the event came in: its age counts from here. */
  createdAt: Millis
  /** Tries so far. */
  attempts: number
  trace: TraceRef
  /** When its target's rate has room for it; absent until it was given a turn. */
  turnAt?: Millis
}

/** Delivery did not work this time; it is tried again as its policy says. */
export class DeliveryFailed extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** Delivery can never work (target gone, permission missing): a dead letter at once. */
export class DeliveryRefused extends DeliveryFailed {}

/** What was delivered may tell its hop of the trace. */
export type Outcome =
  | { kind: 'delivered'; hop?: NewHop }
  | { kind: 'failed' | 'refused'; code: string; message: string; retryAfterSeconds?: number }

/**
 * How something is delivered to a service's resources. A durable resource of this process takes it inside the commit
 * (`accept`; it throws DeliveryFailed or DeliveryRefused); what leaves the process is carried by a worker (`carry`).
 */
export interface Target {
  /** The ARN's service: `sqs`, `events`, `logs`. */
  service: string
  /** Which of the service's resources, where two targets share a service. */
  handles?: (resource: string) => boolean
  accept?: (tx: Tx, delivery: Delivery) => void
  /** As `accept`, for what comes in numbers: throws where not all of it is taken, and then none is. */
  acceptAll?: (tx: Tx, consignment: Consignment) => void
  carry?: (delivery: Delivery, ctx: Context) => Promise<Outcome>
  /**
   * For what takes only so many a second: takes the next free turn, now or later, in the commit; undefined (and none is
   * taken) where that would be after `end`.
   */
  turn?: (tx: Tx, delivery: Delivery, end: Millis) => Millis | undefined
}

export function target(service: string, settings: Omit<Target, 'service'>): Target {
  return { service, ...settings }
}
