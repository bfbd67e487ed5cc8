/** Results as Athena writes them: CSV with every value quoted and NULL as nothing, or tab-separated lines for DDL. */
import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Lake, StagedBody } from '../../delivery/lake.ts'

export type Cell = string | null

export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map((cell) => (cell === null ? '' : `"${cell.replaceAll('"', '""')}"`)).join(',')}\n`
}

/** Up to here a result is held until its commit: making a file, and removing it, costs more than a small query. */
const heldCharactersMax = 32 * 1024

/** A result in the making. */
export class NewResult {
  readonly #lake: Pick<Lake, 'stagingFolder'>
  #held = ''
  #file: { folder: string; path: string; stream: WriteStream } | undefined

  constructor(lake: Pick<Lake, 'stagingFolder'>) {
    this.#lake = lake
  }

  async write(text: string): Promise<void> {
    if (!this.#file && this.#held.length + text.length <= heldCharactersMax) {
      this.#held += text
      return
    }
    this.#file ??= await this.#newFile()
    if (!this.#file.stream.write(text)) await once(this.#file.stream, 'drain')
  }

  async finish(): Promise<StagedBody> {
    if (!this.#file) return { bytes: Buffer.from(this.#held) }
    this.#file.stream.end()
    await once(this.#file.stream, 'finish')
    return { path: this.#file.path }
  }

  /** Its file is gone, whether or not it became an object. */
  async close(): Promise<void> {
    if (!this.#file) return
    this.#file.stream.destroy()
    await rm(this.#file.folder, { recursive: true, force: true })
  }

  async #newFile(): Promise<{ folder: string; path: string; stream: WriteStream }> {
    const folder = await this.#lake.stagingFolder()
    const path = join(folder, 'result')
    const stream = createWriteStream(path)
    stream.write(this.#held)
    this.#held = ''
    return { folder, path, stream }
  }
}

/** A part of the result's object. */
export type ReadPart = (part: { start: number; bytesMax: number }) => Promise<{ bytes: Uint8Array; size: number }>

interface Page {
  rows: Cell[][]
  /** Where the following row begins, in bytes; absent at the end. */
  next?: number
}

interface From {
  offset: number
  rowsMax: number
}

export async function readCsvRows(read: ReadPart, from: From): Promise<Page> {
  const { text, ...next } = await readRows(read, from, { hasQuotes: true })
  return { rows: parseRows(text), ...next }
}

export async function readLines(read: ReadPart, from: From): Promise<Page> {
  const { text, ...next } = await readRows(read, from, { hasQuotes: false })
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return { rows: lines.map((line) => [line]), ...next }
}

/** Most pages are in the first part; what is read is then twice as much each time. */
const firstPartBytes = 64 * 1024
const quoteByte = 34
const newlineByte = 10

/** The text of so many rows: no more of the object is read than they take, and a little. */
async function readRows(
  read: ReadPart,
  { offset, rowsMax }: From,
  { hasQuotes }: { hasQuotes: boolean },
): Promise<{ text: string; next?: number }> {
  let bytes: Uint8Array = new Uint8Array()
  let [scanned, end, rows, isQuoted] = [0, 0, 0, false]
  for (let size = Number.POSITIVE_INFINITY; rows < rowsMax && offset + bytes.length < size; ) {
    const part = await read({ start: offset + bytes.length, bytesMax: Math.max(firstPartBytes, bytes.length) })
    size = part.size
    bytes = bytes.length === 0 ? part.bytes : Buffer.concat([bytes, part.bytes])
    for (; scanned < bytes.length && rows < rowsMax; scanned++) {
      const byte = bytes[scanned]
      if (byte === quoteByte && hasQuotes) isQuoted = !isQuoted
      else if (byte === newlineByte && !isQuoted) {
        rows++
        end = scanned + 1
      }
    }
    // The last row of what somebody else wrote there may have no end.
    if (rows < rowsMax && offset + bytes.length >= size) end = bytes.length
    if (rows === rowsMax && offset + end < size) return { text: textOf(bytes, end), next: offset + end }
  }
  return { text: textOf(bytes, end) }
}

function textOf(bytes: Uint8Array, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, end).toString('utf8')
}

function parseRows(text: string): Cell[][] {
  const rows: Cell[][] = []
  for (let at = 0; at < text.length; ) {
    const row: Cell[] = []
    for (let more = true; more; ) {
      if (text[at] === '"') {
        const end = closingQuote(text, at + 1)
        const cell = text.slice(at + 1, end)
        row.push(cell.includes('"') ? cell.replaceAll('""', '"') : cell)
        at = end + 1
      } else row.push(null)
      more = text[at] === ','
      at++
    }
    rows.push(row)
  }
  return rows
}

function closingQuote(text: string, from: number): number {
  let end = text.indexOf('"', from)
  while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2)
  return end < 0 ? text.length : end
}
