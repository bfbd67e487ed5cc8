/**
 * Very many small text files as one: DuckDB takes a tenth of a millisecond for each file that it opens. A line of the pack is
 * a file's name and one of its lines, and what is read of it is what would be read of the files.
 */
import { appendFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { LakeFile } from '../../delivery/lake.ts'
import { quoteText } from './cursor.ts'

/** Fewer files are read as they lie. */
export const packedFilesMin = 32
const gatheredBytesMax = 1024 * 1024
/** A small body in one line, with its name. */
const lineBytesMax = 256 * 1024
/** No text has it. */
const separator = '\u001e\u001f'
const byteOrderMark = '\u00ef\u00bb\u00bf'

export class LinePack {
  readonly #folder: string
  readonly #skipLines: number
  /** The files that have no file of their own. */
  readonly #names = new Set<string>()
  #gathered: string[] = []
  #gatheredBytes = 0

  constructor(folder: string, skipLines: number) {
    this.#folder = folder
    this.#skipLines = skipLines
  }

  /** Bytes are kept one a character, so that what is no UTF-8 is still none. */
  take({ path }: LakeFile, body: Uint8Array): void {
    const name = basename(path)
    this.#names.add(name)
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1')
    const lines = (text.startsWith(byteOrderMark) ? text.slice(byteOrderMark.length) : text).split(/\r\n|\n|\r/)
    // An empty line is none to DuckDB, once those that are skipped are gone.
    for (const line of lines.slice(this.#skipLines)) if (line !== '') this.#gather(`${name}${separator}${line}\n`)
  }

  /** What is still gathered is written. */
  finish(): void {
    if (this.#names.size > 0) appendFileSync(this.#path, this.#gathered.join(''), 'latin1')
    this.#gathered = []
    this.#gatheredBytes = 0
  }

  has(path: string): boolean {
    return this.#names.has(basename(path)) && join(this.#folder, basename(path)) === path
  }

  /** `SELECT` text: the lines of these files, as `line` and `filename`. */
  source(paths: readonly string[]): string {
    const columns = `columns={'name': 'VARCHAR', 'line': 'VARCHAR'}, delim='${separator}', quote='', escape='', comment=''`
    const rules = `header=false, auto_detect=false, strict_mode=false, nullstr='\u001d\u001c', maximum_line_size=${lineBytesMax}`
    const names = paths.map((path) => quoteText(basename(path))).join(', ')
    const wanted = paths.length === this.#names.size ? '' : ` WHERE name IN (${names})`
    return `SELECT line, concat(${quoteText(join(this.#folder, '/'))}, name) AS filename FROM read_csv(${quoteText(this.#path)}, ${columns}, ${rules})${wanted}`
  }

  get #path(): string {
    return join(this.#folder, 'lines')
  }

  #gather(line: string): void {
    this.#gathered.push(line)
    this.#gatheredBytes += line.length
    if (this.#gatheredBytes >= gatheredBytesMax) this.finish()
  }
}
