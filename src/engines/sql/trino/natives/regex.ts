/** The functions of regular expressions. */
import { compileJavaRegex, type JavaRegex } from './javaRegex.ts'
import { invalidArgument, type Native, native } from './native.ts'

const cacheMax = 256

/** Compiled patterns of one connection; the least recently used go first. */
export class Patterns {
  readonly #compiled = new Map<string, JavaRegex>()

  get(pattern: string): JavaRegex {
    const known = this.#compiled.get(pattern)
    if (known) {
      known.regex.lastIndex = 0
      return known
    }
    if (this.#compiled.size >= cacheMax) this.#compiled.delete(this.#compiled.keys().next().value as string)
    const made = compileJavaRegex(pattern)
    this.#compiled.set(pattern, made)
    return made
  }
}

function checkGroup({ groupCount }: JavaRegex, group: bigint): number {
  if (group < 0n) throw invalidArgument('Group cannot be negative')
  if (Number(group) > groupCount)
    throw invalidArgument(`Pattern has ${groupCount} groups. Cannot access group ${group}`)
  return Number(group)
}

/** `$1` and `${name}` are groups, a backslash takes the next character as it is. */
function replacement(template: string, match: RegExpExecArray, java: JavaRegex): string {
  return template.replace(
    /\\([\s\S])|\$(?:\{(\w+)\}|(\d+))|\$/g,
    (whole, escaped: string | undefined, name: string | undefined, digits: string | undefined) => {
      if (escaped !== undefined) return escaped
      if (name !== undefined) {
        const number = java.numberOf(name)
        if (number === undefined) throw invalidArgument(`Illegal replacement sequence: unknown group { ${name} }`)
        return java.group(match, number) ?? ''
      }
      if (digits === undefined) throw invalidArgument(`Illegal replacement sequence: ${template}`)
      // As many digits as name a group: $12 is group 1, then a 2, where there are fewer than twelve.
      let used = 1
      while (used < digits.length && Number(digits.slice(0, used + 1)) <= java.groupCount) used++
      const group = Number(digits.slice(0, used))
      if (group > java.groupCount) throw invalidArgument(`Illegal replacement sequence: unknown group ${group}`)
      return (java.group(match, group) ?? '') + whole.slice(1 + used)
    },
  )
}

function matches({ regex }: JavaRegex, text: string): RegExpExecArray[] {
  return [...text.matchAll(regex)] as RegExpExecArray[]
}

function replaceAll(java: JavaRegex, text: string, template: string): string {
  let result = ''
  let at = 0
  for (const match of matches(java, text)) {
    result += text.slice(at, match.index) + replacement(template, match, java)
    at = match.index + match[0].length
  }
  return result + text.slice(at)
}

function between(java: JavaRegex, text: string): string[] {
  const parts: string[] = []
  let at = 0
  for (const match of matches(java, text)) {
    parts.push(text.slice(at, match.index))
    at = match.index + match[0].length
  }
  return [...parts, text.slice(at)]
}

function position(java: JavaRegex, text: string, start: bigint, occurrence: bigint): number {
  if (start < 1n) throw invalidArgument('start position cannot be smaller than 1')
  if (occurrence < 1n) throw invalidArgument('occurrence cannot be smaller than 1')
  const points = [...text]
  if (Number(start) > points.length) return -1
  // Found from there on: a match that began before it does not cover it.
  java.regex.lastIndex = points.slice(0, Number(start) - 1).join('').length
  const found = matches(java, text)[Number(occurrence) - 1]
  return found ? [...text.slice(0, found.index)].length + 1 : -1
}

export function regexNatives(): readonly Native[] {
  const patterns = new Patterns()
  return [
    native('regexp_like', ['VARCHAR', 'VARCHAR'], 'BOOLEAN', (text, pattern) => patterns.get(pattern).regex.test(text)),
    native('regexp_count', ['VARCHAR', 'VARCHAR'], 'BIGINT', (text, pattern) =>
      BigInt(matches(patterns.get(pattern), text).length),
    ),
    native('regexp_extract', ['VARCHAR', 'VARCHAR', 'BIGINT'], 'VARCHAR', (text, pattern, group) => {
      const java = patterns.get(pattern)
      const wanted = checkGroup(java, group)
      const match = java.regex.exec(text)
      return (match && java.group(match, wanted)) ?? null
    }),
    native('regexp_extract_all', ['VARCHAR', 'VARCHAR', 'BIGINT'], 'VARCHAR[]', (text, pattern, group) => {
      const java = patterns.get(pattern)
      const wanted = checkGroup(java, group)
      return matches(java, text).map((match) => java.group(match, wanted) ?? null)
    }),
    native('regexp_replace', ['VARCHAR', 'VARCHAR', 'VARCHAR'], 'VARCHAR', (text, pattern, template) =>
      replaceAll(patterns.get(pattern), text, template),
    ),
    native('regexp_split', ['VARCHAR', 'VARCHAR'], 'VARCHAR[]', (text, pattern) =>
      between(patterns.get(pattern), text),
    ),
    native(
      'regexp_position',
      ['VARCHAR', 'VARCHAR', 'BIGINT', 'BIGINT'],
      'INTEGER',
      (text, pattern, start, occurrence) => position(patterns.get(pattern), text, start, occurrence),
    ),
    native('regexp_between', ['VARCHAR', 'VARCHAR'], 'VARCHAR[]', (text, pattern) =>
      between(patterns.get(pattern), text),
    ),
    native('regexp_groups', ['VARCHAR', 'VARCHAR'], 'VARCHAR[][]', (text, pattern) => {
      const java = patterns.get(pattern)
      const numbers = Array.from({ length: java.groupCount }, (_, at) => at + 1)
      return matches(java, text).map((match) => numbers.map((number) => java.group(match, number) ?? null))
    }),
  ]
}
