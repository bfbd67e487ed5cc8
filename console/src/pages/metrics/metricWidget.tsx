/** Metrics in a dashboard: over time, or each as one number, a gauge, a share, a bar, a row. */
import type { JSX } from 'preact'
import { number, t } from '../../language/text.ts'
import { Shown } from '../../parts/blocks.tsx'
import { Chart } from '../../parts/chart.tsx'
import { Grid } from '../../parts/dataTable.tsx'
import type { Line, Threshold } from '../../parts/plot.ts'
import type { Output } from '../../server/aws.ts'
import { useLive } from '../../server/live.ts'
import { type Drawing, linesFor } from './metricQuery.ts'
import { queriesOf } from './widgetMetrics.ts'
import type { WidgetProps } from './widgets.tsx'

/** A row and the gap below it, as figures.css has them. */
const rowHeight = 44
const headHeight = 66
const legendHeight = 36
const chartHeightMin = 90

export function MetricWidget({ widget: { properties, height = 6 }, minutes }: WidgetProps): JSX.Element {
  const queries = queriesOf(properties)
  const live = useLive(`widget ${JSON.stringify(queries)} ${minutes}`, () => linesFor(queries, minutes), 5_000)
  return (
    <Shown live={live} lines={2}>
      {(drawing) => <DrawnLines drawing={drawing} properties={properties} height={height * rowHeight - headHeight} />}
    </Shown>
  )
}

interface DrawnProps {
  drawing: Drawing
  properties: Output
  /** In pixels, with the legend. */
  height: number
}

export function DrawnLines({ drawing: { lines, span }, properties, height }: DrawnProps): JSX.Element {
  const label: string = properties.title ?? t('Over time')
  switch (properties.view) {
    case 'singleValue':
      return <Numbers lines={lines} />
    case 'gauge':
      return <Gauges lines={lines} range={properties.yAxis?.left ?? {}} />
    case 'bar':
    case 'pie':
      return <Shares lines={lines} isOfWhole={properties.view === 'pie'} />
    case 'table':
      return <Summary lines={lines} label={label} />
  }
  const thresholds = thresholdsOf(properties)
  const legend = lines.length + thresholds.length > 1 ? legendHeight : 0
  return (
    <Chart
      lines={lines}
      span={span}
      label={label}
      height={Math.max(chartHeightMin, height - legend)}
      kind={properties.stacked ? 'area' : 'line'}
      thresholds={thresholds}
    />
  )
}

function thresholdsOf({ annotations }: Output): Threshold[] {
  return (annotations?.horizontal ?? [])
    .flat()
    .filter(({ value }: Output) => typeof value === 'number')
    .map(({ value, label }: Output) => ({ value, label: label ?? number(value, 3) }))
}

const lastOf = ({ values }: Line) => values.findLast((value) => value !== null) ?? undefined
const figure = (value: number | undefined) => (value === undefined ? '—' : number(value, 2))

function Numbers({ lines }: { lines: Line[] }): JSX.Element {
  return (
    <dl class="numbers">
      {lines.map((line, at) => (
        <div key={`${at}`}>
          <dd>{figure(lastOf(line))}</dd>
          <dt>{line.label}</dt>
        </div>
      ))}
    </dl>
  )
}

function Gauges({ lines, range: { min = 0, max = 100 } }: { lines: Line[]; range: { min?: number; max?: number } }) {
  return (
    <dl class="numbers">
      {lines.map((line, at) => (
        <div key={`${at}`}>
          <dd>{figure(lastOf(line))}</dd>
          <dt>
            <meter aria-label={line.label} min={min} max={max} value={lastOf(line) ?? min} />
            {line.label}
          </dt>
        </div>
      ))}
    </dl>
  )
}

/** As bars beside their names, which are read more easily than angles; of a pie with their share of the whole. */
function Shares({ lines, isOfWhole }: { lines: Line[]; isOfWhole: boolean }): JSX.Element {
  const values = lines.map((line) => lastOf(line) ?? 0)
  const most = Math.max(1e-9, ...values)
  const whole = Math.max(
    1e-9,
    values.reduce((sum, value) => sum + value, 0),
  )
  return (
    <ul class="shares">
      {lines.map((line, at) => {
        const value = values[at] ?? 0
        return (
          <li key={`${at}`}>
            <span class="truncate">{line.label}</span>
            <i style={{ width: `${(100 * value) / (isOfWhole ? whole : most)}%` }} />
            <b>
              {figure(value)}
              {isOfWhole && <small> {number((100 * value) / whole, 1)} %</small>}
            </b>
          </li>
        )
      })}
    </ul>
  )
}

function Summary({ lines, label }: { lines: Line[]; label: string }): JSX.Element {
  const columns = ['', t('Minimum'), t('Maximum'), t('Average'), t('Last')]
  const rows = lines.map((line) => {
    const values = line.values.filter((value) => value !== null)
    if (values.length === 0) return [line.label, null, null, null, null]
    const sum = values.reduce((all, value) => all + value, 0)
    const figures = [Math.min(...values), Math.max(...values), sum / values.length, lastOf(line)]
    return [line.label, ...figures.map(figure)]
  })
  return <Grid caption={label} columns={columns.map((name) => ({ name, isFigure: name !== '' }))} rows={rows} />
}
