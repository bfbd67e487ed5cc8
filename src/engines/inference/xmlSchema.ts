/** XML by a row tag: each such element is a record, its attributes are columns with `_` before, its children by name. */
import { parseXml, type XmlElement, XmlError } from '../../wire/xmlReader.ts'
import { narrowestType } from './delimitedTypes.ts'
import type { FileSchema, Sample } from './fileSchema.ts'
import { type InferredColumn, type InferredType, mergedColumns, mergedType } from './inferredTypes.ts'

const recordsMax = 10_000

/** Undefined where there is no such element, or it cannot be read. */
export function xmlSchema(
  sample: Sample,
  compression: string,
  { classification, rowTag }: { classification: string; rowTag: string },
): FileSchema | undefined {
  const found = recordsOf(sample.bytes.toString('utf8'), rowTag)
  if (found.length === 0) return undefined
  try {
    const columns = found.map((text) => fieldsOf(parseXml(text))).reduce<InferredColumn[]>(mergedColumns, [])
    const bytes = found.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
    return {
      classification,
      compression,
      columns: columns.map(({ name, type }) => ({ name: name.toLowerCase(), type })),
      serde: 'xml',
      serdeParameters: { rowTag },
      parameters: { rowTag },
      recordBytes: Math.max(1, Math.floor(bytes / found.length)),
    }
  } catch (error) {
    if (error instanceof XmlError) return undefined
    throw error
  }
}

function recordsOf(text: string, rowTag: string): string[] {
  const name = rowTag.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const form = new RegExp(`<${name}(?:\\s[^>]*)?(?:/>|>[\\s\\S]*?</${name}\\s*>)`, 'g')
  const records: string[] = []
  for (const match of text.matchAll(form)) if (records.push(match[0]) >= recordsMax) break
  return records
}

function fieldsOf(element: XmlElement): InferredColumn[] {
  const fields = Object.entries(element.attributes).map(([name, value]) => ({
    name: `_${name}`,
    type: narrowestType([value.trim()]),
  }))
  const children = new Map<string, InferredType[]>()
  for (const child of element.children) children.set(child.name, [...(children.get(child.name) ?? []), typeOf(child)])
  for (const [name, [first, ...more]] of children) {
    const type = more.reduce(mergedType, first as InferredType)
    fields.push({ name, type: more.length > 0 ? { kind: 'array', element: type } : type })
  }
  return fields
}

function typeOf(element: XmlElement): InferredType {
  const fields = fieldsOf(element)
  const text = element.text.trim()
  if (fields.length === 0) return narrowestType([text])
  return { kind: 'struct', fields: text ? [...fields, { name: '_VALUE', type: narrowestType([text]) }] : fields }
}
