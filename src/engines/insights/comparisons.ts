/**
 * Comparisons between values that have no types: as numbers where both sides are numbers, else as text. What is missing
 * compares with nothing, as NULL does.
 */
import { quoteText } from '../sql/cursor.ts'
import type { Comparison } from './ast.ts'
import { looksNumeric, numberSql, textSql, timeSql, type Value } from './values.ts'

export function compareSql(operator: Comparison, left: Value, right: Value): string {
  const sql = operator === '!=' ? '<>' : operator
  if (left.type === 'timestamp' || right.type === 'timestamp') return timesSql(sql, left, right)
  if (isNumber(left) || isNumber(right)) return `(${numberSql(left)} ${sql} ${numberSql(right)})`
  if (operator === '=' || operator === '!=') return equalSql(operator === '!=', left, right)
  if (isWord(left) || isWord(right)) return `(${textSql(left)} ${sql} ${textSql(right)})`
  const [one, other] = [numberSql(left), numberSql(right)]
  const asText = `${textSql(left)} ${sql} ${textSql(right)}`
  return `(CASE WHEN ${one} IS NOT NULL AND ${other} IS NOT NULL THEN ${one} ${sql} ${other} ELSE ${asText} END)`
}

/** `200` and `"200"`, `5.0` and `5` are equal; so are two texts that are the same. */
function equalSql(isNegated: boolean, left: Value, right: Value): string {
  const [one, other] = [textSql(left), textSql(right)]
  const sign = isNegated ? '<>' : '='
  const isByDigits = left.digits !== undefined || right.digits !== undefined
  if (isByDigits || isWord(left) || isWord(right)) return `(${one} ${sign} ${other})`
  const numbers = `coalesce(${numberSql(left)} = ${numberSql(right)}, false)`
  return isNegated
    ? `(${one} <> ${other} AND NOT ${numbers})`
    : `(${one} = ${other} OR (${numbers} AND ${one} IS NOT NULL))`
}

function timesSql(operator: string, left: Value, right: Value): string {
  if (isWord(left) && !isDate(left)) return `(${textSql(left)} ${operator} ${textSql(right)})`
  if (isWord(right) && !isDate(right)) return `(${textSql(left)} ${operator} ${textSql(right)})`
  return `(${timeSql(left)} ${operator} ${timeSql(right)})`
}

const isNumber = ({ type, digits }: Value) => (type === 'number' && digits === undefined) || type === 'boolean'
const isWord = ({ literal }: Value) => typeof literal === 'string' && !looksNumeric(literal)
const isDate = ({ literal }: Value) => typeof literal === 'string' && /^\d{4}-\d\d-\d\d/.test(literal)

/** `in [ … ]`: equal to one of them. */
export function inSql(operand: Value, items: readonly Value[]): string {
  const words = items.filter(isWord)
  const rest = items.filter((item) => !isWord(item)).map((item) => compareSql('=', operand, item))
  const list = words.map(({ literal }) => quoteText(String(literal))).join(', ')
  const conditions = words.length > 0 ? [`${textSql(operand)} IN (${list})`, ...rest] : rest
  // Of nothing it is false, but for what is missing.
  return conditions.length > 0 ? `(${conditions.join(' OR ')})` : `(${textSql(operand)} IS NULL AND NULL)`
}
