/** GetMetricWidgetImage: a metric widget, drawn. */
import type { Context } from '../../delivery/context.ts'
import { drawChart } from '../../engines/metrics/chart.ts'
import { labelOf } from '../../engines/metrics/labels.ts'
import { encodePng } from '../../engines/metrics/png.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { alarms } from './alarms.ts'
import { flushMeters } from './meterDraining.ts'
import { checkQueries, computed } from './metricData.ts'
import { QueryRun, type Span } from './metricQueries.ts'
import { type Widget, widgetRows } from './widgets.ts'

const { InvalidParameterValueException } = awsErrors('cloudwatch')

interface ImageWidget extends Widget {
  title?: string
  width?: number
  height?: number
  start?: string
  end?: string
  view?: string
  stacked?: boolean
  yAxis?: { left?: { min?: number; max?: number } }
  annotations?: { horizontal?: { value?: number; label?: string }[]; alarms?: string[] }
}

const [defaultWidth, defaultHeight, sizeMax] = [600, 400, 2_000]
const hourMillis = 3_600_000

export const widgetImageOperations = operations('cloudwatch', {
  async GetMetricWidgetImage({ MetricWidget, OutputFormat = 'png' }, ctx) {
    if (OutputFormat !== 'png')
      throw NotImplemented(`cloudwatch:GetMetricWidgetImage with OutputFormat ${OutputFormat}`)
    const widget = widgetIn(MetricWidget)
    if ((widget.view ?? 'timeSeries') !== 'timeSeries') {
      throw NotImplemented(`cloudwatch:GetMetricWidgetImage with view ${widget.view}`)
    }
    await flushMeters(ctx)
    return { MetricWidgetImage: drawn(widget, ctx) }
  },
})

function invalid(reason: string): Error {
  return InvalidParameterValueException(`The parameter MetricWidget is invalid: ${reason}`)
}

function widgetIn(text: string): ImageWidget {
  try {
    const widget = JSON.parse(text) as ImageWidget | null
    if (typeof widget === 'object' && widget !== null && !Array.isArray(widget)) return widget
  } catch {
    // The same answer as for JSON of another shape.
  }
  throw invalid('it must be a JSON object.')
}

function drawn(widget: ImageWidget, ctx: Context): Uint8Array {
  const rows = widgetRows(widget)
  if (!rows || rows.length === 0) throw invalid('its metrics must be rows of a namespace, a name and dimensions.')
  const { width = defaultWidth, height = defaultHeight, title = '', stacked = false, yAxis } = widget
  for (const size of [width, height]) {
    if (!Number.isInteger(size) || size < 1 || size > sizeMax) throw invalid(`a size is from 1 to ${sizeMax}.`)
  }
  const queries = rows.map(({ query }) => query)
  checkQueries(queries)
  const span = spanOf(widget, ctx.clock.now())
  const run = new QueryRun(ctx, queries, span)
  const place = { account: ctx.account, region: ctx.region, now: span.now }
  const series = rows.flatMap(({ query, colour }) => {
    if (query.ReturnData === false) return []
    const value = computed(run, query.Id ?? '')
    if (typeof value !== 'object') throw invalid(`${query.Id} gives no time series.`)
    return (Array.isArray(value) ? value : [value]).map((each) => ({
      ...each,
      label: query.Label ? labelOf(query.Label, each, place) : each.label,
      colour,
    }))
  })
  const { min: minimum, max: maximum } = yAxis?.left ?? {}
  const chart = { width, height, title, start: span.start, end: span.end, series, stacked, minimum, maximum }
  return encodePng(drawChart({ ...chart, marks: marksOf(widget, ctx) }))
}

function marksOf({ annotations }: ImageWidget, ctx: Context): { value: number; label: string }[] {
  const lines = (annotations?.horizontal ?? []).flatMap(({ value, label = '' }) =>
    typeof value === 'number' ? [{ value, label }] : [],
  )
  const thresholds = (annotations?.alarms ?? []).flatMap((arn) => {
    const alarm = ctx.in(alarms).get(arn.split(':alarm:')[1] ?? arn)
    return alarm?.kind === 'metric' && alarm.threshold !== undefined
      ? [{ value: alarm.threshold, label: alarm.name }]
      : []
  })
  return [...lines, ...thresholds]
}

/** `-PT3H`, or a time; by default the last three hours. */
function spanOf({ start, end }: ImageWidget, now: number): Span {
  const to = end === undefined ? now : momentOf(end, now)
  const from = start === undefined ? to - 3 * hourMillis : momentOf(start, now)
  if (!(from < to)) throw invalid('its start must be before its end.')
  return { start: from, end: to, now }
}

const units = { W: 168 * hourMillis, D: 24 * hourMillis, H: hourMillis, M: 60_000, S: 1_000 }

function momentOf(text: string, now: number): number {
  const relative = /^-P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text)
  if (!relative) return Date.parse(text)
  const parts = Object.values(units).map((unit, index) => unit * Number(relative[index + 1] ?? 0))
  return now - parts.reduce((sum, part) => sum + part, 0)
}
