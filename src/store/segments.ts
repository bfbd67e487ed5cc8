/**
 * Logs of entries, appended by commits and never changed: event archives, ingested log lines. A log is a run of segment
 * files. Its entries are held with the transaction, laid out when its callback has returned, and on disk before the
 * batch of records that tells of them; so the records are the truth, and bytes that no record knows of are nothing.
 *
 * One record a log says where its next entry goes; blocks of entries, a record each, are its sparse index: where they
 * lie, and from when to when they are. A commit costs one record a log, however many entries it appends.
 */
import type { Millis } from '../clock.ts'
import type { Write } from './backend.ts'
import { type Collection, collection, type WritableRecords } from './collection.ts'
import {
  bodyBytes,
  decodeEntries,
  type Entry,
  encodeEntries,
  headBytes,
  type NewEntry,
  type SizedEntry,
} from './segmentEntries.ts'
import type { SegmentFiles, SegmentLimits, SegmentWrite } from './segmentFiles.ts'
import type { Store } from './store.ts'
import type { Gatherer, Transaction } from './transaction.ts'

/** Entries that lie one after the other in one segment. */
export interface Block {
  log: string
  segment: number
  offset: number
  bytes: number
  entries: number
  /** Without their heads. */
  bodyBytes: number
  /** The times of its entries, the earliest and the latest. */
  from: Millis
  to: Millis
  appendedFrom: Millis
  appendedTo: Millis
}

export interface Log {
  /** Also its files' name: letters, digits, `-`, `_` and `.`. A log that was dropped does not come again. */
  name: string
  /** All that are there. */
  entries: number
  bodyBytes: number
  /** Its bytes go by the store's log (loggedSegments.ts): from its first entry on, or never. */
  brief?: true
  /** The newest block, still growing; absent: the next entry begins a segment. */
  open?: Block
  nextSegment: number
}

/** Where an entry lies; entries of one log are in the order in which they were appended. */
export interface Position {
  segment: number
  offset: number
}

export function isBefore(a: Position, b: Position): boolean {
  return a.segment < b.segment || (a.segment === b.segment && a.offset < b.offset)
}

export const logs = collection<Log>('segments/logs', {
  version: 1,
  scope: 'global',
  key: (log) => [log.name],
  kept: true,
})
/** The blocks that grow no more. */
export const closedBlocks = collection<Block>('segments/blocks', {
  version: 1,
  scope: 'global',
  key: (block) => [block.log, block.segment, block.offset],
})

export const segmentLimits: SegmentLimits = { segmentBytesMax: 64 * 2 ** 20, blockBytesMax: 256 * 2 ** 10 }
/** So that what is forgotten by time is not kept for the sake of entries that came much later. */
const blockMillisMax = 10 * 60_000
/** Blocks that one commit forgets. */
const trimmedAtOnceMax = 1_000

const anywhere = { account: '', region: '' }

/** The part of a transaction that logs need. */
export interface LogTransaction {
  in<R>(collection: Collection<R>): WritableRecords<R>
  /** Called once the commit is on disk. */
  afterCommit(call: () => void): void
}

/** Where an entry lies, and how long it is with its head: enough to read it again. */
export type Placement = Pick<Block, 'segment' | 'offset' | 'bytes'>

/** What a transaction gathers for `Segments`. */
export interface Append {
  log: string
  entry: NewEntry
  /** Said of a log's first entry, all of it goes by the store's log: for entries that are small and come often. */
  brief?: true | undefined
  /** Called when the entry has its place, while the commit can still be written to: for an index of one's own. */
  placed?: ((place: Placement) => void) | undefined
}

export class Segments implements Gatherer<Append> {
  readonly #store: Store
  readonly #files: SegmentFiles
  readonly #limits: SegmentLimits
  readonly #removals = new Set<Promise<void>>()

  constructor(store: Store, files: SegmentFiles) {
    this.#store = store
    this.#files = files
    this.#limits = files.limits ?? segmentLimits
  }

  /** Gives a commit's entries their places, and says it in its records. */
  write(transaction: Transaction, gathered: readonly Append[]): void {
    const byLog = new Map<string, Append[]>()
    for (const append of gathered) {
      const others = byLog.get(append.log)
      if (others) others.push(append)
      else byLog.set(append.log, [append])
    }
    const records = transaction.in(logs, anywhere)
    for (const [name, appends] of byLog) {
      const log = copyOf(records.get(name)) ?? newLog(name, appends)
      const closed = transaction.in(closedBlocks, anywhere)
      transaction.segmentWrites.push(...appended(log, appends, this.#limits, (block) => closed.put(block)))
      records.put(log)
    }
  }

  /** Resolves when they are on disk, with what the log is to write for the others, together with the records that tell of them. */
  async sync(writes: readonly SegmentWrite[]): Promise<Write[]> {
    const { inLog } = this.#files
    const own = inLog ? writes.filter(({ brief }) => !brief) : writes
    if (own.length > 0) await this.#files.write(own)
    return inLog ? inLog(writes.filter(({ brief }) => brief)) : []
  }

  /** What is on disk; undefined where nothing was ever appended. */
  get(name: string): Log | undefined {
    return this.#store.in(logs, anywhere).get(name)
  }

  /** Where the next entry goes, as the commit sees it. */
  end(tx: Pick<LogTransaction, 'in'>, name: string): Position {
    const { open, nextSegment = 0 } = tx.in(logs).get(name) ?? {}
    return open ? { segment: open.segment, offset: open.offset + open.bytes } : { segment: nextSegment, offset: 0 }
  }

  /** The blocks that are on disk, the first first. */
  *blocks(name: string): Iterable<Block> {
    yield* this.#store.in(closedBlocks, anywhere).list({ prefix: [name] })
    const open = this.get(name)?.open
    if (open) yield open
  }

  /**
   * The entries of a block, or of a part of it; none where it was forgotten meanwhile. They lie in the memory that is
   * given, if any is. Errors: SegmentDamaged.
   */
  async entries(block: Placement & Pick<Block, 'log'>, into?: Buffer): Promise<Entry[]> {
    try {
      const bytes = await this.#files.read(fileOf(block.log, block.segment), block.offset, block.bytes, into)
      return [...decodeEntries(bytes, block.offset)]
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }

  /** All entries in order, a block in memory at a time. */
  async *read(name: string): AsyncIterable<Entry> {
    for (const block of this.blocks(name)) yield* await this.entries(block)
  }

  /**
   * Forgets the blocks whose entries were all appended before `before`, a bounded number of them, and their files with
   * the commit. Answers when the first block that stays was appended to last; undefined where none stays.
   */
  trim(tx: LogTransaction, name: string, before: Millis): Millis | undefined {
    const log = copyOf(tx.in(logs).get(name))
    if (!log) return undefined
    const blocks = tx.in(closedBlocks)
    let forgotten = 0
    let first: Block | undefined
    for (const block of [...blocks.list({ prefix: [name], limit: trimmedAtOnceMax + 1 })]) {
      first = block
      if (block.appendedTo >= before || forgotten === trimmedAtOnceMax) break
      blocks.delete(name, block.segment, block.offset)
      forget(log, block)
      forgotten++
      first = undefined
    }
    first ??= log.open
    if (first && first === log.open && first.appendedTo < before) {
      forget(log, first)
      log.nextSegment = first.segment + 1
      delete log.open
      first = undefined
    }
    tx.in(logs).put(log)
    const firstSegment = first?.segment ?? log.nextSegment
    if (forgotten > 0 || !first) tx.afterCommit(() => this.#removeBefore(name, firstSegment))
    return first?.appendedTo
  }

  /** When the first block that is there was appended to last. */
  firstWritten(tx: Pick<LogTransaction, 'in'>, name: string): Millis | undefined {
    return (tx.in(closedBlocks).first({ prefix: [name] }) ?? tx.in(logs).get(name)?.open)?.appendedTo
  }

  /** Ends a log in this commit. */
  drop(tx: LogTransaction, name: string): void {
    for (const { segment, offset } of [...tx.in(closedBlocks).list({ prefix: [name] })]) {
      tx.in(closedBlocks).delete(name, segment, offset)
    }
    tx.in(logs).delete(name)
    tx.afterCommit(() => this.#removeBefore(name, Number.POSITIVE_INFINITY))
  }

  /** Removes the files that no record refers to: what a crash left. Only while nothing is written. */
  async sweep(): Promise<void> {
    for (const file of await this.#files.list()) {
      const { log: name, segment } = partsOf(file)
      const log = this.get(name)
      const first = this.#store.in(closedBlocks, anywhere).first({ prefix: [name] })?.segment ?? log?.open?.segment
      const last = log?.open?.segment
      if (first === undefined || last === undefined || segment < first || segment > last) await this.#files.remove(file)
    }
  }

  async clear(): Promise<void> {
    await Promise.all(this.#removals)
    await this.#files.clear()
  }

  /** The files; the records are the store's. */
  async closeFiles(): Promise<void> {
    await Promise.all(this.#removals)
    await this.#files.close()
  }

  /** A file that cannot be removed now is swept at the next start. */
  #removeBefore(name: string, segment: number): void {
    const removal = this.#files
      .list()
      .then(async (files) => {
        for (const file of files) {
          const parts = partsOf(file)
          if (parts.log === name && parts.segment < segment) await this.#files.remove(file)
        }
      })
      .catch(() => undefined)
    this.#removals.add(removal)
    void removal.then(() => this.#removals.delete(removal))
  }
}

/** To be changed: the record is everyone's. */
function copyOf(log: Log | undefined): Log | undefined {
  return log && { ...log, ...(log.open && { open: { ...log.open } }) }
}

function newLog(name: string, [first]: readonly Append[]): Log {
  return { name, entries: 0, bodyBytes: 0, nextSegment: 0, ...(first?.brief && { brief: true }) }
}

function appended(
  log: Log,
  appends: readonly Append[],
  limits: SegmentLimits,
  close: (block: Block) => void,
): SegmentWrite[] {
  const writes: SegmentWrite[] = []
  let run = { segment: -1, offset: 0, entries: [] as SizedEntry[] }
  const endRun = () => {
    const { segment, offset, entries } = run
    if (entries.length > 0)
      writes.push({ file: fileOf(log.name, segment), offset, bytes: encodeEntries(entries), brief: log.brief })
  }
  for (const { entry, placed } of appends) {
    let block = log.open
    if (!block || isFull(block, entry, limits)) {
      if (block) close(block)
      block = nextBlock(log, entry, limits)
      log.open = block
    }
    if (block.segment !== run.segment) {
      endRun()
      run = { segment: block.segment, offset: block.offset + block.bytes, entries: [] }
    }
    const sized = { entry, bytes: bodyBytes(entry) }
    run.entries.push(sized)
    const offset = block.offset + block.bytes
    grow(log, block, sized)
    placed?.({ segment: block.segment, offset, bytes: block.offset + block.bytes - offset })
  }
  endRun()
  return writes
}

function isFull(block: Block, { appendedAt }: NewEntry, { blockBytesMax }: SegmentLimits): boolean {
  return block.bytes >= blockBytesMax || appendedAt - block.appendedFrom >= blockMillisMax
}

function nextBlock(log: Log, { at, appendedAt }: NewEntry, { segmentBytesMax }: SegmentLimits): Block {
  const end = log.open ? log.open.offset + log.open.bytes : segmentBytesMax
  const rolls = end >= segmentBytesMax
  const segment = log.open && !rolls ? log.open.segment : log.nextSegment
  log.nextSegment = segment + 1
  return {
    log: log.name,
    segment,
    offset: rolls ? 0 : end,
    bytes: 0,
    entries: 0,
    bodyBytes: 0,
    from: at,
    to: at,
    appendedFrom: appendedAt,
    appendedTo: appendedAt,
  }
}

function grow(log: Log, block: Block, { entry, bytes }: SizedEntry): void {
  block.bytes += headBytes + bytes
  block.bodyBytes += bytes
  block.entries++
  block.from = Math.min(block.from, entry.at)
  block.to = Math.max(block.to, entry.at)
  block.appendedTo = Math.max(block.appendedTo, entry.appendedAt)
  log.entries++
  log.bodyBytes += bytes
}

function forget(log: Log, block: Block): void {
  log.entries -= block.entries
  log.bodyBytes -= block.bodyBytes
}

/** `archive-1a2b.7` */
function fileOf(log: string, segment: number): string {
  return `${log}.${segment}`
}

function partsOf(file: string): { log: string; segment: number } {
  const dot = file.lastIndexOf('.')
  return { log: file.slice(0, dot), segment: Number(file.slice(dot + 1)) }
}
