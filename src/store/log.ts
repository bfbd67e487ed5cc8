/**
 * The write-ahead log: batches one after the other, each on disk before the next is begun. It lies in two files that take
 * turns: while the batches of one go to the table, the next are written into the other.
 *
 * A write that failed may have left anything. What it left is cut off, on disk, before anything else is written: a batch
 * that was reported as refused must not come back under later ones that never saw it.
 */
import type { Write } from './backend.ts'
import type { LogFile } from './logFile.ts'
import { type LogRecord, RecordEncoder, recordsIn } from './logRecord.ts'

export type LogFiles = readonly [LogFile, LogFile]

/** The log cannot be whole: something in its middle is not as it was written. */
export class LogBroken extends Error {}

export class Log {
  /** The latest batch that is on disk. */
  number: number
  /** Written into the file whose turn it is. */
  bytes = 0
  readonly #files: LogFiles
  readonly #encoder = new RecordEncoder()
  #turn = 0
  /** Where a write failed, until it is cut off. */
  #torn: { file: LogFile; at: number } | undefined

  /** Answers also the batches after `applied`. What a crash tore is left out: nobody was told that it is there. */
  static async open(files: LogFiles, applied: number): Promise<{ log: Log; records: LogRecord[] }> {
    const records: LogRecord[] = []
    for (const file of files) records.push(...recordsIn(await file.read(), applied))
    records.sort((a, b) => a.number - b.number)
    records.forEach(({ number }, index) => {
      const wanted = applied + 1 + index
      if (number === wanted) return
      throw new LogBroken(
        `The log of the data folder is damaged: batch ${wanted} cannot be read, but batch ${number} after it can. Nothing was changed.`,
      )
    })
    return { log: new Log(files, applied + records.length), records }
  }

  private constructor(files: LogFiles, number: number) {
    this.#files = files
    this.number = number
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
