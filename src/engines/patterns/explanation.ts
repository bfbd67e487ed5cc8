/**
 * Why a pattern does or does not match an event, leaf by leaf: what was wanted, what was found, which leaf failed
 * first, and what came near. For people; the matcher itself never takes this road.
 */
import { branchMatches, narrow } from './branchMatching.ts'
import type { Branch, Leaf } from './compiler.ts'
import type { Field, Fields, Membership } from './flattening.ts'
import { writeJson } from './jsonText.ts'
import { accepts, type Value } from './matchers.ts'
import { editDistance, nearMiss } from './nearMisses.ts'
import type { Pattern } from './pattern.ts'

export type LeafOutcome = 'matched' | 'missing' | 'different' | 'other element'

export interface LeafExplanation {
  path: string
  /** The list in the pattern, as JSON. */
  wanted: string
  /** The event's values at that path, as JSON; empty if there is none. */
  found: string[]
  outcome: LeafOutcome
  hint?: string
}

export interface BranchExplanation {
  matched: boolean
  leaves: LeafExplanation[]
  /** The path of the first leaf that did not hold. */
  failedAt?: string
}

export interface Explanation {
  matched: boolean
  /** One per combination of $or conditions, the nearest to a match first. */
  branches: BranchExplanation[]
}

const foundShownMax = 10

export function explain(pattern: Pattern, event: string | object): Explanation {
  const json = typeof event === 'string' ? event : JSON.stringify(event)
  const fields = pattern.fieldsOf(json)
  const branches = pattern.branches.map((branch) => explainBranch(branch, fields, json))
  branches.sort((left, right) => failures(left) - failures(right))
  return { matched: branches.some(({ matched }) => matched), branches }
}

function failures(branch: BranchExplanation): number {
  return branch.matched ? -1 : branch.leaves.filter(({ outcome }) => outcome !== 'matched').length
}

function explainBranch(branch: Branch, fields: Fields, json: string): BranchExplanation {
  const matched = branchMatches(branch, fields)
  const leaves = branch.map((leaf) => explainLeaf(leaf, fields.get(leaf.path) ?? [], json))
  if (matched) return { matched, leaves }
  if (leaves.every(({ outcome }) => outcome === 'matched')) markOtherElement(branch, leaves, fields)
  const failedAt = leaves.find(({ outcome }) => outcome !== 'matched')?.path
  return { matched, leaves, ...(failedAt !== undefined && { failedAt }) }
}

function explainLeaf(leaf: Leaf, found: Field[], json: string): LeafExplanation {
  const holds = leaf.matchers.some((matcher) =>
    matcher.kind === 'exists' && !matcher.wanted ? found.length === 0 : found.some((field) => accepts(matcher, field)),
  )
  const outcome: LeafOutcome = holds ? 'matched' : found.length === 0 ? 'missing' : 'different'
  const hint = holds ? undefined : hintFor(leaf, found, json)
  return {
    path: leaf.path,
    wanted: writeJson(leaf.source),
    found: found.slice(0, foundShownMax).map(valueJson),
    outcome,
    ...(hint !== undefined && { hint }),
  }
}

/** Every leaf holds by itself, but not within the same elements of the event's arrays. */
function markOtherElement(branch: Branch, leaves: LeafExplanation[], fields: Fields): void {
  let reached: Membership[] = [[]]
  for (const [index, leaf] of branch.entries()) {
    const next = reached.flatMap((membership) => reachedBy(leaf, fields.get(leaf.path) ?? [], membership))
    if (next.length === 0) {
      const explained = leaves[index] as LeafExplanation
      explained.outcome = 'other element'
      explained.hint = 'The value is there, but in another element of an array than the values above.'
      return
    }
    reached = next
  }
}

function reachedBy(leaf: Leaf, found: Field[], membership: Membership): Membership[] {
  if (found.length === 0) return [membership]
  const reached: Membership[] = []
  for (const field of found) {
    const narrowed = narrow(membership, field.membership)
    if (narrowed && leaf.matchers.some((matcher) => accepts(matcher, field))) reached.push(narrowed)
  }
  return reached
}

function hintFor(leaf: Leaf, found: Field[], json: string): string | undefined {
  if (found.length === 0) return missingHint(leaf.path, json)
  for (const matcher of leaf.matchers) {
    for (const field of found) {
      const hint = nearMiss(leaf.path, matcher, field)
      if (hint) return hint
    }
  }
  return undefined
}

function missingHint(path: string, json: string): string | undefined {
  const paths = [...pathsOf(JSON.parse(json) as unknown)]
  const sameName = paths.find((other) => other !== path && other.toLowerCase() === path.toLowerCase())
  if (sameName) return `The event has ${sameName}: names differ in case.`
  if (paths.some((other) => other.startsWith(`${path}.`))) {
    return 'The event has an object there; a pattern matches only its leaves.'
  }
  const last = path.split('.').pop()
  const elsewhere = paths.find((other) => other.split('.').pop() === last)
  if (elsewhere) return `The event has ${elsewhere}.`
  const misspelt = paths.find((other) => editDistance(other, path) <= 2)
  return misspelt ? `The event has ${misspelt}: perhaps one of the two is misspelt.` : undefined
}

/** The paths of all leaves below a value. */
function pathsOf(value: unknown, prefix = '', into = new Set<string>()): Set<string> {
  if (Array.isArray(value)) for (const item of value) pathsOf(item, prefix, into)
  else if (value !== null && typeof value === 'object') {
    for (const [key, child] of Object.entries(value)) pathsOf(child, prefix ? `${prefix}.${key}` : key, into)
  } else into.add(prefix)
  return into
}

function valueJson({ kind, text }: Value): string {
  return kind === 'string' ? JSON.stringify(text) : text
}
