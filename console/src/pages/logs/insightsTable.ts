/** The answer of Logs Insights as a table, and as lines where its rows are figures by time. */
import type { Line } from '../../parts/plot.ts'

export interface Table {
  columns: string[]
  rows: (string | null)[][]
}

export function tableOf(results: { field: string; value: string }[][]): Table {
  const columns = [...new Set(results.flatMap((row) => row.map(({ field }) => field)))].filter(
    (name) => name !== '@ptr',
  )
  const rows = results.map((row) => columns.map((name) => row.find(({ field }) => field === name)?.value ?? null))
  return { columns, rows }
}

/** More lines than that are no picture. */
const linesMax = 12

/** Where a column is a `bin(…)`, each column of figures is a line; beside one more word in `by`, a line for each of its values. */
export function linesOf({ columns, rows }: Table): Line[] {
  const time = columns.findIndex((name) => /^bin\(/.test(name))
  if (time < 0) return []
  const sorted = [...rows].sort((a, b) => String(a[time]).localeCompare(String(b[time])))
  const others = columns.map((_, at) => at).filter((at) => at !== time)
  const figures = others.filter((at) => rows.every((row) => row[at] === null || isFigure(row[at])))
  const [word, ...more] = others.filter((at) => !figures.includes(at))
  const lineOf = (label: string, of: (string | null)[][], at: number): Line => ({
    label,
    times: of.map((row) => secondsOf(row[time])),
    values: of.map((row) => (row[at] === null ? null : Number(row[at]))),
  })
  if (word === undefined)
    return new Set(sorted.map((row) => row[time])).size < sorted.length
      ? []
      : figures.map((at) => lineOf(columns[at] as string, sorted, at))
  const values = [...new Set(sorted.map((row) => row[word] ?? ''))]
  if (more.length > 0 || values.length * figures.length > linesMax) return []
  return values.flatMap((value) => {
    const ofValue = sorted.filter((row) => (row[word] ?? '') === value)
    return figures.map((at) => lineOf(figures.length > 1 ? `${value} ${columns[at]}` : value, ofValue, at))
  })
}

const isFigure = (text: string | null | undefined) => text !== '' && !Number.isNaN(Number(text))
const secondsOf = (text: string | null | undefined) => Date.parse(`${String(text).replace(' ', 'T')}Z`) / 1000
