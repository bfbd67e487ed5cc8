/**
 * The cyclic redundancy checks that Node does not bring: CRC-32C (Castagnoli) and CRC-64/NVME, both reflected. Tables
 * take eight bytes a step ("slicing by eight"). CRC-64 is kept as two 32-bit halves: BigInt would be ten times slower.
 */
const castagnoli = 0x82f63b78
const nvmeHigh = 0x9a6c9329
const nvmeLow = 0xac4bc9b5

interface Tables64 {
  high: Uint32Array
  low: Uint32Array
}

/** Continues from `value`, which begins as 0. */
export function crc32c(bytes: Uint8Array, value = 0): number {
  const table = tables32()
  const sliced = bytes.length - (bytes.length % 8)
  let crc = ~value
  let at = 0
  for (; at < sliced; at += 8) {
    const first = crc ^ word(bytes, at)
    const second = word(bytes, at + 4)
    crc =
      entry(table, 7, first) ^
      entry(table, 6, first >>> 8) ^
      entry(table, 5, first >>> 16) ^
      entry(table, 4, first >>> 24) ^
      entry(table, 3, second) ^
      entry(table, 2, second >>> 8) ^
      entry(table, 1, second >>> 16) ^
      entry(table, 0, second >>> 24)
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ entry(table, 0, crc ^ (bytes[at] as number))
  return ~crc >>> 0
}

export interface Crc64 {
  high: number
  low: number
}

/** Continues from `value`, which begins as zero. */
export function crc64nvme(bytes: Uint8Array, value: Crc64 = { high: 0, low: 0 }): Crc64 {
  const table = tables64()
  const sliced = bytes.length - (bytes.length % 8)
  let high = ~value.high
  let low = ~value.low
  let at = 0
  for (; at < sliced; at += 8) {
    const first = low ^ word(bytes, at)
    const second = high ^ word(bytes, at + 4)
    low = slice(table.low, first, second)
    high = slice(table.high, first, second)
  }
  for (; at < bytes.length; at++) {
    const index = (low ^ (bytes[at] as number)) & 255
    low = ((low >>> 8) | (high << 24)) ^ entry(table.low, 0, index)
    high = (high >>> 8) ^ entry(table.high, 0, index)
  }
  return { high: ~high >>> 0, low: ~low >>> 0 }
}

function slice(table: Uint32Array, first: number, second: number): number {
  return (
    entry(table, 7, first) ^
    entry(table, 6, first >>> 8) ^
    entry(table, 5, first >>> 16) ^
    entry(table, 4, first >>> 24) ^
    entry(table, 3, second) ^
    entry(table, 2, second >>> 8) ^
    entry(table, 1, second >>> 16) ^
    entry(table, 0, second >>> 24)
  )
}

function entry(table: Uint32Array, slot: number, byte: number): number {
  return table[(slot << 8) | (byte & 255)] as number
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  )
}

const tables32 = once(() => {
  const table = new Uint32Array(8 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ castagnoli : crc >>> 1
    table[byte] = crc
  }
  for (let at = 256; at < table.length; at++) {
    const before = table[at - 256] as number
    table[at] = (before >>> 8) ^ entry(table, 0, before)
  }
  return table
})

const tables64 = once((): Tables64 => {
  const high = new Uint32Array(8 * 256)
  const low = new Uint32Array(8 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let [upper, lower] = [0, byte]
    for (let bit = 0; bit < 8; bit++) {
      const odd = lower & 1
      lower = (lower >>> 1) | ((upper & 1) << 31)
      upper >>>= 1
      if (odd) [upper, lower] = [upper ^ nvmeHigh, lower ^ nvmeLow]
    }
    high[byte] = upper
    low[byte] = lower
  }
  for (let at = 256; at < high.length; at++) {
    const [upper, lower] = [high[at - 256] as number, low[at - 256] as number]
    low[at] = ((lower >>> 8) | (upper << 24)) ^ entry(low, 0, lower)
    high[at] = (upper >>> 8) ^ entry(high, 0, lower)
  }
  return { high, low }
})

/** Tables are made when they are first wanted: most servers never see these checksums. */
function once<T extends object>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

/** The CRC of two parts together, from each one's own and the second's length: how a multipart object gets a whole one. */
export function combineCrc(first: bigint, second: bigint, secondLength: number, kind: CrcKind): bigint {
  const { width, polynomial } = crcKinds[kind]
  let shift = 1n << BigInt(width - 1) // x^0, reflected
  let power = multiply(shift >> 1n, shift, width, polynomial) // x^1
  for (let bit = 0; bit < 3; bit++) power = multiply(power, power, width, polynomial) // x^8: one byte
  for (let left = BigInt(secondLength); left > 0n; left >>= 1n) {
    if (left & 1n) shift = multiply(shift, power, width, polynomial)
    power = multiply(power, power, width, polynomial)
  }
  return multiply(first, shift, width, polynomial) ^ second
}

export type CrcKind = 'CRC32' | 'CRC32C' | 'CRC64NVME'

const crcKinds: Record<CrcKind, { width: number; polynomial: bigint }> = {
  CRC32: { width: 32, polynomial: 0xedb88320n },
  CRC32C: { width: 32, polynomial: BigInt(castagnoli) },
  CRC64NVME: { width: 64, polynomial: (BigInt(nvmeHigh) << 32n) | BigInt(nvmeLow) },
}

/** The product of two reflected polynomials, modulo the third. */
function multiply(a: bigint, b: bigint, width: number, polynomial: bigint): bigint {
  let product = 0n
  let factor = b
  for (let bit = 1n << BigInt(width - 1); bit > 0n; bit >>= 1n) {
    if (a & bit) product ^= factor
    factor = factor & 1n ? (factor >> 1n) ^ polynomial : factor >> 1n
  }
  return product
}
