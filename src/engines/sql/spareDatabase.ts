/**
 * A DuckDB made beforehand: making one costs ten times a small query, and so does taking one down. Both happen between
 * queries; each query has one of its own, which nothing was run in.
 */
import { stopwatch } from '../../clock.ts'
import { singleton } from '../../delivery/singleton.ts'
import { Database, type OpenSettings, type SqlLimits } from './duckdb.ts'

const closedAfterMilliseconds = 100
const usedMax = 4

export class SpareDatabase {
  readonly #limits: SqlLimits
  #spare: Promise<Database> | undefined
  #used: Database[] = []
  #closing: { cancel(): void } | undefined
  #isClosed = false

  constructor(limits: SqlLimits) {
    this.#limits = limits
  }

  async open(settings: Pick<OpenSettings, 'folders' | 'spillFolder' | 'isUnordered'>): Promise<Database> {
    const spare = this.#spare ?? Database.create({ limits: this.#limits })
    this.#spare = undefined
    const database = await spare
    await database.lockIn(settings)
    return database
  }

  /** It is closed a little later, so that whoever waits for the answer has it first. */
  discard(database: Database): void {
    this.#used.push(database)
    if (this.#used.length > usedMax) this.#used.shift()?.close()
    this.#closing ??= stopwatch.after(closedAfterMilliseconds, () => this.#closeUsed())
  }

  #closeUsed(): void {
    this.#closing = undefined
    for (const database of this.#used) database.close()
    this.#used = []
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

export const spareDatabase = singleton(
  'spare SQL database',
  ({ options }) =>
    new SpareDatabase({ memoryBytesMax: options.sqlMemoryMegabytes * 2 ** 20, threads: options.sqlThreads }),
)
