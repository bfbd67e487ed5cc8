/** The widgets of a dashboard: text, metrics over time or as one number, alarms, and queries of logs. */
import type { JSX } from 'preact'
import { number, t } from '../../language/text.ts'
import { Empty, Shown, Status } from '../../parts/blocks.tsx'
import { Chart } from '../../parts/chart.tsx'
import { Grid } from '../../parts/dataTable.tsx'
import type { Line } from '../../parts/plot.ts'
import { link } from '../../router.ts'
import { aws, type Output } from '../../server/aws.ts'
import { serverTime } from '../../server/clock.ts'
import { useLive } from '../../server/live.ts'
import { linesOf } from '../logs/insights.tsx'
import { runInsights } from '../logs/insightsQuery.ts'
import { Markdown } from './markdown.tsx'
import { linesFor } from './metricQuery.ts'
import { queriesOf } from './widgetMetrics.ts'

/** A row and the gap below it, as figures.css has them. */
const rowHeight = 44
const headHeight = 66
const legendHeight = 36

interface Props {
  widget: Output
  minutes: number
}

export function Widget({ widget, minutes }: Props): JSX.Element {
  const { type, properties = {} } = widget
  if (type === 'text') return <Markdown text={properties.markdown ?? ''} />
  return (
    <>
      <h3>{properties.title ?? ''}</h3>
      {type === 'metric' && properties.metrics && <Metrics widget={widget} minutes={minutes} />}
      {type === 'metric' && !properties.metrics && <AlarmStates arns={properties.annotations?.alarms ?? []} />}
      {type === 'alarm' && <AlarmStates arns={properties.alarms ?? []} />}
      {type === 'log' && <Log properties={properties} minutes={minutes} />}
      {!/^(metric|alarm|log)$/.test(type) && (
        <Empty icon="plug" title={t('Widgets of the kind {kind} are not drawn', { kind: type })} />
      )}
    </>
  )
}

function Metrics({ widget: { properties, height = 6 }, minutes }: Props): JSX.Element {
  const queries = queriesOf(properties)
  const live = useLive(`widget ${JSON.stringify(queries)} ${minutes}`, () => linesFor(queries, minutes), 5_000)
  const isOne = properties.view === 'singleValue' || properties.view === 'gauge'
  const thresholds = (properties.annotations?.horizontal ?? [])
    .map(({ value }: Output) => value)
    .filter((value: unknown) => typeof value === 'number')
  return (
    <Shown live={live} lines={2}>
      {({ lines, span }) =>
        isOne ? (
          <Numbers lines={lines} />
        ) : (
          <Chart
            lines={lines}
            span={span}
            label={properties.title ?? t('Over time')}
            height={Math.max(
              90,
              height * rowHeight - headHeight - (lines.length + thresholds.length > 1 ? legendHeight : 0),
            )}
            kind={properties.stacked ? 'area' : properties.view === 'bar' ? 'bar' : 'line'}
            thresholds={thresholds}
          />
        )
      }
    </Shown>
  )
}

function Numbers({ lines }: { lines: Line[] }): JSX.Element {
  return (
    <dl class="numbers">
      {lines.map((line, at) => {
        const last = line.values.findLast((value) => value !== null)
        return (
          <div key={`${at}`}>
            <dd>{last === undefined || last === null ? '—' : number(last, 2)}</dd>
            <dt>{line.label}</dt>
          </div>
        )
      })}
    </dl>
  )
}

function AlarmStates({ arns }: { arns: string[] }): JSX.Element {
  const names = arns.map((arn) => arn.split(':alarm:').pop() ?? arn)
  const live = useLive(
    `alarm states ${names}`,
    () => aws('cloudwatch', 'DescribeAlarms', { AlarmNames: names, AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
    2_000,
  )
  return (
    <Shown live={live} lines={2}>
      {({ MetricAlarms = [], CompositeAlarms = [] }) => (
        <ul class="alarm-states">
          {[...CompositeAlarms, ...MetricAlarms].map((alarm) => (
            <li key={alarm.AlarmName}>
              <a href={link('metrics', ['alarms', alarm.AlarmName])} class="truncate">
                {alarm.AlarmName}
              </a>
              <Status of={alarm.StateValue} />
            </li>
          ))}
        </ul>
      )}
    </Shown>
  )
}

/** `SOURCE 'group' | SOURCE 'other' | fields …` names its groups in front. */
function Log({ properties, minutes }: { properties: Output; minutes: number }): JSX.Element {
  const query: string = properties.query ?? ''
  const groups = [...query.matchAll(/SOURCE '([^']+)'/g)].map(([, name]) => name as string)
  const rest = query.replace(/SOURCE '[^']+'\s*\|?\s*/g, '')
  const live = useLive(
    `log widget ${query} ${minutes}`,
    async () => {
      const { now } = await serverTime()
      return runInsights({ groups, query: rest, from: now - minutes * 60_000, until: now })
    },
    10_000,
  )
  return (
    <Shown live={live} lines={3}>
      {({ results }) => {
        const columns = [...new Set<string>(results.flatMap((row: Output[]) => row.map(({ field }) => field)))].filter(
          (name) => name !== '@ptr',
        )
        const rows: (string | null)[][] = results.map((row: Output[]) =>
          columns.map((name) => row.find(({ field }) => field === name)?.value ?? null),
        )
        const lines = properties.view === 'table' || properties.view === undefined ? [] : linesOf(columns, rows)
        if (rows.length === 0) return <Empty icon="search" title={t('No line matches')} />
        if (lines.length > 0)
          return (
            <Chart
              lines={lines}
              kind={properties.view === 'bar' ? 'bar' : 'line'}
              height={150}
              label={properties.title ?? ''}
            />
          )
        return (
          <Grid caption={properties.title ?? t('Answer')} columns={columns.map((name) => ({ name }))} rows={rows} />
        )
      }}
    </Shown>
  )
}
