/**
 * Retries in phases, as SNS makes them: some at once, some at the shortest pause, some at growing pauses, the rest at the
 * longest. SNS Developer Guide, "Amazon SNS message delivery retries": the phases, and the four functions by which the
 * pauses grow.
 */
import type { Random } from '../clock.ts'

export interface RetryPhases {
  /** How many retries each phase has. */
  immediate: number
  before: number
  backingOff: number
  after: number
  delaySecondsMin: number
  delaySecondsMax: number
  backoff: 'linear' | 'arithmetic' | 'geometric' | 'exponential'
}

/** AWS applies a jitter to the pauses, and does not tell how much: here the last tenth of a pause is chance. */
const jitter = 1 / 10

/** The pause before a retry; `retry` counts from 1. */
export function pauseMillis(phases: RetryPhases, retry: number, random: Random): number {
  const seconds = pauseSeconds(phases, retry)
  return Math.round(seconds * 1000 * (1 - random.fraction() * jitter))
}

export function pauseSeconds(phases: RetryPhases, retry: number): number {
  const { immediate, before, backingOff, delaySecondsMin, delaySecondsMax } = phases
  if (retry <= immediate) return 0
  if (retry <= immediate + before) return delaySecondsMin
  const step = retry - immediate - before
  if (step > backingOff) return delaySecondsMax
  // The first pause of the phase is the shortest, the last one the longest.
  const part = backingOff > 1 ? (step - 1) / (backingOff - 1) : 1
  return delaySecondsMin + (delaySecondsMax - delaySecondsMin) * grown(phases.backoff, part, step, backingOff)
}

/** How much of the way from the shortest to the longest pause is behind. */
function grown(backoff: RetryPhases['backoff'], part: number, step: number, steps: number): number {
  switch (backoff) {
    case 'linear':
      return part
    case 'arithmetic':
      return steps > 1 ? (step * (step - 1)) / (steps * (steps - 1)) : 1
    case 'geometric':
      return part ** 3
    case 'exponential':
      return steps > 1 ? (2 ** (step - 1) - 1) / (2 ** (steps - 1) - 1) : 1
  }
}
