/**
 * Protobuf schemas: whether one is well formed, and whether what is written by one can be read by another. On the wire a
 * field is its number and its kind; names may change. Extensions and groups are not known to the registry.
 */
import type { Enum, Field, MapField, NamespaceBase, ReflectionObject, Root, Type } from 'protobufjs'
import type { SchemaLanguage } from './compatibility.ts'

type Protobuf = typeof import('protobufjs')

/** What of one of them was written is read as any other: https://protobuf.dev/programming-guides/proto3/#updating */
const interchangeable = [
  ['int32', 'uint32', 'int64', 'uint64', 'bool', 'enum'],
  ['sint32', 'sint64'],
  ['string', 'bytes'],
  ['fixed32', 'sfixed32'],
  ['fixed64', 'sfixed64'],
]

/** The library takes as long to load as half of the server: it is there once a schema of this kind is. */
export async function protobufLanguage(): Promise<SchemaLanguage> {
  const protobuf = await import('protobufjs')
  const library = ('default' in protobuf ? protobuf.default : protobuf) as Protobuf
  return {
    mistakeIn: (text) => {
      try {
        parsed(library, text)
        return undefined
      } catch (error) {
        return (error as Error).message
      }
    },
    reads: (newer, older) => reads(parsed(library, newer), parsed(library, older)),
    normal: (text) =>
      text
        .replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, ' ')
        .replaceAll(/\s+/g, ' ')
        .trim(),
  }
}

/** Errors: with what is wrong. */
function parsed(protobuf: Protobuf, text: string): Root {
  const { root, imports = [], weakImports = [] } = protobuf.parse(text, new protobuf.Root(), { keepCase: true })
  addImports(protobuf, root, [...imports, ...weakImports])
  root.resolveAll()
  const all = [...typesIn(root)]
  if (all.length === 0) throw new Error('The schema has no message.')
  const grouped = all.find((type) => ('group' in type && type.group) || type.extensions)
  if (grouped) throw new Error(`Groups and extensions are not supported: ${grouped.fullName.slice(1)}.`)
  return root
}

/** Those that the language itself brings along. */
function addImports(protobuf: Protobuf, root: Root, names: readonly string[], added = new Set<string>()): void {
  for (const name of names) {
    const file = name.replace(/^google\/protobuf\//, '')
    const known = protobuf.common.get(`google/protobuf/${file}`)
    if (!known || file === name) throw new Error(`The import ${name} is not known.`)
    if (added.has(name)) continue
    added.add(name)
    root.addJSON(known.nested ?? {})
  }
}

function* typesIn(namespace: NamespaceBase): Iterable<Type> {
  for (const inner of namespace.nestedArray) {
    if ('fieldsArray' in inner) yield inner as Type
    if ('nestedArray' in inner) yield* typesIn(inner as NamespaceBase)
  }
}

/** Each message that may come must be known, in each of its fields that are known by both. */
function reads(newer: Root, older: Root): boolean {
  const known = new Map([...typesIn(newer)].map((type) => [type.fullName, type]))
  return [...typesIn(older)].every((written) => {
    const type = known.get(written.fullName)
    return type !== undefined && readsMessage(type, written)
  })
}

function readsMessage(reader: Type, written: Type): boolean {
  const required = reader.fieldsArray.filter((field) => field.required)
  const isFilled = required.every(({ id }) => written.fieldsById[id]?.required)
  return (
    isFilled &&
    keepsChoices(reader, written) &&
    written.fieldsArray.every((field) => {
      const wanted = reader.fieldsById[field.id]
      return !wanted || readsField(wanted, field)
    })
  )
}

function readsField(reader: Field, written: Field): boolean {
  if (reader.map !== written.map || reader.repeated !== written.repeated) return false
  if (!isReadAs(keyTypeOf(reader), keyTypeOf(written))) return false
  return isReadAs(kindOf(reader), kindOf(written))
}

function keyTypeOf(field: Field | MapField): string {
  return 'keyType' in field ? field.keyType : ''
}

/** A scalar's own name, `enum`, or a message's full name. */
function kindOf({ type, resolvedType }: Field): string {
  if (!resolvedType) return type
  return isEnum(resolvedType) ? 'enum' : resolvedType.fullName
}

function isEnum(object: ReflectionObject): object is Enum {
  return 'valuesById' in object
}

function isReadAs(reader: string, written: string): boolean {
  return reader === written || interchangeable.some((kinds) => kinds.includes(reader) && kinds.includes(written))
}

/** Fields that could be set together must not become alternatives: all but the last would be lost. */
function keepsChoices(reader: Type, written: Type): boolean {
  return reader.oneofsArray.every(({ fieldsArray }) => {
    const before = fieldsArray.flatMap(({ id }) => written.fieldsById[id] ?? [])
    return before.length < 2 || new Set(before.map(({ partOf, id }) => partOf?.name ?? id)).size === 1
  })
}
