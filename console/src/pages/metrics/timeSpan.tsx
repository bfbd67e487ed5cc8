/** How far back the charts of a page reach. */
import type { JSX } from 'preact'
import { t } from '../../language/text.ts'

/** In minutes. */
const spans = [60, 180, 720, 1_440, 10_080]

export function TimeSpan(props: {
  minutes: number
  choose: (minutes: number) => void
  /** Whether it stands at the right end of its row. */
  isLast?: boolean
}): JSX.Element {
  return (
    <select
      class="field"
      style={props.isLast ? { marginLeft: 'auto' } : {}}
      aria-label={t('Time')}
      value={String(props.minutes)}
      onChange={(event) => props.choose(Number(event.currentTarget.value))}
    >
      {spans.map((span) => (
        <option key={span} value={String(span)}>
          {span < 2_880 ? t('{n} hours', { n: span / 60 }) : t('{n} days', { n: span / 1_440 })}
        </option>
      ))}
    </select>
  )
}
