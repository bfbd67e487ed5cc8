/** How entries lie in a segment: a head of fixed length (length, checksum, both times), then the bytes, one after the other. */
import { crc32 } from 'node:zlib'
import type { Millis } from '../clock.ts'

/** What is appended to a log. */
export interface NewEntry {
  /** The entry's own time, in any order. */
  at: Millis
  /** When it is appended: never earlier than the entry before, unless the clock was stepped back. */
  appendedAt: Millis
  body: string | Uint8Array
}

/** With the length of its body, which is counted once. */
export interface SizedEntry {
  entry: NewEntry
  bytes: number
}

export interface Entry {
  at: Millis
  appendedAt: Millis
  /** Where its head begins in the segment. */
  offset: number
  body: Uint8Array
}

export const headBytes = 24
/** The checksum is of all that follows it. */
const checkedFrom = 8

export class SegmentDamaged extends Error {}

export function bodyBytes({ body }: NewEntry): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength
}

export function encodeEntries(entries: readonly SizedEntry[]): Buffer {
  let size = 0
  for (const { bytes } of entries) size += headBytes + bytes
  const bytes = Buffer.allocUnsafe(size)
  // A view writes doubles several times faster than a Buffer does.
  const heads = new DataView(bytes.buffer, bytes.byteOffset, size)
  let offset = 0
  for (const { entry, bytes: length } of entries) {
    const { at, appendedAt, body } = entry
    const end = offset + headBytes + length
    heads.setUint32(offset, length, true)
    heads.setFloat64(offset + 8, at, true)
    heads.setFloat64(offset + 16, appendedAt, true)
    if (typeof body === 'string') bytes.write(body, offset + headBytes, length)
    else bytes.set(body, offset + headBytes)
    heads.setUint32(offset + 4, crc32(bytes.subarray(offset + checkedFrom, end)), true)
    offset = end
  }
  return bytes
}

/** The entries that `bytes` are, which begin at `base` of their segment. Errors: SegmentDamaged. */
export function* decodeEntries(bytes: Buffer, base: number): Iterable<Entry> {
  for (let offset = 0; offset < bytes.length; ) {
    const length = offset + headBytes <= bytes.length ? bytes.readUInt32LE(offset) : Number.POSITIVE_INFINITY
    const end = offset + headBytes + length
    if (end > bytes.length) throw new SegmentDamaged(`an entry at ${base + offset} is cut`)
    if (crc32(bytes.subarray(offset + checkedFrom, end)) !== bytes.readUInt32LE(offset + 4)) {
      throw new SegmentDamaged(`the entry at ${base + offset} is not what was written`)
    }
    yield {
      at: bytes.readDoubleLE(offset + 8),
      appendedAt: bytes.readDoubleLE(offset + 16),
      offset: base + offset,
      body: bytes.subarray(offset + headBytes, end),
    }
    offset = end
  }
}
