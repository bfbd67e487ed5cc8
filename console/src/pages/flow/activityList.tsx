/** The latest traces, a line each: what came, how it stands, how far it got. */
import type { JSX } from 'preact'
import { ago, dollars, duration, number, t } from '../../language/text.ts'
import { Empty, Status } from '../../parts/blocks.tsx'
import { Icon, iconOfService } from '../../parts/icons.tsx'
import { link } from '../../router.ts'
import { shortBucket } from './labels.ts'

export interface TraceLine {
  traceId: string
  startedAt: number
  endedAt: number
  status: 'ok' | 'failed' | 'running'
  service: string
  action: string
  resource: string
  hops: number
  services: string[]
  costUsd: number
  rows?: number
  error?: string
}

/** A put that nobody waited for, a question to a database: shown when asked for. */
export function isTelling({ hops, status, services, resource, service }: TraceLine): boolean {
  if (/^(cdk-|aws\.cloudformation)/.test(resource)) return false
  if (status !== 'ok' || services.includes('lambda') || services.includes('glue')) return true
  return service === 'eventbridge' ? hops > 1 && !resource.startsWith('aws.') : hops > 2
}

interface Props {
  lines: TraceLine[]
  now: number
  chosen: string | undefined
  search: string
}

export function ActivityList({ lines, now, chosen, search }: Props): JSX.Element {
  if (lines.length === 0) {
    return (
      <Empty icon="file" title={search ? t('Nothing is called that') : t('No file and no event yet')}>
        <p>
          {search
            ? t('Search by a key, an event’s id, a run’s or a message’s.')
            : t('Put an object into a bucket, and watch it go.')}
        </p>
      </Empty>
    )
  }
  return (
    <ul class="list flow-list">
      {lines.map((line) => (
        <li key={line.traceId}>
          <a
            href={link('flow', ['trace', line.traceId], { search: search || undefined })}
            aria-current={line.traceId === chosen ? 'true' : undefined}
          >
            <Line line={line} now={now} />
          </a>
        </li>
      ))}
    </ul>
  )
}

function Line({ line, now }: { line: TraceLine; now: number }): JSX.Element {
  const { name, where } = nameOf(line)
  return (
    <span class="line">
      <Icon name={line.service === 's3' ? 'file' : iconOfService(line.service, line.action)} />
      <span class="name truncate" title={line.resource}>
        {name}
      </span>
      <Status of={line.status} />
      <span class="under">
        {line.error ? (
          <span class="error truncate">{line.error.split('\n')[0]}</span>
        ) : (
          <span class="truncate">
            {where} · {t('{n} hops', { n: line.hops })} · {duration(line.endedAt - line.startedAt)}
            {line.rows !== undefined && ` · ${t('{n} rows', { n: number(line.rows) })}`}
            {line.costUsd > 0 && ` · ${dollars(line.costUsd)}`}
          </span>
        )}
        <time style={{ marginLeft: 'auto', whiteSpace: 'nowrap' }} dateTime={new Date(line.startedAt).toISOString()}>
          {ago(line.startedAt, now)}
        </time>
      </span>
    </span>
  )
}

/** `bucket/folder/file.csv`: the key first, for that is what people know. */
export function nameOf({ service, resource, action }: Pick<TraceLine, 'service' | 'resource' | 'action'>): {
  name: string
  where: string
} {
  const slash = resource.indexOf('/')
  if (service !== 's3' || slash < 0) return { name: resource, where: action === 'event' ? t('event') : action }
  return { name: resource.slice(slash + 1), where: shortBucket(resource.slice(0, slash)) }
}
