/**
 * Search expressions: which metrics a SEARCH means.
 * Source: docs.aws.amazon.com, Amazon CloudWatch User Guide, "CloudWatch search expression syntax".
 */
import { MathError } from './mathSyntax.ts'
import type { MetricName } from './series.ts'

export type MetricTest = (metric: MetricName) => boolean

/** `{AWS/Lambda,FunctionName} MetricName="Errors" my-function`. Errors: MathError. */
export function parseSearch(text: string): MetricTest {
  const schema = /^\s*\{([^}]*)\}/.exec(text)
  const terms = schema ? text.slice(schema[0].length) : text
  const ofSchema = schema ? schemaTest(schema[1] as string) : () => true
  const ofTerms = new TermParser(terms).whole()
  return (metric) => ofSchema(metric) && ofTerms(metric)
}

/** A namespace and exactly the names of the dimensions. */
function schemaTest(text: string): MetricTest {
  const parts = [...text.matchAll(/\s*(?:"((?:[^"\\]|\\.)*)"|([^,]+?))\s*(?:,|$)/g)].map(
    (match) => match[1] ?? match[2] ?? '',
  )
  const [namespace, ...names] = parts
  const wanted = names.sort().join('\0')
  return (metric) =>
    metric.namespace === namespace &&
    metric.dimensions
      .map(({ name }) => name)
      .sort()
      .join('\0') === wanted
}

const termPattern = /\s*(?:([()])|((?:"(?:[^"\\]|\\.)*"|:?[^\s()="]+)\s*=\s*)?("(?:[^"\\]|\\.)*"|\(|[^\s()"]+))/y

/** Deeper ones are no search that a person wrote. */
const depthMax = 100

class TermParser {
  readonly #text: string
  #at = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text.trimEnd()
  }

  whole(): MetricTest {
    if (this.#text.trim() === '') return () => true
    const test = this.#any()
    if (this.#at < this.#text.length) throw new MathError(`Unexpected text in the search at position ${this.#at + 1}.`)
    return test
  }

  #any(): MetricTest {
    const all = [this.#all()]
    while (this.#word('OR')) all.push(this.#all())
    return (metric) => all.some((test) => test(metric))
  }

  /** Terms beside each other mean AND. */
  #all(): MetricTest {
    const all = [this.#not()]
    for (;;) {
      if (this.#word('AND')) all.push(this.#not())
      else if (this.#ends()) break
      else all.push(this.#not())
    }
    return (metric) => all.every((test) => test(metric))
  }

  #ends(): boolean {
    const rest = this.#text.slice(this.#at).trimStart()
    return rest === '' || rest.startsWith(')') || /^OR\b/.test(rest)
  }

  #not(): MetricTest {
    if (!this.#word('NOT')) return this.#term()
    const test = this.#not()
    return (metric) => !test(metric)
  }

  #term(designator?: string): MetricTest {
    const pattern = new RegExp(termPattern)
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (!match || match[1] === ')') throw new MathError(`A search term is missing at position ${this.#at + 1}.`)
    if (match[1] === '(') {
      this.#at = pattern.lastIndex
      return this.#closed(() => this.#any())
    }
    const named = match[2] === undefined ? designator : unquoted(match[2].replace(/\s*=\s*$/, ''))
    this.#at = pattern.lastIndex
    // `MetricName=(a OR b)`: each term within is of that property.
    if (match[3] === '(') return this.#closed(() => this.#alternatives(named as string))
    return termTest(named, match[3] as string)
  }

  #alternatives(designator: string): MetricTest {
    const all = [this.#term(designator)]
    while (this.#word('OR')) all.push(this.#term(designator))
    return (metric) => all.some((test) => test(metric))
  }

  #closed(inner: () => MetricTest): MetricTest {
    if (++this.#depth > depthMax) throw new MathError('The search is nested too deeply.')
    const test = inner()
    this.#depth--
    const close = /\s*\)/y
    close.lastIndex = this.#at
    if (!close.test(this.#text)) throw new MathError('A parenthesis of the search is not closed.')
    this.#at = close.lastIndex
    return test
  }

  #word(word: string): boolean {
    const pattern = new RegExp(`\\s*${word}\\b(?!\\s*=)`, 'y')
    pattern.lastIndex = this.#at
    if (!pattern.test(this.#text)) return false
    this.#at = pattern.lastIndex
    return true
  }
}

function unquoted(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text
}

/** In quotes it is the whole of a property; else a part of it, as words are parts of a text. */
function termTest(designator: string | undefined, written: string): MetricTest {
  const isWhole = written.startsWith('"')
  const text = unquoted(written)
  const wanted = text.toLowerCase()
  const matches = isWhole
    ? (property: string) => property.toLowerCase() === wanted
    : (property: string) => property.toLowerCase() === wanted || containsParts(partsOf(property), partsOf(text))
  return (metric) => propertiesOf(metric, designator).some(matches)
}

function propertiesOf({ namespace, name, dimensions }: MetricName, designator: string | undefined): string[] {
  if (designator === 'Namespace') return [namespace]
  if (designator === 'MetricName') return [name]
  if (designator !== undefined) return dimensions.filter((each) => each.name === designator).map(({ value }) => value)
  return [namespace, name, ...dimensions.flatMap((each) => [each.name, each.value])]
}

/** `CustomCount1` has the parts custom, count and 1. */
function partsOf(text: string): string[] {
  return [...text.matchAll(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g)].map(([part]) => part.toLowerCase())
}

function containsParts(parts: readonly string[], wanted: readonly string[]): boolean {
  if (wanted.length === 0) return false
  return parts.some((_, start) => wanted.every((part, index) => parts[start + index] === part))
}
