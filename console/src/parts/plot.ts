/** uPlot with the console's looks: loaded when a chart is first drawn. */
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'

export interface Line {
  label: string
  /** Seconds, growing. */
  times: number[]
  values: (number | null)[]
}

/** A line that values are held against. */
export interface Threshold {
  value: number
  label: string
}

export interface PlotSettings {
  parent: HTMLElement
  lines: readonly Line[]
  width: number
  height: number
  kind: 'line' | 'bar' | 'area'
  thresholds: readonly Threshold[]
  timeLabel: string
  /** Of the whole axis, in seconds; absent: that of the data. */
  span?: { from: number; until: number } | undefined
}

const colourNames = ['--accent', '--blue', '--amber', '--violet', '--red', '--ink-3']

export function drawPlot({
  parent,
  lines,
  width,
  height,
  kind,
  thresholds,
  timeLabel,
  span,
}: PlotSettings): () => void {
  const styles = getComputedStyle(document.documentElement)
  // Colours that depend on the light are resolved by the browser, on a thing that has them.
  const probe = document.createElement('i')
  parent.append(probe)
  const colour = (name: string) => {
    probe.style.color = `var(${name})`
    return getComputedStyle(probe).color
  }
  const [grid, ink] = [colour('--line'), colour('--ink-3')]
  const font = `11px ${styles.getPropertyValue('--sans')}`
  const axis = { stroke: ink, font, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } }
  const { data, labels } = joined(lines, thresholds, span)
  const bars = uPlot.paths.bars?.({ size: [0.7, 40] })
  const plot = new uPlot(
    {
      width,
      height,
      cursor: { y: false, points: { size: 6 } },
      legend: { show: labels.length > 1, live: true },
      axes: [
        { ...axis, values: (_, times) => timeWords(times) },
        { ...axis, size: 56 },
      ],
      scales: {
        ...(span && { x: { range: [span.from, span.until] as [number, number] } }),
        y: { range: (_, low, high) => rangeOf(low, high) },
      },
      series: [
        {
          label: timeLabel,
          value: (_, time) =>
            time === null ? '—' : new Date(time * 1000).toLocaleString(document.documentElement.lang),
        },
        ...labels.map((label, at) => {
          const isThreshold = at >= lines.length
          const stroke = isThreshold ? colour('--red') : colour(colourNames[at % colourNames.length] as string)
          return {
            label,
            stroke,
            width: isThreshold ? 1 : 1.8,
            ...(isThreshold && { dash: [5, 5], points: { show: false } }),
            ...(!isThreshold && kind !== 'line' && { fill: faded(stroke) }),
            ...(!isThreshold && kind === 'bar' && bars && { paths: bars, points: { show: false } }),
            spanGaps: false,
          }
        }),
      ],
    },
    data as uPlot.AlignedData,
    parent,
  )
  probe.remove()
  return () => plot.destroy()
}

/** The day is said where it changes. */
function timeWords(times: number[]): string[] {
  const language = document.documentElement.lang
  let day = ''
  return times.map((time) => {
    const at = new Date(time * 1000)
    const ofDay = at.toLocaleDateString(language, { day: 'numeric', month: 'short' })
    const hour = at.toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit', hour12: false })
    const words = ofDay === day ? hour : `${hour}\n${ofDay}`
    day = ofDay
    return words
  })
}

/** All lines on the times of all. */
function joined(lines: readonly Line[], thresholds: readonly Threshold[], span: PlotSettings['span']) {
  // A threshold holds for the whole axis, also where there are no values.
  const ends = thresholds.length > 0 && span ? [span.from, span.until] : []
  const times = [...new Set([...ends, ...lines.flatMap((line) => line.times)])].sort((a, b) => a - b)
  const columns = lines.map((line) => {
    const byTime = new Map(line.times.map((time, at) => [time, line.values[at] ?? null]))
    return times.map((time) => byTime.get(time) ?? null)
  })
  const flat = thresholds.map(({ value }) => times.map(() => value))
  return {
    data: [times, ...columns, ...flat],
    labels: [...lines.map(({ label }) => label), ...thresholds.map(({ label }) => label)],
  }
}

function rangeOf(low: number | null, high: number | null): [number, number] {
  const bottom = Math.min(0, low ?? 0)
  const top = Math.max(bottom + 1e-9, high ?? 1)
  return [bottom, top === bottom ? bottom + 1 : top + (top - bottom) * 0.08]
}

function faded(colour: string): string {
  return colour.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.18)')
}
