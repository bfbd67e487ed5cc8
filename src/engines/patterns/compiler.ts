/**
 * From a pattern's JSON to branches. A branch is one way to match: for each path, matchers of which one must accept.
 * `$or` multiplies branches; a later mention of the same path replaces an earlier one, as in EventBridge.
 */
import { type JsonNode, JsonSyntaxError, readJson } from './jsonText.ts'
import { compileMatchers, MatcherError } from './matcherCompiler.ts'
import type { Matcher } from './matchers.ts'

export interface Leaf {
  path: string
  matchers: Matcher[]
  /** The list as it was written, for people. */
  source: JsonNode
}

/** Leaves in the order of their paths: the order in which array consistency is decided. */
export type Branch = Leaf[]

export class InvalidPattern extends Error {
  readonly reason: string
  constructor(reason: string) {
    super(`Event pattern is not valid. Reason: ${reason}`)
    this.name = 'InvalidPattern'
    this.reason = reason
  }
}

/** AWS refuses a pattern whose $or conditions make more combinations than this. */
const branchesMax = 1_000
const nestingMax = 100

type Draft = Map<string, Leaf>

// Names that AWS keeps for itself inside $or, some of them for operators that do not exist yet.
const reservedInsideOr = new Set([
  ...['exactly', 'equals-ignore-case', 'prefix', 'suffix', 'anything-but', 'exists', 'wildcard', 'numeric', 'cidr'],
  ...['=', '<', '<=', '>', '>=', 'regex', 'not-wildcard', 'not-equals-ignore-case'],
  ...['date-after', 'date-on-or-after', 'date-before', 'date-on-or-before', 'in-date-range'],
  ...['ip-address-in-range', 'ip-address-not-in-range'],
])

export function compileBranches(json: string): Branch[] {
  try {
    const root = readJson(json.trimStart() === '' ? '[]' : json)
    if (root.kind !== 'object') throw new InvalidPattern('Filter is not an object')
    const drafts = addObject([], root.entries, { path: '', insideOr: false, depth: 0 })
    return drafts.map((draft) => [...draft.values()].sort(byPath))
  } catch (error) {
    if (error instanceof JsonSyntaxError || error instanceof MatcherError) throw new InvalidPattern(error.message)
    throw error
  }
}

interface Place {
  path: string
  insideOr: boolean
  depth: number
}

function addObject(drafts: Draft[], entries: [string, JsonNode][], place: Place): Draft[] {
  if (entries.length === 0) throw new InvalidPattern('Empty objects are not allowed')
  if (place.depth > nestingMax) throw new InvalidPattern(`Event pattern is nested deeper than ${nestingMax} levels`)
  let result = drafts
  for (const [key, node] of entries) {
    if (key === '$or') result = addOr(result, node, place)
    else if (place.insideOr && reservedInsideOr.has(key)) {
      throw new InvalidPattern(`${key} is Ruler reserved fieldName which cannot be used inside $or.`)
    } else result = addEntry(result, key, node, place)
  }
  return result
}

function addEntry(drafts: Draft[], key: string, node: JsonNode, place: Place): Draft[] {
  const path = place.depth === 0 ? key : `${place.path}.${key}`
  if (node.kind === 'object') return addObject(drafts, node.entries, { ...place, path, depth: place.depth + 1 })
  if (node.kind !== 'array') throw new InvalidPattern(`"${key}" must be an object or an array`)
  const matchers = compileMatchers(node.items)
  if (matchers.length === 0) throw new InvalidPattern('Empty arrays are not allowed')
  const leaf: Leaf = { path, matchers, source: node }
  const result = drafts.length > 0 ? drafts : [new Map()]
  for (const draft of result) draft.set(path, leaf)
  return result
}

function addOr(drafts: Draft[], node: JsonNode, place: Place): Draft[] {
  if (node.kind !== 'array') throw new InvalidPattern('It must be an Array followed with $or.')
  const result: Draft[] = []
  for (const item of node.items) {
    if (item.kind !== 'object') throw new InvalidPattern('Only JSON object is allowed in array of $or relationship.')
    const copies = drafts.length > 0 ? drafts.map((draft) => new Map(draft)) : [new Map<string, Leaf>()]
    result.push(...addObject(copies, item.entries, { ...place, insideOr: true }))
    if (result.length > branchesMax) {
      throw new InvalidPattern(`Rule is too complex - its $or conditions make more than ${branchesMax} combinations`)
    }
  }
  if (node.items.length < 2) throw new InvalidPattern('There must have at least 2 Objects in $or relationship.')
  return result
}

function byPath(left: Leaf, right: Leaf): number {
  return left.path < right.path ? -1 : left.path > right.path ? 1 : 0
}
