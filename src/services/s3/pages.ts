/** One page of a listing in key order, in which keys that share a beginning up to a delimiter are rolled into one. */
import { InvalidArgument } from './errors.ts'

export interface PageRequest<T> {
  prefix: string
  delimiter: string
  entriesMax: number
  /** What comes at `from` (a key, included) and after; at the very beginning without it. */
  entries(from: string | undefined): Iterable<T>
  keyOf(entry: T): string
  /** A common prefix that an earlier page ended with: what it rolls up is behind us. */
  skippedPrefix?: string
}

export interface Page<T> {
  entries: T[]
  prefixes: string[]
  truncated: boolean
  /** What the page ends with: the marker for the next. */
  last: { entry: T } | { prefix: string } | undefined
}

/** Greater than any character that may follow a common prefix, so that a seek jumps over all that it rolls up. */
const afterAll = '\u{10FFFF}'

export function collectPage<T>(request: PageRequest<T>): Page<T> {
  const page: Page<T> = { entries: [], prefixes: [], truncated: false, last: undefined }
  if (request.entriesMax === 0) return page
  let rolled = request.skippedPrefix
  let from = rolled === undefined ? undefined : rolled + afterAll
  for (;;) {
    const jumped = takeUntilRolled(request, page, { from, rolled })
    if (jumped === undefined) return page
    rolled = jumped
    from = jumped + afterAll
  }
}

/** Answers the common prefix to jump over, or nothing when the page is full or the keys are at an end. */
function takeUntilRolled<T>(
  request: PageRequest<T>,
  page: Page<T>,
  { from, rolled }: { from: string | undefined; rolled: string | undefined },
): string | undefined {
  for (const entry of request.entries(from)) {
    const key = request.keyOf(entry)
    const common = commonPrefix(key, request)
    if (common !== undefined && common === rolled) continue
    if (page.entries.length + page.prefixes.length === request.entriesMax) {
      page.truncated = true
      return undefined
    }
    if (common === undefined) {
      page.entries.push(entry)
      page.last = { entry }
    } else {
      page.prefixes.push(common)
      page.last = { prefix: common }
      return common
    }
  }
  return undefined
}

function commonPrefix(key: string, { prefix, delimiter }: { prefix: string; delimiter: string }): string | undefined {
  if (delimiter === '') return undefined
  const end = key.indexOf(delimiter, prefix.length)
  return end < 0 ? undefined : key.slice(0, end + delimiter.length)
}

export const pageEntriesMax = 1000

export function entriesMaxFrom(wanted: number | undefined, name: string): number {
  if (wanted === undefined) return pageEntriesMax
  if (wanted < 0 || wanted > 2_147_483_647) {
    throw InvalidArgument(`Argument ${name} must be an integer between 0 and 2147483647`, name, wanted)
  }
  return Math.min(wanted, pageEntriesMax)
}

/** S3's order: by the bytes of UTF-8, which differs from JavaScript's where keys leave the basic plane. */
export function compareKeys(a: string, b: string): number {
  if (a === b) return 0
  const [first, second] = [Buffer.from(a), Buffer.from(b)]
  return Buffer.compare(first, second)
}
