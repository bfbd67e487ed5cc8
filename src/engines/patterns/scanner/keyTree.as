/** The tree of wanted fields, as the scan reads it (AssemblyScript; eventScan.as). fieldTree.ts builds it. */

// A node of the tree of wanted fields: path or -1, table mask, table, lengths of its keys, lengths of those that lead
// further. A slot: key, its length, hash, child or 0.
// @ts-ignore: decorator
@inline const slotBytes: usize = 16

/** The number of the field that ends at a node, or -1. */
// @ts-ignore: decorator
@inline export function fieldOf(node: usize): i32 {
  return load<i32>(node)
}

/** A bit for each length that a wanted key below the node may have; keys of 31 bytes and more share one. */
// @ts-ignore: decorator
@inline export function lengthsOf(node: usize): u32 {
  // A key with dots in it is as long as several.
  return load<u32>(node, 16) != 0 ? ~0 : load<u32>(node, 12)
}

/** From a key to its node below another, or 0. A key with dots in it goes down as many levels. */
export function nodeOf(node: usize, start: usize, end: usize): usize {
  const direct = childOf(node, start, end)
  if (direct != 0) return direct
  // Only a key that begins like one that leads further can do so: a dot is behind as many bytes as that one has.
  let lengths = load<u32>(node, 16)
  while (lengths != 0) {
    const length = <usize>ctz(lengths)
    lengths &= lengths - 1
    if (length == 31 || (start + length < end && load<u8>(start + length) == 0x2e)) return dottedNodeOf(node, start, end)
  }
  return 0
}

function dottedNodeOf(node: usize, start: usize, end: usize): usize {
  let from = start
  let at = node
  for (let dot = start; dot < end; dot++) {
    if (load<u8>(dot) != 0x2e) continue
    at = childOf(at, from, dot)
    if (at == 0) return 0
    from = dot + 1
  }
  return from == start ? 0 : childOf(at, from, end)
}

function childOf(parent: usize, start: usize, end: usize): usize {
  const length = <i32>(end - start)
  if (((load<u32>(parent, 12) >> <u32>min(length, 31)) & 1) == 0) return 0
  const mask = load<i32>(parent, 4)
  const table = <usize>load<i32>(parent, 8)
  const hash = hashOf(start, length)
  let slot = hash & mask
  while (true) {
    const at = table + <usize>slot * slotBytes
    const child = <usize>load<i32>(at, 12)
    if (child == 0) return 0
    const mayBe = load<i32>(at, 8) == hash && load<i32>(at, 4) == length
    if (mayBe && isSame(start, <usize>load<i32>(at), length)) return child
    slot = (slot + 1) & mask
  }
}

/** From the key's length and its first and last four bytes. */
function hashOf(start: usize, length: i32): i32 {
  let first = load<u32>(start)
  let last = first
  if (length < 4) {
    first &= (<u32>1 << (<u32>length << 3)) - 1
    last = first
  } else last = load<u32>(start + <usize>length - 4)
  let hash = (first ^ (last * 0x9e3779b1)) + <u32>length
  hash = hash * 0x85ebca6b
  return <i32>(hash ^ (hash >> 15))
}

/** By eight bytes; keys have room behind them. */
function isSame(left: usize, right: usize, length: i32): bool {
  let at: usize = 0
  for (; at + 8 <= <usize>length; at += 8) if (load<u64>(left + at) != load<u64>(right + at)) return false
  const rest = (<u64>1 << ((<u64>length & 7) << 3)) - 1
  return ((load<u64>(left + at) ^ load<u64>(right + at)) & rest) == 0
}
