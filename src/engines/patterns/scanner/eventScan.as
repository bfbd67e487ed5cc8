/**
 * Scans one event in WASM memory (AssemblyScript; scripts/scanner.ts builds it). Every byte is checked, and the fields
 * that some rule names are recorded. Blocks of 64 bytes become bit masks: which byte is a quote, a bracket, a digit.
 * What may follow what is decided for a whole block at once by shifting masks. Only brackets are walked one by one, as
 * what lies between two of them is all of one object or one array; and where no rule looks, not even they, if they open
 * and close in turn. Keys and values are looked at only where a rule may want them.
 *
 * It decides only what is plainly right. All else (an exponent, an escaped key, a mistake) is `odd`: the caller then
 * reads the event the slow way, which also finds the words for a mistake.
 */
import {
  atMost,
  chosen,
  digitsIn,
  equal,
  hasRare,
  keyed,
  pastSpace,
  prefixXor,
  reachOut,
  sixteen,
  upTo,
  writeSixteens,
} from './blockBits'
import { fieldOf, lengthsOf, nodeOf } from './keyTree'

const odd: i32 = -1
const depthMax: i32 = 64

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

export function layout(inputAt: usize, stackAt: usize, recordsAt: usize, most: i32, membershipsAt: usize): void {
  input = inputAt
  stack = stackAt
  records = recordsAt
  recordsMax = most
  memberships = membershipsAt
  writeSixteens()
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
  let scalarBefore: u64 = 0
  let letterBefore: u64 = 0
  let digitBefore: u64 = 0
  let signBefore: u64 = 0
  let fractionBefore: u64 = 0
  let zeroBefore: u64 = 0
  let leadReach: u64 = 1
  let headReach: u64 = 0

  // What is open: the first bit is set if it is an object, the next tells of the one around it, and so on; and how many
  // of them no rule looks into.
  let kinds: u64 = 1
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

    if ((inString & ~quotes) == ~0) continue

    const commas = outside & equal(a, b, c, d, 0x2c)
    const colons = outside & equal(a, b, c, d, 0x3a)
    // `[` and `{` differ in one bit, and so do `]` and `}`.
    const bit = sixteen(0x20)
    const lowerA = v128.or(a, bit)
    const lowerB = v128.or(b, bit)
    const lowerC = v128.or(c, bit)
    const lowerD = v128.or(d, bit)
    const opens = outside & equal(lowerA, lowerB, lowerC, lowerD, 0x7b)
    const closes = outside & equal(lowerA, lowerB, lowerC, lowerD, 0x7d)
    const marks = commas | colons | opens | closes
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
      const digitsPoints = digits | points
      const minusesPoints = minuses | points
      const behindDigits = (digitsPoints << 1) | digitBefore
      const leadingZeros = zeros & ~behindDigits
      // Adding to a run of ones clears it from there on, so a second point is left standing.
      const fractions = scalars + (points + fractionBefore)
      const wrong =
        (minuses & ~starts) |
        (((minusesPoints << 1) | signBefore) & ~digits) |
        (points & (fractions | ~behindDigits)) |
        (((leadingZeros << 1) | zeroBefore) & digits)
      if (wrong != 0) return odd
      signBefore = minusesPoints >> 63
      digitBefore = digitsPoints >> 63
      zeroBefore = leadingZeros >> 63
      fractionBefore = <u64>(fractions < scalars)
      const letters = scalars & ~(digitsPoints | minuses)
      if (letters != 0) {
        const words = letters & ~((letters << 1) | letterBefore)
        if ((words & ~starts) != 0 || !wordsAreValid(block, words)) return odd
      }
      letterBefore = letters >> 63
    }

    // Values begin behind a separator or an opening bracket, and nowhere else; only a closing bracket may stand there too.
    const openQuotes = quotes & inString
    const heads = commas | opens
    const leads = heads | colons
    let behindLeads = (leads << 1) | leadReach
    leadReach = leads >> 63
    if (whites != 0) {
      leadReach |= reachOut(behindLeads, whites)
      behindLeads = pastSpace(behindLeads, whites)
    }
    const empties = behindLeads ^ (openQuotes | starts | opens)
    if (empties != 0 && !emptiesAreValid(block, empties, closes)) return odd

    // In an object the next mark behind a comma or the opening bracket is a colon, and no other mark is one. Adding to
    // a run of ones carries to its end.
    const others = ~marks
    const carried = others + ((heads << 1) | headReach)
    headReach = (heads >> 63) | <u64>(carried < others)
    const wrongInObject = ((carried & marks) ^ colons ^ empties) | (scalars & ~carried)

    if (pendingNode != 0 && !endPending(block, marks, opens)) return odd
    let brackets = opens | closes
    if (brackets == 0) {
      if (chosen(kinds, wrongInObject, colons) != 0) return odd
      if (skipped == 0) {
        if ((kinds & 1) != 0) {
          if (colons != 0 && !readKeys(block, colons, openQuotes, marks, opens)) return odd
        } else if (commas != 0 && !readElements(block, commas, marks, opens)) return odd
      }
      if (openQuotes != 0) quoteBefore = block + 63 - <usize>clz(openQuotes)
      continue
    }
    if (skipped != 0) {
      // A list of objects that no rule looks into: brackets that open and close in turn, all of one kind, need no walk.
      // Without branches, because which comes first in a block is chance and a wrong guess costs more than all of this.
      const closesFirst = <u64>((closes & brackets & (0 - brackets)) != 0)
      const inner = prefixXor(brackets) ^ (0 - closesFirst)
      const curly = brackets & keyed(a, b, c, d)
      const innerKind = <u64>(curly != 0)
      const outer = kinds >> closesFirst
      const ofOtherKind = (curly ^ (brackets & (0 - innerKind))) | (closesFirst & (kinds ^ innerKind))
      if ((((brackets & inner) ^ opens) | ofOtherKind) == 0 && skipped > <i32>closesFirst) {
        const within = (inner ^ opens) | closes
        const wrong = (chosen(innerKind, wrongInObject, colons) & within) | (chosen(outer, wrongInObject, colons) & ~within)
        if (wrong != 0) return odd
        const endsWithin = inner >> 63
        kinds = (outer << endsWithin) | (innerKind & endsWithin)
        const deeper = <i32>endsWithin - <i32>closesFirst
        depth += deeper
        skipped += deeper
        if (depth > depthMax) return odd
        if (openQuotes != 0) quoteBefore = block + 63 - <usize>clz(openQuotes)
        continue
      }
    }
    let left: u64 = ~0
    while (true) {
      // All bits up to the next bracket and its own, or all that are left if there is none.
      const bracket = brackets & (0 - brackets)
      const here = left & upTo(bracket)
      if ((chosen(kinds, wrongInObject, colons) & here) != 0) return odd
      if (skipped == 0) {
        if ((kinds & 1) != 0) {
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
        const isObject = (kinds & 1) != 0
        kinds = (kinds << 1) | <u64>withKeys
        if (skipped != 0 || (isObject ? valueNode : node) == 0) skipped++
        else if (!open(isObject, withKeys)) return odd
        else if (!withKeys && !readElement(at, block, marks & ~upTo(bracket), opens)) return odd
      } else {
        if ((kinds & 1) != <u64>withKeys) return odd
        if (--depth == 0) return at < end && skipSpace(at + 1, end) == end ? recorded : odd
        kinds >>= 1
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

/** Nothing stands between an opening bracket and the closing one behind it. */
function emptiesAreValid(block: usize, empties: u64, closes: u64): bool {
  if ((empties & ~closes) != 0) return false
  let left = empties
  while (left != 0) {
    const code = load<u8>(skipSpaceBack(block + <usize>ctz(left)) - 1)
    if ((code | 0x20) != 0x7b) return false
    left &= left - 1
  }
  return true
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
  // Most keys are dismissed by their length.
  const lengths = lengthsOf(node)
  let left = colons
  let child: usize = 0
  while (left != 0) {
    const bit = left & (0 - left)
    left ^= bit
    const colon = block + <usize>ctz(bit)
    const quotes = openQuotes & (bit - 1)
    const start = (quotes == 0 ? quoteBefore : block + 63 - <usize>clz(quotes)) + 1
    const end = skipSpaceBack(colon) - 1
    if (hasEscapes && hasBackslash(start, end)) return false
    child = 0
    if (((lengths >> <u32>min(end - start, 31)) & 1) == 0) continue
    child = nodeOf(node, start, end)
    if (child == 0 || fieldOf(child) < 0) continue
    if (!readValue(child, colon + 1, block, marks & ~upTo(bit), opens)) return false
  }
  valueNode = child
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
  return fieldOf(node) < 0 || readValue(node, mark + 1, block, marksBehind, opens)
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
  store<i32>(at, fieldOf(field))
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
