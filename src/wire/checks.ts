/**
 * What a model demands of an input (required members, lengths, ranges, patterns, enums), checked once decoded, and
 * said in the words of AWS. A check is made once a shape; shapes that demand nothing cost nothing.
 */
import type { Member, Shape } from './model.ts'
import { isAggregate } from './values.ts'

export interface Problem {
  /** As AWS names it: `entries.1.member.detail`. */
  path: string
  /** The member's own name as in the model, for services that name it so. */
  member: string
  kind: 'required' | 'length' | 'range' | 'pattern' | 'enum'
  value: unknown
  constraint: string
}

type Check = (value: unknown, path: string, member: string, problems: Problem[]) => void

const checks = new WeakMap<Shape, Check | 'none' | 'busy'>()

export function problemsOf(shape: Shape, value: unknown): Problem[] {
  const check = checkFor(shape)
  if (!check) return []
  const problems: Problem[] = []
  check(value, '', '', problems)
  return problems
}

export function validationText(problems: Problem[]): string {
  const errors = problems.length === 1 ? '1 validation error' : `${problems.length} validation errors`
  return `${errors} detected: ${problems.map(problemText).join('; ')}`
}

export function problemText({ path, value, constraint }: Problem): string {
  const shown = value === undefined ? 'Value null' : `Value '${showValue(value)}'`
  return `${shown} at '${path}' failed to satisfy constraint: ${constraint}`
}

function checkFor(shape: Shape): Check | undefined {
  const known = checks.get(shape)
  if (known === 'none') return undefined
  // A shape within itself: whether it demands anything is not known yet, so it is asked again when used.
  if (known === 'busy') return (value, path, member, problems) => checkFor(shape)?.(value, path, member, problems)
  if (known) return known
  checks.set(shape, 'busy')
  const made = makeCheck(shape)
  checks.set(shape, made ?? 'none')
  return made
}

function makeCheck(shape: Shape): Check | undefined {
  if (shape.type === 'structure' || shape.type === 'union') return structureCheck(shape)
  if (shape.type === 'list') return listCheck(shape)
  if (shape.type === 'map') return mapCheck(shape)
  return simpleCheck(shape)
}

function structureCheck(shape: Shape): Check | undefined {
  const required = shape.members.filter((member) => member.required)
  const checked = shape.members
    .map((member) => ({ member, check: checkFor(member.shape) }))
    .filter((entry): entry is { member: Member; check: Check } => entry.check !== undefined)
  if (required.length === 0 && checked.length === 0) return undefined
  return (value, path, _, problems) => {
    const input = value as Record<string, unknown>
    const prefix = path === '' ? '' : `${path}.`
    for (const { name } of required) {
      if (input[name] !== undefined) continue
      const constraint = 'Member must not be null'
      problems.push({ path: prefix + lowerFirst(name), member: name, kind: 'required', value: undefined, constraint })
    }
    for (const { member, check } of checked) {
      const entry = input[member.name]
      if (entry !== undefined) check(entry, prefix + lowerFirst(member.name), member.name, problems)
    }
  }
}

function listCheck(shape: Shape): Check | undefined {
  const item = shape.member!.shape
  const { min, max } = shape.raw
  const simple = isAggregate(item) ? [] : constraintsOf(item)
  const nested = isAggregate(item) ? checkFor(item) : undefined
  return (value, path, member, problems) => {
    const list = value as unknown[]
    checkLength(list.length, { min, max, value, path, member }, problems)
    if (list.some((entry) => entry === null)) {
      problems.push({ path, member, kind: 'required', value, constraint: 'Member must not be null' })
      return
    }
    if (simple.length && !list.every((entry) => simple.every((one) => one.holds(entry)))) {
      problems.push({ path, member, kind: simple[0]!.kind, value, constraint: nestedText('Member', simple) })
    }
    if (!nested) return
    for (const [index, entry] of list.entries()) nested(entry, `${path}.${index + 1}.member`, member, problems)
  }
}

function mapCheck(shape: Shape): Check | undefined {
  const { min, max } = shape.raw
  const keys = constraintsOf(shape.key!.shape)
  const item = shape.value!.shape
  const values = isAggregate(item) ? [] : constraintsOf(item)
  const nested = isAggregate(item) ? checkFor(item) : undefined
  if (min === undefined && max === undefined && !keys.length && !values.length && !nested) return undefined
  return (value, path, member, problems) => {
    const entries = Object.entries(value as object)
    checkLength(entries.length, { min, max, value, path, member }, problems)
    if (!entries.every(([key]) => keys.every((one) => one.holds(key)))) {
      problems.push({ path, member, kind: keys[0]!.kind, value, constraint: nestedText('Map keys', keys) })
    }
    if (values.length && !entries.every(([, entry]) => values.every((one) => one.holds(entry)))) {
      problems.push({ path, member, kind: values[0]!.kind, value, constraint: nestedText('Map value', values) })
    }
    if (nested) for (const [key, entry] of entries) nested(entry, `${path}.${key}.member`, member, problems)
  }
}

function simpleCheck(shape: Shape): Check | undefined {
  const constraints = constraintsOf(shape)
  if (constraints.length === 0) return undefined
  return (value, path, member, problems) => {
    for (const one of constraints) {
      if (!one.holds(value)) problems.push({ path, member, kind: one.kind, value, constraint: one.text })
    }
  }
}

interface Bounds {
  min: number | undefined
  max: number | undefined
  value: unknown
  path: string
  member: string
}

function checkLength(length: number, { min, max, value, path, member }: Bounds, problems: Problem[]): void {
  if (max !== undefined && length > max) {
    problems.push({ path, member, kind: 'length', value, constraint: lengthText('less', max) })
  }
  if (min !== undefined && length < min) {
    problems.push({ path, member, kind: 'length', value, constraint: lengthText('greater', min) })
  }
}

interface Constraint {
  kind: Problem['kind']
  holds: (value: unknown) => boolean
  text: string
}

const numbers = new Set(['integer', 'long', 'float', 'double', 'bigInteger', 'bigDecimal'])

function constraintsOf(shape: Shape): Constraint[] {
  const { min, max, pattern, enum: allowed } = shape.raw
  const found: Constraint[] = []
  const isNumber = numbers.has(shape.type)
  if (shape.type === 'stream') return found
  const kind = isNumber ? 'range' : 'length'
  const text = isNumber ? rangeText : lengthText
  const size = isNumber ? (value: unknown) => value as number : sizeOf
  if (max !== undefined) found.push({ kind, holds: (value) => size(value) <= max, text: text('less', max) })
  if (min !== undefined) found.push({ kind, holds: (value) => size(value) >= min, text: text('greater', min) })
  const expression = pattern === undefined ? undefined : wholeMatch(pattern)
  if (expression) {
    const holds = (value: unknown) => expression.test(value as string)
    found.push({ kind: 'pattern', holds, text: `Member must satisfy regular expression pattern: ${pattern}` })
  }
  if (allowed) {
    const names = new Set<unknown>(allowed)
    const list = allowed.join(', ')
    found.push({
      kind: 'enum',
      holds: (value) => names.has(value),
      text: `Member must satisfy enum value set: [${list}]`,
    })
  }
  return found
}

/** Length is counted in characters, as Java does not, but as AWS documents it; of a blob, in bytes. */
function sizeOf(value: unknown): number {
  return (value as { length: number }).length
}

function lengthText(side: 'less' | 'greater', bound: number): string {
  return `Member must have length ${side} than or equal to ${bound}`
}

function rangeText(side: 'less' | 'greater', bound: number): string {
  return `Member must have value ${side} than or equal to ${bound}`
}

function nestedText(subject: string, constraints: Constraint[]): string {
  return `${subject} must satisfy constraint: [${constraints.map((one) => one.text).join(', ')}]`
}

/**
 * The models' patterns are Java's and must match the whole value. The few that JavaScript cannot read are not checked
 * here: refusing what AWS accepts would be worse.
 */
function wholeMatch(pattern: string): RegExp | undefined {
  for (const flags of ['su', 's']) {
    if (flags === 's' && /\\p\{/i.test(pattern)) return undefined
    try {
      return new RegExp(`^(?:${pattern})$`, flags)
    } catch {}
  }
  return undefined
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}

/** Values as Java prints them, since that is what AWS quotes. */
function showValue(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return `[${value.map(showValue).join(', ')}]`
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return `java.nio.HeapByteBuffer[pos=0 lim=${value.length} cap=${value.length}]`
  if (typeof value !== 'object') return String(value)
  return `{${Object.entries(value)
    .map(([key, entry]) => `${key}=${showValue(entry)}`)
    .join(', ')}}`
}
