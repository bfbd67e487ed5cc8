/** The widgets of a dashboard, each by its kind: text, metrics, metrics of what has a tag, alarms, and queries of logs. */
import type { JSX } from 'preact'
import { t } from '../../language/text.ts'
import { Empty, Shown, Status } from '../../parts/blocks.tsx'
import { Chart } from '../../parts/chart.tsx'
import { Grid } from '../../parts/dataTable.tsx'
import { link } from '../../router.ts'
import { aws, type Output } from '../../server/aws.ts'
import { serverTime } from '../../server/clock.ts'
import { useLive } from '../../server/live.ts'
import { runInsights } from '../logs/insightsQuery.ts'
import { linesOf, tableOf } from '../logs/insightsTable.ts'
import { ExplorerWidget } from './explorerWidget.tsx'
import { Markdown } from './markdown.tsx'
import { MetricWidget } from './metricWidget.tsx'

export interface WidgetProps {
  widget: Output
  minutes: number
}

export function Widget({ widget, minutes }: WidgetProps): JSX.Element {
  const { type, properties = {} } = widget
  if (type === 'text') return <Markdown text={properties.markdown ?? ''} />
  return (
    <>
      <h3>{properties.title ?? ''}</h3>
      {type === 'metric' && properties.metrics && <MetricWidget widget={widget} minutes={minutes} />}
      {type === 'metric' && !properties.metrics && <AlarmStates arns={properties.annotations?.alarms ?? []} />}
      {type === 'alarm' && <AlarmStates arns={properties.alarms ?? []} />}
      {type === 'log' && <Log properties={properties} minutes={minutes} />}
      {type === 'explorer' && <ExplorerWidget widget={widget} minutes={minutes} />}
      {!/^(metric|alarm|log|explorer)$/.test(type) && (
        <Empty icon="plug" title={t('Widgets of the kind {kind} are not drawn', { kind: type })} />
      )}
    </>
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
        const table = tableOf(results)
        const { columns, rows } = table
        const lines = properties.view === 'table' || properties.view === undefined ? [] : linesOf(table)
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
