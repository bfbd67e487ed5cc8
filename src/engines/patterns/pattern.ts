/**
 * A compiled event pattern. `compilePattern` throws InvalidPattern in AWS's words; `matches` never throws for a
 * valid event. Pure: nothing here knows of buses, rules or a store.
 */
import { branchMatches } from './branchMatching.ts'
import { type Branch, compileBranches } from './compiler.ts'
import { type Fields, flattenEvent, PathTree } from './flattening.ts'

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
