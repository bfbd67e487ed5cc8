/** Types as they are found in data: what two files say of one column is merged, and written as the Catalog writes it. */

export type InferredType =
  /** Nothing but nulls was seen. */
  | { kind: 'unknown' }
  | { kind: 'scalar'; name: string }
  | { kind: 'array'; element: InferredType }
  | { kind: 'map'; key: InferredType; value: InferredType }
  | { kind: 'struct'; fields: InferredColumn[] }

export interface InferredColumn {
  name: string
  type: InferredType
}

export const unknown: InferredType = { kind: 'unknown' }

export function scalar(name: string): InferredType {
  return { kind: 'scalar', name }
}

/** Each holds all values of those before it, decimals of moderate size included. */
const numbers = ['tinyint', 'smallint', 'int', 'bigint', 'decimal', 'float', 'double']

/** The narrowest type that holds both; text, where there is no other. */
export function mergedType(one: InferredType, other: InferredType): InferredType {
  if (one.kind === 'unknown') return other
  if (other.kind === 'unknown') return one
  if (one.kind === 'array' && other.kind === 'array')
    return { kind: 'array', element: mergedType(one.element, other.element) }
  if (one.kind === 'map' && other.kind === 'map')
    return { kind: 'map', key: mergedType(one.key, other.key), value: mergedType(one.value, other.value) }
  if (one.kind === 'struct' && other.kind === 'struct')
    return { kind: 'struct', fields: mergedColumns(one.fields, other.fields) }
  if (one.kind === 'scalar' && other.kind === 'scalar') return scalar(mergedScalar(one.name, other.name))
  return scalar('string')
}

function mergedScalar(one: string, other: string): string {
  if (one === other) return one
  const ranks = [one, other].map((name) => numbers.indexOf(name.replace(/\(.*/, '')))
  const [first = -1, second = -1] = ranks
  if (first < 0 || second < 0) return dates.has(one) && dates.has(other) ? 'timestamp' : 'string'
  if (first === second) return widerDecimal(one, other)
  return first > second ? one : other
}

const dates = new Set(['date', 'timestamp'])

function widerDecimal(one: string, other: string): string {
  const [[precision = 10, scale = 0], [otherPrecision = 10, otherScale = 0]] = [one, other].map((name) =>
    [...name.matchAll(/\d+/g)].map(Number),
  ) as [number[], number[]]
  const points = Math.max(scale, otherScale)
  const whole = Math.max(precision - scale, otherPrecision - otherScale)
  return `decimal(${Math.min(38, whole + points)},${points})`
}

/** By name, in the order in which they were first seen. */
export function mergedColumns(one: readonly InferredColumn[], other: readonly InferredColumn[]): InferredColumn[] {
  const merged = new Map(one.map((column) => [column.name, column.type]))
  for (const { name, type } of other) merged.set(name, mergedType(merged.get(name) ?? unknown, type))
  return [...merged].map(([name, type]) => ({ name, type }))
}

/** `array<struct<sku:string,qty:int>>` */
export function hiveText(type: InferredType): string {
  switch (type.kind) {
    case 'unknown':
      return 'string'
    case 'scalar':
      return type.name
    case 'array':
      return `array<${hiveText(type.element)}>`
    case 'map':
      return `map<${hiveText(type.key)},${hiveText(type.value)}>`
    case 'struct':
      return `struct<${type.fields.map((field) => `${field.name}:${hiveText(field.type)}`).join(',')}>`
  }
}
