/** xxHash64 and MurmurHash3 (x64, 128 bits), by their public specifications. Bytes out in big-endian order, as Trino gives them. */
const mask = 0xffffffffffffffffn
const rotl = (x: bigint, r: bigint) => ((x << r) | (x >> (64n - r))) & mask
const mul = (a: bigint, b: bigint) => (a * b) & mask

const p1 = 0x9e3779b185ebca87n
const p2 = 0xc2b2ae3d27d4eb4fn
const p3 = 0x165667b19e3779f9n
const p4 = 0x85ebca77c2b2ae63n
const p5 = 0x27d4eb2f165667c5n

function bigEndian(...words: bigint[]): Uint8Array {
  const bytes = new Uint8Array(8 * words.length)
  for (const [i, word] of words.entries()) new DataView(bytes.buffer).setBigUint64(8 * i, word)
  return bytes
}

const round = (acc: bigint, lane: bigint) => mul(rotl((acc + mul(lane, p2)) & mask, 31n), p1)

export function xxhash64(bytes: Uint8Array, seed = 0n): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const lane = (at: number) => view.getBigUint64(at, true)
  let at = 0
  let h: bigint
  if (bytes.length >= 32) {
    let v = [(seed + p1 + p2) & mask, (seed + p2) & mask, seed, (seed - p1) & mask]
    for (; at + 32 <= bytes.length; at += 32) v = v.map((acc, i) => round(acc, lane(at + 8 * i)))
    const [a, b, c, d] = v as [bigint, bigint, bigint, bigint]
    h = (rotl(a, 1n) + rotl(b, 7n) + rotl(c, 12n) + rotl(d, 18n)) & mask
    for (const acc of v) h = (mul(h ^ round(0n, acc), p1) + p4) & mask
  } else h = (seed + p5) & mask
  h = (h + BigInt(bytes.length)) & mask
  for (; at + 8 <= bytes.length; at += 8) h = (mul(rotl(h ^ round(0n, lane(at)), 27n), p1) + p4) & mask
  if (at + 4 <= bytes.length) {
    h = (mul(rotl(h ^ mul(BigInt(view.getUint32(at, true)), p1), 23n), p2) + p3) & mask
    at += 4
  }
  for (; at < bytes.length; at++) h = mul(rotl(h ^ mul(BigInt(bytes[at] as number), p5), 11n), p1)
  h = mul(h ^ (h >> 33n), p2)
  h = mul(h ^ (h >> 29n), p3)
  return bigEndian(h ^ (h >> 32n))
}

/** What a value adds to a checksum. */
export function checksumOf(bytes: Uint8Array): bigint {
  const hash = Buffer.from(xxhash64(bytes)).readBigUInt64BE()
  return BigInt.asIntN(64, hash * p1)
}

const c1 = 0x87c37b91114253d5n
const c2 = 0x4cf5ad432745937fn
const mixed = (x: bigint) => {
  let h = mul(x ^ (x >> 33n), 0xff51afd7ed558ccdn)
  h = mul(h ^ (h >> 33n), 0xc4ceb9fe1a85ec53n)
  return h ^ (h >> 33n)
}

export function murmur3(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const first = (k: bigint) => mul(rotl(mul(k, c1), 31n), c2)
  const second = (k: bigint) => mul(rotl(mul(k, c2), 33n), c1)
  let [h1, h2] = [0n, 0n]
  let at = 0
  for (; at + 16 <= bytes.length; at += 16) {
    h1 = (mul((rotl(h1 ^ first(view.getBigUint64(at, true)), 27n) + h2) & mask, 5n) + 0x52dce729n) & mask
    h2 = (mul((rotl(h2 ^ second(view.getBigUint64(at + 8, true)), 31n) + h1) & mask, 5n) + 0x38495ab5n) & mask
  }
  const tail = (from: number, to: number) => {
    let k = 0n
    for (let i = Math.min(to, bytes.length) - 1; i >= from; i--) k = (k << 8n) | BigInt(bytes[i] as number)
    return k
  }
  h2 ^= second(tail(at + 8, at + 16))
  h1 ^= first(tail(at, at + 8))
  const length = BigInt(bytes.length)
  h1 ^= length
  h2 ^= length
  h1 = (h1 + h2) & mask
  h2 = (h2 + h1) & mask
  h1 = mixed(h1)
  h2 = mixed(h2)
  h1 = (h1 + h2) & mask
  h2 = (h2 + h1) & mask
  return littleEndian(h1, h2)
}

function littleEndian(...words: bigint[]): Uint8Array {
  const bytes = new Uint8Array(8 * words.length)
  for (const [i, word] of words.entries()) new DataView(bytes.buffer).setBigUint64(8 * i, word, true)
  return bytes
}
