/**
 * A reflected cyclic redundancy check of up to 64 bits over bytes in WASM memory (AssemblyScript; scripts/crc.ts builds
 * it), sixteen bytes a step by as many tables ("slicing by sixteen"). A narrower check lies in the low bits.
 */

// @ts-ignore: decorator
@inline
function entry(table: usize, slot: usize, byte: u64): u64 {
  return load<u64>(table + (slot << 11) + (<usize>(byte & 255) << 3))
}

/** Makes the sixteen tables of 256 entries of eight bytes. */
export function tables(table: usize, polynomial: u64): void {
  for (let byte: u64 = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ polynomial : crc >> 1
    store<u64>(table + (<usize>byte << 3), crc)
  }
  for (let at: usize = 256; at < 4096; at++) {
    const before = load<u64>(table + ((at - 256) << 3))
    store<u64>(table + (at << 3), (before >> 8) ^ entry(table, 0, before))
  }
}

/** Without the complements before and after. */
export function update(table: usize, value: u64, from: usize, to: usize): u64 {
  let crc = value
  let at = from
  for (; at + 16 <= to; at += 16) {
    const first = crc ^ load<u64>(at)
    const second = load<u64>(at, 8)
    // What does not wait for the step before is joined first, and in pairs: a chain of sixteen would be waited for.
    const later =
      (entry(table, 7, second) ^ entry(table, 6, second >> 8)) ^
      (entry(table, 5, second >> 16) ^ entry(table, 4, second >> 24)) ^
      ((entry(table, 3, second >> 32) ^ entry(table, 2, second >> 40)) ^
        (entry(table, 1, second >> 48) ^ entry(table, 0, second >> 56)))
    const sooner =
      (entry(table, 15, first) ^ entry(table, 14, first >> 8)) ^
      (entry(table, 13, first >> 16) ^ entry(table, 12, first >> 24)) ^
      ((entry(table, 11, first >> 32) ^ entry(table, 10, first >> 40)) ^
        (entry(table, 9, first >> 48) ^ entry(table, 8, first >> 56)))
    crc = later ^ sooner
  }
  for (; at < to; at++) crc = (crc >> 8) ^ entry(table, 0, crc ^ <u64>load<u8>(at))
  return crc
}
