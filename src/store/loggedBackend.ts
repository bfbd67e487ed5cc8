/**
 * A table behind a log. A batch is on disk once the log has it; it stays in memory, where reads see it, and goes to the
 * table later, with many others: what was written and deleted meanwhile never does.
 *
 * Two generations: `#active` takes new writes. When it is full it becomes `#frozen`, the log goes on in its other file,
 * and the frozen one is written to the table, slice by slice. The last slice says up to which batch the table is
 * complete; from then on that part of the log counts no more. Killed anywhere before, the next start finds both
 * generations in the log, as they were, and goes on from there: it writes nothing before it is ready. What had come into
 * the table is written again: writes are whole values in their order, so that doing them twice changes nothing.
 */
import { join } from 'node:path'
import { type Backend, type ByteRange, lmdbBackend, type Write } from './backend.ts'
import { decodeRecord, encodeRecord } from './encoding.ts'
import { encodeKey } from './keys.ts'
import { type Entry, laidOver } from './laidOver.ts'
import { Log, type LogFiles } from './log.ts'
import { openLogFile } from './logFile.ts'
import { openSegmented } from './loggedSegments.ts'
import { type Recent, RecentWrites } from './recentWrites.ts'
import { segmentFiles } from './segmentFiles.ts'

export interface LogLimits {
  /** Memory of one generation, about. */
  recentBytesMax: number
  /** What one file of the log may hold; one batch more, at most. */
  fileBytesMax: number
}

const defaultLimits: LogLimits = { recentBytesMax: 32 * 2 ** 20, fileBytesMax: 64 * 2 ** 20 }

/** Writes given to the table at once: as many as the event loop can wait for. */
const sliceWritesMax = 1_000
/** So many hidden keys in a row are worth remembering. */
const hiddenRunMin = 32
const hiddenRunsMax = 1_000

/** The last batch that the table holds whole, with all before it. */
const appliedKey = encodeKey(['store/applied'])

/** A folder's own: LMDB behind a log. What may be lost with the process needs no log. */
export async function openBackend(folder: string, { durable }: { durable: boolean }): Promise<Backend> {
  const table = lmdbBackend(folder, { durable })
  return durable ? openLogged(folder, table) : table
}

/** With its segments, which are behind the log as well. */
export async function openDisk(folder: string, { durable }: { durable: boolean }) {
  const table = lmdbBackend(folder, { durable })
  const files = segmentFiles(join(folder, 'segments'), { durable })
  if (!durable) return { backend: table, segmentFiles: files }
  return openSegmented(table, files, (segmented) => openLogged(folder, segmented))
}

async function openLogged(folder: string, table: Backend): Promise<Backend> {
  const files = [await openLogFile(join(folder, 'log-0')), await openLogFile(join(folder, 'log-1'))] as const
  return LoggedBackend.open(table, files)
}

export class LoggedBackend implements Backend {
  readonly #table: Backend
  readonly #log: Log
  readonly #limits: LogLimits
  #active = new RecentWrites()
  #frozen: { writes: RecentWrites; number: number } | undefined
  #applying: Promise<void> | undefined
  /**
   * By the start of a range: up to which key everything in the table is hidden by deletions above it. The head of a busy
   * queue would otherwise be stepped over at each look. Good as long as the table stays as it is.
   */
  readonly #hiddenRuns = new Map<string, string>()

  /** Goes on from where the log ends. Errors: LogBroken. */
  static async open(table: Backend, files: LogFiles, limits: Partial<LogLimits> = {}): Promise<LoggedBackend> {
    const stored = table.get(appliedKey)
    const { log, active, frozen } = await Log.open(files, stored ? decodeRecord<number>(stored) : 0)
    const backend = new LoggedBackend(table, log, { ...defaultLimits, ...limits })
    backend.#active = active
    backend.#frozen = frozen
    // Should it fail, it is tried again when room is needed next.
    if (frozen) backend.#apply().catch(() => undefined)
    return backend
  }

  private constructor(table: Backend, log: Log, limits: LogLimits) {
    this.#table = table
    this.#log = log
    this.#limits = limits
  }

  get(key: string): Uint8Array | undefined {
    const recent = this.#recent(key)
    return recent === undefined ? this.#table.get(key) : (recent ?? undefined)
  }

  *range(wanted: ByteRange): Iterable<Entry<Uint8Array>> {
    const { from, to, reverse = false } = wanted
    const above = this.#above(from, to, reverse)
    yield* above ? laidOver(above, this.#shown(wanted), reverse) : this.#table.range(wanted)
  }

  async write(batch: readonly Write[]): Promise<void> {
    if (this.#active.bytes > this.#limits.recentBytesMax || this.#log.bytes > this.#limits.fileBytesMax) {
      await this.#makeRoom()
    }
    await this.#log.append(batch)
    for (const { key, value } of batch) this.#note(key, value)
  }

  async checkpoint(): Promise<void> {
    if (this.#frozen) await this.#apply()
    if (this.#active.isEmpty) return
    this.#freeze()
    await this.#apply()
  }

  /** Nothing goes to the table first: in the step that empties it, it says that it has all that the log holds. */
  async clear(left: readonly Write[] = []): Promise<void> {
    await this.#applying?.catch(() => undefined)
    await this.#table.clear([{ key: appliedKey, value: encodeRecord(this.#log.number) }, ...left])
    this.#active = new RecentWrites()
    this.#frozen = undefined
    this.#hiddenRuns.clear()
    this.#log.switch()
  }

  async close(): Promise<void> {
    // What the table did not take now lies in the log, where the next start finds it.
    await this.checkpoint().then(
      () => this.#log.clear(),
      () => undefined,
    )
    await this.#log.close()
    await this.#table.close()
  }

  #recent(key: string): Recent | undefined {
    const recent = this.#active.get(key)
    return recent === undefined ? this.#frozen?.writes.get(key) : recent
  }

  #note(key: string, value: Uint8Array | undefined): void {
    if (!value) this.#frozen?.writes.hide(key)
    if (value) this.#active.set(key, value)
    else if (this.#isBelow(key)) this.#active.set(key, null)
    else this.#active.forget(key)
  }

  /** Whether a generation or the table under the active one has it, so that a deletion must be kept to hide it. */
  #isBelow(key: string): boolean {
    const frozen = this.#frozen?.writes.get(key)
    return frozen === undefined ? this.#table.get(key) !== undefined : frozen !== null
  }

  /** Waits until the generation before this one is in the table; that it could not go there is no excuse to grow. */
  async #makeRoom(): Promise<void> {
    if (this.#frozen) await this.#apply()
    this.#freeze()
    // Should it fail, it is tried again when room is needed next.
    this.#apply().catch(() => undefined)
  }

  #freeze(): void {
    this.#frozen = { writes: this.#active, number: this.#log.number }
    this.#active = new RecentWrites()
    this.#log.switch()
  }

  #apply(): Promise<void> {
    this.#applying ??= this.#writeFrozen().finally(() => {
      this.#applying = undefined
    })
    return this.#applying
  }

  async #writeFrozen(): Promise<void> {
    const { frozen } = { frozen: this.#frozen }
    if (!frozen) return
    let slice: Write[] = []
    for (const [key, value] of frozen.writes.entries()) {
      slice.push({ key, value: value ?? undefined })
      if (slice.length < sliceWritesMax) continue
      await this.#writeSlice(slice)
      slice = []
    }
    await this.#writeSlice([...slice, { key: appliedKey, value: encodeRecord(frozen.number) }])
    this.#frozen = undefined
    this.#hiddenRuns.clear()
  }

  /** In order, so that writes that belong together meet the same pages. */
  async #writeSlice(slice: Write[]): Promise<void> {
    await this.#table.write(slice.sort((a, b) => (isBefore(a.key, b.key) ? -1 : 1)))
  }

  /** What both generations have, in order; undefined where they know nothing. */
  #above(from: string, to: string, reverse: boolean): Iterable<Entry<Uint8Array>> | undefined {
    const active = this.#active.range(from, to, reverse)
    const frozen = this.#frozen?.writes.range(from, to, reverse)
    return active && frozen ? laidOver(active, this.#notDeleted(frozen), reverse) : (active ?? frozen)
  }

  /** Of the frozen generation: its order knows only the deletions that came since it was made (`hide`). */
  *#notDeleted(frozen: Iterable<Entry<Uint8Array>>): Iterable<Entry<Uint8Array>> {
    for (const entry of frozen) if (this.#active.get(entry[0]) !== null) yield entry
  }

  /**
   * What the table has and no deletion above it hides. What is written anew above it is among it: a reader who wants the
   * first of thousands such would wait for the last.
   */
  *#shown({ from, to, reverse }: ByteRange): Iterable<Entry<Uint8Array>> {
    const hiddenTo = reverse ? undefined : this.#hiddenRuns.get(from)
    const start = hiddenTo === undefined ? from : `${hiddenTo}\0`
    if (start >= to) return
    let run = hiddenTo === undefined ? 0 : hiddenRunMin
    for (const entry of this.#table.range({ from: start, to, reverse })) {
      if (this.#recent(entry[0]) !== null) {
        run = Number.NEGATIVE_INFINITY
        yield entry
      } else if (++run >= hiddenRunMin && !reverse) {
        if (this.#hiddenRuns.size >= hiddenRunsMax) this.#hiddenRuns.clear()
        this.#hiddenRuns.set(from, entry[0])
      }
    }
  }
}

const isBefore = (a: string, b: string) => a < b
