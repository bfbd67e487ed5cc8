/**
 * The scanner without WebAssembly: one pass over the bytes, the same records, the same checks. What is not plainly
 * right is odd here too (eventScan.as), so that both find the same fields in the same events.
 *
 * Characters are numbers here (0x22 is `"`), and constants lie in the functions that use them: those of a module the
 * host reads from memory and checks each time, which took a quarter of a scan.
 */
import { childOf, lengthsOf } from './fieldTree.ts'
import { kinds, layout, membershipWords, PlainMemory, recordsMax, recordWords, ScanMemory } from './scanMemory.ts'
import type { EventScanner } from './wasmScanner.ts'

export function byteScanner(): EventScanner {
  const memory = new ScanMemory(new PlainMemory())
  const scanner = new ByteScanner(memory)
  return { memory, scan: (length, root) => scanner.scan(length, root) }
}

/** Where something is, it gives the place behind it, or -1 where it is odd. */
class ByteScanner {
  readonly #memory: ScanMemory
  #bytes: Buffer
  #words: Int32Array
  #view: DataView
  readonly #depthMax = 256
  #depth = 0
  #recorded = 0
  #members = 0
  #arrays = 0
  /** Whether the string that was read last has escapes. */
  #escaped = false
  /** The brackets that are open where no rule looks. */
  readonly #open = new Uint8Array(256)

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
    if (this.#bytes[start] !== 0x7b) return -1
    const at = this.#object(start, root, 0)
    return at !== -1 && this.#pastSpace(at) === end ? this.#recorded : -1
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
    if (bytes[at] === 0x7d) return at + 1
    if (++this.#depth > this.#depthMax) return -1
    const lengths = lengthsOf(this.#memory, node)
    for (;;) {
      if (bytes[at] !== 0x22) at = this.#pastSpace(at)
      if (bytes[at] !== 0x22) return -1
      const end = textEnd(this.#view, at + 1) + 1
      // A mistake, or an escaped key: the slow way tells.
      if (bytes[end - 1] !== 0x22) return -1
      // Most keys are dismissed by their length.
      const mayBe = ((lengths >>> Math.min(end - at - 2, 31)) & 1) !== 0
      const child = mayBe ? this.#find(node, at + 1, end - 1) : 0
      at = bytes[end] === 0x3a ? end : this.#pastSpace(end)
      if (bytes[at] !== 0x3a) return -1
      at = child === 0 ? this.#unwanted(at + 1) : this.#value(at + 1, child, membership, membership)
      if (at === -1) return -1
      if (bytes[at] !== 0x2c) {
        at = this.#pastSpace(at)
        if (bytes[at] === 0x7d) break
        if (bytes[at] !== 0x2c) return -1
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
    if (bytes[at] === 0x5d) return at + 1
    if (++this.#depth > this.#depthMax) return -1
    for (let element = 0; ; element++) {
      at = this.#pastSpace(at)
      const code = bytes[at]
      const isInner = code === 0x7b || code === 0x5b
      if (isInner && !this.#enter(membership, array, element)) return -1
      at = this.#value(at, node, membership, isInner ? this.#members : membership)
      if (at === -1) return -1
      at = this.#pastSpace(at)
      const after = bytes[at++]
      if (after === 0x5d) break
      if (after !== 0x2c) return -1
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
    if (code === 0x7b) return this.#object(start, node, inner)
    if (code === 0x5b) return this.#array(start, node, inner)
    const end = this.#scalar(start, code)
    if (end === -1) return -1
    if (code === 0x22) {
      const kind = this.#escaped ? kinds.escapedString : kinds.string
      return this.#record(node, kind, start + 1, end - 1, membership) ? end : -1
    }
    const kind = code <= 0x39 ? kinds.number : kinds.literal
    return this.#record(node, kind, start, end, membership) ? end : -1
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
    if (code === 0x22) {
      const end = textEnd(this.#view, from + 1)
      return bytes[end] === 0x22 ? end + 1 : this.#escapedString(end)
    }
    return code === 0x7b || code === 0x5b || code <= 32 ? this.#skip(from) : this.#scalar(from, code)
  }

  /** A value that no rule looks into, with all that is in it: one loop, however deep. */
  #skip(from: number): number {
    const bytes = this.#bytes
    const view = this.#view
    const open = this.#open
    const deepest = this.#depthMax - this.#depth
    let depth = 0
    let bracket = 0
    let at = from
    for (;;) {
      let code = bytes[at] as number
      if (code <= 32) {
        at = this.#pastSpace(at)
        code = bytes[at] as number
      }
      if (code === 0x22) {
        at = textEnd(view, at + 1)
        at = bytes[at] === 0x22 ? at + 1 : this.#escapedString(at)
      } else if (code < 0x5b) at = numberEnd(bytes, view, at)
      else if (code === 0x7b || code === 0x5b) {
        if (depth === deepest) return -1
        at = this.#pastSpace(at + 1)
        if (bytes[at] !== code + 2) {
          open[depth++] = bracket
          bracket = code
          if (code === 0x7b) at = this.#key(at)
          if (at === -1) return -1
          continue
        }
        at++
      } else at = this.#literal(at, code)
      if (at === -1) return -1
      // Behind a value: a comma and the next, or what closes it.
      for (;;) {
        if (depth === 0) return at
        code = bytes[at] as number
        if (code <= 32) {
          at = this.#pastSpace(at)
          code = bytes[at] as number
        }
        at++
        if (code === 0x2c) break
        // `]` and `}` stand two behind `[` and `{` in ASCII.
        if (code !== bracket + 2) return -1
        bracket = open[--depth] as number
      }
      if (bracket !== 0x7b) continue
      // A key, without a call where it is as most are.
      if (isKeyOfOneLetter(view, at)) {
        at += 4
        continue
      }
      const end = bytes[at] === 0x22 ? textEnd(view, at + 1) : at
      if (bytes[end] === 0x22 && bytes[end + 1] === 0x3a) at = end + 2
      else {
        at = this.#key(at)
        if (at === -1) return -1
      }
    }
  }

  /** A key and its colon. */
  #key(from: number): number {
    const bytes = this.#bytes
    const start = bytes[from] === 0x22 ? from : this.#pastSpace(from)
    if (bytes[start] !== 0x22) return -1
    let at = textEnd(this.#view, start + 1)
    at = bytes[at] === 0x22 ? at + 1 : this.#escapedString(at)
    if (at === -1) return -1
    if (bytes[at] === 0x3a) return at + 1
    at = this.#pastSpace(at)
    return bytes[at] === 0x3a ? at + 1 : -1
  }

  #scalar(from: number, code: number): number {
    if (code === 0x22) return this.#string(from)
    return code === 0x2d || (code >= 0x30 && code <= 0x39)
      ? numberEnd(this.#bytes, this.#view, from)
      : this.#literal(from, code)
  }

  #string(from: number): number {
    if (this.#bytes[from] !== 0x22) return -1
    this.#escaped = false
    const at = textEnd(this.#view, from + 1)
    return this.#bytes[at] === 0x22 ? at + 1 : this.#escapedString(at)
  }

  /** The rest of a string, from its first escape on. */
  #escapedString(from: number): number {
    const bytes = this.#bytes
    this.#escaped = true
    for (let at = from; bytes[at] === 0x5c; ) {
      const length = escapeLength(bytes, at + 1)
      if (length === 0) return -1
      at = textEnd(this.#view, at + length)
      if (bytes[at] === 0x22) return at + 1
    }
    return -1
  }

  #literal(from: number, first: number): number {
    const length = first === 0x66 ? 5 : 4
    const word = this.#bytes.toString('latin1', from, from + length)
    return word === 'true' || word === 'false' || word === 'null' ? from + length : -1
  }

  /** The node of a key, which may go down as many levels as it has dots. */
  #find(node: number, start: number, end: number): number {
    const direct = childOf(this.#memory, node, this.#bytes, start, end)
    return direct !== 0 || lengthsOf(this.#memory, node) !== -1 ? direct : this.#findDotted(node, start, end)
  }

  #findDotted(node: number, start: number, end: number): number {
    const bytes = this.#bytes
    let at = node
    let from = start
    for (let dot = start; dot < end; dot++) {
      if (bytes[dot] !== 0x2e) continue
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

// Four bytes at once. A byte's highest bit tells what was found in it; only the lowest found is certain.

/** The first byte of a string's rest that is no plain character: its quote, an escape, or one that must not be there. */
function textEnd(view: DataView, from: number): number {
  const ones = 0x01010101
  const spaces = 0x20202020
  const quotes = 0x22222222
  const slashes = 0x5c5c5c5c
  const highBits = 0x80808080 | 0
  for (let at = from; ; at += 4) {
    const four = view.getInt32(at, true)
    const isQuote = four ^ quotes
    const isSlash = four ^ slashes
    const found = (((isQuote - ones) & ~isQuote) | ((isSlash - ones) & ~isSlash) | ((four - spaces) & ~four)) & highBits
    if (found !== 0) return at + lowestByte(found)
  }
}

/** A key of one letter and its colon, as points have them: told from one look. */
function isKeyOfOneLetter(view: DataView, at: number): boolean {
  const four = view.getInt32(at, true)
  const letter = (four >>> 8) & 0xff
  const isKey = ((four ^ 0x3a220022) & 0xffff00ff) === 0
  return isKey && letter >= 0x20 && letter !== 0x22 && letter !== 0x5c
}

/** Up to an exponent, which is nothing that may stand behind a value: it is left to the slow way. */
function numberEnd(bytes: Buffer, view: DataView, from: number): number {
  const start = bytes[from] === 0x2d ? from + 1 : from
  let at = digitsEnd(view, start)
  if (at === start || (bytes[start] === 0x30 && at > start + 1)) return -1
  if (bytes[at] === 0x2e) {
    const fraction = at + 1
    at = digitsEnd(view, fraction)
    if (at === fraction) return -1
  }
  return at
}

function digitsEnd(view: DataView, from: number): number {
  const zeros = 0x30303030
  // Makes the highest bit of all that is greater than nine.
  const aboveNine = 0x76767676
  const highBits = 0x80808080 | 0
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
  if (code !== 0x75) return '"\\/bfnrt'.includes(String.fromCharCode(code)) ? 2 : 0
  for (let digit = 1; digit <= 4; digit++) {
    if (!/[0-9a-fA-F]/.test(String.fromCharCode(bytes[at + digit] as number))) return 0
  }
  return 6
}
