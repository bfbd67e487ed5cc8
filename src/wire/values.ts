/**
 * JSON and CBOR documents to and from a handler's values. A decoder and an encoder are made once a shape and kept:
 * the hot path is JSON.parse and one walk. Unknown members are dropped, in and out.
 */
import { awsError } from './errors.ts'
import type { Member, Shape } from './model.ts'
import { formatTimestamp, parseTimestamp } from './timestamps.ts'

export interface ValueFormat {
  /** REST services spell some members otherwise on the wire. */
  jsonNames: boolean
  /** CBOR has bytes and moments of its own; JSON spells them. */
  binary: boolean
}

type Convert = (value: unknown) => unknown

/** Stands for a moment in what the CBOR writer is given. */
export class CborMoment {
  readonly seconds: number
  constructor(seconds: number) {
    this.seconds = seconds
  }
}

export class ValueCodec {
  private readonly format: ValueFormat
  private readonly decoders = new Map<Shape, Convert>()
  private readonly encoders = new Map<Shape, Convert>()

  constructor(format: ValueFormat) {
    this.format = format
  }

  decode(shape: Shape, value: unknown): unknown {
    return this.decoder(shape)(value)
  }

  encode(shape: Shape, value: unknown): unknown {
    return this.encoder(shape)(value)
  }

  private wireName(member: Member): string {
    return (this.format.jsonNames && member.traits.jsonName) || member.name
  }

  private decoder(shape: Shape): Convert {
    let made = this.decoders.get(shape)
    if (!made) {
      made = this.makeDecoder(shape)
      this.decoders.set(shape, made)
    }
    return made
  }

  private makeDecoder(shape: Shape): Convert {
    switch (shape.type) {
      case 'structure':
      case 'union':
        return this.structureDecoder(shape)
      case 'list': {
        const item = this.late(shape.member!.shape, 'decoder')
        return (value) => {
          if (!Array.isArray(value)) throw wrongKind(value, 'List')
          return value.map((entry) => (entry === null ? null : item(entry)))
        }
      }
      case 'map': {
        const item = this.late(shape.value!.shape, 'decoder')
        return (value) => {
          if (!isPlain(value)) throw wrongKind(value, 'Map')
          const map: Record<string, unknown> = {}
          for (const key of Object.keys(value)) {
            const entry = value[key]
            if (entry !== null) put(map, key, item(entry))
          }
          return map
        }
      }
      default:
        return simpleDecoder(shape, this.format)
    }
  }

  private structureDecoder(shape: Shape): Convert {
    const members = new Map<string, [string, Convert]>()
    for (const member of shape.members) {
      members.set(this.wireName(member), [member.name, this.late(member.shape, 'decoder')])
    }
    return (value) => {
      if (!isPlain(value)) throw wrongKind(value, 'Structure')
      const decoded: Record<string, unknown> = {}
      for (const key in value) {
        const member = members.get(key)
        if (member === undefined) continue
        const entry = value[key]
        if (entry !== null && entry !== undefined) decoded[member[0]] = member[1](entry)
      }
      return decoded
    }
  }

  private encoder(shape: Shape): Convert {
    let made = this.encoders.get(shape)
    if (!made) {
      made = this.makeEncoder(shape)
      this.encoders.set(shape, made)
    }
    return made
  }

  private makeEncoder(shape: Shape): Convert {
    switch (shape.type) {
      case 'structure':
      case 'union':
        return this.structureEncoder(shape)
      case 'list': {
        const item = this.late(shape.member!.shape, 'encoder')
        return (value) =>
          (value as unknown[]).map((entry) => (entry === null || entry === undefined ? null : item(entry)))
      }
      case 'map': {
        const item = this.late(shape.value!.shape, 'encoder')
        return (value) => {
          const map: Record<string, unknown> = {}
          for (const [key, entry] of Object.entries(value as object)) {
            if (entry !== null && entry !== undefined) put(map, key, item(entry))
          }
          return map
        }
      }
      default:
        return simpleEncoder(shape, this.format)
    }
  }

  private structureEncoder(shape: Shape): Convert {
    const members = new Map<string, [string, Convert]>()
    for (const member of shape.members) {
      members.set(member.name, [this.wireName(member), this.late(member.shape, 'encoder')])
    }
    return (value) => {
      const encoded: Record<string, unknown> = {}
      for (const key in value as Record<string, unknown>) {
        const member = members.get(key)
        if (member === undefined) continue
        const entry = (value as Record<string, unknown>)[key]
        if (entry !== null && entry !== undefined) encoded[member[0]] = member[1](entry)
      }
      return encoded
    }
  }

  /** Shapes may contain themselves: structures are looked up when first used, simple shapes at once. */
  private late(shape: Shape, kind: 'decoder' | 'encoder'): Convert {
    if (!isAggregate(shape)) return this[kind](shape)
    let made: Convert | undefined
    return (value) => {
      made ??= this[kind](shape)
      return made(value)
    }
  }
}

export const jsonCodec = new ValueCodec({ jsonNames: false, binary: false })
export const restJsonCodec = new ValueCodec({ jsonNames: true, binary: false })
export const cborCodec = new ValueCodec({ jsonNames: false, binary: true })

export function isAggregate(shape: Shape): boolean {
  return shape.type === 'structure' || shape.type === 'union' || shape.type === 'list' || shape.type === 'map'
}

const base64Text = /^[A-Za-z0-9+/\-_]*={0,2}$/

export function decodeBase64(text: string): Uint8Array | undefined {
  return base64Text.test(text) ? Buffer.from(text, 'base64') : undefined
}

function simpleDecoder(shape: Shape, format: ValueFormat): Convert {
  switch (shape.type) {
    case 'string':
      return (value) => {
        if (typeof value !== 'string') throw wrongKind(value, 'String')
        return value
      }
    case 'integer':
    case 'long':
      return (value) => wholeNumber(value, shape.type === 'integer' ? 'Integer' : 'Long')
    case 'float':
    case 'double':
    case 'bigDecimal':
    case 'bigInteger':
      return decimalNumber
    case 'boolean':
      return (value) => {
        if (typeof value !== 'boolean') throw wrongKind(value, 'Boolean')
        return value
      }
    case 'timestamp':
      return (value) => {
        const moment = parseTimestamp(value instanceof CborMoment ? value.seconds : value)
        if (!moment) throw wrongKind(value, 'Timestamp')
        return moment
      }
    case 'blob':
    case 'stream':
      return (value) => {
        if (format.binary && value instanceof Uint8Array) return value
        const bytes = typeof value === 'string' ? decodeBase64(value) : undefined
        if (!bytes) throw wrongKind(value, 'Blob')
        return bytes
      }
    default:
      return (value) => value
  }
}

function simpleEncoder(shape: Shape, format: ValueFormat): Convert {
  switch (shape.type) {
    case 'timestamp':
      if (format.binary) return (value) => new CborMoment(formatTimestamp(value, 'epoch-seconds') as number)
      return (value) => formatTimestamp(value, shape.format ?? 'epoch-seconds')
    case 'blob':
    case 'stream':
      return (value) => (format.binary ? bytesOf(value) : Buffer.from(bytesOf(value)).toString('base64'))
    case 'float':
    case 'double':
      return (value) => (format.binary || Number.isFinite(value) ? value : String(value))
    default:
      return (value) => value
  }
}

export function bytesOf(value: unknown): Uint8Array {
  return typeof value === 'string' ? Buffer.from(value) : (value as Uint8Array)
}

function wholeNumber(value: unknown, kind: string): number {
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'number') throw wrongKind(value, kind)
  if (!Number.isInteger(value)) throw wrongKind(value, kind)
  return value
}

function decimalNumber(value: unknown): number {
  if (typeof value === 'number') return value
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value)
  if (typeof value === 'bigint') return Number(value)
  throw wrongKind(value, 'Double')
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}

/** A key named `__proto__` is data like any other. */
function put(map: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true })
  else map[key] = value
}

/** The words of AWS's own JSON reader. */
function wrongKind(value: unknown, wanted: string): Error {
  return awsError('SerializationException', wrongKindText(value, wanted), 400)
}

function wrongKindText(value: unknown, wanted: string): string {
  const article = /^[AEIOU]/.test(wanted) ? 'an' : 'a'
  if (Array.isArray(value)) return 'Start of list found where not expected'
  if (isPlain(value)) return 'Start of structure or map found where not expected.'
  if (wanted === 'List') return 'Unexpected field type: expected list or null'
  if (wanted === 'Map' || wanted === 'Structure') return 'Unexpected field type: expected structure or map or null'
  if (typeof value === 'number') return `NUMBER_VALUE can not be converted to ${article} ${wanted}`
  if (typeof value === 'boolean')
    return `${String(value).toUpperCase()}_VALUE can not be converted to ${article} ${wanted}`
  if (value === null) return `NULL_VALUE can not be converted to ${article} ${wanted}`
  return `STRING_VALUE can not be converted to ${article} ${wanted}`
}
