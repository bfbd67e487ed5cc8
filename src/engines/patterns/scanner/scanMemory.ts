/**
 * The memory that a scanner works in: the event's bytes, what is open, what was found, and the tree of wanted fields.
 * One layout for both scanners, so that what they find is read in one way. See eventScan.as for the records.
 */
// What lies before the stack is the scanner's own.
export const layout = {
  stack: 4_096,
  records: 8_192,
  memberships: 98_304,
  input: 155_648,
} as const

export const recordsMax = 4_096
/** Greater than any event of EventBridge; what is greater still is read the slow way. */
export const inputBytesMax = 1_310_720
const scratchAt = layout.input + inputBytesMax + 64
const treeAt = scratchAt + inputBytesMax + 64
const pageBytes = 65_536
const treeBytesAtFirst = 16_384

export const recordWords = 5
export const membershipWords = 3
export const kinds = { string: 0, escapedString: 1, number: 2, literal: 3 } as const

export interface Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): void
}

/** A memory for the host that refuses WebAssembly. */
export class PlainMemory implements Memory {
  buffer = new ArrayBuffer(pagesAtFirst() * pageBytes)

  grow(pages: number): void {
    const grown = new ArrayBuffer(this.buffer.byteLength + pages * pageBytes)
    new Uint8Array(grown).set(new Uint8Array(this.buffer))
    this.buffer = grown
  }
}

export function pagesAtFirst(): number {
  return Math.ceil((treeAt + treeBytesAtFirst) / pageBytes)
}

export class ScanMemory {
  bytes!: Buffer
  words!: Int32Array
  #input!: Uint8Array
  #treeEnd = treeAt
  #scratchEnd = scratchAt
  readonly #memory: Memory
  readonly #encoder = new TextEncoder()

  constructor(memory: Memory) {
    this.#memory = memory
    this.#view()
  }

  /** The event's length in bytes, or undefined if there is no room for it. */
  write(event: string | Uint8Array): number | undefined {
    this.#scratchEnd = scratchAt
    if (typeof event === 'string') {
      const { read, written } = this.#encoder.encodeInto(event, this.#input)
      return read === event.length ? written : undefined
    }
    if (event.length > inputBytesMax) return undefined
    this.#input.set(event)
    return event.length
  }

  /** Puts decoded text beside the event; returns its place, relative to the event's start. */
  writeAside(text: string): { start: number; end: number } | undefined {
    const room = this.bytes.subarray(this.#scratchEnd, treeAt)
    const { read, written } = this.#encoder.encodeInto(text, room)
    if (read < text.length) return undefined
    const start = this.#scratchEnd - layout.input
    this.#scratchEnd += written
    return { start, end: start + written }
  }

  /** Room for a part of the tree, at a multiple of 4. Never given back, only all at once. */
  allocate(bytes: number): number {
    const at = this.#treeEnd
    this.#treeEnd = (at + bytes + 3) & ~3
    // Keys are compared a few bytes beyond their end.
    const missing = this.#treeEnd + 64 - this.bytes.length
    if (missing > 0) {
      this.#memory.grow(Math.ceil(Math.max(missing, this.#treeEnd / 4) / pageBytes))
      this.#view()
    }
    this.bytes.fill(0, at, this.#treeEnd)
    return at
  }

  freeTree(): void {
    this.#treeEnd = treeAt
  }

  #view(): void {
    const { buffer } = this.#memory
    this.bytes = Buffer.from(buffer)
    this.words = new Int32Array(buffer)
    this.#input = new Uint8Array(buffer, layout.input, inputBytesMax)
  }
}
