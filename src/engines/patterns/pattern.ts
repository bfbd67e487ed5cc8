/**
 * A compiled event pattern. `compilePattern` throws InvalidPattern in AWS's words; `matches` never throws for a
 * valid event. Pure: nothing here knows of buses, rules or a store.
 */
import { type Branch, compileBranches } from './compiler.ts'
import { type Field, type Fields, flattenEvent, type Membership, PathTree } from './flattening.ts'
import { accepts, type Matcher } from './matchers.ts'

export class Pattern {
  readonly json: string
  readonly branches: Branch[]
  private readonly paths = new PathTree()

  constructor(json: string, branches: Branch[]) {
    this.json = json
    this.branches = branches
    for (const leaf of branches.flat()) this.paths.add(leaf.path)
  }

  matches(event: string | object): boolean {
    const fields = flattenEvent(typeof event === 'string' ? event : JSON.stringify(event), this.paths)
    return this.branches.some((branch) => branchMatches(branch, fields))
  }

  /** Every field of the event that some leaf asks for. */
  fieldsOf(event: string): Fields {
    return flattenEvent(event, this.paths)
  }
}

export function compilePattern(json: string): Pattern {
  return new Pattern(json, compileBranches(json))
}

/**
 * Whether one branch matches. Leaves are tried in the order of their paths; each narrows which array elements the
 * later ones may look at, and `exists: false` holds when no field of that name is left in reach.
 */
export function branchMatches(branch: Branch, fields: Fields, from = 0, reached: Membership = []): boolean {
  const leaf = branch[from]
  if (!leaf) return true
  const candidates = fields.get(leaf.path)
  if (candidates) {
    // What was tried from the same array elements once is not tried again.
    const tried = candidates.length > 1 ? new Set<string>() : undefined
    for (const field of candidates) {
      const narrowed = narrow(reached, field.membership)
      if (!narrowed || !acceptsAny(leaf.matchers, field)) continue
      const key = tried && narrowed.join()
      if (key !== undefined && tried?.has(key)) continue
      if (branchMatches(branch, fields, from + 1, narrowed)) return true
      if (key !== undefined) tried?.add(key)
    }
  }
  return isAbsent(leaf.matchers, candidates, reached) && branchMatches(branch, fields, from + 1, reached)
}

function acceptsAny(matchers: Matcher[], field: Field): boolean {
  for (const matcher of matchers) if (accepts(matcher, field)) return true
  return false
}

function isAbsent(matchers: Matcher[], candidates: Field[] | undefined, reached: Membership): boolean {
  if (!matchers.some((matcher) => matcher.kind === 'exists' && !matcher.wanted)) return false
  return !candidates?.some((field) => narrow(reached, field.membership) !== undefined)
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
