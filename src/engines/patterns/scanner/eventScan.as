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
  keyed,
  pastSpace,
  prefixXor,
  rareIn,
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

/** What is open: the first bit is set if it is an object, the next tells of the one around it, and so on. */
let kinds: u64 = 0
let depth: i32 = 0
/** How many of those that are open some rule looks into. */
let depthWanted: i32 = 0
/** Where all was closed. */
let closedAt: usize = 0

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
  let signBefore: u64 = 0
  let minusBefore: u64 = 0
  let fractionBefore: u64 = 0
  let zeroBefore: u64 = 0
  let leadReach: u64 = 1
  let headReach: u64 = 0

  for (let block = input; block < end; block += 64) {
    const a = v128.load(block)
    const b = v128.load(block, 16)
    const c = v128.load(block, 32)
    const d = v128.load(block, 48)
    let quotes = equal(a, b, c, d, 0x22)
    let blanks: u64 = 0
    if ((rareIn(a, b, c, d) | <i32>escapedBefore) != 0) {
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

    if ((outside | quotes) == 0) continue

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
    const brackets = opens | closes
    const marks = commas | colons | brackets
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
      const signs = points | minuses
      const leadingZeros = zeros & (starts + minuses + minusBefore)
      // Adding to a run of ones clears it from there on, so a second point is left standing.
      const fractions = scalars + (points + fractionBefore)
      const wrong =
        (signs & ~(points ^ starts)) |
        (((signs << 1) | signBefore) & ~digits) |
        (points & fractions) |
        (((leadingZeros << 1) | zeroBefore) & digits)
      if (wrong != 0) return odd
      signBefore = signs >> 63
      minusBefore = minuses >> 63
      zeroBefore = leadingZeros >> 63
      fractionBefore = <u64>(fractions < scalars)
      const letters = scalars & ~(digits | signs)
      if (letters != 0) {
        if (!wordsAreValid(block, letters, starts)) return odd
      }
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
    if (empties != 0) {
      if (!emptiesAreValid(block, empties, closes)) return odd
    }

    // In an object the next mark behind a comma or the opening bracket is a colon, and no other mark is one. Adding to
    // a run of ones carries to its end.
    const others = ~marks
    const carried = others + ((heads << 1) | headReach)
    headReach = (heads >> 63) | <u64>(carried < others)
    const wrongInObject = ((carried & marks) ^ colons ^ empties) | (scalars & ~carried)

    if (depth > depthWanted) {
      // A list of objects that no rule looks into: brackets that open and close in turn, all of one kind, need no walk.
      // Without branches, because which comes first in a block is chance and a wrong guess costs more than all of this.
      const closesFirst = <u64>((closes & brackets & (0 - brackets)) != 0)
      // Where they do take turns, subtracting fills what lies between an opening one and the closing one behind it.
      const inner = closes - opens - closesFirst
      const curly = brackets & keyed(a, b, c, d)
      const innerKind = <u64>(curly != 0)
      const outer = kinds >> closesFirst
      const ofOtherKind = (curly ^ (brackets & (0 - innerKind))) | (closesFirst & (kinds ^ innerKind))
      const depthOutside = depth - <i32>closesFirst
      if ((((brackets & inner) ^ opens) | ofOtherKind) == 0 && depthOutside > depthWanted) {
        const within = (inner ^ opens) | closes
        const inObject = chosen(within, 0 - innerKind, 0 - (outer & 1))
        if (chosen(inObject, wrongInObject, colons) != 0) return odd
        const endsWithin = inner >> 63
        kinds = (outer << endsWithin) | (innerKind & endsWithin)
        depth = depthOutside + <i32>endsWithin
        if (depth > depthMax) return odd
        continue
      }
    }
    if (!walk(block, brackets, opens, colons, commas, marks, openQuotes, wrongInObject)) return odd
    if (depth == 0) return closedAt < end && skipSpace(closedAt + 1, end) == end ? recorded : odd
    if (openQuotes != 0) quoteBefore = block + 63 - <usize>clz(openQuotes)
  }
  return odd
}

/** From bracket to bracket; what lies between two of them is all of one object or one array. */
// @ts-ignore: decorator
@inline function walk(
  block: usize,
  brackets: u64,
  opens: u64,
  colons: u64,
  commas: u64,
  marks: u64,
  openQuotes: u64,
  wrongInObject: u64,
): bool {
  if (pendingNode != 0 && !endPending(block, marks, opens)) return false
  let left: u64 = ~0
  let ahead = brackets
  while (true) {
    // All bits up to the next bracket and its own, or all that are left if there is none.
    const next = ahead & (0 - ahead)
    const here = left & upTo(next)
    const isObject = (kinds & 1) != 0
    if (((isObject ? wrongInObject : colons) & here) != 0) return false
    if (depth == depthWanted) {
      if (isObject) {
        if ((here & colons) != 0 && !readKeys(block, here & colons, openQuotes, marks, opens)) return false
      } else if ((here & commas) != 0 && !readElements(block, here & commas, marks, opens)) return false
    }
    if (next == 0) return true
    left ^= here
    ahead ^= next
    const at = block + <usize>ctz(next)
    const withKeys = (load<u8>(at) & 0x20) != 0
    if ((next & opens) != 0) {
      if (depth == depthMax) return false
      kinds = (kinds << 1) | <u64>withKeys
      const isWanted = depth++ == depthWanted && (isObject ? valueNode : node) != 0
      if (isWanted) {
        if (!open(isObject, withKeys)) return false
        if (!withKeys && !readElement(at, block, marks & ~upTo(next), opens)) return false
      }
    } else {
      if (isObject != withKeys) return false
      kinds >>= 1
      if (depth == depthWanted) close()
      if (--depth == 0) {
        closedAt = at
        return true
      }
    }
  }
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
  kinds = 1
  depth = 0
  depthWanted = 0
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
function wordsAreValid(block: usize, letters: u64, starts: u64): bool {
  // A word that an earlier block ends with has been read there.
  const isInWord = (letters & 1) != 0 && (starts & 1) == 0 && isLetter(load<u8>(block - 1))
  let words = letters & ~((letters << 1) | <u64>isInWord)
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

// @ts-ignore: decorator
@inline function isLetter(code: u8): bool {
  return code > 0x40
}

function open(inObject: bool, opensObject: bool): bool {
  store<i32>(frames, <i32>node)
  store<i32>(frames, membership, 4)
  store<i32>(frames, arrayNumber, 8)
  store<i32>(frames, element, 12)
  frames += frameBytes
  if (inObject) node = valueNode
  else if (!enterElement()) return false
  depthWanted++
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
  depthWanted--
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
