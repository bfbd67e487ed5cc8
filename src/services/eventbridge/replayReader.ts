/**
 * Reads an archive in the order of a replay: by the minute of the event's time, within a minute as the events came. It
 * looks at as many blocks as can hold the next few thousand events and keeps those alone, so memory is bounded however
 * large the archive and however mixed its times. It holds nothing that matters: a cursor tells where to go on.
 */
import type { Millis } from '../../clock.ts'
import type { Entry } from '../../store/segmentEntries.ts'
import { type Block, isBefore, type Position, type Segments } from '../../store/segments.ts'

/** The last event that was replayed. */
export interface Cursor extends Position {
  minute: number
}

export interface ArchivedEvent extends Cursor {
  /** The event's own time. */
  at: Millis
  /** When it came in. */
  appendedAt: Millis
  json: string
}

/** Which of a log's events. */
export interface ReplayWindow {
  log: string
  start: Millis
  /** Exclusive. */
  end: Millis
  /** What was archived later is not replayed. */
  upTo: Position
}

/** What is kept in memory, of events and of their bytes. */
const gatheredMax = 4_096
const gatheredBytesMax = 8 * 2 ** 20

export class ReplayReader {
  /** After which event the next answer begins. */
  cursor: Cursor | undefined
  readonly #segments: Segments
  readonly #window: ReplayWindow
  /** Those that may hold more, by the earliest event that they may hold. */
  #blocks: Block[]
  /** In order, the next last: taken by `pop`. */
  #gathered: ArchivedEvent[] = []

  constructor(segments: Segments, window: ReplayWindow, cursor: Cursor | undefined) {
    this.#segments = segments
    this.#window = window
    this.cursor = cursor
    this.#blocks = [...segments.blocks(window.log)]
      .filter((block) => block.to >= window.start && block.from < window.end && isBefore(block, window.upTo))
      .sort((a, b) => compare(startOf(a), startOf(b)))
  }

  /** The next events; fewer than `eventsMax` where a few are large; none at the end. */
  async next({ eventsMax, bytesMax }: { eventsMax: number; bytesMax: number }): Promise<ArchivedEvent[]> {
    if (this.#gathered.length === 0) await this.#gather()
    const events: ArchivedEvent[] = []
    let bytes = 0
    while (events.length < eventsMax && bytes < bytesMax) {
      const event = this.#gathered.pop()
      if (!event) break
      events.push(event)
      bytes += event.json.length
    }
    const last = events.at(-1)
    if (last) this.cursor = { minute: last.minute, segment: last.segment, offset: last.offset }
    return events
  }

  async #gather(): Promise<void> {
    this.#blocks = this.#blocks.filter((block) => !this.#isDone(block))
    let gathered: ArchivedEvent[] = []
    let bytes = 0
    let last: Cursor | undefined
    for (const block of this.#blocks) {
      if (last && compare(startOf(block), last) > 0) break
      for (const entry of await this.#segments.entries(block)) {
        const place = { minute: minuteOf(entry.at), segment: block.segment, offset: entry.offset }
        if (!this.#isWanted(entry, place) || (last && compare(place, last) > 0)) continue
        gathered.push({
          ...place,
          at: entry.at,
          appendedAt: entry.appendedAt,
          json: textOf(entry.body),
        })
        bytes += entry.body.length
      }
      if (gathered.length <= gatheredMax && bytes <= gatheredBytesMax) continue
      gathered = firstOf(gathered)
      bytes = gathered.reduce((sum, { json }) => sum + json.length, 0)
      last = gathered.at(-1)
    }
    this.#gathered = gathered.sort(compare).reverse()
  }

  #isWanted({ at }: Entry, place: Cursor): boolean {
    const { start, end, upTo } = this.#window
    return at >= start && at < end && isBefore(place, upTo) && (!this.cursor || compare(place, this.cursor) > 0)
  }

  /** Nothing in it comes after the cursor. */
  #isDone(block: Block): boolean {
    if (!this.cursor) return false
    const end = { minute: minuteOf(block.to), segment: block.segment, offset: block.offset + block.bytes }
    return compare(end, this.cursor) <= 0
  }
}

function textOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString()
}

export function minuteOf(at: Millis): number {
  return Math.floor(at / 60_000)
}

/** As many of the first as may be kept, one at least. */
function firstOf(events: ArchivedEvent[]): ArchivedEvent[] {
  events.sort(compare)
  let bytes = 0
  let count = 0
  while (count < Math.min(events.length, gatheredMax) && (count === 0 || bytes < gatheredBytesMax)) {
    bytes += (events[count] as ArchivedEvent).json.length
    count++
  }
  return events.slice(0, count)
}

function startOf(block: Block): Cursor {
  return { minute: minuteOf(block.from), segment: block.segment, offset: block.offset }
}

function compare(a: Cursor, b: Cursor): number {
  return a.minute - b.minute || a.segment - b.segment || a.offset - b.offset
}
