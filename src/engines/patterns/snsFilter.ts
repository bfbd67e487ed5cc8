/**
 * Filter policies of SNS subscriptions: the same language as event patterns with SNS's own limits, over a message's
 * attributes or its JSON body.
 */
import { type Branch, compileBranches, InvalidPattern } from './compiler.ts'
import { InvalidEvent } from './flattening.ts'
import type { Matcher } from './matchers.ts'
import { Pattern } from './pattern.ts'

export type FilterScope = 'MessageAttributes' | 'MessageBody'

export interface MessageAttribute {
  /** String, String.Array, Number, Binary or one of them with a suffix (`Number.int`). */
  dataType: string
  stringValue?: string | undefined
}

export class InvalidFilterPolicy extends Error {
  /** What SNS says after `Invalid parameter: FilterPolicy: `. */
  readonly reason: string
  constructor(reason: string) {
    super(`Invalid parameter: FilterPolicy: ${reason}`)
    this.name = 'InvalidFilterPolicy'
    this.reason = reason
  }
}

const policyBytesMax = 256 * 1024
const keysMax = 5
const combinationsMax = 150
const numberMax = 1e9

export class SnsFilter {
  private readonly pattern: Pattern
  private readonly scope: FilterScope

  constructor(pattern: Pattern, scope: FilterScope) {
    this.pattern = pattern
    this.scope = scope
  }

  /** A message that has no attributes is judged as an empty one; a body that is no JSON object matches nothing. */
  matches(message: { body: string; attributes: Record<string, MessageAttribute> }): boolean {
    if (this.scope === 'MessageAttributes') return this.pattern.matches(attributesEvent(message.attributes))
    try {
      return this.pattern.matches(message.body)
    } catch (error) {
      if (error instanceof InvalidEvent) return false
      throw error
    }
  }
}

/** Throws InvalidFilterPolicy. An empty policy (`{}`) lets everything through and is not compiled: see below. */
export function compileSnsFilter(json: string, scope: FilterScope): SnsFilter {
  if (Buffer.byteLength(json) > policyBytesMax) throw new InvalidFilterPolicy('Filter policy is too long')
  if (jsonObject(json) === undefined) throw new InvalidFilterPolicy('failed to parse JSON.')
  const branches = branchesOf(json)
  const paths = new Set(branches.flat().map(({ path }) => path))
  if (scope === 'MessageAttributes' && isNested(JSON.parse(json) as object)) {
    throw new InvalidFilterPolicy('Filter policy scope MessageAttributes does not support nested filter policy')
  }
  if (paths.size > keysMax) throw new InvalidFilterPolicy(`Filter policy can not have more than ${keysMax} keys`)
  const combinations = branches.reduce((sum, branch) => sum + combinationsOf(branch), 0)
  if (combinations > combinationsMax) throw new InvalidFilterPolicy('Filter policy is too complex')
  for (const matcher of branches.flat().flatMap(({ matchers }) => matchers)) checkNumbers(matcher)
  return new SnsFilter(new Pattern(json, branches), scope)
}

/** A policy without any condition filters nothing; SNS accepts it. */
export function isEmptyFilterPolicy(json: string): boolean {
  const policy = jsonObject(json)
  return policy !== undefined && Object.keys(JSON.parse(policy) as object).length === 0
}

function branchesOf(json: string): Branch[] {
  try {
    return compileBranches(json)
  } catch (error) {
    if (error instanceof InvalidPattern) throw new InvalidFilterPolicy(error.reason)
    throw error
  }
}

/** Nested keys weigh more: SNS multiplies each list's length by its depth, and all of those with each other. */
function combinationsOf(branch: Branch): number {
  return branch.reduce((product, { path, matchers }) => product * matchers.length * path.split('.').length, 1)
}

function isNested(policy: object): boolean {
  return Object.entries(policy).some(([key, value]) => {
    if (key === '$or') return (value as object[]).some(isNested)
    return !Array.isArray(value)
  })
}

function checkNumbers(matcher: Matcher): void {
  const numbers: number[] = []
  if (matcher.kind === 'number') numbers.push(Number(matcher.key))
  if (matcher.kind === 'range') numbers.push(matcher.low?.value ?? 0, matcher.high?.value ?? 0)
  if (numbers.some((number) => Math.abs(number) > numberMax)) {
    throw new InvalidFilterPolicy('Value must be between -1.0E9 and 1.0E9, inclusive')
  }
}

/** Attributes as an event's fields. Binary attributes are not compared with anything. */
function attributesEvent(attributes: Record<string, MessageAttribute>): string {
  const entries = Object.entries(attributes).flatMap(([name, { dataType, stringValue }]) => {
    const json = attributeJson(dataType, stringValue)
    return json === undefined ? [] : [`${JSON.stringify(name)}:${json}`]
  })
  return `{${entries.join()}}`
}

function attributeJson(dataType: string, text: string | undefined): string | undefined {
  if (text === undefined || dataType.startsWith('Binary')) return undefined
  if (dataType.startsWith('Number')) return isJsonNumber(text) ? text.trim() : JSON.stringify(text)
  if (dataType === 'String.Array') {
    try {
      const items = JSON.parse(text) as unknown
      return Array.isArray(items) ? text : JSON.stringify(text)
    } catch {
      return JSON.stringify(text)
    }
  }
  return JSON.stringify(text)
}

function isJsonNumber(text: string): boolean {
  return /^\s*-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?\s*$/.test(text)
}

function jsonObject(text: string): string | undefined {
  try {
    const value = JSON.parse(text) as unknown
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? text : undefined
  } catch {
    return undefined
  }
}
