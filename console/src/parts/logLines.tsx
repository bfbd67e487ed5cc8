/** Lines of a log: times aside, trouble in its colour, JSON readable. */
import type { JSX } from 'preact'
import { clock, t } from '../language/text.ts'
import { Scrolled } from './scrolled.tsx'

export interface LogEvent {
  timestamp: number
  message: string
  logStreamName?: string
}

const trouble = /\b(ERROR|FATAL|CRITICAL|Traceback|Exception|Task timed out)\b/
const warning = /\bWARN(ING)?\b/
const ofPlatform = /^(START|END|REPORT|INIT_START) /

export function LogLines({
  events,
  time = clock,
}: {
  events: readonly LogEvent[]
  time?: (millis: number) => string
}): JSX.Element {
  if (events.length === 0) return <p class="quiet-words">{t('No lines.')}</p>
  return (
    <Scrolled class="log" label={t('Logs')}>
      {events.map((event, at) => (
        <div key={`${event.timestamp} ${at}`} class={`log-line ${toneOf(event.message)}`}>
          <time>{time(event.timestamp)}</time>
          <span>{event.message.trimEnd()}</span>
        </div>
      ))}
    </Scrolled>
  )
}

function toneOf(message: string): string {
  if (trouble.test(message)) return 'bad'
  if (warning.test(message)) return 'warn'
  return ofPlatform.test(message) ? 'quiet' : ''
}
