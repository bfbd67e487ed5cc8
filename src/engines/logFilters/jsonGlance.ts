/**
 * A glance at JSON that is not parsed: whether a value that satisfies a condition stands behind a name, at any depth.
 * Where none does, the condition cannot hold, and most messages need no parsing.
 */
import type { Step } from './jsonSelectors.ts'

export type Glance = (message: string) => boolean

/** Undefined where the last step is no plain name. */
export function glanceBehind(
  steps: readonly Step[],
  satisfies: (value: string | number) => boolean,
): Glance | undefined {
  const name = steps[steps.length - 1]
  if (typeof name !== 'string' || name === 'every element' || !/^[A-Za-z0-9_.:@ -]+$/.test(name)) return undefined
  const quoted = `"${name}"`
  return (message) => {
    for (let at = message.indexOf(quoted); at >= 0; at = message.indexOf(quoted, at + 1)) {
      const value = valueBehind(message, at + quoted.length)
      if (value === unknown || (value !== nothing && satisfies(value))) return true
    }
    return message.includes('\\u')
  }
}

/** Only parsing tells: a text with escapes, or no JSON at all. */
const unknown = Symbol('unknown')
/** No name of a member, or one whose value is none that conditions look at. */
const nothing = Symbol('nothing')

/** Without a regular expression: this looks at every message of a search. */
function valueBehind(message: string, from: number): string | number | typeof unknown | typeof nothing {
  let at = afterBlanks(message, from)
  if (message[at] !== ':') return nothing
  at = afterBlanks(message, at + 1)
  const first = message[at]
  if (first === undefined) return unknown
  if (first === '"') {
    const end = message.indexOf('"', at + 1)
    const text = message.slice(at + 1, end)
    return end < 0 || text.includes('\\') ? unknown : text
  }
  if (first === '{' || first === '[' || first === 'n') return nothing
  if (first === 't') return 'true'
  if (first === 'f') return 'false'
  return numberAt(message, at)
}

function numberAt(message: string, from: number): number | typeof unknown {
  let end = from
  while (isNumberCode(message.charCodeAt(end))) end++
  return end > from ? Number(message.slice(from, end)) : unknown
}

/** Digits, `+`, `-`, `.`, `e`, `E`. */
function isNumberCode(code: number): boolean {
  return (code >= 48 && code <= 57) || code === 43 || code === 45 || code === 46 || code === 101 || code === 69
}

function afterBlanks(message: string, from: number): number {
  let at = from
  while (message.charCodeAt(at) <= 32) at++
  return at
}
