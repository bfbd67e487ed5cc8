/**
 * A DuckDB made beforehand: making one costs ten times a small query, and taking one down holds up everything else. Both
 * happen between queries; each query that reads files has one of its own, which nothing was run in. A query of none may have
 * one that others of none have had: all that they left in it are functions of ours.
 */
import { existsSync } from 'node:fs'
import { stopwatch } from '../../clock.ts'
import { singleton } from '../../delivery/singleton.ts'
import { Database, type OpenSettings, type SqlLimits } from './duckdb.ts'
import { type SpillFolders, spillFolders } from './spillFolders.ts'

/** The answer is on its way by then, and who asks the next query has not read it yet. */
const closedAfterMilliseconds = 10
const usedMax = 4

export class SpareDatabase {
  readonly #limits: SqlLimits
  readonly #spills: SpillFolders
  readonly #spillFolders = new Map<Database, string>()
  /** Locked in with nothing to read, and not in use. */
  #bare: Database | undefined
  #spare: Promise<Database> | undefined
  #used: Database[] = []
  #closing: { cancel(): void } | undefined
  #isClosed = false

  constructor(limits: SqlLimits, spills: SpillFolders) {
    this.#limits = limits
    this.#spills = spills
  }

  /** What is too much for its memory goes to disk, until it is discarded. */
  async open(settings: Pick<OpenSettings, 'folders' | 'isUnordered'>): Promise<Database> {
    const spare = this.#spare ?? Database.create({ limits: this.#limits })
    this.#spare = undefined
    if (this.#used.length <= usedMax) this.#closeLater()
    const database = await spare
    const spillFolder = this.#spills.next()
    this.#spillFolders.set(database, spillFolder)
    await database.lockIn({ ...settings, spillFolder })
    return database
  }

  /** For a query that reads no files and makes no views. */
  async openBare(): Promise<Database> {
    const kept = this.#bare
    this.#bare = undefined
    return kept ?? this.open({ folders: [] })
  }

  /** Of a query that was carried out to its end. One that spilled gives its disk back. */
  keepBare(database: Database): void {
    const hasSpilled = existsSync(this.#spillFolders.get(database) as string)
    if (this.#isClosed || this.#bare || hasSpilled) this.discard(database)
    else this.#bare = database
  }

  /** It is closed a little later, so that whoever waits for the answer has it first. */
  discard(database: Database): void {
    this.#used.push(database)
    if (this.#used.length <= usedMax) this.#closeLater()
  }

  /** Queries that follow one another closely put it off, until too many wait. */
  #closeLater(): void {
    this.#closing?.cancel()
    this.#closing = stopwatch.after(closedAfterMilliseconds, () => this.#closeUsed())
  }

  #closeUsed(): void {
    this.#closing = undefined
    for (const database of this.#used) this.#close(database)
    this.#used = []
  }

  #close(database: Database): void {
    database.close()
    this.#spills.remove(this.#spillFolders.get(database) as string)
    this.#spillFolders.delete(database)
  }

  /** Makes the next. */
  restock(): void {
    if (this.#isClosed || this.#spare) return
    const spare = Database.create({ limits: this.#limits })
    this.#spare = spare
    // Who would have taken it makes another, and is told what is wrong.
    spare.catch(() => {
      if (this.#spare === spare) this.#spare = undefined
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#closing?.cancel()
    if (this.#bare) this.#used.push(this.#bare)
    this.#bare = undefined
    this.#closeUsed()
    const spare = await this.#spare?.catch(() => undefined)
    spare?.close()
  }
}

export const spareDatabase = singleton('spare SQL database', (platform) => {
  const { sqlMemoryMegabytes, sqlThreads } = platform.options
  const limits = { memoryBytesMax: sqlMemoryMegabytes * 2 ** 20, threads: sqlThreads }
  return new SpareDatabase(limits, platform.use(spillFolders))
})
