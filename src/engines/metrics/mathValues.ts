/** What metric math computes with, and what it asks of the outside. */
import type { Millis } from '../../clock.ts'
import { MathError, type MathNode } from './mathSyntax.ts'
import { across, mapped, type Series } from './series.ts'

export type MathValue = number | string | Series | Series[]

export interface MathWorld {
  /** A query of the request by its id; undefined where there is none. */
  byName(id: string): MathValue | undefined
  /** All metrics of the request (no expressions), with their ids. */
  metrics(): { id: string; series: Series }[]
  search(expression: string, statistic: string, periodSeconds: number | undefined): Series[]
  /** The lower and the upper edge of what is to be expected. */
  band(of: Series, deviations: number): Series[]
  /** The whole span of the request: where gaps are filled. */
  span: { start: Millis; end: Millis }
}

/** Computes a part of an expression. */
export type Compute = (node: MathNode) => MathValue

export function seriesIn(value: MathValue): Series[] {
  if (Array.isArray(value)) return value
  if (typeof value === 'object') return [value]
  throw new MathError(`A time series is expected where ${typeof value === 'string' ? `'${value}'` : value} stands.`)
}

export function eachOf(value: MathValue, change: (value: number, at: Millis) => number): MathValue {
  if (typeof value === 'number') return change(value, 0)
  if (typeof value === 'string') throw new MathError(`'${value}' is no number.`)
  return Array.isArray(value) ? value.map((series) => mapped(series, change)) : mapped(value, change)
}

/** Of one series a number, of several a series of what they have at each moment. */
export function aggregate(value: MathValue, combine: (values: number[]) => number): MathValue {
  if (typeof value === 'number') return combine([value])
  if (Array.isArray(value)) return across(value, combine)
  return combine(seriesIn(value)[0]?.values ?? [])
}
