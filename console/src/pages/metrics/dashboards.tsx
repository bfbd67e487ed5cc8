/** Dashboards, drawn from the very JSON that PutDashboard took: a grid of 24 columns. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { t } from '../../language/text.ts'
import { Card, Empty, Shown } from '../../parts/blocks.tsx'
import { Scrolled } from '../../parts/scrolled.tsx'
import { link } from '../../router.ts'
import { aws, type Output } from '../../server/aws.ts'
import { useLive } from '../../server/live.ts'
import { TimeSpan } from './timeSpan.tsx'
import { Widget } from './widgets.tsx'

export function Dashboards({ chosen }: { chosen: string | undefined }): JSX.Element {
  const live = useLive('dashboards', () => aws('cloudwatch', 'ListDashboards'), 5_000)
  const [minutes, setMinutes] = useState(180)
  return (
    <Shown live={live}>
      {({ DashboardEntries = [] }) => {
        const names: string[] = DashboardEntries.map(({ DashboardName }: Output) => DashboardName)
        if (names.length === 0)
          return (
            <Card>
              <Empty icon="metrics" title={t('No dashboard')}>
                <p>
                  {t(
                    'Dashboards of CDK and of PutDashboard are drawn here as they are. Until there is one, see all metrics.',
                  )}
                </p>
                <p>
                  <a href={link('metrics', ['all'])}>{t('All metrics')}</a>
                </p>
              </Empty>
            </Card>
          )
        const name = chosen && names.includes(chosen) ? chosen : (names[0] as string)
        return (
          <>
            <div class="row wrap" style={{ marginBottom: '14px' }}>
              {names.map((one) => (
                <a
                  key={one}
                  class={`button plain ${one === name ? 'chosen' : ''}`}
                  href={link('metrics', [], { name: one })}
                >
                  {one}
                </a>
              ))}
              <TimeSpan minutes={minutes} choose={setMinutes} isLast />
            </div>
            <Drawn key={name} name={name} minutes={minutes} />
          </>
        )
      }}
    </Shown>
  )
}

function Drawn({ name, minutes }: { name: string; minutes: number }): JSX.Element {
  const live = useLive(`dashboard ${name}`, () => aws('cloudwatch', 'GetDashboard', { DashboardName: name }), 5_000)
  return (
    <Shown live={live}>
      {({ DashboardBody }) => {
        const widgets: Output[] = JSON.parse(DashboardBody).widgets ?? []
        if (widgets.length === 0) return <Empty icon="metrics" title={t('An empty dashboard')} />
        return (
          <div class="dashboard">
            {widgets.map((widget, at) => (
              <div key={`${at}`} class="place" style={placeOf(widget)}>
                <Scrolled class="widget" label={widget.properties?.title ?? t('Widget {n}', { n: at + 1 })}>
                  <Widget widget={widget} minutes={minutes} />
                </Scrolled>
              </div>
            ))}
          </div>
        )
      }}
    </Shown>
  )
}

/** A widget without a place goes where there is room, as on AWS. */
function placeOf({ x, y, width = 6, height = 6 }: Output): Record<string, string> {
  return {
    gridColumn: x === undefined ? `span ${width}` : `${x + 1} / span ${width}`,
    gridRow: y === undefined ? `span ${height}` : `${y + 1} / span ${height}`,
  }
}
