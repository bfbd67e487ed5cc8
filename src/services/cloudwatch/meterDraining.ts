/**
 * Makes metrics of what the services counted: when a minute is over, or before somebody reads. What is counted is memory,
 * so the wake is too: a minute in which nothing was counted wakes nobody.
 */
import type { Millis, Wake } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { meters, ownMetrics } from '../../delivery/metering.ts'
import type { Platform } from '../../delivery/platform.ts'
import { singleton } from '../../delivery/singleton.ts'
import type { MinuteOfSource } from '../../observe/meters.ts'
import type { MinuteOfMetric } from '../../observe/ownMetrics.ts'
import { keep } from './keeping.ts'
import { meteredMetrics } from './meteredMetrics.ts'
import { planQueueSample } from './queueSamples.ts'

const minuteMillis = 60_000

export class MeterDrain {
  readonly #platform: Platform
  #wake: { at: Millis; wake: Wake } | undefined
  #closed = false

  constructor(platform: Platform) {
    this.#platform = platform
  }

  listen(): void {
    const arm = (minute: Millis) => this.#wakeAt(minute + minuteMillis)
    this.#platform.use(meters).onMinute = arm
    this.#platform.use(ownMetrics).onMinute = arm
  }

  /** Keeps all that was counted up to now, the minute that is under way too: the rest of it adds up with this. */
  async flush(): Promise<void> {
    await this.#drain(Number.POSITIVE_INFINITY)
  }

  /** A server that stops in good order loses no count. */
  async close(): Promise<void> {
    this.#closed = true
    this.#wake?.wake.cancel()
    await this.#drainOrTell(Number.POSITIVE_INFINITY)
  }

  #wakeAt(at: Millis): void {
    if (this.#closed || (this.#wake && this.#wake.at <= at)) return
    this.#wake?.wake.cancel()
    const fire = () => {
      this.#wake = undefined
      void this.#drainOrTell(this.#platform.clock.now())
    }
    this.#wake = { at, wake: this.#platform.clock.wakeAt(at, fire) }
  }

  /** Nobody waits for it whom an error could reach: a disk that refuses. */
  async #drainOrTell(at: Millis): Promise<void> {
    try {
      await this.#drain(at)
    } catch (error) {
      this.#platform.log.error('What the services counted could not be kept', error)
    }
  }

  async #drain(at: Millis): Promise<void> {
    const counted = this.#platform.use(meters).drain(at)
    const measured = this.#platform.use(ownMetrics).drain(at)
    if (counted.length === 0 && measured.length === 0) return
    const { account, region } = this.#platform.options
    await this.#platform.context({ account, region }).commit((tx) => {
      for (const row of counted) keepCounted(tx, row)
      for (const metric of measured) keepMeasured(tx, metric)
    })
  }
}

function keepCounted(tx: Tx, row: MinuteOfSource): void {
  const found = meteredMetrics(row)
  if (!found) return
  const { account, region, namespace, measurements } = found
  const there = tx.at({ account, region })
  for (const measurement of measurements) keep(there, namespace, measurement)
  if (namespace === 'AWS/SQS') planQueueSample(there, row.source, row.minute + minuteMillis)
}

function keepMeasured(
  tx: Tx,
  { account, region, namespace, dimensions, minute, name, unit, values }: MinuteOfMetric,
): void {
  keep(tx.at({ account, region }), namespace, {
    name,
    unit,
    at: minute,
    dimensions: Object.entries(dimensions).map(([dimension, value]) => ({ name: dimension, value })),
    values: [...values.keys()],
    counts: [...values.values()],
  })
}

export const meterDrain = singleton('meter drain', (platform) => new MeterDrain(platform))

/** Before metrics are read: what this server's own services counted up to now is kept, so that it is seen at once. */
export async function flushMeters(ctx: Context): Promise<void> {
  await ctx.use(meterDrain).flush()
}
