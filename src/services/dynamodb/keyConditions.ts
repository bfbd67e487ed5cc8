/** Key conditions: the partition, and the stretch of sort keys in it. */
import type { KeyPart } from '../../store/keys.ts'
import type { Condition, Operand } from './expressionParser.ts'
import { attributesOf, type KeySchema, partitionText, sortStart, sortText } from './keys.ts'
import { invalid, typeOf, type Value } from './values.ts'

export interface Stretch {
  prefix: readonly KeyPart[]
  from?: readonly KeyPart[]
  before?: readonly KeyPart[]
  startsWith?: string
}

const notSupported = 'Query key condition not supported'

export function stretchOf(condition: Condition, keys: KeySchema, holder: string): Stretch {
  const byName = new Map<string, Condition>()
  for (const part of conjuncts(condition)) {
    const name = attributeOf(part)
    if (byName.has(name)) {
      throw invalid('Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key')
    }
    byName.set(name, part)
  }
  const partition = byName.get(keys.partition.name)
  if (!partition) throw invalid(`Query condition missed key schema element: ${keys.partition.name}`)
  if (partition.kind !== 'compare' || partition.comparator !== '=') throw invalid(notSupported)
  for (const name of byName.keys()) {
    if (attributesOf(keys).some((attribute) => attribute.name === name)) continue
    throw invalid(keys.sort ? `Query condition missed key schema element: ${keys.sort.name}` : notSupported)
  }
  const prefix = [holder, partitionText(operandValue(partition.right, keys, keys.partition.name))]
  const sort = keys.sort && byName.get(keys.sort.name)
  return sort ? { prefix, ...sortStretch(sort, prefix, keys) } : { prefix }
}

function conjuncts(condition: Condition): Condition[] {
  if (condition.kind === 'and') return [...conjuncts(condition.left), ...conjuncts(condition.right)]
  if (condition.kind === 'or' || condition.kind === 'not') {
    throw invalid(`Invalid operator used in KeyConditionExpression: ${condition.kind.toUpperCase()}`)
  }
  return [condition]
}

function attributeOf(part: Condition): string {
  const operand =
    part.kind === 'compare'
      ? part.left
      : part.kind === 'between'
        ? part.value
        : part.kind === 'begins' && part.operands[0]
  if (!operand) throw invalid('Invalid operator used in KeyConditionExpression')
  if (operand.kind !== 'path') throw invalid(notSupported)
  if (operand.path.length > 1) {
    throw invalid('Invalid KeyConditionExpression: KeyConditionExpressions cannot have conditions on nested attributes')
  }
  return operand.path[0] as string
}

function operandValue(operand: Operand, keys: KeySchema, name: string): Value {
  if (operand.kind !== 'value') throw invalid(notSupported)
  const { type } = attributesOf(keys).find((attribute) => attribute.name === name) ?? {}
  if (typeOf(operand.value) !== type) {
    throw invalid('One or more parameter values were invalid: Condition parameter type does not match schema type')
  }
  if (operand.value.S === '' || operand.value.B?.byteLength === 0) {
    throw invalid(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${type === 'S' ? 'string' : 'binary'} value. Key: ${name}`,
    )
  }
  return operand.value
}

/** May reach a little further than the condition, which is asked of each item besides. */
function sortStretch(sort: Condition, prefix: readonly KeyPart[], keys: KeySchema): Partial<Stretch> {
  const text = (operand: Operand) => sortText(operandValue(operand, keys, keys.sort?.name as string))
  const from = (operand: Operand) => ({ from: [...prefix, text(operand)] })
  const until = (operand: Operand) => ({ before: [...prefix, `${text(operand)}\x01`] })
  if (sort.kind === 'between') return { ...from(sort.low), ...until(sort.high) }
  if (sort.kind === 'begins')
    return { startsWith: sortStart(operandValue(sort.operands[1], keys, keys.sort?.name as string)) }
  if (sort.kind !== 'compare' || sort.comparator === '<>') throw invalid(notSupported)
  if (sort.comparator === '=') return { ...from(sort.right), ...until(sort.right) }
  return sort.comparator.startsWith('<') ? until(sort.right) : from(sort.right)
}
