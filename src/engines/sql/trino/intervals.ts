/** Interval literals, and what dates and times do with intervals. Carried as milliseconds and as months. */
import type { Token } from '../tokens.ts'
import type { Expression } from './ast.ts'
import { localSql } from './casts.ts'
import { date, intervalDay, intervalYear, isFloating, isInteger, type SqlType } from './sqlTypes.ts'
import { failSql, trinoError } from './trinoErrors.ts'
import { compound, type Typed } from './typed.ts'

const unitMillis: Record<string, number> = { day: 86_400_000, hour: 3_600_000, minute: 60_000, second: 1000 }
const fields = ['day', 'hour', 'minute', 'second']

export function intervalLiteral(node: Extract<Expression, { kind: 'interval' }>): Typed {
  const { text, from, to = from, at } = node
  const invalid = () => trinoError('INVALID_LITERAL', `'${text}' is not a valid INTERVAL literal`, at)
  const negative = node.negative !== text.trim().startsWith('-')
  const digits = text.trim().replace(/^[+-]/, '')
  const sign = negative ? -1 : 1
  if (from === 'year' || from === 'month') {
    const match = from === to ? /^(\d+)$/.exec(digits) : /^(\d+)-(\d+)$/.exec(digits)
    if (!match) throw invalid()
    const months = from === 'month' ? Number(match[1]) : Number(match[1]) * 12 + Number(match[2] ?? 0)
    return { sql: `CAST(${sign * months} AS INTEGER)`, type: intervalYear, at }
  }
  const names = fields.slice(fields.indexOf(from), fields.indexOf(to) + 1)
  const parts = digits.split(/[\s:]+/)
  if (names.length === 0 || parts.length > names.length) throw invalid()
  let millis = 0
  for (const [i, part] of parts.entries()) {
    if (!/^\d+(\.\d{1,3})?$/.test(part) || (part.includes('.') && names[i] !== 'second')) throw invalid()
    millis += Math.round(Number(part) * (unitMillis[names[i] as string] as number))
  }
  return { sql: `CAST(${sign * millis} AS BIGINT)`, type: intervalDay, at }
}

/** Undefined where neither side is an interval nor both are moments. */
export function intervalArithmetic(operator: string, left: Typed, right: Typed, at: Token): Typed | undefined {
  const [a, b] = [left.type.kind, right.type.kind]
  const isInterval = (kind: string) => kind.startsWith('interval')
  const whole = (sql: string, type: SqlType) => compound(sql, type, [left, right], at)
  if (isInterval(a) && a === b && (operator === '+' || operator === '-'))
    return whole(`(${left.sql} ${operator} ${right.sql})`, left.type)
  if (isInterval(a) && (operator === '*' || operator === '/')) return scaled(operator, left, right, whole)
  if (isInterval(b) && operator === '*') return scaled(operator, right, left, whole)
  if (isInterval(b) && (operator === '+' || operator === '-')) return moved(operator, left, right, whole)
  if (isInterval(a) && operator === '+') return moved(operator, right, left, whole)
  if (operator === '-' && a === b && ['date', 'timestamp', 'time'].includes(a))
    return whole(difference(left, right), intervalDay)
  if (operator === '-' && [a, b].every((kind) => kind === 'date' || kind === 'timestamp'))
    return whole(difference(left, right), intervalDay)
  return undefined
}

type Whole = (sql: string, type: SqlType) => Typed

function scaled(operator: '*' | '/', interval: Typed, factor: Typed, whole: Whole): Typed | undefined {
  if (!isInteger(factor.type) && !isFloating(factor.type)) return undefined
  const duck = interval.type.kind === intervalDay.kind ? 'BIGINT' : 'INTEGER'
  if (isInteger(factor.type)) {
    if (operator === '*') return whole(`CAST(${interval.sql} * ${factor.sql} AS ${duck})`, interval.type)
    const zero = failSql('DIVISION_BY_ZERO', '/ by zero', duck)
    return whole(
      `CASE WHEN ${factor.sql} = 0 THEN ${zero} ELSE CAST(${interval.sql} // ${factor.sql} AS ${duck}) END`,
      interval.type,
    )
  }
  return whole(`CAST(trunc(${interval.sql} ${operator} ${factor.sql}) AS ${duck})`, interval.type)
}

function moved(operator: '+' | '-', moment: Typed, interval: Typed, whole: Whole): Typed | undefined {
  const { type } = moment
  const isDay = interval.type.kind === intervalDay.kind
  const amount = operator === '-' ? `(-${interval.sql})` : interval.sql
  if (type.kind === 'date') {
    if (!isDay) return whole(`CAST(${moment.sql} + to_months(${amount}) AS DATE)`, date)
    const literal = /^CAST\((-?\d+) AS BIGINT\)$/.exec(interval.sql)
    const days = Number(literal?.[1] ?? Number.NaN) / (unitMillis.day as number)
    if (Number.isInteger(days))
      return whole(`(${moment.sql} + CAST(${operator === '-' ? -days : days} AS INTEGER))`, date)
    const broken = failSql('INVALID_FUNCTION_ARGUMENT', 'Cannot add hour, minutes or seconds to a date', 'DATE')
    return whole(
      `CASE WHEN ${interval.sql} % 86400000 <> 0 THEN ${broken} ELSE ${moment.sql} + CAST(${amount} // 86400000 AS INTEGER) END`,
      date,
    )
  }
  if (type.kind === 'time' && isDay && !type.zoned) {
    return whole(`CAST((make_timestamp(epoch_us(${moment.sql})) + to_milliseconds(${amount})) AS TIME)`, type)
  }
  if (type.kind !== 'timestamp') return undefined
  const step = isDay ? `to_milliseconds(${amount})` : `to_months(${amount})`
  if (!type.zoned) return whole(`(${moment.sql} + ${step})`, type)
  // Months are counted on the zone's own calendar, milliseconds on the instant.
  if (isDay) return whole(`igp_with_instant(${moment.sql}, (${moment.sql}).t + ${step})`, type)
  return whole(`igp_zoned(${localSql(moment.sql)} + ${step}, (${moment.sql}).z)`, type)
}

function difference(left: Typed, right: Typed): string {
  const micros = (side: Typed) => {
    const zoned = 'zoned' in side.type && side.type.zoned
    if (side.type.kind === 'time') return `epoch_us(${zoned ? `(${side.sql}).t` : side.sql})`
    return `epoch_us(${zoned ? `(${side.sql}).t` : `CAST(${side.sql} AS TIMESTAMP)`})`
  }
  return `CAST((${micros(left)} - ${micros(right)}) // 1000 AS BIGINT)`
}
