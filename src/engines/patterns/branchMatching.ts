/**
 * Whether one branch of a pattern matches an event's fields. Leaves are tried in the order of their paths; each narrows
 * which array elements the later ones may look at, and `exists: false` holds when no field of that name is in reach.
 */
import type { Branch } from './compiler.ts'
import type { Field, Fields, Membership } from './flattening.ts'
import { accepts, type Matcher } from './matchers.ts'

const nowhere: Membership = []

export function branchMatches(branch: Branch, fields: Fields): boolean {
  let hasArrays = false
  for (const { path, matchers } of branch) {
    const candidates = fields.get(path)
    if (!candidates) {
      if (!matchers.some(wantsAbsence)) return false
      continue
    }
    hasArrays ||= candidates.some(({ membership }) => membership.length > 0)
    // In some element of an array even a field that is there may be absent.
    if (!candidates.some((field) => acceptsAny(matchers, field)) && !(hasArrays && matchers.some(wantsAbsence))) {
      return false
    }
  }
  return !hasArrays || new ArraySearch(branch, fields).holds(0, nowhere)
}

/**
 * Looks for array elements in which all leaves hold together. What failed once is not tried again from the same
 * elements of those arrays that the remaining leaves lie in; else an event with many long arrays would take forever.
 */
class ArraySearch {
  private readonly branch: Branch
  private readonly fields: Fields
  /** For each leaf, the arrays that it or a later leaf lies in. */
  private readonly arraysAhead: Set<number>[] = []
  private readonly failed = new Set<string>()

  constructor(branch: Branch, fields: Fields) {
    this.branch = branch
    this.fields = fields
    let ahead = new Set<number>()
    for (let at = branch.length - 1; at >= 0; at--) {
      ahead = new Set([...ahead, ...arraysOf(fields.get((branch[at] as { path: string }).path))])
      this.arraysAhead[at] = ahead
    }
  }

  holds(from: number, reached: Membership): boolean {
    const leaf = this.branch[from]
    if (!leaf) return true
    const key = this.keyOf(from, reached)
    if (this.failed.has(key)) return false
    const candidates = this.fields.get(leaf.path) ?? []
    let isInReach = false
    for (const field of candidates) {
      const narrowed = narrow(reached, field.membership)
      if (!narrowed) continue
      isInReach = true
      if (acceptsAny(leaf.matchers, field) && this.holds(from + 1, narrowed)) return true
    }
    if (!isInReach && leaf.matchers.some(wantsAbsence) && this.holds(from + 1, reached)) return true
    this.failed.add(key)
    return false
  }

  private keyOf(from: number, reached: Membership): string {
    const ahead = this.arraysAhead[from] as Set<number>
    const known: string[] = []
    for (let at = 0; at < reached.length; at += 2) {
      if (ahead.has(reached[at] as number)) known.push(`${reached[at]}:${reached[at + 1]}`)
    }
    return `${from}/${known.sort().join()}`
  }
}

function* arraysOf(fields: Field[] | undefined): Iterable<number> {
  for (const { membership } of fields ?? []) {
    for (let at = 0; at < membership.length; at += 2) yield membership[at] as number
  }
}

function wantsAbsence(matcher: Matcher): boolean {
  return matcher.kind === 'exists' && !matcher.wanted
}

function acceptsAny(matchers: Matcher[], field: Field): boolean {
  for (const matcher of matchers) if (accepts(matcher, field)) return true
  return false
}

/** The array elements reached so far and those of a field, together; undefined if they are different elements. */
export function narrow(reached: Membership, membership: Membership): Membership | undefined {
  if (membership.length === 0) return reached
  if (reached.length === 0) return membership
  const added: number[] = []
  for (let at = 0; at < membership.length; at += 2) {
    const index = elementIn(reached, membership[at] as number)
    if (index === undefined) added.push(membership[at] as number, membership[at + 1] as number)
    else if (index !== membership[at + 1]) return undefined
  }
  return added.length === 0 ? reached : [...reached, ...added]
}

function elementIn(membership: Membership, array: number): number | undefined {
  for (let at = 0; at < membership.length; at += 2) if (membership[at] === array) return membership[at + 1]
  return undefined
}
