/**
 * What the services measure of themselves, by AWS's own names: `AWS/Lambda` `Duration` of a function. Counted in memory, by
 * minute; a crash loses what nobody had drained. A measurement is a few steps in a map, so that it may stand on any path.
 */
import type { Millis } from '../clock.ts'

/** Of what something is measured. */
export interface Subject {
  account: string
  region: string
  /** `AWS/Lambda` */
  namespace: string
  /** AWS shows many metrics by several sets of dimensions: of the function, and of all functions. */
  dimensions: readonly Dimensions[]
}

export type Dimensions = Readonly<Record<string, string>>

export interface Measure {
  name: string
  /** AWS's `StandardUnit`. */
  unit: string
  value: number
  times?: number
}

/** A metric's values of one minute, each with how often it came. */
export interface MinuteOfMetric {
  account: string
  region: string
  namespace: string
  dimensions: Dimensions
  minute: Millis
  name: string
  unit: string
  values: Map<number, number>
}

const minuteMillis = 60_000
/** Metrics of one minute; beyond that, new ones are not counted. */
const metricsMax = 20_000
/** Different values of a metric in one minute; beyond that, near ones become one. */
const valuesMax = 500
const nearness = 1.01

/** By what is measured, then by the metric's name: a request measures several of one thing. */
interface Minute {
  subjects: Map<string, Map<string, MinuteOfMetric>>
  metrics: number
}

export class OwnMetrics {
  readonly #minutes = new Map<Millis, Minute>()
  /** Called when something is measured in a minute that had nothing. */
  onMinute: ((minute: Millis) => void) | undefined

  add({ account, region, namespace, dimensions }: Subject, at: Millis, ...measures: Measure[]): void {
    const minute = at - (at % minuteMillis)
    const found = this.#minuteOf(minute)
    for (const set of dimensions) {
      // Added up, not joined: each request comes here, some a few times.
      let key = `${account}\0${region}\0${namespace}`
      for (const name in set) key += `\0${name}\0${set[name]}`
      let subject = found.subjects.get(key)
      if (!subject) {
        if (found.metrics >= metricsMax) return
        subject = new Map()
        found.subjects.set(key, subject)
      }
      for (const { name, unit, value, times = 1 } of measures) {
        let metric = subject.get(name)
        if (!metric) {
          if (found.metrics >= metricsMax) return
          found.metrics++
          metric = { account, region, namespace, dimensions: set, minute, name, unit, values: new Map() }
          subject.set(name, metric)
        }
        note(metric.values, value, times)
      }
    }
  }

  /** The minutes that ended at or before `at`, and forgets them. */
  drain(at: Millis): MinuteOfMetric[] {
    const drained: MinuteOfMetric[] = []
    for (const [minute, { subjects }] of [...this.#minutes]) {
      if (minute + minuteMillis > at) continue
      for (const metrics of subjects.values()) drained.push(...metrics.values())
      this.#minutes.delete(minute)
    }
    return drained
  }

  reset(): void {
    this.#minutes.clear()
  }

  #minuteOf(minute: Millis): Minute {
    let found = this.#minutes.get(minute)
    if (!found) {
      found = { subjects: new Map(), metrics: 0 }
      this.#minutes.set(minute, found)
      this.onMinute?.(minute)
    }
    return found
  }
}

function note(values: Map<number, number>, value: number, times: number): void {
  const before = values.get(value)
  if (before !== undefined) values.set(value, before + times)
  else if (values.size < valuesMax) values.set(value, times)
  else {
    const kept = near(value)
    values.set(kept, (values.get(kept) ?? 0) + times)
  }
}

function near(value: number): number {
  if (value === 0) return 0
  return Math.sign(value) * nearness ** Math.round(Math.log(Math.abs(value)) / Math.log(nearness))
}
