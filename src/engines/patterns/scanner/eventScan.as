/**
 * Scans one event in WASM memory (AssemblyScript; scripts/scanner.ts builds it). Every byte is checked, and the fields
 * that some rule names are recorded. Blocks of 64 bytes become bit masks: which byte is a quote, a bracket, a digit.
 * What may follow what is decided for a whole block at once by shifting masks. Only brackets are walked one by one, as
 * what lies between two of them is all of one object or one array; keys and values are looked at only where a rule may
 * want them.
 *
 * It decides only what is plainly right. All else (an exponent, an escaped key, a mistake) is `odd`: the caller then
 * reads the event the slow way, which also finds the words for a mistake.
 */

const odd: i32 = -1
const depthMax: i32 = 64

// A node of the tree of wanted fields: path or -1, table mask, table, lengths of its keys, lengths of those that lead
// further. A slot: key, its length, hash, child or 0.
// @ts-ignore: decorator
@inline const slotBytes: usize = 16
// What is open and wanted: node, membership, array number, element index.
// @ts-ignore: decorator
@inline const frameBytes: usize = 16
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
/** Every ASCII character sixteen times. */
const sixteens: usize = memory.data(2048, 16)

export function layout(inputAt: usize, stackAt: usize, recordsAt: usize, most: i32, membershipsAt: usize): void {
  input = inputAt
  stack = stackAt
  records = recordsAt
  recordsMax = most
  memberships = membershipsAt
  for (let code: usize = 0; code < 128; code++) v128.store(sixteens + code * 16, i8x16.splat(<u8>code))
}

/** A character sixteen times. Loaded, because constants in the code cost the host more (7 % of a scan). */
// @ts-ignore: decorator
@inline function sixteen(code: usize): v128 {
  return v128.load(sixteens + code * 16)
}

let recorded: i32 = 0
let members: i32 = 0
let hasEscapes: bool = false
/** The last bit is set if the first byte of the next block is escaped. */
let escapedBefore: u64 = 0

// The wanted object or array that the scan is in, and how many are around it.
let frames: usize = 0
let node: usize = 0
let membership: i32 = 0
let arrayNumber: i32 = 0
let element: i32 = 0
let arrays: i32 = 0
/** The node of the key that was read last, or 0. */
let valueNode: usize = 0
/** Whose value began in an earlier block, or 0; and where. */
let pendingNode: usize = 0
let pendingStart: usize = 0
/** The last quote of an earlier block that opens a string. */
let quoteBefore: usize = 0

/**
 * How many fields were recorded, or -1. Room for a block behind the input is overwritten. One long function, because
 * the host keeps locals in registers and globals in memory, and each block needs all that the block before left behind.
 */
export function scan(length: i32, root: usize): i32 {
  const end = input + length
  pad(end)
  reset(root)
  if (load<u8>(skipSpace(input, end)) != 0x7b) return odd

  // What the block before leaves behind: all bits or none, or the first bit.
  let inStringBefore: u64 = 0
  let keyBefore: u64 = 0
  let scalarBefore: u64 = 0
  let letterBefore: u64 = 0
  let digitBefore: u64 = 0
  let minusBefore: u64 = 0
  let pointBefore: u64 = 0
  let fractionBefore: u64 = 0
  let zeroBefore: u64 = 0
  let commaReach: u64 = 0
  let colonReach: u64 = 0
  let openReach: u64 = 0
  let endReach: u64 = 0
  let keyReach: u64 = 0

  // What is open: whether an object, a bit for each around it, and how many of them no rule looks into.
  let isObject: bool = true
  let around: u64 = 0
  let depth: i32 = 0
  let skipped: i32 = 0

  for (let block = input; block < end; block += 64) {
    const a = v128.load(block)
    const b = v128.load(block, 16)
    const c = v128.load(block, 32)
    const d = v128.load(block, 48)

    let quotes = equal(a, b, c, d, 0x22)
    let blanks: u64 = 0
    if (escapedBefore != 0 || hasRare(a, b, c, d)) {
      const slashes = equal(a, b, c, d, 0x5c)
      if ((slashes | escapedBefore) != 0) {
        const escaped = escapedIn(slashes)
        if (!escapesAreValid(block, escaped)) return odd
        quotes &= ~escaped
      }
      blanks = atMost(a, b, c, d, 0x20)
    }
    const inString = prefixXor(quotes) ^ inStringBefore
    inStringBefore = <u64>(<i64>inString >> 63)
    const outside = ~(inString | quotes)
    const whites = blanks & outside
    if (blanks != 0) {
      // Control characters are only space, and only outside of strings.
      const breaks = equal(a, b, c, d, 0x09) | equal(a, b, c, d, 0x0a) | equal(a, b, c, d, 0x0d)
      if ((blanks & ~(equal(a, b, c, d, 0x20) | (outside & breaks))) != 0) return odd
    }

    if (inString == ~0) continue

    const commas = outside & equal(a, b, c, d, 0x2c)
    const colons = outside & equal(a, b, c, d, 0x3a)
    const separators = commas | colons
    // `[` and `{` differ in one bit, and so do `]` and `}`.
    const bit = sixteen(0x20)
    const lowerA = v128.or(a, bit)
    const lowerB = v128.or(b, bit)
    const lowerC = v128.or(c, bit)
    const lowerD = v128.or(d, bit)
    const opens = outside & equal(lowerA, lowerB, lowerC, lowerD, 0x7b)
    const closes = outside & equal(lowerA, lowerB, lowerC, lowerD, 0x7d)
    const marks = separators | opens | closes
    const scalars = outside & ~(marks | whites)
    const behindScalars = (scalars << 1) | scalarBefore
    const starts = scalars & ~behindScalars
    scalarBefore = scalars >> 63

    if ((scalars | behindScalars) != 0) {
      // Numbers: `-`, digits, and at most one point with digits on both sides; no zero before a digit.
      const digits = outside & digitsIn(a, b, c, d)
      const points = outside & equal(a, b, c, d, 0x2e)
      const minuses = outside & equal(a, b, c, d, 0x2d)
      const zeros = outside & equal(a, b, c, d, 0x30)
      const afterMinus = (minuses << 1) | minusBefore
      const afterPoint = (points << 1) | pointBefore
      const fraction = (afterPoint & digits) | fractionBefore
      const fractionEnds = fraction + digits
      const leadingZeros = (starts | afterMinus) & zeros
      const wrong =
        (minuses & ~starts) |
        ((afterMinus | afterPoint) & ~digits) |
        (points & ~((digits << 1) | digitBefore)) |
        (fractionEnds & ~digits & points) |
        (((leadingZeros << 1) | zeroBefore) & digits)
      if (wrong != 0) return odd
      minusBefore = minuses >> 63
      pointBefore = points >> 63
      digitBefore = digits >> 63
      zeroBefore = leadingZeros >> 63
      fractionBefore = <u64>(fractionEnds < digits)
      const letters = scalars & ~(digits | points | minuses)
      if (letters != 0) {
        const words = letters & ~((letters << 1) | letterBefore)
        if ((words & ~starts) != 0 || !wordsAreValid(block, words)) return odd
      }
      letterBefore = letters >> 63
    }

    // Which strings are keys: those behind a comma or an opening bracket, if a colon follows.
    const openQuotes = quotes & inString
    const closeQuotes = quotes & ~inString
    let behindCommas = (commas << 1) | commaReach
    let behindColons = (colons << 1) | colonReach
    let behindOpens = (opens << 1) | openReach
    let behindEnds = ((closeQuotes | closes) << 1) | endReach | (behindScalars & ~scalars)
    commaReach = commas >> 63
    colonReach = colons >> 63
    openReach = opens >> 63
    endReach = (closeQuotes | closes) >> 63
    if (whites != 0) {
      commaReach |= reachOut(behindCommas, whites)
      colonReach |= reachOut(behindColons, whites)
      openReach |= reachOut(behindOpens, whites)
      endReach |= reachOut(behindEnds, whites)
      behindCommas = pastSpace(behindCommas, whites)
      behindColons = pastSpace(behindColons, whites)
      behindOpens = pastSpace(behindOpens, whites)
      behindEnds = pastSpace(behindEnds, whites)
    }
    const keysEnd = inString + ((openQuotes & (behindCommas | behindOpens)) | keyBefore)
    keyBefore = <u64>(keysEnd < inString)
    const keyQuotes = keysEnd & closeQuotes
    let behindKeys = (keyQuotes << 1) | keyReach
    keyReach = keyQuotes >> 63
    if (whites != 0) {
      keyReach |= reachOut(behindKeys, whites)
      behindKeys = pastSpace(behindKeys, whites)
    }
    const values = openQuotes | starts | opens
    const wrong =
      ((behindCommas | behindColons) & ~values) |
      (behindOpens & ~(values | closes)) |
      (behindEnds & ~(separators | closes)) |
      (colons & ~behindKeys)
    if (wrong != 0) return odd
    const wrongInObject =
      (behindKeys & ~colons) | (behindCommas & ~openQuotes) | (behindOpens & ~(openQuotes | closes))

    if (pendingNode != 0 && !endPending(block, marks, opens)) return odd
    let brackets = opens | closes
    let left: u64 = ~0
    while (true) {
      // All bits up to the next bracket and its own, or all that are left if there is none.
      const bracket = brackets & (0 - brackets)
      const here = left & upTo(bracket)
      if (((isObject ? wrongInObject : colons) & here) != 0) return odd
      if (skipped == 0) {
        if (isObject) {
          if ((here & colons) != 0 && !readKeys(block, here & colons, openQuotes, marks, opens)) return odd
        } else if ((here & commas) != 0 && !readElements(block, here & commas, marks, opens)) return odd
      }
      if (bracket == 0) break
      left ^= here
      brackets ^= bracket
      const at = block + <usize>ctz(bracket)
      const code = load<u8>(at)
      const withKeys = (code & 0x20) != 0
      if ((bracket & opens) != 0) {
        if (depth++ == depthMax) return odd
        around = (around << 1) | <u64>isObject
        if (skipped != 0 || (isObject ? valueNode : node) == 0) skipped++
        else if (!open(isObject, withKeys)) return odd
        else if (!withKeys && !readElement(at, block, marks & ~upTo(bracket), opens)) return odd
        isObject = withKeys
      } else {
        if (isObject != withKeys) return odd
        if (--depth == 0) return at < end && skipSpace(at + 1, end) == end ? recorded : odd
        isObject = (around & 1) != 0
        around >>= 1
        if (skipped != 0) skipped--
        else close()
      }
    }
    if (openQuotes != 0) quoteBefore = block + 63 - <usize>clz(openQuotes)
  }
  return odd
}

/** What lies behind the input closes whatever is open, which is then found to end too late. */
function pad(from: usize): void {
  const closing = i8x16.splat(0x7d)
  v128.store(from, closing)
  v128.store(from, closing, 16)
  v128.store(from, closing, 32)
  v128.store(from, closing, 48)
}

function reset(root: usize): void {
  recorded = 0
  members = 0
  hasEscapes = false
  escapedBefore = 0
  frames = stack
  node = 0
  membership = 0
  arrays = 0
  valueNode = root
  pendingNode = 0
}

// @ts-ignore: decorator
@inline function bits(a: v128, b: v128, c: v128, d: v128): u64 {
  return (
    <u64>(<u32>i8x16.bitmask(a) | (<u32>i8x16.bitmask(b) << 16)) |
    (<u64>(<u32>i8x16.bitmask(c) | (<u32>i8x16.bitmask(d) << 16)) << 32)
  )
}

// @ts-ignore: decorator
@inline function equal(a: v128, b: v128, c: v128, d: v128, code: usize): u64 {
  const wanted = sixteen(code)
  return bits(i8x16.eq(a, wanted), i8x16.eq(b, wanted), i8x16.eq(c, wanted), i8x16.eq(d, wanted))
}

// @ts-ignore: decorator
@inline function atMost(a: v128, b: v128, c: v128, d: v128, code: usize): u64 {
  const most = sixteen(code)
  return bits(i8x16.le_u(a, most), i8x16.le_u(b, most), i8x16.le_u(c, most), i8x16.le_u(d, most))
}

/** Moved up by 0x46 the digits are the greatest signed bytes; a signed comparison is one instruction. */
// @ts-ignore: decorator
@inline function digitsIn(a: v128, b: v128, c: v128, d: v128): u64 {
  const up = sixteen(0x46)
  const below = sixteen(0x75)
  return bits(
    i8x16.gt_s(i8x16.add(a, up), below),
    i8x16.gt_s(i8x16.add(b, up), below),
    i8x16.gt_s(i8x16.add(c, up), below),
    i8x16.gt_s(i8x16.add(d, up), below),
  )
}

/** Whether there is a backslash, a space or a control character. */
// @ts-ignore: decorator
@inline function hasRare(a: v128, b: v128, c: v128, d: v128): bool {
  const slash = sixteen(0x5c)
  const slashes = v128.or(
    v128.or(i8x16.eq(a, slash), i8x16.eq(b, slash)),
    v128.or(i8x16.eq(c, slash), i8x16.eq(d, slash)),
  )
  const least = i8x16.min_u(i8x16.min_u(a, b), i8x16.min_u(c, d))
  return v128.any_true(v128.or(slashes, i8x16.le_u(least, sixteen(0x20))))
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

/** All bits up to that of a mask with one, or all there are of a mask with none. */
// @ts-ignore: decorator
@inline function upTo(bit: u64): u64 {
  return bit ^ (bit - 1)
}

/** Moves each bit that is on a space behind it: adding to a run of ones carries. */
// @ts-ignore: decorator
@inline function pastSpace(mask: u64, spaces: u64): u64 {
  return (((mask & spaces) + spaces) | mask) & ~spaces
}

/** Whether a bit moved so leaves the block. */
// @ts-ignore: decorator
@inline function reachOut(mask: u64, spaces: u64): u64 {
  return <u64>((mask & spaces) + spaces < spaces)
}

/** The characters behind a backslash that is not itself behind one. */
function escapedIn(slashes: u64): u64 {
  hasEscapes = true
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
    } else if (!isEscape(code)) return false
  }
  return true
}

/** One of `"\/bfnrt`. */
function isEscape(code: u8): bool {
  if (code == 0x22 || code == 0x5c || code == 0x2f) return true
  return code == 0x62 || code == 0x66 || code == 0x6e || code == 0x72 || code == 0x74
}

function isHex(code: u8): bool {
  return (code >= 0x30 && code <= 0x39) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66)
}

/** Letters outside of strings spell true, false or null, and nothing else. */
function wordsAreValid(block: usize, starts: u64): bool {
  let words = starts
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

function open(inObject: bool, opensObject: bool): bool {
  store<i32>(frames, <i32>node)
  store<i32>(frames, membership, 4)
  store<i32>(frames, arrayNumber, 8)
  store<i32>(frames, element, 12)
  frames += frameBytes
  if (inObject) node = valueNode
  else if (!enterElement()) return false
  element = 0
  if (!opensObject) arrayNumber = arrays++
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

function close(): void {
  frames -= frameBytes
  node = <usize>load<i32>(frames)
  membership = load<i32>(frames, 4)
  arrayNumber = load<i32>(frames, 8)
  element = load<i32>(frames, 12)
}

/** The keys before some colons of a wanted object, and the values behind them. */
function readKeys(block: usize, colons: u64, openQuotes: u64, marks: u64, opens: u64): bool {
  let left = colons
  while (left != 0) {
    const bit = left & (0 - left)
    left ^= bit
    const colon = block + <usize>ctz(bit)
    const quotes = openQuotes & (bit - 1)
    const start = (quotes == 0 ? quoteBefore : block + 63 - <usize>clz(quotes)) + 1
    const end = skipSpaceBack(colon) - 1
    if (hasEscapes && hasBackslash(start, end)) return false
    valueNode = nodeOf(start, end)
    if (valueNode == 0 || load<i32>(valueNode) < 0) continue
    if (!readValue(valueNode, colon + 1, block, marks & ~upTo(bit), opens)) return false
  }
  return true
}

/** The elements behind some commas of a wanted array. */
function readElements(block: usize, commas: u64, marks: u64, opens: u64): bool {
  element += <i32>popcnt(commas)
  let left = commas
  while (left != 0) {
    const bit = left & (0 - left)
    left ^= bit
    if (!readElement(block + <usize>ctz(bit), block, marks & ~upTo(bit), opens)) return false
  }
  return true
}

/** The element behind a comma or the opening bracket. */
function readElement(mark: usize, block: usize, marksBehind: u64, opens: u64): bool {
  return load<i32>(node) < 0 || readValue(node, mark + 1, block, marksBehind, opens)
}

/** The value that begins here and ends at the next mark, in this block or a later one. */
function readValue(field: usize, start: usize, block: usize, marksBehind: u64, opens: u64): bool {
  pendingNode = field
  pendingStart = start
  return endPending(block, marksBehind, opens)
}

function endPending(block: usize, marks: u64, opens: u64): bool {
  if (marks == 0) return true
  const field = pendingNode
  pendingNode = 0
  if ((opens & marks & (0 - marks)) != 0) return true
  const mark = block + <usize>ctz(marks)
  return record(field, skipSpace(pendingStart, mark), mark)
}

function record(field: usize, start: usize, mark: usize): bool {
  // An empty array has no element.
  if (start == mark) return true
  if (recorded >= recordsMax) return false
  const end = skipSpaceBack(mark)
  const code = load<u8>(start)
  const at = records + <usize>(recorded++) * recordBytes
  store<i32>(at, load<i32>(field))
  store<i32>(at, membership, 16)
  if (code == 0x22) {
    store<i32>(at, hasEscapes && hasBackslash(start + 1, end - 1) ? escapedString : string, 4)
    store<i32>(at, <i32>(start + 1 - input), 8)
    store<i32>(at, <i32>(end - 1 - input), 12)
  } else {
    store<i32>(at, code == 0x2d || code <= 0x39 ? number : literal, 4)
    store<i32>(at, <i32>(start - input), 8)
    store<i32>(at, <i32>(end - input), 12)
  }
  return true
}

function hasBackslash(from: usize, to: usize): bool {
  for (let at = from; at < to; at++) if (load<u8>(at) == 0x5c) return true
  return false
}

/** From a key to its node below the one at hand, or 0. A key with dots in it goes down as many levels. */
function nodeOf(start: usize, end: usize): usize {
  const direct = childOf(node, start, end)
  if (direct != 0) return direct
  // Only a key that begins like one that leads further can do so: a dot is behind as many bytes as that one has.
  let lengths = load<u32>(node, 16)
  while (lengths != 0) {
    const length = <usize>ctz(lengths)
    lengths &= lengths - 1
    if (length == 31 || (start + length < end && load<u8>(start + length) == 0x2e)) return dottedNodeOf(start, end)
  }
  return 0
}

function dottedNodeOf(start: usize, end: usize): usize {
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

/** The first byte that is no space, or the limit. */
// @ts-ignore: decorator
@inline function skipSpace(from: usize, limit: usize): usize {
  let at = from
  while (at < limit && isSpace(load<u8>(at))) at++
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
