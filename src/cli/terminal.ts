/**
 * What the terminal shows: colours where there is a terminal that wants them, tables, durations, money. Functions
 * of text to text, so that a test reads what a person reads.
 */
import { stdout } from 'node:process'

/** Whether standard output takes colours: a terminal, and nobody said NO_COLOR (Node's own rule). */
const colours = stdout.isTTY === true && stdout.hasColors()

const style = (open: number, close: number) => (text: string) =>
  colours ? `\u001b[${open}m${text}\u001b[${close}m` : text

export const paint = {
  bold: style(1, 22),
  dim: style(2, 22),
  red: style(31, 39),
  green: style(32, 39),
  yellow: style(33, 39),
  blue: style(34, 39),
  magenta: style(35, 39),
  cyan: style(36, 39),
}

/** How many columns a text takes, without what is only colour. */
export function width(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with a control character
  return [...text.replace(/\u001b\[\d+m/g, '')].length
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)))
}

/** Rows under their headings, numbers to the right. */
export function table(headings: string[], rows: string[][]): string {
  const isNumeric = headings.map((_, at) => rows.length > 0 && rows.every((row) => /^-?[\d.,]*$/.test(row[at] ?? '')))
  const widths = headings.map((heading, at) => Math.max(width(heading), ...rows.map((row) => width(row[at] ?? ''))))
  const line = (cells: string[]) =>
    cells
      .map((cell, at) => {
        const room = widths[at] ?? 0
        return isNumeric[at] ? ' '.repeat(Math.max(0, room - width(cell))) + cell : padEnd(cell, room)
      })
      .join('  ')
      .trimEnd()
  return [paint.dim(line(headings)), ...rows.map(line)].join('\n')
}

/** `0.4 ms`, `38 ms`, `1.25 s`, `3 min 20 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1) return `${milliseconds.toFixed(1)} ms`
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(2)} s`
  const seconds = Math.round(milliseconds / 1000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** Dollars, to the digit that says something: what a step costs is often a thousandth of a cent. */
export function dollars(amount: number): string {
  if (amount === 0) return '$0'
  return amount >= 0.01 ? `$${amount.toFixed(4)}` : `$${amount.toPrecision(2).replace(/e-(\d+)$/, 'e-$1')}`
}

/** `195,984`. Not by `toLocaleString`, which takes 50 ms the first time. */
export function count(amount: number): string {
  return String(amount).replace(/\B(?=(\d{3})+$)/g, ',')
}

export function bytes(amount: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let unit = 0
  let rest = amount
  for (; rest >= 1000 && unit < units.length - 1; unit++) rest /= 1000
  return `${unit === 0 ? rest : rest.toFixed(1)} ${units[unit]}`
}
