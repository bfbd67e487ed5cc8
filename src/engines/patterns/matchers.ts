/**
 * One matcher: what a pattern asks of one value. A value is a string, a number as it was written, or a literal;
 * objects and arrays are never values, they are flattened before (flattening.ts).
 */
import { type AddressRange, addressDigits, isWithin } from './addresses.ts'
import { comparableNumber, numberKey } from './decimals.ts'
import type { CaseFolded } from './ignoreCase.ts'
import { matchesWildcard, type WildcardParts } from './wildcards.ts'

export interface Value {
  kind: 'string' | 'number' | 'literal'
  text: string
}

export interface NumericBound {
  value: number
  inclusive: boolean
}

export type Matcher =
  | { kind: 'string'; text: string }
  | { kind: 'address'; text: string; range: AddressRange }
  | { kind: 'number'; key: string }
  | { kind: 'literal'; text: string }
  | { kind: 'prefix'; text: string }
  | { kind: 'suffix'; text: string }
  | { kind: 'folded'; text: string; reach: 'whole' | 'prefix' | 'suffix'; expression: CaseFolded }
  | { kind: 'wildcard'; text: string; parts: WildcardParts }
  | { kind: 'range'; low?: NumericBound; high?: NumericBound }
  | { kind: 'cidr'; range: AddressRange; readsNumbers: boolean }
  | { kind: 'exists'; wanted: boolean }
  | { kind: 'anythingBut'; barred: Matcher[] }

/** Whether the value satisfies the matcher. `exists: false` is about no value at all, so no value satisfies it. */
export function accepts(matcher: Matcher, value: Value): boolean {
  switch (matcher.kind) {
    case 'exists':
      return matcher.wanted
    case 'anythingBut':
      return !matcher.barred.some((barred) => accepts(barred, value))
    case 'literal':
      return value.kind === 'literal' && value.text === matcher.text
    case 'number':
      return value.kind === 'number' && isSameNumber(value.text, matcher.key)
    case 'range':
      // Whether a double holds the number exactly costs more than the rest, so it is asked last.
      return (
        value.kind === 'number' && isBetween(Number(value.text), matcher) && comparableNumber(value.text) !== undefined
      )
    case 'cidr':
      // A field that no other matcher reads as a number keeps a number's text, and EventBridge compares that too; so it
      // does where there is no such number.
      if (value.kind === 'number')
        return (
          isWithin(value.text, matcher.range) && (matcher.readsNumbers || comparableNumber(value.text) === undefined)
        )
      return value.kind === 'string' && acceptsText(matcher, value.text)
    default:
      return value.kind === 'string' && acceptsText(matcher, value.text)
  }
}

function isSameNumber(text: string, key: string): boolean {
  return text === key || (Number(text) === Number(key) && numberKey(text) === key)
}

/** Whether the matcher makes EventBridge read the field's values as numbers. */
export function isNumeric(matcher: Matcher): boolean {
  if (matcher.kind === 'anythingBut') return matcher.barred.some(isNumeric)
  return matcher.kind === 'number' || matcher.kind === 'range'
}

type TextMatcher = Extract<
  Matcher,
  { kind: 'string' | 'address' | 'prefix' | 'suffix' | 'folded' | 'wildcard' | 'cidr' }
>

function acceptsText(matcher: TextMatcher, text: string): boolean {
  switch (matcher.kind) {
    case 'string':
      return text === matcher.text
    case 'prefix':
      return text.startsWith(matcher.text)
    case 'suffix':
      return text.endsWith(matcher.text)
    case 'folded':
      return matcher.expression.test(text)
    case 'wildcard':
      return matchesWildcard(matcher.parts, text)
    default: {
      const digits = addressDigits(text)
      return digits !== undefined && isWithin(digits, matcher.range)
    }
  }
}

export function isBetween(value: number, { low, high }: { low?: NumericBound; high?: NumericBound }): boolean {
  if (low && (value < low.value || (value === low.value && !low.inclusive))) return false
  return !high || value < high.value || (value === high.value && high.inclusive)
}
