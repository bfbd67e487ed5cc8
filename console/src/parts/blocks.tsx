/** What every page is made of: its head, cards, badges, buttons, tabs, and what it says while there is nothing. */
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { type Text, t, told } from '../language/text.ts'
import type { Live } from '../server/live.ts'
import { Icon, type IconName } from './icons.tsx'

export type Tone = 'ok' | 'busy' | 'bad' | 'warn' | 'quiet'

export function PageHead(props: { title: string; lead?: string; children?: ComponentChildren }): JSX.Element {
  useEffect(() => {
    document.title = `${props.title} · Igarapé`
  }, [props.title])
  return (
    <header class="page-head">
      <div>
        <h1>{props.title}</h1>
        {props.lead && <p>{props.lead}</p>}
      </div>
      <div class="page-actions">{props.children}</div>
    </header>
  )
}

export function Card(props: {
  title?: ComponentChildren
  actions?: ComponentChildren
  children: ComponentChildren
  class?: string
  flush?: boolean
}): JSX.Element {
  return (
    <section class={`card ${props.flush ? 'flush' : ''} ${props.class ?? ''}`}>
      {(props.title || props.actions) && (
        <div class="card-head">
          <h2>{props.title}</h2>
          {props.actions && <div class="card-actions">{props.actions}</div>}
        </div>
      )}
      {props.children}
    </section>
  )
}

export function Badge({
  tone = 'quiet',
  children,
  title,
}: {
  tone?: Tone
  children: ComponentChildren
  title?: string
}) {
  return (
    <span class={`badge ${tone}`} {...(title && { title })}>
      {children}
    </span>
  )
}

const tones: Record<string, Tone> = {
  ok: 'ok',
  SUCCEEDED: 'ok',
  COMPLETED: 'ok',
  FINISHED: 'ok',
  ENABLED: 'ok',
  Active: 'ok',
  ACTIVE: 'ok',
  OK: 'ok',
  AVAILABLE: 'ok',
  running: 'busy',
  RUNNING: 'busy',
  STARTING: 'busy',
  QUEUED: 'busy',
  STARTED: 'busy',
  PICKED: 'busy',
  SUBMITTED: 'busy',
  CREATING: 'busy',
  waiting: 'warn',
  WAITING: 'warn',
  INSUFFICIENT_DATA: 'warn',
  CANCELLED: 'quiet',
  STOPPED: 'quiet',
  DISABLED: 'quiet',
  failed: 'bad',
  FAILED: 'bad',
  ABORTED: 'bad',
  TIMEOUT: 'bad',
  ERROR: 'bad',
  ALARM: 'bad',
}

export function Status({ of }: { of: string }): JSX.Element {
  const tone = tones[of] ?? 'quiet'
  const words: Record<string, Text> = { ok: 'done', running: 'running', failed: 'failed', waiting: 'waiting' }
  return (
    <Badge tone={tone}>
      <span class="dot" />
      {words[of] ? t(words[of]) : told(of.toLowerCase().replaceAll('_', ' '))}
    </Badge>
  )
}

export function Button(props: {
  children?: ComponentChildren
  icon?: IconName
  onClick?: () => void
  href?: string
  kind?: 'primary' | 'plain' | 'danger'
  label?: string
  disabled?: boolean
  pressed?: boolean
  type?: 'button' | 'submit'
}): JSX.Element {
  const { children, icon, kind = 'plain', label } = props
  const inner = (
    <>
      {icon && <Icon name={icon} />}
      {children}
    </>
  )
  const shared = {
    class: `button ${kind} ${children ? '' : 'bare'}`,
    ...(label && { 'aria-label': label, title: label }),
  }
  if (props.href) {
    return (
      <a {...shared} href={props.href}>
        {inner}
      </a>
    )
  }
  return (
    <button
      {...shared}
      type={props.type ?? 'button'}
      onClick={props.onClick}
      disabled={props.disabled}
      {...(props.pressed !== undefined && { 'aria-pressed': props.pressed })}
    >
      {inner}
    </button>
  )
}

export interface Tab {
  id: string
  name: string
  count?: number | undefined
}

export function Tabs({
  tabs,
  active,
  href,
}: {
  tabs: Tab[]
  active: string
  href: (id: string) => string
}): JSX.Element {
  return (
    <nav class="tabs">
      {tabs.map(({ id, name, count }) => (
        <a key={id} href={href(id)} aria-current={id === active ? 'page' : undefined}>
          {name}
          {count !== undefined && <span class="tab-count">{count}</span>}
        </a>
      ))}
    </nav>
  )
}

export function Empty(props: { icon: IconName; title: string; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="empty">
      <span class="empty-icon">
        <Icon name={props.icon} size={26} />
      </span>
      <strong>{props.title}</strong>
      {props.children && <div class="empty-words">{props.children}</div>}
    </div>
  )
}

/** Lines where words will be: only when they take longer than a blink. */
export function Busy({ lines = 4 }: { lines?: number }): JSX.Element {
  const [shown, show] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => show(true), 180)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div class="loading" aria-busy="true" role="status" aria-label={t('Loading')}>
      {shown && Array.from({ length: lines }, (_, at) => <i key={at} style={{ width: `${92 - ((at * 37) % 45)}%` }} />)}
    </div>
  )
}

export function Trouble({
  problem,
  refresh,
}: {
  problem: { code: string; message: string; isMissing: boolean; isGone: boolean }
  refresh?: () => void
}) {
  if (problem.isMissing) {
    return (
      <Empty icon="plug" title={t('Not available on this server')}>
        <p class="mono">{problem.message}</p>
      </Empty>
    )
  }
  return (
    <div class="trouble" role="alert">
      <Icon name="alert" size={20} />
      <div>
        <strong>{problem.isGone ? t('The server does not answer') : problem.code}</strong>
        <p>{problem.isGone ? t('Is it running? This page looks again by itself.') : problem.message}</p>
      </div>
      {refresh && (
        <Button icon="again" onClick={refresh}>
          {t('Try again')}
        </Button>
      )}
    </div>
  )
}

/** The three states of something live: not there yet, broken, there. What was there stays while it is broken. */
export function Shown<T>(props: {
  live: Live<T>
  lines?: number
  children: (data: T) => ComponentChildren
}): JSX.Element {
  const { data, problem, refresh } = props.live
  if (data === undefined) {
    if (problem) return <Trouble problem={problem} refresh={refresh} />
    return <Busy {...(props.lines && { lines: props.lines })} />
  }
  return (
    <>
      {problem && !problem.isGone && <Trouble problem={problem} refresh={refresh} />}
      {props.children(data)}
    </>
  )
}

/** A term and what it is, in two columns. */
export function Facts({ facts }: { facts: [string, ComponentChildren][] }): JSX.Element {
  return (
    <dl class="facts">
      {facts
        .filter(([, value]) => value !== undefined && value !== null && value !== '' && value !== false)
        .filter(([, value]) => !(Array.isArray(value) && value.length === 0))
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  )
}
