/**
 * Delimited text, by the rules that the Glue guide gives for its CSV classifier ("Adding classifiers to a crawler"): of
 * comma, pipe, tab, semicolon and Ctrl-A the one that cuts the rows evenly, at least two columns and two rows, and a
 * first row that is a header if it is all text and the rows below it are not.
 */
import { narrowestType } from './delimitedTypes.ts'
import type { CsvSettings, FileSchema, Sample } from './fileSchema.ts'
import type { InferredColumn } from './inferredTypes.ts'

const delimiters = [',', '|', '\t', ';', '\u0001']
/** So many of the rows must have as many fields as most. */
const evenShare = 0.7
const headerCharactersMax = 150
const rowsMax = 10_000

const builtIn: CsvSettings = { header: 'UNKNOWN', keepsBlanks: false, allowsOneColumn: false }

/** Undefined where the text is not delimited evenly. */
export function delimitedSchema(
  sample: Sample,
  compression: string,
  settings: CsvSettings = builtIn,
): FileSchema | undefined {
  const text = sample.bytes.toString('utf8').replace(/^\uFEFF/, '')
  if (text.includes('\0')) return undefined
  const cut = bestCut(text, sample.isWhole, settings)
  if (!cut) return undefined
  const header = headerOf(cut, settings)
  const data = header.isPresent ? cut.rows.slice(1) : cut.rows
  const columns: InferredColumn[] = header.names.map((name, at) => ({
    name: name.toLowerCase(),
    type: narrowestType(
      data.map((row) => trimmed(row[at] ?? '', settings)),
      settings.datatypes,
    ),
  }))
  const isQuoted = cut.hasQuotes
  const serde = settings.serde ?? 'lazy'
  const records = Math.max(data.length, 1)
  return {
    classification: 'csv',
    compression,
    columns,
    serde,
    serdeParameters:
      serde === 'opencsv'
        ? { separatorChar: cut.delimiter, quoteChar: settings.quote ?? '"', escapeChar: '\\' }
        : { 'field.delim': cut.delimiter },
    parameters: {
      delimiter: cut.delimiter,
      columnsOrdered: 'true',
      areColumnsQuoted: String(isQuoted),
      ...(header.isPresent && { 'skip.header.line.count': '1' }),
    },
    recordBytes: Math.max(1, Math.floor(cut.bytes / records)),
  }
}

interface Cut {
  delimiter: string
  rows: string[][]
  width: number
  hasQuotes: boolean
  /** Of the rows. */
  bytes: number
}

function bestCut(text: string, isWhole: boolean, settings: CsvSettings): Cut | undefined {
  const end = isWhole ? text.length : text.lastIndexOf('\n') + 1
  const body = text.slice(0, end)
  const first = body.slice(0, body.search(/[\r\n]|$/))
  const candidates = settings.delimiter ? [settings.delimiter] : delimiters.filter((one) => first.includes(one))
  const widthMin = settings.allowsOneColumn ? 1 : 2
  let best: Cut | undefined
  for (const delimiter of candidates.length > 0 || widthMin > 1 ? candidates : [',']) {
    const cut = evenCut(body, delimiter, settings.quote ?? '"')
    if (cut && cut.width >= widthMin && cut.width > (best?.width ?? 0)) best = cut
  }
  return best
}

function evenCut(body: string, delimiter: string, quote: string): Cut | undefined {
  const { rows, end } = rowsOf(body, delimiter, quote)
  if (rows.length < 2) return undefined
  const counts = new Map<number, number>()
  for (const row of rows) counts.set(row.length, (counts.get(row.length) ?? 0) + 1)
  const [width, count] = [...counts].toSorted((a, b) => b[1] - a[1])[0] as [number, number]
  if (count < rows.length * evenShare) return undefined
  const bytes = Buffer.byteLength(body.slice(0, end))
  return { delimiter, rows, width, hasQuotes: body.slice(0, end).includes(quote), bytes }
}

/** Rows of fields; a quoted field may hold delimiters, line ends and doubled quotes. Blank lines are no rows. */
function rowsOf(text: string, delimiter: string, quote: string): { rows: string[][]; end: number } {
  const rows: string[][] = []
  let row: string[] = []
  let at = 0
  while (at < text.length && rows.length < rowsMax) {
    const field = fieldAt(text, at, { delimiter, quote })
    row.push(field.value)
    at = field.end
    if (text[at] === delimiter) {
      at += 1
      if (at < text.length) continue
      row.push('')
    }
    if (text[at] === '\r') at += 1
    if (text[at] === '\n') at += 1
    if (row.length > 1 || row[0] !== '') rows.push(row)
    row = []
  }
  return { rows, end: at }
}

function fieldAt(text: string, start: number, signs: { delimiter: string; quote: string }) {
  if (text[start] === signs.quote) {
    let at = start + 1
    for (; at < text.length; at++) {
      if (text[at] !== signs.quote) continue
      if (text[at + 1] !== signs.quote) break
      at += 1
    }
    const end = endOfField(text, Math.min(at + 1, text.length), signs.delimiter)
    return { value: text.slice(start + 1, at).replaceAll(signs.quote + signs.quote, signs.quote), end }
  }
  const end = endOfField(text, start, signs.delimiter)
  return { value: text.slice(start, end), end }
}

function endOfField(text: string, start: number, delimiter: string): number {
  let at = start
  while (at < text.length && text[at] !== delimiter && text[at] !== '\n' && text[at] !== '\r') at += 1
  return at
}

function trimmed(field: string, settings: CsvSettings): string {
  return settings.keepsBlanks ? field : field.trim()
}

function headerOf({ rows, width }: Cut, settings: CsvSettings): { isPresent: boolean; names: string[] } {
  const first = (rows[0] as string[]).map((field) => field.trim())
  const isPresent = settings.header === 'PRESENT' || (settings.header === 'UNKNOWN' && looksLikeHeader(rows, width))
  const given = settings.names && settings.names.length > 0 ? settings.names : undefined
  const names = Array.from({ length: Math.max(width, given?.length ?? 0) }, (_, at) => {
    return given?.[at] || (isPresent && first[at]) || `col${at}`
  })
  return { isPresent, names: distinct(names) }
}

function distinct(names: readonly string[]): string[] {
  const seen = new Map<string, number>()
  return names.map((name) => {
    const times = seen.get(name.toLowerCase()) ?? 0
    seen.set(name.toLowerCase(), times + 1)
    return times === 0 ? name : `${name}_${times}`
  })
}

function looksLikeHeader(rows: readonly string[][], width: number): boolean {
  const [first = [], ...data] = rows
  if (first.length !== width) return false
  const isName = (field: string, at: number) => {
    const isLast = at === width - 1
    if (field.trim() === '') return isLast
    return (
      narrowestType([field.trim()]).kind === 'scalar' && isText(field) && (isLast || field.length < headerCharactersMax)
    )
  }
  if (!first.every(isName)) return false
  return data.some((row) => row.some((field) => field.trim() !== '' && !isText(field)))
}

function isText(field: string): boolean {
  const type = narrowestType([field.trim()])
  return type.kind === 'scalar' && type.name === 'string'
}
