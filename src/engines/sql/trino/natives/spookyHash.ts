/** SpookyHash V2 of fewer than 192 bytes, by its public specification; longer ones need its other half, and are refused. */
import { NativeError } from './native.ts'

const mask = 0xffffffffffffffffn
const spice = 0xdeadbeefdeadbeefn
const bytesMax = 191
const rotl = (x: bigint, r: bigint) => ((x << r) | (x >> (64n - r))) & mask

type State = [bigint, bigint, bigint, bigint]

const mixTurns = [50n, 52n, 30n, 41n, 54n, 48n, 38n, 37n, 62n, 34n, 5n, 36n]
const endTurns = [15n, 52n, 26n, 51n, 28n, 9n, 47n, 54n, 32n, 25n, 63n]

function mix(h: State): void {
  for (const [i, turn] of mixTurns.entries()) {
    const [a, b, c] = [(i + 2) % 4, (i + 3) % 4, i % 4] as [number, number, number]
    h[a] = (rotl(h[a] as bigint, turn) + (h[b] as bigint)) & mask
    h[c] = (h[c] as bigint) ^ (h[a] as bigint)
  }
}

function end(h: State): void {
  for (const [i, turn] of endTurns.entries()) {
    const [a, b] = [(i + 3) % 4, (i + 2) % 4] as [number, number]
    h[a] = (h[a] as bigint) ^ (h[b] as bigint)
    h[b] = rotl(h[b] as bigint, turn)
    h[a] = ((h[a] as bigint) + (h[b] as bigint)) & mask
  }
}

/** Its first 64 bits, with both seeds 0. */
export function spookyHash(bytes: Uint8Array): bigint {
  if (bytes.length > bytesMax)
    throw new NativeError('NOT_SUPPORTED', `SpookyHash of more than ${bytesMax} bytes is not supported`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const word = (at: number) => view.getBigUint64(at, true)
  const h: State = [0n, 0n, spice, spice]
  const add = (i: 0 | 1 | 2 | 3, value: bigint) => {
    h[i] = (h[i] + value) & mask
  }
  let at = 0
  for (; at + 32 <= bytes.length; at += 32) {
    add(2, word(at))
    add(3, word(at + 8))
    mix(h)
    add(0, word(at + 16))
    add(1, word(at + 24))
  }
  if (bytes.length - at >= 16) {
    add(2, word(at))
    add(3, word(at + 8))
    mix(h)
    at += 16
  }
  add(3, BigInt(bytes.length) << 56n)
  const left = bytes.length - at
  const tail = (from: number) => {
    let value = 0n
    for (let i = Math.min(from + 8, bytes.length) - 1; i >= from; i--)
      value = (value << 8n) | BigInt(bytes[i] as number)
    return value
  }
  if (left === 0) {
    add(2, spice)
    add(3, spice)
  } else {
    add(2, tail(at))
    if (left > 8) add(3, tail(at + 8))
  }
  end(h)
  return h[0]
}
