/** One file's or event's way: sums, where it waits or failed and why, each hop with its time and cost, and what can be done. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { dollars, duration, moment, number, t } from '../../language/text.ts'
import { Badge, Button, Card, Shown, Status } from '../../parts/blocks.tsx'
import { Icon, iconOfService } from '../../parts/icons.tsx'
import type { Live } from '../../server/live.ts'
import { nameOf } from './activityList.tsx'
import { againFor } from './again.tsx'
import { HopDetails } from './hopDetails.tsx'
import { nodeOf } from './passages.ts'
import { type Hop, hopsInOrder, type Trace } from './trace.ts'
import { Waits } from './waits.tsx'

export function TracePanel({ trace, onClose }: { trace: Live<Trace>; onClose: () => void }): JSX.Element {
  const root = trace.data?.roots[0]
  return (
    <Card
      flush
      title={root ? <span class="truncate">{nameOf(root).name}</span> : t('The way of one')}
      actions={
        <>
          {trace.data && againFor(trace.data)}
          <Button icon="close" label={t('Close')} onClick={onClose} />
        </>
      }
    >
      <Shown live={trace}>{(data) => <Way trace={data} />}</Shown>
    </Card>
  )
}

function Way({ trace }: { trace: Trace }): JSX.Element {
  const hops = hopsInOrder(trace.roots)
  const [open, setOpen] = useState<string | undefined>(() => hops.find(({ hop }) => hop.status === 'failed')?.hop.id)
  const rows = Math.max(0, ...hops.map(({ hop }) => hop.rows ?? 0))
  const status = hops.some(({ hop }) => hop.status === 'running')
    ? 'running'
    : trace.waiting.length > 0
      ? 'waiting'
      : hops.some(({ hop }) => hop.status === 'failed')
        ? 'failed'
        : 'ok'
  return (
    <>
      <dl class="sums">
        <Sum name={t('State')} value={<Status of={status} />} />
        <Sum name={t('Came in')} value={moment(trace.startedAt)} />
        <Sum name={t('Took')} value={duration(trace.endedAt - trace.startedAt)} />
        <Sum name={t('Hops')} value={number(hops.length)} />
        {rows > 0 && <Sum name={t('Rows')} value={number(rows)} />}
        <Sum name={t('Cost on AWS')} value={dollars(trace.costUsd)} />
      </dl>
      {trace.waiting.map((waiting) => (
        <Waits key={waiting.item.id} waiting={waiting} />
      ))}
      <div class="hops">
        {hops.map(({ hop, depth }) => (
          <HopRow
            key={hop.id}
            {...{ hop, depth, trace }}
            isOpen={open === hop.id}
            onOpen={() => setOpen(open === hop.id ? undefined : hop.id)}
          />
        ))}
      </div>
      {trace.truncated && (
        <p class="quiet-words" style={{ padding: '0 16px 12px' }}>
          {t('… and more: a trace is kept up to some thousands of hops.')}
        </p>
      )}
    </>
  )
}

function Sum({ name, value }: { name: string; value: JSX.Element | string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}

function HopRow({
  hop,
  depth,
  trace,
  isOpen,
  onOpen,
}: {
  hop: Hop
  depth: number
  trace: Trace
  isOpen: boolean
  onOpen: () => void
}) {
  const whole = Math.max(1, trace.endedAt - trace.startedAt)
  const took = (hop.endedAt ?? trace.endedAt) - hop.startedAt
  const kind = nodeOf(hop)?.split(':')[0] ?? ''
  const { name } = nameOf(hop)
  return (
    <>
      <button class={`hop ${hop.status}`} type="button" aria-expanded={isOpen} onClick={onOpen}>
        <span class={`hop-what kind-${kind}`} style={{ paddingLeft: `${Math.min(depth, 9) * 14}px` }}>
          <Icon name={iconOfService(hop.service, hop.action)} />
          <span class="what truncate" title={hop.resource}>
            {name}
          </span>
          <span class="action truncate">{hop.action}</span>
          {hop.status === 'failed' && <Badge tone="bad">{t('failed')}</Badge>}
        </span>
        <span class="hop-bar" aria-hidden="true">
          <i
            style={{
              left: `${((hop.startedAt - trace.startedAt) / whole) * 97}%`,
              width: `${Math.max(0.5, (took / whole) * 97)}%`,
            }}
          />
        </span>
        <span class="hop-figure">{took > 0 ? duration(took) : ''}</span>
        <span class="hop-figure cost">
          {hop.rows ? t('{n} rows', { n: number(hop.rows) }) : hop.costUsd ? dollars(hop.costUsd) : ''}
        </span>
      </button>
      {isOpen && <HopDetails hop={hop} />}
    </>
  )
}
