/**
 * Labels of time series, with what stands in them as `${…}`.
 * Source: docs.aws.amazon.com, Amazon CloudWatch User Guide, "Using dynamic labels".
 */
import type { Millis } from '../../clock.ts'
import type { Series } from './series.ts'

export interface LabelPlace {
  account: string
  region: string
  /** `+0130` */
  timezone?: string | undefined
  now: Millis
}

export function labelOf(template: string, series: Series, place: LabelPlace): string {
  if (!template.includes('${')) return template
  return template.replace(/\$\{([^}]*)\}/g, (whole, inner: string) => shown(inner.trim(), series, place) ?? whole)
}

function shown(name: string, series: Series, place: LabelPlace): string | undefined {
  const property = /^PROP\(\s*['"](.*)['"]\s*\)$/.exec(name)?.[1]
  if (property !== undefined) return propertyOf(property, series, place)
  if (name === 'LABEL') return series.label
  if (name === 'DATAPOINT_COUNT') return String(series.values.length)
  return momentOrValue(name, series, place)
}

function propertyOf(name: string, { metric, statistic, periodSeconds }: Series, place: LabelPlace): string {
  if (name.startsWith('Dim.'))
    return metric?.dimensions.find((dimension) => dimension.name === name.slice(4))?.value ?? ''
  const known: Record<string, string | undefined> = {
    AccountId: place.account,
    AccountLabel: place.account,
    Region: place.region,
    Namespace: metric?.namespace,
    MetricName: metric?.name,
    Period: String(periodSeconds),
    Stat: statistic,
  }
  return known[name] ?? ''
}

/** `MAX`, `MAX_TIME`, `LAST_TIME_RELATIVE`, `MIN_MAX_TIME_RANGE` … */
function momentOrValue(name: string, series: Series, place: LabelPlace): string | undefined {
  const { values } = series
  const last = values.length - 1
  const indexes: Record<string, number> = {
    FIRST: 0,
    LAST: last,
    MIN: values.indexOf(Math.min(...values)),
    MAX: values.indexOf(Math.max(...values)),
  }
  const match =
    /^(?:(FIRST_LAST|MIN_MAX)_(RANGE|TIME_RANGE)|(FIRST|LAST|MIN|MAX)(_TIME|_TIME_RELATIVE)?|(AVG|SUM))$/.exec(name)
  if (!match) return undefined
  if (last < 0) return '--'
  const [, pair, range, one, moment, sum] = match
  const total = values.reduce((all, value) => all + value, 0)
  if (sum) return numberText(sum === 'SUM' ? total : total / values.length)
  const at = (key: string) => series.timestamps[indexes[key] as number] as Millis
  const value = (key: string) => numberText(values[indexes[key] as number] as number)
  if (pair) {
    const [from, to] = pair.split('_') as [string, string]
    const show = range === 'RANGE' ? value : (key: string) => timeText(at(key), place.timezone)
    return `${show(from)} - ${show(to)}`
  }
  if (moment === '_TIME') return timeText(at(one as string), place.timezone)
  if (moment === '_TIME_RELATIVE') return agoText(place.now - at(one as string))
  return value(one as string)
}

/** At most three digits after the point. */
function numberText(value: number): string {
  return String(Number(value.toFixed(3)))
}

function timeText(at: Millis, timezone = '+0000'): string {
  const match = /^([+-])(\d\d):?(\d\d)$/.exec(timezone)
  const minutes = match ? (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) : 0
  return new Date(at + minutes * 60_000).toISOString().slice(0, 19).replace('T', ' ')
}

function agoText(millis: number): string {
  const minutes = Math.max(0, Math.floor(millis / 60_000))
  const parts = [
    [Math.floor(minutes / 1440), 'd'],
    [Math.floor(minutes / 60) % 24, 'h'],
    [minutes % 60, 'm'],
  ] as const
  const shown = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count}${unit}`)
  return `${shown.join(' ') || '0m'} ago`
}
