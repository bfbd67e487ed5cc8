/** Attribute values: their types, sizes, equality and order. An item is a map of them. */
import { awsError } from '../../wire/errors.ts'
import { canonicalNumber, compareNumbers, numberSize } from './numbers.ts'

/** As on the wire: exactly one member is there. */
export interface Value {
  S?: string
  N?: string
  B?: Uint8Array
  BOOL?: boolean
  NULL?: boolean
  L?: Value[]
  M?: Item
  SS?: string[]
  NS?: string[]
  BS?: Uint8Array[]
}

export type Item = Record<string, Value>
export type ValueType = keyof Value

const depthMax = 32
export const itemSizeMax = 400 * 1024

export function invalid(message: string): Error {
  return awsError('ValidationException', message)
}

export function typeOf(value: Value): ValueType {
  for (const type in value) if (value[type as ValueType] !== undefined) return type as ValueType
  throw invalid('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes')
}

/** The value as it is kept: numbers in their canonical spelling, sets without a repeat. */
export function checkedValue(value: Value, depth = 0): Value {
  const type = typeOf(value)
  if (Object.values(value).filter((member) => member !== undefined).length > 1) {
    throw invalid(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    )
  }
  if (depth > depthMax) throw invalid('Nesting Levels have exceeded supported limits')
  if (type === 'N') return { N: canonicalNumber(value.N as string) }
  if (type === 'L') return { L: (value.L as Value[]).map((element) => checkedValue(element, depth + 1)) }
  if (type === 'M') return { M: checkedItem(value.M as Item, depth + 1) }
  if (type === 'NULL' && !value.NULL) {
    throw invalid('One or more parameter values were invalid: Null attribute value types must have the value of true')
  }
  return type.length === 2 ? checkedSet(value, type as 'SS') : value
}

export function checkedItem(item: Item, depth = 0): Item {
  const checked: Item = {}
  for (const name in item) checked[name] = checkedValue(item[name] as Value, depth)
  return checked
}

function checkedSet(value: Value, type: 'SS' | 'NS' | 'BS'): Value {
  const given = value[type] as string[]
  const members = type === 'NS' ? given.map(canonicalNumber) : given
  if (members.length === 0) {
    const kind = { SS: 'string', NS: 'number', BS: 'binary' }[type]
    throw invalid(`One or more parameter values were invalid: An ${kind} set  may not be empty`)
  }
  const spellings = members.map((member) => elementKey(member))
  if (new Set(spellings).size < members.length) {
    const shown = type === 'BS' ? members.map((member) => Buffer.from(member).toString('base64')) : given
    const list = `[${shown.join(', ')}]`
    throw invalid(
      type === 'NS'
        ? 'Input collection contains duplicates'
        : `One or more parameter values were invalid: Input collection ${list} contains duplicates.`,
    )
  }
  return { [type]: members }
}

export function elementKey(element: string | Uint8Array): string {
  return typeof element === 'string' ? element : Buffer.from(element).toString('latin1')
}

export function itemSize(item: Item): number {
  let size = 0
  for (const name in item) size += Buffer.byteLength(name) + valueSize(item[name] as Value)
  return size
}

export function valueSize(value: Value): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S)
  if (value.N !== undefined) return numberSize(value.N)
  if (value.B !== undefined) return value.B.byteLength
  if (value.L) return value.L.reduce((size, element) => size + 1 + valueSize(element), 3)
  if (value.M) return 3 + Object.keys(value.M).length + itemSize(value.M)
  if (value.SS) return value.SS.reduce((size, element) => size + Buffer.byteLength(element), 0)
  if (value.NS) return value.NS.reduce((size, element) => size + numberSize(element), 0)
  if (value.BS) return value.BS.reduce((size, element) => size + element.byteLength, 0)
  return 1
}

export function areEqual(left: Value, right: Value): boolean {
  const type = typeOf(left)
  if (type !== typeOf(right)) return false
  if (left.L && right.L) {
    const others = right.L
    return left.L.length === others.length && left.L.every((one, at) => areEqual(one, others[at] as Value))
  }
  if (left.M && right.M) {
    const [mine, others] = [left.M, right.M]
    const names = Object.keys(mine)
    const same = (name: string) => Object.hasOwn(others, name) && areEqual(mine[name] as Value, others[name] as Value)
    return names.length === Object.keys(others).length && names.every(same)
  }
  if (type.length === 2 || type === 'B') return sortedKeys(left, type) === sortedKeys(right, type)
  return left[type] === right[type]
}

function sortedKeys(value: Value, type: ValueType): string {
  if (type === 'B') return elementKey(value.B as Uint8Array)
  return JSON.stringify((value[type] as (string | Uint8Array)[]).map(elementKey).sort())
}

/** Undefined where the two have no order: different types, or types without one. */
export function compareValues(left: Value, right: Value): number | undefined {
  if (left.N !== undefined && right.N !== undefined) return compareNumbers(left.N, right.N)
  if (left.S !== undefined && right.S !== undefined) return Buffer.compare(Buffer.from(left.S), Buffer.from(right.S))
  if (left.B !== undefined && right.B !== undefined) return Buffer.compare(left.B, right.B)
  return undefined
}
