/**
 * Filter patterns of CloudWatch Logs: terms (`ERROR -debug "exact words" %regex%`, `?this ?that`), JSON conditions
 * (`{ $.level = "ERROR" && $.ms > 100 }`), space-delimited fields (`[ip, ..., status=4*]`).
 * Syntax: CloudWatch Logs User Guide, "Filter pattern syntax".
 */
import { parseFieldFilter } from './logFieldFilter.ts'
import { InvalidLogFilter, regularExpression } from './logFilterText.ts'
import { parseJsonFilter } from './logJsonFilter.ts'

export type LogFilter = (message: string) => boolean

const patternCharactersMax = 1_024

/** Errors: InvalidLogFilter. */
export function compileLogFilter(pattern: string): LogFilter {
  if (pattern.length > patternCharactersMax) throw new InvalidLogFilter('The filter pattern is too long.')
  const text = pattern.trim()
  if (text === '') return () => true
  if (text.startsWith('{')) return parseJsonFilter(text)
  if (text.startsWith('[')) return parseFieldFilter(text)
  return parseTerms(text)
}

interface Term {
  kind: 'include' | 'exclude' | 'optional'
  matches: LogFilter
}

/** Optional terms count only where there are no others: that is how AWS reads a mixture. */
function parseTerms(text: string): LogFilter {
  const terms = readTerms(text)
  const included = terms.filter(({ kind }) => kind === 'include')
  const excluded = terms.filter(({ kind }) => kind === 'exclude')
  const optional = included.length + excluded.length > 0 ? [] : terms.filter(({ kind }) => kind === 'optional')
  return (message) =>
    included.every(({ matches }) => matches(message)) &&
    !excluded.some(({ matches }) => matches(message)) &&
    (optional.length === 0 || optional.some(({ matches }) => matches(message)))
}

function readTerms(text: string): Term[] {
  const terms: Term[] = []
  const term = /\s*([?-])?(?:"((?:[^"\\]|\\.)*)"|%((?:[^%\\]|\\.)+)%|([^\s"%?-][^\s"%]*))(?=\s|$)/y
  while (term.lastIndex < text.length) {
    const at = term.lastIndex
    const match = term.exec(text)
    if (!match) throw new InvalidLogFilter(`Invalid filter pattern at ${JSON.stringify(text.slice(at).trim())}`)
    const [, sign, quoted, expression, word] = match
    const kind = sign === '-' ? 'exclude' : sign === '?' ? 'optional' : 'include'
    if (word !== undefined && !/^[\p{L}\p{N}_]+$/u.test(word)) {
      throw new InvalidLogFilter(`Invalid character(s) in term '${word}'`)
    }
    terms.push({ kind, matches: termMatcher(quoted, expression, word) })
  }
  return terms
}

function termMatcher(quoted: string | undefined, expression: string | undefined, word: string | undefined): LogFilter {
  if (expression !== undefined) {
    const compiled = regularExpression(expression)
    return (message) => compiled.test(message)
  }
  const wanted = word ?? (quoted as string).replace(/\\(.)/gs, '$1')
  return (message) => message.includes(wanted)
}
