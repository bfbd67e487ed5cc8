/**
 * What a metric is expected to be: a seasonal model by the hour of the day. An hour that was seen on two days or more has
 * its own mean and deviation, the others those of all. AWS trains a model of its own kind, so its edges differ; ours says
 * what it is: mean ± deviations.
 */
import type { Millis } from '../../clock.ts'

export interface BandModel {
  trainedAt: Millis
  points: number
  spanMillis: number
  whole: Moments
  byHour: (Moments | undefined)[]
}

interface Moments {
  mean: number
  deviation: number
}

const hourMillis = 3_600_000
const dayMillis = 24 * hourMillis
/** With fewer points there is no band. */
export const trainingPointsMin = 3

/** Undefined where too little is known. */
export function trainBand(
  { timestamps, values }: { timestamps: readonly Millis[]; values: readonly number[] },
  trainedAt: Millis,
): BandModel | undefined {
  if (values.length < trainingPointsMin) return undefined
  const byHour: number[][] = Array.from({ length: 24 }, () => [])
  const days: Set<number>[] = Array.from({ length: 24 }, () => new Set())
  for (const [index, at] of timestamps.entries()) {
    const hour = new Date(at).getUTCHours()
    byHour[hour]?.push(values[index] as number)
    days[hour]?.add(Math.floor(at / dayMillis))
  }
  return {
    trainedAt,
    points: values.length,
    spanMillis: (timestamps.at(-1) as Millis) - (timestamps[0] as Millis),
    whole: momentsOf(values),
    byHour: byHour.map((found, hour) => ((days[hour]?.size ?? 0) >= 2 ? momentsOf(found) : undefined)),
  }
}

export function bandAt(model: BandModel, at: Millis, deviations: number): [lower: number, upper: number] {
  const { mean, deviation } = model.byHour[new Date(at).getUTCHours()] ?? model.whole
  return [mean - deviations * deviation, mean + deviations * deviation]
}

function momentsOf(values: readonly number[]): Moments {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  return { mean, deviation: Math.sqrt(variance) }
}
