/** Grok: `%{PATTERN:field:type}` becomes a regular expression with a group for each field, in their order. */
import { narrowestType } from './delimitedTypes.ts'
import type { FileSchema, Sample } from './fileSchema.ts'
import { grokPatterns } from './grokPatterns.ts'
import { type InferredColumn, type InferredType, mergedType, scalar, unknown } from './inferredTypes.ts'

export interface Grok {
  /** Every group is one field's. */
  regex: string
  fields: { name: string; type?: string }[]
}

export class GrokError extends Error {}

const expansionsMax = 1_000

/** Errors: GrokError, with the pattern's name that is not known. */
export function compileGrok(pattern: string, customPatterns = ''): Grok {
  const known: Record<string, string> = { ...grokPatterns, ...customOnes(customPatterns) }
  const fields: Grok['fields'] = []
  let expansions = 0
  const expand = (text: string): string =>
    text.replace(/%\{(\w+)(?::([^:}]+))?(?::([^}]+))?\}/g, (_, name: string, field?: string, type?: string) => {
      expansions += 1
      if (expansions > expansionsMax) throw new GrokError(`The pattern ${name} contains itself.`)
      const inner = known[name]
      if (inner === undefined) throw new GrokError(`No definition for key '${name}' found.`)
      if (field === undefined) return `(?:${expand(inner)})`
      fields.push({ name: field, ...(type && { type }) })
      return `(${expand(inner)})`
    })
  const ungrouped = (text: string) => text.replace(/(?<!\\)\((?!\?)/g, '(?:')
  for (const name of Object.keys(known)) known[name] = ungrouped(known[name] as string)
  return { regex: expand(ungrouped(pattern)), fields }
}

/** A line each: a name, a blank, a pattern. */
function customOnes(text: string): Record<string, string> {
  const lines = text.split(/\r?\n/).map((line) => /^\s*(\w+)\s+(.+?)\s*$/.exec(line))
  return Object.fromEntries(lines.flatMap((match) => (match ? [[match[1], match[2]]] : [])))
}

/** JavaScript has no groups that ignore case by themselves. */
export function grokRegExp({ regex }: Grok): RegExp {
  const spelled = regex.replace(/\(\?i:((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*)\)/g, (_, inner: string) => {
    return `(?:${inner.replace(/(?<!\\)[a-zA-Z]/g, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`)})`
  })
  return new RegExp(`^(?:${spelled})$`)
}

const linesMax = 10_000

/** Undefined unless the first line matches. */
export function grokSchema(
  sample: Sample,
  compression: string,
  { classification, pattern, customPatterns }: { classification: string; pattern: string; customPatterns?: string },
): FileSchema | undefined {
  const grok = compileGrok(pattern, customPatterns)
  const form = grokRegExp(grok)
  const text = sample.bytes.toString('utf8')
  const lines = text
    .slice(0, sample.isWhole ? text.length : text.lastIndexOf('\n') + 1)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .slice(0, linesMax)
  if (!form.test(lines[0] ?? '')) return undefined
  const matched = lines.map((line) => form.exec(line)).filter((row) => row !== null)
  const columns = grok.fields.map(({ name, type }, at): InferredColumn => {
    const values = matched.map((row) => row[at + 1] ?? '')
    return { name: name.toLowerCase(), type: type ? declaredType(type) : narrowestType(values, []) }
  })
  return {
    classification,
    compression,
    columns: merged(columns),
    serde: 'grok',
    serdeParameters: {
      'input.format': pattern,
      ...(customPatterns && { 'input.grokCustomPatterns': customPatterns }),
    },
    parameters: { grokPattern: pattern },
    recordBytes: Math.max(1, Math.floor(Buffer.byteLength(lines.join('\n')) / lines.length)),
  }
}

function declaredType(name: string): InferredType {
  const types: Record<string, string> = {
    byte: 'tinyint',
    short: 'smallint',
    int: 'int',
    integer: 'int',
    long: 'bigint',
    float: 'float',
    double: 'double',
    boolean: 'boolean',
    date: 'date',
    timestamp: 'timestamp',
  }
  return scalar(types[name.toLowerCase()] ?? 'string')
}

function merged(columns: readonly InferredColumn[]): InferredColumn[] {
  const byName = new Map<string, InferredType>()
  for (const { name, type } of columns) byName.set(name, mergedType(byName.get(name) ?? unknown, type))
  return [...byName].map(([name, type]) => ({ name, type }))
}
