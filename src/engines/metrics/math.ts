/**
 * Computes metric math. A value is a number, a text, a series, or a list of series; the functions are in mathFunctions.ts.
 * What needs the store (SEARCH, METRICS, bands) is asked of `MathWorld`.
 */
import { functions } from './mathFunctions.ts'
import { MathError, type MathNode } from './mathSyntax.ts'
import { eachOf, type MathValue, type MathWorld, seriesIn } from './mathValues.ts'
import { joined, type Series } from './series.ts'

/** Errors: MathError. */
export function computeMath(node: MathNode, world: MathWorld): MathValue {
  if (node.kind === 'number' || node.kind === 'string') return node.value
  if (node.kind === 'name') return named(node.name, world)
  if (node.kind === 'list') return node.items.flatMap((item) => seriesIn(computeMath(item, world)))
  if (node.kind === 'negation') return eachOf(computeMath(node.of, world), (value) => -value)
  if (node.kind === 'operation') {
    const left = computeMath(node.left, world)
    return operate(node.operator, left, computeMath(node.right, world))
  }
  const compute = functions.get(node.name)
  if (!compute) throw new MathError(`Unknown function '${node.name}'.`)
  return compute(node.parts, world, (part) => computeMath(part, world))
}

function named(name: string, world: MathWorld): MathValue {
  const value = world.byName(name)
  if (value === undefined) throw new MathError(`Undefined variable '${name}'.`)
  return value
}

const operators: Record<string, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '^': (a, b) => a ** b,
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '<': (a, b) => Number(a < b),
  '<=': (a, b) => Number(a <= b),
  '>': (a, b) => Number(a > b),
  '>=': (a, b) => Number(a >= b),
  '&&': (a, b) => Number(a !== 0 && b !== 0),
  '||': (a, b) => Number(a !== 0 || b !== 0),
}

/** Numbers meet every value of a series; two series meet where both have one; a list's series each meet the other side. */
function operate(operator: string, left: MathValue, right: MathValue): MathValue {
  const combine = operators[operator] as (a: number, b: number) => number
  if (typeof left === 'string' || typeof right === 'string') throw new MathError(`'${operator}' takes no text.`)
  if (typeof left === 'number') return eachOf(right, (value) => combine(left, value))
  if (typeof right === 'number') return eachOf(left, (value) => combine(value, right))
  if (Array.isArray(left) && Array.isArray(right)) {
    if (left.length !== right.length) throw new MathError(`'${operator}' takes two lists of one length.`)
    return left.map((series, index) => joined(series, right[index] as Series, combine))
  }
  if (Array.isArray(left)) return left.map((series) => joined(series, right as Series, combine))
  // Of one series and many, each result keeps the name of the one among the many.
  if (Array.isArray(right)) return right.map((series) => ({ ...joined(left, series, combine), label: series.label }))
  return joined(left, right, combine)
}
