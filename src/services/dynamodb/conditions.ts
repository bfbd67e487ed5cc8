/** Whether an item meets a condition. */
import type { Comparator, Condition, Operand, Path } from './expressionParser.ts'
import { areEqual, compareValues, elementKey, type Item, invalid, typeOf, type Value } from './values.ts'

export function valueAt(item: Item, path: Path): Value | undefined {
  let value: Value | undefined = { M: item }
  for (const part of path) {
    if (typeof part === 'number') value = value.L?.[part]
    else value = value.M && Object.hasOwn(value.M, part) ? value.M[part] : undefined
    if (value === undefined) return undefined
  }
  return value
}

export function meets(item: Item, condition: Condition): boolean {
  switch (condition.kind) {
    case 'and':
      return meets(item, condition.left) && meets(item, condition.right)
    case 'or':
      return meets(item, condition.left) || meets(item, condition.right)
    case 'not':
      return !meets(item, condition.condition)
    case 'exists':
      return (valueAt(item, condition.path) !== undefined) === condition.wanted
    case 'compare':
      return compares(operandValue(item, condition.left), condition.comparator, operandValue(item, condition.right))
    case 'between': {
      const value = operandValue(item, condition.value)
      return (
        compares(value, '>=', operandValue(item, condition.low)) &&
        compares(value, '<=', operandValue(item, condition.high))
      )
    }
    case 'in': {
      const value = operandValue(item, condition.value)
      return condition.choices.some((choice) => compares(value, '=', operandValue(item, choice)))
    }
    default:
      return calls(
        condition.kind,
        ...(condition.operands.map((operand) => operandValue(item, operand)) as [Value, Value]),
      )
  }
}

function operandValue(item: Item, operand: Operand): Value | undefined {
  if (operand.kind === 'value') return operand.value
  if (operand.kind === 'path') return valueAt(item, operand.path)
  const measured = operandValue(item, operand.of)
  const size = measured && sizeOf(measured)
  return size === undefined ? undefined : { N: String(size) }
}

function sizeOf(value: Value): number | undefined {
  // Characters of a string are UTF-16 units, as Java counts them.
  if (value.S !== undefined) return value.S.length
  if (value.B) return value.B.byteLength
  if (value.M) return Object.keys(value.M).length
  return (value.L ?? value.SS ?? value.NS ?? value.BS)?.length
}

function compares(left: Value | undefined, comparator: Comparator, right: Value | undefined): boolean {
  if (comparator === '<>') return !left || !right || !areEqual(left, right)
  if (!left || !right) return false
  if (comparator === '=') return areEqual(left, right)
  const order = compareValues(left, right)
  if (order === undefined) return false
  if (comparator === '<') return order < 0
  if (comparator === '<=') return order <= 0
  return comparator === '>' ? order > 0 : order >= 0
}

function calls(kind: 'type' | 'begins' | 'contains', value: Value | undefined, argument: Value | undefined): boolean {
  if (!value || !argument) return false
  if (kind === 'type') return typeOf(value) === argument.S
  if (kind === 'contains') return contains(value, argument)
  if (value.S !== undefined && argument.S !== undefined) return value.S.startsWith(argument.S)
  if (!value.B || !argument.B) return false
  return Buffer.compare(value.B.subarray(0, argument.B.byteLength), argument.B) === 0
}

function contains(value: Value, sought: Value): boolean {
  if (value.S !== undefined && sought.S !== undefined) return value.S.includes(sought.S)
  if (value.B && sought.B) return Buffer.from(value.B).includes(Buffer.from(sought.B))
  if (value.L) return value.L.some((element) => areEqual(element, sought))
  if (value.SS && sought.S !== undefined) return value.SS.includes(sought.S)
  if (value.NS && sought.N !== undefined) return value.NS.includes(sought.N)
  const bytes = sought.B && elementKey(sought.B)
  return bytes !== undefined && (value.BS?.some((element) => elementKey(element) === bytes) ?? false)
}

/** Bounds that are both given are compared when the expression is read, not when an item is. */
export function checkBounds(kind: string, condition: Condition): void {
  if (condition.kind === 'and' || condition.kind === 'or') {
    checkBounds(kind, condition.left)
    checkBounds(kind, condition.right)
  } else if (condition.kind === 'not') checkBounds(kind, condition.condition)
  else if (condition.kind === 'between') checkBetween(kind, condition.low, condition.high)
}

function checkBetween(kind: string, low: Operand, high: Operand): void {
  if (low.kind !== 'value' || high.kind !== 'value') return
  const shown = `lower bound operand: AttributeValue: ${shownValue(low.value)}, upper bound operand: AttributeValue: ${shownValue(high.value)}`
  if (typeOf(low.value) !== typeOf(high.value)) {
    throw invalid(`Invalid ${kind}: The BETWEEN operator requires same data type for lower and upper bounds; ${shown}`)
  }
  if ((compareValues(low.value, high.value) ?? 0) <= 0) return
  throw invalid(
    `Invalid ${kind}: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ${shown}`,
  )
}

function shownValue(value: Value): string {
  const type = typeOf(value)
  return `{${type}:${value.B ? Buffer.from(value.B).toString('base64') : value[type]}}`
}
