/** As much Markdown as dashboards have: headings, lists, links to elsewhere, bold, code. Nothing in it is HTML. */
import type { JSX } from 'preact'

export function Markdown({ text }: { text: string }): JSX.Element {
  return <div class="markdown">{text.split('\n').map((line, at) => lineOf(line, `${at}`))}</div>
}

function lineOf(line: string, key: string): JSX.Element {
  const heading = /^(#{1,6})\s+(.*)$/.exec(line)
  if (heading)
    return (
      <p key={key} class={`heading h${heading[1]?.length}`}>
        {spans(heading[2] ?? '')}
      </p>
    )
  const item = /^\s*[-*]\s+(.*)$/.exec(line)
  if (item)
    return (
      <p key={key} class="item">
        {spans(item[1] ?? '')}
      </p>
    )
  return <p key={key}>{spans(line)}</p>
}

function spans(text: string): (string | JSX.Element)[] {
  return text.split(/(\*\*[^*]+\*\*|`[^`]+`|\[[^\]]+\]\([^)]+\))/).map((part, at) => {
    const key = `${at}`
    if (part.startsWith('**')) return <strong key={key}>{part.slice(2, -2)}</strong>
    if (part.startsWith('`')) return <code key={key}>{part.slice(1, -1)}</code>
    const target = /^\[([^\]]+)\]\((https?:\/\/[^)]+)\)$/.exec(part)
    if (!target) return part
    return (
      <a key={key} href={target[2]} target="_blank" rel="noreferrer">
        {target[1]}
      </a>
    )
  })
}
