/** A pattern tried on the last events of its bus, as it is written: which match, and of those that do not, which leaf failed. */
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { t } from '../../language/text.ts'
import { Badge, Button, Card, Empty, Shown } from '../../parts/blocks.tsx'
import { Editor } from '../../parts/editor.tsx'
import { Icon } from '../../parts/icons.tsx'
import { Json, pretty } from '../../parts/json.tsx'
import { act } from '../../parts/toasts.tsx'
import { go } from '../../router.ts'
import { aws, type Output, pages } from '../../server/aws.ts'
import { post } from '../../server/control.ts'
import { useLive } from '../../server/live.ts'
import { type BusEvent, eventsOf } from './liveEvents.tsx'

interface Leaf {
  path: string
  wanted: string
  found: string[]
  outcome: 'matched' | 'missing' | 'different' | 'other element'
  hint?: string
}

interface Explained {
  event: BusEvent
  matched: boolean
  branches: { matched: boolean; leaves: Leaf[] }[]
}

const firstPattern = '{\n  "source": ["aws.s3"],\n  "detail-type": ["Object Created"]\n}'
const triedOn = 100

export function Patterns({ bus, rule, eventId }: { bus: string; rule: string; eventId: string }): JSX.Element {
  const rules = useLive(
    `rules of ${bus}`,
    () => pages('eventbridge', 'ListRules', { EventBusName: bus }, 'Rules'),
    10_000,
  )
  const [pattern, setPattern] = useState(firstPattern)
  const [event, setEvent] = useState('')
  const [chosen, choose] = useState<string>()
  const withPattern = (rules.data ?? []).filter(({ EventPattern, ManagedBy }) => EventPattern && !ManagedBy)
  const ofRule: string | undefined = withPattern.find(({ Name }) => Name === rule)?.EventPattern

  useEffect(() => {
    if (ofRule) setPattern(pretty(ofRule))
  }, [ofRule])
  useEffect(() => {
    if (!eventId) return
    choose(eventId)
    eventsOf(bus).then((events) => {
      const found = events.find(({ id }) => id === eventId)
      if (found) setPattern(JSON.stringify({ source: [found.source], 'detail-type': [found['detail-type']] }, null, 2))
    })
  }, [eventId])

  return (
    <div class="split" style={{ '--left': '40%' }}>
      <div class="stack">
        <Card
          flush
          title={t('Pattern')}
          actions={
            <>
              <select
                class="field"
                aria-label={t('Rule')}
                value={rule}
                onChange={(change) =>
                  go('events', ['patterns'], { bus, rule: change.currentTarget.value || undefined })
                }
              >
                <option value="">{t('of no rule')}</option>
                {withPattern.map(({ Name }) => (
                  <option key={Name}>{Name}</option>
                ))}
              </select>
              <Button onClick={() => save(bus, rule, pattern)} icon="check">
                {rule ? t('Save') : t('Save as a rule')}
              </Button>
            </>
          }
        >
          <Editor value={pattern} kind="json" label={t('Pattern')} height={260} onChange={setPattern} />
        </Card>
        <Card flush title={t('An event of your own')}>
          <Editor
            value={event}
            kind="json"
            label={t('An event of your own')}
            height={140}
            hint={t('Paste an event here to try it, in place of the last ones.')}
            onChange={setEvent}
          />
        </Card>
      </div>
      <Tried bus={bus} pattern={pattern} event={event} chosen={chosen} onChoose={choose} />
    </div>
  )
}

interface TriedProps {
  bus: string
  pattern: string
  event: string
  chosen: string | undefined
  onChoose: (id: string) => void
}

function Tried({ bus, pattern, event, chosen, onChoose }: TriedProps): JSX.Element {
  const live = useLive(
    `explain ${bus} ${pattern} ${event}`,
    () =>
      post<{ events: Explained[] }>('explain', {
        bus,
        pattern,
        ...(event.trim() ? { event: eventFrom(event) } : { last: triedOn }),
      }),
    2_000,
  )
  return (
    <Card
      flush
      title={t('Tried on the last events')}
      actions={live.data && live.data.events.length > 0 && !live.problem && <Counts events={live.data.events} />}
    >
      <Shown live={live}>
        {({ events }) => {
          if (events.length === 0)
            return (
              <Empty icon="event" title={t('No event has come to this bus yet')}>
                <p>{t('As soon as one comes, it is tried here.')}</p>
              </Empty>
            )
          const shown = events.find(({ event: { id } }) => id === chosen) ?? nearestMiss(events)
          return (
            <>
              <ul class="list tried">
                {events.map((one) => (
                  <li key={one.event.id}>
                    <button
                      class="item tried-line"
                      type="button"
                      aria-current={one === shown}
                      onClick={() => onChoose(one.event.id)}
                    >
                      <Verdict matched={one.matched} />
                      <strong class="truncate">{one.event['detail-type'] ?? t('event')}</strong>
                      <span class="quiet-words truncate">{one.event.source}</span>
                      <time class="mono quiet-words">{one.event.time?.slice(11, 19)}</time>
                    </button>
                  </li>
                ))}
              </ul>
              <Leaves explained={shown} />
            </>
          )
        }}
      </Shown>
    </Card>
  )
}

/** Of those that do not match, the one that came nearest: that is what one wants to know of. */
function nearestMiss(events: Explained[]): Explained {
  const failures = ({ branches: [nearest] }: Explained) =>
    nearest?.leaves.filter(({ outcome }) => outcome !== 'matched').length ?? 0
  const [first] = events.filter(({ matched }) => !matched).sort((a, b) => failures(a) - failures(b))
  return first ?? (events[0] as Explained)
}

function Counts({ events }: { events: Explained[] }): JSX.Element {
  const matched = events.filter((one) => one.matched).length
  return (
    <Badge tone={matched > 0 ? 'ok' : 'quiet'}>{t('{n} of {all} match', { n: matched, all: events.length })}</Badge>
  )
}

function Verdict({ matched }: { matched: boolean }): JSX.Element {
  return (
    <span class={`verdict ${matched ? 'ok' : 'bad'}`}>
      <Icon name={matched ? 'check' : 'close'} size={14} title={matched ? t('matches') : t('does not match')} />
    </span>
  )
}

function Leaves({ explained }: { explained: Explained }): JSX.Element {
  const [nearest] = explained.branches
  return (
    <div class="leaves">
      <h3 class="row">
        <Verdict matched={explained.matched} />
        {explained.matched ? t('This event matches') : t('This event does not match')}
        {explained.branches.length > 1 && (
          <span class="quiet-words">{t('(the nearest of {n} alternatives)', { n: explained.branches.length })}</span>
        )}
      </h3>
      <ul>
        {(nearest?.leaves ?? []).map((leaf) => (
          <li key={leaf.path} class={`leaf ${leaf.outcome === 'matched' ? 'ok' : 'bad'}`}>
            <Verdict matched={leaf.outcome === 'matched'} />
            <div>
              <code>{leaf.path}</code>
              <p>
                {t('wanted')} <code>{leaf.wanted}</code>, {t('found')}{' '}
                {leaf.found.length > 0 ? <code>{leaf.found.join(', ')}</code> : <em>{t('nothing there')}</em>}
              </p>
              {leaf.hint && <p class="hint">{leaf.hint}</p>}
            </div>
          </li>
        ))}
      </ul>
      <details>
        <summary>{t('The event')}</summary>
        <Json value={explained.event} label={t('The event')} />
      </details>
    </div>
  )
}

function eventFrom(text: string): Output {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(t('The event is not JSON: {why}', { why: (error as Error).message }))
  }
}

function save(bus: string, rule: string, pattern: string): void {
  const name = rule || prompt(t('The name of the rule'))
  if (!name) return
  void act(
    () => aws('eventbridge', 'PutRule', { Name: name, EventBusName: bus, EventPattern: pattern }),
    t('The rule {name} is saved.', { name }),
  )
}
