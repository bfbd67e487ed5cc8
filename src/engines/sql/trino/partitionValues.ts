/**
 * What can be said of partition keys before any file is looked at: values, stretches of them, and whether a comparison
 * holds, in three values and a fourth, *maybe*, for what is not understood.
 */
import type { Expression, TypeNode } from './ast.ts'

export type KeyValue = { kind: 'text' | 'date'; value: string } | { kind: 'number'; value: bigint }
/** Undefined: not known, or of a type that is not compared here. */
export type KeyValues = ReadonlyMap<string, KeyValue | null | undefined>

/** What was computed of a statement's constant expressions; undefined: of a type that is not compared here. */
export type Constants = ReadonlyMap<Expression, KeyValue | null | undefined>

/** What the condition leaves of one key: certain values, or a stretch. */
export interface Domain {
  values?: readonly KeyValue[]
  low?: KeyValue
  high?: KeyValue
}

/** Of a condition, as far as the keys' values tell. */
export type Truth = boolean | null | 'maybe'
/** Undefined: not known. */
export type Operand = KeyValue | null | undefined

export function stretch(operator: string, value: KeyValue | undefined): Domain {
  if (!value) return {}
  if (operator === '=') return { values: [value] }
  if (operator.startsWith('<') && operator !== '<>') return { high: value }
  return operator.startsWith('>') ? { low: value } : {}
}

export function intersection(a: Domain, b: Domain): Domain {
  const values =
    a.values && b.values ? a.values.filter((one) => b.values?.some((other) => same(one, other))) : undefined
  const low = later(a.low, b.low)
  const high = earlier(a.high, b.high)
  return {
    ...((values ?? a.values ?? b.values) && { values: (values ?? a.values ?? b.values) as readonly KeyValue[] }),
    ...(low && { low }),
    ...(high && { high }),
  }
}

export function union(a: Domain, b: Domain): Domain {
  if (a.values && b.values) {
    const more = b.values.filter((one) => !a.values?.some((other) => same(one, other)))
    return { values: [...a.values, ...more] }
  }
  const low = a.low && b.low && earlier(a.low, b.low)
  const high = a.high && b.high && later(a.high, b.high)
  return { ...(low && { low }), ...(high && { high }) }
}

const same = (a: KeyValue, b: KeyValue) => order(a, b) === 0
/** Of two of one kind; where the kinds differ the second says nothing. */
function later(a: KeyValue | undefined, b: KeyValue | undefined): KeyValue | undefined {
  return a && b ? ((order(a, b) ?? 1) >= 0 ? a : b) : (a ?? b)
}
function earlier(a: KeyValue | undefined, b: KeyValue | undefined): KeyValue | undefined {
  return a && b ? ((order(a, b) ?? -1) <= 0 ? a : b) : (a ?? b)
}

/** Undefined where the two cannot be compared here. Text is compared by its bytes. */
export function order(a: KeyValue, b: KeyValue): number | undefined {
  if (a.kind === 'number' && b.kind === 'number') return a.value < b.value ? -1 : Number(a.value > b.value)
  if (a.kind !== b.kind || a.kind === 'number' || b.kind === 'number') return undefined
  return Buffer.compare(Buffer.from(a.value), Buffer.from(b.value))
}

export function compared(operator: string, left: Operand, right: Operand): Truth {
  if (left === null || right === null) return null
  if (!left || !right) return 'maybe'
  const sign = order(left, right)
  if (sign === undefined) return 'maybe'
  switch (operator) {
    case '=':
      return sign === 0
    case '<>':
      return sign !== 0
    case '<':
      return sign < 0
    case '<=':
      return sign <= 0
    case '>':
      return sign > 0
    default:
      return sign >= 0
  }
}

/** A value as another type. What the engine would refuse stays with it. */
export function converted(value: Operand, { name, numbers }: TypeNode): Operand {
  if (!value) return value
  if (numbers.length > 0) return undefined
  switch (name.toLowerCase()) {
    case 'int':
    case 'integer':
    case 'bigint':
      return value.kind === 'date' ? undefined : keyValue('bigint', String(value.value))
    case 'varchar':
      return { kind: 'text', value: String(value.value) }
    case 'date':
      return value.kind === 'number' ? undefined : dateOf(value.value)
    default:
      return undefined
  }
}

export function joined(parts: readonly Operand[]): Operand {
  if (parts.includes(null)) return null
  const texts = parts.flatMap((part) => (part?.kind === 'text' ? [part.value] : []))
  return texts.length === parts.length ? { kind: 'text', value: texts.join('') } : undefined
}

export function alike(value: Operand, pattern: Operand): Truth {
  if (value === null || pattern === null) return null
  if (value?.kind !== 'text' || pattern?.kind !== 'text') return 'maybe'
  const source = pattern.value
    .replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    .replaceAll('%', '[^]*')
    .replaceAll('_', '[^]')
  return new RegExp(`^${source}$`, 'u').test(value.value)
}

export function conjunction(sides: readonly Truth[]): Truth {
  if (sides.includes(false)) return false
  if (sides.includes('maybe')) return 'maybe'
  return sides.includes(null) ? null : true
}

export function negation(truth: Truth): Truth {
  return typeof truth === 'boolean' ? !truth : truth
}

export function dateOf(text: string): KeyValue | undefined {
  return /^\d{4}-\d\d-\d\d$/.test(text) ? { kind: 'date', value: text } : undefined
}

/** A partition's text as a value of its key's type. */
export function keyValue(type: string, text: string | null): KeyValue | null | undefined {
  if (text === null) return null
  if (/^(string|varchar)/.test(type)) return { kind: 'text', value: text }
  if (/^(tinyint|smallint|int|integer|bigint)$/.test(type)) {
    return /^[+-]?\d+$/.test(text) ? { kind: 'number', value: BigInt(text) } : undefined
  }
  return type === 'date' ? dateOf(text) : undefined
}
