/** Something that waits for its next try: what, after how many, until when. */
import type { JSX } from 'preact'
import { clock, t } from '../../language/text.ts'
import { Icon } from '../../parts/icons.tsx'
import type { Waiting } from './trace.ts'

export function Waits({ waiting: { queue, item }, href }: { waiting: Waiting; href?: string }): JSX.Element {
  const words = t('Waits for {what}', { what: item.functionName ?? item.arn?.split(':').pop() ?? queue })
  return (
    <div class="waits">
      <Icon name="schedule" />
      <div>
        {href ? <a href={href}>{words}</a> : <strong>{words}</strong>}{' '}
        {item.attempts
          ? t('after {n} tries; the next is at {time}', { n: item.attempts, time: clock(item.dueAt) })
          : t('due at {time}', { time: clock(item.dueAt) })}
      </div>
    </div>
  )
}
