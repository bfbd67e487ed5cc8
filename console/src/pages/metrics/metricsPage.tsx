/** Metrics: any of them over time, the alarms upon them, and dashboards drawn from their JSON. */
import type { JSX } from 'preact'
import type { PageProps } from '../../app.tsx'
import { t } from '../../language/text.ts'
import { PageHead, Tabs } from '../../parts/blocks.tsx'
import { link } from '../../router.ts'
import { Alarms } from './alarms.tsx'
import { Dashboards } from './dashboards.tsx'
import { Explorer } from './explorer.tsx'

export function MetricsPage({ place }: PageProps): JSX.Element {
  const tab = place.path[0] ?? 'dashboards'
  return (
    <>
      <PageHead title={t('Metrics')} lead={t('How much, how long, how often; and who is told when it is too much.')} />
      <Tabs
        active={tab}
        href={(id) => link('metrics', id === 'dashboards' ? [] : [id])}
        tabs={[
          { id: 'dashboards', name: t('Dashboards') },
          { id: 'alarms', name: t('Alarms') },
          { id: 'all', name: t('All metrics') },
        ]}
      />
      {tab === 'dashboards' && <Dashboards chosen={place.query.get('name') ?? undefined} />}
      {tab === 'alarms' && <Alarms chosen={place.path[1]} />}
      {tab === 'all' && <Explorer />}
    </>
  )
}
