/** Java's regular expressions by JavaScript's: what differs in syntax is rewritten, what cannot be is refused. */
import { invalidArgument, type Native, NativeError, native } from './native.ts'

const cacheMax = 256

/** Compiled patterns of one connection; the least recently used go first. */
export class Patterns {
  readonly #compiled = new Map<string, RegExp>()

  get(pattern: string): RegExp {
    const known = this.#compiled.get(pattern)
    if (known) {
      known.lastIndex = 0
      return known
    }
    if (this.#compiled.size >= cacheMax) this.#compiled.delete(this.#compiled.keys().next().value as string)
    const made = compile(pattern)
    this.#compiled.set(pattern, made)
    return made
  }
}

function compile(pattern: string): RegExp {
  const { source, flags } = translated(pattern)
  try {
    return new RegExp(source, `gu${flags}`)
  } catch {
    try {
      // Java takes escapes that Unicode mode does not: `\-`, `\_`.
      return new RegExp(source, `g${flags}`)
    } catch (error) {
      throw invalidArgument(`Invalid regular expression: ${pattern}: ${error instanceof Error ? error.message : error}`)
    }
  }
}

const posix: Record<string, string> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\x00-\\x7F',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: '!-\\/:-@\\[-`{-~',
  Graph: '!-~',
  Print: ' -~',
  Blank: ' \\t',
  Cntrl: '\\x00-\\x1F\\x7F',
  XDigit: '0-9a-fA-F',
  Space: ' \\t\\n\\x0B\\f\\r',
}

/** Inline flags at the start, POSIX classes, \A \z \Z \h, possessive and atomic groups (refused). */
function translated(pattern: string): { source: string; flags: string } {
  let flags = ''
  let source = pattern
  for (let match = /^\(\?([a-zA-Z]+)\)/.exec(source); match; match = /^\(\?([a-zA-Z]+)\)/.exec(source)) {
    for (const flag of match[1] as string) {
      if (flag === 'x' || flag === 'd')
        throw new NativeError(
          'NOT_SUPPORTED',
          `The regular expression flag (?${flag}) is not supported by the embedded SQL engine`,
        )
      if (flag !== 'u' && flag !== 'U' && !flags.includes(flag)) flags += flag
    }
    source = source.slice(match[0].length)
  }
  if (/\(\?[a-zA-Z]*-?[a-zA-Z]+[:)]|\(\?>|[*+?}]\+/.test(source.replace(/\\./g, '__').replace(/\[[^\]]*\]/g, '_'))) {
    throw new NativeError(
      'NOT_SUPPORTED',
      `The regular expression '${pattern}' has inline flags, atomic groups or possessive quantifiers, which are not supported by the embedded SQL engine`,
    )
  }
  source = source
    .replace(/\\A/g, '^')
    .replace(/\\z/g, '$')
    .replace(/\\Z/g, '(?=\\n?$)')
    .replace(/\\h/g, '[ \\t\\xA0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000]')
    .replace(/\\Q([\s\S]*?)(?:\\E|$)/g, (_, text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'))
    .replace(
      /(\[[^\]]*)?\\p\{(Lower|Upper|ASCII|Alpha|Digit|Alnum|Punct|Graph|Print|Blank|Cntrl|XDigit|Space)\}/g,
      (_, before: string | undefined, name: string) =>
        before === undefined ? `[${posix[name]}]` : `${before}${posix[name]}`,
    )
    .replace(/\\p\{Is([A-Z][a-z]+)\}/g, '\\p{Script=$1}')
    .replace(/\\p\{L(?:etter)?\}/g, '\\p{L}')
  return { source, flags: flags.replace(/[^ims]/g, '') }
}

const groupsOf = (regex: RegExp) => (new RegExp(`${regex.source}|`, regex.flags).exec('') as RegExpExecArray).length - 1

function checkGroup(regex: RegExp, group: bigint): number {
  const count = groupsOf(regex)
  if (group < 0n) throw invalidArgument('Group cannot be negative')
  if (Number(group) > count) throw invalidArgument(`Pattern has ${count} groups. Cannot access group ${group}`)
  return Number(group)
}

/** `$1` and `${name}` are groups, a backslash takes the next character as it is. */
function replacement(template: string, match: RegExpExecArray, count: number): string {
  return template.replace(
    /\\([\s\S])|\$(?:\{(\w+)\}|(\d+))|\$/g,
    (whole, escaped: string | undefined, name: string | undefined, digits: string | undefined) => {
      if (escaped !== undefined) return escaped
      if (name !== undefined) {
        if (!match.groups || !(name in match.groups))
          throw invalidArgument(`Illegal replacement sequence: unknown group { ${name} }`)
        return match.groups[name] ?? ''
      }
      if (digits === undefined) throw invalidArgument(`Illegal replacement sequence: ${template}`)
      // As many digits as name a group: $12 is group 1, then a 2, where there are fewer than twelve.
      let used = 1
      while (used < digits.length && Number(digits.slice(0, used + 1)) <= count) used++
      const group = Number(digits.slice(0, used))
      if (group > count) throw invalidArgument(`Illegal replacement sequence: unknown group ${group}`)
      return (match[group] ?? '') + whole.slice(1 + used)
    },
  )
}

function matches(regex: RegExp, text: string): RegExpExecArray[] {
  return [...text.matchAll(regex)] as RegExpExecArray[]
}

function replaceAll(regex: RegExp, text: string, template: string): string {
  const count = groupsOf(regex)
  let result = ''
  let at = 0
  for (const match of matches(regex, text)) {
    result += text.slice(at, match.index) + replacement(template, match, count)
    at = match.index + match[0].length
  }
  return result + text.slice(at)
}

function between(regex: RegExp, text: string): string[] {
  const parts: string[] = []
  let at = 0
  for (const match of matches(regex, text)) {
    parts.push(text.slice(at, match.index))
    at = match.index + match[0].length
  }
  return [...parts, text.slice(at)]
}

function position(regex: RegExp, text: string, start: bigint, occurrence: bigint): number {
  if (start < 1n) throw invalidArgument('start position cannot be smaller than 1')
  if (occurrence < 1n) throw invalidArgument('occurrence cannot be smaller than 1')
  const points = [...text]
  if (Number(start) > points.length) return -1
  const before = points.slice(0, Number(start) - 1).join('')
  const found = matches(regex, text).filter((match) => match.index >= before.length)[Number(occurrence) - 1]
  return found ? [...text.slice(0, found.index)].length + 1 : -1
}

export function regexNatives(): readonly Native[] {
  const patterns = new Patterns()
  return [
    native('regexp_like', ['VARCHAR', 'VARCHAR'], 'BOOLEAN', (text, pattern) => patterns.get(pattern).test(text)),
    native('regexp_count', ['VARCHAR', 'VARCHAR'], 'BIGINT', (text, pattern) =>
      BigInt(matches(patterns.get(pattern), text).length),
    ),
    native('regexp_extract', ['VARCHAR', 'VARCHAR', 'BIGINT'], 'VARCHAR', (text, pattern, group) => {
      const regex = patterns.get(pattern)
      const wanted = checkGroup(regex, group)
      return regex.exec(text)?.[wanted] ?? null
    }),
    native('regexp_extract_all', ['VARCHAR', 'VARCHAR', 'BIGINT'], 'VARCHAR[]', (text, pattern, group) => {
      const regex = patterns.get(pattern)
      const wanted = checkGroup(regex, group)
      return matches(regex, text).map((match) => match[wanted] ?? null)
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
    native('regexp_groups', ['VARCHAR', 'VARCHAR'], 'VARCHAR[][]', (text, pattern) =>
      matches(patterns.get(pattern), text).map((match) => match.slice(1).map((group) => group ?? null)),
    ),
  ]
}
