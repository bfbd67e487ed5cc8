/** Results on disk: a line of JSON a row, whole and synced before the statement's transaction is committed. */
import { type FileHandle, open, stat } from 'node:fs/promises'
import type { ColumnType } from '../../engines/sql/columnTypes.ts'
import type { Value } from '../../engines/sql/duckdb.ts'
import { type ResultField, redshiftField } from '../../engines/sql/redshift/redshiftText.ts'
import { SqlError } from '../../engines/sql/sqlError.ts'

/** AWS gives no larger result out. */
const resultBytesMax = 500 * 1024 * 1024

export class ResultWriter {
  readonly #file: FileHandle
  #bytes = 0
  #closed = false

  private constructor(file: FileHandle) {
    this.#file = file
  }

  static async create(path: string): Promise<ResultWriter> {
    return new ResultWriter(await open(path, 'w'))
  }

  async write(rows: Value[][], columns: { name: string; type: ColumnType }[]): Promise<void> {
    const types = columns.map((column) => column.type)
    const text = rows
      .map((row) => `${JSON.stringify(row.map((value, i) => redshiftField(value, types[i] as ColumnType)))}\n`)
      .join('')
    this.#bytes += Buffer.byteLength(text)
    if (this.#bytes > resultBytesMax) throw new SqlError('ERROR: The result is larger than the maximum of 500 MB.')
    await this.#file.write(text)
  }

  async finish(): Promise<void> {
    await this.#file.sync()
    await this.close()
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#file.close()
  }
}

export async function resultBytes(path: string): Promise<number> {
  return (await stat(path)).size
}

const pageBytesMax = 1024 * 1024
const pageRowsMax = 1000

/** A page of rows from a byte offset on; `next` is where the following begins. */
export async function readPage(path: string, offset: number): Promise<{ rows: ResultField[][]; next?: number }> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const rows: ResultField[][] = []
    let at = offset
    let length = pageBytesMax
    while (at < size && rows.length === 0) {
      const chunk = Buffer.alloc(Math.min(length, size - at))
      await file.read(chunk, 0, chunk.length, at)
      for (
        let end = chunk.indexOf(10), start = 0;
        end >= 0 && rows.length < pageRowsMax;
        start = end + 1, end = chunk.indexOf(10, start)
      ) {
        rows.push(JSON.parse(chunk.toString('utf8', start, end)) as ResultField[])
        at += end + 1 - start
      }
      // A row that is longer than the page.
      length *= 2
    }
    return { rows, ...(at < size && { next: at }) }
  } finally {
    await file.close()
  }
}
