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

export class OwnMetrics {
  readonly #minutes = new Map<Millis, Map<string, MinuteOfMetric>>()
  /** Called when something is measured in a minute that had nothing. */
  onMinute: ((minute: Millis) => void) | undefined

  add({ account, region, namespace, dimensions }: Subject, at: Millis, ...measures: Measure[]): void {
    const minute = at - (at % minuteMillis)
    const metrics = this.#metricsOf(minute)
    for (const set of dimensions) {
      // Added up, not joined: each request comes here, some a few times.
      let key = `${account}\0${region}\0${namespace}`
      for (const name in set) key += `\0${name}\0${set[name]}`
      for (const { name, unit, value, times = 1 } of measures) {
        const id = `${key}\0${name}`
        let metric = metrics.get(id)
        if (!metric) {
          if (metrics.size >= metricsMax) return
          metric = { account, region, namespace, dimensions: set, minute, name, unit, values: new Map() }
          metrics.set(id, metric)
        }
        const { values } = metric
        const kept = values.size < valuesMax || values.has(value) ? value : near(value)
        values.set(kept, (values.get(kept) ?? 0) + times)
      }
    }
  }

  /** The minutes that ended at or before `at`, and forgets them. */
  drain(at: Millis): MinuteOfMetric[] {
    const drained: MinuteOfMetric[] = []
    for (const [minute, metrics] of [...this.#minutes]) {
      if (minute + minuteMillis > at) continue
      drained.push(...metrics.values())
      this.#minutes.delete(minute)
    }
    return drained
  }

  reset(): void {
    this.#minutes.clear()
  }

  #metricsOf(minute: Millis): Map<string, MinuteOfMetric> {
    let metrics = this.#minutes.get(minute)
    if (!metrics) {
      metrics = new Map()
      this.#minutes.set(minute, metrics)
      this.onMinute?.(minute)
    }
    return metrics
  }
}

function near(value: number): number {
  if (value === 0) return 0
  return Math.sign(value) * nearness ** Math.round(Math.log(Math.abs(value)) / Math.log(nearness))
}
