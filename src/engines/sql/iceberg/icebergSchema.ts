/** Iceberg's schemas, as its metadata writes them: in Trino's types, in the Catalog's, and made of Hive's and Trino's. */
import { type HiveType, parseHiveType } from '../hiveTypes.ts'
import { notSupported } from '../sqlError.ts'
import {
  arrayOf,
  decimal,
  mapOf,
  type PlainKind,
  plain,
  rowOf,
  type SqlType,
  time,
  timestamp,
  typeName,
  varchar,
} from '../trino/sqlTypes.ts'

export type IcebergType =
  | string
  | IcebergStruct
  | { type: 'list'; 'element-id': number; element: IcebergType; 'element-required': boolean }
  | {
      type: 'map'
      'key-id': number
      key: IcebergType
      'value-id': number
      value: IcebergType
      'value-required': boolean
    }

export interface IcebergStruct {
  type: 'struct'
  fields: IcebergField[]
}

export interface IcebergField {
  id: number
  name: string
  required: boolean
  type: IcebergType
  doc?: string | null
}

const trinoNames: Record<string, SqlType> = {
  boolean: plain('boolean'),
  int: plain('integer'),
  long: plain('bigint'),
  float: plain('real'),
  double: plain('double'),
  date: plain('date'),
  time: time(6),
  timestamp: timestamp(6),
  timestamptz: timestamp(6, true),
  /** Of metadata tables alone. */
  timestamptz_ms: timestamp(3, true),
  string: varchar(),
  uuid: plain('uuid'),
  binary: plain('varbinary'),
}

/** Errors: NOT_SUPPORTED, for types of later formats. */
export function trinoTypeOf(type: IcebergType): SqlType {
  if (typeof type === 'string') {
    const known = Object.hasOwn(trinoNames, type) ? trinoNames[type] : undefined
    if (known) return known
    const [, precision, scale] = /^decimal\((\d+),\s*(\d+)\)$/.exec(type) ?? []
    if (precision !== undefined) return decimal(Number(precision), Number(scale))
    if (/^fixed\[\d+\]$/.test(type)) return plain('varbinary')
    throw notSupported(`The Iceberg type ${type}`)
  }
  if (type.type === 'struct')
    return rowOf(type.fields.map((field) => ({ name: field.name.toLowerCase(), type: trinoTypeOf(field.type) })))
  if (type.type === 'list') return arrayOf(trinoTypeOf(type.element))
  return mapOf(trinoTypeOf(type.key), trinoTypeOf(type.value))
}

/** As the Catalog's columns of an Iceberg table are written by AWS: Hive's names, where it has one. */
export function catalogTypeOf(type: IcebergType): string {
  if (typeof type === 'string') {
    const renamed = { long: 'bigint', uuid: 'string', time: 'string', timestamptz: 'timestamp' }[type]
    if (renamed) return renamed
    return /^fixed/.test(type) ? 'binary' : type.replace(/\s/g, '')
  }
  if (type.type === 'struct')
    return `struct<${type.fields.map((field) => `${field.name}:${catalogTypeOf(field.type)}`).join(',')}>`
  if (type.type === 'list') return `array<${catalogTypeOf(type.element)}>`
  return `map<${catalogTypeOf(type.key)},${catalogTypeOf(type.value)}>`
}

/** A schema of columns with ids of our own; the library gives them others. */
export class SchemaMaker {
  #last = 0

  struct(columns: readonly { name: string; comment?: string; type: string | SqlType }[]): IcebergStruct {
    return {
      type: 'struct',
      fields: columns.map(({ name, type, comment }) => ({
        ...this.#field(name, typeof type === 'string' ? this.ofHive(parseHiveType(type)) : this.ofTrino(type)),
        ...(comment !== undefined && { doc: comment }),
      })),
    }
  }

  #field(name: string, type: IcebergType): IcebergField {
    return { id: this.#next(), name, required: false, type }
  }

  #next(): number {
    this.#last += 1
    return this.#last
  }

  #list(element: IcebergType): IcebergType {
    return { type: 'list', 'element-id': this.#next(), element, 'element-required': false }
  }

  #map(key: IcebergType, value: IcebergType): IcebergType {
    return { type: 'map', 'key-id': this.#next(), key, 'value-id': this.#next(), value, 'value-required': false }
  }

  /** Errors: NOT_SUPPORTED for what Athena's Iceberg tables do not have. */
  ofHive(type: HiveType): IcebergType {
    switch (type.kind) {
      case 'array':
        return this.#list(this.ofHive(type.element))
      case 'map':
        return this.#map(this.ofHive(type.key), this.ofHive(type.value))
      case 'struct':
        return {
          type: 'struct',
          fields: type.fields.map((field) => this.#field(field.name, this.ofHive(field.type))),
        }
      case 'scalar': {
        if (type.name === 'decimal') return `decimal(${type.args[0] ?? 10}, ${type.args[1] ?? 0})`
        const known = hiveNames[type.name]
        if (!known) throw notSupported(`The type ${type.name} in an Iceberg table`)
        return known
      }
    }
  }

  ofTrino(type: SqlType): IcebergType {
    switch (type.kind) {
      case 'array':
        return this.#list(this.ofTrino(type.element))
      case 'map':
        return this.#map(this.ofTrino(type.key), this.ofTrino(type.value))
      case 'row':
        return {
          type: 'struct',
          fields: type.fields.map((field, i) => this.#field(field.name ?? `field${i}`, this.ofTrino(field.type))),
        }
      case 'decimal':
        return `decimal(${type.precision}, ${type.scale})`
      case 'varchar':
      case 'char':
        return 'string'
      case 'timestamp':
        return type.zoned ? 'timestamptz' : 'timestamp'
      case 'time':
        if (!type.zoned) return 'time'
        break
      default: {
        const known = plainNames[type.kind as PlainKind]
        if (known) return known
      }
    }
    throw notSupported(`The type ${typeName(type)} in an Iceberg table`)
  }
}

const hiveNames: Record<string, string> = {
  boolean: 'boolean',
  int: 'int',
  bigint: 'long',
  float: 'float',
  double: 'double',
  date: 'date',
  timestamp: 'timestamp',
  string: 'string',
  binary: 'binary',
}

const plainNames: Partial<Record<PlainKind, string>> = {
  boolean: 'boolean',
  integer: 'int',
  bigint: 'long',
  real: 'float',
  double: 'double',
  date: 'date',
  varbinary: 'binary',
  uuid: 'uuid',
}
