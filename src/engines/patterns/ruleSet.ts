/**
 * Many rules against one event. Each branch of a rule waits under one field and value that it cannot match without
 * (an exact value if it has one, else a field that must be there), so an event looks only at the few rules that
 * could match. What is left for a later, faster path is the scan of the event itself (flattening.ts).
 */
import type { Branch, Leaf } from './compiler.ts'
import { numberKey } from './decimals.ts'
import { type Field, type Fields, flattenEvent, PathTree } from './flattening.ts'
import type { Matcher } from './matchers.ts'
import { branchMatches, type Pattern } from './pattern.ts'

interface Waiting {
  name: string
  branch: Branch
}

/** Where the branches of one path wait: by value, or for any value at all. */
interface Place {
  byValue: Map<string, Set<Waiting>>
  anyValue: Set<Waiting>
}

interface Entry {
  pattern: Pattern
  forget: (() => void)[]
}

export class RuleSet {
  private readonly rules = new Map<string, Entry>()
  private readonly paths = new PathTree()
  private readonly places = new Map<string, Place>()
  private readonly always = new Set<Waiting>()

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
    consider(this.always)
    this.visit(fields, consider)
    return [...matched]
  }

  private visit(fields: Fields, consider: (waiting: Set<Waiting> | undefined) => void): void {
    for (const [path, found] of fields) {
      const place = this.places.get(path)
      if (!place) continue
      consider(place.anyValue)
      if (place.byValue.size === 0) continue
      const keys = new Set(found.map(fieldKey))
      for (const key of keys) consider(place.byValue.get(key))
    }
  }

  /** Puts the branch where an event will find it; returns how to take it away again. */
  private file(waiting: Waiting): (() => void)[] {
    const forget: (() => void)[] = []
    for (const { path } of waiting.branch) {
      this.paths.add(path)
      forget.push(() => this.paths.remove(path))
    }
    for (const set of this.placesFor(waiting.branch)) {
      set.add(waiting)
      forget.push(() => set.delete(waiting))
    }
    return forget
  }

  private placesFor(branch: Branch): Set<Waiting>[] {
    let best: { leaf: Leaf; keys: string[]; crowd: number } | undefined
    for (const leaf of branch) {
      const keys = exactKeys(leaf.matchers)
      if (!keys) continue
      const crowd = keys.reduce((sum, key) => sum + (this.places.get(leaf.path)?.byValue.get(key)?.size ?? 0), 0)
      if (!best || crowd < best.crowd || (crowd === best.crowd && keys.length < best.keys.length)) {
        best = { leaf, keys, crowd }
      }
    }
    if (best) {
      const { byValue } = this.place(best.leaf.path)
      return best.keys.map((key) => getOrAdd(byValue, key))
    }
    const required = branch.find((leaf) => !leaf.matchers.some(wantsAbsence))
    return [required ? this.place(required.path).anyValue : this.always]
  }

  private place(path: string): Place {
    let place = this.places.get(path)
    if (!place) {
      place = { byValue: new Map(), anyValue: new Set() }
      this.places.set(path, place)
    }
    return place
  }
}

function getOrAdd(byValue: Map<string, Set<Waiting>>, key: string): Set<Waiting> {
  let set = byValue.get(key)
  if (!set) {
    set = new Set()
    byValue.set(key, set)
  }
  return set
}

/** The keys of all values that could match, or undefined if they cannot be counted. */
function exactKeys(matchers: Matcher[]): string[] | undefined {
  const keys: string[] = []
  for (const matcher of matchers) {
    if (matcher.kind === 'string') keys.push(`s${matcher.text}`)
    else if (matcher.kind === 'number') keys.push(`n${matcher.key}`)
    else if (matcher.kind === 'literal') keys.push(`l${matcher.text}`)
    else return undefined
  }
  return [...new Set(keys)]
}

function fieldKey(field: Field): string {
  if (field.kind === 'string') return `s${field.text}`
  return field.kind === 'number' ? `n${numberKey(field.text)}` : `l${field.text}`
}

function wantsAbsence(matcher: Matcher): boolean {
  return matcher.kind === 'exists' && !matcher.wanted
}
