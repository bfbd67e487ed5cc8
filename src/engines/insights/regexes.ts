/**
 * Regular expressions: the engine's own (RE2, fast) where it knows the construct, and JavaScript's where the expression
 * looks around or back, which RE2 cannot.
 */
import { InsightsError, type Span } from './insightsError.ts'

export interface Regex {
  source: string
  /** Run by our own function and not by the engine. */
  isForeign: boolean
  /** Of its capturing groups, in their order; undefined where one has no name. */
  groups: (string | undefined)[]
}

/** Errors: InsightsError where it is no regular expression. */
export function regexOf(written: string, span: Span): Regex {
  const isForeign = /\(\?(?:[=!]|<[=!]|>)|\\[1-9]|\\k</.test(written.replace(/\\\\/g, '__'))
  const plain = written.replaceAll('(?P<', '(?<')
  try {
    javascriptRegex(plain)
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*: /, '') : 'not understood'
    throw new InsightsError(`invalid regular expression: ${reason}`, span)
  }
  return { source: isForeign ? plain : plain.replace(/\(\?<(?![=!])/g, '(?P<'), isForeign, groups: groupsOf(plain) }
}

/** Flags may stand anywhere in AWS's expressions, `^(?i)error$`; JavaScript has them for the whole. */
export function javascriptRegex(source: string): RegExp {
  let flags = ''
  const rest = source.replace(/\(\?([imsx]+)\)/g, (_, found: string) => {
    for (const flag of found) if ('ims'.includes(flag) && !flags.includes(flag)) flags += flag
    return ''
  })
  const bare = rest
    .replace(/\\A/g, '^')
    .replace(/\\[zZ]/g, '$')
    .replace(/\(\?[ims]+:/g, '(?:')
  return new RegExp(bare.replace(/\[\[:(\w+):\]\]/g, '\\w'), flags)
}

function groupsOf(source: string): (string | undefined)[] {
  const groups: (string | undefined)[] = []
  let isInClass = false
  for (let at = 0; at < source.length; at++) {
    const char = source[at]
    if (char === '\\') at++
    else if (char === '[') isInClass = true
    else if (char === ']') isInClass = false
    else if (char === '(' && !isInClass) {
      const name = /^\(\?<([A-Za-z_]\w*)>/.exec(source.slice(at))?.[1]
      if (name !== undefined || source[at + 1] !== '?') groups.push(name)
    }
  }
  return groups
}

/** `user=*, method:*` as a regular expression: each star takes as little as it can, one at either end all there is. */
export function globRegex(glob: string): { source: string; stars: number } {
  const parts = glob.split('*')
  const texts = parts.map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
  const begin = parts.length > 1 && parts[0] === '' ? '^' : ''
  const end = parts.length > 1 && parts[parts.length - 1] === '' ? '$' : ''
  return { source: `(?s)${begin}${texts.join('(.*?)')}${end}`, stars: parts.length - 1 }
}
