/**
 * The `Detail` of an event, without its white space and otherwise as it was written: numbers keep their text, repeated keys
 * stay. Most details are taken over by slices; only what would be spelled otherwise when written anew is read and written.
 */
import { JsonSyntaxError, readJson, writeJson } from '../../engines/patterns/jsonText.ts'

/** Opened objects and lists up to here are nested less than any reader's limit, however they are nested. */
const openedMax = 500
/** `\u0041` and `\/` have shorter spellings, and half a surrogate pair has none but an escape. */
const spelledAnew = /\\[u/]|\p{Surrogate}/u

/** Undefined where the text is no JSON object, or one that is too deep for the envelope that it will be a member of. */
export function compactDetail(text: string): string | undefined {
  try {
    const value = JSON.parse(text) as unknown
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return sliced(text) ?? rewritten(text)
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof JsonSyntaxError) return undefined
    throw error
  }
}

/** Undefined where slices would not be what a writer writes. */
function sliced(text: string): string | undefined {
  if (spelledAnew.test(text)) return undefined
  let compact = ''
  let opened = 0
  /** What was not taken over yet begins here. */
  let from = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) at = endOfString(text, at)
    else if (code === space || (code >= tab && code <= carriageReturn)) {
      compact += text.slice(from, at)
      from = at + 1
    } else if ((code === brace || code === bracket) && ++opened > openedMax) return undefined
  }
  return from === 0 ? text : compact + text.slice(from)
}

const [quote, space, tab, carriageReturn, brace, bracket, backslash] = [34, 32, 9, 13, 123, 91, 92]

/** Where the string that begins at `start` has its closing quote. The text is valid JSON. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0
  while (text.charCodeAt(at - 1 - backslashes) === backslash) backslashes++
  return backslashes % 2 === 1
}

function rewritten(text: string): string | undefined {
  const envelope = readJson(`{"detail":${text}}`)
  const detail = envelope.kind === 'object' ? envelope.entries[0]?.[1] : undefined
  return detail?.kind === 'object' ? writeJson(detail) : undefined
}
