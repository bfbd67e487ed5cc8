/**
 * Log filters over space-delimited messages: `[ip, user, ..., status = 4* || status = 500, bytes > 1000]`.
 * A field is a word, or what stands in quotes or square brackets; `...` is any number of fields.
 */
import type { LogFilter } from './logFilter.ts'
import {
  compares,
  InvalidLogFilter,
  longestRun,
  type Operator,
  operatorSource,
  valueSource,
  type WantedText,
  wantedText,
} from './wantedText.ts'

interface Comparison {
  operator: Operator
  wanted: WantedText
}

interface Field {
  name: string
  /** One of these must hold as a whole; none: any value. */
  alternatives: Comparison[][]
}

const anyFields = 'any fields'
type Part = Field | typeof anyFields

const comparison = new RegExp(String.raw`^\s*([\w$-]+)\s*(${operatorSource})\s*(${valueSource})\s*$`)

/** Errors: InvalidLogFilter. */
export function parseFieldFilter(text: string): LogFilter {
  if (!text.endsWith(']')) throw new InvalidLogFilter('Invalid filter pattern: a ] is missing')
  const sources = splitOutside(text.slice(1, -1), ',').map((part) => part.trim())
  const parts = sources.map((part) => (part === '...' ? anyFields : fieldOf(part)))
  if (parts.filter((part) => part === anyFields).length > 1) {
    throw new InvalidLogFilter('Invalid filter pattern: more than one ellipsis')
  }
  const tests = parts.flatMap((part) => (part === anyFields ? [] : part.alternatives.flat()))
  const anyOf = neededText(parts)
  return {
    passes: (message) => fit(parts, fieldsOf(message)),
    names: true,
    expressions: tests.filter(({ wanted }) => wanted.isExpression).length,
    valueOf: (message, selector) => extracted(parts, message)[selector],
    extracted: (message) => extracted(parts, message),
    ...(anyOf !== undefined && { anyOf: [anyOf] }),
  }
}

function fieldOf(part: string): Field {
  if (/^[\w$-]+$/.test(part)) return { name: part, alternatives: [] }
  const inner = part.replace(/^\((.*)\)$/s, '$1')
  const alternatives = splitOutside(inner, '||').map((alternative) => splitOutside(alternative, '&&').map(oneTest))
  return { name: alternatives[0]?.[0]?.name as string, alternatives }
}

function oneTest(text: string): Comparison & { name: string } {
  const match = comparison.exec(text.trim().replace(/^\((.*)\)$/s, '$1'))
  if (!match) throw new InvalidLogFilter(`Invalid filter pattern at ${JSON.stringify(text.trim())}`)
  const [, name = '', operator, source = ''] = match
  return { name, operator: operator as Operator, wanted: wantedText(source) }
}

function neededText(parts: readonly Part[]): string | undefined {
  const needed = parts.flatMap((part) => {
    if (part === anyFields || part.alternatives.length !== 1) return []
    const equal = part.alternatives[0]?.filter(({ operator }) => operator === '=') ?? []
    return equal.flatMap(({ wanted }) => longestRun(wanted) ?? [])
  })
  return needed.sort((left, right) => right.length - left.length)[0]
}

/** Splits where the separator is not inside quotes or a regular expression. */
function splitOutside(text: string, separator: string): string[] {
  const parts = ['']
  const token = /"(?:[^"\\]|\\.)*"|%(?:[^%\\]|\\.)*%|\|\||&&|./gs
  for (const [found] of text.matchAll(token)) {
    if (found === separator) parts.push('')
    else parts[parts.length - 1] += found
  }
  return parts
}

function fieldsOf(message: string): string[] {
  const field = /\[([^\]]*)\]|"([^"]*)"|(\S+)/g
  return [...message.matchAll(field)].map(([, bracketed, quoted, word]) => (bracketed ?? quoted ?? word) as string)
}

/** The fields that stand for the pattern's parts; undefined where there are too few or too many. */
function aligned(parts: readonly Part[], fields: readonly string[]): (Field | undefined)[] | undefined {
  const ellipsis = parts.indexOf(anyFields)
  if (ellipsis < 0) return parts.length === fields.length ? (parts as Field[]) : undefined
  const skipped = fields.length - (parts.length - 1)
  if (skipped < 0) return undefined
  const before = parts.slice(0, ellipsis) as Field[]
  return [...before, ...new Array<undefined>(skipped).fill(undefined), ...(parts.slice(ellipsis + 1) as Field[])]
}

function fit(parts: readonly Part[], fields: readonly string[]): boolean {
  return aligned(parts, fields)?.every((part, at) => !part || passes(part, fields[at] as string)) ?? false
}

function passes({ alternatives }: Field, value: string): boolean {
  return (
    alternatives.length === 0 ||
    alternatives.some((tests) => tests.every(({ operator, wanted }) => compares(value, operator, wanted)))
  )
}

/** Fields that the pattern does not name bear their place: `$4`. */
function extracted(parts: readonly Part[], message: string): Record<string, string> {
  const fields = fieldsOf(message)
  const named = aligned(parts, fields) ?? []
  return Object.fromEntries(named.map((part, at) => [`$${part?.name ?? at + 1}`, fields[at] as string]))
}
