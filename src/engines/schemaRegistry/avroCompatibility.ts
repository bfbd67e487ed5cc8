/** Avro schemas: whether one is well formed, and whether a reader of one can read what a writer of another wrote. */

type Schema = string | Schema[] | SchemaObject
interface SchemaObject {
  type: Schema
  name?: string
  namespace?: string
  aliases?: string[]
  fields?: Field[]
  items?: Schema
  values?: Schema
  symbols?: string[]
  size?: number
  default?: unknown
}
interface Field {
  name: string
  type: Schema
  aliases?: string[]
  default?: unknown
}

const primitives = new Set(['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'])
const nameForm = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/

/** What is wrong with it; undefined where nothing is. */
export function avroMistake(text: string): string | undefined {
  try {
    checkSchema(JSON.parse(text) as Schema, new Set())
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

function checkSchema(schema: Schema, names: Set<string>): void {
  if (Array.isArray(schema)) {
    for (const branch of schema) checkSchema(branch, names)
    return
  }
  if (typeof schema === 'string') {
    if (!primitives.has(schema) && !names.has(schema)) throw new Error(`Undefined name: "${schema}"`)
    return
  }
  if (typeof schema !== 'object' || schema === null || schema.type === undefined)
    throw new Error(`No type: ${JSON.stringify(schema)}`)
  if (typeof schema.type !== 'string') {
    checkSchema(schema.type, names)
    return
  }
  switch (schema.type) {
    case 'record':
    case 'error':
      checkRecord(schema, names)
      return
    case 'enum':
      checkName(schema, names)
      if (!Array.isArray(schema.symbols) || schema.symbols.length === 0)
        throw new Error(`Enum has no symbols: ${schema.name}`)
      return
    case 'fixed':
      checkName(schema, names)
      if (!Number.isInteger(schema.size)) throw new Error(`Invalid or no size: ${schema.name}`)
      return
    case 'array':
      checkSchema(schema.items as Schema, names)
      return
    case 'map':
      checkSchema(schema.values as Schema, names)
      return
    default:
      checkSchema(schema.type, names)
  }
}

function checkRecord(schema: SchemaObject, names: Set<string>): void {
  checkName(schema, names)
  if (!Array.isArray(schema.fields)) throw new Error(`Record has no fields: ${schema.name}`)
  const seen = new Set<string>()
  for (const field of schema.fields) {
    if (!nameForm.test(field.name ?? '')) throw new Error(`Illegal field name: ${field.name}`)
    if (seen.has(field.name)) throw new Error(`Duplicate field ${field.name} in record ${schema.name}`)
    seen.add(field.name)
    checkSchema(field.type, names)
  }
}

function checkName({ name, namespace }: SchemaObject, names: Set<string>): void {
  if (!name || !nameForm.test(name)) throw new Error(`Illegal name: ${name}`)
  names.add(name)
  if (namespace) names.add(`${namespace}.${name}`)
}

/** By Avro's rules of schema resolution. Both are well formed. */
export function avroReads(readerText: string, writerText: string): boolean {
  const [reader, writer] = [JSON.parse(readerText), JSON.parse(writerText)] as [Schema, Schema]
  return new Resolution(namesOf(reader), namesOf(writer)).reads(reader, writer)
}

type Names = ReadonlyMap<string, SchemaObject>

function namesOf(schema: Schema, names = new Map<string, SchemaObject>()): Names {
  if (typeof schema === 'string') return names
  if (Array.isArray(schema)) {
    for (const branch of schema) namesOf(branch, names)
    return names
  }
  if (schema.name) {
    names.set(schema.name, schema)
    if (schema.namespace) names.set(`${schema.namespace}.${schema.name}`, schema)
  }
  const inner = [schema.items, schema.values, ...(schema.fields ?? []).map((field) => field.type)]
  for (const one of inner) if (one !== undefined) namesOf(one, names)
  if (typeof schema.type !== 'string') namesOf(schema.type, names)
  return names
}

const promotions: Record<string, readonly string[]> = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
  string: ['bytes'],
  bytes: ['string'],
}

class Resolution {
  readonly #readers: Names
  readonly #writers: Names
  /** Pairs of records that are being looked at: a record may hold itself. */
  readonly #open = new Set<string>()

  constructor(readers: Names, writers: Names) {
    this.#readers = readers
    this.#writers = writers
  }

  reads(readerSchema: Schema, writerSchema: Schema): boolean {
    const reader = plain(readerSchema, this.#readers)
    const writer = plain(writerSchema, this.#writers)
    if (Array.isArray(writer)) return writer.every((branch) => this.reads(reader, branch))
    if (Array.isArray(reader)) return reader.some((branch) => this.reads(branch, writer))
    const [wanted, written] = [reader.type as string, writer.type as string]
    if (wanted !== written) return promotions[written]?.includes(wanted) ?? false
    switch (wanted) {
      case 'record':
      case 'error':
        return this.#readsRecord(reader, writer)
      case 'enum':
        return (
          sameName(reader, writer) &&
          (reader.default !== undefined || (writer.symbols ?? []).every((symbol) => reader.symbols?.includes(symbol)))
        )
      case 'fixed':
        return sameName(reader, writer) && reader.size === writer.size
      case 'array':
        return this.reads(reader.items as Schema, writer.items as Schema)
      case 'map':
        return this.reads(reader.values as Schema, writer.values as Schema)
      default:
        return true
    }
  }

  #readsRecord(reader: SchemaObject, writer: SchemaObject): boolean {
    if (!sameName(reader, writer)) return false
    const pair = `${reader.name} ${writer.name}`
    if (this.#open.has(pair)) return true
    this.#open.add(pair)
    const reads = (reader.fields ?? []).every((field) => {
      const names = [field.name, ...(field.aliases ?? [])]
      const match = writer.fields?.find(({ name }) => names.includes(name))
      return match ? this.reads(field.type, match.type) : field.default !== undefined
    })
    this.#open.delete(pair)
    return reads
  }
}

/** A union, or an object whose type is a word. */
function plain(schema: Schema, names: Names): Schema[] | SchemaObject {
  if (Array.isArray(schema)) return schema
  if (typeof schema === 'string') return names.get(schema) ?? { type: schema }
  if (typeof schema.type !== 'string') return plain(schema.type, names)
  return names.has(schema.type) ? plain(schema.type, names) : schema
}

function sameName(reader: SchemaObject, writer: SchemaObject): boolean {
  const bare = (name = '') => name.slice(name.lastIndexOf('.') + 1)
  return [reader.name, ...(reader.aliases ?? [])].some((name) => bare(name) === bare(writer.name))
}
