/** Interval literals: one unit each, as both dialects write them. */

import { notSupported, SqlError } from '../sqlError.ts'
import type { Fragment, Translation } from './dialect.ts'

const intervalUnits = ['YEAR', 'QUARTER', 'MONTH', 'WEEK', 'DAY', 'HOUR', 'MINUTE', 'SECOND', 'MILLISECOND']

export function interval(t: Translation): Fragment {
  const { cursor } = t
  const at = cursor.expect('INTERVAL')
  const sign = cursor.accept('-') ? '-' : ''
  if (sign === '') cursor.accept('+')
  const text = cursor.string().trim()
  const unit = cursor.peek().key.replace(/S$/, '')
  if (!intervalUnits.includes(unit)) {
    if (/^\d+\s+[a-z]+(\s+\d+\s+[a-z]+)*$/i.test(text)) return { at, kind: 'interval', sql: `INTERVAL '${text}'` }
    throw notSupported(`INTERVAL '${text}' ${cursor.peek().text}`, at)
  }
  cursor.next()
  if (cursor.is('TO')) throw notSupported(`INTERVAL ${unit} TO ${cursor.peek(1).key}`, at)
  const valid = unit === 'SECOND' ? /^-?\d+(\.\d+)?$/ : /^-?\d+$/
  if (!valid.test(text))
    throw new SqlError(`line ${at.line}:${at.column}: '${text}' is not a valid INTERVAL literal`, at, 'INVALID_LITERAL')
  return { at, kind: 'interval', sql: `(${sign}INTERVAL '${text} ${unit.toLowerCase()}')` }
}
