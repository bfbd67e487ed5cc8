/**
 * Reads the small XML documents that clients send: elements, attributes, text, CDATA. Entities are the five of XML and
 * character references; a document type is refused, so nothing can expand or reach outside.
 */
export interface XmlElement {
  name: string
  attributes: Record<string, string>
  children: XmlElement[]
  text: string
}

export class XmlError extends Error {}

const nestingMax = 100
const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }
const nameEnd = /[\s/>=]/g
const attributePattern = /\s*([^\s=/>]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/y

export function parseXml(source: string): XmlElement {
  const root: XmlElement = { name: '', attributes: {}, children: [], text: '' }
  const open = [root]
  let at = source.charCodeAt(0) === 0xfeff ? 1 : 0
  while (at < source.length) {
    const next = source.indexOf('<', at)
    const text = source.slice(at, next < 0 ? source.length : next)
    const current = open[open.length - 1]!
    if (text) addText(current, unescapeXml(text), open.length === 1)
    if (next < 0) break
    if (source.startsWith('<!--', next)) at = endOf(source, '-->', next)
    else if (source.startsWith('<![CDATA[', next)) {
      at = endOf(source, ']]>', next)
      addText(current, source.slice(next + 9, at - 3), open.length === 1)
    } else if (source.startsWith('<?', next)) at = endOf(source, '?>', next)
    else if (source.startsWith('<!', next)) throw new XmlError('A document type is not allowed.')
    else if (source.startsWith('</', next)) {
      at = endOf(source, '>', next)
      if (localName(source.slice(next + 2, at - 1).trim()) !== current.name || open.length === 1) {
        throw new XmlError(`Unexpected end tag at ${next}.`)
      }
      open.pop()
    } else at = openElement(source, next, open)
  }
  if (open.length !== 1 || root.children.length !== 1) throw new XmlError('The document has no single root element.')
  return root.children[0]!
}

function openElement(source: string, start: number, open: XmlElement[]): number {
  nameEnd.lastIndex = start + 1
  const end = nameEnd.exec(source)?.index
  if (end === undefined || end === start + 1) throw new XmlError(`Malformed tag at ${start}.`)
  const element: XmlElement = { name: localName(source.slice(start + 1, end)), attributes: {}, children: [], text: '' }
  let at = end
  for (;;) {
    attributePattern.lastIndex = at
    const match = attributePattern.exec(source)
    if (!match) break
    element.attributes[match[1]!] = unescapeXml(match[2] ?? match[3] ?? '')
    at = attributePattern.lastIndex
  }
  while (/\s/.test(source[at] ?? '')) at++
  const empty = source.startsWith('/>', at)
  if (!empty && source[at] !== '>') throw new XmlError(`Malformed tag at ${start}.`)
  open[open.length - 1]!.children.push(element)
  if (!empty) open.push(element)
  if (open.length > nestingMax) throw new XmlError('The document is nested too deeply.')
  return at + (empty ? 2 : 1)
}

function addText(element: XmlElement, text: string, outside: boolean): void {
  if (!outside) element.text += text
  else if (text.trim() !== '') throw new XmlError('Text outside of the root element.')
}

/** Clients put prefixes as they like; no two names of AWS differ by namespace alone. */
function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

function endOf(source: string, mark: string, from: number): number {
  const found = source.indexOf(mark, from)
  if (found < 0) throw new XmlError(`Expected ${mark} after ${from}.`)
  return found + mark.length
}

function unescapeXml(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(#x[0-9a-fA-F]+|#\d+|\w+);?/g, (whole, entity: string) => {
    if (!entity.startsWith('#')) {
      const known = entities[entity]
      if (known === undefined) throw new XmlError(`Unknown entity ${whole}.`)
      return known
    }
    const code = entity[1] === 'x' ? Number.parseInt(entity.slice(2), 16) : Number(entity.slice(1))
    if (!(code <= 0x10ffff)) throw new XmlError(`Unknown character ${whole}.`)
    return String.fromCodePoint(code)
  })
}

const special = /[&<>"'\u2028]|[^\P{Cc}\t\n]/gu

/** Line ends are spelled out, since XML readers change them; what XML cannot hold is sent as AWS sends it. */
export function escapeXml(text: string): string {
  return text.replace(special, (character) => {
    switch (character) {
      case '&':
        return '&amp;'
      case '<':
        return '&lt;'
      case '>':
        return '&gt;'
      case '"':
        return '&quot;'
      case "'":
        return '&apos;'
      default:
        return `&#x${character.charCodeAt(0).toString(16)};`
    }
  })
}
