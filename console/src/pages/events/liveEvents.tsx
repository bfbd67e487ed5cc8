/** A bus, live: the last events that came to it, the newest first. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { t } from '../../language/text.ts'
import { Button, Card, Empty, Shown } from '../../parts/blocks.tsx'
import { Filter } from '../../parts/filter.tsx'
import { Json } from '../../parts/json.tsx'
import { link } from '../../router.ts'
import type { Output } from '../../server/aws.ts'
import { get } from '../../server/control.ts'
import { useLive } from '../../server/live.ts'

export interface BusEvent {
  id: string
  time: string
  source: string
  'detail-type': string
  detail: Output
  resources?: string[]
}

export const eventsOf = (bus: string) =>
  get<{ events: BusEvent[] }>('events', { bus }).then(({ events }) => [...events].reverse())

export function LiveEvents({ bus }: { bus: string }): JSX.Element {
  const [isPaused, pause] = useState(false)
  const [words, setWords] = useState('')
  const [isAll, showAll] = useState(false)
  const [open, setOpen] = useState<string>()
  const live = useLive(`bus ${bus}`, () => eventsOf(bus), isPaused ? 0 : 1_000)
  return (
    <Card
      flush
      title={t('The last events')}
      actions={
        <>
          <Filter value={words} onInput={setWords} label={t('Narrow by any word in them')} />
          <Button pressed={isAll} onClick={() => showAll(!isAll)}>
            {t('Deployments too')}
          </Button>
          <Button icon={isPaused ? 'play' : 'pause'} pressed={isPaused} onClick={() => pause(!isPaused)}>
            {isPaused ? t('Go on') : t('Hold')}
          </Button>
        </>
      }
    >
      <Shown live={live}>
        {(events) => {
          const heard = events.filter(({ source }) => isAll || source !== 'aws.cloudformation')
          const shown = heard.filter((event) => JSON.stringify(event).toLowerCase().includes(words.toLowerCase()))
          if (shown.length === 0) return <Silence bus={bus} isNarrowed={heard.length > 0} />
          return (
            <ul class="list">
              {shown.map((event) => (
                <li key={event.id}>
                  <EventLine
                    event={event}
                    isOpen={open === event.id}
                    onOpen={() => setOpen(open === event.id ? undefined : event.id)}
                  />
                  {open === event.id && <Opened event={event} bus={bus} />}
                </li>
              ))}
            </ul>
          )
        }}
      </Shown>
    </Card>
  )
}

function EventLine({ event, isOpen, onOpen }: { event: BusEvent; isOpen: boolean; onOpen: () => void }): JSX.Element {
  return (
    <button class="item event-line" type="button" aria-expanded={isOpen} onClick={onOpen}>
      <time class="mono">{event.time.slice(11, 19)}</time>
      <span class="badge">{event.source}</span>
      <strong class="truncate">{event['detail-type']}</strong>
      <span class="mono truncate quiet-words">{gistOf(event)}</span>
    </button>
  )
}

/** What a person looks for in it first. */
function gistOf({ source, detail }: BusEvent): string {
  if (source === 'aws.s3' && detail?.object) return `${detail.bucket?.name}/${detail.object.key}`
  if (source === 'aws.glue' && detail?.jobName) return `${detail.jobName} ${detail.state}`
  if (source === 'aws.athena') return `${detail?.workgroupName ?? ''} ${detail?.currentState ?? ''}`
  if (source === 'aws.cloudwatch' && detail?.alarmName) return `${detail.alarmName} ${detail.state?.value}`
  if (source === 'aws.cloudformation')
    return `${detail?.['logical-resource-id'] ?? ''} ${detail?.['status-details']?.status}`
  return JSON.stringify(detail)
}

function Opened({ event, bus }: { event: BusEvent; bus: string }): JSX.Element {
  return (
    <div class="opened">
      <div class="row wrap">
        <Button icon="flow" href={link('flow', ['trace', event.id])}>
          {t('Its way')}
        </Button>
        <Button icon="rule" href={link('events', ['patterns'], { bus, event: event.id })}>
          {t('A pattern for it')}
        </Button>
      </div>
      <Json value={event} label={t('Payload')} />
    </div>
  )
}

function Silence({ bus, isNarrowed }: { bus: string; isNarrowed: boolean }): JSX.Element {
  if (isNarrowed) return <Empty icon="event" title={t('None of the last events has that word')} />
  return (
    <Empty icon="event" title={t('The bus {bus} is silent', { bus })}>
      <p>{t('Since this server started nothing came to it. Put an event:')}</p>
      <pre class="code">{`aws events put-events --entries '[{"EventBusName": "${bus}", "Source": "me", "DetailType": "hello", "Detail": "{}"}]'`}</pre>
    </Empty>
  )
}
