/** Shapes to and from XML: the bodies of S3, and the answers of the query services. */
import type { Member, Shape } from './model.ts'
import { formatTimestamp, parseTimestamp } from './timestamps.ts'
import { bytesOf, decodeBase64 } from './values.ts'
import { escapeXml, type XmlElement, XmlError } from './xmlReader.ts'

export function decodeXml(shape: Shape, element: XmlElement): unknown {
  switch (shape.type) {
    case 'structure':
    case 'union':
      return decodeStructure(shape, element)
    case 'list':
      return element.children.map((child) => decodeXml(shape.member!.shape, child))
    case 'map':
      return decodeMap(shape, element.children)
    default:
      return decodeText(shape, element.text)
  }
}

function decodeStructure(shape: Shape, element: XmlElement): Record<string, unknown> {
  const decoded: Record<string, unknown> = {}
  for (const member of shape.members) {
    if (isBoundElsewhere(member)) continue
    const value = decodeMember(member, element)
    if (value !== undefined) decoded[member.name] = value
  }
  return decoded
}

function decodeMember(member: Member, element: XmlElement): unknown {
  const name = elementName(member)
  const { shape, traits } = member
  if (traits.attribute) return attributeOf(element, name)
  const { children } = element
  if (traits.flattened && shape.type === 'list') {
    const items = children.filter((child) => child.name === name)
    return items.length ? items.map((item) => decodeXml(shape.member!.shape, item)) : undefined
  }
  if (traits.flattened && shape.type === 'map') {
    const entries = children.filter((child) => child.name === name)
    return entries.length ? decodeMap(shape, entries) : undefined
  }
  const child = children.find((candidate) => candidate.name === name)
  return child && decodeXml(shape, child)
}

/** `xsi:type` is matched by its local name: clients choose the prefix. */
function attributeOf(element: XmlElement, name: string): string | undefined {
  const local = name.slice(name.indexOf(':') + 1)
  const found = Object.keys(element.attributes).find((key) => key === name || key.endsWith(`:${local}`))
  return found === undefined ? element.attributes[local] : element.attributes[found]
}

function decodeMap(shape: Shape, entries: XmlElement[]): Record<string, unknown> {
  const keyName = shape.key!.traits.xmlName ?? 'key'
  const valueName = shape.value!.traits.xmlName ?? 'value'
  const pairs: [string, unknown][] = []
  for (const entry of entries) {
    const key = entry.children.find((child) => child.name === keyName)
    const value = entry.children.find((child) => child.name === valueName)
    if (key) pairs.push([key.text, value ? decodeXml(shape.value!.shape, value) : ''])
  }
  return Object.fromEntries(pairs)
}

/** Simple values as text: also query parameters, headers and labels are spelled so. */
export function decodeText(shape: Shape, text: string): unknown {
  switch (shape.type) {
    case 'string':
      return text
    case 'boolean':
      if (text.trim() === 'true') return true
      if (text.trim() === 'false') return false
      throw new XmlError(`${text} is not a boolean.`)
    case 'integer':
    case 'long':
    case 'float':
    case 'double':
    case 'bigInteger':
    case 'bigDecimal': {
      const number = text.trim() === '' ? Number.NaN : Number(text)
      const special = text === 'NaN' || text === 'Infinity' || text === '-Infinity'
      if (Number.isNaN(number) && !special) throw new XmlError(`${text} is not a number.`)
      if ((shape.type === 'integer' || shape.type === 'long') && !Number.isInteger(number)) {
        throw new XmlError(`${text} is not a whole number.`)
      }
      return number
    }
    case 'timestamp': {
      const moment = parseTimestamp(text.trim())
      if (!moment) throw new XmlError(`${text} is not a time.`)
      return moment
    }
    case 'blob':
    case 'stream': {
      const bytes = decodeBase64(text.trim())
      if (!bytes) throw new XmlError('The value is not base64.')
      return bytes
    }
    default:
      return text
  }
}

export function encodeXml(name: string, shape: Shape, value: unknown, attributes = ''): string {
  switch (shape.type) {
    case 'structure':
    case 'union':
      return encodeStructure(name, shape, value as Record<string, unknown>, attributes)
    case 'list': {
      const itemName = shape.member!.traits.xmlName ?? 'member'
      return `<${name}${attributes}>${encodeItems(itemName, shape, value)}</${name}>`
    }
    case 'map':
      return `<${name}${attributes}>${encodeEntries('entry', shape, value)}</${name}>`
    default:
      return `<${name}${attributes}>${escapeXml(encodeText(shape, value, 'date-time'))}</${name}>`
  }
}

function encodeStructure(name: string, shape: Shape, value: Record<string, unknown>, attributes: string): string {
  let inner = ''
  let own = attributes
  for (const member of shape.members) {
    const entry = value[member.name]
    if (entry === undefined || entry === null || isBoundElsewhere(member)) continue
    if (member.traits.attribute) own += ` ${elementName(member)}="${escapeXml(String(entry))}"`
    else inner += encodeMember(member, entry)
  }
  return `<${name}${own}>${inner}</${name}>`
}

export function encodeMember(member: Member, value: unknown): string {
  const name = elementName(member)
  const { shape, traits } = member
  if (traits.flattened && shape.type === 'list') return encodeItems(name, shape, value)
  if (traits.flattened && shape.type === 'map') return encodeEntries(name, shape, value)
  return encodeXml(name, shape, value, namespaceAttribute(traits.namespace))
}

export function namespaceAttribute(namespace: string | [string, string] | undefined): string {
  if (namespace === undefined) return ''
  return typeof namespace === 'string' ? ` xmlns="${namespace}"` : ` xmlns:${namespace[0]}="${namespace[1]}"`
}

function encodeItems(name: string, shape: Shape, value: unknown): string {
  const item = shape.member!
  const attributes = namespaceAttribute(item.traits.namespace)
  let encoded = ''
  for (const entry of value as unknown[]) encoded += encodeXml(name, item.shape, entry, attributes)
  return encoded
}

function encodeEntries(name: string, shape: Shape, value: unknown): string {
  const keyName = shape.key!.traits.xmlName ?? 'key'
  const valueName = shape.value!.traits.xmlName ?? 'value'
  let encoded = ''
  for (const [key, entry] of Object.entries(value as object)) {
    if (entry === undefined || entry === null) continue
    encoded += `<${name}><${keyName}>${escapeXml(key)}</${keyName}>${encodeXml(valueName, shape.value!.shape, entry)}</${name}>`
  }
  return encoded
}

export function encodeText(shape: Shape, value: unknown, timestamps: NonNullable<Shape['format']>): string {
  if (shape.type === 'timestamp') return String(formatTimestamp(value, shape.format ?? timestamps))
  if (shape.type === 'blob' || shape.type === 'stream') return Buffer.from(bytesOf(value)).toString('base64')
  return String(value)
}

function elementName(member: Member): string {
  return member.traits.xmlName ?? member.name
}

/** Headers, labels and the like are members of the same structure, but not of its body. */
function isBoundElsewhere({ traits }: Member): boolean {
  return Boolean(
    traits.header ?? traits.query ?? traits.label ?? traits.prefixHeaders ?? traits.queryParams ?? traits.responseCode,
  )
}
