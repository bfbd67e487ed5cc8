/** Events: a bus as it is heard, patterns and why they do not match, archives and replays, schedules. */
import type { JSX } from 'preact'
import type { PageProps } from '../../app.tsx'
import { t } from '../../language/text.ts'
import { PageHead, Tabs } from '../../parts/blocks.tsx'
import { go, link } from '../../router.ts'
import { awsIfThere, type Output } from '../../server/aws.ts'
import { useLive } from '../../server/live.ts'
import { Archives } from './archives.tsx'
import { LiveEvents } from './liveEvents.tsx'
import { Patterns } from './patterns.tsx'
import { Schedules } from './schedules.tsx'

export function EventsPage({ place }: PageProps): JSX.Element {
  const tab = place.path[0] ?? 'live'
  const bus = place.query.get('bus') ?? 'default'
  const buses = useLive('buses', () => awsIfThere('eventbridge', 'ListEventBuses'), 10_000)
  const names: string[] = (buses.data?.EventBuses ?? [{ Name: 'default' }]).map((one: Output) => one.Name)
  const hasBus = tab === 'live' || tab === 'patterns'
  return (
    <>
      <PageHead title={t('Events')} lead={t('What the buses hear, who would answer, and what comes by the clock.')}>
        {hasBus && (
          <label class="row">
            <span class="quiet-words">{t('Bus')}</span>
            <select
              class="field"
              value={bus}
              onChange={(event) => go('events', tab === 'live' ? [] : [tab], { bus: event.currentTarget.value })}
            >
              {names.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        )}
      </PageHead>
      <Tabs
        active={tab}
        href={(id) => link('events', id === 'live' ? [] : [id], { bus: bus === 'default' ? undefined : bus })}
        tabs={[
          { id: 'live', name: t('Live') },
          { id: 'patterns', name: t('Patterns') },
          { id: 'archives', name: t('Archives and replays') },
          { id: 'schedules', name: t('Schedules') },
        ]}
      />
      {tab === 'live' && <LiveEvents key={bus} bus={bus} />}
      {tab === 'patterns' && (
        <Patterns
          key={`${bus} ${place.query.get('rule')}`}
          bus={bus}
          rule={place.query.get('rule') ?? ''}
          eventId={place.query.get('event') ?? ''}
        />
      )}
      {tab === 'archives' && <Archives />}
      {tab === 'schedules' && <Schedules />}
    </>
  )
}
