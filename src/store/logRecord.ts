/**
 * One batch of writes as a record of the log: a head with a checksum, then each write. Records are numbered over the whole
 * life of a store, so that what an earlier use of a file left behind is told from what counts.
 *
 *   magic u32 · checksum u32 of all that follows · bytes u32 of the whole record · writes u32 · number f64
 *   then for each write: key bytes u32 · value bytes u32 (ffffffff: deleted) · key · value
 */
import { crc32 } from 'node:zlib'
import type { Write } from './backend.ts'

export interface LogRecord {
  number: number
  writes: Write[]
  /** Where it ends in its file. */
  end: number
}

const magic = Buffer.from('igw1')
const checksumAt = 4
const bytesAt = 8
const countAt = 12
const numberAt = 16
const headBytes = 24
const writeHeadBytes = 8
const deleted = 0xffffffff
const alignment = 8
/** Larger batches get a buffer of their own. */
const scratchBytes = 1024 * 1024

export class RecordEncoder {
  readonly #scratch = Buffer.allocUnsafeSlow(scratchBytes)

  /** The bytes are good until the next call. */
  encode(number: number, writes: readonly Write[]): Buffer {
    const size = recordBytes(writes)
    const record = size <= scratchBytes ? this.#scratch.subarray(0, size) : Buffer.allocUnsafe(size)
    let at = headBytes
    for (const { key, value } of writes) {
      record.writeUInt32LE(key.length, at)
      record.writeUInt32LE(value ? value.byteLength : deleted, at + 4)
      at += writeHeadBytes
      at += record.write(key, at, 'latin1')
      if (value) {
        record.set(value, at)
        at += value.byteLength
      }
    }
    record.fill(0, at)
    magic.copy(record)
    record.writeUInt32LE(size, bytesAt)
    record.writeUInt32LE(writes.length, countAt)
    record.writeDoubleLE(number, numberAt)
    record.writeUInt32LE(crc32(record.subarray(bytesAt)), checksumAt)
    return record
  }
}

function recordBytes(writes: readonly Write[]): number {
  let size = headBytes
  for (const { key, value } of writes) size += writeHeadBytes + key.length + (value?.byteLength ?? 0)
  return Math.ceil(size / alignment) * alignment
}

/** Every whole record in a file that is numbered later than `after`, in the order of their places. */
export function* recordsIn(file: Buffer, after: number): Iterable<LogRecord> {
  let at = 0
  while (at >= 0 && at + headBytes <= file.length) {
    const size = wholeAt(file, at)
    if (size === undefined) {
      at = nextMagic(file, at + alignment)
      continue
    }
    const number = file.readDoubleLE(at + numberAt)
    if (number > after) yield { number, writes: writesOf(file.subarray(at, at + size)), end: at + size }
    at += size
  }
}

/** The size of the record that begins here; undefined if none does, or only a part of one. */
function wholeAt(file: Buffer, at: number): number | undefined {
  if (magic.compare(file, at, at + magic.length) !== 0) return undefined
  const size = file.readUInt32LE(at + bytesAt)
  if (size < headBytes || at + size > file.length) return undefined
  return crc32(file.subarray(at + bytesAt, at + size)) === file.readUInt32LE(at + checksumAt) ? size : undefined
}

function nextMagic(file: Buffer, from: number): number {
  let at = file.indexOf(magic, from)
  while (at >= 0 && at % alignment !== 0) at = file.indexOf(magic, at + 1)
  return at
}

function writesOf(record: Buffer): Write[] {
  const writes: Write[] = []
  let at = headBytes
  for (let left = record.readUInt32LE(countAt); left > 0; left--) {
    const keyBytes = record.readUInt32LE(at)
    const valueBytes = record.readUInt32LE(at + 4)
    at += writeHeadBytes
    const key = record.toString('latin1', at, at + keyBytes)
    at += keyBytes
    const value = valueBytes === deleted ? undefined : record.subarray(at, at + valueBytes)
    writes.push({ key, value })
    at += value?.byteLength ?? 0
  }
  return writes
}
