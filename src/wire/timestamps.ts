/** Moments on the wire: ISO 8601, seconds since 1970, or HTTP's date. */
import { madeOnce } from './madeOnce.ts'
import type { Shape } from './model.ts'

export type TimestampFormat = NonNullable<Shape['format']>

export function formatTimestamp(value: unknown, format: TimestampFormat): string | number {
  const date = value instanceof Date ? value : new Date(value as number | string)
  if (format === 'epoch-seconds') return date.getTime() / 1000
  return format === 'http-date' ? httpDate(date) : date.toISOString()
}

/** By the second: an object that is read often says the same each time. */
const httpDateOf = madeOnce(1_000, (second: number) => new Date(second * 1000).toUTCString())

function httpDate(date: Date): string {
  return httpDateOf(Math.floor(date.getTime() / 1000))
}

const numeric = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i

/** Undefined where the value is no moment. Clients mix formats, so each is understood wherever a moment is due. */
export function parseTimestamp(value: unknown): Date | undefined {
  if (value instanceof Date) return value
  let date: Date | undefined
  if (typeof value === 'number') date = new Date(Math.round(value * 1000))
  else if (typeof value === 'string' && numeric.test(value)) date = new Date(Math.round(Number(value) * 1000))
  else if (typeof value === 'string' && value.length >= 8) date = new Date(withZone(value))
  return date && !Number.isNaN(date.getTime()) ? date : undefined
}

/** A time without a zone is UTC to AWS; JavaScript would take it for local time. */
function withZone(text: string): string {
  return /^\d{4}-\d\d-\d\dT[\d:.]+$/.test(text) ? `${text}Z` : text
}
