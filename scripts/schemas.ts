/**
 * Turns the runtime schemas of an SDK client (nested arrays) into our compact model, walking botocore's model of the
 * same service beside them for what the schemas leave out. The result is what src/wire/model.ts loads.
 */
import type { RawMember, RawModel, RawOperation, RawShape } from '../src/wire/model.ts'
import type { BotocoreModel, BotocoreShape } from './botocore.ts'

// biome-ignore lint/suspicious/noExplicitAny: the schemas are untyped nested arrays
type Schema = any

const flags = ['label', 'idempotent', 'idempotencyToken', 'sensitive', 'payload', 'responseCode', 'queryParams']
const kept: Record<string, string> = {
  httpLabel: 'label',
  httpHeader: 'header',
  httpQuery: 'query',
  httpQueryParams: 'queryParams',
  httpPrefixHeaders: 'prefixHeaders',
  httpPayload: 'payload',
  httpResponseCode: 'responseCode',
  jsonName: 'jsonName',
  xmlName: 'xmlName',
  xmlFlattened: 'flattened',
  xmlAttribute: 'attribute',
  xmlNamespace: 'namespace',
  eventPayload: 'eventPayload',
  eventHeader: 'eventHeader',
  idempotencyToken: 'idempotencyToken',
}
const dropped = new Set(['idempotent', 'sensitive', 'hostLabel', 'mediaType'])
const timestamps: Record<number, string> = { 5: ':date-time', 6: ':http-date', 7: ':epoch-seconds' }

export class SchemaReader {
  readonly shapes: Record<string, RawShape> = {}
  private readonly botocore: BotocoreModel
  private readonly named = new Map<unknown, string>()

  constructor(botocore: BotocoreModel) {
    this.botocore = botocore
  }

  operation(schema: Schema): [string, RawOperation] {
    const [, , name, traits, input, output] = schema
    const known = this.botocore.operations[name]
    const operation: RawOperation = {}
    const inputShape = this.root(input, known?.input?.shape)
    const outputShape = this.root(output, known?.output?.shape)
    if (inputShape) operation.input = inputShape
    if (outputShape) operation.output = outputShape
    if (traits?.http) operation.http = traits.http
    if (known?.errors) operation.errors = known.errors.map((error) => error.shape)
    return [name, operation]
  }

  error(schema: Schema): void {
    const name = this.structure(schema, schema[2])
    const traits = schema[3] || {}
    const shape = this.shapes[name]!
    shape.error = [traits.error ?? 'client', traits.httpError ?? (traits.error === 'server' ? 500 : 400)]
    if (traits.awsQueryError) shape.error.push(...(traits.awsQueryError as [string, number]))
  }

  private root(schema: Schema, botocoreName: string | undefined): string | undefined {
    const resolved = resolve(schema)
    return resolved === 'unit' ? undefined : this.reference(resolved, botocoreName)
  }

  private reference(schema: Schema, botocoreName: string | undefined): string {
    const resolved = resolve(schema)
    if (typeof resolved === 'number') return this.inline(resolved, botocoreName)
    switch (resolved[0]) {
      case 0:
        return this.simple(resolved[4], botocoreName)
      case 1:
        return this.list(resolved, botocoreName)
      case 2:
        return this.map(resolved, botocoreName)
      case 3:
      case 4:
      case -3:
        return this.structure(resolved, botocoreName)
      default:
        throw new Error(`Unknown schema ${JSON.stringify(resolved)}`)
    }
  }

  private structure(schema: Schema, botocoreName: string | undefined): string {
    const [kind, , name, traits, members, schemas, required] = schema
    const already = this.named.get(schema)
    if (already) return already
    this.named.set(schema, name)
    const shape: RawShape = { type: kind === 4 ? 'union' : 'structure', members: {} }
    this.shapes[name] = shape
    if (traits?.xmlName && traits.xmlName !== name) shape.xmlName = traits.xmlName
    if (traits?.streaming) shape.eventStream = true
    const known = this.shapeOf(botocoreName)
    members.forEach((member: string, index: number) => {
      shape.members![member] = this.member(schemas[index], memberShape(known, member))
    })
    if (required) shape.required = members.slice(0, required)
    return name
  }

  private list(schema: Schema, botocoreName: string | undefined): string {
    const [, , name, , item] = schema
    const already = this.named.get(schema)
    if (already) return already
    this.named.set(schema, name)
    const known = this.shapeOf(botocoreName)
    this.shapes[name] = { type: 'list', ...bounds(known) }
    this.shapes[name].member = this.member(item, known?.member?.shape)
    return name
  }

  private map(schema: Schema, botocoreName: string | undefined): string {
    const [, , name, , key, value] = schema
    const already = this.named.get(schema)
    if (already) return already
    this.named.set(schema, name)
    const known = this.shapeOf(botocoreName)
    this.shapes[name] = { type: 'map', ...bounds(known) }
    this.shapes[name].key = this.member(key, known?.key?.shape)
    this.shapes[name].value = this.member(value, known?.value?.shape)
    return name
  }

  private member(schema: Schema, botocoreName: string | undefined): RawMember {
    const traits: Record<string, unknown> = {}
    let target = schema
    while (Array.isArray(target) && (target[0] instanceof Function || isSimpleMember(target))) {
      Object.assign(traits, readTraits(target[1]))
      target = target[0]
    }
    const reference = this.reference(target, botocoreName)
    return Object.keys(traits).length ? [reference, traits] : reference
  }

  /** Lists and maps of simple things have no name in the schemas, only a number; botocore's name is used. */
  private inline(schema: number, botocoreName: string | undefined): string {
    const known = this.shapeOf(botocoreName)
    if (schema < 64) return this.simple(schema, botocoreName)
    const isMap = schema >= 128
    const inner = schema & 63
    const shape: RawShape = isMap
      ? { type: 'map', ...bounds(known), key: this.simple(0, known?.key?.shape), value: '' }
      : { type: 'list', ...bounds(known), member: '' }
    const item = this.simple(inner, isMap ? known?.value?.shape : known?.member?.shape)
    if (isMap) shape.value = item
    else shape.member = item
    return this.put(botocoreName ?? `${isMap ? 'MapOf' : 'ListOf'}_${item}`, shape)
  }

  private simple(schema: number, botocoreName: string | undefined): string {
    const known = this.shapeOf(botocoreName)
    const type = simpleType(schema, known)
    const limits = bounds(known)
    if (known?.enum && type === 'string') limits.enum = known.enum
    if (known?.pattern && type === 'string') limits.pattern = known.pattern
    if (type === 'boolean' || type.startsWith('timestamp') || Object.keys(limits).length === 0) return type
    return this.put(botocoreName!, { type, ...limits })
  }

  /** Two shapes of one name are told apart by a number after it. */
  private put(name: string, shape: RawShape): string {
    const text = JSON.stringify(shape)
    for (let attempt = 1; ; attempt++) {
      const candidate = attempt === 1 ? name : `${name}_${attempt}`
      const existing = this.shapes[candidate]
      if (!existing) this.shapes[candidate] = shape
      if (!existing || JSON.stringify(existing) === text) return candidate
    }
  }

  private shapeOf(name: string | undefined): BotocoreShape | undefined {
    return name === undefined ? undefined : this.botocore.shapes[name]
  }
}

export function operationsOf(model: RawModel): string[] {
  return Object.keys(model.operations).sort()
}

function resolve(schema: Schema): Schema {
  let resolved = schema
  while (typeof resolved === 'function') resolved = resolved()
  return resolved
}

function isSimpleMember(schema: Schema): boolean {
  return schema.length === 2 && (typeof schema[0] === 'number' || Array.isArray(schema[0])) && !Array.isArray(schema[1])
}

function readTraits(traits: Schema): Record<string, unknown> {
  const read: Record<string, unknown> = {}
  if (typeof traits === 'number') {
    flags.forEach((flag, bit) => {
      if ((traits >> bit) & 1 && !dropped.has(flag)) read[flag] = 1
    })
    return read
  }
  for (const [name, value] of Object.entries(traits ?? {})) {
    if (dropped.has(name)) continue
    const ours = kept[name]
    if (!ours) throw new Error(`Unknown trait ${name}`)
    read[ours] = value
  }
  return read
}

function memberShape(shape: BotocoreShape | undefined, member: string): string | undefined {
  const members = shape?.members
  if (!members) return undefined
  if (members[member]) return members[member].shape
  const found = Object.keys(members).find((name) => name.toLowerCase() === member.toLowerCase())
  return found && members[found]!.shape
}

function bounds(shape: BotocoreShape | undefined): Partial<RawShape> {
  const found: Partial<RawShape> = {}
  if (shape?.min !== undefined) found.min = shape.min
  if (shape?.max !== undefined) found.max = shape.max
  return found
}

function simpleType(schema: number, known: BotocoreShape | undefined): string {
  switch (schema) {
    case 0:
      return 'string'
    case 1:
      return ['integer', 'long', 'float', 'double'].includes(known?.type ?? '') ? known!.type : 'double'
    case 2:
      return 'boolean'
    case 4:
    case 5:
    case 6:
    case 7:
      return `timestamp${timestamps[schema] ?? ''}`
    case 15:
      return 'document'
    case 17:
      return 'bigInteger'
    case 19:
      return 'bigDecimal'
    case 21:
      return 'blob'
    case 42:
      return 'stream'
    default:
      throw new Error(`Unknown simple schema ${schema}`)
  }
}
