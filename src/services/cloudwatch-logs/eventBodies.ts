/**
 * The events of a batch as bytes: times, where each message ends, and the messages one after the other, with a byte
 * between them that is in none. So a text is looked for in all messages at once, only what has it is decoded, and the
 * whole goes to the engine of queries as it lies.
 */
import type { Millis } from '../../clock.ts'
import { type EventBlock, joinedMessages } from '../../engines/insights/eventBlocks.ts'

export type Written = [timestamp: Millis, message: string]

const headBytes = 8
const asciiFlag = 1
/** Batches of older stores are not, and those that have a message with the separator in it. */
const separatedFlag = 2
const separator = '\x1e'
/** A time and an end. */
const eventBytes = 12

/** From so many messages on, all of a batch are decoded. */
const manyMessages = 8
/** Where only one of more than so many is read, each is decoded by itself. */
const sparseness = 4

/** AWS counts a message's bytes and this, for each event. */
export const overheadBytes = 26

export function encodeEvents(events: readonly Written[]): Buffer {
  const isSeparated = !events.some(([, message]) => message.includes(separator))
  const text = events.map(([, message]) => message).join(isSeparated ? separator : '')
  const textBytes = Buffer.byteLength(text)
  const isAscii = textBytes === text.length
  const textAt = headBytes + events.length * eventBytes
  const body = Buffer.allocUnsafe(textAt + textBytes)
  body.writeUInt32LE((isAscii ? asciiFlag : 0) | (isSeparated ? separatedFlag : 0), 0)
  body.writeUInt32LE(events.length, 4)
  let end = 0
  for (const [index, [timestamp, message]] of events.entries()) {
    if (isSeparated && index > 0) end++
    end += isAscii ? message.length : Buffer.byteLength(message)
    body.writeDoubleLE(timestamp, headBytes + index * 8)
    body.writeUInt32LE(end, headBytes + events.length * 8 + index * 4)
  }
  if (isAscii) body.write(text, textAt, 'latin1')
  else body.write(text, textAt)
  return body
}

/** Of an encoded batch, with AWS's overhead. */
export function storedBytesOf(body: Buffer): number {
  const count = body.readUInt32LE(4)
  const separators = body.readUInt32LE(0) & separatedFlag ? count - 1 : 0
  return body.length - headBytes - count * eventBytes - separators + count * overheadBytes
}

export class EventBody {
  readonly count: number
  readonly #bytes: Buffer
  readonly #isAscii: boolean
  /** Between messages. */
  readonly #gap: 0 | 1
  readonly #endsAt: number
  readonly #textAt: number
  #asked = 0
  #text: string | undefined

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const flags = this.#bytes.readUInt32LE(0)
    this.#isAscii = (flags & asciiFlag) !== 0
    this.#gap = flags & separatedFlag ? 1 : 0
    this.count = this.#bytes.readUInt32LE(4)
    this.#endsAt = headBytes + this.count * 8
    this.#textAt = headBytes + this.count * eventBytes
  }

  timestamp(index: number): Millis {
    return this.#bytes.readDoubleLE(headBytes + index * 8)
  }

  message(index: number): string {
    const [start, end] = [this.#start(index), this.#end(index)]
    // Who reads many, not one here and there, reads all: one text and its parts are faster made than many texts.
    const isDense = ++this.#asked >= manyMessages && index < sparseness * this.#asked
    if (this.#isAscii && isDense) this.#text ??= this.#bytes.toString('latin1', this.#textAt)
    if (this.#text !== undefined) return this.#text.slice(start - this.#textAt, end - this.#textAt)
    return this.#bytes.toString(this.#isAscii ? 'latin1' : 'utf8', start, end)
  }

  /** Those that may have one of the texts, in order; there may be some that have none. */
  *having(texts: readonly string[]): Iterable<number> {
    const needles = texts.map((text) => Buffer.from(text))
    const found = needles.map((needle) => this.#find(needle, this.#textAt))
    let had = 0
    for (let next = Math.min(...found); next < this.#bytes.length; next = Math.min(...found)) {
      const index = this.#indexAt(next)
      yield index
      // Where most have it, looking for it costs more than it saves.
      if (++had === manyMessages && index < 2 * manyMessages) {
        for (let rest = index + 1; rest < this.count; rest++) yield rest
        return
      }
      const end = this.#end(index)
      for (const [at, needle] of needles.entries()) {
        if ((found[at] as number) < end) found[at] = this.#find(needle, end)
      }
    }
  }

  /** Whether one of them may have one of the texts. */
  hasAny(texts: readonly string[]): boolean {
    return texts.some((text) => this.#bytes.includes(text, this.#textAt))
  }

  /** All of them, as the engine of queries takes them. */
  get block(): EventBlock {
    const timestamps = this.#bytes.subarray(headBytes, this.#endsAt)
    if (this.#gap === 1) return { count: this.count, timestamps, text: this.#bytes.subarray(this.#textAt), separator }
    const messages = Array.from({ length: this.count }, (_, index) => this.message(index))
    return { count: this.count, timestamps, ...joinedMessages(messages) }
  }

  #find(needle: Buffer, from: number): number {
    const at = this.#bytes.indexOf(needle, from)
    return at < 0 ? Number.POSITIVE_INFINITY : at
  }

  /** The event whose message lies there. */
  #indexAt(position: number): number {
    let [low, high] = [0, this.count - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#end(middle) > position) high = middle
      else low = middle + 1
    }
    return low
  }

  #start(index: number): number {
    return index === 0 ? this.#textAt : this.#end(index - 1) + this.#gap
  }

  #end(index: number): number {
    return this.#textAt + this.#bytes.readUInt32LE(this.#endsAt + index * 4)
  }
}
