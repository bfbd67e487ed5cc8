/** Projected dates: a range of them, absolute or from NOW, in a Java date format, by steps of an interval. */
import type { TableColumn } from './catalogTable.ts'
import { invalid, type KeyProjection, required } from './projection.ts'
import type { Domain, KeyValue } from './trino/partitionValues.ts'

const units = ['YEARS', 'MONTHS', 'WEEKS', 'DAYS', 'HOURS', 'MINUTES', 'SECONDS', 'MILLISECONDS'] as const
type Unit = (typeof units)[number]

const fixedMilliseconds: Partial<Record<Unit, number>> = {
  WEEKS: 604_800_000,
  DAYS: 86_400_000,
  HOURS: 3_600_000,
  MINUTES: 60_000,
  SECONDS: 1000,
  MILLISECONDS: 1,
}

const stepsMax = 5_000_000

export function dateProjection(
  key: TableColumn,
  property: (name: string) => string | undefined,
  now: number,
): KeyProjection {
  const format = new DateFormat(required(key.name, 'format', property('format')))
  const range = required(key.name, 'range', property('range')).split(',')
  const unit = unitOf(key, property, format)
  const interval = Number(property('interval') ?? 1)
  const ends = range.map((text) => moment(text.trim(), { format, now, unit }))
  const [first, last] = ends
  if (ends.length !== 2 || first === undefined || last === undefined || !(interval > 0)) {
    throw invalid(`Invalid range of the projected column ${key.name}: '${range.join()}'`)
  }
  return {
    *values(domain) {
      const texts = domain.values?.map(({ value }) => text(value, format))
      const [low, high] = bounds(domain, format)
      const [from, to] = texts ? span(texts, format) : [low, high]
      let steps = from > first ? Math.max(0, Math.floor(stepsBetween(first, from, unit) / interval) - 1) : 0
      for (let tried = 0; ; steps++, tried++) {
        const at = added(first, steps * interval, unit)
        if (at > last || at > to) return
        if (tried > stepsMax) throw invalid(`The range of the projected column ${key.name} has too many values`)
        const value = format.write(at)
        if (!texts || texts.includes(value)) yield value
      }
    },
  }
}

/** A date key's own values are ISO; a text key's are in the format. */
function text(value: string | bigint, format: DateFormat): string {
  const date = /^(\d{4})-(\d\d)-(\d\d)$/.exec(String(value))
  return date && !format.isWrittenSo(String(value)) ? format.write(Date.parse(`${value}T00:00:00Z`)) : String(value)
}

function span(texts: readonly string[], format: DateFormat): [number, number] {
  const moments = texts.map((one) => format.read(one)).filter((at) => at !== undefined)
  return moments.length === 0 ? [Infinity, -Infinity] : [Math.min(...moments), Math.max(...moments)]
}

/** Texts are in the order of time only where the format goes from years downward. */
function bounds({ low, high }: Domain, format: DateFormat): [number, number] {
  const at = (value: KeyValue | undefined, otherwise: number) => {
    if (value?.kind === 'date') return Date.parse(`${value.value}T00:00:00Z`)
    return value?.kind === 'text' && format.isSortable ? (format.read(value.value) ?? otherwise) : otherwise
  }
  return [at(low, -Infinity), at(high, Infinity)]
}

function unitOf(key: TableColumn, property: (name: string) => string | undefined, format: DateFormat): Unit {
  const given = property('interval.unit')?.toUpperCase()
  if (given === undefined) {
    if (format.finest === 'd') return 'DAYS'
    if (format.finest === 'M') return 'MONTHS'
    throw invalid(`Missing required property: 'projection.${key.name}.interval.unit'`)
  }
  const unit = units.find((one) => one === given || one === `${given}S`)
  if (!unit) throw invalid(`Unknown interval unit '${given}' of the projected column ${key.name}`)
  return unit
}

function moment(
  text: string,
  { format, now, unit }: { format: DateFormat; now: number; unit: Unit },
): number | undefined {
  const relative = /^NOW\s*(?:([+-])\s*(\d+)\s*([A-Z]+)\s*)?$/i.exec(text)
  if (!relative) return format.read(text)
  const [, sign, count = '0', word = 'DAYS'] = relative
  const by = units.find((one) => one === word.toUpperCase() || one === `${word.toUpperCase()}S`)
  return by && truncated(added(now, (sign === '-' ? -1 : 1) * Number(count), by), unit)
}

function added(at: number, count: number, unit: Unit): number {
  const fixed = fixedMilliseconds[unit]
  if (fixed !== undefined) return at + count * fixed
  const date = new Date(at)
  const months = unit === 'YEARS' ? count * 12 : count
  const day = date.getUTCDate()
  date.setUTCDate(1)
  date.setUTCMonth(date.getUTCMonth() + months)
  const days = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
  date.setUTCDate(Math.min(day, days))
  return date.getTime()
}

function truncated(at: number, unit: Unit): number {
  const date = new Date(at)
  if (unit === 'YEARS') return Date.UTC(date.getUTCFullYear(), 0)
  if (unit === 'MONTHS') return Date.UTC(date.getUTCFullYear(), date.getUTCMonth())
  const size = unit === 'WEEKS' ? 86_400_000 : (fixedMilliseconds[unit] ?? 1)
  return Math.floor(at / size) * size
}

function stepsBetween(from: number, to: number, unit: Unit): number {
  const fixed = fixedMilliseconds[unit]
  if (fixed !== undefined) return Math.floor((to - from) / fixed)
  const [a, b] = [new Date(from), new Date(to)]
  const months = (b.getUTCFullYear() - a.getUTCFullYear()) * 12 + b.getUTCMonth() - a.getUTCMonth()
  return unit === 'YEARS' ? Math.floor(months / 12) : months
}

const letters = 'yMdHmsS'

/** The numeric part of Java's DateTimeFormatter: years to fractions, and text around them. */
class DateFormat {
  readonly #parts: readonly { letter?: string; text: string }[]
  readonly finest: string
  readonly isSortable: boolean

  constructor(pattern: string) {
    const pieces = pattern.match(/'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+/g) ?? []
    this.#parts = pieces.map((piece) => {
      if (piece.startsWith("'")) return { text: piece === "''" ? "'" : piece.slice(1, -1).replaceAll("''", "'") }
      if (!/^[A-Za-z]/.test(piece)) return { text: piece }
      const letter = piece[0] === 'u' ? 'y' : (piece[0] as string)
      if (!letters.includes(letter) || (letter === 'M' && piece.length > 2)) {
        throw invalid(`The date format '${pattern}' is not supported: ${piece}`)
      }
      return { letter, text: piece }
    })
    const used = this.#parts.flatMap(({ letter }) => (letter ? [letters.indexOf(letter)] : []))
    this.finest = letters[Math.max(...used, 0)] as string
    this.isSortable =
      used.every((place, i) => place === i) && this.#parts.every(({ letter, text }) => !letter || text.length > 1)
  }

  isWrittenSo(text: string): boolean {
    return this.read(text) !== undefined
  }

  read(text: string): number | undefined {
    const escaped = (literal: string) => literal.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
    const pattern = this.#parts.map(({ letter, text: part }) =>
      letter
        ? `(\\d{${letter === 'y' ? 4 : part.length},${letter === 'y' ? 4 : Math.max(2, part.length)}})`
        : escaped(part),
    )
    const match = new RegExp(`^${pattern.join('')}$`).exec(text)
    if (!match) return undefined
    const found: Record<string, number> = {}
    this.#parts
      .filter(({ letter }) => letter)
      .forEach(({ letter }, i) => {
        found[letter as string] = Number(match[i + 1])
      })
    const { y = 1970, M = 1, d = 1, H = 0, m = 0, s = 0, S = 0 } = found
    return Date.UTC(y, M - 1, d, H, m, s, S)
  }

  write(at: number): string {
    const date = new Date(at)
    const values: Record<string, number> = {
      y: date.getUTCFullYear(),
      M: date.getUTCMonth() + 1,
      d: date.getUTCDate(),
      H: date.getUTCHours(),
      m: date.getUTCMinutes(),
      s: date.getUTCSeconds(),
      S: date.getUTCMilliseconds(),
    }
    return this.#parts
      .map(({ letter, text }) => {
        if (!letter) return text
        const digits = String(values[letter]).padStart(text.length, '0')
        return letter === 'y' && text.length === 2 ? digits.slice(-2) : digits
      })
      .join('')
  }
}
