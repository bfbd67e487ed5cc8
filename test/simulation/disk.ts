/**
 * A disk that forgets what was not synced. It lives longer than the servers that use it: after a crash the next server
 * finds what had been synced, and of what was being written all, nothing or a part: a batch of the table is there or not
 * at all (that is LMDB's promise); of a write into the log any of its sectors may be.
 */

import type { Random } from '../../src/clock.ts'
import type { Backend, ByteRange, Write } from '../../src/store/backend.ts'
import type { LogFiles } from '../../src/store/log.ts'
import type { LogFile } from '../../src/store/logFile.ts'
import { LoggedBackend, type LogLimits } from '../../src/store/loggedBackend.ts'
import { openSegmented } from '../../src/store/loggedSegments.ts'
import type { SegmentFiles } from '../../src/store/segmentFiles.ts'

/** Turns of the event loop that a sync may take. */
const syncTurnsMax = 4
/** What a disk writes whole. */
const sectorBytes = 512

export class SimulatedDisk {
  readonly #table = new SimulatedTable()
  readonly #files = [new SimulatedFile(), new SimulatedFile()] as const
  readonly #random: Random
  #life = 0
  readonly #underWay = new Set<(fraction: () => number) => void>()
  /** Writes that were begun, into the log or the table. */
  writes = 0
  /** The power goes during this one. */
  crashAt = Number.POSITIVE_INFINITY

  constructor(random: Random) {
    this.#random = random
  }

  /** What the next server opens. Small limits let the log and the table take turns often. */
  backend(limits: Partial<LogLimits> = { recentBytesMax: 20_000, fileBytesMax: 40_000 }): Promise<Backend> {
    const { table, files } = this.parts()
    return LoggedBackend.open(table, files, limits)
  }

  /** With segment files, which lie behind the same log. */
  async segmented(files: SegmentFiles, limits: Partial<LogLimits> = { recentBytesMax: 20_000, fileBytesMax: 40_000 }) {
    const { table, files: logFiles } = this.parts()
    return openSegmented(table, files, (below) => LoggedBackend.open(below, logFiles, limits))
  }

  /** The same in parts. */
  parts(): { table: Backend; files: LogFiles } {
    const life = ++this.#life
    const during = (reached: (fraction: () => number) => void, whole: () => void) => this.#during(life, reached, whole)
    const table: Backend = {
      get: (key) => this.#table.get(key),
      range: (range) => this.#table.range(range),
      write: (batch) => {
        const apply = () => this.#table.apply(batch)
        return during((fraction) => fraction() < 0.5 && apply(), apply)
      },
      clear: (left = []) => {
        const apply = () => {
          this.#table.clear()
          this.#table.apply(left)
        }
        return during((fraction) => fraction() < 0.5 && apply(), apply)
      },
      checkpoint: async () => undefined,
      close: async () => undefined,
    }
    const [first, second] = this.#files
    return { table, files: [first.opened(during), second.opened(during)] }
  }

  /** The power goes; the server never hears of what was under way. */
  crash(): void {
    for (const reached of this.#underWay) reached(() => this.#random.fraction())
    this.#underWay.clear()
    this.#life++
  }

  async #during(life: number, reached: (fraction: () => number) => void, whole: () => void): Promise<void> {
    // A server that was killed waits for ever.
    if (life !== this.#life) return new Promise(() => undefined)
    this.#underWay.add(reached)
    if (++this.writes === this.crashAt) this.crash()
    const turns = Math.floor(this.#random.fraction() * syncTurnsMax)
    for (let turn = 0; turn <= turns; turn++) await new Promise((resolve) => setImmediate(resolve))
    if (life !== this.#life) return new Promise(() => undefined)
    this.#underWay.delete(reached)
    whole()
  }
}

type During = (reached: (fraction: () => number) => void, whole: () => void) => Promise<void>

class SimulatedFile {
  #bytes = Buffer.alloc(0)

  opened(during: During): LogFile {
    return {
      read: async () => Buffer.from(this.#bytes),
      write: (bytes, at) => {
        // The writer may use its buffer again.
        const copy = Buffer.from(bytes)
        return during(
          (fraction) => this.#tear(copy, at, fraction),
          () => this.#put(copy, at),
        )
      },
      cut: (at) => {
        const cut = () => {
          this.#bytes = Buffer.from(this.#bytes.subarray(0, at))
        }
        return during((fraction) => fraction() < 0.5 && cut(), cut)
      },
      close: async () => undefined,
    }
  }

  #put(bytes: Buffer, at: number): void {
    if (this.#bytes.length < at + bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(at + bytes.length - this.#bytes.length)])
    }
    bytes.copy(this.#bytes, at)
  }

  /** All of it, its beginning, any of its sectors, or nothing. */
  #tear(bytes: Buffer, at: number, fraction: () => number): void {
    const kind = fraction()
    if (kind < 0.5) {
      const reached = kind < 0.25 ? bytes.length : Math.floor(fraction() * bytes.length)
      this.#put(bytes.subarray(0, reached), at)
    } else if (kind < 0.75) {
      for (let start = 0; start < bytes.length; start += sectorBytes) {
        if (fraction() < 0.5) this.#put(bytes.subarray(start, start + sectorBytes), at + start)
      }
    }
  }
}

class SimulatedTable {
  readonly #records = new Map<string, Uint8Array>()
  /** Never changed in place, for a range may be under way. */
  #sorted: readonly string[] = []

  get(key: string): Uint8Array | undefined {
    return this.#records.get(key)
  }

  apply(batch: readonly Write[]): void {
    const records = this.#records
    const before = new Map(batch.map(({ key }) => [key, records.has(key)]))
    for (const { key, value } of batch) {
      if (value) records.set(key, value)
      else records.delete(key)
    }
    const added = [...before.keys()].filter((key) => !before.get(key) && records.has(key))
    const isOneGone = [...before.keys()].some((key) => before.get(key) && !records.has(key))
    const left = isOneGone ? this.#sorted.filter((key) => records.has(key)) : this.#sorted
    this.#sorted = added.length > 0 ? merged(left, added.sort()) : left
  }

  clear(): void {
    this.#records.clear()
    this.#sorted = []
  }

  *range({ from, to, reverse }: ByteRange): Iterable<[string, Uint8Array]> {
    const keys = this.#sorted
    const [first, end] = [lowerBound(keys, from), lowerBound(keys, to)]
    for (let step = 0; step < end - first; step++) {
      const key = keys[reverse ? end - 1 - step : first + step] as string
      const value = this.#records.get(key)
      if (value) yield [key, value]
    }
  }
}

/** Of two lists in order. */
function merged(left: readonly string[], right: readonly string[]): string[] {
  const all: string[] = []
  let at = 0
  for (const key of right) {
    while (at < left.length && (left[at] as string) < key) all.push(left[at++] as string)
    all.push(key)
  }
  while (at < left.length) all.push(left[at++] as string)
  return all
}

function lowerBound(keys: readonly string[], wanted: string): number {
  let [low, high] = [0, keys.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((keys[middle] as string) < wanted) low = middle + 1
    else high = middle
  }
  return low
}
