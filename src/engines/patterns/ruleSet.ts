/**
 * Many rules against one event. A scanner finds the fields that some rule names (scanner/); each branch of a rule waits
 * in one field's index under a value that it cannot match without, the rarest that it has. So an event wakes only the
 * few rules that could match, and of those with one leaf no more needs to be asked.
 */
import { isUtf8 } from 'node:buffer'
import { branchMatches } from './branchMatching.ts'
import type { Branch, Leaf } from './compiler.ts'
import { flattenEvent, InvalidEvent, PathTree } from './flattening.ts'
import type { Matcher } from './matchers.ts'
import type { Pattern } from './pattern.ts'
import { FieldIndex } from './rules/fieldIndex.ts'
import { NumberReader } from './rules/numberReader.ts'
import type { Choice, Rule, Waiting } from './rules/waiting.ts'
import { byteScanner } from './scanner/byteScanner.ts'
import { FieldTree } from './scanner/fieldTree.ts'
import { FoundFields } from './scanner/foundFields.ts'
import { kinds, layout, recordWords } from './scanner/scanMemory.ts'
import { type EventScanner, wasmScanner } from './scanner/wasmScanner.ts'

interface Entry {
  pattern: Pattern
  rule: Rule
  forget: (() => void)[]
}

interface Scan {
  scanner: EventScanner
  tree: FieldTree
  found: FoundFields
}

export interface RuleSetSettings {
  /** Without WebAssembly, as where the host refuses it. */
  plain?: boolean
}

export class RuleSet {
  readonly #rules = new Map<string, Entry>()
  readonly #indexes = new Map<string, FieldIndex>()
  /** By the number that a field has in the tree. */
  readonly #byNumber: (FieldIndex | undefined)[] = []
  readonly #numbers = new Map<string, number>()
  readonly #freeNumbers: number[] = []
  /** Branches that may match an event without any of their fields. */
  readonly #always = new Set<Waiting>()
  readonly #paths = new PathTree()
  readonly #plain: boolean
  /** Made for the first event: a set that never sees one needs no memory for it. */
  #scan: Scan | undefined
  readonly #number = new NumberReader()
  /** Those that will wait elsewhere once the event is through. */
  readonly #restless: (() => void)[] = []
  #event = 0
  #matched: string[] = []

  constructor({ plain = false }: RuleSetSettings = {}) {
    this.#plain = plain
  }

  get size(): number {
    return this.#rules.size
  }

  add(name: string, pattern: Pattern): void {
    this.remove(name)
    const rule: Rule = { name, matchedIn: 0 }
    const forget = pattern.branches.flatMap((branch) => this.#file(rule, branch))
    this.#rules.set(name, { pattern, rule, forget })
  }

  remove(name: string): void {
    forgetAll(this.#rules.get(name)?.forget ?? [])
    this.#rules.delete(name)
  }

  /** The names of the rules that match, in no particular order. Throws InvalidEvent for what is not a JSON object. */
  match(event: string | Uint8Array): string[] {
    const matched: string[] = []
    if (this.#rules.size === 0) return matched
    this.#matched = matched
    this.#event++
    this.#scan ??= this.#beginScan()
    const { scanner, tree, found } = this.#scan
    const length = scanner.memory.write(event)
    const count = length === undefined ? -1 : scanner.scan(length, tree.root)
    if (count < 0 || (typeof event !== 'string' && !isUtf8(event))) return this.#matchSlowly(event, this.#scan)
    found.begin(count)
    this.#wakeAll(count, this.#scan)
    return matched
  }

  /** For what the scanner leaves alone: the event is read by the book, and its fields are put where a scan puts them. */
  #matchSlowly(event: string | Uint8Array, scan: Scan): string[] {
    const fields = flattenEvent(textOf(event), this.#paths)
    const count = scan.found.put(fields, this.#numbers)
    if (count !== undefined) this.#wakeAll(count, scan)
    else {
      for (const { rule, pattern } of this.#rules.values()) {
        if (pattern.branches.some((branch) => branchMatches(branch, fields))) this.#matched.push(rule.name)
      }
    }
    return this.#matched
  }

  #beginScan(): Scan {
    const scanner = (this.#plain ? undefined : wasmScanner()) ?? byteScanner()
    const tree = new FieldTree(scanner.memory)
    for (const [path, number] of this.#numbers) tree.add(path, number)
    const found = new FoundFields(scanner.memory, (number) => (this.#byNumber[number] as FieldIndex).path)
    return { scanner, tree, found }
  }

  #wakeAll(count: number, { scanner, found }: Scan): void {
    const { words, bytes } = scanner.memory
    // Read once: within the loop the host would read them from memory each time.
    const { string, number, literal } = kinds
    const { input, records } = layout
    const step = recordWords
    const end = (records >> 2) + count * step
    for (let at = records >> 2; at < end; at += step) {
      const index = this.#byNumber[words[at] as number] as FieldIndex
      const kind = words[at + 1] as number
      const from = (words[at + 2] as number) + input
      const to = (words[at + 3] as number) + input
      if (kind === string) index.wakeByText(bytes, from, to, this.#wake)
      else if (kind === number) {
        if (index.readsNumbers) this.#number.read(bytes, from, to)
        index.wakeByNumber(this.#number, this.#event, this.#wake)
      } else if (kind === literal) index.wakeByLiteral(literalAt(bytes[from] as number), this.#wake)
      else {
        const place = found.decode(at)
        index.wakeByText(bytes, place.start, place.end, this.#wake)
      }
    }
    for (const waiting of this.#always) this.#wake(waiting)
    if (this.#restless.length > 0) for (const move of this.#restless.splice(0)) move()
  }

  readonly #wake = (waiting: Waiting): void => {
    const event = this.#event
    if (waiting.seenIn === event) return
    waiting.seenIn = event
    const { rule } = waiting
    if (rule.matchedIn === event) return
    if (!waiting.alone && !branchMatches(waiting.branch, (this.#scan as Scan).found.fields())) {
      if (waiting.choice) this.#wokenInVain(waiting, waiting.choice)
      return
    }
    rule.matchedIn = event
    this.#matched.push(rule.name)
  }

  /** Puts the branch where an event will find it; returns how to take it away again. */
  #file(rule: Rule, branch: Branch): (() => void)[] {
    const forget = branch.map(({ path }) => this.#use(path))
    const leaves = this.#rarestFirst(branch)
    const waiting: Waiting = { rule, branch, alone: branch.length === 1 && leaves.length === 1, seenIn: 0 }
    if (leaves.length === 0) {
      this.#always.add(waiting)
      forget.unshift(() => this.#always.delete(waiting))
      return forget
    }
    const choice = { leaves, at: 0, vainShares: [], vain: 0, since: this.#event, forget: [] }
    waiting.choice = choice
    this.#waitAt(waiting, choice, 0)
    return [() => forgetAll(choice.forget), ...forget]
  }

  #waitAt(waiting: Waiting, choice: Choice, at: number): void {
    forgetAll(choice.forget)
    const leaf = choice.leaves[at] as Leaf
    const index = this.#indexes.get(leaf.path) as FieldIndex
    choice.forget = leaf.matchers.map((matcher) => index.file(matcher, waiting))
    choice.at = at
    choice.vain = 0
    choice.since = this.#event
  }

  /** A branch that is often woken in vain tries its other leaves, and stays where it was disturbed least. */
  #wokenInVain(waiting: Waiting, choice: Choice): void {
    if (++choice.vain < vainMax || choice.leaves.length === choice.vainShares.length) return
    choice.vainShares[choice.at] = choice.vain / (this.#event - choice.since)
    const next = choice.at + 1
    const isLast = next === choice.leaves.length
    this.#restless.push(() => this.#waitAt(waiting, choice, isLast ? leastOf(choice.vainShares) : next))
  }

  #use(path: string): () => void {
    const index = this.#indexes.get(path) ?? this.#begin(path)
    index.uses++
    return () => {
      if (--index.uses === 0) this.#end(index)
    }
  }

  #begin(path: string): FieldIndex {
    const index = new FieldIndex(path)
    const number = this.#freeNumbers.pop() ?? this.#byNumber.length
    this.#indexes.set(path, index)
    this.#byNumber[number] = index
    this.#numbers.set(path, number)
    this.#scan?.tree.add(path, number)
    this.#paths.add(path)
    return index
  }

  #end({ path }: FieldIndex): void {
    const number = this.#numbers.get(path) as number
    this.#indexes.delete(path)
    this.#byNumber[number] = undefined
    this.#numbers.delete(path)
    this.#freeNumbers.push(number)
    this.#scan?.tree.remove(path)
    this.#paths.remove(path)
  }

  /** The leaves that must be there, those first that fewest events will satisfy, as far as one can tell. */
  #rarestFirst(branch: Branch): Leaf[] {
    const costs = new Map<Leaf, number>()
    for (const leaf of branch) {
      if (leaf.matchers.some(wantsAbsence)) continue
      costs.set(
        leaf,
        leaf.matchers.reduce((sum, matcher) => sum + this.#costOf(leaf.path, matcher), 0),
      )
    }
    return [...costs.keys()].sort((left, right) => (costs.get(left) as number) - (costs.get(right) as number))
  }

  #costOf(path: string, matcher: Matcher): number {
    const isExact = matcher.kind === 'string' || matcher.kind === 'number' || matcher.kind === 'literal'
    if (isExact) return 1 + (this.#indexes.get(path)?.crowdAt(matcher) ?? 0)
    return costs[matcher.kind] ?? inexactCost
  }
}

const vainMax = 200
const inexactCost = 1e6
const costs: Record<string, number> = { anythingBut: 1e9, exists: 1e10, range: 1e7 }

function forgetAll(forget: (() => void)[]): void {
  for (const each of forget) each()
}

function leastOf(values: number[]): number {
  return values.indexOf(Math.min(...values))
}

/** By its first letter: no string need be made of it. */
function literalAt(letter: number): string {
  const letterT = 0x74
  const letterF = 0x66
  if (letter === letterT) return 'true'
  return letter === letterF ? 'false' : 'null'
}

function wantsAbsence(matcher: Matcher): boolean {
  return matcher.kind === 'exists' && !matcher.wanted
}

function textOf(event: string | Uint8Array): string {
  if (typeof event === 'string') return event
  if (!isUtf8(event)) throw new InvalidEvent('Event is not valid UTF-8.')
  return Buffer.from(event.buffer, event.byteOffset, event.byteLength).toString()
}
