/**
 * A DuckDB made beforehand: making one costs ten times a small query, and so does taking one down. Both happen between
 * queries; each query has one of its own, which nothing was run in.
 */
import { stopwatch } from '../../clock.ts'
import { singleton } from '../../delivery/singleton.ts'
import { Database, type OpenSettings, type SqlLimits } from './duckdb.ts'
import { type SpillFolders, spillFolders } from './spillFolders.ts'

const closedAfterMilliseconds = 100
const usedMax = 4

export class SpareDatabase {
  readonly #limits: SqlLimits
  readonly #spills: SpillFolders
  readonly #spillFolders = new Map<Database, string>()
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
    const database = await spare
    const spillFolder = this.#spills.next()
    this.#spillFolders.set(database, spillFolder)
    await database.lockIn({ ...settings, spillFolder })
    return database
  }

  /** It is closed a little later, so that whoever waits for the answer has it first. */
  discard(database: Database): void {
    this.#used.push(database)
    if (this.#used.length > usedMax) this.#close(this.#used.shift() as Database)
    this.#closing ??= stopwatch.after(closedAfterMilliseconds, () => this.#closeUsed())
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
