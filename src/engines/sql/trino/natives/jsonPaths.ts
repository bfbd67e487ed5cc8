/** The SQL standard's JSON path language, lax and strict: read once a call, walked over values (trino.io, "JSON path language"). */

import { type PathNode, parsePath } from './jsonPathParser.ts'
import { type Json, JsonNumber, readJson } from './jsonValues.ts'
import { NativeError } from './native.ts'

const failed = (message: string) => new NativeError('PATH_EVALUATION_ERROR', message)

/** What the path finds. Errors: the input is no JSON, a strict path leads nowhere. */
export function pathResult(text: string, path: string, parameters: string): Json[] {
  const input = readJson(text)
  if (input === undefined) throw new NativeError('JSON_INPUT_CONVERSION_ERROR', 'conversion to JSON failed')
  const { strict, root } = parsePath(path)
  const variables = readJson(parameters) as Map<string, Json>
  return evaluate(root, { root: input, current: undefined, strict, variables, last: undefined })
}

/** Why a path is no path; undefined where it is one. */
export function checkPath(path: string): string | undefined {
  try {
    parsePath(path)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

interface Place {
  root: Json
  /** `@` in a filter. */
  current: Json | undefined
  strict: boolean
  variables: Map<string, Json>
  /** The last index of the array whose subscripts are read. */
  last: number | undefined
}

function evaluate(node: PathNode, place: Place): Json[] {
  switch (node.kind) {
    case 'root':
      return [place.root]
    case 'current':
      return [place.current as Json]
    case 'literal':
      return [node.value]
    case 'variable':
      if (!place.variables.has(node.name)) throw failed(`no value passed for parameter ${node.name}`)
      return [place.variables.get(node.name) as Json]
    case 'last':
      return [new JsonNumber(String(place.last))]
    case 'member':
      return evaluate(node.base, place).flatMap((value) => member(value, node.name, place.strict))
    case 'descendants':
      return evaluate(node.base, place).flatMap((value) => descendants(value, node.name))
    case 'subscripts':
      return evaluate(node.base, place).flatMap((value) => subscripted(value, node, place))
    case 'filter':
      return unwrapped(evaluate(node.base, place), place.strict).filter(
        (value) => truth(node.test, { ...place, current: value }) === true,
      )
    case 'method':
      return unwrappedFor(node.name, evaluate(node.base, place), place.strict).map((value) => method(node.name, value))
    case 'unary':
      return evaluate(node.value, place).map((value) => numeric(-numberOf(value) * (node.operator === '-' ? 1 : -1)))
    case 'binary':
      return [arithmetic(node.operator, evaluate(node.left, place), evaluate(node.right, place))]
    default:
      return [truth(node, place) ?? null]
  }
}

function unwrapped(values: Json[], strict: boolean): Json[] {
  return strict ? values : values.flatMap((value) => (Array.isArray(value) ? value : [value]))
}

function unwrappedFor(name: string, values: Json[], strict: boolean): Json[] {
  return name === 'size' || name === 'type' ? values : unwrapped(values, strict)
}

function member(value: Json, name: string | undefined, strict: boolean): Json[] {
  if (Array.isArray(value) && !strict)
    return value.flatMap((item) => (Array.isArray(item) ? [] : member(item, name, strict)))
  if (!(value instanceof Map)) {
    if (strict) throw failed('invalid item type. Expected: OBJECT')
    return []
  }
  if (name === undefined) return [...value.values()]
  if (value.has(name)) return [value.get(name) as Json]
  if (strict) throw failed(`missing member '${name}' in JSON object`)
  return []
}

function descendants(value: Json, name: string): Json[] {
  const children = Array.isArray(value) ? value : value instanceof Map ? [...value.values()] : []
  const here = value instanceof Map && value.has(name) ? [value.get(name) as Json] : []
  return [...here, ...children.flatMap((child) => descendants(child, name))]
}

function subscripted(value: Json, node: Extract<PathNode, { kind: 'subscripts' }>, place: Place): Json[] {
  if (!Array.isArray(value) && place.strict) throw failed('invalid item type. Expected: ARRAY')
  const items = Array.isArray(value) ? value : [value]
  if (!node.ranges) return items
  const inside = { ...place, last: items.length - 1 }
  return node.ranges.flatMap(({ from, to }) => {
    const start = index(evaluate(from, inside))
    const end = to ? index(evaluate(to, inside)) : start
    if (place.strict && (start < 0 || end >= items.length || start > end)) throw failed('invalid array subscript')
    return items.slice(Math.max(0, start), Math.max(0, end + 1))
  })
}

function index(values: Json[]): number {
  const [value] = values
  if (values.length !== 1 || !(value instanceof JsonNumber))
    throw failed('array subscript must be a singleton numeric value')
  return Math.trunc(Number(value.text))
}

function numberOf(value: Json): number {
  if (!(value instanceof JsonNumber)) throw failed('invalid operand types')
  return Number(value.text)
}

const numeric = (value: number) => new JsonNumber(String(value))

function arithmetic(operator: string, left: Json[], right: Json[]): Json {
  if (left.length !== 1 || right.length !== 1) throw failed('arithmetic binary expression requires singleton operands')
  const [a, b] = [numberOf(left[0] as Json), numberOf(right[0] as Json)]
  const isWhole = [...left, ...right].every((value) => !/[.eE]/.test((value as JsonNumber).text))
  if (b === 0 && (operator === '/' || operator === '%')) throw failed('division by zero')
  const result =
    operator === '+' ? a + b : operator === '-' ? a - b : operator === '*' ? a * b : operator === '/' ? a / b : a % b
  return numeric(isWhole && operator === '/' ? Math.trunc(result) : result)
}

const typeNames = (value: Json) =>
  value === null
    ? 'null'
    : value instanceof JsonNumber
      ? 'number'
      : Array.isArray(value)
        ? 'array'
        : value instanceof Map
          ? 'object'
          : typeof value

function method(name: string, value: Json): Json {
  switch (name) {
    case 'type':
      return typeNames(value)
    case 'size':
      return numeric(Array.isArray(value) ? value.length : 1)
    case 'double': {
      const number = typeof value === 'string' ? Number(value) : numberOf(value)
      if (Number.isNaN(number)) throw failed('method double() failed')
      return new JsonNumber(Number.isInteger(number) ? `${number}.0` : String(number))
    }
    case 'ceiling':
      return rounded(value, Math.ceil)
    case 'floor':
      return rounded(value, Math.floor)
    case 'abs':
      return rounded(value, Math.abs)
    default:
      throw new NativeError(
        'NOT_SUPPORTED',
        `The JSON path method ${name}() is not supported by the embedded SQL engine`,
      )
  }
}

function rounded(value: Json, how: (number: number) => number): Json {
  const isFraction = value instanceof JsonNumber && /[.eE]/.test(value.text)
  const result = how(numberOf(value))
  return new JsonNumber(isFraction && Number.isInteger(result) ? `${result}.0` : String(result))
}

/** True, false, or undefined where it cannot be told. */
function truth(node: PathNode, place: Place): boolean | undefined {
  switch (node.kind) {
    case 'and': {
      const [a, b] = [truth(node.left, place), truth(node.right, place)]
      return a === false || b === false ? false : a === undefined || b === undefined ? undefined : true
    }
    case 'or': {
      const [a, b] = [truth(node.left, place), truth(node.right, place)]
      return a || b ? true : a === undefined || b === undefined ? undefined : false
    }
    case 'not': {
      const value = truth(node.value, place)
      return value === undefined ? undefined : !value
    }
    case 'exists':
      return attempted(() => evaluate(node.value, place).length > 0)
    case 'isUnknown':
      return truth(node.value, place) === undefined
    case 'startsWith':
      return attempted(() =>
        anyPair(node.left, node.right, place, (a, b) =>
          typeof a === 'string' && typeof b === 'string' ? a.startsWith(b) : undefined,
        ),
      )
    case 'likeRegex':
      return attempted(() =>
        anyOf(unwrapped(evaluate(node.left, place), place.strict), (a) =>
          typeof a === 'string' ? new RegExp(node.pattern, 'u').test(a) : undefined,
        ),
      )
    case 'comparison':
      return attempted(() => anyPair(node.left, node.right, place, (a, b) => compared(node.operator, a, b)))
    default: {
      const [value] = evaluate(node, place)
      return typeof value === 'boolean' ? value : undefined
    }
  }
}

function attempted(run: () => boolean | undefined): boolean | undefined {
  try {
    return run()
  } catch {
    return undefined
  }
}

function anyOf(values: readonly Json[], test: (value: Json) => boolean | undefined): boolean | undefined {
  const answers = values.map(test)
  return answers.includes(true) ? true : answers.includes(undefined) ? undefined : false
}

function anyPair(
  left: PathNode,
  right: PathNode,
  place: Place,
  test: (a: Json, b: Json) => boolean | undefined,
): boolean | undefined {
  const others = unwrapped(evaluate(right, place), place.strict)
  return anyOf(unwrapped(evaluate(left, place), place.strict), (a) => anyOf(others, (b) => test(a, b)))
}

function compared(operator: string, a: Json, b: Json): boolean | undefined {
  if (a === null || b === null)
    return operator === '==' ? a === b : operator === '!=' || operator === '<>' ? a !== b : a === b
  if (typeNames(a) !== typeNames(b) || a instanceof Map || Array.isArray(a)) return undefined
  const [x, y] =
    a instanceof JsonNumber && b instanceof JsonNumber
      ? [Number(a.text), Number(b.text)]
      : [a as string | boolean, b as string | boolean]
  switch (operator) {
    case '==':
      return x === y
    case '!=':
    case '<>':
      return x !== y
    case '<':
      return x < y
    case '<=':
      return x <= y
    case '>':
      return x > y
    default:
      return x >= y
  }
}
