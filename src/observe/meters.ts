/**
 * Counts of what was delivered and what was not, by minute and by where it came from or went to (a rule, a bus, a topic, a queue). In memory:
 * a crash loses the minutes that nobody had drained. CloudWatch's metrics are made of them; the control endpoint shows them.
 */
import type { Millis } from '../clock.ts'

export type Meter =
  | 'eventsReceived'
  | 'eventsMatched'
  | 'rulesTriggered'
  /** Deliveries begun; retries of one are not counted again. */
  | 'invocations'
  | 'invocationAttempts'
  | 'invocationRetries'
  | 'invocationsDelivered'
  /** For good: refused, or its policy's tries or age are used up. */
  | 'invocationsFailed'
  /** The target asked for a pause, or its rate was used up. */
  | 'invocationsThrottled'
  | 'sentToDeadLetter'
  | 'notSentToDeadLetter'
  /** Failed for good, with no dead-letter queue to go to. */
  | 'dropped'
  | 'messagesPublished'
  /** Notifications that a subscription's filter policy kept from it. */
  | 'notificationsFilteredOut'
  /** Of a queue, by its own operations and what was delivered to it. */
  | 'messagesSent'
  | 'messagesReceived'
  | 'messagesDeleted'
  /** Receives that answered with nothing. */
  | 'emptyReceives'
  /** Of a log group, by the time of the put. */
  | 'incomingLogEvents'
  | 'incomingBytes'
  | 'ingestionToStartMillis'
  | 'ingestionToEndMillis'

export interface Tally {
  count: number
  sum: number
  min: number
  max: number
}

export interface MinuteOfSource {
  /** The ARN of the rule, bus, topic, queue, bucket or log group. */
  source: string
  /** When the minute began. */
  minute: Millis
  meters: Partial<Record<Meter, Tally>>
}

const minuteMillis = 60_000
/** Rows kept until they are drained: the oldest minute goes first. As many that were drained are still shown. */
const rowsMax = 20_000

export class Meters {
  /** By minute, the oldest first, then by source. */
  readonly #minutes = new Map<Millis, Map<string, MinuteOfSource>>()
  #rows = 0
  #drained: MinuteOfSource[] = []
  /** Called when something is counted in a minute that had nothing: whoever drains need not ask again and again. */
  onMinute: ((minute: Millis) => void) | undefined

  /** `times` such values at once. */
  add(source: string, meter: Meter, at: Millis, value = 1, times = 1): void {
    const { meters } = this.#row(source, at - (at % minuteMillis))
    const tally = meters[meter]
    if (!tally) {
      meters[meter] = { count: times, sum: value * times, min: value, max: value }
      return
    }
    tally.count += times
    tally.sum += value * times
    if (value < tally.min) tally.min = value
    if (value > tally.max) tally.max = value
  }

  /** The minutes that ended at or before `at`, and forgets them. */
  drain(at: Millis): MinuteOfSource[] {
    const over = [...this.#minutes.keys()].filter((minute) => minute + minuteMillis <= at)
    const taken = over.flatMap((minute) => this.#take(minute))
    this.#drained = [...this.#drained, ...taken].slice(-rowsMax)
    return taken
  }

  /** What was drained, as far as it is remembered, and what was not. */
  shown(): MinuteOfSource[] {
    return [...this.#drained, ...this.rows()]
  }

  /** All that was not drained. */
  rows(): MinuteOfSource[] {
    return [...this.#minutes.values()].flatMap((sources) => [...sources.values()])
  }

  reset(): void {
    this.#minutes.clear()
    this.#rows = 0
    this.#drained = []
  }

  #row(source: string, minute: Millis): MinuteOfSource {
    let sources = this.#minutes.get(minute)
    if (!sources) {
      sources = new Map()
      this.#minutes.set(minute, sources)
      this.onMinute?.(minute)
    }
    let row = sources.get(source)
    if (!row) {
      row = { source, minute, meters: {} }
      if (this.#hasRoom(minute)) {
        sources.set(source, row)
        this.#rows++
      }
    }
    return row
  }

  /** Makes it by forgetting the oldest minute; a minute that fills all of it alone counts no further sources. */
  #hasRoom(minute: Millis): boolean {
    if (this.#rows < rowsMax) return true
    const oldest = [...this.#minutes.keys()].find((other) => other !== minute)
    if (oldest === undefined) return false
    this.#take(oldest)
    return true
  }

  #take(minute: Millis): MinuteOfSource[] {
    const rows = [...(this.#minutes.get(minute)?.values() ?? [])]
    this.#minutes.delete(minute)
    this.#rows -= rows.length
    return rows
  }
}
