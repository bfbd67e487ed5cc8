/**
 * The scanner without WebAssembly: one pass over the bytes, the same records, the same checks. What is not plainly
 * right is odd here too (eventScan.as), so that both find the same fields in the same events.
 */
import { childOf, leadsFurther } from './fieldTree.ts'
import { kinds, layout, membershipWords, PlainMemory, recordsMax, recordWords, ScanMemory } from './scanMemory.ts'
import type { EventScanner } from './wasmScanner.ts'

export function byteScanner(): EventScanner {
  const memory = new ScanMemory(new PlainMemory())
  const scanner = new ByteScanner(memory)
  return { memory, scan: (length, root) => scanner.scan(length, root) }
}

const odd = -1
const depthMax = 256
const [quote, comma, minus, point, zero, colon, slash] = [34, 44, 45, 46, 48, 58, 92]
const [openBracket, openBrace, closeBrace] = [91, 123, 125]

// Four bytes at once. A byte's highest bit tells what was found in it; only the lowest found is certain.
const ones = 0x01010101
const highBits = 0x80808080 | 0
const quotes = 0x22222222
const slashes = 0x5c5c5c5c
const spaces = 0x20202020
const zeros = 0x30303030
/** Makes the highest bit of all that is greater than nine. */
const aboveNine = 0x76767676

/** Where something is, it gives the place behind it, or `odd`. */
class ByteScanner {
  readonly #memory: ScanMemory
  #bytes: Buffer
  #words: Int32Array
  #view: DataView
  #depth = 0
  #recorded = 0
  #members = 0
  #arrays = 0
  /** Whether the string that was read last has escapes. */
  #escaped = false
  /** The brackets that are open where no rule looks. */
  readonly #open = new Uint8Array(depthMax)

  constructor(memory: ScanMemory) {
    this.#memory = memory
    this.#bytes = memory.bytes
    this.#words = memory.words
    this.#view = new DataView(memory.bytes.buffer)
  }

  scan(length: number, root: number): number {
    if (this.#bytes !== this.#memory.bytes) this.#look()
    const end = layout.input + length
    this.#bytes[end] = 0
    this.#depth = 0
    this.#recorded = 0
    this.#members = 0
    this.#arrays = 0
    const start = this.#pastSpace(layout.input)
    if (this.#bytes[start] !== openBrace) return odd
    const at = this.#object(start, root, 0)
    return at !== odd && this.#pastSpace(at) === end ? this.#recorded : odd
  }

  /** The memory has grown, and lies elsewhere. */
  #look(): void {
    this.#bytes = this.#memory.bytes
    this.#words = this.#memory.words
    this.#view = new DataView(this.#bytes.buffer)
  }

  #object(from: number, node: number, membership: number): number {
    const bytes = this.#bytes
    let at = this.#pastSpace(from + 1)
    if (bytes[at] === closeBrace) return at + 1
    if (++this.#depth > depthMax) return odd
    for (;;) {
      if (bytes[at] !== quote) at = this.#pastSpace(at)
      if (bytes[at] !== quote) return odd
      const end = textEnd(this.#view, at + 1) + 1
      // A mistake, or an escaped key: the slow way tells.
      if (bytes[end - 1] !== quote) return odd
      const child = this.#find(node, at + 1, end - 1)
      at = bytes[end] === colon ? end : this.#pastSpace(end)
      if (bytes[at] !== colon) return odd
      at = child === 0 ? this.#unwanted(at + 1) : this.#value(at + 1, child, membership, membership)
      if (at === odd) return odd
      if (bytes[at] !== comma) {
        at = this.#pastSpace(at)
        if (bytes[at] === closeBrace) break
        if (bytes[at] !== comma) return odd
      }
      at++
    }
    this.#depth--
    return at + 1
  }

  #array(from: number, node: number, membership: number): number {
    const bytes = this.#bytes
    const array = this.#arrays++
    let at = this.#pastSpace(from + 1)
    if (bytes[at] === openBracket + 2) return at + 1
    if (++this.#depth > depthMax) return odd
    for (let element = 0; ; element++) {
      at = this.#pastSpace(at)
      const code = bytes[at]
      const isInner = code === openBrace || code === openBracket
      if (isInner && !this.#enter(membership, array, element)) return odd
      at = this.#value(at, node, membership, isInner ? this.#members : membership)
      if (at === odd) return odd
      at = this.#pastSpace(at)
      const after = bytes[at++]
      if (after === openBracket + 2) break
      if (after !== comma) return odd
    }
    this.#depth--
    return at
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

  /** A value that some rule may want. */
  #value(from: number, node: number, membership: number, inner: number): number {
    const start = this.#pastSpace(from)
    const code = this.#bytes[start] as number
    if (code === openBrace) return this.#object(start, node, inner)
    if (code === openBracket) return this.#array(start, node, inner)
    const end = this.#scalar(start, code)
    if (end === odd) return odd
    if (code === quote) {
      const kind = this.#escaped ? kinds.escapedString : kinds.string
      return this.#record(node, kind, start + 1, end - 1, membership) ? end : odd
    }
    const kind = code <= 57 ? kinds.number : kinds.literal
    return this.#record(node, kind, start, end, membership) ? end : odd
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

  /** A value that no rule wants: most are no object and no array. */
  #unwanted(from: number): number {
    const bytes = this.#bytes
    const code = bytes[from] as number
    if (code === quote) {
      const end = textEnd(this.#view, from + 1)
      return bytes[end] === quote ? end + 1 : this.#escapedString(end)
    }
    return code === openBrace || code === openBracket || code <= 32 ? this.#skip(from) : this.#scalar(from, code)
  }

  /** A value that no rule looks into, with all that is in it: one loop, however deep. */
  #skip(from: number): number {
    const bytes = this.#bytes
    const view = this.#view
    const open = this.#open
    const deepest = depthMax - this.#depth
    let depth = 0
    let bracket = 0
    let at = from
    for (;;) {
      let code = bytes[at] as number
      if (code <= 32) {
        at = this.#pastSpace(at)
        code = bytes[at] as number
      }
      if (code === quote) {
        at = textEnd(view, at + 1)
        at = bytes[at] === quote ? at + 1 : this.#escapedString(at)
      } else if (code < openBracket) at = numberEnd(bytes, view, at)
      else if (code === openBrace || code === openBracket) {
        if (depth === deepest) return odd
        at = this.#pastSpace(at + 1)
        if (bytes[at] !== code + 2) {
          open[depth++] = bracket
          bracket = code
          if (code === openBrace) at = this.#key(at)
          if (at === odd) return odd
          continue
        }
        at++
      } else at = this.#literal(at, code)
      if (at === odd) return odd
      // Behind a value: a comma and the next, or what closes it.
      for (;;) {
        if (depth === 0) return at
        code = bytes[at] as number
        if (code <= 32) {
          at = this.#pastSpace(at)
          code = bytes[at] as number
        }
        at++
        if (code === comma) {
          if (bracket === openBrace) at = this.#key(at)
          break
        }
        // `]` and `}` stand two behind `[` and `{` in ASCII.
        if (code !== bracket + 2) return odd
        bracket = open[--depth] as number
      }
      if (at === odd) return odd
    }
  }

  /** A key and its colon. */
  #key(from: number): number {
    const bytes = this.#bytes
    const start = bytes[from] === quote ? from : this.#pastSpace(from)
    if (bytes[start] !== quote) return odd
    let at = textEnd(this.#view, start + 1)
    at = bytes[at] === quote ? at + 1 : this.#escapedString(at)
    if (at === odd) return odd
    if (bytes[at] === colon) return at + 1
    at = this.#pastSpace(at)
    return bytes[at] === colon ? at + 1 : odd
  }

  #scalar(from: number, code: number): number {
    if (code === quote) return this.#string(from)
    return code === minus || (code >= zero && code <= 57)
      ? numberEnd(this.#bytes, this.#view, from)
      : this.#literal(from, code)
  }

  #string(from: number): number {
    if (this.#bytes[from] !== quote) return odd
    this.#escaped = false
    const at = textEnd(this.#view, from + 1)
    return this.#bytes[at] === quote ? at + 1 : this.#escapedString(at)
  }

  /** The rest of a string, from its first escape on. */
  #escapedString(from: number): number {
    const bytes = this.#bytes
    this.#escaped = true
    for (let at = from; bytes[at] === slash; ) {
      const length = escapeLength(bytes, at + 1)
      if (length === 0) return odd
      at = textEnd(this.#view, at + length)
      if (bytes[at] === quote) return at + 1
    }
    return odd
  }

  #literal(from: number, first: number): number {
    const length = first === 102 ? 5 : 4
    const word = this.#bytes.toString('latin1', from, from + length)
    return word === 'true' || word === 'false' || word === 'null' ? from + length : odd
  }

  /** The node of a key, which may go down as many levels as it has dots. */
  #find(node: number, start: number, end: number): number {
    const direct = childOf(this.#memory, node, this.#bytes, start, end)
    return direct !== 0 || !leadsFurther(this.#memory, node) ? direct : this.#findDotted(node, start, end)
  }

  #findDotted(node: number, start: number, end: number): number {
    const bytes = this.#bytes
    let at = node
    let from = start
    for (let dot = start; dot < end; dot++) {
      if (bytes[dot] !== point) continue
      at = childOf(this.#memory, at, bytes, from, dot)
      if (at === 0) return 0
      from = dot + 1
    }
    return from === start ? 0 : childOf(this.#memory, at, bytes, from, end)
  }

  #pastSpace(from: number): number {
    const bytes = this.#bytes
    let at = from
    for (let code = bytes[at] as number; code <= 32; code = bytes[++at] as number) {
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) break
    }
    return at
  }
}

/** The first byte of a string's rest that is no plain character: its quote, an escape, or one that must not be there. */
function textEnd(view: DataView, from: number): number {
  for (let at = from; ; at += 4) {
    const four = view.getInt32(at, true)
    const isQuote = four ^ quotes
    const isSlash = four ^ slashes
    const found = (((isQuote - ones) & ~isQuote) | ((isSlash - ones) & ~isSlash) | ((four - spaces) & ~four)) & highBits
    if (found !== 0) return at + lowestByte(found)
  }
}

/** Without an exponent: that is left to the slow way. */
function numberEnd(bytes: Buffer, view: DataView, from: number): number {
  const start = bytes[from] === minus ? from + 1 : from
  let at = digitsEnd(view, start)
  if (at === start || (bytes[start] === zero && at > start + 1)) return odd
  if (bytes[at] === point) {
    const fraction = at + 1
    at = digitsEnd(view, fraction)
    if (at === fraction) return odd
  }
  return ((bytes[at] as number) | 0x20) === 101 ? odd : at
}

function digitsEnd(view: DataView, from: number): number {
  for (let at = from; ; at += 4) {
    const four = view.getInt32(at, true) ^ zeros
    const found = ((four + aboveNine) | four) & highBits
    if (found !== 0) return at + lowestByte(found)
  }
}

/** Of four bytes, the lowest whose highest bit is set. */
function lowestByte(found: number): number {
  return (31 - Math.clz32(found & -found)) >> 3
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
