/** CBOR (RFC 8949), as much of it as Smithy's RPC v2 uses: CloudWatch's clients speak it. */
import { awsError } from './errors.ts'
import { CborMoment } from './values.ts'

const nestingMax = 64

export function encodeCbor(value: unknown): Uint8Array {
  const parts: Uint8Array[] = []
  write(value, parts)
  return Buffer.concat(parts)
}

function write(value: unknown, parts: Uint8Array[]): void {
  if (value === null || value === undefined) parts.push(Buffer.of(0xf6))
  else if (typeof value === 'boolean') parts.push(Buffer.of(value ? 0xf5 : 0xf4))
  else if (typeof value === 'string') writeBytes(3, Buffer.from(value), parts)
  else if (typeof value === 'number') writeNumber(value, parts)
  else if (typeof value === 'bigint') writeNumber(Number(value), parts)
  else if (value instanceof CborMoment) {
    parts.push(head(6, 1))
    writeNumber(value.seconds, parts)
  } else if (value instanceof Uint8Array) writeBytes(2, value, parts)
  else if (Array.isArray(value)) {
    parts.push(head(4, value.length))
    for (const item of value) write(item, parts)
  } else {
    const entries = Object.entries(value as object)
    parts.push(head(5, entries.length))
    for (const [key, item] of entries) {
      writeBytes(3, Buffer.from(key), parts)
      write(item, parts)
    }
  }
}

function writeBytes(major: number, bytes: Uint8Array, parts: Uint8Array[]): void {
  parts.push(head(major, bytes.length), bytes)
}

function writeNumber(value: number, parts: Uint8Array[]): void {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
    parts.push(value < 0 ? head(1, -1 - value) : head(0, value))
    return
  }
  const bytes = Buffer.alloc(9)
  bytes[0] = 0xfb
  bytes.writeDoubleBE(value, 1)
  parts.push(bytes)
}

function head(major: number, size: number): Uint8Array {
  const kind = major << 5
  if (size < 24) return Buffer.of(kind | size)
  if (size < 0x100) return Buffer.of(kind | 24, size)
  const bytes = Buffer.alloc(size < 0x10000 ? 3 : size < 0x100000000 ? 5 : 9)
  bytes[0] = kind | (bytes.length === 3 ? 25 : bytes.length === 5 ? 26 : 27)
  if (bytes.length === 3) bytes.writeUInt16BE(size, 1)
  else if (bytes.length === 5) bytes.writeUInt32BE(size, 1)
  else bytes.writeBigUInt64BE(BigInt(size), 1)
  return bytes
}

export function decodeCbor(bytes: Uint8Array): unknown {
  const reader = new CborReader(bytes)
  const value = reader.read(0)
  return value
}

const breakMark = Symbol('break')

class CborReader {
  private readonly bytes: Buffer
  private at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  read(depth: number): unknown {
    const value = this.item(depth)
    if (value === breakMark) throw malformed()
    return value
  }

  private item(depth: number): unknown {
    if (depth > nestingMax) throw malformed()
    const first = this.byte()
    const major = first >> 5
    const low = first & 31
    if (major === 7) return this.special(low)
    if (low === 31) return this.indefinite(major, depth)
    const size = this.size(low)
    switch (major) {
      case 0:
        return typeof size === 'bigint' ? Number(size) : size
      case 1:
        return -1 - Number(size)
      case 2:
        return this.take(Number(size))
      case 3:
        return this.take(Number(size)).toString('utf8')
      case 4:
        return this.array(Number(size), depth)
      case 5:
        return this.map(Number(size), depth)
      default:
        return this.tagged(Number(size), depth)
    }
  }

  private array(size: number, depth: number): unknown[] {
    const items: unknown[] = []
    for (let index = 0; index < size; index++) items.push(this.read(depth + 1))
    return items
  }

  private map(size: number, depth: number): Record<string, unknown> {
    const entries: [string, unknown][] = []
    for (let index = 0; index < size; index++) {
      const key = this.read(depth + 1)
      if (typeof key !== 'string') throw malformed()
      entries.push([key, this.read(depth + 1)])
    }
    return Object.fromEntries(entries)
  }

  private indefinite(major: number, depth: number): unknown {
    const items: unknown[] = []
    for (;;) {
      const value = this.item(depth + 1)
      if (value === breakMark) break
      items.push(value)
    }
    if (major === 4) return items
    if (major === 3) return items.join('')
    if (major === 2) return Buffer.concat(items as Uint8Array[])
    if (major !== 5 || items.length % 2) throw malformed()
    const entries: [string, unknown][] = []
    for (let index = 0; index < items.length; index += 2) entries.push([String(items[index]), items[index + 1]])
    return Object.fromEntries(entries)
  }

  private tagged(tag: number, depth: number): unknown {
    const value = this.read(depth + 1)
    if (tag === 1 && typeof value === 'number') return new CborMoment(value)
    if ((tag === 2 || tag === 3) && value instanceof Uint8Array) {
      const whole = BigInt(`0x${Buffer.from(value).toString('hex') || '0'}`)
      return tag === 2 ? whole : -1n - whole
    }
    return value
  }

  private special(low: number): unknown {
    if (low === 20) return false
    if (low === 21) return true
    if (low === 22 || low === 23) return null
    if (low === 25) return halfFloat(this.take(2).readUInt16BE(0))
    if (low === 26) return this.take(4).readFloatBE(0)
    if (low === 27) return this.take(8).readDoubleBE(0)
    if (low === 31) return breakMark
    throw malformed()
  }

  private size(low: number): number | bigint {
    if (low < 24) return low
    if (low === 24) return this.byte()
    if (low === 25) return this.take(2).readUInt16BE(0)
    if (low === 26) return this.take(4).readUInt32BE(0)
    if (low === 27) return this.take(8).readBigUInt64BE(0)
    throw malformed()
  }

  private byte(): number {
    const value = this.bytes[this.at++]
    if (value === undefined) throw malformed()
    return value
  }

  private take(size: number): Buffer {
    if (size > this.bytes.length - this.at) throw malformed()
    const taken = this.bytes.subarray(this.at, this.at + size)
    this.at += size
    return taken
  }
}

function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 0) return sign * 2 ** -14 * (fraction / 1024)
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024)
}

function malformed(): Error {
  return awsError('SerializationException', 'The body is not valid CBOR.', 400)
}
