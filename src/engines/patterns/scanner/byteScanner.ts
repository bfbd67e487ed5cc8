/**
 * The scanner without WebAssembly: one pass over the bytes, the same records, the same checks. What is not plainly
 * right is odd here too (eventScan.as), so that both find the same fields in the same events.
 */
import { childOf } from './fieldTree.ts'
import { kinds, layout, membershipWords, PlainMemory, recordsMax, recordWords, ScanMemory } from './scanMemory.ts'
import type { EventScanner } from './wasmScanner.ts'

export function byteScanner(): EventScanner {
  const memory = new ScanMemory(new PlainMemory())
  const scanner = new ByteScanner(memory)
  return { memory, scan: (length, root) => scanner.scan(length, root) }
}

const odd = -1
const depthMax = 256
const inText = 1
const ends = 2
const escapes = 3

// What a byte means inside of a string.
const textClass = new Uint8Array(256).fill(inText)
textClass.fill(0, 0, 32)
textClass[34] = ends
textClass[92] = escapes

class ByteScanner {
  readonly #memory: ScanMemory
  #bytes: Buffer
  #words: Int32Array
  #at = 0
  #end = 0
  #depth = 0
  #recorded = 0
  #members = 0
  #arrays = 0
  #escaped = false

  constructor(memory: ScanMemory) {
    this.#memory = memory
    this.#bytes = memory.bytes
    this.#words = memory.words
  }

  scan(length: number, root: number): number {
    this.#bytes = this.#memory.bytes
    this.#words = this.#memory.words
    this.#at = layout.input
    this.#end = layout.input + length
    this.#bytes[this.#end] = 0
    this.#depth = 0
    this.#recorded = 0
    this.#members = 0
    this.#arrays = 0
    if (this.#next() !== 123 || !this.#object(root, 0)) return odd
    this.#next()
    return this.#at === this.#end ? this.#recorded : odd
  }

  #object(node: number, membership: number): boolean {
    const bytes = this.#bytes
    this.#at++
    if (this.#next() === 125) {
      this.#at++
      return true
    }
    if (++this.#depth > depthMax) return false
    for (;;) {
      if (this.#next() !== 34) return false
      const start = this.#at + 1
      if (!this.#string()) return false
      const end = this.#at - 1
      if (node !== 0 && this.#escaped) return false
      const child = node === 0 ? 0 : this.#find(node, start, end)
      if (bytes[this.#at] !== 58 && this.#next() !== 58) return false
      this.#at++
      if (!this.#value(child, membership, membership)) return false
      const after = bytes[this.#at] === 44 ? 44 : this.#next()
      this.#at++
      if (after === 125) break
      if (after !== 44) return false
    }
    this.#depth--
    return true
  }

  #array(node: number, membership: number): boolean {
    const array = node === 0 ? 0 : this.#arrays++
    this.#at++
    if (this.#next() === 93) {
      this.#at++
      return true
    }
    if (++this.#depth > depthMax) return false
    for (let element = 0; ; element++) {
      const code = this.#next()
      const isInner = node !== 0 && (code === 123 || code === 91)
      if (isInner && !this.#enter(membership, array, element)) return false
      if (!this.#value(node, membership, isInner ? this.#members : membership)) return false
      const after = this.#next()
      this.#at++
      if (after === 93) break
      if (after !== 44) return false
    }
    this.#depth--
    return true
  }

  #enter(membership: number, array: number, element: number): boolean {
    if (this.#members >= recordsMax) return false
    const at = (layout.memberships >> 2) + this.#members * membershipWords
    this.#words[at] = membership
    this.#words[at + 1] = array
    this.#words[at + 2] = element
    this.#members++
    return true
  }

  #value(node: number, membership: number, inner: number): boolean {
    const code = this.#next()
    if (code === 123) return this.#object(node, inner)
    if (code === 91) return this.#array(node, inner)
    const start = this.#at
    if (code === 34) {
      if (!this.#string()) return false
      if (node === 0) return true
      return this.#record(node, this.#escaped ? kinds.escapedString : kinds.string, start + 1, this.#at - 1, membership)
    }
    const isNumber = code === 45 || (code >= 48 && code <= 57)
    if (!(isNumber ? this.#number(code) : this.#literal(code))) return false
    return node === 0 || this.#record(node, isNumber ? kinds.number : kinds.literal, start, this.#at, membership)
  }

  #record(node: number, kind: number, start: number, end: number, membership: number): boolean {
    const words = this.#words
    const path = words[node >> 2] as number
    if (path < 0) return true
    if (this.#recorded >= recordsMax) return false
    const at = (layout.records >> 2) + this.#recorded++ * recordWords
    words[at] = path
    words[at + 1] = kind
    words[at + 2] = start - layout.input
    words[at + 3] = end - layout.input
    words[at + 4] = membership
    return true
  }

  /** Moves behind the closing quote. */
  #string(): boolean {
    const bytes = this.#bytes
    let at = this.#at + 1
    this.#escaped = false
    for (;;) {
      let kind = textClass[bytes[at] as number]
      while (kind === inText) kind = textClass[bytes[++at] as number]
      if (kind === ends) {
        this.#at = at + 1
        return true
      }
      if (kind !== escapes) return false
      this.#escaped = true
      const length = escapeLength(bytes, at + 1)
      if (length === 0) return false
      at += length
    }
  }

  #number(first: number): boolean {
    const bytes = this.#bytes
    let at = this.#at
    let code = first === 45 ? (bytes[++at] as number) : first
    if (code === 48) code = bytes[++at] as number
    else {
      if (!isDigit(code)) return false
      do code = bytes[++at] as number
      while (isDigit(code))
    }
    if (code === 46) {
      if (!isDigit(bytes[++at] as number)) return false
      do code = bytes[++at] as number
      while (isDigit(code))
    }
    if (code === 101 || code === 69) return false
    this.#at = at
    return true
  }

  #literal(first: number): boolean {
    const length = first === 102 ? 5 : 4
    const word = this.#bytes.toString('latin1', this.#at, this.#at + length)
    if (word !== 'true' && word !== 'false' && word !== 'null') return false
    this.#at += length
    return true
  }

  #find(node: number, start: number, end: number): number {
    const bytes = this.#bytes
    const direct = childOf(this.#memory, node, bytes, start, end)
    if (direct !== 0) return direct
    let at = node
    let from = start
    for (let dot = start; dot < end; dot++) {
      if (bytes[dot] !== 46) continue
      at = childOf(this.#memory, at, bytes, from, dot)
      if (at === 0) return 0
      from = dot + 1
    }
    return from === start ? 0 : childOf(this.#memory, at, bytes, from, end)
  }

  #next(): number {
    const bytes = this.#bytes
    for (;;) {
      const code = bytes[this.#at] as number
      if (code > 32 || (code !== 32 && code !== 10 && code !== 13 && code !== 9)) return code
      this.#at++
    }
  }
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

/** How long an escape is, from its backslash on, or 0 if there is no such one. */
function escapeLength(bytes: Buffer, at: number): number {
  const code = bytes[at] as number
  if (code !== 117) return '"\\/bfnrt'.includes(String.fromCharCode(code)) ? 2 : 0
  for (let digit = 1; digit <= 4; digit++) {
    if (!/[0-9a-fA-F]/.test(String.fromCharCode(bytes[at + digit] as number))) return 0
  }
  return 6
}
