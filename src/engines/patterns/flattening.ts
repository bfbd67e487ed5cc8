/**
 * From an event's JSON to fields: path, value, and the array elements it lies in. Only the paths that some pattern
 * asks for are kept; the rest of the event is skipped without being decoded.
 */
import type { Value } from './matchers.ts'

/** Array number and element index, in pairs: [0, 2] is "in element 2 of array 0". */
export type Membership = readonly number[]

export interface Field extends Value {
  membership: Membership
}

export type Fields = Map<string, Field[]>

export class InvalidEvent extends Error {}

/** The paths that are asked for, as a tree of their steps. A step may occur in many paths, hence the count. */
export class PathTree {
  readonly children = new Map<string, PathTree>()
  /** The whole path, if one ends here. */
  path: string | undefined
  private uses = 0

  add(path: string): void {
    let node: PathTree = this
    for (const step of path.split('.')) {
      let child = node.children.get(step)
      if (!child) {
        child = new PathTree()
        node.children.set(step, child)
      }
      node = child
      node.uses++
    }
    node.path = path
  }

  /** A path that was added once, and is no longer asked for. */
  remove(path: string): void {
    let node: PathTree = this
    for (const step of path.split('.')) {
      const child = node.children.get(step)
      if (!child) return
      child.uses--
      if (child.uses === 0) {
        node.children.delete(step)
        return
      }
      node = child
    }
    node.path = undefined
  }

  /** An event's key may itself hold dots: {"a.b": 1} is the same field as {"a": {"b": 1}}. */
  step(key: string): PathTree | undefined {
    const direct = this.children.get(key)
    if (direct || !key.includes('.')) return direct
    let node: PathTree | undefined = this
    for (const part of key.split('.')) {
      node = node.children.get(part)
      if (!node) return undefined
    }
    return node
  }
}

/** Throws InvalidEvent for anything but one JSON object: what the scan skips is checked too. */
export function flattenEvent(json: string, wanted: PathTree): Fields {
  try {
    JSON.parse(json)
  } catch (error) {
    throw new InvalidEvent(`Event is not valid JSON: ${(error as Error).message}`)
  }
  return new EventScanner(json, wanted).scan()
}

const numberCharacters = /[-+0-9.eE]+/y
const none: Membership = []
const depthMax = 1_000

class EventScanner {
  private at = 0
  private arrays = 0
  private depth = 0
  private escapeAt = -1
  private readonly fields: Fields = new Map()
  private readonly json: string
  private readonly wanted: PathTree

  constructor(json: string, wanted: PathTree) {
    this.json = json
    this.wanted = wanted
  }

  scan(): Fields {
    if (this.next() !== 123) throw this.invalid()
    this.object(this.wanted, none)
    return this.fields
  }

  private object(node: PathTree, membership: Membership): void {
    this.at++
    if (this.next() === 125) {
      this.at++
      return
    }
    this.descend()
    for (;;) {
      if (this.next() !== 34) throw this.invalid()
      const child = node.step(this.string())
      if (this.next() !== 58) throw this.invalid()
      this.at++
      if (child) this.value(child, membership, membership)
      else this.skip()
      const after = this.next()
      this.at++
      if (after === 125) break
      if (after !== 44) throw this.invalid()
    }
    this.depth--
  }

  /** Scalars belong to the arrays around their array; only objects and arrays inside it are told apart by index. */
  private array(node: PathTree, membership: Membership): void {
    const array = this.arrays++
    this.at++
    if (this.next() === 93) {
      this.at++
      return
    }
    this.descend()
    for (let index = 0; ; index++) {
      this.value(node, membership, [...membership, array, index])
      const after = this.next()
      this.at++
      if (after === 93) break
      if (after !== 44) throw this.invalid()
    }
    this.depth--
  }

  private value(node: PathTree, scalarMembership: Membership, innerMembership: Membership): void {
    const code = this.next()
    if (code === 123) this.object(node, innerMembership)
    else if (code === 91) this.array(node, innerMembership)
    else if (code === 34) this.keep(node, 'string', this.string(), scalarMembership)
    else {
      const text = this.scalar(code)
      this.keep(node, code === 45 || (code >= 48 && code <= 57) ? 'number' : 'literal', text, scalarMembership)
    }
  }

  private keep(node: PathTree, kind: Value['kind'], text: string, membership: Membership): void {
    if (node.path === undefined) return
    const field: Field = { kind, text, membership }
    const fields = this.fields.get(node.path)
    if (fields) fields.push(field)
    else this.fields.set(node.path, [field])
  }

  private scalar(code: number): string {
    if (code === 45 || (code >= 48 && code <= 57)) {
      numberCharacters.lastIndex = this.at
      const text = (numberCharacters.exec(this.json) as RegExpExecArray)[0]
      this.at += text.length
      return text
    }
    for (const word of ['true', 'false', 'null']) {
      if (this.json.startsWith(word, this.at)) {
        this.at += word.length
        return word
      }
    }
    throw this.invalid()
  }

  private skip(): void {
    let open = 0
    do {
      const code = this.next()
      if (code === 123 || code === 91) {
        open++
        this.at++
      } else if (code === 125 || code === 93) {
        open--
        this.at++
      } else if (code === 44 || code === 58) {
        if (open === 0) throw this.invalid()
        this.at++
      } else if (code === 34) this.endOfString()
      else this.scalar(code)
    } while (open > 0)
  }

  private string(): string {
    const start = this.at
    const hasEscapes = this.endOfString()
    if (!hasEscapes) return this.json.slice(start + 1, this.at - 1)
    try {
      return JSON.parse(this.json.slice(start, this.at)) as string
    } catch {
      throw this.invalid()
    }
  }

  /** Moves behind the string's closing quote; tells whether there were escapes. */
  private endOfString(): boolean {
    const close = this.json.indexOf('"', this.at + 1)
    if (close < 0) throw this.invalid()
    const backslash = this.nextEscape()
    if (backslash > close) {
      this.at = close + 1
      return false
    }
    for (let at = backslash; at < this.json.length; at++) {
      const code = this.json.charCodeAt(at)
      if (code === 92) at++
      else if (code === 34) {
        this.at = at + 1
        return true
      }
    }
    throw this.invalid()
  }

  /** Remembered between strings: an event without any backslash is searched for one only once. */
  private nextEscape(): number {
    if (this.escapeAt <= this.at) {
      const found = this.json.indexOf('\\', this.at + 1)
      this.escapeAt = found < 0 ? Number.POSITIVE_INFINITY : found
    }
    return this.escapeAt
  }

  private next(): number {
    for (;;) {
      const code = this.json.charCodeAt(this.at)
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return code
      this.at++
    }
  }

  private descend(): void {
    if (++this.depth > depthMax) throw new InvalidEvent(`Event is nested deeper than ${depthMax} levels.`)
  }

  private invalid(): InvalidEvent {
    return new InvalidEvent(`Event is not valid JSON at position ${this.at}.`)
  }
}
