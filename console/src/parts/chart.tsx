/** A chart of lines over time, as wide as its place. What it shows is also there in words, for those who do not see it. */
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { number, t } from '../language/text.ts'
import { useSettings } from '../settings.ts'
import { Empty } from './blocks.tsx'
import type { Line, Threshold } from './plot.ts'

interface Props {
  lines: readonly Line[]
  label: string
  height?: number
  kind?: 'line' | 'bar' | 'area'
  thresholds?: readonly Threshold[]
  span?: { from: number; until: number }
}

export function Chart({ lines, label, height = 220, kind = 'line', thresholds = [], span }: Props): JSX.Element {
  const place = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  const { theme } = useSettings()
  const isEmpty = lines.every(({ times }) => times.length === 0)

  useEffect(() => {
    const frame = place.current
    if (!frame) return
    const watcher = new ResizeObserver(() => setWidth(frame.clientWidth))
    watcher.observe(frame)
    return () => watcher.disconnect()
  }, [isEmpty])
  useEffect(() => {
    if (width === 0) return
    let remove = () => {}
    let isOver = false
    void import('./plot.ts').then(({ drawPlot }) => {
      if (!isOver && place.current)
        remove = drawPlot({ parent: place.current, lines, width, height, kind, thresholds, timeLabel: t('Time'), span })
    })
    return () => {
      isOver = true
      remove()
    }
  }, [JSON.stringify(lines), width, height, kind, theme, JSON.stringify(thresholds), span?.from, span?.until])

  if (isEmpty) return <Empty icon="metrics" title={t('No data in this time')} />
  return (
    <figure class="chart" aria-label={label}>
      <div ref={place} style={{ minHeight: `${height}px` }} aria-hidden="true" />
      <figcaption class="unseen">{lines.map(inWords).join('; ')}</figcaption>
    </figure>
  )
}

function inWords({ label, values }: Line): string {
  const known = values.filter((value) => value !== null)
  if (known.length === 0) return `${label}: ${t('No data in this time')}`
  return `${label}: ${number(Math.min(...known), 2)} – ${number(Math.max(...known), 2)}`
}
