/** JSON natives: casts from JSON, the older functions with their paths, and the standard's functions (jsonPaths.ts). */
import { extract, extractSteps, scalarText } from './jsonExtracts.ts'
import { pathResult } from './jsonPaths.ts'
import { type Json, JsonNumber, mustReadJson, readJson, writeJson, writeSorted } from './jsonValues.ts'
import { invalidArgument, type Native, NativeError, native } from './native.ts'
import { doubleText, javaDouble } from './numbers.ts'

function extracted(text: string, path: string): Json | undefined {
  const wanted = extractSteps(path)
  const value = readJson(text)
  return value === undefined ? undefined : extract(value, wanted)
}

const cannotCast = (value: Json, type: string) =>
  new NativeError('INVALID_CAST_ARGUMENT', `Cannot cast '${writeJson(value)}' to ${type}`)

function toText(text: string): string | null {
  const value = mustReadJson(text)
  if (value === null) return null
  if (value instanceof JsonNumber) return /[.eE]/.test(value.text) ? doubleText(Number(value.text)) : value.text
  if (typeof value === 'string' || typeof value === 'boolean') return String(value)
  throw cannotCast(value, 'VARCHAR')
}

function toBoolean(text: string): boolean | null {
  const value = mustReadJson(text)
  if (value === null || typeof value === 'boolean') return value
  if (value instanceof JsonNumber) return Number(value.text) !== 0
  if (typeof value === 'string' && /^(t|true|1)$/i.test(value)) return true
  if (typeof value === 'string' && /^(f|false|0)$/i.test(value)) return false
  throw cannotCast(value, 'BOOLEAN')
}

/** Text that a cast to a number reads; JSON's booleans are 1 and 0. */
function toNumberText(text: string, type: string): string | null {
  const value = mustReadJson(text)
  if (value === null) return null
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (typeof value === 'string') return value
  if (value instanceof JsonNumber) return value.text
  throw cannotCast(value, type)
}

/** Fractions are rounded half up. */
function toIntegerText(text: string): string | null {
  const number = toNumberText(text, 'BIGINT')
  if (number === null || /^[+-]?\d+$/.test(number) || readJson(text) === number) return number
  return String(Math.sign(Number(number)) * Math.round(Math.abs(Number(number))))
}

function elements(text: string, type: string): (string | null)[] | null {
  const value = mustReadJson(text)
  if (value === null) return null
  if (!Array.isArray(value))
    throw new NativeError(
      'INVALID_CAST_ARGUMENT',
      `Cannot cast to ${type}. Expected a json array, but got ${writeJson(value)}`,
    )
  return value.map(orNull)
}

/** Inside arrays, maps and rows JSON's null is NULL. */
function orNull(value: Json | undefined): string | null {
  return value === null || value === undefined ? null : writeJson(value)
}

function members(text: string): [string, Json][] | null {
  const value = mustReadJson(text)
  if (value === null) return null
  if (!(value instanceof Map))
    throw new NativeError(
      'INVALID_CAST_ARGUMENT',
      `Cannot cast to map. Expected a json object, but got ${writeJson(value)}`,
    )
  return [...value].sort(([a], [b]) => (a < b ? -1 : 1))
}

function field(text: string, name: string, index: number, count: number): string | null {
  const value = mustReadJson(text)
  if (Array.isArray(value)) {
    if (value.length !== count)
      throw new NativeError(
        'INVALID_CAST_ARGUMENT',
        `Cannot cast to row. Expected a json array of ${count} elements, but got ${writeJson(value)}`,
      )
    return orNull(value[index])
  }
  if (value instanceof Map) {
    const key = [...value.keys()].find((one) => one.toLowerCase() === name.toLowerCase())
    return key === undefined ? null : orNull(value.get(key))
  }
  if (value === null) return null
  throw new NativeError(
    'INVALID_CAST_ARGUMENT',
    `Cannot cast to row. Expected a json array, or a json object, but got ${writeJson(value)}`,
  )
}

function arrayContains(text: string, wanted: string, kind: string): boolean | null {
  const value = readJson(text)
  if (!Array.isArray(value)) return null
  const target = readJson(wanted)
  const isWhole = (item: JsonNumber) => !/[.eE]/.test(item.text)
  return value.some((item) => {
    if (target instanceof JsonNumber)
      return (
        item instanceof JsonNumber && isWhole(item) === (kind === 'bigint') && Number(item.text) === Number(target.text)
      )
    return item === target
  })
}

function arrayGet(text: string, index: bigint): string | null {
  const value = readJson(text)
  if (!Array.isArray(value)) return null
  const item = value[Number(index < 0n ? BigInt(value.length) + index : index)]
  // A string comes out bare, as Trino's does, though that is no JSON.
  if (typeof item === 'string') return item
  return item === undefined ? null : writeJson(item)
}

function size(text: string, path: string): bigint | null {
  const value = extracted(text, path)
  if (value === undefined) return null
  return BigInt(Array.isArray(value) ? value.length : value instanceof Map ? value.size : 0)
}

function parse(text: string): string {
  const value = readJson(text)
  if (value === undefined) throw invalidArgument(`Cannot convert value to JSON: '${text}'`)
  return writeSorted(value)
}

function number(value: number): string {
  return Number.isFinite(value) ? javaDouble(value) : `"${javaDouble(value)}"`
}

function uniqueKeys(text: string): string {
  const keys = [...text.matchAll(/(?:^\{|,)("(?:[^"\\]|\\.)*"):/g)].map((match) => match[1])
  if (new Set(keys).size !== keys.length)
    throw new NativeError('JSON_INPUT_CONVERSION_ERROR', `duplicate key passed to JSON_OBJECT function`)
  return text
}

/** How a path function ended: `error`, `empty`, or `ok`. */
function state(run: () => readonly unknown[] | undefined): string {
  try {
    const found = run()
    return found === undefined ? 'error' : found.length === 0 ? 'empty' : 'ok'
  } catch {
    return 'error'
  }
}

function exists(text: string, path: string, parameters: string, raises: boolean): boolean {
  try {
    return pathResult(text, path, parameters).length > 0
  } catch (error) {
    if (raises) throw error
    return false
  }
}

function singleScalar(text: string, path: string, parameters: string): Json | undefined {
  const found = pathResult(text, path, parameters)
  if (found.length === 0) return undefined
  const [only] = found
  if (found.length > 1 || Array.isArray(only) || only instanceof Map)
    throw new NativeError(
      'JSON_VALUE_RESULT_ERROR',
      `cannot extract SQL scalar from JSON: JSON path found ${found.length > 1 ? 'multiple items' : 'an item that is no scalar'}`,
    )
  return only as Json
}

function valueState(text: string, path: string, parameters: string): string {
  return state(() => (singleScalar(text, path, parameters) === undefined ? [] : [1]))
}

function wrapped(text: string, path: string, parameters: string, wrapper: string): Json | undefined {
  const found = pathResult(text, path, parameters)
  const [only] = found
  if (found.length === 0) return undefined
  if (
    wrapper === 'unconditional' ||
    (wrapper === 'conditional' && (found.length > 1 || !(Array.isArray(only) || only instanceof Map)))
  )
    return found
  if (found.length > 1) throw new NativeError('JSON_QUERY_RESULT_ERROR', 'cannot extract JSON from JSON')
  return only
}

function query(text: string, path: string, parameters: string, wrapper: string, omitQuotes: boolean): string | null {
  const value = wrapped(text, path, parameters, wrapper)
  if (value === undefined) return null
  return omitQuotes && typeof value === 'string' ? value : writeJson(value)
}

export const jsonNatives: readonly Native[] = [
  native('json_parse', ['VARCHAR'], 'VARCHAR', parse),
  native('json_text', ['VARCHAR'], 'VARCHAR', (text) => JSON.stringify(text)),
  native('json_number', ['DOUBLE'], 'VARCHAR', number),
  native('json_to_text', ['VARCHAR'], 'VARCHAR', toText),
  native('json_to_boolean', ['VARCHAR'], 'BOOLEAN', toBoolean),
  native('json_to_double', ['VARCHAR'], 'DOUBLE', (text) => {
    const number = toNumberText(text, 'DOUBLE')
    if (number === null) return null
    if (Number.isNaN(Number(number)) && number !== 'NaN')
      throw new NativeError('INVALID_CAST_ARGUMENT', `Cannot cast '${text}' to DOUBLE`)
    return Number(number)
  }),
  native('json_to_integer_text', ['VARCHAR'], 'VARCHAR', toIntegerText),
  native('json_to_number_text', ['VARCHAR'], 'VARCHAR', (text) => toNumberText(text, 'DECIMAL')),
  native('json_elements', ['VARCHAR', 'VARCHAR'], 'VARCHAR[]', elements),
  native('json_keys', ['VARCHAR'], 'VARCHAR[]', (text) => members(text)?.map(([key]) => key) ?? null),
  native('json_members', ['VARCHAR'], 'VARCHAR[]', (text) => members(text)?.map(([, value]) => orNull(value)) ?? null),
  native('json_field', ['VARCHAR', 'VARCHAR', 'INTEGER', 'INTEGER'], 'VARCHAR', field),
  native('json_is_value', ['VARCHAR'], 'BOOLEAN', (text) => mustReadJson(text) !== null),
  native('is_json_scalar', ['VARCHAR'], 'BOOLEAN', (text) => {
    const value = mustReadJson(text)
    return !(Array.isArray(value) || value instanceof Map)
  }),
  native('json_array_contains', ['VARCHAR', 'VARCHAR', 'VARCHAR'], 'BOOLEAN', arrayContains),
  native('json_array_get', ['VARCHAR', 'BIGINT'], 'VARCHAR', arrayGet),
  native('json_array_length', ['VARCHAR'], 'BIGINT', (text) => {
    const value = readJson(text)
    return Array.isArray(value) ? BigInt(value.length) : null
  }),
  native('json_extract', ['VARCHAR', 'VARCHAR'], 'VARCHAR', (text, path) => {
    const value = extracted(text, path)
    return value === undefined ? null : writeSorted(value)
  }),
  native('json_extract_scalar', ['VARCHAR', 'VARCHAR'], 'VARCHAR', (text, path) => scalarText(extracted(text, path))),
  native('json_size', ['VARCHAR', 'VARCHAR'], 'BIGINT', size),
  native('json_unique_keys', ['VARCHAR'], 'VARCHAR', uniqueKeys),
  native('json_state', ['VARCHAR', 'VARCHAR', 'VARCHAR'], 'VARCHAR', (text, path, parameters) =>
    state(() => pathResult(text, path, parameters)),
  ),
  native('json_exists', ['VARCHAR', 'VARCHAR', 'VARCHAR', 'BOOLEAN'], 'BOOLEAN', exists),
  native('json_value_state', ['VARCHAR', 'VARCHAR', 'VARCHAR'], 'VARCHAR', valueState),
  native('json_value', ['VARCHAR', 'VARCHAR', 'VARCHAR'], 'VARCHAR', (text, path, parameters) =>
    scalarText(singleScalar(text, path, parameters)),
  ),
  native(
    'json_query_state',
    ['VARCHAR', 'VARCHAR', 'VARCHAR', 'VARCHAR', 'BOOLEAN'],
    'VARCHAR',
    (text, path, parameters, wrapper) =>
      state(() => (wrapped(text, path, parameters, wrapper) === undefined ? [] : [1])),
  ),
  native('json_query', ['VARCHAR', 'VARCHAR', 'VARCHAR', 'VARCHAR', 'BOOLEAN'], 'VARCHAR', query),
]
