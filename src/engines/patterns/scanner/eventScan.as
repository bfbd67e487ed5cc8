/**
 * Scans one event in WASM memory (AssemblyScript; scripts/scanner.ts builds it). Every byte is checked, and the fields
 * that some rule names are recorded. Blocks of 64 bytes become bit masks: which byte is a quote, a bracket, a digit.
 * What may follow what is decided for a whole block at once by shifting masks; only brackets, commas and colons are
 * walked one by one, against a stack of what is open.
 *
 * It decides only what is plainly right. All else (an exponent, an escaped key, a mistake) is `odd`: the caller then
 * reads the event the slow way, which also finds the words for a mistake.
 */

const odd: i32 = -1
const depthMax: i32 = 256

// A node of the tree of wanted fields: path or -1, table mask, table. A slot: key, its length, hash, child or 0.
// @ts-ignore: decorator
@inline const slotBytes: usize = 16
// What is open: isObject, node, membership, array number, element index.
// @ts-ignore: decorator
@inline const frameBytes: usize = 20
// A record: path, kind, start, end, membership.
// @ts-ignore: decorator
@inline const recordBytes: usize = 20
// A membership: the one around it, array number, element index.
// @ts-ignore: decorator
@inline const membershipBytes: usize = 12

const string: i32 = 0
const escapedString: i32 = 1
const number: i32 = 2
const literal: i32 = 3

// Where things lie; the host says so once.
let input: usize = 0
let stack: usize = 0
let records: usize = 0
let recordsMax: i32 = 0
let memberships: usize = 0

export function layout(inputAt: usize, stackAt: usize, recordsAt: usize, most: i32, membershipsAt: usize): void {
  input = inputAt
  stack = stackAt
  records = recordsAt
  recordsMax = most
  memberships = membershipsAt
}

let recorded: i32 = 0
let members: i32 = 0
let hasEscapes: bool = false

// What the block before leaves behind.
let inStringBefore: u64 = 0
let escapedBefore: u64 = 0
let scalarBefore: u64 = 0
let letterBefore: u64 = 0
let digitBefore: u64 = 0
let minusBefore: u64 = 0
let pointBefore: u64 = 0
let fractionBefore: u64 = 0
let zeroBefore: u64 = 0
let separatorReach: u64 = 0
let openReach: u64 = 0
let endReach: u64 = 0

// What is open in the event.
let depth: i32 = 0
let isObject: bool = false
let wantsColon: bool = false
let node: usize = 0
let valueNode: usize = 0
let membership: i32 = 0
let arrayNumber: i32 = 0
let element: i32 = 0
let arrays: i32 = 0
let previous: usize = 0
let previousCode: i32 = 0

/** How many fields were recorded, or -1. Room for a block behind the input is overwritten. */
export function scan(length: i32, root: usize): i32 {
  reset()
  pad(input + length)
  const first = skipSpace(input)
  if (load<u8>(first) != 0x7b || first >= input + length) return odd
  valueNode = root
  previousCode = 0x3a
  const end = input + length
  for (let block = input; block < end; block += 64) {
    if (!scanBlock(block)) return odd
  }
  if (depth != 0 || previousCode != 0x7d || inStringBefore != 0) return odd
  return recorded
}

function pad(from: usize): void {
  const blank = i8x16.splat(0x20)
  v128.store(from, blank)
  v128.store(from, blank, 16)
  v128.store(from, blank, 32)
  v128.store(from, blank, 48)
}

function reset(): void {
  recorded = 0
  members = 0
  hasEscapes = false
  inStringBefore = 0
  escapedBefore = 0
  scalarBefore = 0
  letterBefore = 0
  digitBefore = 0
  minusBefore = 0
  pointBefore = 0
  fractionBefore = 0
  zeroBefore = 0
  separatorReach = 0
  openReach = 0
  endReach = 0
  depth = 0
  isObject = false
  wantsColon = false
  node = 0
  membership = 0
  arrayNumber = 0
  element = 0
  arrays = 0
  previous = 0
}

// @ts-ignore: decorator
@inline function bits(a: v128, b: v128, c: v128, d: v128): u64 {
  return (
    <u64>(<u32>i8x16.bitmask(a) | (<u32>i8x16.bitmask(b) << 16)) |
    (<u64>(<u32>i8x16.bitmask(c) | (<u32>i8x16.bitmask(d) << 16)) << 32)
  )
}

// @ts-ignore: decorator
@inline function equal(a: v128, b: v128, c: v128, d: v128, code: u8): u64 {
  const wanted = i8x16.splat(code)
  return bits(i8x16.eq(a, wanted), i8x16.eq(b, wanted), i8x16.eq(c, wanted), i8x16.eq(d, wanted))
}

function scanBlock(block: usize): bool {
  const a = v128.load(block)
  const b = v128.load(block, 16)
  const c = v128.load(block, 32)
  const d = v128.load(block, 48)

  let quotes = equal(a, b, c, d, 0x22)
  const backslash = i8x16.splat(0x5c)
  const slashes = v128.or(
    v128.or(i8x16.eq(a, backslash), i8x16.eq(b, backslash)),
    v128.or(i8x16.eq(c, backslash), i8x16.eq(d, backslash)),
  )
  if (escapedBefore != 0 || v128.any_true(slashes)) {
    const escaped = escapedIn(bits(i8x16.eq(a, backslash), i8x16.eq(b, backslash), i8x16.eq(c, backslash), i8x16.eq(d, backslash)))
    hasEscapes = true
    if (!escapesAreValid(block, escaped)) return false
    quotes &= ~escaped
  }
  const inString = prefixXor(quotes) ^ inStringBefore
  inStringBefore = <u64>(<i64>inString >> 63)

  // Control characters are only space, and only outside of strings; in compact JSON there are none.
  const blank = i8x16.splat(0x20)
  let spaces = equal(a, b, c, d, 0x20)
  const controls = v128.or(
    v128.or(i8x16.lt_u(a, blank), i8x16.lt_u(b, blank)),
    v128.or(i8x16.lt_u(c, blank), i8x16.lt_u(d, blank)),
  )
  if (v128.any_true(controls)) {
    const all = bits(i8x16.lt_u(a, blank), i8x16.lt_u(b, blank), i8x16.lt_u(c, blank), i8x16.lt_u(d, blank))
    const white = equal(a, b, c, d, 0x09) | equal(a, b, c, d, 0x0a) | equal(a, b, c, d, 0x0d)
    if ((all & inString) != 0 || (all & ~white) != 0) return false
    spaces |= white
  }

  const outside = ~(inString | quotes)
  const comma = i8x16.splat(0x2c)
  const colon = i8x16.splat(0x3a)
  const separators =
    outside &
    bits(
      v128.or(i8x16.eq(a, comma), i8x16.eq(a, colon)),
      v128.or(i8x16.eq(b, comma), i8x16.eq(b, colon)),
      v128.or(i8x16.eq(c, comma), i8x16.eq(c, colon)),
      v128.or(i8x16.eq(d, comma), i8x16.eq(d, colon)),
    )
  // `[` and `{` differ in one bit, and so do `]` and `}`.
  const lowerA = v128.or(a, blank)
  const lowerB = v128.or(b, blank)
  const lowerC = v128.or(c, blank)
  const lowerD = v128.or(d, blank)
  const opens = outside & equal(lowerA, lowerB, lowerC, lowerD, 0x7b)
  const closes = outside & equal(lowerA, lowerB, lowerC, lowerD, 0x7d)
  const whites = spaces & outside
  const scalars = outside & ~(separators | opens | closes | whites)

  const zeroCode = i8x16.splat(0x30)
  const ten = i8x16.splat(10)
  const digits =
    outside &
    bits(
      i8x16.lt_u(i8x16.sub(a, zeroCode), ten),
      i8x16.lt_u(i8x16.sub(b, zeroCode), ten),
      i8x16.lt_u(i8x16.sub(c, zeroCode), ten),
      i8x16.lt_u(i8x16.sub(d, zeroCode), ten),
    )
  const starts = scalars & ~((scalars << 1) | scalarBefore)
  if (scalars != 0 || scalarBefore != 0 || pointBefore != 0 || minusBefore != 0) {
    const points = outside & equal(a, b, c, d, 0x2e)
    const minuses = outside & equal(a, b, c, d, 0x2d)
    const zeros = outside & equal(a, b, c, d, 0x30)
    if (!numbersAreValid(starts, digits, points, minuses, zeros)) return false
    const letters = scalars & ~(digits | points | minuses)
    if (!lettersAreValid(block, letters, starts)) return false
  } else {
    digitBefore = 0
    fractionBefore = 0
    zeroBefore = 0
    letterBefore = 0
  }

  const afterEnds = ((quotes & ~inString) << 1) | (closes << 1) | (~scalars & ((scalars << 1) | scalarBefore))
  const ending = ((quotes & ~inString) | closes) >> 63
  scalarBefore = scalars >> 63
  const values = (quotes & inString) | starts | opens
  if (whites == 0) {
    const wrong =
      (((separators << 1) | separatorReach) & ~values) |
      (((opens << 1) | openReach) & ~(values | closes)) |
      ((afterEnds | endReach) & ~(separators | closes))
    if (wrong != 0) return false
    separatorReach = separators >> 63
    openReach = opens >> 63
    endReach = ending
  } else if (!orderIsValid(separators, opens, closes, whites, afterEnds, ending, values)) return false
  return walk(block, separators | opens | closes)
}

/** As the check above, with white space between: adding a mask to a run of spaces carries its bits behind the run. */
function orderIsValid(
  separators: u64,
  opens: u64,
  closes: u64,
  whites: u64,
  afterEnds: u64,
  ending: u64,
  values: u64,
): bool {
  const fromSeparators = ((separators << 1) | separatorReach)
  const fromOpens = ((opens << 1) | openReach)
  const fromEnds = (afterEnds | endReach)
  const behindSeparators = (fromSeparators & whites) + whites
  const behindOpens = (fromOpens & whites) + whites
  const behindEnds = (fromEnds & whites) + whites
  const wrong =
    (((behindSeparators | fromSeparators) & ~whites) & ~values) |
    (((behindOpens | fromOpens) & ~whites) & ~(values | closes)) |
    (((behindEnds | fromEnds) & ~whites) & ~(separators | closes))
  if (wrong != 0) return false
  separatorReach = (separators >> 63) | <u64>(behindSeparators < whites)
  openReach = (opens >> 63) | <u64>(behindOpens < whites)
  endReach = ending | <u64>(behindEnds < whites)
  return true
}

// @ts-ignore: decorator
@inline function prefixXor(mask: u64): u64 {
  let result = mask
  result ^= result << 1
  result ^= result << 2
  result ^= result << 4
  result ^= result << 8
  result ^= result << 16
  result ^= result << 32
  return result
}

/** The characters behind a backslash that is not itself behind one. */
function escapedIn(slashes: u64): u64 {
  const evenBits: u64 = 0x5555555555555555
  const free = slashes & ~escapedBefore
  const behind = (free << 1) | escapedBefore
  const oddStarts = free & ~evenBits & ~behind
  const runs = oddStarts + free
  escapedBefore = <u64>(runs < free)
  return (evenBits ^ (runs << 1)) & behind
}

function escapesAreValid(block: usize, escaped: u64): bool {
  let left = escaped
  while (left != 0) {
    const at = block + <usize>ctz(left)
    left &= left - 1
    const code = load<u8>(at)
    if (code == 0x75) {
      for (let digit: usize = 1; digit <= 4; digit++) if (!isHex(load<u8>(at + digit))) return false
    } else if (
      code != 0x22 && code != 0x5c && code != 0x2f && code != 0x62 && code != 0x66 && code != 0x6e && code != 0x72 && code != 0x74
    ) {
      return false
    }
  }
  return true
}

function isHex(code: u8): bool {
  return (code >= 0x30 && code <= 0x39) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66)
}

/** `-`, digits, and at most one point with digits on both sides; no zero before a digit. */
function numbersAreValid(starts: u64, digits: u64, points: u64, minuses: u64, zeros: u64): bool {
  const afterMinus = (minuses << 1) | minusBefore
  const afterPoint = (points << 1) | pointBefore
  const fraction = (afterPoint & digits) | fractionBefore
  const fractionEnds = fraction + digits
  const firstDigits = (starts | afterMinus) & digits
  const leadingZeros = firstDigits & zeros
  const wrong =
    (minuses & ~starts) |
    (afterMinus & ~digits) |
    (points & ~((digits << 1) | digitBefore)) |
    (afterPoint & ~digits) |
    (fractionEnds & ~digits & points) |
    (((leadingZeros << 1) | zeroBefore) & digits)
  minusBefore = minuses >> 63
  pointBefore = points >> 63
  digitBefore = digits >> 63
  zeroBefore = leadingZeros >> 63
  fractionBefore = <u64>(fractionEnds < digits)
  return wrong == 0
}

/** Letters outside of strings spell true, false or null, and nothing else. */
function lettersAreValid(block: usize, letters: u64, starts: u64): bool {
  let words = letters & ~((letters << 1) | letterBefore)
  letterBefore = letters >> 63
  if ((words & ~starts) != 0) return false
  while (words != 0) {
    const at = block + <usize>ctz(words)
    words &= words - 1
    const word = load<u32>(at)
    let end = at + 4
    if (word == 0x736c6166 && load<u8>(end) == 0x65) end++
    else if (word != 0x65757274 && word != 0x6c6c756e) return false
    const code = load<u8>(end)
    if (code != 0x2c && code != 0x7d && code != 0x5d && code > 0x20) return false
  }
  return true
}

/**
 * Brackets, commas and colons in their order: what is open, and which value has just ended. Where no rule looks (the
 * greater part), commas and colons are decided by what is in registers.
 */
function walk(block: usize, marks: u64): bool {
  let left = marks
  let inObject = isObject
  let colonNext = wantsColon
  let before = previous
  let beforeCode = previousCode
  while (left != 0) {
    const at = block + <usize>ctz(left)
    left &= left - 1
    const code = <i32>load<u8>(at)
    if (code == 0x2c) {
      if (colonNext || depth == 0) return false
      if (node != 0) {
        previous = before
        previousCode = beforeCode
        const ending = inObject ? valueNode : node
        if (ending != 0 && !endValue(ending, at)) return false
        if (!inObject) element++
      }
      colonNext = inObject
    } else if (code == 0x3a) {
      if (!colonNext || !isBehindString(at)) return false
      colonNext = false
      if (node != 0) {
        previous = before
        valueNode = 0
        if (!findKey(at)) return false
      }
    } else {
      previous = before
      previousCode = beforeCode
      wantsColon = colonNext
      if (code == 0x7b || code == 0x5b ? !open(code == 0x7b) : !close(at, code == 0x7d)) return false
      inObject = isObject
      colonNext = wantsColon
    }
    before = at
    beforeCode = code
  }
  wantsColon = colonNext
  previous = before
  previousCode = beforeCode
  return true
}

// @ts-ignore: decorator
@inline function isBehindString(at: usize): bool {
  return load<u8>(at - 1) == 0x22 || load<u8>(skipSpaceBack(at) - 1) == 0x22
}

function open(opensObject: bool): bool {
  if (wantsColon || depth >= depthMax || (depth == 0 && previousCode != 0x3a)) return false
  const frame = stack + <usize>depth * frameBytes
  store<i32>(frame, <i32>isObject)
  store<i32>(frame, <i32>node, 4)
  store<i32>(frame, membership, 8)
  store<i32>(frame, arrayNumber, 12)
  store<i32>(frame, element, 16)
  if (depth == 0) node = valueNode
  else if (node != 0 && isObject) node = valueNode
  else if (node != 0 && !enterElement()) return false
  depth++
  isObject = opensObject
  wantsColon = opensObject
  element = 0
  if (!opensObject && node != 0) arrayNumber = arrays++
  return true
}

/** What lies in an object or array that is an element of an array is told apart by that element. */
function enterElement(): bool {
  if (members >= recordsMax) return false
  const at = memberships + <usize>members * membershipBytes
  store<i32>(at, membership)
  store<i32>(at, arrayNumber, 4)
  store<i32>(at, element, 8)
  membership = ++members
  return true
}

function close(at: usize, closesObject: bool): bool {
  if (depth == 0 || closesObject != isObject) return false
  if (closesObject) {
    if (wantsColon && (previousCode != 0x7b || skipSpace(previous + 1) != at)) return false
    if (!wantsColon && node != 0 && valueNode != 0 && !endValue(valueNode, at)) return false
  } else if (node != 0 && !endValue(node, at)) return false
  depth--
  const frame = stack + <usize>depth * frameBytes
  isObject = load<i32>(frame) != 0
  node = <usize>load<i32>(frame, 4)
  membership = load<i32>(frame, 8)
  arrayNumber = load<i32>(frame, 12)
  element = load<i32>(frame, 16)
  wantsColon = false
  return true
}

/** Records the value between the mark before and this one, if it is one and a path ends here. */
function endValue(at: usize, end: usize): bool {
  const path = load<i32>(at)
  if (path < 0 || previousCode == 0x7d || previousCode == 0x5d) return true
  const start = skipSpace(previous + 1)
  if (start == end) return true
  if (recorded >= recordsMax) return false
  const last = skipSpaceBack(end)
  const code = load<u8>(start)
  const record = records + <usize>(recorded++) * recordBytes
  store<i32>(record, path)
  store<i32>(record, membership, 16)
  if (code == 0x22) {
    store<i32>(record, hasEscapes && hasBackslash(start + 1, last - 1) ? escapedString : string, 4)
    store<i32>(record, <i32>(start + 1 - input), 8)
    store<i32>(record, <i32>(last - 1 - input), 12)
  } else {
    store<i32>(record, code == 0x2d || code <= 0x39 ? number : literal, 4)
    store<i32>(record, <i32>(start - input), 8)
    store<i32>(record, <i32>(last - input), 12)
  }
  return true
}

function hasBackslash(from: usize, to: usize): bool {
  for (let at = from; at < to; at++) if (load<u8>(at) == 0x5c) return true
  return false
}

/** From the key before the colon to its node. A key with dots in it goes down as many levels. */
function findKey(colon: usize): bool {
  const start = skipSpace(previous + 1) + 1
  const end = skipSpaceBack(colon) - 1
  if (hasEscapes && hasBackslash(start, end)) return false
  valueNode = childOf(node, start, end)
  if (valueNode != 0) return true
  let from = start
  let at = node
  for (let dot = start; dot < end; dot++) {
    if (load<u8>(dot) != 0x2e) continue
    at = childOf(at, from, dot)
    if (at == 0) return true
    from = dot + 1
  }
  if (from != start) valueNode = childOf(at, from, end)
  return true
}

function childOf(parent: usize, start: usize, end: usize): usize {
  const length = <i32>(end - start)
  const mask = load<i32>(parent, 4)
  const table = <usize>load<i32>(parent, 8)
  const hash = hashOf(start, length)
  let slot = hash & mask
  while (true) {
    const at = table + <usize>slot * slotBytes
    const child = <usize>load<i32>(at, 12)
    if (child == 0) return 0
    if (load<i32>(at, 8) == hash && load<i32>(at, 4) == length && isSame(start, <usize>load<i32>(at), length)) return child
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

function isSame(left: usize, right: usize, length: i32): bool {
  for (let at: usize = 0; at < <usize>length; at++) if (load<u8>(left + at) != load<u8>(right + at)) return false
  return true
}

// @ts-ignore: decorator
@inline function skipSpace(from: usize): usize {
  let at = from
  while (isSpace(load<u8>(at))) at++
  return at
}

/** The end of what lies before the white space. */
// @ts-ignore: decorator
@inline function skipSpaceBack(from: usize): usize {
  let at = from
  while (isSpace(load<u8>(at - 1))) at--
  return at
}

// @ts-ignore: decorator
@inline function isSpace(code: u8): bool {
  return code == 0x20 || (code <= 0x0d && (code == 0x0a || code == 0x0d || code == 0x09))
}
