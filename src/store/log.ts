/**
 * The write-ahead log: batches one after the other, each on disk before the next is begun. It lies in two files that take
 * turns: while the batches of one go to the table, the next are written into the other.
 *
 * A write that failed may have left anything. What it left is cut off, on disk, before anything else is written: a batch
 * that was reported as refused must not come back under later ones that never saw it. The same holds of what a crash tore.
 */
import type { Write } from './backend.ts'
import type { LogFile } from './logFile.ts'
import { RecordEncoder, recordsIn } from './logRecord.ts'
import { RecentWrites } from './recentWrites.ts'

export type LogFiles = readonly [LogFile, LogFile]

/** The log cannot be whole: something in its middle is not as it was written. */
export class LogBroken extends Error {}

/** What one file holds that the table does not have. */
interface Left {
  file: LogFile
  writes: RecentWrites
  /** Of its batches. */
  numbers: number[]
  /** Behind the last of them. */
  bytes: number
}

export class Log {
  /** The latest batch that is on disk. */
  number: number
  /** Written into the file whose turn it is. */
  bytes = 0
  readonly #files: LogFiles
  readonly #encoder = new RecordEncoder()
  #turn = 0
  /** What a failed write or a crash left behind `at`, until it is cut off. */
  #torn: { file: LogFile; at: number } | undefined

  /**
   * Answers also what the batches after `applied` wrote: those of the file whose turn it was, and those before them, which
   * were on their way to the table. What a crash tore is left out: nobody was told that it is there. Writes nothing.
   */
  static async open(
    files: LogFiles,
    applied: number,
  ): Promise<{ log: Log; active: RecentWrites; frozen: { writes: RecentWrites; number: number } | undefined }> {
    const left: Left[] = []
    for (const file of files) left.push(await leftIn(file, applied))
    const [older, newer] = left.filter(({ numbers }) => numbers.length > 0).sort((a, b) => firstOf(a) - firstOf(b))
    const numbers = [...(older?.numbers ?? []), ...(newer?.numbers ?? [])]
    mustBeWhole(numbers, applied)
    const log = new Log(files, applied + numbers.length)
    const latest = newer ?? older
    if (latest) log.#goOn(latest)
    const frozen = newer && older && { writes: older.writes, number: older.numbers.at(-1) ?? applied }
    return { log, active: latest?.writes ?? new RecentWrites(), frozen }
  }

  private constructor(files: LogFiles, number: number) {
    this.#files = files
    this.number = number
  }

  #goOn({ file, bytes }: Left): void {
    this.#turn = this.#files.indexOf(file)
    this.bytes = bytes
    this.#torn = { file, at: bytes }
  }

  /** On disk when it resolves. Errors: the disk's; then the batch is not there. */
  async append(writes: readonly Write[]): Promise<void> {
    await this.#cutTorn()
    const file = this.#files[this.#turn] as LogFile
    const record = this.#encoder.encode(this.number + 1, writes)
    try {
      await file.write(record, this.bytes)
    } catch (error) {
      this.#torn = { file, at: this.bytes }
      // If it cannot be cut now, the next write will have to.
      await this.#cutTorn().catch(() => undefined)
      throw error
    }
    this.bytes += record.length
    this.number++
  }

  /** The other file's turn: all that it holds is in the table. */
  switch(): void {
    this.#turn = 1 - this.#turn
    this.bytes = 0
  }

  /** Forgets everything: all of it is in the table. */
  async clear(): Promise<void> {
    for (const file of this.#files) await file.cut(0)
    this.#torn = undefined
    this.bytes = 0
  }

  async close(): Promise<void> {
    for (const file of this.#files) await file.close()
  }

  async #cutTorn(): Promise<void> {
    if (!this.#torn) return
    await this.#torn.file.cut(this.#torn.at)
    this.#torn = undefined
  }
}

const firstOf = ({ numbers }: Left): number => numbers[0] ?? 0

/** Values are copied: each would hold the whole file in memory. */
async function leftIn(file: LogFile, applied: number): Promise<Left> {
  const left: Left = { file, writes: new RecentWrites(), numbers: [], bytes: 0 }
  for (const { number, writes, end } of recordsIn(await file.read(), applied)) {
    for (const { key, value } of writes) left.writes.set(key, value ? Buffer.from(value) : null)
    left.numbers.push(number)
    left.bytes = end
  }
  return left
}

/** Errors: LogBroken. */
function mustBeWhole(numbers: readonly number[], applied: number): void {
  for (const [index, number] of numbers.entries()) {
    const wanted = applied + 1 + index
    if (number === wanted) continue
    throw new LogBroken(
      `The log of the data folder is damaged: batch ${wanted} cannot be read, but batch ${number} after it can. Nothing was changed.`,
    )
  }
}
