/**
 * From one entry of a pattern's list to a matcher. Checks come in AWS's order and words: a test of theirs that
 * expects an error's text finds it here.
 */
import { AddressError, addressDigits, cidrRange } from './addresses.ts'
import { comparableNumber, numberKey } from './decimals.ts'
import { foldedEquals, foldedPrefix, foldedSuffix } from './ignoreCase.ts'
import type { JsonNode } from './jsonText.ts'
import { isNumeric, type Matcher, type NumericBound } from './matchers.ts'
import { parseWildcard, WildcardError } from './wildcards.ts'

export class MatcherError extends Error {}

type Entries = [key: string, value: JsonNode][]

const onlyOneKey = 'Only one key allowed in match expression'
const tooManyElements = 'Too many elements in numeric expression'
const numberMax = 5e9

/** The matchers of one list. Only together do they tell how the field's values are read. */
export function compileMatchers(nodes: JsonNode[]): Matcher[] {
  const matchers = nodes.map(compileMatcher)
  if (!matchers.some(isNumeric)) return matchers
  return matchers.map((matcher) => (matcher.kind === 'cidr' ? { ...matcher, readsNumbers: false } : matcher))
}

function compileMatcher(node: JsonNode): Matcher {
  switch (node.kind) {
    case 'string':
      return exactText(node.text)
    case 'number':
      return { kind: 'number', key: numberKey(node.text) }
    case 'literal':
      return { kind: 'literal', text: node.text }
    case 'object':
      return expression(node.entries)
    default:
      throw new MatcherError('Match value must be String, number, true, false, or null')
  }
}

/** A string that is an IP address matches every spelling of that address. */
function exactText(text: string): Matcher {
  const digits = addressDigits(text)
  return digits ? { kind: 'address', text, range: { low: digits, high: digits } } : { kind: 'string', text }
}

function expression(entries: Entries): Matcher {
  const [name, value] = firstOf(entries, 'Match expression name not found')
  const matcher = operator(name, value)
  if (entries.length > 1) {
    throw new MatcherError(name === 'numeric' || name === 'anything-but' ? tooManyElements : onlyOneKey)
  }
  return matcher
}

function operator(name: string, value: JsonNode): Matcher {
  switch (name) {
    case 'exactly':
      return { kind: 'string', text: textOf(value, 'exact match pattern must be a string') }
    case 'prefix':
      return prefix(value)
    case 'suffix':
      return suffix(value)
    case 'numeric':
      return numeric(value)
    case 'anything-but':
      return anythingBut(value)
    case 'exists':
      return exists(value)
    case 'cidr':
      return cidr(value)
    case 'equals-ignore-case':
      return ignoreCase(textOf(value, 'equals-ignore-case match pattern must be a string'))
    case 'wildcard':
      return wildcard(textOf(value, 'wildcard match pattern must be a string'))
    default:
      throw new MatcherError(`Unrecognized match type ${name}`)
  }
}

function prefix(value: JsonNode): Matcher {
  if (value.kind !== 'object') return { kind: 'prefix', text: textOf(value, 'prefix match pattern must be a string') }
  const text = ignoreCaseInside('prefix', value.entries)
  return { kind: 'folded', text, reach: 'prefix', expression: foldedPrefix(text) }
}

function suffix(value: JsonNode): Matcher {
  if (value.kind !== 'object') return { kind: 'suffix', text: textOf(value, 'suffix match pattern must be a string') }
  const text = ignoreCaseInside('suffix', value.entries)
  return { kind: 'folded', text, reach: 'suffix', expression: foldedSuffix(text) }
}

function ignoreCaseInside(outer: 'prefix' | 'suffix', entries: Entries): string {
  const [name, value] = firstOf(entries, `${outer === 'prefix' ? 'Prefix' : 'Suffix'} expression name not found`)
  if (name !== 'equals-ignore-case') throw new MatcherError(`Unsupported ${outer} pattern: ${name}`)
  const text = textOf(value, 'equals-ignore-case match pattern must be a string')
  if (entries.length > 1) throw new MatcherError(onlyOneKey)
  return text
}

function ignoreCase(text: string): Matcher {
  return { kind: 'folded', text, reach: 'whole', expression: foldedEquals(text) }
}

function wildcard(text: string): Matcher {
  try {
    return { kind: 'wildcard', text, parts: parseWildcard(text) }
  } catch (error) {
    if (error instanceof WildcardError) throw new MatcherError(error.message)
    throw error
  }
}

function cidr(value: JsonNode): Matcher {
  const text = textOf(value, 'prefix match pattern must be a string')
  try {
    return { kind: 'cidr', range: cidrRange(text), readsNumbers: true }
  } catch (error) {
    if (error instanceof AddressError) throw new MatcherError(error.message)
    throw error
  }
}

function exists(value: JsonNode): Matcher {
  if (value.kind !== 'literal' || value.text === 'null') {
    throw new MatcherError('exists match pattern must be either true or false.')
  }
  return { kind: 'exists', wanted: value.text === 'true' }
}

function numeric(value: JsonNode): Matcher {
  if (value.kind !== 'array') throw new MatcherError('Value of numeric must be an array.')
  const [operatorNode, bound, ...rest] = value.items
  if (operatorNode?.kind !== 'string') {
    throw new MatcherError(`Invalid member in numeric match: ${tokenOf(operatorNode)}`)
  }
  const sign = operatorNode.text
  if (!['=', '<', '<=', '>', '>='].includes(sign)) {
    throw new MatcherError(`Unrecognized numeric range operator: ${sign}`)
  }
  const first = boundOf(bound, sign)
  if (sign === '>' || sign === '>=') return rangeFrom(first, rest)
  if (rest.length > 0) throw new MatcherError(tooManyElements)
  if (sign === '=') return { kind: 'number', key: String(first.value) }
  return { kind: 'range', high: first }
}

function rangeFrom(low: NumericBound, rest: JsonNode[]): Matcher {
  const [operatorNode, bound, ...more] = rest
  if (!operatorNode) return { kind: 'range', low }
  if (operatorNode.kind !== 'string') throw new MatcherError(`Bad value in numeric range: ${tokenOf(operatorNode)}`)
  const sign = operatorNode.text
  if (sign !== '<' && sign !== '<=') throw new MatcherError(`Bad numeric range operator: ${sign}`)
  const high = boundOf(bound, sign)
  if (more.length > 0) throw new MatcherError('Too many terms in numeric range expression')
  if (low.value >= high.value) throw new MatcherError('Bottom must be less than top')
  return { kind: 'range', low, high }
}

function boundOf(node: JsonNode | undefined, sign: string): NumericBound {
  if (node?.kind !== 'number') throw new MatcherError(`Value of ${sign === '=' ? 'equals' : sign} must be numeric`)
  if (Math.abs(Number(node.text)) > numberMax) {
    throw new MatcherError('Value must be between -5.0E9 and 5.0E9, inclusive')
  }
  return { value: mustCompare(node.text), inclusive: sign !== '<' && sign !== '>' }
}

function mustCompare(text: string): number {
  const value = comparableNumber(text)
  if (value === undefined) throw new MatcherError(`Cannot compare number : ${text}`)
  return value
}

function anythingBut(value: JsonNode): Matcher {
  if (value.kind === 'object') return anythingButOperator(value.entries)
  if (value.kind === 'array') return anythingButList(value.items)
  if (value.kind === 'literal') throw notListable()
  return { kind: 'anythingBut', barred: [plainValue(value)] }
}

function anythingButList(items: JsonNode[]): Matcher {
  const barred = items.map((item) => {
    if (item.kind === 'string' || item.kind === 'number') return plainValue(item)
    throw new MatcherError('Inside anything but list, start|null|boolean is not supported.')
  })
  if (new Set(items.map((item) => item.kind)).size !== 1) {
    throw new MatcherError(
      'Inside anything but list, either all values are number or string, mixed type is not supported',
    )
  }
  return { kind: 'anythingBut', barred }
}

/** Unlike an exact match, anything-but compares addresses as plain text. */
function plainValue(node: Extract<JsonNode, { kind: 'string' | 'number' }>): Matcher {
  if (node.kind === 'string') return { kind: 'string', text: node.text }
  return { kind: 'number', key: String(mustCompare(node.text)) }
}

function anythingButOperator(entries: Entries): Matcher {
  const [name, value] = firstOf(entries, 'Anything-But expression name not found')
  if (!['equals-ignore-case', 'prefix', 'suffix', 'wildcard'].includes(name)) {
    throw new MatcherError(`Unsupported anything-but pattern: ${name}`)
  }
  if (value.kind === 'object' || value.kind === 'literal') throw notListable()
  const items = value.kind === 'array' ? value.items : [value]
  const texts = items.map((item) => barredText(name, item))
  if (texts.length === 0) throw new MatcherError('Empty arrays are not allowed')
  const barred = texts.map((text) => barredMatcher(name, text))
  if (entries.length > 1) throw new MatcherError(tooManyElements)
  return { kind: 'anythingBut', barred }
}

function barredText(name: string, item: JsonNode): string {
  if (name === 'equals-ignore-case') {
    return textOf(item, 'Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.')
  }
  if (name === 'wildcard') return textOf(item, 'wildcard match pattern must be a string')
  const text = textOf(item, 'prefix/suffix match pattern must be a string')
  if (text === '') throw new MatcherError('Null prefix/suffix not allowed')
  return text
}

function barredMatcher(name: string, text: string): Matcher {
  if (name === 'equals-ignore-case') return ignoreCase(text)
  if (name === 'wildcard') return wildcard(text)
  return name === 'prefix' ? { kind: 'prefix', text } : { kind: 'suffix', text }
}

function notListable(): MatcherError {
  return new MatcherError('Value of anything-but must be an array or single string/number value.')
}

function firstOf(entries: Entries, whenEmpty: string): [string, JsonNode] {
  const first = entries[0]
  if (!first) throw new MatcherError(whenEmpty)
  return first
}

function textOf(node: JsonNode, otherwise: string): string {
  if (node.kind !== 'string') throw new MatcherError(otherwise)
  return node.text
}

/** The parser's token, which is what AWS prints for a value in the wrong place. */
function tokenOf(node: JsonNode | undefined): string {
  if (!node) return ']'
  if (node.kind === 'object') return '{'
  return node.kind === 'array' ? '[' : node.text
}
