/**
 * Log filters over space-delimited messages: `[ip, user, ..., status = 4* || status = 500, bytes > 1000]`.
 * A field is a word, or what stands in quotes or square brackets; `...` is any number of fields.
 */
import { compares, InvalidLogFilter, type Operator, operatorSource, valueSource, wantedText } from './logFilterText.ts'

type FieldTest = (value: string) => boolean

const anyFields = 'any fields'
const comparison = new RegExp(String.raw`^\(?\s*[\w$]+\s*(${operatorSource})\s*(${valueSource})\s*\)?$`)

export function parseFieldFilter(text: string): (message: string) => boolean {
  if (!text.endsWith(']')) throw new InvalidLogFilter('Invalid filter pattern: a ] is missing')
  const parts = splitOutside(text.slice(1, -1), ',').map((part) => part.trim())
  const tests = parts.map((part) => (part === '...' ? anyFields : fieldTest(part)))
  return (message) => fit(tests, fieldsOf(message))
}

function fieldTest(part: string): FieldTest {
  if (/^[\w$]+$/.test(part)) return () => true
  const alternatives = splitOutside(part, '||').map((alternative) => splitOutside(alternative, '&&').map(oneTest))
  return (value) => alternatives.some((tests) => tests.every((test) => test(value)))
}

function oneTest(text: string): FieldTest {
  const match = comparison.exec(text.trim())
  if (!match) throw new InvalidLogFilter(`Invalid filter pattern at ${JSON.stringify(text.trim())}`)
  const [, operator, source = ''] = match
  const wanted = wantedText(source)
  return (value) => compares(value, operator as Operator, wanted)
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

function fit(tests: readonly (FieldTest | typeof anyFields)[], fields: readonly string[]): boolean {
  const ellipsis = tests.indexOf(anyFields)
  if (ellipsis < 0) return tests.length === fields.length && tests.every((test, at) => passes(test, fields[at]))
  const rest = tests.slice(ellipsis + 1)
  if (fields.length < ellipsis + rest.filter((test) => test !== anyFields).length) return false
  if (!tests.slice(0, ellipsis).every((test, at) => passes(test, fields[at]))) return false
  for (let from = ellipsis; from <= fields.length; from++) if (fit(rest, fields.slice(from))) return true
  return false
}

function passes(test: FieldTest | typeof anyFields, field: string | undefined): boolean {
  return test !== anyFields && field !== undefined && test(field)
}
