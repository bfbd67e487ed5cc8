/** What waits for another try, in any trace: there only while something does. */
import type { JSX } from 'preact'
import { t } from '../../language/text.ts'
import { Card } from '../../parts/blocks.tsx'
import { link } from '../../router.ts'
import { get } from '../../server/control.ts'
import { useLive } from '../../server/live.ts'
import type { Waiting } from './trace.ts'
import { Waits } from './waits.tsx'

const shownMax = 5

export function WaitingCard(): JSX.Element | null {
  const live = useLive('waiting', () => get<{ waiting: Waiting[] }>('console/waiting'), 2_000)
  const tried = (live.data?.waiting ?? []).filter(({ item }) => (item.attempts ?? 0) > 0)
  if (tried.length === 0) return null
  return (
    <Card title={t('What waits for another try')} class="waiting">
      {tried.slice(0, shownMax).map((waiting) => (
        <Waits
          key={waiting.item.id}
          waiting={waiting}
          {...(waiting.item.trace && { href: link('flow', ['trace', waiting.item.trace.traceId]) })}
        />
      ))}
      {tried.length > shownMax && <p class="note">{t('… and {n} more', { n: tried.length - shownMax })}</p>}
    </Card>
  )
}
