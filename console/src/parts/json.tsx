/** JSON as people read it: indented, its kinds in colours. Small on purpose; editing is another part's. */
import type { JSX } from 'preact'
import { Scrolled } from './scrolled.tsx'

const token = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g
const charactersMax = 60_000

export function Json({ value, label }: { value: unknown; label: string }): JSX.Element {
  const text = typeof value === 'string' ? pretty(value) : JSON.stringify(value, null, 2)
  return (
    <Scrolled class="code" label={label}>
      {coloured(text.slice(0, charactersMax))}
      {text.length > charactersMax && ' …'}
    </Scrolled>
  )
}

/** Indented where it is JSON, else as it is. */
export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

function coloured(text: string): (string | JSX.Element)[] {
  const parts: (string | JSX.Element)[] = []
  let end = 0
  for (const match of text.matchAll(token)) {
    parts.push(text.slice(end, match.index))
    const [whole, quoted, colon, word] = match
    const kind = quoted ? (colon ? 'key' : 'text') : word ? 'word' : 'figure'
    parts.push(
      <span key={match.index} class={`json-${kind}`}>
        {quoted ?? whole}
      </span>,
    )
    if (colon) parts.push(colon)
    end = match.index + whole.length
  }
  parts.push(text.slice(end))
  return parts
}
