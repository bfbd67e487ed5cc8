/** Draws time series: lines over a grid with both scales, stacked where asked, and a legend below. */
import type { Millis } from '../../clock.ts'
import { Canvas, type Colour, textWidth } from './canvas.ts'

export interface ChartSeries {
  label: string
  timestamps: readonly Millis[]
  values: readonly number[]
  colour?: string | undefined
}

export interface Chart {
  width: number
  height: number
  title: string
  start: Millis
  end: Millis
  series: readonly ChartSeries[]
  stacked: boolean
  minimum?: number | undefined
  maximum?: number | undefined
  /** Horizontal lines: an alarm's threshold. */
  marks: readonly { value: number; label: string }[]
}

const white: Colour = [255, 255, 255]
const ink: Colour = [60, 66, 74]
const faint: Colour = [222, 225, 228]
const red: Colour = [209, 50, 18]
const palette = [
  '#1f77b4',
  '#ff7f0e',
  '#2ca02c',
  '#d62728',
  '#9467bd',
  '#8c564b',
  '#e377c2',
  '#7f7f7f',
  '#bcbd22',
  '#17becf',
]
const margin = { left: 64, right: 16, top: 28 }
const legendRowHeight = 16
const axisHeight = 26

export function drawChart(chart: Chart): Canvas {
  const canvas = new Canvas(chart.width, chart.height, white)
  const shown = chart.stacked ? stackedUp(chart.series) : chart.series
  const rows = Math.max(1, Math.min(chart.series.length, Math.floor(chart.height / 4 / legendRowHeight)))
  const bottom = chart.height - rows * legendRowHeight - axisHeight
  const plot = { left: margin.left, right: chart.width - margin.right, top: margin.top, bottom }
  const scale = scaleOf(chart, shown)
  const toX = (at: Millis) =>
    plot.left + ((at - chart.start) / (chart.end - chart.start || 1)) * (plot.right - plot.left)
  const toY = (value: number) =>
    plot.bottom - ((value - scale.from) / (scale.to - scale.from)) * (plot.bottom - plot.top)
  canvas.text(fitting(chart.title, chart.width - 16), 8, 8, ink)
  for (let value = scale.from; value <= scale.to + scale.step / 2; value += scale.step) {
    canvas.line([plot.left, toY(value)], [plot.right, toY(value)], faint)
    const words = shortNumber(value)
    canvas.text(words, plot.left - 8 - textWidth(words), toY(value) - 5, ink)
  }
  drawTimes(canvas, chart, toX, plot)
  for (const [index, { timestamps, values, colour }] of shown.entries()) {
    const ownColour = colourOf(colour, index)
    for (const [place, at] of timestamps.entries()) {
      const here = [toX(at), toY(values[place] as number)] as const
      const before =
        place > 0 ? ([toX(timestamps[place - 1] as Millis), toY(values[place - 1] as number)] as const) : here
      canvas.line(before, here, ownColour, 2)
      if (timestamps.length === 1) canvas.box({ x: here[0] - 2, y: here[1] - 2, width: 5, height: 5 }, ownColour)
    }
  }
  for (const { value, label } of chart.marks) {
    canvas.line([plot.left, toY(value)], [plot.right, toY(value)], red)
    canvas.text(label, plot.left + 4, toY(value) - 13, red)
  }
  for (const [index, { label, colour }] of chart.series.slice(0, rows).entries()) {
    const y = bottom + axisHeight + index * legendRowHeight
    canvas.box({ x: 8, y, width: 10, height: 10 }, colourOf(colour, index))
    canvas.text(fitting(label, chart.width - 32), 24, y, ink)
  }
  return canvas
}

interface Plot {
  left: number
  right: number
  top: number
  bottom: number
}

const timesMax = 6
const stepMinutes = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080, 43_200]

function drawTimes(canvas: Canvas, { start, end }: Chart, toX: (at: Millis) => number, plot: Plot): void {
  const minutes = (end - start) / 60_000
  const step = (stepMinutes.find((each) => minutes / each <= timesMax) ?? minutes / timesMax) * 60_000
  for (let at = Math.ceil(start / step) * step; at <= end; at += step) {
    const iso = new Date(at).toISOString()
    const words = step >= 1440 * 60_000 ? iso.slice(5, 10) : iso.slice(11, 16)
    canvas.line([toX(at), plot.top], [toX(at), plot.bottom], faint)
    canvas.text(words, toX(at) - textWidth(words) / 2, plot.bottom + 9, ink)
  }
}

function stackedUp(series: readonly ChartSeries[]): ChartSeries[] {
  const sums = new Map<Millis, number>()
  return series.map((each) => ({
    ...each,
    values: each.timestamps.map((at, index) => {
      const sum = (sums.get(at) ?? 0) + (each.values[index] as number)
      sums.set(at, sum)
      return sum
    }),
  }))
}

/** Round numbers around all that is shown. */
function scaleOf({ minimum, maximum, marks }: Chart, series: readonly ChartSeries[]) {
  const all = [...series.flatMap(({ values }) => values), ...marks.map(({ value }) => value)]
  const least = minimum ?? all.reduce((a, b) => Math.min(a, b), 0)
  const most = maximum ?? all.reduce((a, b) => Math.max(a, b), least)
  const span = most - least || 1
  const rough = span / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 2.5, 5, 10].find((each) => each * power >= rough) ?? 10) * power
  return {
    from: Math.floor(least / step) * step,
    to: Math.ceil((most === least ? least + 1 : most) / step) * step,
    step,
  }
}

export function shortNumber(value: number): string {
  const size = Math.abs(value)
  const [unit, letter] = size >= 1e9 ? [1e9, 'G'] : size >= 1e6 ? [1e6, 'M'] : size >= 1e4 ? [1e3, 'k'] : [1, '']
  return `${Number((value / unit).toPrecision(4))}${letter}`
}

function colourOf(colour: string | undefined, index: number): Colour {
  const text = /^#[0-9a-f]{6}$/i.test(colour ?? '') ? (colour as string) : (palette[index % palette.length] as string)
  return [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16)) as unknown as Colour
}

function fitting(words: string, width: number): string {
  const most = Math.max(1, Math.floor(width / textWidth('x')))
  return words.length <= most ? words : `${words.slice(0, most - 2)}..`
}
