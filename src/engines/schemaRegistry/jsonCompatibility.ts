/** JSON schemas: whether one is well formed, and whether all that is valid under one is valid under another. */

type Schema = boolean | SchemaObject
interface SchemaObject {
  type?: string | string[]
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: Schema
  items?: Schema | Schema[]
  enum?: unknown[]
  const?: unknown
  pattern?: string
  format?: string
  [keyword: string]: unknown
}

/** A change that cannot be judged here. */
export class Undecided extends Error {}

const types = ['null', 'boolean', 'object', 'array', 'number', 'string', 'integer']
/** What these mean together is not worked out: they may stay, and may not change. */
const unreadable = [
  '$ref',
  'allOf',
  'anyOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
  'dependencies',
  'patternProperties',
  'definitions',
  '$defs',
  'propertyNames',
  'contains',
]
const lowest = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties']
const highest = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties']

/** What is wrong with it; undefined where nothing is. */
export function jsonSchemaMistake(text: string): string | undefined {
  try {
    checkSchema(JSON.parse(text) as Schema)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

function checkSchema(schema: Schema): void {
  if (typeof schema === 'boolean') return
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema))
    throw new Error('A schema must be an object.')
  const named = typesOf(schema)
  const stranger = named?.find((type) => !types.includes(type))
  if (stranger !== undefined) throw new Error(`${stranger} is not a type.`)
  if (schema.required !== undefined && !Array.isArray(schema.required)) throw new Error('required must be an array.')
  if (schema.enum !== undefined && !Array.isArray(schema.enum)) throw new Error('enum must be an array.')
  for (const inner of Object.values(schema.properties ?? {})) checkSchema(inner)
  if (schema.additionalProperties !== undefined) checkSchema(schema.additionalProperties)
  for (const inner of itemsOf(schema)) checkSchema(inner)
}

function typesOf({ type }: SchemaObject): string[] | undefined {
  return type === undefined ? undefined : Array.isArray(type) ? type : [type]
}

function itemsOf({ items }: SchemaObject): Schema[] {
  return items === undefined ? [] : Array.isArray(items) ? items : [items]
}

/** Errors: Undecided. */
export function jsonAccepts(newerText: string, olderText: string): boolean {
  return accepts(JSON.parse(newerText) as Schema, JSON.parse(olderText) as Schema)
}

function accepts(newer: Schema, older: Schema): boolean {
  if (newer === true || older === false || same(newer, older)) return true
  if (newer === false) return false
  const before: SchemaObject = older === true ? {} : older
  const changed = unreadable.find((keyword) => !same(newer[keyword], before[keyword]))
  if (changed !== undefined) throw new Undecided(changed)
  return (
    acceptsTypes(newer, before) &&
    acceptsValues(newer, before) &&
    acceptsBounds(newer, before) &&
    acceptsProperties(newer, before) &&
    acceptsItems(newer, before)
  )
}

function acceptsTypes(newer: SchemaObject, older: SchemaObject): boolean {
  const allowed = typesOf(newer)
  if (!allowed) return true
  const given = typesOf(older) ?? types
  return given.every((type) => allowed.includes(type) || (type === 'integer' && allowed.includes('number')))
}

function acceptsValues(newer: SchemaObject, older: SchemaObject): boolean {
  for (const keyword of ['const', 'pattern', 'format', 'multipleOf', 'uniqueItems'])
    if (newer[keyword] !== undefined && !same(newer[keyword], older[keyword])) return false
  if (!newer.enum) return true
  return older.enum?.every((value) => newer.enum?.some((other) => same(value, other))) ?? false
}

function acceptsBounds(newer: SchemaObject, older: SchemaObject): boolean {
  const isLoose = (keyword: string, sign: 1 | -1) => {
    const [now, before] = [newer[keyword], older[keyword]] as [number | undefined, number | undefined]
    return now === undefined || (before !== undefined && sign * now <= sign * before)
  }
  return lowest.every((keyword) => isLoose(keyword, 1)) && highest.every((keyword) => isLoose(keyword, -1))
}

function acceptsProperties(newer: SchemaObject, older: SchemaObject): boolean {
  if ((newer.required ?? []).some((name) => !older.required?.includes(name))) return false
  const rest = newer.additionalProperties ?? true
  const known = Object.entries(older.properties ?? {})
  const before = older.additionalProperties ?? true
  // A property that is new and optional is let in, as the guide says, though an open schema may have had others of its name.
  return known.every(([name, schema]) => accepts(newer.properties?.[name] ?? rest, schema)) && accepts(rest, before)
}

function acceptsItems(newer: SchemaObject, older: SchemaObject): boolean {
  if (newer.items === undefined) return true
  if (older.items === undefined) return false
  const [now, before] = [itemsOf(newer), itemsOf(older)]
  return now.length === before.length && now.every((schema, at) => accepts(schema, before[at] as Schema))
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted()
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}
