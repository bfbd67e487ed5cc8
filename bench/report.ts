/** What a bench says: figures, each beside its reference of the same run and its goal. Ratios hold; absolutes do not. */

export interface Figure {
  what: string
  value: number
  unit: string
  /** What ran beside it, in the same unit. */
  reference?: { what: string; value: number }
  /** `≤ 300 ms`, `≥ 0.5x`; of the value, or, with an x, of its ratio to the reference. */
  goal?: string
}

export interface Bench {
  name: string
  run(report: (figure: Figure) => void): Promise<void>
}

export function bench(name: string, run: Bench['run']): Bench {
  return { name, run }
}

export function ratioOf({ value, reference }: Figure): number | undefined {
  return reference && value / reference.value
}

/** Undefined where there is no goal. */
export function meetsGoal(figure: Figure): boolean | undefined {
  const parts = /^([≤≥]) ([\d.]+) ?(.*)$/.exec(figure.goal ?? '')
  if (!parts) return undefined
  const measured = parts[3] === 'x' ? ratioOf(figure) : figure.value
  if (measured === undefined) return undefined
  return parts[1] === '≤' ? measured <= Number(parts[2]) : measured >= Number(parts[2])
}

/** One line: `PUT 1 KB   8,412 /s   0.61x of bare Node http + lmdb (13,790 /s)   goal ≥ 0.5x  met`. */
export function figureLine(figure: Figure): string {
  const ratio = ratioOf(figure)
  const met = meetsGoal(figure)
  const parts = [
    figure.what.padEnd(52),
    `${round(figure.value)} ${figure.unit}`.padStart(16),
    ratio === undefined
      ? ''
      : `${ratio.toFixed(2)}x of ${figure.reference?.what} (${round(figure.reference?.value ?? 0)})`,
    figure.goal ? `goal ${figure.goal}${met === undefined ? '' : met ? '  met' : '  MISSED'}` : '',
  ]
  return parts.filter(Boolean).join('   ')
}

function round(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
  return value.toLocaleString('en-US', { maximumFractionDigits: digits })
}

/** The part of its size that a large bench is to have: `--scale=0.1`. */
export function scale(): number {
  const given = process.argv.find((word) => word.startsWith('--scale='))
  return given ? Number(given.slice('--scale='.length)) : 1
}

export function percentile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? Number.NaN
}

/** The item in the middle, by what `by` says of each. */
export function median<T>(items: readonly T[], by: (item: T) => number): T {
  return [...items].sort((one, other) => by(one) - by(other))[Math.floor(items.length / 2)] as T
}
