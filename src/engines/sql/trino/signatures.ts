/** Which of a function's signatures a call means, and the types that come of it. */
import type { Call, Expression, TypeNode } from './ast.ts'
import { commonType, isCoercible } from './coercion.ts'
import { parseTypeNode } from './parser.ts'
import {
  arrayOf,
  decimal,
  isNumeric,
  isText,
  mapOf,
  rowOf,
  type SqlType,
  sameType,
  unknown,
  varchar,
} from './sqlTypes.ts'
import type { Typed } from './typed.ts'
import { typeOf } from './typeNodes.ts'

export interface Signature {
  parameters: readonly TypeNode[]
  variadic: boolean
  result: TypeNode
}

/** `array_position(array(T), T): bigint` */
export function parseSignature(text: string): Signature {
  const close = text.lastIndexOf('): ')
  const inside = text.slice(text.indexOf('(') + 1, close)
  const variadic = inside.endsWith('…')
  const parts = splitTop(variadic ? inside.slice(0, -1) : inside)
  return { parameters: parts.map(parseTypeNode), variadic, result: parseTypeNode(text.slice(close + 3)) }
}

function splitTop(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++
    else if (text[i] === ')') depth--
    else if (text[i] === ',' && depth === 0) {
      parts.push(text.slice(start, i))
      start = i + 1
    }
  }
  const last = text.slice(start)
  return last.trim() === '' ? parts : [...parts, last]
}

/** Bound letters; numbers of decimals and lengths are kept as strings' numbers. */
export class Bindings {
  readonly types = new Map<string, SqlType>()
  readonly numbers = new Map<string, number | undefined>()
}

export interface Resolved {
  signature: Signature
  bindings: Bindings
  /** The type each argument is to become; a lambda's is what its parameters are known to be. */
  wanted: readonly SqlType[]
}

const isVariable = (node: TypeNode) => /^[a-z]$/.test(node.name) && node.types.length === 0 && node.numbers.length === 0

/** Parameters as many as arguments, the last repeated where the signature says so. */
function parametersFor(signature: Signature, count: number): readonly TypeNode[] | undefined {
  const { parameters, variadic } = signature
  if (!variadic) return parameters.length === count ? parameters : undefined
  if (count < parameters.length - 1) return undefined
  const last = parameters[parameters.length - 1] as TypeNode
  const repeated = Array.from({ length: Math.max(0, count - parameters.length + 1) }, () => last)
  return [...parameters.slice(0, -1), ...repeated]
}

/** The arguments' types; a lambda has none yet. */
export function resolveSignature(
  signatures: readonly Signature[],
  args: readonly (Typed | undefined)[],
): Resolved | undefined {
  return choose(signatures, args, true) ?? choose(signatures, args, false)
}

function choose(
  signatures: readonly Signature[],
  args: readonly (Typed | undefined)[],
  exact: boolean,
): Resolved | undefined {
  for (const signature of signatures) {
    const parameters = parametersFor(signature, args.length)
    const bindings = parameters && bind(parameters, args)
    if (!parameters || !bindings) continue
    const wanted = parameters.map((parameter, i) => instantiate(parameter, bindings, args[i]?.type))
    const fits = args.every((arg, i) => {
      const target = wanted[i]
      if (!arg) return parameters[i]?.name === 'function'
      if (!target) return false
      return exact ? sameType(arg.type, target) : isCoercible(arg.type, target)
    })
    if (fits) return { signature, bindings, wanted: wanted as SqlType[] }
  }
  return undefined
}

function bind(parameters: readonly TypeNode[], args: readonly (Typed | undefined)[]): Bindings | undefined {
  const bindings = new Bindings()
  // Those that are NULL alone say nothing, so they come last.
  const order = parameters
    .map((_, i) => i)
    .sort((a, b) => Number(args[a]?.type.kind === 'unknown') - Number(args[b]?.type.kind === 'unknown'))
  for (const i of order) {
    const arg = args[i]
    if (arg && !unify(parameters[i] as TypeNode, arg.type, bindings)) return undefined
  }
  return bindings
}

export function unify(pattern: TypeNode, type: SqlType, bindings: Bindings): boolean {
  if (isVariable(pattern)) return bindVariable(pattern.name, type, bindings)
  if (type.kind === 'unknown') return true
  const [first, second] = pattern.types.map((item) => item.type)
  switch (pattern.name) {
    case 'array':
      return type.kind === 'array' && unify(first as TypeNode, type.element, bindings)
    case 'map':
      return (
        type.kind === 'map' &&
        unify(first as TypeNode, type.key, bindings) &&
        unify(second as TypeNode, type.value, bindings)
      )
    case 'row':
      return (
        type.kind === 'row' &&
        type.fields.length === pattern.types.length &&
        type.fields.every((field, i) => unify(pattern.types[i]?.type as TypeNode, field.type, bindings))
      )
    case 'decimal':
      return bindDecimal(pattern, type, bindings)
    case 'varchar':
    case 'char':
      if (!first) return true
      bindings.numbers.set(
        first.name,
        Math.max(lengthOf(type) ?? Number.POSITIVE_INFINITY, bindings.numbers.get(first.name) ?? 0),
      )
      return isText(type)
    case 'timestamp':
    case 'time':
      if (first && 'precision' in type)
        bindings.numbers.set(first.name, Math.max(type.precision, bindings.numbers.get(first.name) ?? 0))
      else if (first && type.kind === 'date') bindings.numbers.set(first.name, bindings.numbers.get(first.name) ?? 0)
      return true
    default:
      return true
  }
}

function lengthOf(type: SqlType): number | undefined {
  return type.kind === 'varchar' || type.kind === 'char' ? type.length : undefined
}

function bindVariable(name: string, type: SqlType, bindings: Bindings): boolean {
  if (name === 'n' && !isNumeric(type) && type.kind !== 'unknown') return false
  const before = bindings.types.get(name)
  const common = before ? commonType(before, type) : type
  if (common) bindings.types.set(name, common)
  return common !== undefined
}

function bindDecimal(pattern: TypeNode, type: SqlType, bindings: Bindings): boolean {
  const digits = { tinyint: [3, 0], smallint: [5, 0], integer: [10, 0], bigint: [19, 0] }[type.kind as 'tinyint']
  const [precision, scale] = type.kind === 'decimal' ? [type.precision, type.scale] : (digits ?? [])
  if (precision === undefined || scale === undefined) return false
  const [p, s] = pattern.types.map((item) => item.type.name)
  if (p && s) {
    const [knownPrecision = precision, knownScale = scale] = [bindings.numbers.get(p), bindings.numbers.get(s)]
    const widest = commonType(decimal(precision, scale), decimal(knownPrecision, knownScale)) as {
      precision: number
      scale: number
    }
    bindings.numbers.set(p, widest.precision)
    bindings.numbers.set(s, widest.scale)
  }
  return true
}

/** A pattern with its letters replaced; undefined where one is not bound. */
export function instantiate(pattern: TypeNode, bindings: Bindings, actual?: SqlType): SqlType | undefined {
  if (isVariable(pattern)) return bindings.types.get(pattern.name)
  const inner = () => pattern.types.map((item) => instantiate(item.type, bindings) ?? unknown)
  const number = (i: number) => {
    const node = pattern.types[i]?.type
    return node && bindings.numbers.get(node.name)
  }
  switch (pattern.name) {
    case 'array':
      return arrayOf(inner()[0] as SqlType)
    case 'map':
      return mapOf(...(inner() as [SqlType, SqlType]))
    case 'row':
      return rowOf(
        inner().map((type, i) => ({
          type,
          ...(pattern.types[i]?.name !== undefined && { name: pattern.types[i]?.name as string }),
        })),
      )
    case 'function': {
      const types = inner()
      return { kind: 'function', parameters: types.slice(0, -1), result: types[types.length - 1] as SqlType }
    }
    case 'decimal':
      return pattern.types.length === 0
        ? typeOf(pattern)
        : pattern.numbers.length > 0
          ? decimal(pattern.numbers[0] as number, number(0) ?? 0)
          : decimal(number(0) ?? 38, number(1) ?? 0)
    case 'varchar': {
      if (pattern.types.length === 0) return typeOf(pattern)
      const length = number(0)
      return varchar(length === undefined || !Number.isFinite(length) ? undefined : length)
    }
    case 'char':
      return pattern.types.length === 0
        ? typeOf(pattern)
        : actual?.kind === 'char'
          ? actual
          : { kind: 'char', length: number(0) ?? 1 }
    case 'timestamp':
    case 'time':
      return pattern.types.length === 0
        ? typeOf(pattern)
        : { kind: pattern.name, precision: number(0) ?? 3, zoned: pattern.zoned ?? false }
    default:
      return typeOf(pattern)
  }
}

export function isLambda(node: Expression): node is Extract<Expression, { kind: 'lambda' }> {
  return node.kind === 'lambda'
}

/** As Trino lists what it would have taken. */
export function signatureText(text: string, call: Call): string {
  return text
    .replace(/^[^(]*/, call.name)
    .replace(/…/, ', ...')
    .replace(/: .*$/, '')
}
