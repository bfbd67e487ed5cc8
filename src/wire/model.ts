/**
 * The models of the AWS services: what operations there are, of which shapes, bound how to HTTP. They are generated
 * (`npm run models`), one JSON file a service, and read when a service is first spoken to, so that starting stays fast.
 */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ServiceName } from './generated/operations.ts'

export type { ErrorNames, OperationTypes, ServiceName } from './generated/operations.ts'

export type Protocol = 'awsJson1_0' | 'awsJson1_1' | 'query' | 'restJson' | 'restXml' | 'rpcv2Cbor'

/** How a member is bound to the wire; absent means by its own name. */
export interface Traits {
  label?: 1
  header?: string
  query?: string
  queryParams?: 1
  prefixHeaders?: string
  payload?: 1
  responseCode?: 1
  jsonName?: string
  xmlName?: string
  flattened?: 1
  attribute?: 1
  namespace?: string | [string, string]
  eventPayload?: 1
  eventHeader?: 1
  idempotencyToken?: 1
}

export type RawMember = string | [string, Traits]

/** As in the generated file. A member names its shape; simple shapes without limits are named by their type. */
export interface RawShape {
  type: string
  members?: Record<string, RawMember>
  member?: RawMember
  key?: RawMember
  value?: RawMember
  required?: string[]
  xmlName?: string
  eventStream?: boolean
  /** Who is at fault, the HTTP status, and (where they differ) the query protocol's code and status. */
  error?: [('client' | 'server')?, number?, string?, number?]
  min?: number
  max?: number
  pattern?: string
  enum?: string[]
}

export interface RawOperation {
  input?: string
  output?: string
  http?: [method: string, path: string, status: number]
  errors?: string[]
}

export interface RawModel {
  service: string
  serviceId: string
  signingName: string
  endpointPrefix: string
  apiVersion: string
  targetPrefix: string
  namespace: string
  xmlNamespace: string
  protocols: Protocol[]
  queryCompatible: boolean
  operations: Record<string, RawOperation>
  shapes: Record<string, RawShape>
}

export interface RoutingRow {
  service: ServiceName
  signingName: string
  endpointPrefix: string
  targetPrefix: string
  version: string
  primary: Protocol
  paths: string[]
}

export type SimpleType =
  | 'string'
  | 'integer'
  | 'long'
  | 'float'
  | 'double'
  | 'bigInteger'
  | 'bigDecimal'
  | 'boolean'
  | 'blob'
  | 'stream'
  | 'timestamp'
  | 'document'

export interface Member {
  name: string
  shape: Shape
  traits: Traits
  required: boolean
}

export interface Shape {
  name: string
  type: SimpleType | 'structure' | 'union' | 'list' | 'map'
  /** Of a timestamp, where it is not the protocol's own. */
  format?: 'date-time' | 'http-date' | 'epoch-seconds'
  members: Member[]
  required: string[]
  member?: Member
  key?: Member
  value?: Member
  raw: RawShape
}

export interface Operation {
  name: string
  input: Shape | undefined
  output: Shape | undefined
  http: { method: string; path: string; status: number } | undefined
  errors: string[]
}

const folders = ['./generated/', '../generated/', './wire/generated/']
const cache = new Map<ServiceName, ServiceModel>()

export function loadModel(service: ServiceName): ServiceModel {
  let model = cache.get(service)
  if (!model) {
    model = new ServiceModel(JSON.parse(readFileSync(`${modelsFolder()}${service}.json`, 'utf8')))
    cache.set(service, model)
  }
  return model
}

/** From source the models lie beside this file; in the bundle they are copied beside it. */
export function modelsFolder(): string {
  for (const folder of folders) {
    const path = fileURLToPath(new URL(folder, import.meta.url))
    if (existsSync(`${path}sqs.json`)) return path
  }
  throw new Error(
    `The generated models are missing: looked for sqs.json in ${folders.join(', ')} of ${import.meta.url}`,
  )
}

/** One service's model. Operations and shapes are linked when first asked for. */
export class ServiceModel {
  readonly raw: RawModel
  readonly service: ServiceName
  readonly protocols: Protocol[]
  private readonly linkedShapes = new Map<string, Shape>()
  private readonly linkedOperations = new Map<string, Operation>()

  constructor(raw: RawModel) {
    this.raw = raw
    this.service = raw.service as ServiceName
    this.protocols = raw.protocols
  }

  get signingName(): string {
    return this.raw.signingName
  }

  get targetPrefix(): string {
    return this.raw.targetPrefix
  }

  get endpointPrefix(): string {
    return this.raw.endpointPrefix
  }

  operationNames(): string[] {
    return Object.keys(this.raw.operations)
  }

  errorNames(): string[] {
    return Object.keys(this.raw.shapes).filter((name) => this.raw.shapes[name]?.error)
  }

  operation(name: string): Operation | undefined {
    let operation = this.linkedOperations.get(name)
    if (operation) return operation
    if (!Object.hasOwn(this.raw.operations, name)) return undefined
    const { input, output, http, errors } = this.raw.operations[name]!
    operation = {
      name,
      input: input === undefined ? undefined : this.shape(input),
      output: output === undefined ? undefined : this.shape(output),
      http: http && { method: http[0], path: http[1], status: http[2] },
      errors: errors ?? [],
    }
    this.linkedOperations.set(name, operation)
    return operation
  }

  shape(name: string): Shape {
    const linked = this.linkedShapes.get(name)
    if (linked) return linked
    const raw = this.raw.shapes[name] ?? { type: name }
    const [type, format] = raw.type.split(':') as [Shape['type'], Shape['format']]
    const shape: Shape = { name, type, members: [], required: raw.required ?? [], raw }
    if (format) shape.format = format
    // Shapes may contain themselves, so this one is known before its members are.
    this.linkedShapes.set(name, shape)
    for (const [member, target] of Object.entries(raw.members ?? {})) {
      shape.members.push(this.member(member, target, shape.required.includes(member)))
    }
    if (raw.member) shape.member = this.member('member', raw.member, false)
    if (raw.key) shape.key = this.member('key', raw.key, false)
    if (raw.value) shape.value = this.member('value', raw.value, false)
    return shape
  }

  private member(name: string, raw: RawMember, required: boolean): Member {
    const [shape, traits] = typeof raw === 'string' ? [raw, {}] : raw
    return { name, shape: this.shape(shape), traits, required }
  }
}
