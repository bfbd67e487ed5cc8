/**
 * Blocks of 64 bytes as masks of 64 bits, one bit a byte (AssemblyScript, inlined into eventScan.as): which bytes are a
 * certain character, and what follows from shifting and adding such masks.
 */

/** Every ASCII character sixteen times. */
const sixteens: usize = memory.data(2048, 16)

export function writeSixteens(): void {
  for (let code: usize = 0; code < 128; code++) v128.store(sixteens + code * 16, i8x16.splat(<u8>code))
}

/** A character sixteen times. Loaded, because constants in the code cost the host more (7 % of a scan). */
// @ts-ignore: decorator
@inline export function sixteen(code: usize): v128 {
  return v128.load(sixteens + code * 16)
}

// @ts-ignore: decorator
@inline export function bits(a: v128, b: v128, c: v128, d: v128): u64 {
  return (
    <u64>(<u32>i8x16.bitmask(a) | (<u32>i8x16.bitmask(b) << 16)) |
    (<u64>(<u32>i8x16.bitmask(c) | (<u32>i8x16.bitmask(d) << 16)) << 32)
  )
}

// @ts-ignore: decorator
@inline export function equal(a: v128, b: v128, c: v128, d: v128, code: usize): u64 {
  const wanted = sixteen(code)
  return bits(i8x16.eq(a, wanted), i8x16.eq(b, wanted), i8x16.eq(c, wanted), i8x16.eq(d, wanted))
}

// @ts-ignore: decorator
@inline export function atMost(a: v128, b: v128, c: v128, d: v128, code: usize): u64 {
  const most = sixteen(code)
  return bits(i8x16.le_u(a, most), i8x16.le_u(b, most), i8x16.le_u(c, most), i8x16.le_u(d, most))
}

/** Moved up by 0x46 the digits are the greatest signed bytes; a signed comparison is one instruction. */
// @ts-ignore: decorator
@inline export function digitsIn(a: v128, b: v128, c: v128, d: v128): u64 {
  const up = sixteen(0x46)
  const below = sixteen(0x75)
  return bits(
    i8x16.gt_s(i8x16.add(a, up), below),
    i8x16.gt_s(i8x16.add(b, up), below),
    i8x16.gt_s(i8x16.add(c, up), below),
    i8x16.gt_s(i8x16.add(d, up), below),
  )
}

/** Of brackets: those that hold keys, which differ from the others in one bit. */
// @ts-ignore: decorator
@inline export function keyed(a: v128, b: v128, c: v128, d: v128): u64 {
  return bits(i16x8.shl(a, 2), i16x8.shl(b, 2), i16x8.shl(c, 2), i16x8.shl(d, 2))
}

/** Not 0 if there is a backslash, a space or a control character. */
// @ts-ignore: decorator
@inline export function rareIn(a: v128, b: v128, c: v128, d: v128): i32 {
  const slash = sixteen(0x5c)
  const slashes = v128.or(
    v128.or(i8x16.eq(a, slash), i8x16.eq(b, slash)),
    v128.or(i8x16.eq(c, slash), i8x16.eq(d, slash)),
  )
  const least = i8x16.min_u(i8x16.min_u(a, b), i8x16.min_u(c, d))
  return i8x16.bitmask(v128.or(slashes, i8x16.le_u(least, sixteen(0x20))))
}

// @ts-ignore: decorator
@inline export function prefixXor(mask: u64): u64 {
  let result = mask
  result ^= result << 1
  result ^= result << 2
  result ^= result << 4
  result ^= result << 8
  result ^= result << 16
  result ^= result << 32
  return result
}

/** All bits up to that of a mask with one, or all there are of a mask with none. */
// @ts-ignore: decorator
@inline export function upTo(bit: u64): u64 {
  return bit ^ (bit - 1)
}

/** Each bit of one mask or of another, by that of a third. */
// @ts-ignore: decorator
@inline export function chosen(by: u64, ifSet: u64, ifNot: u64): u64 {
  return ifNot ^ ((ifNot ^ ifSet) & by)
}

/** Moves each bit that is on a space behind it: adding to a run of ones carries. */
// @ts-ignore: decorator
@inline export function pastSpace(mask: u64, spaces: u64): u64 {
  return (((mask & spaces) + spaces) | mask) & ~spaces
}

/** Whether a bit moved so leaves the block. */
// @ts-ignore: decorator
@inline export function reachOut(mask: u64, spaces: u64): u64 {
  return <u64>((mask & spaces) + spaces < spaces)
}
