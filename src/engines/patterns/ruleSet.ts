/**
 * Many rules against one event. Each branch of a rule waits under one field and value that it cannot match without
 * (an exact value if it has one, else a field that must be there), so an event looks only at the few rules that
 * could match. What is left for a later, faster path is the scan of the event itself (flattening.ts).
 */
import { branchMatches } from './branchMatching.ts'
import type { Branch, Leaf } from './compiler.ts'
import { numberKey } from './decimals.ts'
import { type Field, type Fields, flattenEvent, PathTree } from './flattening.ts'
import type { Matcher } from './matchers.ts'
import type { Pattern } from './pattern.ts'

interface Waiting {
  name: string
  branch: Branch
}

type Sets = Map<string, Set<Waiting>>

/** Where the branches wait that need one of certain values at a path: by text, or by number or literal. */
interface Place {
  byText: Sets
  byOther: Sets
}

/** One set of branches that wait. */
interface Spot {
  sets: Sets
  key: string
}

/** A value that a branch cannot match without. */
interface ExactValue {
  isText: boolean
  key: string
}

interface Entry {
  pattern: Pattern
  forget: (() => void)[]
}

/** What waits here is looked at for every event. */
const noPath = '\0'

export class RuleSet {
  private readonly rules = new Map<string, Entry>()
  private readonly paths = new PathTree()
  private readonly places = new Map<string, Place>()
  /** Those that need any value at all, by path; those that need none wait under no path. */
  private readonly byPresence: Sets = new Map()

  get size(): number {
    return this.rules.size
  }

  add(name: string, pattern: Pattern): void {
    this.remove(name)
    const forget = pattern.branches.flatMap((branch) => this.file({ name, branch }))
    this.rules.set(name, { pattern, forget })
  }

  remove(name: string): void {
    for (const forget of this.rules.get(name)?.forget ?? []) forget()
    this.rules.delete(name)
  }

  /** The names of the rules that match, in no particular order. */
  match(event: string): string[] {
    const fields = flattenEvent(event, this.paths)
    const matched = new Set<string>()
    const consider = (waiting: Set<Waiting> | undefined) => {
      for (const { name, branch } of waiting ?? []) {
        if (!matched.has(name) && branchMatches(branch, fields)) matched.add(name)
      }
    }
    consider(this.byPresence.get(noPath))
    this.visit(fields, consider)
    return [...matched]
  }

  private visit(fields: Fields, consider: (waiting: Set<Waiting> | undefined) => void): void {
    for (const [path, found] of fields) {
      consider(this.byPresence.get(path))
      const place = this.places.get(path)
      if (!place) continue
      // The same value twice is rare, and looking twice changes nothing.
      for (const field of found) {
        if (field.kind === 'string') consider(place.byText.get(field.text))
        else if (place.byOther.size > 0) consider(place.byOther.get(otherKey(field)))
      }
    }
  }

  /** Puts the branch where an event will find it; returns how to take it away again. */
  private file(waiting: Waiting): (() => void)[] {
    const forget: (() => void)[] = []
    for (const { path } of waiting.branch) {
      this.paths.add(path)
      forget.push(() => this.paths.remove(path))
    }
    for (const spot of this.spotsFor(waiting.branch)) {
      addTo(spot, waiting)
      forget.push(() => removeFrom(spot, waiting))
    }
    return forget
  }

  private spotsFor(branch: Branch): Spot[] {
    let best: { leaf: Leaf; values: ExactValue[]; crowd: number } | undefined
    for (const leaf of branch) {
      const values = exactValues(leaf.matchers)
      if (!values) continue
      const crowd = values.reduce((sum, value) => sum + (this.waitingFor(leaf.path, value)?.size ?? 0), 0)
      if (!best || crowd < best.crowd || (crowd === best.crowd && values.length < best.values.length)) {
        best = { leaf, values, crowd }
      }
    }
    if (best) {
      const place = this.place(best.leaf.path)
      return best.values.map(({ isText, key }) => ({ sets: isText ? place.byText : place.byOther, key }))
    }
    const required = branch.find((leaf) => !leaf.matchers.some(wantsAbsence))
    return [{ sets: this.byPresence, key: required ? required.path : noPath }]
  }

  private waitingFor(path: string, { isText, key }: ExactValue): Set<Waiting> | undefined {
    const place = this.places.get(path)
    return (isText ? place?.byText : place?.byOther)?.get(key)
  }

  private place(path: string): Place {
    let place = this.places.get(path)
    if (!place) {
      place = { byText: new Map(), byOther: new Map() }
      this.places.set(path, place)
    }
    return place
  }
}

function addTo({ sets, key }: Spot, waiting: Waiting): void {
  const set = sets.get(key)
  if (set) set.add(waiting)
  else sets.set(key, new Set([waiting]))
}

function removeFrom({ sets, key }: Spot, waiting: Waiting): void {
  const set = sets.get(key)
  set?.delete(waiting)
  if (set?.size === 0) sets.delete(key)
}

/** All values that could match, or undefined if they cannot be counted. */
function exactValues(matchers: Matcher[]): ExactValue[] | undefined {
  const values: ExactValue[] = []
  for (const matcher of matchers) {
    if (matcher.kind === 'string') values.push({ isText: true, key: matcher.text })
    else if (matcher.kind === 'number') values.push({ isText: false, key: `n${matcher.key}` })
    else if (matcher.kind === 'literal') values.push({ isText: false, key: `l${matcher.text}` })
    else return undefined
  }
  return values
}

function otherKey(field: Field): string {
  return field.kind === 'number' ? `n${numberKey(field.text)}` : `l${field.text}`
}

function wantsAbsence(matcher: Matcher): boolean {
  return matcher.kind === 'exists' && !matcher.wanted
}
