/** Text: padding, splitting, formats, phonetics; positions and lengths count code points. */

import { formatted } from './formatter.ts'
import { invalidArgument, type Native, native } from './native.ts'
import { stem } from './stemmer.ts'

const textMax = 2_147_483_647

function pad(text: string, wanted: bigint, filler: string, atStart: boolean): string {
  if (wanted < 0n || wanted > BigInt(textMax))
    throw invalidArgument(`Target length must be in the range [0..${textMax}]`)
  if (filler === '') throw invalidArgument('Padding string must not be empty')
  const points = [...text]
  const missing = Number(wanted) - points.length
  if (missing <= 0) return points.slice(0, Number(wanted)).join('')
  const fill = [...filler]
  const added = Array.from({ length: missing }, (_, i) => fill[i % fill.length]).join('')
  return atStart ? added + text : text + added
}

function splitLimited(text: string, delimiter: string, limit: bigint): string[] {
  if (limit <= 0n) throw invalidArgument('Limit must be positive')
  if (delimiter === '') throw invalidArgument('The delimiter may not be the empty string')
  const parts = text.split(delimiter)
  const most = Number(limit)
  return parts.length <= most ? parts : [...parts.slice(0, most - 1), parts.slice(most - 1).join(delimiter)]
}

function splitPart(text: string, delimiter: string, index: bigint): string | null {
  if (index <= 0n) throw invalidArgument('Index must be greater than zero')
  if (delimiter === '') return [...text][Number(index) - 1] ?? null
  return text.split(delimiter)[Number(index) - 1] ?? null
}

/** `a=1;b=2` to pairs; a key may come once only. */
function pairs(text: string, entry: string, keyValue: string, once: boolean): [string, string][] {
  if (entry === '') throw invalidArgument('entryDelimiter is empty')
  if (keyValue === '') throw invalidArgument('keyValueDelimiter is empty')
  if (entry === keyValue) throw invalidArgument('entryDelimiter and keyValueDelimiter must not be the same')
  const found: [string, string][] = []
  if (text === '') return found
  for (const part of text.split(entry)) {
    const pieces = part.split(keyValue)
    if (pieces.length !== 2)
      throw invalidArgument(`Key-value delimiter must appear exactly once in each entry. Bad input: '${part}'`)
    const [key, value] = pieces as [string, string]
    if (once && found.some(([known]) => known === key))
      throw invalidArgument(
        `Duplicate keys (${key}) are not allowed. Specifying a lambda to resolve conflicts can avoid this error`,
      )
    found.push([key, value])
  }
  return found
}

/** The n-th place of `part`, from the end if n is negative; 0 if there is none. */
function strpos(text: string, part: string, instance: bigint): bigint {
  if (instance === 0n) throw invalidArgument("'instance' must not be a positive or negative number.")
  if (part === '') return 1n
  const forward = instance > 0n
  let at = forward ? -1 : text.length + 1
  for (let n = forward ? instance : -instance; n > 0n; n--) {
    if (!forward && at <= 0) return 0n
    at = forward ? text.indexOf(part, at + 1) : text.lastIndexOf(part, at - 1)
    if (at < 0) return 0n
  }
  return BigInt([...text.slice(0, at)].length + 1)
}

const soundexDigits: Record<string, string> = {
  B: '1',
  F: '1',
  P: '1',
  V: '1',
  C: '2',
  G: '2',
  J: '2',
  K: '2',
  Q: '2',
  S: '2',
  X: '2',
  Z: '2',
  D: '3',
  T: '3',
  L: '4',
  M: '5',
  N: '5',
  R: '6',
}

function soundex(text: string): string {
  const letters = text.toUpperCase().replace(/[^A-Z]/g, '')
  if (/[^ -~]/.test(text)) throw invalidArgument(`The character is not mapped: ${text}`)
  if (letters === '') return ''
  let code = letters[0] as string
  let before = soundexDigits[code] ?? ''
  for (const letter of letters.slice(1)) {
    const digit = soundexDigits[letter] ?? ''
    if (digit !== '' && digit !== before) code += digit
    if (letter !== 'H' && letter !== 'W') before = digit
  }
  return code.padEnd(4, '0').slice(0, 4)
}

function luhnCheck(text: string): boolean {
  if (!/^\d+$/.test(text)) throw invalidArgument(`Input string must only contain digits`)
  const sum = [...text].reverse().reduce((total, digit, i) => {
    const value = i % 2 === 1 ? Number(digit) * 2 : Number(digit)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return sum % 10 === 0
}

/** 1234567 is `1.23M`. */
/** Of whole numbers: what is behind the point does not count. */
function formatNumber(value: number): string {
  const units = ['', 'K', 'M', 'B', 'T', 'Q']
  let scaled = Number.isNaN(value) ? 0 : Math.min(Math.trunc(Math.abs(value)), 2 ** 63)
  let unit = 0
  while (scaled >= 1000 && unit < units.length - 1) {
    scaled /= 1000
    unit++
  }
  const digits = scaled < 10 ? 2 : scaled < 100 ? 1 : 0
  const text = scaled.toFixed(digits)
  return `${value < 0 ? '-' : ''}${text.includes('.') ? text.replace(/\.?0+$/, '') : text}${units[unit]}`
}

function readableSeconds(value: number): string {
  if (!Number.isFinite(value)) throw invalidArgument('Invalid argument found: seconds is not finite')
  const units: [string, number][] = [
    ['week', 604_800],
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
    ['second', 1],
  ]
  let rest = Math.abs(Math.round(value))
  const parts: string[] = []
  for (const [name, size] of units) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) parts.push(`${count} ${name}${count === 1 ? '' : 's'}`)
  }
  return parts.length > 0 ? parts.join(', ') : '0 seconds'
}

function parseDataSize(text: string): string {
  const match = /^(\d+(?:\.\d+)?)(B|kB|MB|GB|TB|PB|EB|ZB|YB)$/.exec(text)
  if (!match) throw invalidArgument(`Invalid data size: '${text}'`)
  const power = BigInt(['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'].indexOf(match[2] as string))
  const [whole = '0', fraction = ''] = (match[1] as string).split('.')
  return ((BigInt(whole + fraction) * 1024n ** power) / 10n ** BigInt(fraction.length)).toString()
}

function hamming(left: string, right: string): bigint {
  const [a, b] = [[...left], [...right]]
  if (a.length !== b.length)
    throw invalidArgument('The input strings to hamming_distance function must have the same length')
  return BigInt(a.filter((point, i) => point !== b[i]).length)
}

/** By code points, row by row of the table of edits. */
function levenshtein(left: string, right: string): bigint {
  const [a, b] = [[...left], [...right]]
  let row = b.map((_, at) => at + 1)
  for (const [line, point] of a.entries()) {
    const next: number[] = []
    let [before, corner] = [line + 1, line]
    for (const [column, other] of b.entries()) {
      const above = row[column] as number
      before = Math.min(before + 1, above + 1, corner + (point === other ? 0 : 1))
      corner = above
      next.push(before)
    }
    row = next
  }
  return BigInt(row.at(-1) ?? a.length)
}

/** Java's trim of code points that are white space, at one end or both. */
function trimmed(text: string, start: boolean, end: boolean): string {
  const blank = '[\\t\\n\\v\\f\\r \\u001c-\\u001f\\u1680\\u2000-\\u2006\\u2008-\\u200a\\u2028\\u2029\\u205f\\u3000]+'
  let result = text
  if (start) result = result.replace(new RegExp(`^${blank}`), '')
  if (end) result = result.replace(new RegExp(`${blank}$`), '')
  return result
}

/** LIKE with an escape, which may stand only before %, _ and itself. */
function likeEscaped(text: string, pattern: string, lead: string): boolean {
  let source = ''
  const points = [...pattern]
  for (let i = 0; i < points.length; i++) {
    const point = points[i] as string
    if (point === lead) {
      const next = points[++i]
      if (next === undefined || !['%', '_', lead].includes(next))
        throw invalidArgument("Escape character must be followed by '%', '_' or the escape character itself")
      source += next.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    } else
      source +=
        point === '%' ? '[\\s\\S]*' : point === '_' ? '[\\s\\S]' : point.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
  }
  return new RegExp(`^${source}$`, 'u').test(text)
}

/** Simple case mapping, point by point: ß stays ß. */
function mapped(text: string, change: (point: string) => string): string {
  let result = ''
  for (const point of text) {
    const other = change(point)
    result += [...other].length === 1 ? other : point
  }
  return result
}

export const textNatives: readonly Native[] = [
  native('lpad', ['VARCHAR', 'BIGINT', 'VARCHAR'], 'VARCHAR', (text, wanted, filler) =>
    pad(text, wanted, filler, true),
  ),
  native('rpad', ['VARCHAR', 'BIGINT', 'VARCHAR'], 'VARCHAR', (text, wanted, filler) =>
    pad(text, wanted, filler, false),
  ),
  native('split', ['VARCHAR', 'VARCHAR'], 'VARCHAR[]', (text, delimiter) =>
    splitLimited(text, delimiter, BigInt(textMax)),
  ),
  native('split_limit', ['VARCHAR', 'VARCHAR', 'BIGINT'], 'VARCHAR[]', splitLimited),
  native('split_part', ['VARCHAR', 'VARCHAR', 'BIGINT'], 'VARCHAR', splitPart),
  native('split_keys', ['VARCHAR', 'VARCHAR', 'VARCHAR'], 'VARCHAR[]', (text, entry, keyValue) =>
    pairs(text, entry, keyValue, true).map(([key]) => key),
  ),
  native('split_values', ['VARCHAR', 'VARCHAR', 'VARCHAR'], 'VARCHAR[]', (text, entry, keyValue) =>
    pairs(text, entry, keyValue, true).map(([, value]) => value),
  ),
  native('split_pair_keys', ['VARCHAR', 'VARCHAR', 'VARCHAR'], 'VARCHAR[]', (text, entry, keyValue) =>
    pairs(text, entry, keyValue, false).map(([key]) => key),
  ),
  native('split_pair_values', ['VARCHAR', 'VARCHAR', 'VARCHAR'], 'VARCHAR[]', (text, entry, keyValue) =>
    pairs(text, entry, keyValue, false).map(([, value]) => value),
  ),
  native('strpos', ['VARCHAR', 'VARCHAR', 'BIGINT'], 'BIGINT', strpos),
  native('reverse', ['VARCHAR'], 'VARCHAR', (text) => [...text].reverse().join('')),
  native('replace', ['VARCHAR', 'VARCHAR', 'VARCHAR'], 'VARCHAR', (text, from, to) =>
    text.split(from).join(to === undefined ? '' : to),
  ),
  native('soundex', ['VARCHAR'], 'VARCHAR', soundex),
  native('luhn_check', ['VARCHAR'], 'BOOLEAN', luhnCheck),
  native('normalize', ['VARCHAR', 'VARCHAR'], 'VARCHAR', (text, form) => text.normalize(form)),
  native('chr', ['BIGINT'], 'VARCHAR', (point) => {
    if (point < 0n || point > 0x10ffffn) throw invalidArgument(`Not a valid Unicode code point: ${point}`)
    return String.fromCodePoint(Number(point))
  }),
  native('lower', ['VARCHAR'], 'VARCHAR', (text) => mapped(text, (point) => [...point.toLowerCase()][0] ?? point)),
  native('upper', ['VARCHAR'], 'VARCHAR', (text) => mapped(text, (point) => point.toUpperCase())),
  native('trim', ['VARCHAR', 'BOOLEAN', 'BOOLEAN'], 'VARCHAR', trimmed),
  native('like_escaped', ['VARCHAR', 'VARCHAR', 'VARCHAR'], 'BOOLEAN', likeEscaped),
  native('levenshtein', ['VARCHAR', 'VARCHAR'], 'BIGINT', levenshtein),
  native('hamming', ['VARCHAR', 'VARCHAR'], 'BIGINT', hamming),
  native('word_stem', ['VARCHAR', 'VARCHAR'], 'VARCHAR', stem),
  native('format', ['VARCHAR', 'VARCHAR[]', 'VARCHAR[]'], 'VARCHAR', formatted),
  native('format_number', ['DOUBLE'], 'VARCHAR', formatNumber),
  native('readable_seconds', ['DOUBLE'], 'VARCHAR', readableSeconds),
  native('parse_data_size', ['VARCHAR'], 'VARCHAR', parseDataSize),
]
