/**
 * The JSON of an event that is not just its message: what follows white space, the first fragment in a function's log
 * line, or the first 200 fields of one that has more, for AWS discovers no more than these.
 */
import { isFunctionGroup } from './lambdaFields.ts'

export const fieldsMax = 200
/** A field takes at least so many characters: `"a":1,`. */
export const fieldCharactersMin = 6

/** Undefined where the message itself is the JSON, or there is none. */
export function bodyOf(message: string, group: string): string | undefined {
  const isWhole = message.charCodeAt(0) === 0x7b
  const body = isWhole ? message : fragmentOf(message, group)
  if (body === undefined) return undefined
  if (body.length < fieldsMax * fieldCharactersMin) return isWhole ? undefined : body
  return trimmed(body) ?? (isWhole ? undefined : body)
}

function fragmentOf(message: string, group: string): string | undefined {
  const at = message.indexOf('{')
  if (at < 0) return undefined
  if (message.slice(0, at).trim() === '') return message.slice(at)
  return isFunctionGroup(group) ? balanced(message, at) : undefined
}

/** From a brace to the one that closes it. */
function balanced(message: string, from: number): string | undefined {
  let depth = 0
  for (let at = from; at < message.length; at++) {
    const char = message[at]
    if (char === '"') at = closingQuote(message, at)
    else if (char === '{') depth++
    else if (char === '}' && --depth === 0) return message.slice(from, at + 1)
  }
  return undefined
}

function closingQuote(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at
  }
  return text.length
}

/** Undefined where it has no more fields than are discovered, or is no JSON. */
function trimmed(body: string): string | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    return undefined
  }
  const left = { fields: fieldsMax }
  const kept = firstFields(parsed, left)
  return left.fields < 0 ? JSON.stringify(kept) : undefined
}

function firstFields(value: unknown, left: { fields: number }): unknown {
  if (typeof value !== 'object' || value === null) {
    left.fields--
    return left.fields < 0 ? undefined : value
  }
  if (Array.isArray(value)) return value.map((item) => firstFields(item, left))
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, firstFields(inner, left)]))
}
