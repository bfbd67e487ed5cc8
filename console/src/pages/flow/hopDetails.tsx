/** All that is known of one hop: its error, its figures, the event it handed on, the lines it logged. */
import type { JSX } from 'preact'
import { bytes, clock, dollars, duration, moment, number, t, told } from '../../language/text.ts'
import { Facts, Shown } from '../../parts/blocks.tsx'
import { Icon } from '../../parts/icons.tsx'
import { Json } from '../../parts/json.tsx'
import { LogLines } from '../../parts/logLines.tsx'
import { link } from '../../router.ts'
import { aws, type Output } from '../../server/aws.ts'
import { get } from '../../server/control.ts'
import { useLive } from '../../server/live.ts'
import type { Hop } from './trace.ts'

export function HopDetails({ hop }: { hop: Hop }): JSX.Element {
  const { detail = {} } = hop
  return (
    <div class="hop-more">
      {hop.error && (
        <div class="waits bad" style={{ margin: 0 }}>
          <Icon name="alert" />
          <div class="mono" style={{ whiteSpace: 'pre-wrap' }}>
            {hop.error}
          </div>
        </div>
      )}
      <Facts
        facts={[
          [t('What'), `${hop.service} ${hop.action}`],
          [t('On'), <a href={hrefOf(hop)}>{hop.resource}</a>],
          [t('At'), `${moment(hop.startedAt)}`],
          [t('Took'), hop.endedAt === undefined ? t('running') : duration(hop.endedAt - hop.startedAt)],
          [t('Rows'), hop.rows === undefined ? undefined : number(hop.rows)],
          [t('Size'), hop.bytes === undefined ? undefined : bytes(hop.bytes)],
          [t('Cost on AWS'), hop.costUsd ? dollars(hop.costUsd) : undefined],
          ...Object.entries(detail).map(([name, value]): [string, string] => [wordsOf(name), String(value)]),
          ['Id', hop.subjects?.[0] && <code>{hop.subjects[0]}</code>],
        ]}
      />
      {detail.rulesMatched !== undefined && <Payload hop={hop} />}
      {hop.service === 's3' && /Put|Copy|Created|Post|Multipart/.test(hop.action) && <ObjectLink hop={hop} />}
      {hop.logs && <HopLogs hop={hop} />}
    </div>
  )
}

/** `memoryMegabytesMax` → `memory megabytes max` */
function wordsOf(name: string): string {
  return told(name.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`))
}

function hrefOf({ service, action, resource, detail }: Hop): string {
  const [bucket = '', ...key] = resource.split('/')
  if (service === 's3') return link('objects', [bucket], { key: key.join('/') })
  if (service === 'lambda') return link('functions', [resource])
  if (service === 'glue') return link('jobs', [resource])
  if (service === 'sqs') return link('queues', [resource])
  if (service === 'redshift-data') return link('sql', [], { engine: 'redshift' })
  if (service === 'sns') return link('mail')
  if (service === 'eventbridge' && action === 'matched')
    return link('events', ['patterns'], { rule: resource, bus: String(detail?.bus ?? 'default') })
  return link('events', [], { bus: String(detail?.bus ?? 'default') })
}

/** The last events of each bus are kept whole; an older one is only in an archive. */
function Payload({ hop }: { hop: Hop }): JSX.Element {
  const bus = String(hop.detail?.bus ?? 'default')
  const live = useLive(`events ${bus}`, () => get<{ events: Output[] }>('events', { bus }), 0)
  return (
    <Shown live={live} lines={2}>
      {({ events }) => {
        const event = events.find(({ id }) => id === hop.subjects?.[0])
        if (!event)
          return (
            <p class="quiet-words">{t('The event itself is no longer kept; an archive on the bus would keep it.')}</p>
          )
        return <Json value={event} label={t('Payload')} />
      }}
    </Shown>
  )
}

function ObjectLink({ hop }: { hop: Hop }): JSX.Element {
  return (
    <p>
      <a href={hrefOf(hop)}>{t('Look into the object')}</a>
    </p>
  )
}

const linesMax = 300

function HopLogs({ hop }: { hop: Hop }): JSX.Element {
  const { group = '', stream = '' } = hop.logs ?? {}
  const live = useLive(
    `logs of ${hop.id}`,
    () =>
      aws('cloudwatch-logs', 'GetLogEvents', {
        logGroupName: group,
        logStreamName: stream,
        startTime: hop.startedAt - 1_000,
        ...(hop.endedAt && { endTime: hop.endedAt + 5_000 }),
        startFromHead: true,
        limit: linesMax,
      }),
    hop.status === 'running' ? 1_500 : 0,
  )
  return (
    <div>
      <h3 class="row" style={{ marginBottom: '6px' }}>
        {t('Logs')}
        <a href={link('logs', [group, stream])} class="mono truncate" style={{ fontWeight: 400 }}>
          {group}
        </a>
      </h3>
      <Shown live={live} lines={3}>
        {({ events }) => <LogLines events={ofRequest(events, hop)} time={clock} />}
      </Shown>
    </div>
  )
}

/** A function's instance logs many invocations into one stream: those of this one. */
function ofRequest(events: Output[], hop: Hop): Output[] {
  const requestId = hop.subjects?.[0]
  if (hop.service !== 'lambda' || !requestId) return events
  const first = events.findIndex(({ message }) => message.includes(`START RequestId: ${requestId}`))
  const last = events.findLastIndex(({ message }) => message.includes(requestId))
  return first < 0 ? events : events.slice(first, last + 1)
}
