/** Metrics of whatever has a tag: a chart for each metric, or for each value of another tag, with a line for each resource or tag. */
import type { JSX } from 'preact'
import { t } from '../../language/text.ts'
import { Empty, Shown } from '../../parts/blocks.tsx'
import type { Line } from '../../parts/plot.ts'
import type { Output } from '../../server/aws.ts'
import { useLive } from '../../server/live.ts'
import { type Drawing, linesFor, queryOf } from './metricQuery.ts'
import { DrawnLines } from './metricWidget.tsx'
import { havingTags, resourceKinds, type Tagged } from './taggedResources.ts'
import type { WidgetProps } from './widgets.tsx'

interface Charted {
  title: string
  drawing: Drawing
}

const chartHeight = 170

export function ExplorerWidget({ widget: { properties }, minutes }: WidgetProps): JSX.Element {
  const { widgetOptions: options = {} } = properties
  const unknown = unknownKinds(properties)
  const live = useLive(`explorer ${JSON.stringify(properties)} ${minutes}`, () => chartsOf(properties, minutes), 8_000)
  return (
    <Shown live={live} lines={3}>
      {(charts) =>
        charts.length === 0 ? (
          <Empty icon="metrics" title={t('Nothing has these tags')}>
            {unknown.length > 0 && <p class="mono">{unknown.join(', ')}</p>}
          </Empty>
        ) : (
          <div class="explorer" style={{ '--columns': Math.min(options.widgetsPerRow ?? 2, charts.length) }}>
            {charts.map(({ title, drawing }) => (
              <figure key={title}>
                <figcaption>{title}</figcaption>
                <DrawnLines drawing={drawing} properties={{ ...options, title }} height={chartHeight} />
              </figure>
            ))}
          </div>
        )
      }
    </Shown>
  )
}

const unknownKinds = ({ metrics = [] }: Output): string[] =>
  metrics.map(({ resourceType }: Output) => resourceType).filter((kind: string) => !resourceKinds[kind])

async function chartsOf(properties: Output, minutes: number): Promise<Charted[]> {
  const { metrics = [], labels = [], splitBy } = properties
  const perMetric = await Promise.all(
    metrics.map(async (metric: Output) => {
      const found = havingTags((await resourceKinds[metric.resourceType]?.find()) ?? [], labels)
      return [...groupedBy(found, splitBy)].map(([value, resources]) => ({ metric, value, resources }))
    }),
  )
  return Promise.all(
    perMetric.flat().map(async ({ metric, value, resources }) => ({
      title: value === undefined ? metric.metricName : `${metric.metricName} · ${splitBy} ${value}`,
      drawing: await drawingOf(properties, { metric, resources, minutes }),
    })),
  )
}

interface Wanted {
  metric: Output
  resources: readonly Tagged[]
  minutes: number
}

async function drawingOf({ aggregateBy, period }: Output, { metric, resources, minutes }: Wanted): Promise<Drawing> {
  const kind = resourceKinds[metric.resourceType]
  const queries = resources.map(({ name }, at) =>
    queryOf(
      {
        namespace: kind?.namespace ?? '',
        name: metric.metricName,
        dimensions: [{ Name: kind?.dimension ?? '', Value: name }],
        stat: metric.stat ?? 'Average',
        periodSeconds: period ?? 300,
        label: name,
      },
      at,
    ),
  )
  const drawing = await linesFor(queries, minutes)
  if (!aggregateBy?.key) return drawing
  const groups = groupedBy(resources, aggregateBy.key === '*' ? undefined : aggregateBy.key)
  const lines = [...groups].map(([value, members]) =>
    together(
      value ?? metric.metricName,
      drawing.lines.filter((_, at) => members.includes(resources[at] as Tagged)),
      aggregateBy.func,
    ),
  )
  return { ...drawing, lines }
}

/** Undefined for all together, and for those that lack the tag. */
function groupedBy(resources: readonly Tagged[], key: string | undefined): Map<string | undefined, Tagged[]> {
  const groups = new Map<string | undefined, Tagged[]>()
  for (const resource of resources) {
    const value = key === undefined ? undefined : resource.tags[key]
    groups.set(value, [...(groups.get(value) ?? []), resource])
  }
  return groups
}

const joins: Record<string, (values: number[]) => number> = {
  SUM: (values) => values.reduce((sum, value) => sum + value, 0),
  MAX: (values) => Math.max(...values),
  MIN: (values) => Math.min(...values),
  AVG: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
}

function together(label: string, lines: readonly Line[], func: string): Line {
  const byTime = new Map<number, number[]>()
  for (const line of lines)
    for (const [at, time] of line.times.entries()) {
      const value = line.values[at]
      if (typeof value === 'number') byTime.set(time, [...(byTime.get(time) ?? []), value])
    }
  const times = [...byTime.keys()].sort((a, b) => a - b)
  const join = joins[func] ?? (joins.AVG as (values: number[]) => number)
  return { label, times, values: times.map((time) => join(byTime.get(time) ?? [])) }
}
