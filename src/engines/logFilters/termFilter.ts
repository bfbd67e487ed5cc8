/** Log filters by terms: all of them, none of those with a `-`, or one of those with a `?`. */
import type { LogFilter } from './logFilter.ts'
import { InvalidLogFilter, regularExpression } from './wantedText.ts'

interface Term {
  kind: 'include' | 'exclude' | 'optional'
  /** Absent for a regular expression. */
  text?: string
  matches(message: string): boolean
}

const termSource = /\s*([?-])?(?:"((?:[^"\\]|\\.)*)"|%((?:[^%\\]|\\.)+)%|([^\s"%?-][^\s"%]*))(?=\s|$)/y

/** Optional terms count only where there are no others: that is how AWS reads a mixture. Errors: InvalidLogFilter. */
export function parseTerms(text: string): LogFilter {
  const terms = readTerms(text)
  const included = terms.filter(({ kind }) => kind === 'include')
  const excluded = terms.filter(({ kind }) => kind === 'exclude')
  const optional = included.length + excluded.length > 0 ? [] : terms
  const anyOf = neededTexts(included, optional)
  return {
    passes: (message) =>
      included.every((term) => term.matches(message)) &&
      !excluded.some((term) => term.matches(message)) &&
      (optional.length === 0 || optional.some((term) => term.matches(message))),
    names: false,
    expressions: terms.filter((term) => term.text === undefined).length,
    valueOf: () => undefined,
    extracted: () => ({}),
    ...(anyOf && { anyOf }),
  }
}

function neededTexts(included: readonly Term[], optional: readonly Term[]): string[] | undefined {
  const texts = included.flatMap((term) => term.text || []).sort((left, right) => right.length - left.length)
  if (texts[0] !== undefined) return [texts[0]]
  if (optional.length > 0 && optional.every((term) => term.text)) return optional.map((term) => term.text as string)
  return undefined
}

function readTerms(text: string): Term[] {
  const terms: Term[] = []
  const term = new RegExp(termSource)
  while (term.lastIndex < text.length) {
    const at = term.lastIndex
    const match = term.exec(text)
    if (!match) throw new InvalidLogFilter(`Invalid filter pattern at ${JSON.stringify(text.slice(at).trim())}`)
    const [, sign, quoted, expression, word] = match
    const kind = sign === '-' ? 'exclude' : sign === '?' ? 'optional' : 'include'
    if (word !== undefined && !/^[\p{L}\p{N}_]+$/u.test(word)) {
      throw new InvalidLogFilter(`Invalid character(s) in term '${word}'`)
    }
    terms.push(expression === undefined ? exactTerm(kind, word ?? unescaped(quoted)) : expressionTerm(kind, expression))
  }
  return terms
}

function unescaped(quoted = ''): string {
  return quoted.replace(/\\(.)/gs, '$1')
}

function exactTerm(kind: Term['kind'], text: string): Term {
  return { kind, text, matches: (message) => message.includes(text) }
}

function expressionTerm(kind: Term['kind'], source: string): Term {
  const expression = regularExpression(source)
  return { kind, matches: (message) => expression.test(message) }
}
