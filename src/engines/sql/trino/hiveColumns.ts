/** Between the Catalog's columns and this folder's: types, and values on their way in (files) and out (files written). */
import { quoteName } from '../cursor.ts'
import { type HiveType, parseHiveType } from '../hiveTypes.ts'
import { lambdaName } from './casts.ts'
import {
  arrayOf,
  decimal,
  mapOf,
  type PlainKind,
  plain,
  rowOf,
  type SqlType,
  timestamp,
  typeName,
  varchar,
} from './sqlTypes.ts'
import { refused } from './trinoErrors.ts'

export function fromHive(text: string): SqlType {
  return sqlTypeOf(parseHiveType(text))
}

function sqlTypeOf(type: HiveType): SqlType {
  switch (type.kind) {
    case 'array':
      return arrayOf(sqlTypeOf(type.element))
    case 'map':
      return mapOf(sqlTypeOf(type.key), sqlTypeOf(type.value))
    case 'struct':
      return rowOf(type.fields.map((field) => ({ name: field.name, type: sqlTypeOf(field.type) })))
    case 'scalar':
      return scalarOf(type.name, type.args)
  }
}

function scalarOf(name: string, args: readonly number[]): SqlType {
  if (name === 'decimal') return decimal(args[0] ?? 10, args[1] ?? 0)
  if (name === 'string') return varchar()
  if (name === 'varchar') return varchar(args[0])
  if (name === 'char') return { kind: 'char', length: args[0] ?? 1 }
  if (name === 'timestamp') return timestamp(3)
  const renamed: Record<string, PlainKind> = { int: 'integer', float: 'real', binary: 'varbinary' }
  return plain(renamed[name] ?? (name as PlainKind))
}

/** The Catalog's spelling of a query's column: what CREATE TABLE AS registers. Errors: NOT_SUPPORTED. */
export function toHive(type: SqlType): string {
  switch (type.kind) {
    case 'array':
      return `array<${toHive(type.element)}>`
    case 'map':
      return `map<${toHive(type.key)},${toHive(type.value)}>`
    case 'row':
      return `struct<${type.fields.map((field, i) => `${field.name ?? `field${i}`}:${toHive(field.type)}`).join(',')}>`
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`
    case 'varchar':
      return type.length === undefined ? 'string' : `varchar(${type.length})`
    case 'char':
      return `char(${type.length})`
    case 'timestamp':
      if (!type.zoned) return 'timestamp'
      break
    default: {
      const name = { integer: 'int', real: 'float', varbinary: 'binary' }[type.kind as 'integer'] ?? type.kind
      if (['boolean', 'tinyint', 'smallint', 'int', 'bigint', 'float', 'double', 'date', 'binary'].includes(name))
        return name
    }
  }
  throw refused(`Unsupported Hive type: ${typeName(type)}; a column of it`, { line: 1, column: 1 })
}

/** A value as the readers give it (structs by field name, chars padded) to what carries it here. */
export function toCarrier(sql: string, type: SqlType): string {
  if (!differs(type)) return sql
  switch (type.kind) {
    case 'char':
      return `rtrim(${sql}, ' ')`
    case 'array': {
      const element = lambdaName(sql)
      return `list_transform(${sql}, lambda ${element}: ${toCarrier(element, type.element)})`
    }
    case 'map': {
      const [key, value] = [lambdaName(sql), `${lambdaName(sql)}v`]
      return `map(list_transform(map_keys(${sql}), lambda ${key}: ${toCarrier(key, type.key)}), list_transform(map_values(${sql}), lambda ${value}: ${toCarrier(value, type.value)}))`
    }
    case 'row': {
      const fields = type.fields.map(
        (field, i) => `f${i} := ${toCarrier(`(${sql}).${quoteName(field.name ?? `field${i}`)}`, field.type)}`,
      )
      return `CASE WHEN ${sql} IS NOT NULL THEN struct_pack(${fields.join(', ')}) END`
    }
    default:
      return sql
  }
}

/** The way back, for files that are written. */
export function toStored(sql: string, type: SqlType): string {
  if (!differs(type)) return type.kind === 'unknown' ? `CAST(${sql} AS VARCHAR)` : sql
  switch (type.kind) {
    case 'char':
      return `rpad(${sql}, ${type.length}, ' ')`
    case 'array': {
      const element = lambdaName(sql)
      return `list_transform(${sql}, lambda ${element}: ${toStored(element, type.element)})`
    }
    case 'map': {
      const [key, value] = [lambdaName(sql), `${lambdaName(sql)}v`]
      return `map(list_transform(map_keys(${sql}), lambda ${key}: ${toStored(key, type.key)}), list_transform(map_values(${sql}), lambda ${value}: ${toStored(value, type.value)}))`
    }
    case 'row': {
      const fields = type.fields.map(
        (field, i) => `${quoteName(field.name ?? `field${i}`)} := ${toStored(`(${sql}).f${i}`, field.type)}`,
      )
      return `CASE WHEN ${sql} IS NOT NULL THEN struct_pack(${fields.join(', ')}) END`
    }
    default:
      return sql
  }
}

function differs(type: SqlType): boolean {
  if (type.kind === 'array') return differs(type.element)
  if (type.kind === 'map') return differs(type.key) || differs(type.value)
  return type.kind === 'char' || type.kind === 'row'
}
